//! A value under a key, as any peer may put it into the hash table.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    layr_net::fuzz::record_value(bytes);
});
