//! A wrong clock deletes nothing early, and nothing is kept for ever.

use layr_library::Library;

use crate::kit::{DAY_S, Kit, NOW_S, OWNER, entropy, path};

const YEAR_S: u64 = 365 * DAY_S;

fn with_trash() -> Kit {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/a", &[10]);
    kit.library.remove(&path("/a"), NOW_S).unwrap();
    kit
}

#[test]
fn a_clock_a_year_ahead_deletes_nothing_early() {
    let kit = with_trash();
    for look in 0..10 {
        assert_eq!(kit.library.maintain(NOW_S + YEAR_S + look).unwrap().trash_purged, 0);
    }
    // Nor when it flips between both years.
    for _ in 0..100 {
        assert_eq!(kit.library.maintain(NOW_S + YEAR_S).unwrap().trash_purged, 0);
        assert_eq!(kit.library.maintain(NOW_S).unwrap().trash_purged, 0);
    }
    // One day too much at most, whatever it did.
    assert!(kit.library.trash(None, 1).unwrap()[0].kept_for_s >= 29 * DAY_S - 60);
}

#[test]
fn a_clock_a_year_back_keeps_nothing_for_ever() {
    let kit = with_trash();
    let end = kit.pass_days(NOW_S - YEAR_S, 30);
    assert_eq!(kit.library.maintain(end).unwrap().trash_purged, 0);
    let end = kit.pass_days(end, 1);
    assert_eq!(kit.library.maintain(end).unwrap().trash_purged, 1);
}

#[test]
fn restarts_do_not_help_a_wrong_clock() {
    let Kit { dir, mut library } = with_trash();
    let file = dir.path().join(Library::FILE_NAME);
    for start in 0..40 {
        drop(library);
        library = Library::open(&file, OWNER, entropy(), NOW_S + (start % 2) * YEAR_S).unwrap();
        assert_eq!(library.maintain(NOW_S + (start % 2) * YEAR_S).unwrap().trash_purged, 0);
    }
    assert_eq!(library.trash(None, 1).unwrap().len(), 1);
}
