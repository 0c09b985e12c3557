//! The local ledger over HTTP, as clients see it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    reason = "a test may panic, and tables of cases have changes in them"
)]

mod beacon;
mod codes;
mod conservation;
mod first;
mod history;
mod hostile;
mod life;
mod origins;
mod signers;
mod slow;
mod soroban;
mod support;
mod surviving;
mod waiting;
