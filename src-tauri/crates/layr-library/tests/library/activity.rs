//! What happened stays until it is resolved, and the list stays bounded.

use layr_library::{
    ActivityLevel, ActivityRow, KEPT_ACTIVITY, Library, MAX_ACTIVITY_BYTES, MAX_NEEDED_ACTIVITY, NewActivity,
    NewTransfer, StoreError, TransferEnd, TransferKind, TransferRow, TransferState,
};

use crate::kit::{Kit, NOW_S, OWNER, copy_of, entropy};

fn entry(level: ActivityLevel, kind: &str, subject: &str) -> NewActivity {
    NewActivity {
        level,
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        title: format!("{kind} {subject}"),
        text: "What happened.".to_owned(),
        opens: Some("/transfers".to_owned()),
    }
}

fn upload() -> NewTransfer {
    NewTransfer { kind: TransferKind::Upload, name: "docs".to_owned(), request: vec![1] }
}

fn note(library: &Library, level: ActivityLevel, kind: &str, subject: &str, at: u64) -> u64 {
    library.note_activity(&entry(level, kind, subject), NOW_S + at).unwrap()
}

fn open(library: &Library) -> Vec<ActivityRow> {
    library.activity().unwrap().into_iter().filter(|row| row.resolved_unix_s.is_none()).collect()
}

#[test]
fn an_open_problem_is_one_entry_that_counts_up_until_it_is_resolved() {
    let kit = Kit::new();
    let first = note(&kit.library, ActivityLevel::Warning, "disk", "", 0);
    let worse = NewActivity { text: "Worse.".to_owned(), ..entry(ActivityLevel::Action, "disk", "") };
    assert_eq!(kit.library.note_activity(&worse, NOW_S + 5).unwrap(), first);
    assert_ne!(note(&kit.library, ActivityLevel::Warning, "disk", "other", 6), first);
    let row = kit.library.activity().unwrap().into_iter().find(|row| row.id == first).unwrap();
    assert_eq!((row.id, row.times, row.noted_unix_s), (first, 2, NOW_S + 5));
    assert_eq!(row.entry, worse);
    assert!(kit.library.resolve_activity_of("disk", "", NOW_S + 7).unwrap());
    assert!(!kit.library.resolve_activity_of("disk", "", NOW_S + 8).unwrap());
    let again = note(&kit.library, ActivityLevel::Warning, "disk", "", 9);
    assert!(again > first, "a resolved problem that comes back is a new entry");
    let resolved: Vec<_> = kit.library.activity().unwrap().iter().map(|row| row.resolved_unix_s).collect();
    assert_eq!(resolved, [None, None, Some(NOW_S + 7)], "newest first");
}

#[test]
fn information_waits_for_nobody_and_clearing_takes_only_what_is_resolved() {
    let kit = Kit::new();
    note(&kit.library, ActivityLevel::Info, "done", "1", 0);
    let open_one = note(&kit.library, ActivityLevel::Action, "failed", "2", 1);
    let closed = note(&kit.library, ActivityLevel::Warning, "skipped", "3", 2);
    assert!(kit.library.resolve_activity(closed, NOW_S + 3).unwrap());
    assert!(kit.library.resolve_activity(closed, NOW_S + 9).unwrap(), "resolving twice is fine");
    assert!(!kit.library.resolve_activity(99, NOW_S).unwrap());
    assert!(!kit.library.resolve_activity(u64::MAX, NOW_S).unwrap());
    let dir = tempfile::tempdir().unwrap();
    let library = Library::open(&copy_of(&kit.file(), dir.path()), OWNER, entropy(), NOW_S).unwrap();
    assert_eq!(library.activity().unwrap().len(), 3, "after a crash");
    library.clear_activity().unwrap();
    assert_eq!(library.activity().unwrap().iter().map(|row| row.id).collect::<Vec<_>>(), [open_one]);
    assert!(note(&library, ActivityLevel::Info, "done", "4", 4) > closed, "a number was used again");
}

