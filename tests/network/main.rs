//! The main job over real processes: a folder goes out to a dozen hosts and comes back after most of them are dead.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

mod affording;
mod contract;
mod delegates;
mod keeping;
mod keyring;
mod last_space;
mod leaving;
mod main_job;
mod outage;
mod paying;
mod revising;
mod second_machine;
mod sharing;
mod spending;
mod targets;
mod terms_that_end;
mod wallet;

/// The program under test, as cargo built it for this target.
const PROGRAM: &str = env!("CARGO_BIN_EXE_layr");
