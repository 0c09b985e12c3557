//! The cache of records, as a disk may give it back: what is read writes itself again.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    assert!(layr_net::fuzz::records_file(bytes) <= 64);
});
