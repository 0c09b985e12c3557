//! What a host promises whom it is paid by: on a real ledger, with an owner that speaks by hand.

mod consents;
mod kept;
mod market;
mod revisions;
mod silence;
mod windows;
