//! Opening refuses what it must not touch, and touches nothing that it refuses.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use layr_library::{Library, OpenError, StoreError};
use rusqlite::Connection;

use crate::kit::{Kit, NOW_S, OWNER, assert_consistent, beside, entropy, path};

/// A library with some rows, closed.
fn closed() -> Kit {
    let kit = Kit::new();
    kit.upload(1, &(0..200).collect::<Vec<_>>());
    for number in 0..200 {
        kit.put(&format!("/dir {}/file {number}", number % 7), &[number]);
    }
    kit
}

fn open(file: &Path) -> Result<Library, OpenError> {
    Library::open(file, OWNER, entropy(), NOW_S)
}

/// Opening fails, for writing and for reading if that is asked for, and the file stays as it is.
fn assert_refused(file: &Path, is_right: impl Fn(&OpenError) -> bool) {
    let before = std::fs::read(file).unwrap();
    let journal = std::fs::read(beside(file, "-wal")).ok();
    let error = open(file).unwrap_err();
    assert!(is_right(&error), "{error:?}");
    assert!(std::fs::read(file).unwrap() == before, "the file was changed");
    let journal_after = std::fs::read(beside(file, "-wal")).ok();
    assert!(journal_after == journal, "the journal was changed");
    let refused = Library::create(file, OWNER, entropy(), NOW_S).unwrap_err();
    assert!(matches!(refused, OpenError::AlreadyExists { .. }));
    assert!(std::fs::read(file).unwrap() == before, "the file was changed");
}

#[test]
fn a_new_library_is_private_whole_and_leaves_nothing_temporary() {
    let kit = Kit::new();
    kit.put("/a", &[]);
    assert_eq!(kit.names(), ["/a"]);
    let Kit { dir, library } = kit;
    drop(library);
    let mut names: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["library.lock", "library.sqlite"]);
    let file = dir.path().join("library.sqlite");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_consistent(&file);
}

#[test]
fn a_crash_while_making_one_leaves_nothing_in_the_way() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(Library::FILE_NAME);
    std::fs::write(dir.path().join("library.sqlite.new"), b"half").unwrap();
    Library::create(&file, OWNER, entropy(), NOW_S).unwrap();
    assert!(!dir.path().join("library.sqlite.new").exists());
}

#[test]
fn a_missing_library_is_not_made_by_opening() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(Library::FILE_NAME);
    assert!(matches!(open(&file), Err(OpenError::Missing { .. })));
    assert!(matches!(Library::open_read_only(&file), Err(OpenError::Missing { .. })));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_journal_without_its_database_is_kept_for_rescue() {
    let kit = closed();
    let journal = std::fs::read(beside(&kit.file(), "-wal")).unwrap();
    assert!(!journal.is_empty());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(Library::FILE_NAME);
    std::fs::write(beside(&file, "-wal"), &journal).unwrap();
    assert!(matches!(open(&file), Err(OpenError::Damaged { .. })));
    assert!(matches!(Library::create(&file, OWNER, entropy(), NOW_S), Err(OpenError::Damaged { .. })));
    assert!(std::fs::read(beside(&file, "-wal")).unwrap() == journal);
    assert!(!file.exists());
}

#[test]
fn other_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(Library::FILE_NAME);
    std::fs::write(&file, b"").unwrap();
    assert_refused(&file, |error| matches!(error, OpenError::Damaged { .. }));
    std::fs::write(&file, [0xa5; 10_000]).unwrap();
    assert_refused(&file, |error| matches!(error, OpenError::NotALibrary { .. }));
    std::fs::remove_file(&file).unwrap();
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE t (x); PRAGMA application_id = 7").unwrap();
    assert_refused(&file, |error| matches!(error, OpenError::NotALibrary { .. }));
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert!(open(&file).is_err());
}

