//! Stellar over its RPC: an account's money, and transactions that never pay twice.
//!
//! [`Ledger`] asks one ledger (the local one, the test network or the public one) and refuses answers that cannot be its.
//! [`AccountQueue`] is the only thing that signs for an account: one transaction after the other, each written to a
//! [`Journal`] before it is sent, so that a crash or a lost answer is followed by the same bytes again and never by a second payment.
//! What comes from a server is a hint: what is signed was checked against what the caller approved.

mod address;
pub mod agreement;
mod amount;
mod approval;
mod bounded;
mod envelope;
mod error;
mod friendbot;
mod intent;
mod journal;
mod ledger;
mod outcome;
mod queue;
mod rpc;
mod sent;
mod web;

pub use self::address::{Account, AddressError, Contract};
pub use self::amount::{AmountError, Stroops};
pub use self::approval::Approval;
pub use self::envelope::Signer;
pub use self::error::LedgerError;
pub use self::intent::{ContractCall, Intent, Keep, KeepHow, Memo, Payment};
pub use self::journal::{EntryState, Journal, JournalEntry, JournalError};
pub use self::ledger::{
    AccountState, BASE_RESERVE, ContractEvent, EventPage, EventsFrom, Ledger, LedgerSettings, LedgerTip,
    MINIMUM_BALANCE,
};
pub use self::outcome::Settled;
pub use self::queue::{AccountQueue, PaymentPlan, VALID_FOR_S};
pub use self::sent::payment_in;
