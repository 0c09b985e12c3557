//! A device certificate, as a stranger shows it.
#![no_main]

use layr_keys::DeviceCertificate;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(certificate) = DeviceCertificate::decode(bytes) {
        assert_eq!(certificate.encode(), bytes);
        let _ = certificate.verify();
    }
});
