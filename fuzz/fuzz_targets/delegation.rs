//! A delegation, and an entry of a delegate's log, as a stranger shows them.
#![no_main]

use layr_keys::{Delegation, LogEntry, LogHead, OwnerId, PeerId};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(delegation) = Delegation::decode(bytes) {
        assert_eq!(delegation.encode(), bytes);
        let _ = delegation.verify_for(PeerId::from_bytes([1; 32]), 0);
    }
    let (owner, delegate) = (OwnerId::from_bytes([1; 32]), PeerId::from_bytes([2; 32]));
    let _ = LogEntry::decode_next(bytes, LogHead::default(), owner, delegate);
});
