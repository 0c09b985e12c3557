//! Nine days of a small network's life, with every fault that the large one of `cargo xtask simulate` has.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use layr_testkit::simulation::{Fault, Plan, SimulationReport, simulate};

/// Days within which a host that is gone, or lost its disk, is found: one to its next sample, one of grace with the wait for the
/// last question, and the time in which the owner slept or was cut off.
const FOUND_WITHIN_DAYS: f64 = 6.0;

/// Days within which a host that drops leaves is found: every leaf of so few has its turn within a week.
const DROPPED_WITHIN_DAYS: f64 = 8.0;

fn live_through(plan: Plan) -> SimulationReport {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(simulate(plan))
}

/// Returns how many hosts dropped leaves early enough to be found.
fn keeps_its_promises(seed: u64) -> usize {
    let report = live_through(Plan::brief(seed));
    assert_eq!((report.lost_files, report.given_up_alive), (0, 0), "{report}");
    assert!(report.repair.sent_bytes > 0 && report.moved_of_least() <= 3.0, "{report}");
    assert_eq!(report.repair.sent_bytes, report.taken_bytes, "nothing but repair sends anything: {report}");
    let is_gone = |fault| matches!(fault, Fault::Died | Fault::LostDisk);
    let (gone, found) = report.found_within(is_gone, FOUND_WITHIN_DAYS);
    assert!(gone >= 3 && found == gone, "{found} of {gone}: {report}");
    let drops = |fault| matches!(fault, Fault::Drops { .. });
    let (dropped, found) = report.found_within(drops, DROPPED_WITHIN_DAYS);
    assert_eq!(found, dropped, "{report}");
    dropped
}

#[test]
fn a_network_keeps_its_promises() {
    // Of the few leaves of so small a network one in a hundred may be none, and elsewhere nothing is dropped in time.
    assert!(keeps_its_promises(1) > 0);
}

#[test]
fn another_network_keeps_its_promises() {
    keeps_its_promises(2);
}

#[test]
fn a_third_network_keeps_its_promises() {
    keeps_its_promises(3);
}

/// Everything that hosts are asked, and when, follows from the seed.
#[test]
fn one_seed_has_one_course() {
    let plan = || Plan { days: 2, ..Plan::brief(4) };
    let (first, again) = (live_through(plan()), live_through(plan()));
    assert_eq!(first, again);
    let other = live_through(Plan { seed: 5, days: 1, ..plan() });
    assert_ne!(first.course, other.course);
}
