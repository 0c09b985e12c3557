//! What became of parts, as a person reads it.

use layr_codec::SegmentId;
use layr_library::{AuditMark, AuditOutcome, Failure, PartEvent, PartHistory, ShardRecord};
use rusqlite::Connection;

use crate::kit::{DAY_S, Kit, NOW_S, assert_consistent, path, peer, segment, shard, stay_awake};

/// A file of the second and the third segment, and another of the first and the second.
fn kit() -> Kit {
    let kit = Kit::new();
    for number in 1..=3 {
        kit.upload(number, &[9 + number]);
    }
    kit.put("/a", &[11, 12]);
    kit.put("/b", &[10, 11]);
    kit
}

fn audit(kit: &Kit, number: u64, index: u8, outcome: AuditOutcome, now_s: u64) {
    kit.library.tick(now_s).unwrap();
    let host = peer(u64::from(index));
    let mark = AuditMark { segment: segment(number), index, host, shard: None, outcome };
    kit.library.note_audit(&[mark], now_s).unwrap();
}

fn history(kit: &Kit, name: &str, limit: usize) -> PartHistory {
    kit.library.part_history(kit.library.resolve(name).unwrap().file, None, limit).unwrap()
}

/// Position in the file, segment, index, event, host, and minutes after the start.
type Told = (u64, SegmentId, u8, PartEvent, u64, u64);

fn told(kit: &Kit, name: &str) -> Vec<Told> {
    let known = |host| (0..100).find(|number| peer(*number) == host).unwrap();
    let happenings = history(kit, name, 100).happenings.into_iter();
    happenings
        .map(|it| {
            let minutes = (it.noted_unix_s - NOW_S) / 60;
            (it.position, it.segment, it.index, it.event, known(it.host), minutes)
        })
        .collect()
}

fn record(kit: &Kit, number: u64, index: u8) -> ShardRecord {
    kit.library.own_segment(&segment(number)).unwrap().unwrap().shards[usize::from(index)]
}

#[test]
fn what_failed_and_what_took_its_place_is_told_the_newest_first() {
    let kit = kit();
    let minute = |minutes: u64| NOW_S + 60 * minutes;
    audit(&kit, 2, 1, AuditOutcome::Failed(Failure::Missing), minute(1));
    // Said again it is nothing new.
    audit(&kit, 2, 1, AuditOutcome::Failed(Failure::Corrupt), minute(2));
    audit(&kit, 3, 4, AuditOutcome::Failed(Failure::Corrupt), minute(3));
    kit.library.tick(minute(4)).unwrap();
    kit.library.shards_stored(&segment(2), &[shard(2, 1, 77)]).unwrap();
    // A repeat changes nothing.
    kit.library.shards_stored(&segment(2), &[shard(2, 1, 77)]).unwrap();
    kit.library.tick(minute(5)).unwrap();
    kit.library.shards_moved(&segment(2), &peer(3), &[shard(2, 3, 78)]).unwrap();
    // Another host has a healthy one: the new copy is garbage, and nothing happened to the part.
    kit.library.shards_stored(&segment(2), &[shard(2, 3, 79)]).unwrap();
    let of_second = |position| {
        [
            (position, segment(2), 3, PartEvent::Moved { from: peer(3) }, 78, 5),
            (position, segment(2), 1, PartEvent::Renewed { from: peer(1) }, 77, 4),
            (position, segment(2), 1, PartEvent::Failed(Failure::Missing), 1, 1),
        ]
    };
    let [moved, renewed, missing] = of_second(1);
    let corrupt = (2, segment(3), 4, PartEvent::Failed(Failure::Corrupt), 4, 3);
    assert_eq!(told(&kit, "/a"), [moved, renewed, corrupt, missing]);
    assert_eq!(told(&kit, "/b"), of_second(2), "a part that two files share is told of both");
    let newest = history(&kit, "/a", 1);
    assert_eq!((newest.happenings.len(), newest.older), (1, 3));
    let directory = kit.library.resolve("/").unwrap().file;
    assert_eq!(kit.library.part_history(directory, None, 9).unwrap(), PartHistory::default());
}

