//! A `.layr` file from anywhere. The checksum is mended, as it would stop the fuzzer at the door.
#![no_main]

use layr_library::{LibraryKey, read_layr};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

fuzz_target!(|bytes: &[u8]| {
    let key = LibraryKey::from_bytes([9; 32]);
    let _ = read_layr(bytes, Some(&key));
    let framed = [b"LAYR\0\x01".as_slice(), bytes].concat();
    let checksum = Sha256::digest(&framed);
    let _ = read_layr(&[&framed, checksum.as_slice()].concat(), Some(&key));
});
