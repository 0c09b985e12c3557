//! What the library promises, tested from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod activity;
mod agreement;
mod audited;
mod chunks;
mod clock;
mod crash;
mod delegates;
mod endangered;
mod evidence;
mod freshness;
mod golden;
mod history;
mod hosts;
mod import;
mod journal;
mod kit;
mod layr_file;
mod leaving;
mod ledger_journal;
mod let_go;
mod link;
mod listing;
mod manifest;
mod model;
mod names;
mod opening;
mod ownership;
mod pages;
mod reading;
mod scale;
mod sources;
mod sweep;
mod transfers;
mod trash;
mod watch;
