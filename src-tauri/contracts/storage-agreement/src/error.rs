//! Why a call is refused. The numbers are on chain for ever: never reuse one.

use layr_agreement::RuleError;
use soroban_sdk::{Env, contracterror, panic_with_error};

/// Why a call is refused. Nothing was changed.
#[contracterror]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Error {
    /// A number of the escrow's terms is out of its bounds.
    BadTerms = 1,
    /// A number of a host's terms is out of its bounds.
    BadHostTerms = 2,
    /// There are no hosts, or more than an escrow takes.
    BadHostCount = 3,
    /// This escrow was opened before.
    AlreadyOpen = 4,
    /// There is no such escrow: other terms, another host's place, or all is settled.
    NoSuchEscrow = 5,
    /// The first window is too far on for this.
    TooLate = 6,
    /// The response time of the window has not begun.
    TooEarly = 7,
    /// The host's part is not in the state that this call needs.
    WrongState = 8,
    /// There is no such window in what is left of the term.
    NoSuchWindow = 9,
    /// The window counts already, or lies before one that does.
    AlreadyCounted = 10,
    /// Three windows in a row were missed: the agreement has ended.
    Ended = 11,
    /// The window's beacon is not here yet, and the owner asked nothing.
    NoQuestion = 12,
    /// A beacon's signature is not that of its round.
    BadBeacon = 13,
    /// The number of leaves is not that of the terms.
    WrongLeafCount = 14,
    /// A leaf or its path does not lead to the data root, or is not the leaf asked for; or a path is none.
    BadProof = 15,
    /// A receipt or a revision would go back.
    GoesBack = 16,
    /// A statement says more than the terms allow.
    BadStatement = 17,
    /// The statement is signed with a key that the terms do not name.
    NoSuchKey = 18,
    /// The window can be answered: its beacon was published, or the owner asked.
    Answerable = 19,
    /// The owner asked for this window before.
    AlreadyAsked = 20,
    /// What is stored is not what this contract stores.
    Corrupt = 21,
    /// A sum does not fit.
    Overflow = 22,
    /// The owner's account takes no payment.
    Unpayable = 23,
}

/// Refuses the call unless this holds. Nothing of a refused call is kept, so nobody has to be told on the way out: that would be code,
/// and code costs rent.
#[inline(never)]
pub(crate) fn must(env: &Env, holds: bool, error: Error) {
    if !holds {
        panic_with_error!(env, error);
    }
}

/// What is there; otherwise the call is refused.
pub(crate) fn found<T>(env: &Env, value: Option<T>, error: Error) -> T {
    must(env, value.is_some(), error);
    value.unwrap_or_else(|| unreachable!())
}

/// What the rules allow.
pub(crate) fn allowed<T>(env: &Env, result: Result<T, RuleError>) -> T {
    result.unwrap_or_else(|error| refuse(env, error))
}

#[inline(never)]
fn refuse(env: &Env, error: RuleError) -> ! {
    let error = match error {
        RuleError::NoSuchWindow => Error::NoSuchWindow,
        RuleError::AlreadyCounted => Error::AlreadyCounted,
        RuleError::WrongState => Error::WrongState,
        RuleError::BadStatement => Error::BadStatement,
        RuleError::GoesBack => Error::GoesBack,
        RuleError::Corrupt => Error::Corrupt,
        _ => Error::Overflow,
    };
    panic_with_error!(env, error);
}
