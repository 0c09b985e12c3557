//! Since when segments are at risk.

use std::cell::RefCell;
use std::collections::BTreeSet;

use layr_codec::Profile;
use layr_library::{AuditMark, AuditOutcome, Failure, Library};

use crate::kit::{Kit, NOW_S, OWNER, entropy, peer, segment, stay_awake};

const HOUR_S: u64 = 3600;

/// A segment of 2 of 6 with as many healthy shards; the rest do not answer.
fn leave(library: &Library, healthy: u8, now_s: u64) {
    let marks: Vec<AuditMark> = (0..6)
        .map(|index| {
            let outcome =
                if index < healthy { AuditOutcome::ReadWhole } else { AuditOutcome::Open { leaf: 1 } };
            AuditMark { segment: segment(1), index, host: peer(u64::from(index)), shard: None, outcome }
        })
        .collect();
    library.note_audit(&marks, now_s).unwrap();
}

fn kit() -> Kit {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/a", &[10]);
    kit.library.note_look(NOW_S, false).unwrap();
    kit
}

fn is_long_at_risk(library: &Library) -> bool {
    let due = library
        .segments_to_repair(&BTreeSet::new(), |_, _| false, |segment| segment.is_long_at_risk, 9)
        .unwrap();
    let known = library.own_segment(&segment(1)).unwrap().unwrap().is_long_at_risk;
    assert_eq!(due.len(), usize::from(known), "the query and the record say the same");
    known
}

#[test]
fn what_is_at_risk_for_eight_hours_is_due_and_a_restart_neither_forgets_nor_hurries() {
    let Kit { dir, library } = kit();
    // One shard more would make it safe.
    leave(&library, 3, NOW_S);
    stay_awake(&library, NOW_S, NOW_S + 4 * HOUR_S);
    drop(library);
    let file = dir.path().join(Library::FILE_NAME);
    let library = Library::open(&file, OWNER, entropy(), NOW_S + 4 * HOUR_S).unwrap();
    stay_awake(&library, NOW_S + 4 * HOUR_S, NOW_S + 8 * HOUR_S - 60);
    // Another that goes does not make it younger or older.
    leave(&library, 2, NOW_S + 8 * HOUR_S - 60);
    assert!(!is_long_at_risk(&library));
    stay_awake(&library, NOW_S + 8 * HOUR_S - 60, NOW_S + 8 * HOUR_S);
    assert!(is_long_at_risk(&library));
    // Below k nothing can be made again of those that are there.
    leave(&library, 1, NOW_S + 8 * HOUR_S);
    assert!(!is_long_at_risk(&library));
    leave(&library, 2, NOW_S + 8 * HOUR_S);
    assert!(is_long_at_risk(&library));
    leave(&library, 4, NOW_S + 8 * HOUR_S);
    assert!(!is_long_at_risk(&library));
}

#[test]
fn shards_are_read_only_of_what_may_be_due_by_how_many_stand() {
    let kit = kit();
    let failed = |index| AuditMark {
        segment: segment(1),
        index,
        host: peer(u64::from(index)),
        shard: None,
        outcome: AuditOutcome::Failed(Failure::Missing),
    };
    let due_at = |most: usize| {
        let asked = RefCell::new(Vec::new());
        let may_be_due = |profile: Profile, standing| {
            asked.borrow_mut().push((profile.k(), profile.n(), standing));
            standing <= most
        };
        let due = kit.library.segments_to_repair(&BTreeSet::new(), may_be_due, |_| true, 9).unwrap();
        let mut asked = asked.into_inner();
        asked.dedup();
        (asked, due.len())
    };
    assert_eq!(due_at(6), (vec![], 0), "nothing failed");
    kit.library.note_audit(&[failed(0)], NOW_S).unwrap();
    assert_eq!(due_at(4), (vec![(2, 6, 5)], 0));
    assert_eq!(due_at(5), (vec![(2, 6, 5)], 1));
    kit.library.note_audit(&[failed(4)], NOW_S).unwrap();
    assert_eq!(due_at(4), (vec![(2, 6, 4)], 1));
}

#[test]
fn what_was_safe_in_between_begins_anew_and_what_is_safe_is_never_due() {
    let kit = kit();
    leave(&kit.library, 3, NOW_S);
    stay_awake(&kit.library, NOW_S, NOW_S + 7 * HOUR_S);
    leave(&kit.library, 4, NOW_S + 7 * HOUR_S);
    stay_awake(&kit.library, NOW_S + 7 * HOUR_S, NOW_S + 40 * HOUR_S);
    assert!(!is_long_at_risk(&kit.library));
    leave(&kit.library, 3, NOW_S + 40 * HOUR_S);
    stay_awake(&kit.library, NOW_S + 40 * HOUR_S, NOW_S + 47 * HOUR_S);
    assert!(!is_long_at_risk(&kit.library));
}

#[test]
fn time_in_which_nobody_looked_or_our_network_was_in_doubt_does_not_count() {
    let kit = kit();
    leave(&kit.library, 3, NOW_S);
    // A night's sleep counts as a quarter of an hour.
    kit.library.note_look(NOW_S + 10 * HOUR_S, false).unwrap();
    assert!(!is_long_at_risk(&kit.library));
    for minutes in (0..600).step_by(10) {
        kit.library.note_look(NOW_S + 10 * HOUR_S + minutes * 60, true).unwrap();
    }
    assert!(!is_long_at_risk(&kit.library));
}
