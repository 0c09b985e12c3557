use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{CHECKSUM_BYTES, HEADER_BYTES, KdfCost, KeyFile, KeyStoreError, MAX_KEY_FILE_BYTES};
use crate::secrets::StoredSecrets;

const PASSPHRASE: &str = "correct horse";

fn secrets() -> StoredSecrets {
    StoredSecrets {
        entropy: Zeroizing::new([1; 32]),
        device_secret: Zeroizing::new([2; 32]),
        account_secret: None,
    }
}

fn sealed() -> Vec<u8> {
    KeyFile::seal(&secrets(), PASSPHRASE, KdfCost::INSECURE_FOR_TESTS, [3; 16], [4; 12]).unwrap().encode()
}

/// As somebody does who changes a file on purpose.
fn fix_checksum(bytes: &mut [u8]) {
    let (content, checksum) = bytes.split_at_mut(bytes.len() - CHECKSUM_BYTES);
    checksum.copy_from_slice(&Sha256::digest(content));
}

fn open(bytes: &[u8]) -> Result<StoredSecrets, KeyStoreError> {
    KeyFile::decode(bytes)?.open(PASSPHRASE)
}

/// A file with `field` written at `offset` of the header.
fn with_header(offset: usize, field: &[u8]) -> Vec<u8> {
    let mut bytes = sealed();
    bytes[offset..offset + field.len()].copy_from_slice(field);
    fix_checksum(&mut bytes);
    bytes
}

#[test]
fn what_is_sealed_opens_with_its_passphrase_only() {
    let bytes = sealed();
    assert_eq!(open(&bytes).unwrap(), secrets());
    let file = KeyFile::decode(&bytes).unwrap();
    assert_eq!(file.encode(), bytes);
    for wrong in ["correct hors", "correct horse ", "Correct horse", ""] {
        assert!(matches!(file.open(wrong), Err(KeyStoreError::WrongPassphrase)));
    }
}

#[test]
fn nothing_of_the_secrets_is_readable() {
    let bytes = sealed();
    for secret in [[1u8; 8], [2u8; 8]] {
        assert!(!bytes.windows(8).any(|window| window == secret));
    }
}

#[test]
fn an_empty_passphrase_is_refused() {
    let outcome = KeyFile::seal(&secrets(), "", KdfCost::INSECURE_FOR_TESTS, [3; 16], [4; 12]);
    assert!(matches!(outcome, Err(KeyStoreError::EmptyPassphrase)));
}

#[test]
fn every_flipped_bit_is_damage() {
    let whole = sealed();
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(matches!(open(&bytes), Err(KeyStoreError::Damaged { .. })), "bit {bit}");
    }
}

#[test]
fn a_bit_flipped_on_purpose_never_opens() {
    let whole = sealed();
    for bit in 0..(whole.len() - CHECKSUM_BYTES) * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fix_checksum(&mut bytes);
        let outcome = open(&bytes);
        let refused = matches!(
            outcome,
            Err(KeyStoreError::Damaged { .. }
                | KeyStoreError::WrongPassphrase
                | KeyStoreError::NewerFormat { .. })
        );
        assert!(refused, "bit {bit}: {outcome:?}");
    }
}

#[test]
fn every_other_length_is_damage() {
    let whole = sealed();
    for length in 0..whole.len() {
        let mut bytes = whole[..length].to_vec();
        assert!(matches!(open(&bytes), Err(KeyStoreError::Damaged { .. })), "cut at {length}");
        if length >= CHECKSUM_BYTES {
            fix_checksum(&mut bytes);
            assert!(open(&bytes).is_err(), "cut at {length} on purpose");
        }
    }
    let mut longer = [whole.as_slice(), &vec![0; MAX_KEY_FILE_BYTES]].concat();
    fix_checksum(&mut longer);
    assert!(matches!(open(&longer), Err(KeyStoreError::Damaged { .. })));
}

/// These come back from `decode`, before anything is allocated or computed for the derivation.
#[test]
fn a_header_cannot_ask_for_the_moon() {
    const LANES: usize = 11;
    const MEMORY: usize = 12;
    const PASSES: usize = 16;
    let hostile = [
        with_header(MEMORY, &u32::MAX.to_be_bytes()),
        with_header(MEMORY, &(4 * 1024 * 1024u32).to_be_bytes()),
        with_header(MEMORY, &(256 * 1024 + 1u32).to_be_bytes()),
        with_header(MEMORY, &7u32.to_be_bytes()),
        with_header(PASSES, &17u32.to_be_bytes()),
        with_header(PASSES, &u32::MAX.to_be_bytes()),
        with_header(PASSES, &0u32.to_be_bytes()),
        with_header(LANES, &[0]),
        with_header(LANES, &[2]),
        with_header(LANES, &[255]),
    ];
    for bytes in hostile {
        assert!(matches!(KeyFile::decode(&bytes), Err(KeyStoreError::Damaged { .. })), "{:?}", &bytes[..20]);
    }
    assert_eq!(sealed()[..HEADER_BYTES].len(), PASSES + 4 + 16 + 12);
}

#[test]
fn another_version_or_derivation_is_not_tried() {
    for bytes in [with_header(8, &[0, 0]), with_header(10, &[2]), with_header(0, b"LAYRKEYZ")] {
        assert!(matches!(KeyFile::decode(&bytes), Err(KeyStoreError::Damaged { .. })));
    }
    let newer = KeyFile::decode(&with_header(8, &[0, 2]));
    assert!(matches!(newer, Err(KeyStoreError::NewerFormat { found: 2 })));
}
