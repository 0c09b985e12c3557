//! Nothing is paid twice, whatever a server does and whenever the client ends. The server here is a fake that counts payments, loses answers
//! and lies by script; the same promises on a real ledger are in `tests/ledger`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod decisions;
mod doubts;
mod fake_ledger;
mod kit;
mod lies;
mod payments;
