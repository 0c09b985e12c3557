//! What the file with the sealed recovery phrase promises.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

use std::{fs, io, os::unix::fs::PermissionsExt, time::Duration};

use layr_keys::atomic::Existing;
use layr_keys::{KdfCost, KeyFile, KeyStoreError, RecoveryPhrase, SealedPhrase, StoredSecrets};
use sha2::{Digest, Sha256};
use tempfile::tempdir;
use zeroize::Zeroizing;

const PASSPHRASE: &str = "correct horse";
const CHECKSUM_BYTES: usize = 32;

fn phrase() -> RecoveryPhrase {
    RecoveryPhrase::from_entropy(&[7; 32])
}

fn typed(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

fn sealed() -> Vec<u8> {
    SealedPhrase::seal(&phrase(), PASSPHRASE, KdfCost::INSECURE_FOR_TESTS, [3; 16], [4; 12]).unwrap().encode()
}

#[tokio::test]
async fn the_words_come_back_with_their_passphrase_only() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("layr-recovery.layrkey");
    SealedPhrase::write(path.clone(), &phrase(), typed("p\u{e4}ss"), Existing::Stays).await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left there");

    let file = SealedPhrase::read(path.clone()).await.unwrap();
    for wrong in ["pass", "P\u{e4}ss", "p\u{e4}ss "] {
        assert!(matches!(file.clone().unseal(typed(wrong)).await, Err(KeyStoreError::WrongPassphrase)));
    }
    assert!(matches!(file.clone().unseal(typed("")).await, Err(KeyStoreError::EmptyPassphrase)));
    let opened = file.unseal(typed("pa\u{308}ss")).await.unwrap();
    assert_eq!(*opened.to_text(), *phrase().to_text(), "another keyboard, the same passphrase");
}

#[tokio::test]
async fn two_files_of_the_same_words_have_nothing_in_common() {
    let dir = tempdir().unwrap();
    let mut files = Vec::new();
    for name in ["a", "b"] {
        SealedPhrase::write(dir.path().join(name), &phrase(), typed(PASSPHRASE), Existing::Stays)
            .await
            .unwrap();
        files.push(fs::read(dir.path().join(name)).unwrap());
    }
    let body = 20..files[0].len();
    assert!(files[0][body.clone()].iter().zip(&files[1][body]).filter(|(a, b)| a == b).count() < 16);
}

#[tokio::test]
async fn what_is_there_is_never_replaced() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("layr-recovery.layrkey");
    fs::write(&path, "other words").unwrap();
    let link = dir.path().join("link");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    for taken in [path.clone(), link] {
        let outcome = SealedPhrase::write(taken, &phrase(), typed(PASSPHRASE), Existing::Stays).await;
        let Err(KeyStoreError::Io { source, .. }) = outcome else { panic!("{outcome:?}") };
        assert_eq!(source.kind(), io::ErrorKind::AlreadyExists);
    }
    assert_eq!(fs::read(&path).unwrap(), b"other words");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "no leftovers");
    let nothing = SealedPhrase::write(dir.path().join("b"), &phrase(), typed(""), Existing::Stays).await;
    assert!(matches!(nothing, Err(KeyStoreError::EmptyPassphrase)));
    assert!(!dir.path().join("b").exists());
}

#[tokio::test]
async fn what_is_no_sealed_phrase_is_not_read_as_one() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("x");
    assert!(matches!(SealedPhrase::read(path.clone()).await, Err(KeyStoreError::Missing)));
    for bytes in [vec![], b"zoo zoo".to_vec(), vec![0; 1 << 20], b"LAYRWORD".to_vec()] {
        fs::write(&path, &bytes).unwrap();
        assert!(matches!(SealedPhrase::read(path.clone()).await, Err(KeyStoreError::Damaged { .. })));
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_pipe_under_its_name_keeps_nobody_waiting() {
    use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat};
    use std::os::unix::fs::OpenOptionsExt;

    let dir = tempdir().unwrap();
    let path = dir.path().join("x");
    mknodat(CWD, &path, FileType::Fifo, Mode::RUSR, 0).unwrap();
    let outcome = tokio::time::timeout(Duration::from_secs(10), SealedPhrase::read(path.clone())).await;
    // Opens only where somebody waits at the other end, and lets them go.
    let no_wait = i32::try_from(OFlags::NONBLOCK.bits()).unwrap();
    let let_go = fs::OpenOptions::new().write(true).custom_flags(no_wait).open(&path);
    assert!(let_go.is_err(), "a thread waits at the pipe");
    let Ok(Err(KeyStoreError::Io { source, .. })) = outcome else { panic!("{outcome:?}") };
    assert_eq!(source.kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn a_bit_flipped_by_accident_is_damage_and_on_purpose_never_opens() {
    let whole = sealed();
    assert!(SealedPhrase::begins_with(&whole));
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(matches!(SealedPhrase::decode(&bytes), Err(KeyStoreError::Damaged { .. })), "bit {bit}");
        if bit / 8 < whole.len() - CHECKSUM_BYTES {
            fix_checksum(&mut bytes);
            let opened = SealedPhrase::decode(&bytes).and_then(|file| file.open(PASSPHRASE));
            let refused = matches!(
                opened,
                Err(KeyStoreError::Damaged { .. }
                    | KeyStoreError::WrongPassphrase
                    | KeyStoreError::NewerFormat { .. })
            );
            assert!(refused, "bit {bit}: {opened:?}");
        }
    }
}

#[test]
fn a_key_file_cannot_pass_as_words_nor_words_as_a_key_file() {
    let secrets = StoredSecrets {
        entropy: Zeroizing::new([7; 32]),
        device_secret: Zeroizing::new([2; 32]),
        account_secret: None,
    };
    let keys = KeyFile::seal(&secrets, PASSPHRASE, KdfCost::INSECURE_FOR_TESTS, [3; 16], [4; 12]).unwrap();
    for (file, magic) in [(keys.encode(), b"LAYRWORD"), (sealed(), b"LAYRKEYS")] {
        let mut renamed = file;
        renamed[..8].copy_from_slice(magic);
        fix_checksum(&mut renamed);
        let as_words = SealedPhrase::decode(&renamed).and_then(|file| file.open(PASSPHRASE).map(drop));
        let as_keys = KeyFile::decode(&renamed).and_then(|file| file.open(PASSPHRASE).map(drop));
        for outcome in [as_words, as_keys] {
            assert!(matches!(outcome, Err(KeyStoreError::WrongPassphrase | KeyStoreError::Damaged { .. })));
        }
    }
}

fn fix_checksum(bytes: &mut [u8]) {
    let (content, checksum) = bytes.split_at_mut(bytes.len() - CHECKSUM_BYTES);
    checksum.copy_from_slice(&Sha256::digest(content));
}
