//! Support for the suites that cross crates: starts real `layr` processes and watches them.
//!
//! The suites `network` and `faults` are test targets of `layr-cli`, so that cargo builds the program that they run; their
//! sources lie here, under `tests/`, as do those of `nat`, which runs an example of `layr-net`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test support crate fails by panicking"
)]

pub mod devnet;
mod gate;
pub mod layr;
mod ledger;
pub mod sample;

pub use devnet::{Devnet, Node};
pub use gate::Gate;
pub use layr::{Answer, Layr};
pub use ledger::LedgerRpc;
