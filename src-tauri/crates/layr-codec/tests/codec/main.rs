//! Promises of the codec, in one test binary.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test may panic, and its segments are short"
)]

mod chunking;
mod golden;
mod hostile;
mod known_answers;
mod profiles;
mod round_trips;
mod sealing;
mod support;
