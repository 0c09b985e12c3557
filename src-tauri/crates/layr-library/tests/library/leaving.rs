//! Hosts that leave, and what is brought away from them.

use std::collections::BTreeSet;

use layr_library::{AuditMark, AuditOutcome, Failure, LeavingCopy, ShardMark, ShardState, StoredShard};

use crate::kit::{DAY_S, Kit, NOW_S, peer, root, segment};

/// Two segments that a file needs, and one that nothing needs; shard i of each is at host i.
fn kit() -> Kit {
    let kit = Kit::new();
    for number in 1..=3 {
        kit.upload(number, &[9 + number]);
    }
    kit.put("/a", &[10, 11]);
    kit
}

fn copy(number: u64, index: u8) -> LeavingCopy {
    LeavingCopy { segment: segment(number), index, host: peer(u64::from(index)) }
}

fn copies(kit: &Kit) -> Vec<LeavingCopy> {
    kit.library.leaving_copies(&BTreeSet::new(), &BTreeSet::new(), 100).unwrap()
}

#[test]
fn what_a_host_says_of_its_leaving_is_kept_until_it_stays() {
    let kit = kit();
    let library = &kit.library;
    let said = |number| {
        let host = library.host(&peer(number)).unwrap().unwrap();
        (host.leaves_unix_s, host.leaving_said_ago_s)
    };
    assert_eq!(said(2), (None, None));
    assert!(!library.note_leaving(&peer(2), None).unwrap());
    assert!(library.note_leaving(&peer(2), Some(NOW_S + DAY_S)).unwrap());
    assert_eq!((said(2), said(3)), ((Some(NOW_S + DAY_S), Some(0)), (None, None)));
    kit.pass_days(NOW_S, 2);
    let changes = library.changes();
    assert!(!library.note_leaving(&peer(2), Some(NOW_S + 9 * DAY_S)).unwrap(), "another time is no news");
    assert_eq!((said(2), library.changes()), ((Some(NOW_S + 9 * DAY_S), Some(0)), changes));
    assert!(library.note_leaving(&peer(2), None).unwrap());
    kit.pass_days(NOW_S + 2 * DAY_S, 3);
    assert_eq!(said(2), (None, Some(3 * DAY_S)), "that it left once is remembered");
    assert!(!library.note_leaving(&peer(99), Some(NOW_S)).unwrap(), "nobody knows it");
    assert_eq!(library.host(&peer(99)).unwrap(), None);
}

#[test]
fn what_files_need_is_brought_away_and_the_most_endangered_first() {
    let kit = kit();
    kit.library.note_leaving(&peer(2), Some(NOW_S + DAY_S)).unwrap();
    assert_eq!(copies(&kit).into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([copy(1, 2), copy(2, 2)]));
    let away = |index: u8| ShardMark {
        segment: segment(2),
        index,
        host: peer(u64::from(index)),
        shard: None,
        state: ShardState::Unreachable,
    };
    kit.library.mark_shards(&[away(4), away(5)], NOW_S).unwrap();
    assert_eq!(copies(&kit), [copy(2, 2), copy(1, 2)]);
    assert_eq!(
        kit.library.leaving_copies(&[copy(2, 2)].into(), &BTreeSet::new(), 100).unwrap(),
        [copy(1, 2)]
    );
    assert_eq!(kit.library.leaving_copies(&BTreeSet::new(), &BTreeSet::new(), 1).unwrap(), [copy(2, 2)]);
    // A host that sent nothing is left alone for a while, whatever lies there.
    assert_eq!(kit.library.leaving_copies(&BTreeSet::new(), &[peer(2)].into(), 100).unwrap(), []);
    // What is out of reach is not read: an audit finds out how it is.
    kit.library.mark_shards(&[away(2)], NOW_S).unwrap();
    assert_eq!(copies(&kit), [copy(1, 2)]);
    // What failed is a repair's.
    let outcome = AuditOutcome::Failed(Failure::Missing);
    let mark = AuditMark { segment: segment(2), index: 2, host: peer(2), shard: None, outcome };
    kit.library.note_audit(&[mark], NOW_S).unwrap();
    assert_eq!(copies(&kit), [copy(1, 2)]);
    kit.library.note_leaving(&peer(2), None).unwrap();
    assert_eq!(copies(&kit), []);
}

#[test]
fn a_moved_shard_changes_its_host_in_one_step_and_its_old_copy_is_garbage() {
    let kit = kit();
    let alive = || kit.rows("/a")[0].health.unwrap().alive;
    let (from, to) = (peer(2), peer(50));
    let moved = StoredShard { index: 2, root: root(1, 2), host: to };
    kit.library.note_leaving(&from, Some(NOW_S)).unwrap();
    kit.library.shards_moved(&segment(1), &from, &[moved]).unwrap();
    assert_eq!((copies(&kit), alive()), (vec![copy(2, 2)], 6));
    let garbage = |kit: &Kit| {
        let due = kit.library.garbage_due(9).unwrap();
        due.into_iter().map(|item| (item.root, item.host)).collect::<Vec<_>>()
    };
    assert_eq!(garbage(&kit), [(root(1, 2), from)]);
    // Again, as after a crash.
    kit.library.shards_moved(&segment(1), &from, &[moved]).unwrap();
    assert_eq!(garbage(&kit), [(root(1, 2), from)]);
    // Meanwhile a repair found another host for it: the copy that comes second goes.
    let second = StoredShard { host: peer(51), ..moved };
    kit.library.shards_moved(&segment(1), &from, &[second]).unwrap();
    assert_eq!(garbage(&kit), [(root(1, 2), from), (root(1, 2), peer(51))]);
    assert_eq!(kit.library.own_segment(&segment(1)).unwrap().unwrap().shards[2].host, to);
    assert_eq!(alive(), 6);
}
