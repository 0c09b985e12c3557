//! A signed record from the distributed hash table.
#![no_main]

use layr_keys::SignedRecord;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(record) = SignedRecord::decode(bytes) {
        assert_eq!(record.encode(), bytes);
        assert!(!record.supersedes(&record));
        let _ = record.verify("fuzz");
    }
});
