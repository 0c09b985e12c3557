use layr_codec::{Profile, SegmentBlindKey, SegmentId, ShardRoot};
use layr_keys::{OwnerId, PeerId};

use super::{WatchError, WatchedSegment, WatchedShard, database_bytes};
use crate::entropy::Entropy;
use crate::library::Library;
use crate::manifest::LibraryKey;

/// Segments of which a part has as many.
const PART: u16 = 200;
/// Fewer than a part: pages that were emptied in part take less than they held.
const FEW: u16 = 50;

fn segments(from: u16) -> Vec<WatchedSegment> {
    let shard = |index| WatchedShard {
        index,
        root: ShardRoot::from_bytes([index; 32]),
        host: PeerId::from_bytes([index; 32]),
        failure: None,
    };
    let segment = |number: u16| WatchedSegment {
        id: SegmentId::from_bytes([number.to_be_bytes(); 8].concat().try_into().unwrap()),
        profile: Profile::new(2, 6).unwrap(),
        len_bytes: 4096,
        blind_key: SegmentBlindKey::from_bytes([1; 32]),
        shards: (0..6).map(shard).collect(),
    };
    (from..from + PART).map(segment).collect()
}

fn empty() -> (tempfile::TempDir, Library, LibraryKey) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(Library::FILE_NAME);
    let library = Library::create(&path, OwnerId::from_bytes([1; 32]), Entropy::system(), 1).unwrap();
    (dir, library, LibraryKey::from_bytes([2; 32]))
}

#[test]
fn a_list_that_is_too_large_is_refused_and_one_that_is_shorter_makes_room_again() {
    let (_dir, library, key) = empty();
    let used_bytes = || library.read(database_bytes).unwrap();
    let list = library.begin_watch(b"delegation", 1).unwrap();
    library.watch(list, &[], &segments(0), &key).unwrap();
    library.watch(list, &[], &segments(PART), &key).unwrap();
    assert_eq!(library.end_watch(list).unwrap(), u64::from(2 * PART));
    let limit_bytes = used_bytes() - 1;
    let take = |list, part: &[WatchedSegment]| library.watch_within(list, (&[], part), &key, limit_bytes);
    let list = library.begin_watch(b"delegation", 1).unwrap();
    let refused = take(list, &segments(2 * PART));
    assert!(matches!(refused, Err(WatchError::TooMuch)), "{refused:?}");
    assert_eq!(
        library.watch_state().unwrap().segments,
        u64::from(2 * PART),
        "what was there is looked after"
    );
    // Without half of what there is; the room of the others serves new ones then.
    let list = library.begin_watch(b"delegation", 1).unwrap();
    take(list, &segments(PART)).unwrap();
    assert_eq!(library.end_watch(list).unwrap(), u64::from(PART));
    let list = library.begin_watch(b"delegation", 1).unwrap();
    take(list, &segments(PART)).unwrap();
    take(list, &segments(2 * PART).split_off(usize::from(PART - FEW))).unwrap();
    assert_eq!(library.watch_state().unwrap().segments, u64::from(PART + FEW));
}

#[test]
fn hosts_alone_fill_a_list_as_well() {
    let (_dir, library, key) = empty();
    let limit_bytes = library.read(database_bytes).unwrap() + 256 * 1024;
    let hosts = |from: u16| {
        let host = |number: u16| {
            let peer = PeerId::from_bytes([number.to_be_bytes(); 16].concat().try_into().unwrap());
            (peer, vec![format!("/dns/{}/tcp/1", "x".repeat(200)); 8])
        };
        (from..from + 64).map(host).collect::<Vec<_>>()
    };
    let list = library.begin_watch(b"delegation", 1).unwrap();
    let take = |from| library.watch_within(list, (&hosts(from), &[]), &key, limit_bytes);
    assert!((0..10).map(|part| take(part * 64)).any(|taken| matches!(taken, Err(WatchError::TooMuch))));
    take(0).unwrap();
}
