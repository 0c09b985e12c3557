//! What breaks: power cuts, full and rotten disks, wrong clocks, damaged databases, strange files and very many.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

mod clock;
mod cut_while_deleting;
mod full_disk;
mod hostile_disk;
mod many_files;
mod memory_disk;
mod power_cut;
mod strange_files;
mod wrong_clock;

/// The program under test, as cargo built it for this target.
const PROGRAM: &str = env!("CARGO_BIN_EXE_layr");
