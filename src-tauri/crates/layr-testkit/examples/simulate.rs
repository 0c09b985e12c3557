//! Years of a network's life: `cargo xtask simulate --years Y --seed S`. What was lost, what repair moved and how soon faults were
//! found is held against the goals over all of them.

#![expect(clippy::expect_used, reason = "without a runtime there is nothing to simulate")]

use std::process::ExitCode;
use std::time::Instant;

use layr_testkit::simulation::{Fault, Plan, SimulationReport, simulate};

const USAGE: &str = "usage: simulate [--years Y] [--seed S] [--days D] [--plan year|small|brief|droppers]";

/// Most bytes that repair may move for each that it could not have done without.
const MOST_MOVED: f64 = 3.0;

fn main() -> ExitCode {
    let Some((years, first)) = asked(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let mut reports = Vec::new();
    for seed in first.seed..first.seed + years {
        let began = Instant::now();
        let report = live_through(Plan { seed, ..first.clone() });
        print!("{report}");
        println!("  took                     {:.0} s", began.elapsed().as_secs_f64());
        reports.push(report);
    }
    if judge(&reports) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How many networks to live through, each with a seed of its own, and the first of them.
fn asked(mut arguments: impl Iterator<Item = String>) -> Option<(u64, Plan)> {
    let (mut years, mut seed, mut days, mut plan) = (1, 1, None, Plan::year as fn(u64) -> Plan);
    while let Some(name) = arguments.next() {
        let value = arguments.next()?;
        match name.as_str() {
            "--years" => years = value.parse().ok()?,
            "--seed" => seed = value.parse().ok()?,
            "--days" => days = Some(value.parse().ok()?),
            "--plan" => {
                plan = match value.as_str() {
                    "year" => Plan::year,
                    "small" => Plan::small,
                    "brief" => Plan::brief,
                    "droppers" => Plan::droppers,
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
    let plan = plan(seed);
    Some((years, Plan { days: days.unwrap_or(plan.days), ..plan }))
}

fn live_through(plan: Plan) -> SimulationReport {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(simulate(plan))
}

/// Holds all networks together against the goals.
fn judge(reports: &[SimulationReport]) -> bool {
    let lost: usize = reports.iter().map(|report| report.lost_files).sum();
    let mut are_met = told("files lost", &lost.to_string(), "0", lost == 0);
    let given_up: usize = reports.iter().map(|report| report.given_up_alive).sum();
    are_met &= told("hosts given up that had lost nothing", &given_up.to_string(), "0", given_up == 0);
    let moved: u64 = reports.iter().map(|report| report.repair.read_bytes + report.repair.sent_bytes).sum();
    let least: u64 = reports.iter().map(|report| report.repair.least_bytes).sum();
    #[expect(clippy::cast_precision_loss, reason = "told with two digits")]
    let of_least = moved as f64 / least.max(1) as f64;
    let goal = format!("at most {MOST_MOVED:.0}");
    are_met &= told(
        "bytes that repair moved for each of the least",
        &format!("{of_least:.2}"),
        &goal,
        of_least <= MOST_MOVED,
    );
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
