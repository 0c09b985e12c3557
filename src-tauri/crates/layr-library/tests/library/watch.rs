//! What a delegate keeps of an owner's list, and what it has to tell.

use std::collections::BTreeSet;

use layr_codec::SegmentBlindKey;
use layr_keys::LogHead;
use layr_library::{
    AuditMark, AuditOutcome, CopyFate, CopyNews, Failure, MAX_UNTOLD, StoredShard, WatchError,
    WatchedSegment, WatchedShard,
};

use crate::kit::{Kit, NOW_S, SEALED_BYTES, library_key, peer, profile, root, segment};

fn listed(number: u64, shards: u8) -> WatchedSegment {
    let shard = |index| WatchedShard {
        index,
        root: root(number, index),
        host: peer(u64::from(index)),
        failure: None,
    };
    WatchedSegment {
        id: segment(number),
        profile: profile(),
        len_bytes: SEALED_BYTES,
        blind_key: SegmentBlindKey::from_bytes([u8::try_from(number).unwrap(); 32]),
        shards: (0..shards).map(shard).collect(),
    }
}

fn give(kit: &Kit, segments: &[WatchedSegment]) -> u64 {
    let list = kit.library.begin_watch(b"delegation", NOW_S).unwrap();
    let hosts: Vec<_> = (0..6).map(|number| (peer(number), vec![format!("/ip4/10.0.0.{number}")])).collect();
    kit.library.watch(list, &hosts, segments, &library_key()).unwrap();
    kit.library.end_watch(list).unwrap()
}

fn fail(kit: &Kit, number: u64, index: u8) {
    let outcome = AuditOutcome::Failed(Failure::Missing);
    let host = peer(u64::from(index));
    let mark = AuditMark { segment: segment(number), index, host, shard: None, outcome };
    assert_eq!(kit.library.note_audit(&[mark], NOW_S).unwrap().applied, 1);
}

fn due(kit: &Kit) -> Vec<u64> {
    let due = kit.library.segments_to_repair(&BTreeSet::new(), |_, _| true, |_| true, 9).unwrap();
    due.iter().map(|due| (1..9).find(|number| segment(*number) == due.id).unwrap()).collect()
}

fn told(kit: &Kit) -> Vec<(u64, CopyFate, u8)> {
    let news = kit.library.untold(100).unwrap();
    news.iter().map(|news: &CopyNews| (news.number, news.fate, news.index)).collect()
}

#[test]
fn a_list_is_looked_after_as_ones_own_files_are() {
    let kit = Kit::new();
    assert_eq!(kit.library.watch_state().unwrap().delegation, None);
    assert_eq!(give(&kit, &[listed(1, 6), listed(2, 5)]), 2);
    let library = &kit.library;
    let hosts = library.hosts_to_audit(99).unwrap();
    assert_eq!(hosts.len(), 6);
    assert_eq!(library.held_by(&peer(2)).unwrap().len(), 2);
    assert!(library.host_addresses(&[peer(3)].into()).unwrap()[&peer(3)][0].ends_with("0.3"));
    fail(&kit, 2, 2);
    assert_eq!(due(&kit), [2]);
    let key = |number| library.watched_blind_key(&segment(number), &library_key()).unwrap();
    assert_eq!(key(2).unwrap().as_bytes(), &[2; 32]);
    assert_eq!(key(3), None);
    let stored = StoredShard { index: 2, root: root(2, 2), host: peer(40) };
    library.shards_stored(&segment(2), &[stored]).unwrap();
    assert_eq!(due(&kit), []);
    assert_eq!(told(&kit), [(1, CopyFate::Failed(Failure::Missing), 2), (2, CopyFate::Placed, 2)]);
    let state = library.watch_state().unwrap();
    assert_eq!((state.segments, state.untold, state.told), (2, 2, LogHead::default()));
}

#[test]
fn a_new_list_keeps_what_is_known_and_ends_what_it_does_not_name() {
    let kit = Kit::new();
    give(&kit, &[listed(1, 6), listed(2, 6)]);
    fail(&kit, 1, 3);
    let away = AuditMark {
        segment: segment(1),
        index: 4,
        host: peer(4),
        shard: None,
        outcome: AuditOutcome::Open { leaf: 0 },
    };
    kit.library.note_audit(&[away], NOW_S).unwrap();
    let mut one = listed(1, 6);
    one.shards[3].failure = Some(Failure::Missing);
    one.shards[5].host = peer(50);
    assert_eq!(give(&kit, &[one.clone()]), 1);
    let record = kit.library.own_segment(&segment(1)).unwrap().unwrap();
    assert_eq!(record.shards[3].failed, Some(Failure::Missing));
    assert_eq!(record.shards[4].open_leaf, Some(0), "a question does not close because a list came");
    assert_eq!(record.shards[5].host, peer(50));
    assert_eq!(kit.library.own_segment(&segment(2)).unwrap(), None);
    assert_eq!(kit.library.watched_blind_key(&segment(2), &library_key()).unwrap(), None);
    // The owner looked itself, and the host has it.
    one.shards[3].failure = None;
    give(&kit, &[one]);
    let record = kit.library.own_segment(&segment(1)).unwrap().unwrap();
    assert_eq!((record.shards[3].failed, due(&kit)), (None, vec![]));
    assert_eq!(told(&kit).len(), 1, "what lists say is no news for who sent them");
}

