//! What a vault promises, one module per family of promises.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

mod away;
mod disk_full;
mod golden;
mod honesty;
mod kill;
mod model;
mod quota;
mod refuse;
mod store;
mod support;
mod trees;
