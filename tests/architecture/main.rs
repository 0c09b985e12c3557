//! The shape of the repository, as rules that fail: who may depend on whom, and what keeps a tree tidy.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

mod documents;
mod floors;
mod lints;
mod tidy;
mod tree;
