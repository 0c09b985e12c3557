//! What hosts have shown of themselves.

use layr_library::{
    AuditMark, AuditOutcome, Failure, HostEvidence, HostLook, HostPresence, Library, ShardMark, ShardState,
};

use crate::kit::{DAY_S, Kit, NOW_S, peer, segment};

/// A file of one segment, with a shard at each of six hosts.
fn kit() -> Kit {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/a", &[10]);
    kit.library.note_look(NOW_S, false).unwrap();
    kit
}

fn look(library: &Library, number: u64, is_sample: bool, presence: HostPresence, proven_leaves: u64) {
    library.note_host_look(&peer(number), &HostLook { is_sample, presence, proven_leaves }).unwrap();
}

fn fails(library: &Library, number: u64, index: u8, failure: Failure) {
    let (segment, host) = (segment(number), peer(u64::from(index)));
    let mark = AuditMark { segment, index, host, shard: None, outcome: AuditOutcome::Failed(failure) };
    library.note_audit(&[mark], NOW_S).unwrap();
}

fn evidence(library: &Library, number: u64) -> HostEvidence {
    library.host(&peer(number)).unwrap().unwrap().evidence
}

#[track_caller]
fn assert_close(value: f64, expected: f64) {
    assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
}

#[test]
fn leaves_and_daily_looks_are_counted_and_fade_by_the_day() {
    let kit = kit();
    let library = &kit.library;
    assert_eq!(evidence(library, 1), HostEvidence::default());
    look(library, 1, true, HostPresence::There, 20);
    library.note_look(NOW_S + DAY_S, false).unwrap();
    look(library, 1, true, HostPresence::Away, 0);
    // A look at an open question: the leaf counts, and not whether the host was there.
    look(library, 1, false, HostPresence::Away, 1);
    // One that has too much to do says nothing in either direction.
    look(library, 1, true, HostPresence::Busy, 0);
    let shown = evidence(library, 1);
    assert_close(shown.passed, 20.0 * 0.98 + 1.0);
    assert_close(shown.up, 0.98);
    assert_close(shown.down, 1.0);
    assert_eq!((shown.proven_leaves, shown.corrupt_copies), (21, 0));
    assert_eq!(evidence(library, 2), HostEvidence::default(), "others have nothing to do with it");
    let listed = library.hosts().unwrap().into_iter().find(|host| host.peer == peer(1)).unwrap();
    assert_eq!(listed.evidence, shown);
    assert_eq!(library.hosts_to_ask(99).unwrap().iter().filter(|host| host.evidence == shown).count(), 1);
}

#[test]
fn who_has_too_much_to_do_day_after_day_is_counted_until_it_answers() {
    let kit = kit();
    let library = &kit.library;
    let busy = || {
        let due = library.hosts_to_audit(99).unwrap();
        due.into_iter().find(|host| host.peer == peer(1)).unwrap().busy_in_a_row
    };
    for day in 1..=3 {
        look(library, 1, true, HostPresence::Busy, 0);
        look(library, 1, false, HostPresence::Busy, 0);
        library.note_look(NOW_S + day * DAY_S, false).unwrap();
        assert_eq!(u64::from(busy()), day);
    }
    look(library, 1, true, HostPresence::There, 1);
    library.note_look(NOW_S + 4 * DAY_S, false).unwrap();
    assert_eq!(busy(), 0);
}

#[test]
fn copies_that_fail_are_evidence_once() {
    let kit = kit();
    let library = &kit.library;
    look(library, 1, true, HostPresence::There, 100);
    fails(library, 1, 1, Failure::Corrupt);
    fails(library, 1, 1, Failure::Corrupt);
    fails(library, 1, 2, Failure::Missing);
    let shown = evidence(library, 1);
    assert_close(shown.passed, 100.0);
    assert_close(shown.failed, 1.0);
    assert_eq!((shown.corrupt_copies, shown.failed_ago_s), (1, Some(0)));
    assert_close(evidence(library, 2).failed, 1.0);
    assert_eq!((evidence(library, 2).corrupt_copies, evidence(library, 2).failed_ago_s), (0, Some(0)));
    library.note_look(NOW_S + 60, false).unwrap();
    assert_eq!(evidence(library, 1).failed_ago_s, Some(60));
    // What is only heard is none.
    let (segment, host) = (segment(1), peer(3));
    let heard = ShardMark { segment, index: 3, host, shard: None, state: ShardState::Missing };
    library.mark_shards(&[heard], NOW_S).unwrap();
    assert_eq!(evidence(library, 3), HostEvidence::default());
}

/// A look of thousands of leaves, of which a third is gone: the same look must not excuse it.
#[test]
fn a_large_look_does_not_hide_what_failed_in_it() {
    let kit = kit();
    let library = &kit.library;
    fails(library, 1, 1, Failure::Missing);
    look(library, 1, true, HostPresence::There, 10_000);
    assert_close(evidence(library, 1).failed, 1.0);
}

#[test]
fn the_time_since_the_first_proof_is_the_librarys_own() {
    let kit = kit();
    let library = &kit.library;
    look(library, 1, true, HostPresence::There, 5);
    // A clock that jumps by a year is a day at most.
    library.note_look(NOW_S + 365 * DAY_S, false).unwrap();
    look(library, 1, true, HostPresence::There, 5);
    assert_eq!(evidence(library, 1).proven_for_s, DAY_S);
    assert_eq!(library.host_losses().unwrap().watched_s, DAY_S);
}

#[test]
fn hosts_lost_are_counted_by_the_share_of_their_copies_and_once() {
    let kit = kit();
    let library = &kit.library;
    for (number, chunk, name) in [(2, 11, "/b"), (3, 12, "/c")] {
        kit.upload(number, &[chunk]);
        kit.put(name, &[chunk]);
    }
    for day in 1..=4 {
        for number in 0..6 {
            look(library, number, true, HostPresence::There, 1);
        }
        library.note_look(NOW_S + day * DAY_S, false).unwrap();
    }
    assert_eq!(library.host_losses().unwrap().watched_s, 3 * 6 * DAY_S);
    for (number, lost) in [(1, 1.0 / 3.0), (2, 2.0 / 3.0), (3, 1.0)] {
        fails(library, number, 1, Failure::Missing);
        assert_close(library.host_losses().unwrap().hosts_lost, lost);
    }
}

/// A host that holds nothing is not looked at: that time says nothing of how long it would have kept something.
#[test]
fn time_in_which_a_host_held_nothing_is_no_time_under_watch() {
    let kit = kit();
    let library = &kit.library;
    look(library, 1, true, HostPresence::There, 5);
    kit.pass_days(NOW_S, 100);
    look(library, 1, true, HostPresence::There, 5);
    assert_eq!(library.host_losses().unwrap().watched_s, 7 * DAY_S);
}
