//! The rules of a storage agreement: when windows are, how a host's part moves, who gets what, and what both sides sign.
//!
//! One crate for the owner, the host and the contract that referees, so that the three can never disagree about a second or a
//! stroop. It is `no_std`, allocates nothing and does no I/O; whoever uses it brings accounts, keys and signatures. The formats are
//! written down in `docs/formats.md`, chapter "Agreement on the ledger".

#![no_std]

mod calendar;
mod slot;
mod statement;
mod terms;

pub use calendar::{
    Calendar, EXCUSE_AFTER_S, EXCUSE_UNTIL_S, KEPT_AFTER_S, MAX_LEAD_S, MAX_RESPONSE_S, MAX_TERM_S,
    MAX_WINDOWS, MIN_RESPONSE_S, SETTLE_AFTER_S, round_at,
};
pub use slot::{Division, LEAVES_PER_GIB, MISSES_THAT_END, SLOT_BYTES, Slot, Stake, State, rent};
pub use statement::{
    CLOSING_BODY_BYTES, CLOSING_LABEL, MAX_REVISION, RECEIPT_BODY_BYTES, RECEIPT_LABEL, REVISION_BODY_BYTES,
    REVISION_LABEL, ReceiptBody, RevisionBody, closing_body,
};
pub use terms::{ESCROW_TERMS_BYTES, EscrowTermsBody, HOST_TERMS_BYTES, HostTermsBody};

/// Most hosts of one escrow: their terms and consents fit one transaction, and their root's path is short.
pub const MAX_HOSTS: u32 = 64;
/// Most parts to settle in one transaction: each is a payment, whose event has about 200 bytes, and a transaction has room for
/// 16 KiB of them, in a renewal beside those of the next term's collateral.
pub const MAX_PARTS_SETTLED: usize = 32;
/// Most leaves that a proof of a window shows. 64 of them nearly fill a transaction of 132 096 bytes.
pub const MAX_SAMPLES: u32 = 64;
/// Keys that may sign receipts for the owner: the owner's own and one delegate's.
pub const MAX_RECEIPT_KEYS: u32 = 2;
/// Most leaves of a host's data: 4 TiB. Times [`MAX_PRICE_STROOPS`] it stays below 2^63.
pub const MAX_LEAVES: u64 = 1 << 32;
/// Highest price for a GiB and window in stroops: 214 lumens.
pub const MAX_PRICE_STROOPS: u64 = 1 << 31;
/// Most stroops of an escrow, with all that hosts put in: what six bytes hold, 28 million lumens.
pub const MAX_AMOUNT_STROOPS: u64 = (1 << 48) - 1;

/// What the rules refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleError {
    /// There is no such window.
    NoSuchWindow,
    /// The window counts already.
    AlreadyCounted,
    /// The part is not in the state that this needs.
    WrongState,
    /// A statement says more than the terms allow.
    BadStatement,
    /// A receipt or a revision would go back.
    GoesBack,
    /// Bytes are no slot.
    Corrupt,
    /// A sum does not fit.
    Overflow,
}

impl core::fmt::Display for RuleError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::NoSuchWindow => "there is no such window",
            Self::AlreadyCounted => "the window counts already",
            Self::WrongState => "the host's part is in another state",
            Self::BadStatement => "the statement says more than the terms allow",
            Self::GoesBack => "the statement goes back behind an earlier one",
            Self::Corrupt => "the bytes are no state of a host",
            Self::Overflow => "a sum does not fit",
        })
    }
}

impl core::error::Error for RuleError {}

#[cfg(test)]
extern crate std;
