//! A manifest from a stranger: whatever decodes keeps every rule and encodes to something that decodes to the same.
#![no_main]

use layr_library::Manifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(manifest) = Manifest::decode(bytes) else { return };
    assert_eq!(manifest.check(), Ok(()));
    let encoded = manifest.encode().expect("what was decoded can be encoded");
    assert_eq!(Manifest::decode(&encoded), Ok(manifest));
});
