//! Unchanged local files are recognised, changed ones are not.

use layr_library::{
    KnownSource, NewContent, NewVersion, SETTLE_NS, SourceFile, SourceProbe, SourceStamp, VersionNumber,
};

use crate::kit::{Kit, NOW_S, file, path};

const STAMP: SourceStamp =
    SourceStamp { size_bytes: 4096, mtime_ns: 5, ctime_ns: 6, inode: u64::MAX, device: 1 << 63 };

fn put(kit: &Kit, name: &str, local: &[u8], chunks: &[u64]) {
    let source = SourceFile { local_path: local.to_vec(), stamp: STAMP };
    let new = NewVersion { source: Some(source), ..file(name, chunks) };
    kit.library.commit_versions(&[new], NOW_S).unwrap();
}

fn ask(kit: &Kit, target: &str, local: &[u8], stamp: SourceStamp) -> KnownSource {
    let probe = SourceProbe { local_path: local, stamp, target: &path(target) };
    kit.library.known_sources(&[probe]).unwrap()[0]
}

#[test]
fn the_same_stamp_at_the_same_place_means_nothing_to_do() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    put(&kit, "/docs/a", b"/home/\xffa", &[10]);
    assert!(matches!(
        ask(&kit, "/docs/a", b"/home/\xffa", STAMP),
        KnownSource::Current { version: VersionNumber(1), .. }
    ));
    assert_eq!(ask(&kit, "/docs/a", b"/home/b", STAMP), KnownSource::Unknown);
}

#[test]
fn every_part_of_the_stamp_counts() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    put(&kit, "/a", b"/a", &[10]);
    for changed in [
        SourceStamp { size_bytes: 4097, ..STAMP },
        SourceStamp { mtime_ns: 6, ..STAMP },
        SourceStamp { ctime_ns: 7, ..STAMP },
        SourceStamp { inode: 0, ..STAMP },
        SourceStamp { device: 0, ..STAMP },
    ] {
        assert_eq!(ask(&kit, "/a", b"/a", changed), KnownSource::Unknown, "{changed:?}");
    }
}

#[test]
fn elsewhere_the_content_is_known_but_has_to_be_committed() {
    let kit = Kit::new();
    kit.upload(1, &[10, 11]);
    put(&kit, "/a", b"/a", &[10]);
    let KnownSource::Elsewhere { file: id, version } = ask(&kit, "/copy", b"/a", STAMP) else { panic!() };
    let content = NewContent::SameAs { file: id, version };
    kit.library.commit_versions(&[NewVersion { content, ..file("/copy", &[]) }], NOW_S).unwrap();
    assert_eq!(kit.rows("/copy")[0].size_bytes, 4096);

    // The path holds something newer from another machine: the old content is no longer what is there.
    kit.put("/a", &[11]);
    assert!(matches!(ask(&kit, "/a", b"/a", STAMP), KnownSource::Elsewhere { .. }));
    // Deleted: not there, but known while it is in the trash.
    kit.library.remove(&path("/a"), NOW_S).unwrap();
    assert!(matches!(ask(&kit, "/a", b"/a", STAMP), KnownSource::Elsewhere { .. }));
    kit.library.empty_trash(None).unwrap();
    assert_eq!(ask(&kit, "/a", b"/a", STAMP), KnownSource::Unknown);
}

#[test]
fn a_stamp_is_trusted_only_when_it_is_older_than_the_coarsest_clock() {
    assert!(STAMP.is_settled(6 + SETTLE_NS));
    assert!(!STAMP.is_settled(5 + SETTLE_NS));
    assert!(!SourceStamp { mtime_ns: i64::MAX, ..STAMP }.is_settled(i64::MAX - 1));
}
