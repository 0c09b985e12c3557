//! The client on a real ledger: real transactions on the contracts' own host, by its RPC.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod agreement;
mod contracts;
mod kit;
mod life;
mod money;
mod relay;
