//! Deduplication, commits and what they refuse.

use layr_library::{CommitError, ListOptions, NewContent, NewVersion, VersionNumber};

use crate::kit::{Kit, NOW_S, PLAIN_BYTES, assert_consistent, chunk, file, path, plan, segment, shards};

#[test]
fn known_chunks_say_where_and_whether_they_are_safe() {
    let kit = Kit::new();
    kit.upload(1, &[10, 11]);
    kit.library.plan_segment(&plan(2, &[12])).unwrap();
    let places = kit.library.known_chunks(&[chunk(11), chunk(99), chunk(12)]).unwrap();
    let place = places[0].unwrap();
    assert_eq!(
        (place.segment, place.offset_bytes, place.is_safe),
        (segment(1), crate::kit::SEALED_BYTES, true)
    );
    assert_eq!(places[1], None);
    assert!(!places[2].unwrap().is_safe);
}

#[test]
fn of_two_uploads_of_one_chunk_the_safe_one_counts() {
    let kit = Kit::new();
    kit.library.plan_segment(&plan(1, &[10])).unwrap();
    kit.library.plan_segment(&plan(2, &[10])).unwrap();
    kit.library.shards_stored(&segment(2), &shards(2, 6)).unwrap();
    kit.library.segment_safe(&segment(2)).unwrap();
    assert_eq!(kit.library.known_chunks(&[chunk(10)]).unwrap()[0].unwrap().segment, segment(2));
    kit.put("/a", &[10]);
    kit.library.abandon_segment(&segment(1)).unwrap();
    assert_consistent(&kit.file());
}

#[test]
fn a_batch_is_committed_whole_or_not_at_all() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    let batch = [file("/a", &[10]), file("/b", &[11])];
    assert!(matches!(kit.library.commit_versions(&batch, NOW_S), Err(CommitError::ChunkNotSafe { .. })));
    assert_eq!(kit.names(), [""; 0]);
}

#[test]
fn a_size_that_is_not_that_of_the_chunks_is_refused() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    let mut wrong = file("/a", &[10]);
    wrong.content = NewContent::File { size_bytes: 1, chunks: vec![chunk(10)] };
    let refused = kit.library.commit_versions(&[wrong], NOW_S);
    let chunk_bytes_found = u64::from(PLAIN_BYTES);
    assert!(
        matches!(refused, Err(CommitError::SizeMismatch { chunk_bytes, .. }) if chunk_bytes == chunk_bytes_found)
    );
}

#[test]
fn two_commits_of_one_path_are_two_versions_and_a_repeated_one_is_one() {
    let kit = Kit::new();
    kit.upload(1, &[10, 11]);
    let first = kit.put("/a", &[10]);
    let second = kit.put("/a", &[11]);
    let again = kit.put("/a", &[11]);
    assert_eq!(first.version, Some(VersionNumber(1)));
    assert_eq!((second.version, second.is_new), (Some(VersionNumber(2)), true));
    assert_eq!((again.version, again.is_new), (Some(VersionNumber(2)), false));
    let options = ListOptions { is_recursive: false, with_versions: true };
    let rows = kit.library.ls(&path("/"), options, None, 10).unwrap().rows;
    let rows: Vec<_> =
        rows.iter().map(|row| (row.version.unwrap().0, row.is_current, row.kept_for_s)).collect();
    assert_eq!(rows, [(2, true, None), (1, false, Some(30 * 86_400))]);
    assert_consistent(&kit.file());
}

#[test]
fn two_commits_at_once_keep_both() {
    let kit = Kit::new();
    kit.upload(1, &(0..64).collect::<Vec<_>>());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let kit = &kit;
            scope.spawn(move || {
                for round in 0..16 {
                    kit.put("/a", &[thread * 16 + round]);
                }
            });
        }
    });
    let options = ListOptions { is_recursive: false, with_versions: true };
    let rows = kit.library.ls(&path("/a"), options, None, 10).unwrap().rows;
    assert_eq!(rows.len(), 64);
    assert_eq!(rows.iter().filter(|row| row.is_current).count(), 1);
    assert_consistent(&kit.file());
}

