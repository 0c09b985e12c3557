//! A Stellar ledger on one computer.
//!
//! It executes real transactions on the real Soroban host, with the limits, fees and result codes of the public network, keeps its
//! entries in a database, and speaks the Stellar RPC, so that every Stellar tool works on it unchanged. It has a friendbot
//! and a randomness beacon of its own. There is one validator, and so no consensus: whoever runs it can cheat. It is for trying out, for tests
//! and for groups who trust that one.
//!
//! Classic operations: create and merge accounts, pay lumens, set options, bump sequence. No other asset than lumens has trust lines
//! here; contracts may have any token.

mod account;
mod apply;
mod beacon;
mod changes;
mod checks;
mod clock;
mod closing;
mod codec;
mod connections;
mod entries;
mod envelope;
mod error;
mod events;
mod fees;
mod friendbot;
mod host;
mod ledger;
mod network;
mod origin;
mod results;
mod root;
mod rpc;
mod server;
mod signatures;
mod simulate;
mod store;
mod waiting;

pub use beacon::{BEACON_DOMAIN, BEACON_PERIOD_S};
pub use clock::Clock;
pub use error::{LedgerError, LocalLedgerError};
pub use server::{LocalLedger, LocalLedgerSettings};
