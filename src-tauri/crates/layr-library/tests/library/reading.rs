//! Which copies are read whole, and when.

use std::collections::BTreeSet;

use layr_library::{AuditMark, AuditOutcome, CopyToRead, Library};

use crate::kit::{DAY_S, Kit, NOW_S, OWNER, entropy, peer, segment, stay_awake};

fn kit() -> Kit {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/a", &[10]);
    kit.library.note_look(NOW_S, false).unwrap();
    kit
}

fn due(library: &Library) -> Option<CopyToRead> {
    library.copy_to_read(library.held_bytes().unwrap().bytes, &BTreeSet::new()).unwrap()
}

fn note(library: &Library, index: u8, outcome: AuditOutcome, now_s: u64) {
    let host = peer(u64::from(index));
    library
        .note_audit(&[AuditMark { segment: segment(1), index, host, shard: None, outcome }], now_s)
        .unwrap();
}

/// Reads what is due, as the node does; returns the indexes.
fn read(library: &Library, now_s: u64) -> Vec<u8> {
    let mut indexes = Vec::new();
    while let Some(copy) = due(library) {
        note(library, copy.index, AuditOutcome::ReadWhole, now_s);
        library.note_reading(copy.shard_bytes, library.held_bytes().unwrap().bytes).unwrap();
        indexes.push(copy.index);
    }
    indexes
}

/// Six copies are read in sixty days: one in ten. A leaf of one says nothing of the rest of it.
#[test]
fn copies_have_their_turns_evenly_also_across_restarts() {
    let Kit { dir, library } = kit();
    assert!(due(&library).is_none(), "what was just stored was just sent");
    let held = library.held_bytes().unwrap();
    assert_eq!((held.hosts, held.shards, held.bytes % 6), (6, 6, 0));
    let mut turns = Vec::new();
    let file = dir.path().join(Library::FILE_NAME);
    let mut library = Some(library);
    for turn in 0..2 {
        let ten_days_s = 10 * DAY_S;
        let (from_s, until_s) = (NOW_S + turn * ten_days_s, NOW_S + (turn + 1) * ten_days_s);
        let open = library.take().unwrap_or_else(|| Library::open(&file, OWNER, entropy(), from_s).unwrap());
        stay_awake(&open, from_s, until_s - 60);
        note(&open, u8::try_from(turn).unwrap(), AuditOutcome::Proven { leaf: 0 }, until_s - 60);
        assert!(read(&open, until_s - 60).is_empty(), "not before its time");
        stay_awake(&open, until_s - 60, until_s);
        turns.extend(read(&open, until_s));
    }
    assert!(turns.len() == 2 && turns[0] != turns[1], "{turns:?}");
}

#[test]
fn the_longest_unread_comes_first_and_what_is_not_there_is_passed_over() {
    let kit = kit();
    let library = &kit.library;
    stay_awake(library, NOW_S, NOW_S + 10 * DAY_S);
    note(library, 0, AuditOutcome::ReadWhole, NOW_S + 10 * DAY_S);
    let first = due(library).unwrap();
    assert_ne!(first.index, 0, "a person had it read just now");
    let resting = BTreeSet::from([first.host]);
    let held = library.held_bytes().unwrap().bytes;
    let second = library.copy_to_read(held, &resting).unwrap().unwrap();
    assert!(second.index != first.index && second.index != 0);
    for index in 1..6 {
        note(library, index, AuditOutcome::Open { leaf: 0 }, NOW_S + 10 * DAY_S);
    }
    let held = library.held_bytes().unwrap();
    assert_eq!(held.shards, 1);
    assert_eq!(library.copy_to_read(held.bytes * 6, &BTreeSet::new()).unwrap().unwrap().index, 0);
}

#[test]
fn a_sleep_of_weeks_is_not_caught_up_with() {
    let kit = kit();
    for weeks in 1..20 {
        kit.library.note_look(NOW_S + weeks * 7 * DAY_S, false).unwrap();
    }
    assert!(due(&kit.library).is_none());
}
