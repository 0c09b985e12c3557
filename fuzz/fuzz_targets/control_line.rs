//! A line on the control socket, in both directions.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    layr_control::fuzz::line(bytes);
});
