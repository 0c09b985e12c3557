//! What audits find: copies that fail for good, questions that stay open, and the clock that ends them.

use layr_library::{
    AskedShard, AuditMark, AuditOutcome, FailedCopy, Failure, HostLook, HostPresence, Library, ShardMark,
    ShardRecord, ShardState,
};

use crate::kit::{DAY_S, Kit, NOW_S, peer, segment, shard, stay_awake};

const HOUR_S: u64 = 3600;
/// The daily look at a host that answers.
const SAMPLE: HostLook = HostLook { is_sample: true, presence: HostPresence::There, proven_leaves: 20 };

fn kit() -> Kit {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/a", &[10]);
    kit.library.note_look(NOW_S, false).unwrap();
    kit
}

fn mark(index: u8, outcome: AuditOutcome) -> AuditMark {
    AuditMark { segment: segment(1), index, host: peer(u64::from(index)), shard: None, outcome }
}

fn audit(library: &Library, index: u8, outcome: AuditOutcome) -> Vec<FailedCopy> {
    library.note_audit(&[mark(index, outcome)], NOW_S).unwrap().failed
}

fn record(library: &Library, index: u8) -> ShardRecord {
    library.own_segment(&segment(1)).unwrap().unwrap().shards[usize::from(index)]
}

fn alive(library: &Library) -> u32 {
    library.resolve("/a").unwrap().health.unwrap().alive
}

#[test]
fn a_copy_that_failed_never_counts_again_until_another_takes_its_place() {
    let kit = kit();
    let library = &kit.library;
    let whole = alive(library);
    let failed = audit(library, 2, AuditOutcome::Failed(Failure::Missing));
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].index, failed[0].host, failed[0].failure), (2, peer(2), Failure::Missing));
    assert_eq!(alive(library), whole - 1);
    // Whatever its host says later: a proof, a whole read, another failure.
    assert!(audit(library, 2, AuditOutcome::ReadWhole).is_empty());
    let healthy =
        ShardMark { segment: segment(1), index: 2, host: peer(2), shard: None, state: ShardState::Healthy };
    assert_eq!(library.mark_shards(&[healthy], NOW_S).unwrap(), 0);
    assert!(audit(library, 2, AuditOutcome::Failed(Failure::Corrupt)).is_empty());
    assert_eq!(record(library, 2).failed, Some(Failure::Missing));
    assert_eq!(alive(library), whole - 1);
    // Another host has it: the old copy is garbage.
    library.shards_stored(&segment(1), &[shard(1, 2, 77)]).unwrap();
    assert_eq!((record(library, 2).failed, record(library, 2).host), (None, peer(77)));
    assert_eq!(alive(library), whole);
    assert!(library.garbage_due(9).unwrap().iter().any(|item| item.host == peer(2)));
}

#[test]
fn proofs_of_what_is_healthy_are_no_change_of_the_library() {
    let kit = kit();
    let library = &kit.library;
    let before = library.changes();
    audit(library, 1, AuditOutcome::ReadWhole);
    library.note_host_look(&peer(1), &SAMPLE).unwrap();
    library.note_look(NOW_S + 60, false).unwrap();
    assert_eq!(library.changes(), before, "nothing to copy, to count or to show");
    assert_eq!(library.held_by(&peer(1)).unwrap()[0].proven_ago_s, Some(60));
    audit(library, 1, AuditOutcome::Open { leaf: 0 });
    assert!(library.changes() > before);
}

/// A link from somebody else may bear our segment's id, hosts and indexes, and name other shards.
#[test]
fn what_is_said_of_another_shard_says_nothing_of_ours() {
    let kit = kit();
    let bytes = kit.library.held_by(&peer(1)).unwrap()[0].shard_bytes;
    let ours = crate::kit::root(1, 1);
    // Of the same shard with another size an honest host proves what is wrong for that size.
    for (root, shard_bytes, fails) in
        [(crate::kit::root(9, 1), bytes, 0), (ours, bytes / 2, 0), (ours, bytes * 2, 0), (ours, bytes, 1)]
    {
        let outcome = AuditOutcome::Failed(Failure::Corrupt);
        let shard = Some(AskedShard { root, shard_bytes });
        let mark = AuditMark { shard, ..mark(1, outcome) };
        assert_eq!(kit.library.note_audit(&[mark], NOW_S).unwrap().failed.len(), fails);
    }
}

#[test]
fn asking_again_and_again_is_one_attempt_and_a_sleep_is_none() {
    let kit = kit();
    let library = &kit.library;
    for _ in 0..9 {
        audit(library, 0, AuditOutcome::Open { leaf: 1 });
    }
    stay_awake(library, NOW_S, NOW_S + 20 * HOUR_S);
    for _ in 0..9 {
        audit(library, 0, AuditOutcome::Open { leaf: 1 });
    }
    stay_awake(library, NOW_S + 20 * HOUR_S, NOW_S + 40 * HOUR_S);
    assert!(library.write_off().unwrap().is_empty(), "nobody asked since");
    assert!(library.held_by(&peer(0)).unwrap()[0].is_due);
}

