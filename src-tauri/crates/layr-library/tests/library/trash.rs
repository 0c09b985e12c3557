//! Nothing that was deleted or replaced is gone before its time.

use layr_library::{EntryKind, NameError, VersionNumber};

use crate::kit::{Kit, NOW_S, PLAIN_BYTES, assert_consistent, path};

fn filled() -> Kit {
    let kit = Kit::new();
    kit.upload(1, &[10, 11, 12, 13]);
    kit.put("/docs/a", &[10]);
    kit.put("/docs/a", &[10, 11]);
    kit.put("/docs/deep/b", &[12]);
    kit
}

fn chunks_at(kit: &Kit, name: &str) -> u64 {
    kit.library.resolve(name).unwrap().size_bytes / u64::from(PLAIN_BYTES)
}

#[test]
fn a_directory_goes_and_comes_back_whole() {
    let kit = filled();
    let before = kit.rows("/");
    kit.library.remove(&path("/docs"), NOW_S + 5).unwrap();
    assert_eq!(kit.names(), [""; 0]);
    let trash = kit.library.trash(None, 10).unwrap();
    assert_eq!(trash.len(), 1);
    let row = &trash[0];
    assert_eq!((row.path.as_str(), row.kind, row.files), ("/docs", EntryKind::Directory, 2));
    assert_eq!((row.bytes, row.trashed_unix_s), (3 * u64::from(PLAIN_BYTES), NOW_S + 5));
    assert_eq!(row.kept_for_s, 30 * 86_400);
    let restored = kit.library.restore(&path("/docs"), None).unwrap();
    assert_eq!((restored.path, restored.version), (path("/docs"), None));
    assert_eq!(kit.rows("/"), before);
    assert_eq!(kit.library.trash(None, 10).unwrap(), []);
    assert_consistent(&kit.file());
}

#[test]
fn one_file_comes_back_out_of_a_deleted_directory() {
    let kit = filled();
    kit.library.remove(&path("/docs"), NOW_S).unwrap();
    kit.library.restore(&path("/docs/deep/b"), None).unwrap();
    assert_eq!(kit.names(), ["/docs", "/docs/deep", "/docs/deep/b"]);
    assert_eq!(kit.library.trash(None, 10).unwrap()[0].files, 1);
    // The rest is still there, also by id.
    for refused in [
        kit.library.restore(&path("/docs"), None),
        kit.library.restore(kit.library.trash(None, 10).unwrap()[0].file, None),
    ] {
        assert!(matches!(refused, Err(NameError::Occupied { is_directory: true, .. })), "{refused:?}");
    }
    kit.library.restore(&path("/docs/a"), None).unwrap();
    assert_eq!(chunks_at(&kit, "/docs/a"), 2);
    assert_consistent(&kit.file());
}

#[test]
fn any_version_can_be_made_current() {
    let kit = filled();
    let restored = kit.library.restore(&path("/docs/a"), Some(VersionNumber(1))).unwrap();
    assert_eq!(restored.version, Some(VersionNumber(1)));
    assert_eq!(chunks_at(&kit, "/docs/a"), 1);
    kit.library.restore(&path("/docs/a"), Some(VersionNumber(2))).unwrap();
    assert_eq!(chunks_at(&kit, "/docs/a"), 2);
    let refused = kit.library.restore(&path("/docs/a"), Some(VersionNumber(3)));
    assert!(matches!(refused, Err(NameError::NoSuchVersion { number: 3, .. })));
    // And out of the trash.
    kit.library.remove(&path("/docs/a"), NOW_S).unwrap();
    kit.library.restore(&path("/docs/a"), Some(VersionNumber(1))).unwrap();
    assert_eq!(chunks_at(&kit, "/docs/a"), 1);
    assert_consistent(&kit.file());
}

#[test]
fn a_file_that_comes_back_to_a_taken_path_joins_what_is_there() {
    let kit = filled();
    kit.library.remove(&path("/docs/a"), NOW_S).unwrap();
    let new = kit.put("/docs/a", &[13, 12, 11]);
    let restored = kit.library.restore(&path("/docs/a"), None).unwrap();
    assert_eq!((restored.file, restored.version), (new.file, Some(VersionNumber(3))));
    assert_eq!(chunks_at(&kit, "/docs/a"), 2);
    // The one that was there, and both old ones, are kept.
    for (number, chunks) in [(1, 3), (2, 1), (3, 2)] {
        let info = kit.library.info(new.file, Some(VersionNumber(number))).unwrap();
        assert_eq!((info.row.size_bytes / u64::from(PLAIN_BYTES), info.versions), (chunks, 3));
    }
    assert_eq!(kit.library.trash(None, 10).unwrap(), []);
    assert_consistent(&kit.file());
}

#[test]
fn what_was_deleted_last_comes_back_first() {
    let kit = filled();
    kit.library.remove(&path("/docs/a"), NOW_S).unwrap();
    kit.put("/docs/a", &[12]);
    kit.library.tick(NOW_S + 60).unwrap();
    kit.library.remove(&path("/docs"), NOW_S).unwrap();
    let order: Vec<_> = kit.library.trash(None, 10).unwrap().into_iter().map(|row| row.path).collect();
    assert_eq!(order, [path("/docs"), path("/docs/a")]);
    let second = kit.library.trash(Some(kit.library.trash(None, 1).unwrap()[0].file), 10).unwrap();
    assert_eq!(second.len(), 1);
    kit.library.restore(&path("/docs/a"), None).unwrap();
    assert_eq!(chunks_at(&kit, "/docs/a"), 1);
}

#[test]
fn nothing_is_overwritten_by_coming_back() {
    let kit = filled();
    kit.library.remove(&path("/docs"), NOW_S).unwrap();
    kit.put("/docs", &[13]);
    assert!(matches!(
        kit.library.restore(&path("/docs"), None),
        Err(NameError::Occupied { is_directory: false, .. })
    ));
    assert!(matches!(kit.library.restore(&path("/docs/a"), None), Err(NameError::NotADirectory { .. })));
    assert!(matches!(kit.library.restore(&path("/other"), None), Err(NameError::NotFound { .. })));
    assert_eq!(kit.names(), ["/docs"]);
}

#[test]
fn the_root_stays_and_nothing_is_deleted_twice() {
    let kit = filled();
    assert!(matches!(kit.library.remove(&path("/"), NOW_S), Err(NameError::Root)));
    let file = kit.library.resolve("/docs/a").unwrap().file;
    kit.library.remove(file, NOW_S).unwrap();
    assert!(matches!(kit.library.remove(file, NOW_S), Err(NameError::NotFound { .. })));
    assert!(matches!(kit.library.remove(&path("/docs/a"), NOW_S), Err(NameError::NotFound { .. })));
}

#[test]
fn the_trash_can_be_emptied_at_once_or_in_part() {
    let kit = filled();
    let a = kit.library.resolve("/docs/a").unwrap().file;
    let b = kit.library.resolve("/docs/deep/b").unwrap().file;
    kit.library.remove(a, NOW_S).unwrap();
    // What is not in the trash is not touched.
    assert_eq!(kit.library.empty_trash(Some(&[b, a])).unwrap(), 1);
    assert!(matches!(kit.library.info(a, None), Err(NameError::NotFound { .. })));
    kit.library.remove(&path("/docs"), NOW_S).unwrap();
    assert_eq!(kit.library.empty_trash(None).unwrap(), 1);
    assert_eq!(kit.library.summary().unwrap(), layr_library::Summary::default());
    assert_consistent(&kit.file());
}
