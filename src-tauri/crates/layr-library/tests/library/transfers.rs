//! The queue of transfers: what was asked for is not lost, and what a person decides holds.

use layr_library::{
    KEPT_FINISHED_TRANSFERS, Library, MAX_PAUSE_S, MAX_TRANSFER_REQUEST_BYTES, MAX_UNFINISHED_TRANSFERS,
    NewTransfer, PlacedFile, TimedPause, TransferCounts, TransferEnd, TransferError, TransferKind,
    TransferRow, TransferState,
};

use crate::kit::{Kit, NOW_S, OWNER, copy_of, entropy};

const COUNTS: TransferCounts =
    TransferCounts { done_bytes: 5, total_bytes: 10, done_files: 1, total_files: 2 };

fn add(library: &Library, kind: TransferKind) -> u64 {
    let new = NewTransfer { kind, name: "docs".to_owned(), request: vec![1, 2, 3] };
    library.add_transfers(&[new], NOW_S).unwrap()[0]
}

fn upload(library: &Library) -> u64 {
    add(library, TransferKind::Upload)
}

fn rows(library: &Library) -> Vec<TransferRow> {
    library.transfers().unwrap().0
}

fn states(library: &Library) -> Vec<TransferState> {
    rows(library).iter().map(|row| row.state).collect()
}

fn end(library: &Library, id: u64, end: TransferEnd) -> Option<TransferState> {
    library.end_transfer(id, end, Some(COUNTS), Some(b"why"), NOW_S + 7).unwrap()
}

#[test]
fn what_was_queued_is_there_after_a_crash_and_numbers_are_never_used_again() {
    let kit = Kit::new();
    let first = upload(&kit.library);
    let second = add(&kit.library, TransferKind::Download);
    kit.library.transfer_placed(second, PlacedFile { device: u64::MAX, inode: 7 }).unwrap();
    kit.library.transfer_progress(first, COUNTS).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = copy_of(&kit.file(), elsewhere.path());
    let library = Library::open(&copy, OWNER, entropy(), NOW_S).unwrap();
    let rows = rows(&library);
    assert_eq!(
        rows.iter().map(|row| (row.id, row.kind)).collect::<Vec<_>>(),
        [(first, TransferKind::Upload), (second, TransferKind::Download)]
    );
    assert_eq!((rows[0].counts, rows[0].name.as_str(), rows[0].added_unix_s), (COUNTS, "docs", NOW_S));
    let task = library.transfer_task(second).unwrap().unwrap();
    assert_eq!(task.request, [1, 2, 3]);
    assert_eq!(task.placed, Some(PlacedFile { device: u64::MAX, inode: 7 }));
    assert_eq!(library.waiting_transfers(TransferKind::Upload).unwrap(), [first]);
    assert_eq!(end(&library, second, TransferEnd::Done), Some(TransferState::Done));
    library.clear_transfers().unwrap();
    assert!(upload(&library) > second, "a number was used again");
}

#[test]
fn what_a_failed_run_was_about_to_place_is_no_mark_for_the_next() {
    let kit = Kit::new();
    let library = &kit.library;
    let placed = PlacedFile { device: 1, inode: 7 };
    let of = |id: u64| library.transfer_task(id).unwrap().unwrap().placed;
    let [failed, marked, other, paused] = [(); 4].map(|()| add(library, TransferKind::Download));
    for id in [failed, marked, other, paused] {
        library.transfer_placed(id, placed).unwrap();
    }
    library.pause_transfers(Some(paused)).unwrap();
    end(library, failed, TransferEnd::Failed);
    end(library, paused, TransferEnd::Failed);
    assert_eq!(of(paused), None);
    assert_eq!((of(failed), of(other)), (None, Some(placed)));
    // Also one that an earlier release left.
    end(library, marked, TransferEnd::Failed);
    library.transfer_placed(marked, placed).unwrap();
    library.retry_transfers(Some(marked)).unwrap();
    assert_eq!((of(marked), of(other)), (None, Some(placed)));
    library.transfer_placed(failed, placed).unwrap();
    library.retry_transfers(None).unwrap();
    assert_eq!((of(failed), of(other)), (None, Some(placed)));
}

