use layr_codec::{Profile, SegmentBlindKey, SegmentId, ShardRoot};
use layr_keys::{OwnerId, PeerId};

use super::{WatchError, WatchedSegment, WatchedShard, database_bytes};
use crate::entropy::Entropy;
use crate::library::Library;
use crate::manifest::LibraryKey;

/// Segments of which a part has as many.
const PART: u16 = 200;

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

#[test]
fn a_list_that_is_too_large_is_refused_and_one_that_is_shorter_makes_room_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(Library::FILE_NAME);
    let library = Library::create(&path, OwnerId::from_bytes([1; 32]), Entropy::system(), 1).unwrap();
    let key = LibraryKey::from_bytes([2; 32]);
    let used_bytes = || library.read(|connection| database_bytes(connection)).unwrap();
    let list = library.begin_watch(b"delegation", 1).unwrap();
    library.watch(list, &[], &segments(0), &key).unwrap();
    library.watch(list, &[], &segments(PART), &key).unwrap();
    assert_eq!(library.end_watch(list).unwrap(), u64::from(2 * PART));
    // Pages are not full after a change.
    let limit_bytes = used_bytes() * 9 / 8;
    let take = |list, from| library.watch_within(list, (&[], &segments(from)), &key, limit_bytes);
    let list = library.begin_watch(b"delegation", 1).unwrap();
    let refused = take(list, 2 * PART);
    assert!(matches!(refused, Err(WatchError::TooMuch)), "{refused:?}");
    assert_eq!(
        library.watch_state().unwrap().segments,
        u64::from(2 * PART),
        "what was there is looked after"
    );
    // Without half of what there is; the other half's room serves others then.
    let list = library.begin_watch(b"delegation", 1).unwrap();
    take(list, PART).unwrap();
    assert_eq!(library.end_watch(list).unwrap(), u64::from(PART));
    assert!(used_bytes() < limit_bytes);
    let list = library.begin_watch(b"delegation", 1).unwrap();
    take(list, PART).unwrap();
    take(list, 2 * PART).unwrap();
    assert_eq!(library.end_watch(list).unwrap(), u64::from(2 * PART));
}
