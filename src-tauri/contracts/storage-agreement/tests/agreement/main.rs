//! The contract on the real host of the ledger: every call, every cheat, and many thousand random histories.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod beacon;
mod calls;
mod cheats;
mod data;
mod histories;
mod model;
mod scene;
mod terms;
mod world;
