//! For how long health is believed.

use layr_library::{
    AuditMark, AuditOutcome, HealthState, Library, LibraryPath, PageKind, PageQuery, PageSort, PageState,
};

use crate::kit::{DAY_S, Kit, NOW_S, OWNER, entropy, peer, segment, with_keys};

const FRESH_S: u64 = 14 * DAY_S;

/// A file of 2 of 6: four healthy shards make it safe.
fn kit() -> Kit {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/a", &[10]);
    kit
}

fn state(library: &Library) -> HealthState {
    library.resolve("/a").unwrap().health.unwrap().state()
}

fn listed(library: &Library, state: PageState) -> u64 {
    let dir = LibraryPath::root();
    let query = PageQuery {
        dir: &dir,
        search: None,
        state: Some(state),
        kind: Some(PageKind::File),
        sort: PageSort::Health,
        is_descending: false,
        offset: 0,
        limit: 9,
    };
    library.page(&query).unwrap().total
}

fn prove(library: &Library, indexes: std::ops::Range<u8>, now_s: u64) -> bool {
    let mark = |index| AuditMark {
        segment: segment(1),
        index,
        host: peer(u64::from(index)),
        shard: None,
        outcome: AuditOutcome::Proven { leaf: 0 },
    };
    library.note_audit(&indexes.map(mark).collect::<Vec<_>>(), now_s).unwrap().is_news
}

/// The library's own clock gains a day by it at most, and the weekly leaf would come a week too late.
#[test]
fn after_weeks_of_sleep_every_copy_is_as_old_as_the_calendar_says() {
    let kit = kit();
    prove(&kit.library, 0..6, NOW_S);
    kit.library.tick(NOW_S + 2 * FRESH_S).unwrap();
    let held = kit.library.held_by(&peer(3)).unwrap();
    assert_eq!(held[0].proven_ago_s, Some(2 * FRESH_S));
    prove(&kit.library, 3..4, NOW_S + 2 * FRESH_S);
    assert_eq!(kit.library.held_by(&peer(3)).unwrap()[0].proven_ago_s, Some(0));
    assert_eq!(kit.library.held_by(&peer(4)).unwrap()[0].proven_ago_s, Some(2 * FRESH_S));
}

#[test]
fn what_nobody_looked_at_for_two_weeks_waits_and_is_not_called_safe() {
    let kit = kit();
    let library = &kit.library;
    // An upload that has just ended has no proof, and counts.
    assert_eq!(state(library), HealthState::Safe);
    library.tick(NOW_S + FRESH_S).unwrap();
    assert_eq!((state(library), listed(library, PageState::Safe)), (HealthState::Safe, 1));
    // However long this computer was off: one look at the calendar is enough.
    library.tick(NOW_S + FRESH_S + 1).unwrap();
    assert_eq!(state(library), HealthState::Waiting);
    assert_eq!(
        [PageState::Safe, PageState::Waiting, PageState::AtRisk].map(|state| listed(library, state)),
        [0, 1, 0]
    );
    // Three proofs are not enough to be safe by, the fourth is, and is told.
    assert!(!prove(library, 0..3, NOW_S + FRESH_S + 1));
    assert_eq!(state(library), HealthState::Waiting);
    assert!(prove(library, 3..4, NOW_S + FRESH_S + 1));
    assert_eq!((state(library), listed(library, PageState::Waiting)), (HealthState::Safe, 0));
    assert!(!prove(library, 4..6, NOW_S + FRESH_S + 1), "no news");
    // It lasts on after a restart, for as long.
    let Kit { dir, library } = kit;
    drop(library);
    let file = dir.path().join(Library::FILE_NAME);
    let library = Library::open(&file, OWNER, entropy(), NOW_S).unwrap();
    library.tick(NOW_S + 2 * FRESH_S + 1).unwrap();
    assert_eq!(state(&library), HealthState::Safe);
    library.tick(NOW_S + 2 * FRESH_S + 2).unwrap();
    assert_eq!(state(&library), HealthState::Waiting);
}

#[test]
fn what_is_at_risk_or_lost_is_so_however_old_that_is() {
    let kit = kit();
    let open = |index| AuditMark {
        segment: segment(1),
        index,
        host: peer(u64::from(index)),
        shard: None,
        outcome: AuditOutcome::Open { leaf: 0 },
    };
    for (away, found) in [(0..3, HealthState::AtRisk), (3..5, HealthState::Lost)] {
        kit.library.note_audit(&away.map(open).collect::<Vec<_>>(), NOW_S).unwrap();
        for now_s in [NOW_S, NOW_S + FRESH_S + 1] {
            kit.library.tick(now_s).unwrap();
            assert_eq!((state(&kit.library), listed(&kit.library, PageState::AtRisk)), (found, 1));
        }
        assert_eq!(listed(&kit.library, PageState::Waiting), 0);
    }
}

/// Proofs of a year that has not come tell nothing, once the clock is set right.
#[test]
fn a_clock_that_was_ahead_makes_nothing_fresh_for_ever() {
    let kit = kit();
    let ahead_s = NOW_S + 365 * DAY_S;
    kit.library.tick(ahead_s).unwrap();
    prove(&kit.library, 0..6, ahead_s);
    assert_eq!(state(&kit.library), HealthState::Safe);
    kit.library.tick(NOW_S + 60).unwrap();
    assert_eq!(state(&kit.library), HealthState::Waiting);
}

/// Where no node runs, nobody looks at the clock for the library.
#[test]
fn a_library_that_is_only_read_is_as_old_as_the_system_says() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(Library::FILE_NAME);
    let long_ago_s = 1_600_000_000;
    let kit = Kit { library: Library::create(&file, OWNER, entropy(), long_ago_s).unwrap(), dir };
    kit.upload(1, &[10]);
    kit.put("/a", &[10]);
    assert_eq!(state(&kit.library), HealthState::Safe);
    let Kit { dir, library } = kit;
    drop(library);
    assert_eq!(state(&Library::open_read_only(&file).unwrap()), HealthState::Waiting);
    drop(dir);
}

/// Nobody audits for us what others stored.
#[test]
fn what_an_import_brought_counts_for_as_long_as_an_upload() {
    let (from, to) = (kit(), Kit::new());
    let path = LibraryPath::parse("/a").unwrap();
    let manifest = with_keys(|keys| from.library.manifest(&path, None, keys, NOW_S)).unwrap();
    with_keys(|keys| to.library.import(&manifest, &LibraryPath::root(), keys, NOW_S)).unwrap();
    assert_eq!(state(&to.library), HealthState::Safe);
    to.library.tick(NOW_S + FRESH_S + 1).unwrap();
    assert_eq!(state(&to.library), HealthState::Waiting);
}
