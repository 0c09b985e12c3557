//! A library is one owner's: nobody else's keys touch it.

use std::path::Path;

use layr_keys::OwnerId;
use layr_library::{Library, OpenError};
use tempfile::TempDir;

use crate::golden::fixture;
use crate::kit::{Kit, NOW_S, OWNER, copy_of, dump, entropy};

const OTHER: OwnerId = OwnerId::from_bytes([0x0b; 32]);

/// Every file in a directory with its bytes.
fn files(dir: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name(), std::fs::read(entry.path()).unwrap()))
        .filter(|(name, _)| name != "library.lock" && name != "library.sqlite-shm")
        .collect();
    files.sort();
    files
}

/// `OTHER` is refused by name and told what to do, and every byte stays.
fn assert_refused(dir: &Path) {
    let file = dir.join(Library::FILE_NAME);
    let before = files(dir);
    let error = Library::open(&file, OTHER, entropy(), NOW_S).unwrap_err();
    assert!(matches!(error, OpenError::OtherOwner { found: OWNER, asked: OTHER, .. }), "{error:?}");
    let text = error.to_string();
    for part in ["24 words", "library.sqlite", "nothing was changed"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains("aside"), "whoever mistyped words must not be led to an empty library: {text}");
    assert!(files(dir) == before, "something was changed");
}

#[test]
fn another_owner_is_refused_and_changes_nothing() {
    let kit = Kit::new();
    kit.put("/a", &[]);
    let Kit { dir, library } = kit;
    assert_eq!(library.owner().unwrap(), Some(OWNER));
    // A copy as after a kill, with a journal: looking must not fold it in.
    let killed = tempfile::tempdir().unwrap();
    copy_of(&dir.path().join(Library::FILE_NAME), killed.path());
    assert_refused(killed.path());
    drop(library);
    assert_refused(dir.path());
    let file = dir.path().join(Library::FILE_NAME);
    assert_eq!(Library::open_read_only(&file).unwrap().owner().unwrap(), Some(OWNER));
    drop(Library::open(&file, OWNER, entropy(), NOW_S).unwrap());
}

#[test]
fn the_owner_is_known_whichever_release_wrote_it() {
    for (name, owner) in [
        ("v1.sqlite", None),
        ("v3.sqlite", Some(OWNER)),
        ("v5.sqlite", Some(OWNER)),
        ("v6.sqlite", Some(OWNER)),
    ] {
        let dir = with(name);
        assert_eq!(Library::owner_at(&dir.path().join(Library::FILE_NAME)).unwrap(), owner, "{name}");
    }
}

#[test]
fn a_library_of_an_earlier_release_is_its_first_openers() {
    for name in ["v1.sqlite", "v2.sqlite"] {
        let dir = with(name);
        let file = dir.path().join(Library::FILE_NAME);
        let library = Library::open(&file, OWNER, entropy(), NOW_S).unwrap();
        assert_eq!(library.owner().unwrap(), Some(OWNER), "{name}");
        drop(library);
        assert_refused(dir.path());
    }
}

#[test]
fn a_claim_that_a_crash_cut_off_is_made_by_the_next_opener() {
    let dir = with("v2.sqlite");
    let file = dir.path().join(Library::FILE_NAME);
    drop(Library::open(&file, OWNER, entropy(), NOW_S).unwrap());
    rusqlite::Connection::open(&file).unwrap().execute("DELETE FROM owner", []).unwrap();
    let library = Library::open(&file, OTHER, entropy(), NOW_S).unwrap();
    assert_eq!(library.owner().unwrap(), Some(OTHER));
}

#[test]
fn the_owner_is_in_the_backup_too() {
    let kit = Kit::new();
    let dir = tempfile::tempdir().unwrap();
    kit.library.backup(&dir.path().join(Library::FILE_NAME)).unwrap();
    assert_refused(dir.path());
    let rows = dump(&dir.path().join(Library::FILE_NAME));
    assert!(!rows.is_empty());
}

fn with(name: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(fixture(name), dir.path().join(Library::FILE_NAME)).unwrap();
    dir
}
