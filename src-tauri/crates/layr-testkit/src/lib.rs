//! Many nodes in one process over a simulated network, with faults by script. Test use only.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a testkit whose assumptions fail must fail the test that uses it"
)]

pub mod clock;
pub mod fake_drand;
pub mod liar;
pub mod light_host;
pub mod network;
pub mod sim_net;
pub mod simulation;

pub use crate::liar::{Heard, LateDeletes, Lie, Witness};
pub use crate::network::{SimNetwork, SimNode};
pub use crate::sim_net::{Counters, Failure, SimNet};