#[test]
fn a_newer_schema_is_refused_by_name() {
    let Kit { dir, library } = closed();
    drop(library);
    let file = dir.path().join(Library::FILE_NAME);
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert_refused(&file, |error| matches!(error, OpenError::NewerSchema { found: 99, supported: 12, .. }));
    assert!(matches!(Library::open_read_only(&file), Err(OpenError::NewerSchema { found: 99, .. })));
}

#[test]
fn missing_tables_and_rows_are_damage() {
    for damage in ["DROP TABLE trash", "DELETE FROM clock", "UPDATE entry SET parent = 1 WHERE id = 1"] {
        let Kit { dir, library } = closed();
        drop(library);
        let file = dir.path().join(Library::FILE_NAME);
        Connection::open(&file).unwrap().execute_batch(damage).unwrap();
        assert_refused(&file, |error| matches!(error, OpenError::Damaged { .. }));
    }
}

#[test]
fn a_file_that_was_cut_off_anywhere_is_refused() {
    let Kit { dir, library } = closed();
    drop(library);
    let file = dir.path().join(Library::FILE_NAME);
    let whole = std::fs::read(&file).unwrap();
    for keep in [1, 50, 99, 100, 4096, 5000, whole.len() / 2, whole.len() - 4096, whole.len() - 1] {
        std::fs::write(&file, &whole[..keep]).unwrap();
        assert_refused(&file, |error| matches!(error, OpenError::Damaged { .. }));
    }
    std::fs::write(&file, &whole).unwrap();
    open(&file).unwrap();
}

#[test]
fn any_page_that_was_overwritten_is_noticed() {
    let Kit { dir, library } = closed();
    drop(library);
    let file = dir.path().join(Library::FILE_NAME);
    let whole = std::fs::read(&file).unwrap();
    let pages = whole.len() / 4096;
    let mut unnoticed = Vec::new();
    for page in 0..pages {
        let mut damaged = whole.clone();
        for byte in &mut damaged[page * 4096..(page + 1) * 4096] {
            *byte ^= 0x5a;
        }
        std::fs::write(&file, &damaged).unwrap();
        match open(&file) {
            Err(OpenError::Damaged { what_to_do, .. }) => {
                assert!(what_to_do.contains("library.backup.sqlite"));
            }
            Err(OpenError::NotALibrary { .. }) => assert_eq!(page, 0),
            Err(other) => panic!("page {page}: {other:?}"),
            Ok(_) => unnoticed.push(page),
        }
        assert!(page > 0 || std::fs::read(&file).unwrap() == damaged);
    }
    assert_eq!(unnoticed, [0; 0], "of {pages} pages");
}

#[test]
fn a_damaged_database_with_a_journal_is_not_mended_by_looking() {
    let kit = closed();
    let made = tempfile::tempdir().unwrap();
    let damaged = made.path().join(Library::FILE_NAME);
    kit.library.backup(&damaged).unwrap();
    let mut whole = std::fs::read(&damaged).unwrap();
    for byte in &mut whole[2 * 4096..3 * 4096] {
        *byte ^= 0x5a;
    }
    std::fs::write(&damaged, &whole).unwrap();
    // A journal with a change of another page, as its writer left it when it was killed.
    let killed = Connection::open(&damaged).unwrap();
    killed.pragma_update(None, "journal_mode", "WAL").unwrap();
    killed.execute("UPDATE clock SET debt_s = 1", []).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let copy = crate::kit::copy_of(&damaged, dir.path());
    let (database, journal) = (std::fs::read(&copy).unwrap(), std::fs::read(beside(&copy, "-wal")).unwrap());
    assert!(!journal.is_empty());
    assert!(matches!(open(&copy), Err(OpenError::Damaged { .. })));
    assert!(std::fs::read(&copy).unwrap() == database);
    assert!(std::fs::read(beside(&copy, "-wal")).unwrap() == journal);
}

