//! Measures an audit of everything over the real network on this machine: owner, seed and every host are processes of their
//! own. Beside it what one answer costs a host whose shard is full, and what it costs to judge it, both without the network.
//!
//! `audit_bench [--shards N] [--shard-kib N] [--hosts N]` prints one JSON document a line: figure, unit, value, goal. Run it in
//! release mode; it needs 4 % more than all shards in the temporary directory. Full ones would be 40 GB: 2.5 GB are what most
//! disks spare, and the tree of a shard of 256 KiB has fewer digests for a leaf than that of a full one. The goals are issue 4's.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot be made must stop, and its figures need no 53 bits"
)]

mod alone;
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

use layr_node::audit::Leaves;
use layr_node::operation::OperationKind;

use crate::process::{peak_bytes, tell};
use crate::stored::{Content, REDUNDANCY, Stored};

/// Bytes a host may read for a leaf beyond it.
const READ_GOAL_BYTES: f64 = 1024.0;
/// Bytes on the line for a leaf.
const LINE_GOAL_BYTES: f64 = 3072.0;
const LEAF_BYTES: f64 = 1024.0;
const MIB: f64 = 1024.0 * 1024.0;
/// What a file's tags and the layout's whole leaves may add to a segment, so that its shards are no larger than asked for.
const MARGIN_BYTES: u64 = 10 * 1024;

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
        options => {
            alone::judge_answers();
            alone::prove_leaves();
            runtime.block_on(measure(options));
        }
    }
}

async fn measure(options: &[&str]) {
    let option = |name: &str, default: u64| {
        options.chunks(2).find(|pair| pair[0] == name).map_or(default, |pair| pair[1].parse().unwrap())
    };
    let (shards, shard_kib, hosts) =
        (option("--shards", 10_000), option("--shard-kib", 256), option("--hosts", 30));
    let (k, n) = (u64::from(REDUNDANCY.0), u64::from(REDUNDANCY.1));
    let content =
        Content { hosts, files: shards.div_ceil(n), file_bytes: shard_kib * 1024 * k - MARGIN_BYTES };
    audit(&Stored::start(content).await).await;
}

async fn audit(stored: &Stored) {
    let size = stored.owner.verify_plan(Vec::new()).await.unwrap().thorough;
    let operation = stored.owner.operation(OperationKind::Audit, "bench");
    let (began, before) = (Instant::now(), stored.spent().await);
    let report = stored.owner.audit_counts(Vec::new(), Leaves::Each(1), &operation).await.unwrap();
    let wall_s = began.elapsed().as_secs_f64();
    let spent = stored.spent().await.since(before);
    let leaves = report.leaves as f64;
    tell("audit: shards", "shards", size.shards as f64, None);
    tell("audit: size of a shard", "KiB", size.bytes as f64 / size.shards as f64 / 1024.0, None);
    tell("audit: shards that passed", "of all", report.passed as f64 / size.shards as f64, Some(1.0));
    tell("audit: time", "s", wall_s, None);
    let streams = (spent.received_bytes + spent.sent_bytes) / leaves;
    tell("audit: on the streams, both ways", "bytes/leaf", streams, Some(LINE_GOAL_BYTES));
    tell("audit: on the loopback interface", "bytes/leaf", spent.line_bytes / leaves, Some(LINE_GOAL_BYTES));
    tell("audit: owner", "CPU ms/leaf", spent.owner_cpu_s * 1000.0 / leaves, None);
    tell("audit: hosts", "CPU ms/leaf", spent.hosts_cpu_s * 1000.0 / leaves, None);
    let beyond = spent.hosts_read_bytes / leaves - LEAF_BYTES;
    tell("audit: hosts read beyond the leaf", "bytes/leaf", beyond, Some(READ_GOAL_BYTES));
    let peak = peak_bytes(std::process::id()) as f64 / MIB;
    tell("audit: owner's peak memory", "MiB", peak, Some(256.0));
}
