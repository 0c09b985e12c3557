//! What a host promises to owners, to strangers and to the person whose disk it is.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod activity;
mod agreements;
mod answers;
mod audits;
mod caller;
mod leaving;
mod limits;
mod lying;
mod settings;
mod space;
