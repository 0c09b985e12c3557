//! What a ledger's failures mean to a person.

use layr_ledger::{LedgerError, MINIMUM_BALANCE, Stroops};

use crate::error::{ErrorCode, NodeError, Retry};
use crate::upload::sentence;

/// The usual fee of a payment.
const USUAL_FEE: Stroops = Stroops::small(100);

/// A payment that did not come about.
pub(super) struct SendingFailure<'a> {
    pub(super) error: LedgerError,
    pub(super) amount: Stroops,
    pub(super) key: &'a str,
}

impl SendingFailure<'_> {
    /// For people, and with the payment's name; whoever may have paid is told to ask again under it.
    pub(super) fn explained(&self) -> NodeError {
        let key = self.key;
        let told = match &self.error {
            // All of these can come after it was sent.
            LedgerError::Unreachable { .. }
            | LedgerError::Lagging { .. }
            | LedgerError::Unsettled { .. }
            | LedgerError::RefusedForNow { .. }
            | LedgerError::MalformedAnswer { .. }
            | LedgerError::WrongNetwork { .. }
            | LedgerError::Reset { .. }
            | LedgerError::Journal { .. }
            | LedgerError::Unrecorded { .. } => {
                let told = explained(&self.error);
                let message = format!(
                    "{} Nothing is paid twice: repeat it under the same name, {key}, to learn what became of it.",
                    told.message
                );
                NodeError { message, ..told }
            }
            _ => self.explained_before(),
        };
        told.with("key", key)
    }

    /// The same before anything is signed.
    pub(super) fn explained_before(&self) -> NodeError {
        match &self.error {
            LedgerError::AccountNotFound { .. } => {
                let needed = self.amount.saturating_add(MINIMUM_BALANCE).saturating_add(USUAL_FEE);
                missing(needed, Stroops::ZERO, &sentence(&self.error.to_string()))
            }
            LedgerError::Overtaken { key: earlier } => {
                let earlier = earlier.strip_prefix(super::SEND_PREFIX).unwrap_or(earlier);
                let message = format!(
                    "Not paid: the payment {earlier}, which had been refused, came into the ledger after all. If this one is meant besides, pay it under a new name."
                );
                NodeError::new(ErrorCode::Conflict, message).with("earlier_key", earlier)
            }
            LedgerError::DestinationMissing { .. } | LedgerError::DestinationIsOwn { .. } => {
                explained(&self.error).with("field", "destination")
            }
            LedgerError::InsufficientFunds { .. } => explained(&self.error).with("field", "amount_xlm"),
            other => explained(other),
        }
    }
}

/// On a network whose hosts store for free.
pub(super) fn no_ledger() -> NodeError {
    NodeError::new(
        ErrorCode::InvalidRequest,
        "This network has no ledger: hosts store for free there, and there is nothing to pay.",
    )
}

/// A ledger's failure for people.
pub(crate) fn explained(error: &LedgerError) -> NodeError {
    let words = sentence(&error.to_string());
    match error {
        LedgerError::InsufficientFunds { needed, available } => {
            missing(*needed, *available, "There are not enough lumens in the account.")
        }
        LedgerError::AccountNotFound { .. } => NodeError::new(ErrorCode::NotEnoughFunds, words),
        LedgerError::Unreachable { .. }
        | LedgerError::Lagging { .. }
        | LedgerError::NoRound { .. }
        | LedgerError::Reset { .. }
        | LedgerError::Unsettled { .. } => NodeError::new(ErrorCode::NetworkUnreachable, words),
        LedgerError::MalformedAnswer { .. } | LedgerError::WrongNetwork { .. } => {
            NodeError::new(ErrorCode::NetworkUnreachable, words).with_retry(Retry::AfterUserAction)
        }
        LedgerError::Busy | LedgerError::Expired => {
            NodeError::new(ErrorCode::Conflict, words).with_retry(Retry::Automatic)
        }
        LedgerError::Journal { .. } | LedgerError::Unrecorded { .. } => {
            NodeError::new(ErrorCode::DatabaseUnusable, words)
        }
        LedgerError::BadAddress { .. }
        | LedgerError::DestinationMissing { .. }
        | LedgerError::DestinationIsOwn { .. }
        | LedgerError::BadAmount(_)
        | LedgerError::MemoTooLong { .. }
        | LedgerError::KeyTaken { .. }
        | LedgerError::NoFriendbot => NodeError::new(ErrorCode::InvalidRequest, words),
        // Refused by the ledger or a contract, or by what the caller allows.
        _ => NodeError::new(ErrorCode::Conflict, words),
    }
}

/// Too little money: by how much.
fn missing(needed: Stroops, available: Stroops, message: &str) -> NodeError {
    let lacking = needed.saturating_sub(available);
    let message = format!(
        "{message} {lacking} lumens are missing: {needed} are needed with the fee, and {available} can be spent."
    );
    NodeError::new(ErrorCode::NotEnoughFunds, message)
        .with("missing_xlm", lacking.to_string())
        .with("needed_xlm", needed.to_string())
        .with("available_xlm", available.to_string())
}
