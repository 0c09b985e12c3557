//! Letting go: after 30 days a version, after two more weeks its segments, never while anything needs them.

use layr_library::{JournalError, Maintenance};

use crate::kit::{DAY_S, Kit, NOW_S, assert_consistent, chunk, path, plan, segment, shards};

/// Runs a machine day by day with maintenance and adds up what it did.
fn run(kit: &Kit, from_s: u64, days: u64) -> Maintenance {
    let mut sum = Maintenance::default();
    for day in 1..=days {
        let done = kit.library.maintain(from_s + day * DAY_S).unwrap();
        sum.versions_purged += done.versions_purged;
        sum.trash_purged += done.trash_purged;
        sum.segments_marked += done.segments_marked;
        sum.segments_swept += done.segments_swept;
        sum.uploads_abandoned += done.uploads_abandoned;
        sum.shards_queued += done.shards_queued;
        sum.garbage_given_up += done.garbage_given_up;
        sum.hosts_forgotten += done.hosts_forgotten;
    }
    assert_consistent(&kit.file());
    sum
}

#[test]
fn a_deleted_file_is_kept_thirty_days_and_its_segment_one_more_week() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/a", &[10]);
    run(&kit, NOW_S, 10);
    kit.library.remove(&path("/a"), NOW_S).unwrap();
    let start = NOW_S + 10 * DAY_S;
    assert_eq!(run(&kit, start, 29), Maintenance::default());
    assert_eq!(kit.library.trash(None, 1).unwrap()[0].kept_for_s, DAY_S);
    let done = run(&kit, start + 29 * DAY_S, 1);
    assert_eq!((done.trash_purged, done.segments_marked, done.segments_swept), (1, 1, 0));
    let done = run(&kit, start + 30 * DAY_S, 6);
    assert_eq!(done, Maintenance::default());
    let done = run(&kit, start + 36 * DAY_S, 1);
    assert_eq!((done.segments_swept, done.shards_queued), (1, 6));
    assert_eq!(kit.library.known_chunks(&[chunk(10)]).unwrap(), [None]);
    assert_eq!(kit.library.garbage_due(100).unwrap().len(), 6);
    // Hosts that never answer are not asked for ever, and then forgotten.
    let done = run(&kit, start + 37 * DAY_S, 91);
    assert_eq!((done.garbage_given_up, done.hosts_forgotten), (6, 6));
}

#[test]
fn a_replaced_version_goes_and_the_current_one_stays() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.upload(2, &[11]);
    kit.put("/a", &[10]);
    kit.put("/a", &[11]);
    let done = run(&kit, NOW_S, 400);
    assert_eq!((done.versions_purged, done.segments_swept), (1, 1));
    assert_eq!(kit.library.info(&path("/a"), None).unwrap().versions, 1);
    assert_eq!(kit.library.known_chunks(&[chunk(10)]).unwrap(), [None]);
    assert!(kit.library.known_chunks(&[chunk(11)]).unwrap()[0].unwrap().is_safe);
}

#[test]
fn a_restored_version_does_not_age() {
    let kit = Kit::new();
    kit.upload(1, &[10, 11]);
    kit.put("/a", &[10]);
    kit.put("/a", &[11]);
    run(&kit, NOW_S, 29);
    kit.library.restore(&path("/a"), Some(layr_library::VersionNumber(1))).unwrap();
    let done = run(&kit, NOW_S + 29 * DAY_S, 29);
    assert_eq!(done.versions_purged, 0);
    let done = run(&kit, NOW_S + 58 * DAY_S, 1);
    assert_eq!(done.versions_purged, 1);
    assert_eq!(kit.rows("/a")[0].version, Some(layr_library::VersionNumber(1)));
}

#[test]
fn a_segment_shared_with_a_living_file_stays() {
    let kit = Kit::new();
    kit.upload(1, &[10, 11]);
    kit.put("/a", &[10]);
    kit.put("/b", &[11]);
    kit.library.remove(&path("/a"), NOW_S).unwrap();
    let done = run(&kit, NOW_S, 100);
    assert_eq!((done.trash_purged, done.segments_marked), (1, 0));
}

#[test]
fn a_hit_of_deduplication_takes_the_mark_off_and_a_commit_is_never_late() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    // Never committed: marked after a week.
    assert_eq!(run(&kit, NOW_S, 7).segments_marked, 1);
    run(&kit, NOW_S + 7 * DAY_S, 6);
    // An hour before the sweep somebody uploads the same content and sends nothing.
    assert!(kit.library.known_chunks(&[chunk(10)]).unwrap()[0].unwrap().is_safe);
    assert_eq!(run(&kit, NOW_S + 13 * DAY_S, 13).segments_swept, 0);
    kit.put("/a", &[10]);
    assert_eq!(run(&kit, NOW_S + 26 * DAY_S, 100).segments_swept, 0);
    assert_eq!(kit.rows("/a")[0].health.unwrap().alive, 6);
}

#[test]
fn a_commit_takes_the_mark_off_so_that_the_next_one_gets_its_whole_week() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    assert_eq!(run(&kit, NOW_S, 7).segments_marked, 1);
    kit.put("/a", &[10]);
    run(&kit, NOW_S + 7 * DAY_S, 20);
    kit.library.remove(&path("/a"), NOW_S).unwrap();
    kit.library.empty_trash(None).unwrap();
    let done = run(&kit, NOW_S + 27 * DAY_S, 7);
    assert_eq!((done.segments_marked, done.segments_swept), (1, 0));
    assert_eq!(run(&kit, NOW_S + 34 * DAY_S, 1).segments_swept, 1);
}

#[test]
fn an_upload_under_way_is_left_alone_and_a_forgotten_one_is_not() {
    let kit = Kit::new();
    kit.library.plan_segment(&plan(1, &[10])).unwrap();
    kit.library.shards_stored(&segment(1), &shards(1, 1)).unwrap();
    kit.library.plan_segment(&plan(2, &[11])).unwrap();
    kit.library.shards_stored(&segment(2), &shards(2, 3)).unwrap();
    kit.library.segment_safe(&segment(2)).unwrap();
    kit.put("/b", &[11]);
    assert_eq!(run(&kit, NOW_S, 29).uploads_abandoned, 0);
    assert_eq!(kit.library.unfinished_segments().unwrap().len(), 2);
    let done = run(&kit, NOW_S + 29 * DAY_S, 1);
    assert_eq!((done.uploads_abandoned, done.shards_queued), (1, 1));
    assert_eq!(kit.library.unfinished_segments().unwrap(), []);
    let gone = kit.library.abandon_segment(&segment(1));
    assert!(matches!(gone, Err(JournalError::UnknownSegment { .. })));
    assert_eq!(kit.rows("/b")[0].health.unwrap().alive, 3);
}

#[test]
fn hosts_that_hold_something_or_were_seen_are_remembered() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/a", &[10]);
    let seen =
        |peer| layr_library::HostUpdate { peer, addresses: Vec::new(), offer: None, seen_unix_s: NOW_S };
    kit.library.upsert_hosts(&[seen(crate::kit::peer(50)), seen(crate::kit::peer(51))]).unwrap();
    run(&kit, NOW_S, 60);
    kit.library.upsert_hosts(&[seen(crate::kit::peer(51))]).unwrap();
    assert_eq!(run(&kit, NOW_S + 60 * DAY_S, 40).hosts_forgotten, 1);
    assert_eq!(kit.library.hosts().unwrap().len(), 7);
}
