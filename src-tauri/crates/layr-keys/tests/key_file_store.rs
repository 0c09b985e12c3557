//! What the key file store promises.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use layr_keys::{
    KdfCost, KeyFileStore, KeyStore, KeyStoreError, KeyStoreKind, MAX_KEY_FILE_BYTES, StoredSecrets,
};
use tempfile::{TempDir, tempdir};
use zeroize::Zeroizing;

fn home() -> (TempDir, PathBuf) {
    let home = tempdir().unwrap();
    let path = home.path().join("keys.sealed");
    (home, path)
}

fn passphrase(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

fn store(path: &Path, text: &str) -> KeyFileStore {
    KeyFileStore::with_cost(path.to_owned(), passphrase(text), KdfCost::INSECURE_FOR_TESTS).unwrap()
}

fn secrets(entropy: u8, device: u8) -> StoredSecrets {
    StoredSecrets {
        entropy: Zeroizing::new([entropy; 32]),
        device_secret: Zeroizing::new([device; 32]),
        account_secret: None,
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn keys_are_saved_loaded_and_deleted() {
    let (home, path) = home();
    let keys = store(&path, "passphrase");
    assert_eq!(keys.kind(), KeyStoreKind::File);
    assert!(matches!(keys.load().await, Err(KeyStoreError::Missing)));
    assert!(matches!(keys.delete().await, Err(KeyStoreError::Missing)));
    keys.save(&secrets(1, 2)).await.unwrap();
    assert_eq!(store(&path, "passphrase").load().await.unwrap(), secrets(1, 2));
    assert_eq!(names(home.path()), ["keys.sealed"]);
    keys.delete().await.unwrap();
    assert!(matches!(keys.load().await, Err(KeyStoreError::Missing)));
    assert!(names(home.path()).is_empty());
}

#[tokio::test]
async fn the_standard_cost_works_and_is_written() {
    let (_home, path) = home();
    let keys = KeyFileStore::new(path.clone(), passphrase("passphrase")).unwrap();
    keys.save(&secrets(1, 2)).await.unwrap();
    assert_eq!(keys.load().await.unwrap(), secrets(1, 2));
    let (lanes, memory_kib, passes) = (4, 65_536u32.to_be_bytes(), 3u32.to_be_bytes());
    assert_eq!(fs::read(&path).unwrap()[11..20], [&[lanes], &memory_kib[..], &passes[..]].concat());
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let (_home, path) = home();
    for device in 1..=2 {
        store(&path, "passphrase").save(&secrets(1, device)).await.unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn the_same_secrets_never_look_alike() {
    let (_home, path) = home();
    let keys = store(&path, "passphrase");
    keys.save(&secrets(1, 2)).await.unwrap();
    let first = fs::read(&path).unwrap();
    keys.save(&secrets(1, 2)).await.unwrap();
    let second = fs::read(&path).unwrap();
    let (salt, nonce) = (20..36, 36..48);
    for field in [salt, nonce] {
        assert_ne!(first[field.clone()], second[field]);
    }
}

#[tokio::test]
async fn a_wrong_passphrase_opens_and_changes_nothing() {
    let (_home, path) = home();
    store(&path, "passphrase").save(&secrets(1, 2)).await.unwrap();
    let before = fs::read(&path).unwrap();
    let wrong = store(&path, "Passphrase");
    assert!(matches!(wrong.load().await, Err(KeyStoreError::WrongPassphrase)));
    assert!(matches!(wrong.save(&secrets(1, 2)).await, Err(KeyStoreError::WrongPassphrase)));
    let changed = wrong.change_passphrase(passphrase("new")).await;
    assert!(matches!(changed, Err(KeyStoreError::WrongPassphrase)));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn an_empty_passphrase_is_refused() {
    let (_home, path) = home();
    let outcome = KeyFileStore::new(path.clone(), passphrase(""));
    assert!(matches!(outcome, Err(KeyStoreError::EmptyPassphrase)));
    let keys = store(&path, "passphrase");
    keys.save(&secrets(1, 2)).await.unwrap();
    let changed = keys.change_passphrase(passphrase("")).await;
    assert!(matches!(changed, Err(KeyStoreError::EmptyPassphrase)));
    assert_eq!(keys.load().await.unwrap(), secrets(1, 2));
}

#[tokio::test]
async fn a_passphrase_is_the_same_on_every_keyboard() {
    let (_home, path) = home();
    store(&path, "b\u{e4}r").save(&secrets(1, 2)).await.unwrap();
    assert_eq!(store(&path, "ba\u{308}r").load().await.unwrap(), secrets(1, 2));
}

#[tokio::test]
async fn a_changed_passphrase_replaces_the_old_one() {
    let (_home, path) = home();
    let keys = store(&path, "old");
    keys.save(&secrets(1, 2)).await.unwrap();
    keys.change_passphrase(passphrase("new")).await.unwrap();
    assert_eq!(keys.load().await.unwrap(), secrets(1, 2), "the store itself goes on with the new one");
    assert_eq!(store(&path, "new").load().await.unwrap(), secrets(1, 2));
    assert!(matches!(store(&path, "old").load().await, Err(KeyStoreError::WrongPassphrase)));
}

#[tokio::test]
async fn another_phrase_never_replaces_the_stored_one() {
    let (_home, path) = home();
    let keys = store(&path, "passphrase");
    keys.save(&secrets(1, 2)).await.unwrap();
    assert!(matches!(keys.save(&secrets(9, 2)).await, Err(KeyStoreError::OtherIdentity)));
    assert_eq!(keys.load().await.unwrap(), secrets(1, 2));
    keys.save(&secrets(1, 3)).await.unwrap();
    assert_eq!(keys.load().await.unwrap(), secrets(1, 3));
    keys.delete().await.unwrap();
    keys.save(&secrets(9, 2)).await.unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_kept_until_somebody_deletes_it() {
    let (_home, path) = home();
    let keys = store(&path, "passphrase");
    for content in [Vec::new(), b"LAYRKEYS".to_vec(), vec![0; MAX_KEY_FILE_BYTES], vec![0; 10_000_000]] {
        fs::write(&path, &content).unwrap();
        assert!(matches!(keys.load().await, Err(KeyStoreError::Damaged { .. })));
        assert!(matches!(keys.save(&secrets(1, 2)).await, Err(KeyStoreError::Damaged { .. })));
        assert_eq!(fs::read(&path).unwrap(), content);
        keys.delete().await.unwrap();
    }
    keys.save(&secrets(1, 2)).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_read_or_written_is_named() {
    let (home, path) = home();
    fs::create_dir(&path).unwrap();
    let Err(KeyStoreError::Io { path: named, .. }) = store(&path, "passphrase").load().await else {
        panic!("a directory was read as a file");
    };
    assert_eq!(named, path);
    let nowhere = home.path().join("missing").join("keys.sealed");
    let outcome = store(&nowhere, "passphrase").save(&secrets(1, 2)).await;
    assert!(matches!(outcome, Err(KeyStoreError::Io { .. })));
}

#[tokio::test]
async fn operations_at_once_follow_each_other() {
    let (home, path) = home();
    let keys = store(&path, "0");
    keys.save(&secrets(1, 0)).await.unwrap();
    let other_device = secrets(1, 7);
    // Each of them opens the file with the passphrase that the one before has set.
    let (one, two, saved) = tokio::join!(
        keys.change_passphrase(passphrase("1")),
        keys.change_passphrase(passphrase("2")),
        keys.save(&other_device),
    );
    assert!(one.is_ok() && two.is_ok() && saved.is_ok());
    assert_eq!(keys.load().await.unwrap(), other_device);
    assert_eq!(names(home.path()), ["keys.sealed"]);
}

#[test]
fn debug_hides_secrets() {
    let (_home, path) = home();
    let shown = format!("{:?}{:?}", secrets(1, 2), store(&path, "passphrase"));
    assert_eq!(shown, format!("StoredSecrets(hidden)KeyFileStore({}, passphrase hidden)", path.display()));
}

/// Names the file for the writer that will be killed.
const VICTIM: &str = "LAYR_KEY_FILE_TEST_VICTIM";

/// Saves one device secret after the other, and says so, until it is killed.
async fn save_for_ever(path: &Path) {
    let keys = store(path, "passphrase");
    for device in (0..=u8::MAX).cycle() {
        keys.save(&secrets(1, device)).await.unwrap();
        println!("saved {device}");
    }
}

#[tokio::test]
async fn kill_9_at_any_instant_leaves_a_whole_file() {
    if let Some(path) = env::var_os(VICTIM) {
        save_for_ever(path.as_ref()).await;
    }
    let (home, path) = home();
    for round in 0..20u8 {
        let mut writer = Command::new(env::current_exe().unwrap())
            .args(["--exact", "kill_9_at_any_instant_leaves_a_whole_file", "--nocapture"])
            .env(VICTIM, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let saves = lines.map(|line| line.unwrap()).filter(|line| line.starts_with("saved "));
        let last = saves.take(1 + usize::from(round) % 7).last().unwrap();
        // It is already at the next save, somewhere.
        writer.kill().unwrap();
        writer.wait().unwrap();

        let announced: u8 = last["saved ".len()..].parse().unwrap();
        let loaded = store(&path, "passphrase").load().await.unwrap();
        assert_eq!(loaded.entropy[0], 1);
        assert!(loaded.device_secret[0] >= announced, "an acknowledged save was lost");
    }
    store(&path, "passphrase").save(&secrets(1, 0)).await.unwrap();
    assert_eq!(names(home.path()), ["keys.sealed"], "the next save removes what the killed ones left");
}
