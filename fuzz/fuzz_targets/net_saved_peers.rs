//! The cache of known peers, as a disk may give it back.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    assert!(layr_net::fuzz::saved_peers(text) <= 256);
});
