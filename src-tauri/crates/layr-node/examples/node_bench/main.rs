//! Measures a node over the real network on this machine: owner, seed and every host are processes of their own.
//!
//! `node_bench [--gib N] [--hosts N] [--small-files N]` prints one JSON document a line: figure, unit, value, goal. Run it in
//! release mode; it needs about seven times N GiB in the temporary directory.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot be made must stop, and its figures need no 53 bits"
)]

mod figures;
#[path = "../measuring/network.rs"]
mod network;
#[path = "../measuring/node.rs"]
mod node;
#[path = "../measuring/process.rs"]
mod process;

use std::path::Path;

use figures::{Options, measure};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match words.as_slice() {
        ["--as-seed", home] => runtime.block_on(network::run_seed(Path::new(home))),
        ["--as-host", home, bootstrap] => runtime.block_on(network::run_host(Path::new(home), bootstrap)),
        options => runtime.block_on(measure(&Options::parse(options))),
    }
}