/// A laptop that is awake for a minute every six hours: its host may have been there all the time in between.
#[test]
fn time_in_which_nobody_was_awake_to_ask_does_not_count() {
    let kit = kit();
    let library = &kit.library;
    let mut wakes = 0;
    audit(library, 0, AuditOutcome::Open { leaf: 1 });
    while library.write_off().unwrap().is_empty() {
        wakes += 1;
        assert!(wakes < 200, "a host that is gone is given up at some time");
        // Somebody asks before the first look, too.
        library.tick(NOW_S + wakes * 6 * HOUR_S).unwrap();
        audit(library, 0, AuditOutcome::Open { leaf: 1 });
        library.note_look(NOW_S + wakes * 6 * HOUR_S, false).unwrap();
        audit(library, 0, AuditOutcome::Open { leaf: 1 });
    }
    // Each counts for a quarter of an hour, where the calendar says that a day is over at the fourth. The first attempt after 24 h
    // of them comes at 24 h 15 min.
    assert_eq!(wakes, 97);
}

/// A question that is put after a sleep, before the look that follows, does not seem to be put a day later.
#[test]
fn what_is_asked_right_after_a_sleep_is_asked_before_the_day_is_over() {
    let kit = kit();
    let library = &kit.library;
    let mut before_s = NOW_S;
    for quarters in [0, 1, 5, 21, 69] {
        let now_s = NOW_S + quarters * HOUR_S / 4;
        stay_awake(library, before_s, now_s);
        before_s = now_s;
        if quarters == 69 {
            before_s += 20 * HOUR_S;
            library.tick(before_s).unwrap();
        }
        audit(library, 0, AuditOutcome::Open { leaf: 1 });
    }
    stay_awake(library, before_s, before_s + 10 * HOUR_S);
    assert!(library.write_off().unwrap().is_empty(), "five attempts, and none of them after the day");
}

/// Who is back by the end of the grace is asked before anything ends.
#[test]
fn nothing_is_written_off_that_nobody_asked_about_after_its_grace() {
    let kit = kit();
    let library = &kit.library;
    let mut before_s = NOW_S;
    for quarters in [0, 1, 5, 21, 69] {
        let now_s = NOW_S + quarters * HOUR_S / 4;
        stay_awake(library, before_s, now_s);
        audit(library, 0, AuditOutcome::Open { leaf: 1 });
        before_s = now_s;
    }
    stay_awake(library, before_s, NOW_S + 30 * HOUR_S);
    assert!(library.write_off().unwrap().is_empty(), "five attempts, and none of them after the day");
    audit(library, 0, AuditOutcome::Open { leaf: 1 });
    assert_eq!(library.write_off().unwrap().len(), 1);
}

/// Copies that failed are to be sent again, and do not make an upload safe.
#[test]
fn a_copy_that_failed_is_not_stored() {
    let kit = Kit::new();
    let (library, plan) = (&kit.library, crate::kit::plan(2, &[20]));
    library.plan_segment(&plan).unwrap();
    library.shards_stored(&plan.id, &[shard(2, 0, 0), shard(2, 1, 1)]).unwrap();
    let outcome = AuditOutcome::Failed(Failure::Corrupt);
    let failed = AuditMark { segment: plan.id, index: 1, host: peer(1), shard: None, outcome };
    library.note_audit(&[failed], NOW_S).unwrap();
    assert_eq!(library.unfinished_segment(&plan.id).unwrap().unwrap().stored, [shard(2, 0, 0)]);
    library.segment_safe(&plan.id).unwrap_err();
    library.shards_stored(&plan.id, &[shard(2, 1, 5)]).unwrap();
    library.segment_safe(&plan.id).unwrap();
}

#[test]
fn hearsay_ends_nothing() {
    let kit = kit();
    for state in [ShardState::Missing, ShardState::Corrupt, ShardState::Unreachable] {
        let heard = ShardMark { segment: segment(1), index: 1, host: peer(1), shard: None, state };
        kit.library.mark_shards(&[heard], NOW_S).unwrap();
        assert_eq!((record(&kit.library, 1).state, record(&kit.library, 1).failed), (state, None));
        let due = kit.library.held_by(&peer(1)).unwrap();
        assert!(due[0].is_due, "it is asked about at once");
        audit(&kit.library, 1, AuditOutcome::ReadWhole);
        assert_eq!(record(&kit.library, 1).state, ShardState::Healthy);
    }
}

#[test]
fn the_first_open_question_stays_until_it_is_answered() {
    let kit = kit();
    let library = &kit.library;
    audit(library, 3, AuditOutcome::Open { leaf: 7 });
    audit(library, 3, AuditOutcome::Open { leaf: 9 });
    let open = record(library, 3);
    assert_eq!((open.state, open.open_leaf), (ShardState::Unreachable, Some(7)));
    audit(library, 3, AuditOutcome::Proven { leaf: 7 });
    assert_eq!((record(library, 3).state, record(library, 3).open_leaf), (ShardState::Healthy, None));
    assert!(library.write_off().unwrap().is_empty());
}

