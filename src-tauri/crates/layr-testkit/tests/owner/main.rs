//! What an owner is promised: files go out, come back bit for bit, and outlive hosts that die, stall or lie.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod roundtrip;
mod scene;