#[test]
fn a_flood_of_news_does_not_push_out_what_the_person_is_needed_for() {
    let kit = Kit::new();
    let needed = note(&kit.library, ActivityLevel::Action, "failed", "1", 0);
    let warning = note(&kit.library, ActivityLevel::Warning, "skipped", "1", 0);
    for number in 0..=KEPT_ACTIVITY as u64 {
        note(&kit.library, ActivityLevel::Info, "done", &number.to_string(), number);
    }
    let kept = kit.library.activity().unwrap();
    assert_eq!(kept.len(), KEPT_ACTIVITY + 1);
    assert_eq!(open(&kit.library).iter().map(|row| row.id).collect::<Vec<_>>(), [warning, needed]);
    assert!(!kept.iter().any(|row| row.entry.subject == "0"), "the oldest news went");
}

#[test]
fn even_what_the_person_is_needed_for_is_bounded() {
    let kit = Kit::new();
    for number in 0..=MAX_NEEDED_ACTIVITY as u64 {
        note(&kit.library, ActivityLevel::Action, "failed", &number.to_string(), number);
    }
    let open = open(&kit.library);
    assert_eq!(open.len(), MAX_NEEDED_ACTIVITY);
    assert_eq!(open.last().unwrap().entry.subject, "1");
}

#[test]
fn a_text_has_a_bound() {
    let kit = Kit::new();
    let long =
        NewActivity { text: "x".repeat(MAX_ACTIVITY_BYTES + 1), ..entry(ActivityLevel::Info, "a", "") };
    assert!(matches!(kit.library.note_activity(&long, NOW_S), Err(StoreError::OutOfRange { .. })));
    assert!(kit.library.activity().unwrap().is_empty());
}

#[test]
fn a_transfers_end_and_the_news_of_it_are_one_change() {
    let kit = Kit::new();
    let library = &kit.library;
    let queued = kit.library.add_transfers(&[upload(), upload()], NOW_S).unwrap();
    let fail = |id, news: Vec<NewActivity>| {
        library.end_transfer_telling(id, TransferEnd::Failed, None, None, NOW_S + 1, |row| {
            assert_eq!(
                (row.id, row.state, row.finished_unix_s),
                (id, TransferState::Failed, Some(NOW_S + 1))
            );
            news
        })
    };
    let (failed, paused) = (queued[0], queued[1]);
    let told = entry(ActivityLevel::Action, "failed", "1");
    let long = NewActivity { text: "x".repeat(MAX_ACTIVITY_BYTES + 1), ..told.clone() };
    assert!(fail(failed, vec![told.clone(), long]).is_err());
    assert_eq!(library.transfer_state(failed).unwrap(), Some(TransferState::Waiting), "neither");
    assert!(library.activity().unwrap().is_empty());
    assert_eq!(fail(failed, vec![told.clone()]).unwrap(), Some(TransferState::Failed));
    assert_eq!(open(library).len(), 1);
    // An end that does not count is no news.
    library.pause_transfers(Some(paused)).unwrap();
    assert_eq!(fail(paused, vec![told]).unwrap(), Some(TransferState::Paused));
    assert_eq!(open(library)[0].times, 1);
}