/// Two audits at once know nothing of each other's questions.
#[test]
fn an_answer_to_another_leaf_leaves_a_question_open() {
    let kit = kit();
    let library = &kit.library;
    audit(library, 3, AuditOutcome::Open { leaf: 7 });
    library.note_look(NOW_S + 60, false).unwrap();
    audit(library, 3, AuditOutcome::Proven { leaf: 9 });
    assert_eq!((record(library, 3).state, record(library, 3).open_leaf), (ShardState::Unreachable, Some(7)));
    assert_eq!(library.held_by(&peer(3)).unwrap()[0].proven_ago_s, Some(0), "a leaf was proven all the same");
    audit(library, 3, AuditOutcome::ReadWhole);
    assert_eq!((record(library, 3).state, record(library, 3).open_leaf), (ShardState::Healthy, None));
}

/// Lets an hour pass at a time; asks when the question is due, and gets no answer. Returns after how many hours it ended.
fn asked_in_vain(kit: &Kit, from_s: u64, hours: u64, in_doubt: impl Fn(u64) -> bool) -> Option<u64> {
    audit(&kit.library, 0, AuditOutcome::Open { leaf: 1 });
    for hour in 1..=hours {
        for quarter in 1..=4 {
            kit.library
                .note_look(from_s + (hour - 1) * HOUR_S + quarter * HOUR_S / 4, in_doubt(hour))
                .unwrap();
        }
        if kit.library.held_by(&peer(0)).unwrap()[0].is_due {
            audit(&kit.library, 0, AuditOutcome::Open { leaf: 2 });
        }
        if !in_doubt(hour) && !kit.library.write_off().unwrap().is_empty() {
            return Some(hour);
        }
    }
    None
}

#[test]
fn what_stays_open_for_a_day_is_written_off() {
    let kit = kit();
    let ended = asked_in_vain(&kit, NOW_S, 100, |_| false).unwrap();
    assert!((24..=30).contains(&ended), "after {ended} h");
    assert_eq!(record(&kit.library, 0).failed, Some(Failure::WrittenOff));
    assert!(kit.library.held_by(&peer(0)).unwrap().is_empty(), "nobody asks about it any more");
}

#[test]
fn the_time_in_which_our_network_is_in_doubt_does_not_count() {
    let kit = kit();
    let ended = asked_in_vain(&kit, NOW_S, 300, |hour| (5..105).contains(&hour)).unwrap();
    assert!((124..=131).contains(&ended), "after {ended} h");
}

#[test]
fn a_clock_that_jumps_ends_nothing_without_five_attempts() {
    let kit = kit();
    audit(&kit.library, 0, AuditOutcome::Open { leaf: 1 });
    for jump in 1..50 {
        kit.library.note_look(NOW_S + jump * 365 * DAY_S, false).unwrap();
        kit.library.note_look(NOW_S, false).unwrap();
        assert!(kit.library.write_off().unwrap().is_empty());
    }
    assert_eq!(alive(&kit.library), 5, "of six");
}

#[test]
fn a_restart_neither_forgets_nor_hurries() {
    let kit = kit();
    audit(&kit.library, 0, AuditOutcome::Open { leaf: 5 });
    let Kit { dir, library } = kit;
    drop(library);
    let file = dir.path().join(Library::FILE_NAME);
    let library = Library::open(&file, crate::kit::OWNER, crate::kit::entropy(), NOW_S + 60).unwrap();
    assert_eq!(record(&library, 0).open_leaf, Some(5));
    assert!(!library.held_by(&peer(0)).unwrap()[0].is_due, "its wait goes on");
}

#[test]
fn a_host_is_due_once_a_day_and_when_a_question_is() {
    let kit = kit();
    let library = &kit.library;
    let due = library.hosts_to_audit(1000).unwrap();
    assert!(!due.is_empty() && due.iter().all(|host| host.is_sample_due));
    for host in &due {
        library.note_host_look(&host.peer, &SAMPLE).unwrap();
    }
    assert!(library.hosts_to_audit(1000).unwrap().is_empty());
    audit(library, 4, AuditOutcome::Open { leaf: 0 });
    assert!(library.hosts_to_audit(1000).unwrap().is_empty(), "the first wait is a quarter of an hour");
    library.note_look(NOW_S + 900, false).unwrap();
    let due = library.hosts_to_audit(1000).unwrap();
    assert_eq!((due.len(), due[0].peer, due[0].is_sample_due), (1, peer(4), false));
    library.note_look(NOW_S + 2 * DAY_S, false).unwrap();
    assert_eq!(library.hosts_to_audit(1000).unwrap()[0].peer, peer(4), "open questions first");
    assert!(library.hosts_to_audit(1000).unwrap().len() > 1);
    // A host of which everything failed is left alone.
    audit(library, 4, AuditOutcome::Failed(Failure::Corrupt));
    assert!(library.hosts_to_audit(1000).unwrap().iter().all(|host| host.peer != peer(4)));
}
