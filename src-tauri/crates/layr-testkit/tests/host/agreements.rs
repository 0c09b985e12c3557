//! What a host promises whom it is paid by: on a real ledger, with an owner that speaks by hand.

mod consents;
mod contract_life;
mod excuses;
mod kept;
mod market;
mod owner;
mod relays;
mod revisions;
mod silence;
mod spending;
mod windows;