#[test]
fn directories_links_and_empty_files_are_kept() {
    let kit = Kit::new();
    let entry = |name: &str, content| NewVersion {
        path: path(name),
        content,
        mtime_ns: -5,
        mode: None,
        source: None,
    };
    let batch = [
        entry("/empty dir", NewContent::Directory),
        entry("/link", NewContent::Symlink { target: "../somewhere\nelse".to_owned() }),
        file("/empty file", &[]),
    ];
    let committed = kit.library.commit_versions(&batch, NOW_S).unwrap();
    assert_eq!(committed[0].version, None);
    let rows = kit.rows("/");
    let kinds: Vec<_> = rows.iter().map(|row| (row.path.as_str(), row.kind.as_str(), row.mtime_ns)).collect();
    assert_eq!(
        kinds,
        [
            ("/empty dir", "directory", Some(-5)),
            ("/empty file", "file", Some(17)),
            ("/link", "symlink", Some(-5))
        ]
    );
    assert_eq!(rows[2].link_target.as_deref(), Some("../somewhere\nelse"));
    assert_eq!(rows[1].health, None);
    let bad = entry("/bad", NewContent::Symlink { target: String::new() });
    assert!(matches!(kit.library.commit_versions(&[bad], NOW_S), Err(CommitError::BadLinkTarget { .. })));
    assert_consistent(&kit.file());
}

#[test]
fn a_file_may_become_a_link_and_a_file_again() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/a", &[10]);
    let link = NewContent::Symlink { target: "b".to_owned() };
    let link = NewVersion { path: path("/a"), content: link, mtime_ns: 1, mode: None, source: None };
    kit.library.commit_versions(&[link], NOW_S).unwrap();
    assert_eq!(kit.rows("/")[0].kind.as_str(), "symlink");
    kit.put("/a", &[10]);
    assert_eq!(kit.rows("/")[0].version, Some(VersionNumber(3)));
}

#[test]
fn files_and_directories_do_not_replace_each_other() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/dir/file", &[10]);
    let on_directory = kit.library.commit_versions(&[file("/dir", &[10])], NOW_S);
    assert!(matches!(
        on_directory,
        Err(CommitError::PathConflict { at, is_directory: true, .. }) if at == path("/dir")
    ));
    let through_file = kit.library.commit_versions(&[file("/dir/file/below/deep", &[10])], NOW_S);
    assert!(matches!(
        through_file,
        Err(CommitError::PathConflict { at, is_directory: false, .. }) if at == path("/dir/file")
    ));
    let directory = NewVersion { content: NewContent::Directory, ..file("/dir/file", &[]) };
    assert!(matches!(
        kit.library.commit_versions(&[directory], NOW_S),
        Err(CommitError::PathConflict { is_directory: false, .. })
    ));
    assert!(matches!(
        kit.library.commit_versions(&[file("/", &[10])], NOW_S),
        Err(CommitError::PathConflict { is_directory: true, .. })
    ));
    assert_eq!(kit.names(), ["/dir", "/dir/file"]);
}

#[test]
fn content_can_be_taken_from_a_version_without_reading_it() {
    let kit = Kit::new();
    kit.upload(1, &[10, 11]);
    let first = kit.put("/a", &[10, 11]);
    kit.put("/a", &[10]);
    let content = NewContent::SameAs { file: first.file, version: VersionNumber(1) };
    let copy = NewVersion { content, ..file("/b", &[]) };
    kit.library.commit_versions(&[copy], NOW_S).unwrap();
    let sizes: Vec<_> = kit.rows("/").iter().map(|row| row.size_bytes / u64::from(PLAIN_BYTES)).collect();
    assert_eq!(sizes, [1, 2]);
    let gone = NewContent::SameAs { file: first.file, version: VersionNumber(9) };
    let gone = NewVersion { content: gone, ..file("/c", &[]) };
    assert!(matches!(kit.library.commit_versions(&[gone], NOW_S), Err(CommitError::NoSuchVersion { .. })));
    assert_consistent(&kit.file());
}