#[test]
fn a_list_that_breaks_off_takes_nothing_away() {
    let kit = Kit::new();
    give(&kit, &[listed(1, 6), listed(2, 6)]);
    let list = kit.library.begin_watch(b"delegation", NOW_S).unwrap();
    kit.library.watch(list, &[], &[listed(3, 6)], &library_key()).unwrap();
    assert_eq!(kit.library.watch_state().unwrap().segments, 3);
    assert_eq!(give(&kit, &[listed(2, 6)]), 1, "also what the broken one brought");
}

#[test]
fn a_list_that_contradicts_itself_is_refused_whole() {
    let kit = Kit::new();
    let mut twice = listed(1, 6);
    twice.shards[4].index = 3;
    let mut beyond = listed(1, 6);
    beyond.shards[5].index = 6;
    let empty = WatchedSegment { len_bytes: 0, ..listed(1, 6) };
    let list = kit.library.begin_watch(b"delegation", NOW_S).unwrap();
    for bad in [twice, beyond, empty] {
        let refused = kit.library.watch(list, &[], &[listed(2, 6), bad], &library_key());
        assert!(matches!(refused, Err(WatchError::BadSegment { .. })), "{refused:?}");
        assert_eq!(kit.library.watch_state().unwrap().segments, 0);
    }
}

#[test]
fn what_the_owner_took_is_not_told_again_and_numbers_go_on() {
    let kit = Kit::new();
    give(&kit, &[listed(1, 6)]);
    fail(&kit, 1, 0);
    fail(&kit, 1, 1);
    let head = LogHead { number: 1, digest: [7; 32] };
    kit.library.log_taken(head).unwrap();
    assert_eq!(told(&kit), [(2, CopyFate::Failed(Failure::Missing), 1)]);
    assert_eq!(kit.library.watch_state().unwrap().told, head);
    kit.library.log_taken(LogHead { number: 2, digest: [8; 32] }).unwrap();
    fail(&kit, 1, 2);
    assert_eq!(told(&kit), [(3, CopyFate::Failed(Failure::Missing), 2)]);
}

/// Who may not delete says what is not needed.
#[test]
fn copies_that_are_not_needed_are_told_and_not_queued() {
    let kit = Kit::new();
    give(&kit, &[listed(1, 6)]);
    let spare = |host| StoredShard { index: 2, root: root(1, 2), host: peer(host) };
    kit.library.discard(&[spare(40)]).unwrap();
    // A second copy of what is healthy.
    kit.library.shards_stored(&segment(1), &[spare(41)]).unwrap();
    let news = kit.library.untold(9).unwrap();
    let told: Vec<_> = news.iter().map(|it| (it.number, it.fate, it.root, it.host)).collect();
    assert_eq!(
        told,
        [(1, CopyFate::Spare, root(1, 2), peer(40)), (2, CopyFate::Spare, root(1, 2), peer(41))]
    );
    assert_eq!(kit.library.garbage_count().unwrap(), 0);
}

/// In one's own library nothing is written down for others.
#[test]
fn an_owner_has_nothing_to_tell() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/a", &[10]);
    fail(&kit, 1, 0);
    assert_eq!(told(&kit), []);
}

/// Failures alone must not use up the room for what is placed, of which the owner would never hear otherwise.
#[test]
fn half_of_what_is_told_may_be_failures() {
    let kit = Kit::new();
    give(&kit, &[listed(1, 6)]);
    let spare = StoredShard { index: 2, root: root(1, 2), host: peer(40) };
    let half = usize::try_from(MAX_UNTOLD / 2).unwrap();
    kit.library.discard(&vec![spare; half - 1]).unwrap();
    fail(&kit, 1, 0);
    fail(&kit, 1, 1);
    assert_eq!(kit.library.watch_state().unwrap().untold, MAX_UNTOLD / 2, "the second one is not told");
    assert_eq!(
        kit.library.own_segment(&segment(1)).unwrap().unwrap().shards[1].failed,
        Some(Failure::Missing)
    );
    let stored = StoredShard { index: 1, root: root(1, 1), host: peer(41) };
    kit.library.shards_stored(&segment(1), &[stored]).unwrap();
    let news = kit.library.untold(half + 9).unwrap();
    let last: Vec<_> = news.iter().skip(half - 1).map(|news| (news.fate, news.index)).collect();
    assert_eq!(last, [(CopyFate::Failed(Failure::Missing), 0), (CopyFate::Placed, 1)]);
    // What was taken makes room.
    kit.library.log_taken(LogHead { number: 1, digest: [7; 32] }).unwrap();
    kit.library.log_taken(LogHead { number: 2, digest: [8; 32] }).unwrap();
    fail(&kit, 1, 2);
    assert_eq!(kit.library.untold(half + 9).unwrap().last().map(|news| news.index), Some(2));
}
