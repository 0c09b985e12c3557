//! The network against itself on loopback: streams, discovery, records, restarts, hostile peers.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

#[path = "net/attacker.rs"]
mod attacker;
#[path = "net/discovery.rs"]
mod discovery;
#[path = "net/hostile.rs"]
mod hostile;
#[path = "net/node.rs"]
mod node;
#[path = "net/streams.rs"]
mod streams;
