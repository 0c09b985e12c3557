//! Years of a network's life: `cargo xtask simulate --years Y --seed S`. What was lost and how soon faults were found is held
//! against the goals over all of them.

#![expect(clippy::expect_used, reason = "without a runtime there is nothing to simulate")]

use std::process::ExitCode;
use std::time::Instant;

use layr_testkit::simulation::{Fault, Plan, SimulationReport, simulate};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut years, mut seed) = (1, 1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().and_then(|value| value.parse::<u64>().ok());
        match (name.as_str(), value) {
            ("--years", Some(value)) => years = value,
            ("--seed", Some(value)) => seed = value,
            _ => {
                eprintln!("usage: simulate [--years Y] [--seed S]");
                return ExitCode::from(2);
            }
        }
    }
    let mut reports = Vec::new();
    for seed in seed..seed + years {
        let began = Instant::now();
        let report = live_through(Plan::year(seed));
        print!("{report}");
        println!("  took                     {:.0} s", began.elapsed().as_secs_f64());
        reports.push(report);
    }
    if judge(&reports) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn live_through(plan: Plan) -> SimulationReport {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(simulate(plan))
}

/// Holds all years together against the goals.
fn judge(reports: &[SimulationReport]) -> bool {
    let lost: usize = reports.iter().map(|report| report.lost_files).sum();
    let mut are_met = told("files lost", &lost.to_string(), "0", lost == 0);
    for (wanted, days, goal) in [(10, 30.0, 0.99), (50, 7.0, 0.98)] {
        let is_meant = |fault| matches!(fault, Fault::Drops { per_mille, .. } if per_mille == wanted);
        let (all, found) = reports
            .iter()
            .map(|report| report.found_within(is_meant, days))
            .fold((0, 0), |(all, found), (more, found_more)| (all + more, found + found_more));
        #[expect(clippy::cast_precision_loss, reason = "few hosts")]
        let is_met = found as f64 >= goal * all as f64;
        are_met &= told(
            &format!("{wanted} of 1000 dropped, found within {days} days"),
            &format!("{found} of {all}"),
            &format!("at least {:.0} %", goal * 100.0),
            is_met,
        );
    }
    are_met
}

fn told(what: &str, value: &str, goal: &str, is_met: bool) -> bool {
    println!("{} {what}: {value} (goal: {goal})", if is_met { "met   " } else { "MISSED" });
    is_met
}