#[test]
fn an_entry_is_settled_by_what_the_queue_says_in_the_same_change() {
    let kit = Kit::new();
    let settled = |is_over: &dyn Fn(&NewActivity, &[TransferRow]) -> bool| {
        kit.library.settle_activity(NOW_S + 5, is_over).unwrap()
    };
    assert!(!settled(&|_, _| panic!("nothing is open")));
    let kept = note(&kit.library, ActivityLevel::Action, "failed", "1", 0);
    let over = note(&kit.library, ActivityLevel::Action, "failed", "2", 1);
    note(&kit.library, ActivityLevel::Info, "done", "3", 2);
    let id = kit.library.add_transfers(&[upload()], NOW_S).unwrap()[0];
    let judged = |entry: &NewActivity, queue: &[TransferRow]| {
        assert_eq!(entry.kind, "failed", "only open entries are judged");
        assert_eq!(queue.iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
        entry.subject == "2"
    };
    assert!(settled(&judged));
    assert_eq!(open(&kit.library).iter().map(|row| row.id).collect::<Vec<_>>(), [kept]);
    assert!(!settled(&judged), "once");
    let row = kit.library.activity().unwrap().into_iter().find(|row| row.id == over).unwrap();
    assert_eq!(row.resolved_unix_s, Some(NOW_S + 5));
}

#[test]
fn a_state_is_one_entry_with_the_newest_words_until_it_ends() {
    let kit = Kit::new();
    let danger =
        |title: &str| NewActivity { title: title.to_owned(), ..entry(ActivityLevel::Action, "danger", "") };
    let tell = |title: &str, at: u64| kit.library.tell_state(&danger(title), NOW_S + at).unwrap();
    assert!(tell("1 file", 0));
    assert!(!tell("1 file", 1), "the same words are no change");
    assert!(tell("2 files", 2));
    // Another subject and another kind are states of their own.
    assert!(kit.library.tell_state(&entry(ActivityLevel::Warning, "danger", "other"), NOW_S + 3).unwrap());
    assert!(kit.library.tell_state(&entry(ActivityLevel::Action, "lost", ""), NOW_S + 3).unwrap());
    let told = open(&kit.library).pop().unwrap();
    assert_eq!((told.entry, told.times, told.noted_unix_s), (danger("2 files"), 1, NOW_S));
    assert!(kit.library.end_state("danger", "", NOW_S + 4).unwrap());
    assert!(!kit.library.end_state("danger", "", NOW_S + 5).unwrap(), "once");
    assert!(!kit.library.end_state("never", "", NOW_S + 5).unwrap());
    let ended = kit.library.activity().unwrap().into_iter().find(|row| row.id == told.id).unwrap();
    assert_eq!(ended.resolved_unix_s, Some(NOW_S + 4));
    assert_eq!(open(&kit.library).len(), 2, "the others last");
    assert!(tell("3 files", 6), "what comes back is told anew");
    let again = open(&kit.library).into_iter().find(|row| row.entry == danger("3 files")).unwrap();
    assert!(again.id > told.id, "{again:?}");
}

#[test]
fn a_state_that_the_person_resolved_is_not_told_again_while_it_lasts() {
    let kit = Kit::new();
    let state =
        |title: &str| NewActivity { title: title.to_owned(), ..entry(ActivityLevel::Action, "danger", "") };
    assert!(kit.library.tell_state(&state("1 file"), NOW_S).unwrap());
    let id = open(&kit.library)[0].id;
    assert!(kit.library.resolve_activity(id, NOW_S + 1).unwrap());
    // Nor after a crash.
    let dir = tempfile::tempdir().unwrap();
    let library = Library::open(&copy_of(&kit.file(), dir.path()), OWNER, entropy(), NOW_S).unwrap();
    assert!(!library.tell_state(&state("2 files"), NOW_S + 2).unwrap());
    assert_eq!(library.activity().unwrap()[0].entry, state("1 file"), "it stays as it was");
    // That it ends is known all the same, and it keeps the time at which it was resolved.
    assert!(library.end_state("danger", "", NOW_S + 3).unwrap());
    assert_eq!(library.activity().unwrap()[0].resolved_unix_s, Some(NOW_S + 1));
    assert!(library.tell_state(&state("1 file"), NOW_S + 4).unwrap());
    assert_eq!(library.activity().unwrap().len(), 2);
    // Of what was cleared nothing is known.
    assert!(library.resolve_activity(open(&library)[0].id, NOW_S + 5).unwrap());
    library.clear_activity().unwrap();
    assert!(library.tell_state(&state("1 file"), NOW_S + 6).unwrap());
    assert_eq!(open(&library).len(), 1);
}

#[test]
fn the_words_of_a_state_have_a_bound() {
    let kit = Kit::new();
    let long =
        NewActivity { text: "x".repeat(MAX_ACTIVITY_BYTES + 1), ..entry(ActivityLevel::Action, "a", "") };
    assert!(matches!(kit.library.tell_state(&long, NOW_S), Err(StoreError::OutOfRange { .. })));
    assert!(kit.library.activity().unwrap().is_empty());
}