#[test]
fn a_decision_of_the_person_is_stronger_than_a_failure_and_weaker_than_success() {
    let kit = Kit::new();
    let library = &kit.library;
    let (paused, cancelled, through) = (upload(library), upload(library), upload(library));
    assert_eq!(library.pause_transfers(Some(paused)).unwrap(), Some(TransferState::Paused));
    assert_eq!(library.cancel_transfers(Some(cancelled)).unwrap(), Some(TransferState::Cancelled));
    library.pause_transfers(Some(through)).unwrap();
    assert_eq!(end(library, paused, TransferEnd::Failed), Some(TransferState::Paused));
    assert_eq!(end(library, cancelled, TransferEnd::Failed), Some(TransferState::Cancelled));
    assert_eq!(end(library, through, TransferEnd::Done), Some(TransferState::Done));
    // What is done stays done.
    library.cancel_transfers(Some(through)).unwrap();
    library.pause_transfers(None).unwrap();
    library.retry_transfers(None).unwrap();
    assert_eq!(states(library), [TransferState::Paused, TransferState::Cancelled, TransferState::Done]);
    for verb in [Library::pause_transfers, Library::resume_transfers, Library::retry_transfers] {
        assert_eq!(verb(library, Some(99)).unwrap(), None);
        assert_eq!(verb(library, Some(u64::MAX)).unwrap(), None);
    }
}

#[test]
fn pausing_everything_holds_for_what_is_asked_later() {
    let kit = Kit::new();
    let library = &kit.library;
    let failed = upload(library);
    end(library, failed, TransferEnd::Failed);
    upload(library);
    library.pause_transfers(None).unwrap();
    upload(library);
    assert!(library.transfers().unwrap().1);
    library.retry_transfers(None).unwrap();
    assert_eq!(states(library), [TransferState::Paused; 3]);
    assert!(library.waiting_transfers(TransferKind::Upload).unwrap().is_empty());
    library.resume_transfers(None).unwrap();
    assert_eq!(states(library), [TransferState::Waiting; 3]);
    assert!(!library.transfers().unwrap().1);
}

#[test]
fn a_failure_keeps_its_reason_until_it_is_tried_again() {
    let kit = Kit::new();
    let id = upload(&kit.library);
    assert_eq!(end(&kit.library, id, TransferEnd::Failed), Some(TransferState::Failed));
    let row = rows(&kit.library).remove(0);
    assert_eq!(
        (row.outcome.as_deref(), row.finished_unix_s, row.counts),
        (Some(&b"why"[..]), Some(NOW_S + 7), COUNTS)
    );
    assert_eq!(kit.library.retry_transfers(Some(id)).unwrap(), Some(TransferState::Waiting));
    let row = rows(&kit.library).remove(0);
    assert_eq!((row.outcome, row.finished_unix_s), (None, None));
}

#[test]
fn clearing_keeps_what_is_not_finished_or_not_tidied() {
    let kit = Kit::new();
    let library = &kit.library;
    let ids: Vec<u64> = (0..6).map(|_| upload(library)).collect();
    end(library, ids[0], TransferEnd::Done);
    end(library, ids[1], TransferEnd::Failed);
    library.pause_transfers(Some(ids[2])).unwrap();
    library.cancel_transfers(Some(ids[3])).unwrap();
    library.cancel_transfers(Some(ids[4])).unwrap();
    library.transfer_tidied(ids[4], NOW_S).unwrap();
    assert_eq!(library.untidy_transfers(TransferKind::Upload).unwrap(), [ids[3]]);
    library.clear_transfers().unwrap();
    let left: Vec<u64> = rows(library).iter().map(|row| row.id).collect();
    assert_eq!(left, [ids[1], ids[2], ids[3], ids[5]]);
}

#[test]
fn the_queue_is_bounded() {
    let kit = Kit::new();
    let library = &kit.library;
    let ids: Vec<u64> = (0..MAX_UNFINISHED_TRANSFERS).map(|_| upload(library)).collect();
    let new = [NewTransfer { kind: TransferKind::Upload, name: String::new(), request: Vec::new() }];
    assert!(matches!(library.add_transfers(&new, NOW_S), Err(TransferError::Full { .. })));
    let long = [NewTransfer { request: vec![0; MAX_TRANSFER_REQUEST_BYTES + 1], ..new[0].clone() }];
    assert!(matches!(library.add_transfers(&long, NOW_S), Err(TransferError::TooLong { .. })));
    for id in ids.iter().take(KEPT_FINISHED_TRANSFERS + 3) {
        end(library, *id, TransferEnd::Done);
    }
    let done = rows(library).into_iter().filter(|row| row.state == TransferState::Done);
    let done: Vec<u64> = done.map(|row| row.id).collect();
    assert_eq!(done, ids[3..KEPT_FINISHED_TRANSFERS + 3], "the oldest go first");
    // All of them or none.
    let more = vec![new[0].clone(); KEPT_FINISHED_TRANSFERS + 4];
    let before = rows(library);
    assert!(matches!(library.add_transfers(&more, NOW_S), Err(TransferError::Full { .. })));
    assert_eq!(rows(library), before);
    assert_eq!(library.add_transfers(&more[1..], NOW_S).unwrap().len(), KEPT_FINISHED_TRANSFERS + 3);
}