#[test]
fn what_is_passed_is_kept_in_the_copy_and_nowhere_else() {
    let kit = kit();
    let stored = record(&kit, 2, 0);
    assert_eq!((stored.shown_unix_s, stored.whole_unix_s), (Some(NOW_S), Some(NOW_S)));
    let day = |days| NOW_S + days * DAY_S;
    kit.pass_days(NOW_S, 3);
    for days in 3..9 {
        audit(&kit, 2, 0, AuditOutcome::Proven { leaf: 1 }, day(days));
    }
    audit(&kit, 2, 1, AuditOutcome::ReadWhole, day(8));
    audit(&kit, 2, 2, AuditOutcome::Open { leaf: 1 }, day(8));
    let [proven, read, open] = [0, 1, 2].map(|index| record(&kit, 2, index));
    assert_eq!((proven.shown_unix_s, proven.whole_unix_s), (Some(day(8)), Some(NOW_S)));
    assert_eq!((read.shown_unix_s, read.whole_unix_s), (Some(day(8)), Some(day(8))));
    assert_eq!((open.shown_unix_s, open.whole_unix_s), (Some(NOW_S), Some(NOW_S)));
    assert_eq!(told(&kit, "/a"), []);
    // A clock that is set back by years makes no time before all times.
    kit.library.tick(9).unwrap();
    assert_eq!(record(&kit, 2, 1).whole_unix_s, Some(9));
    kit.library.tick(day(30)).unwrap();
    kit.library.tick(9).unwrap();
    assert!(record(&kit, 2, 0).whole_unix_s.is_some_and(|whole_s| whole_s <= 9));
}

#[test]
fn a_copy_that_is_written_off_is_told() {
    let kit = kit();
    let mut before_s = NOW_S;
    for quarters in [0, 1, 5, 21, 69, 97] {
        let now_s = NOW_S + quarters * 900;
        stay_awake(&kit.library, before_s, now_s);
        audit(&kit, 2, 0, AuditOutcome::Open { leaf: 1 }, now_s);
        before_s = now_s;
    }
    assert_eq!(kit.library.write_off().unwrap().len(), 1);
    assert_eq!(told(&kit, "/a"), [(1, segment(2), 0, PartEvent::Failed(Failure::WrittenOff), 0, 97 * 15)]);
}

#[test]
fn the_oldest_rows_go_and_so_do_those_of_what_is_swept() {
    let kit = kit();
    audit(&kit, 2, 0, AuditOutcome::Failed(Failure::Missing), NOW_S);
    audit(&kit, 2, 1, AuditOutcome::Failed(Failure::Missing), NOW_S);
    let number_next = |rows: i64| {
        let connection = Connection::open(kit.file()).unwrap();
        connection.execute("UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'history'", [rows]).unwrap();
    };
    number_next(200_000);
    audit(&kit, 2, 2, AuditOutcome::Failed(Failure::Missing), NOW_S);
    let left = |kit: &Kit| told(kit, "/a").iter().map(|it| it.2).collect::<Vec<_>>();
    assert_eq!(left(&kit), [2, 1]);
    number_next(400_000);
    audit(&kit, 3, 3, AuditOutcome::Failed(Failure::Missing), NOW_S);
    assert_eq!(left(&kit), [3]);
    for name in ["/a", "/b"] {
        kit.library.remove(&path(name), NOW_S).unwrap();
    }
    for day in 1..60 {
        kit.library.maintain(NOW_S + day * DAY_S).unwrap();
    }
    assert_consistent(&kit.file());
    let rows: i64 = Connection::open(kit.file())
        .unwrap()
        .query_row("SELECT count(*) FROM history", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 0);
}
