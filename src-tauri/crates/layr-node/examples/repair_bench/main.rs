//! Measures a repair over the real network on this machine after hosts have gone for good: owner, seed and every host are
//! processes of their own.
//!
//! `repair_bench [--mib N] [--hosts N] [--lost N]` prints one JSON document a line: figure, unit, value, goal. Run it in release
//! mode; it needs about five times N MiB in the temporary directory. Every segment lies at 30 of the hosts, so that the others have to
//! suffice for what is lost. Beside what is read and sent stands the least that brings the shards back: k of each segment read,
//! and each lost one sent.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot be made must stop, and its figures need no 53 bits"
)]

#[path = "../measuring/network.rs"]
mod network;
#[path = "../measuring/node.rs"]
mod node;
#[path = "../measuring/process.rs"]
mod process;
#[path = "../measuring/stored.rs"]
mod stored;

use std::path::Path;
use std::time::Instant;

use layr_node::api::RepairPlan;
use layr_node::audit::Leaves;
use layr_node::operation::OperationKind;
use layr_node::repair::When;

use crate::process::{peak_bytes, tell};
use crate::stored::{Content, Spent, Stored};

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
const MIB: f64 = 1024.0 * 1024.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match words.as_slice() {
        ["--as-seed", home] => runtime.block_on(network::run_seed(Path::new(home))),
        ["--as-host", home, bootstrap] => runtime.block_on(network::run_host(Path::new(home), bootstrap)),
        ["--as-uploader", home, bootstrap, peers, files, file_bytes] => {
            let (files, file_bytes) = (files.parse().unwrap(), file_bytes.parse().unwrap());
            runtime.block_on(stored::run_uploader(Path::new(home), bootstrap, peers, files, file_bytes));
        }
        options => runtime.block_on(measure(options)),
    }
}

async fn measure(options: &[&str]) {
    let option = |name: &str, default: u64| {
        options.chunks(2).find(|pair| pair[0] == name).map_or(default, |pair| pair[1].parse().unwrap())
    };
    let (mib, hosts, lost) = (option("--mib", 100), option("--hosts", 40), option("--lost", 9));
    let mut stored = Stored::start(Content { hosts, files: 1, file_bytes: mib << 20 }).await;
    stored.hosts.drain(..usize::try_from(lost).unwrap());
    // What is lost is found out first, and is no part of the repair.
    let operation = stored.owner.operation(OperationKind::Audit, "bench");
    let found = stored.owner.audit_counts(Vec::new(), Leaves::Each(1), &operation).await.unwrap();
    let plan = stored.owner.repair_plan(Vec::new(), When::Now).await.unwrap();
    assert_eq!((plan.shards, plan.shards_without_host), (found.unreachable, 0), "{plan:?}");
    repair(&stored, &plan).await;
}

async fn repair(stored: &Stored, plan: &RepairPlan) {
    let operation = stored.owner.operation(OperationKind::Repair, "bench");
    let (began, before) = (Instant::now(), stored.spent().await);
    let report = stored.owner.repair(Vec::new(), When::Now, &operation).await.unwrap();
    let wall_s = began.elapsed().as_secs_f64();
    let spent = stored.spent().await.since(before);
    let peak = peak_bytes(std::process::id()) as f64 / MIB;
    let rebuilt_gib = plan.sent_bytes as f64 / GIB;
    tell("repair: shards rebuilt and proven", "shards", report.rebuilt as f64, Some(plan.shards as f64));
    tell("repair: size of what was lost", "MiB", plan.sent_bytes as f64 / MIB, None);
    tell("repair: time", "s", wall_s, None);
    tell("repair: owner", "CPU s/GiB rebuilt", spent.owner_cpu_s / rebuilt_gib, None);
    tell("repair: hosts", "CPU s/GiB rebuilt", spent.hosts_cpu_s / rebuilt_gib, None);
    let least = (plan.read_bytes as f64 / GIB / rebuilt_gib, 1.0);
    let shards_gib = (report.bytes_received as f64 / GIB, report.bytes_sent as f64 / GIB);
    tell("repair: shards read", "GiB/GiB rebuilt", shards_gib.0 / rebuilt_gib, Some(least.0));
    tell("repair: shards sent", "GiB/GiB rebuilt", shards_gib.1 / rebuilt_gib, Some(least.1));
    tell_traffic(&spent, rebuilt_gib);
    tell("repair: owner's peak memory", "MiB", peak, Some(256.0));
    let alive: f64 = report.health.iter().map(|segment| f64::from(segment.health.alive)).sum();
    let total: f64 = report.health.iter().map(|segment| f64::from(segment.health.total)).sum();
    tell("repair: shards healthy at the end", "of all", alive / total, Some(1.0));
}

/// Everything that moved, proofs and questions included.
fn tell_traffic(spent: &Spent, rebuilt_gib: f64) {
    for (figure, bytes) in [
        ("repair: received on the streams", spent.received_bytes),
        ("repair: sent on the streams", spent.sent_bytes),
        ("repair: on the loopback interface", spent.line_bytes),
        ("repair: hosts read", spent.hosts_read_bytes),
    ] {
        tell(figure, "GiB/GiB rebuilt", bytes / GIB / rebuilt_gib, None);
    }
}