const PAUSE_S: u64 = 30 * 60;
const YEAR_S: u64 = 365 * MAX_PAUSE_S;

/// Seconds left of the pause, and its end.
fn left(library: &Library, now_unix_s: u64) -> (u64, u64) {
    match library.look_at_pause(now_unix_s).unwrap() {
        TimedPause::Left { left_s, until_s } => (left_s, until_s),
        found => panic!("{found:?}"),
    }
}

#[test]
fn a_pause_for_a_while_ends_by_itself_and_lets_go_on_what_it_had_paused() {
    let kit = Kit::new();
    let library = &kit.library;
    let (alone, with_all, meanwhile) = (upload(library), upload(library), upload(library));
    library.pause_transfers(Some(alone)).unwrap();
    library.pause_transfers_for(PAUSE_S, NOW_S).unwrap();
    let later = upload(library);
    library.pause_transfers(Some(meanwhile)).unwrap();
    assert!(library.transfers().unwrap().1);
    assert_eq!(states(library), [TransferState::Paused; 4]);
    assert_eq!(library.pause_left_s(NOW_S + 60).unwrap(), Some(PAUSE_S - 60));
    assert_eq!(left(library, NOW_S + PAUSE_S - 1).0, 1);
    // It is as durable as the transfers.
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = copy_of(&kit.file(), elsewhere.path());
    let library = Library::open(&copy, OWNER, entropy(), NOW_S + PAUSE_S).unwrap();
    assert_eq!(library.look_at_pause(NOW_S + PAUSE_S).unwrap(), TimedPause::Ended);
    assert_eq!(library.look_at_pause(NOW_S + PAUSE_S).unwrap(), TimedPause::None);
    assert!(!library.transfers().unwrap().1);
    assert_eq!(library.waiting_transfers(TransferKind::Upload).unwrap(), [with_all, later]);
}

#[test]
fn the_person_ends_and_replaces_a_pause_for_a_while() {
    let kit = Kit::new();
    let library = &kit.library;
    let id = upload(library);
    library.pause_transfers_for(PAUSE_S, NOW_S).unwrap();
    library.resume_transfers(None).unwrap();
    assert_eq!(
        (states(library).remove(0), library.pause_left_s(NOW_S).unwrap()),
        (TransferState::Waiting, None)
    );
    library.pause_transfers_for(PAUSE_S, NOW_S).unwrap();
    library.pause_transfers_for(2 * PAUSE_S, NOW_S).unwrap();
    assert_eq!(library.pause_left_s(NOW_S).unwrap(), Some(2 * PAUSE_S));
    // From now on until the person resumes.
    library.pause_transfers(None).unwrap();
    assert_eq!(library.look_at_pause(NOW_S + YEAR_S).unwrap(), TimedPause::None);
    assert_eq!(library.transfer_state(id).unwrap(), Some(TransferState::Paused));
}

#[test]
fn the_end_of_a_pause_ends_no_other() {
    let kit = Kit::new();
    let library = &kit.library;
    let id = upload(library);
    let is_paused = || library.transfer_state(id).unwrap() == Some(TransferState::Paused);
    library.pause_transfers_for(PAUSE_S, NOW_S).unwrap();
    let (_, first) = left(library, NOW_S);
    library.pause_transfers_for(2 * PAUSE_S, NOW_S).unwrap();
    let (_, second) = left(library, NOW_S);
    assert!(!library.end_timed_pause(first).unwrap());
    assert!(is_paused() && library.pause_left_s(NOW_S).unwrap() == Some(2 * PAUSE_S));
    // Nor one that only the person ends, nor none.
    library.pause_transfers(None).unwrap();
    assert!(!library.end_timed_pause(second).unwrap());
    assert!(is_paused());
    library.resume_transfers(None).unwrap();
    assert!(!library.end_timed_pause(second).unwrap());
    library.pause_transfers_for(PAUSE_S, NOW_S).unwrap();
    assert!(library.end_timed_pause(left(library, NOW_S).1).unwrap());
    assert!(!is_paused() && !library.transfers().unwrap().1);
}

#[test]
fn no_calendar_makes_a_pause_endless() {
    let kit = Kit::new();
    let library = &kit.library;
    library.pause_transfers_for(u64::MAX, NOW_S).unwrap();
    assert_eq!(library.pause_left_s(NOW_S).unwrap(), Some(MAX_PAUSE_S));
    // Set back by a year, the library's clock stands still for a day, and then goes on.
    let back = NOW_S - YEAR_S;
    assert_eq!(left(library, back).0, MAX_PAUSE_S);
    assert_eq!(left(library, back + MAX_PAUSE_S).0, MAX_PAUSE_S);
    assert_eq!(library.look_at_pause(back + 2 * MAX_PAUSE_S).unwrap(), TimedPause::Ended);
}
