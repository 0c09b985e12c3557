//! What hosts have shown of themselves.

use layr_library::{
    AuditMark, AuditOutcome, Failure, HostEvidence, HostLook, Library, ShardMark, ShardState,
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

fn look(library: &Library, number: u64, is_sample: bool, is_up: bool, proven_leaves: u64) {
    library.note_host_look(&peer(number), &HostLook { is_sample, is_up, proven_leaves }).unwrap();
}

fn fails(library: &Library, index: u8, failure: Failure) {
    let (segment, host) = (segment(1), peer(u64::from(index)));
    let mark = AuditMark { segment, index, host, root: None, outcome: AuditOutcome::Failed(failure) };
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
fn leaves_and_daily_looks_are_counted_and_fade() {
    let kit = kit();
    let library = &kit.library;
    assert_eq!(evidence(library, 1), HostEvidence::default());
    look(library, 1, true, true, 20);
    look(library, 1, true, false, 0);
    // A look at an open question: the leaf counts, and not whether the host was there.
    look(library, 1, false, false, 1);
    let shown = evidence(library, 1);
    assert_close(shown.passed, 20.0 * 0.999 + 1.0);
    assert_close(shown.up, 0.99);
    assert_close(shown.down, 1.0);
    assert_eq!((shown.proven_leaves, shown.corrupt_copies), (21, 0));
    assert_eq!(evidence(library, 2), HostEvidence::default(), "others have nothing to do with it");
    let listed = library.hosts().unwrap().into_iter().find(|host| host.peer == peer(1)).unwrap();
    assert_eq!(listed.evidence, shown);
    assert_eq!(library.hosts_to_ask(99).unwrap().iter().filter(|host| host.evidence == shown).count(), 1);
}

#[test]
fn copies_that_fail_are_evidence_once() {
    let kit = kit();
    let library = &kit.library;
    look(library, 1, true, true, 100);
    fails(library, 1, Failure::Corrupt);
    fails(library, 1, Failure::Corrupt);
    fails(library, 2, Failure::Missing);
    assert_close(evidence(library, 1).passed, 100.0 * 0.999);
    assert_close(evidence(library, 1).failed, 1.0);
    assert_eq!((evidence(library, 1).corrupt_copies, evidence(library, 1).corrupt_ago_s), (1, Some(0)));
    assert_close(evidence(library, 2).failed, 1.0);
    assert_eq!((evidence(library, 2).corrupt_copies, evidence(library, 2).corrupt_ago_s), (0, None));
    library.note_look(NOW_S + 60, false).unwrap();
    assert_eq!(evidence(library, 1).corrupt_ago_s, Some(60));
    // What is only heard is none.
    let (segment, host) = (segment(1), peer(3));
    let heard = ShardMark { segment, index: 3, host, state: ShardState::Missing };
    library.mark_shards(&[heard], NOW_S).unwrap();
    assert_eq!(evidence(library, 3), HostEvidence::default());
}

#[test]
fn the_time_since_the_first_proof_is_the_librarys_own() {
    let kit = kit();
    let library = &kit.library;
    look(library, 1, true, true, 5);
    // A clock that jumps by a year is a day at most.
    library.note_look(NOW_S + 365 * DAY_S, false).unwrap();
    look(library, 1, true, true, 5);
    assert_eq!(evidence(library, 1).proven_for_s, DAY_S);
    assert_eq!(library.host_losses().unwrap().watched_s, DAY_S);
}

#[test]
fn hosts_lost_are_counted_by_the_share_of_their_copies() {
    let kit = kit();
    let library = &kit.library;
    kit.upload(2, &[11]);
    kit.put("/b", &[11]);
    for day in 1..=4 {
        for number in 0..6 {
            look(library, number, true, true, 1);
        }
        library.note_look(NOW_S + day * DAY_S, false).unwrap();
    }
    assert_eq!(library.host_losses().unwrap().watched_s, 3 * 6 * DAY_S);
    assert_close(library.host_losses().unwrap().hosts_lost, 0.0);
    fails(library, 1, Failure::Missing);
    assert_close(library.host_losses().unwrap().hosts_lost, 0.5);
}
