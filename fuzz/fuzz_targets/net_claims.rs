//! What peers claim about their addresses.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let kept = layr_net::fuzz::claims(text);
    assert!(kept <= 8);
});
