//! Months of a small network's life, with every fault that the large one of `cargo xtask simulate` has.

use layr_testkit::simulation::{Fault, Plan, SimulationReport, simulate};

fn live_through(plan: Plan) -> SimulationReport {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(simulate(plan))
}

#[test]
fn no_file_is_lost_and_every_fault_is_found() {
    for seed in 1..=2 {
        let report = live_through(Plan::small(seed));
        eprintln!("{report}");
        assert_eq!(report.lost_files, 0, "{report}");
        assert!(report.died > 5, "{report}");
        assert_eq!(report.given_up_alive, 0, "{report}");
        let dropped = |fault| matches!(fault, Fault::Drops { .. });
        let (all, found) = report.found_within(dropped, 20.0);
        assert!(all == 4 && found == all, "{report}");
        let died = |fault| fault == Fault::Died;
        let (all, found) = report.found_within(died, 6.0);
        assert!(all > 5 && found == all, "{report}");
    }
}

#[test]
fn one_seed_has_one_course() {
    let plan = || Plan { days: 20, ..Plan::small(3) };
    let (first, again) = (live_through(plan()), live_through(plan()));
    assert_eq!(first, again);
    let other = live_through(Plan { seed: 4, ..plan() });
    assert_ne!(first.course, other.course);
}