#[test]
fn a_closed_library_is_free_for_another_whoever_still_holds_it() {
    let kit = closed();
    let (clone, rows) = (kit.library.clone(), kit.rows("/"));
    kit.library.close();
    let next = open(&kit.file()).unwrap();
    assert!(matches!(clone.tick(NOW_S), Err(StoreError::Closed)));
    clone.close();
    assert_eq!(Kit { library: next, dir: kit.dir }.rows("/"), rows);
}

#[test]
fn only_what_changes_the_library_counts_as_a_change() {
    let kit = Kit::new();
    let before = kit.library.changes();
    kit.library.tick(NOW_S + 60).unwrap();
    kit.library.maintain(NOW_S + 120).unwrap();
    assert_eq!(kit.library.changes(), before, "a look at the clock is none");
    kit.put("/a", &[]);
    assert!(kit.library.changes() > before);
}

#[test]
fn a_second_writer_is_locked_out_until_the_first_is_done() {
    let kit = Kit::new();
    let clone = kit.library.clone();
    assert!(matches!(open(&kit.file()), Err(OpenError::LockedByOther { .. })));
    let Kit { dir, library } = kit;
    drop(library);
    assert!(matches!(open(&dir.path().join(Library::FILE_NAME)), Err(OpenError::LockedByOther { .. })));
    drop(clone);
    open(&dir.path().join(Library::FILE_NAME)).unwrap();
}

/// Who only reads goes by the system's clock, which may be far from the tests'.
fn ageless(mut rows: Vec<layr_library::ListRow>) -> Vec<layr_library::ListRow> {
    for row in &mut rows {
        row.segments.iter_mut().for_each(|group| group.is_stale = false);
        row.health.iter_mut().for_each(|health| health.is_stale = false);
    }
    rows
}

#[test]
fn reading_works_beside_a_writer_after_a_kill_and_in_a_directory_that_cannot_be_written() {
    let kit = closed();
    let rows = ageless(kit.rows("/"));
    let read = |file: &Path| {
        let reader = Library::open_read_only(file).unwrap();
        let options = layr_library::ListOptions { is_recursive: true, with_versions: false };
        assert_eq!(ageless(reader.ls(&path("/"), options, None, 10_000).unwrap().rows), rows);
        reader
    };
    // Beside the writer, also seeing what it writes later.
    let beside_writer = read(&kit.file());
    kit.put("/later", &[]);
    assert_eq!(beside_writer.resolve("later").unwrap().path, path("/later"));
    kit.library.remove(&path("/later"), NOW_S).unwrap();
    // A copy as after a kill.
    let killed = tempfile::tempdir().unwrap();
    let copy = crate::kit::copy_of(&kit.file(), killed.path());
    drop(read(&copy));
    drop(beside_writer);
    // Closed, and nothing may be written.
    let Kit { dir, library } = kit;
    drop(library);
    let file = dir.path().join(Library::FILE_NAME);
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o500)).unwrap();
    let result = std::panic::catch_unwind(|| drop(read(&file)));
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    result.unwrap();
}

#[test]
fn a_backup_is_a_library_and_replaces_a_damaged_one() {
    let kit = closed();
    let backup = Library::backup_path(&kit.file());
    std::fs::write(&backup, b"an older one").unwrap();
    kit.library.backup(&backup).unwrap();
    assert_eq!(std::fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    let rows = kit.rows("/");
    let Kit { dir, library } = kit;
    drop(library);
    let file = dir.path().join(Library::FILE_NAME);
    std::fs::copy(&backup, &file).unwrap();
    let kit = Kit { library: open(&file).unwrap(), dir };
    assert_eq!(kit.rows("/"), rows);
    assert!(!kit.dir.path().join("library.backup.sqlite.new").exists());
    let nowhere = kit.library.backup(&kit.dir.path().join("no/such/place.sqlite"));
    assert!(matches!(nowhere, Err(layr_library::BackupError::Io { .. })));
    assert_consistent(&file);
}
