//! A `layr://` link from anywhere; once as it is, once as what a valid frame could hold. What is read has only this text.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use layr_library::{is_link, read_link, write_link};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

fn read(link: &str) {
    if let Ok(manifest) = read_link(link) {
        assert!(is_link(link));
        assert_eq!(write_link(&manifest).expect("it was a link").as_str(), link);
    }
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        read(text);
        read(&format!("layr://{text}"));
        read(&format!("layr://import/1#{text}"));
    }
    let framed = [b"LAYR\0\x01".as_slice(), bytes].concat();
    let checksum = Sha256::digest(&framed);
    let text = URL_SAFE_NO_PAD.encode([&framed, checksum.as_slice()].concat());
    read(&format!("layr://import/1#{text}"));
});
