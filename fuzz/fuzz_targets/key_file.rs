//! A key file and a sealed recovery phrase up to their key derivation, and the content that a keyring gives back.
#![no_main]

use layr_keys::{KeyFile, SealedPhrase, StoredSecrets};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use sha2::{Digest, Sha256};

const CHECKSUM_BYTES: usize = 32;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(file) = KeyFile::decode(bytes) {
        assert_eq!(file.encode(), bytes);
    }
    if let Ok(sealed) = SealedPhrase::decode(bytes) {
        assert_eq!(sealed.encode(), bytes);
        assert!(KeyFile::decode(bytes).is_err(), "one kind cannot pass as the other");
    }
    if let Ok(secrets) = StoredSecrets::decode(bytes) {
        assert_eq!(secrets.encode().as_slice(), bytes);
    }
});

// Keeps the checksum right most of the time: nothing behind it would be reached by chance.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(data, size, max_size);
    if seed % 4 != 0 && size >= CHECKSUM_BYTES {
        let (content, checksum) = data[..size].split_at_mut(size - CHECKSUM_BYTES);
        checksum.copy_from_slice(&Sha256::digest(content));
    }
    size
});
