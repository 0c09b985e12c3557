//! The contract on the real host of the ledger: every call, every cheat, and many thousand random histories.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::manual_is_multiple_of,
    clippy::verbose_bit_mask,
    reason = "steps of histories are random numbers that are taken apart, and all amounts are small"
)]

mod beacon;
mod built;
mod calls;
mod cheats;
mod data;
mod excuses;
mod grinding;
mod groups;
mod histories;
mod history;
mod malformed;
mod model;
mod opened;
mod renewals;
mod scene;
mod shown;
mod terms;
mod unpayable;
mod world;
