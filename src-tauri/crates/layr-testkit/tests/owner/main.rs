//! What an owner is promised: files go out, come back bit for bit, and outlive hosts that die, stall or lie.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod activity;
mod asked_first;
mod attacks;
mod audit;
mod backup;
mod bandwidth;
mod crash;
mod dedup;
mod delegate;
mod durability;
mod foreign;
mod joining;
mod leaving;
mod liars;
mod loss;
mod many;
mod pages;
mod places;
mod queue;
mod queue_crash;
mod queue_gone;
mod queue_overlap;
mod queue_pause;
mod ranges;
mod repair;
mod repair_plan;
mod reputation;
mod roundtrip;
mod scene;
mod share;
mod slow;
mod space;
mod targets;
mod twice;
mod upkeep;
mod verify;
mod wrong_clock;
