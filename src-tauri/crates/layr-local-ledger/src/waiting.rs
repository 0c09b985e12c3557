//! What another transaction of an account means while one of it waits: stellar-core's `TransactionQueue`, in its order.

use stellar_xdr::TransactionResultResult as Code;

use crate::envelope::Submitted;
use crate::fees;
use crate::ledger::Sent;
use crate::results;

/// Why a transaction does not take the place of the one that waits; none: it does, if it is good.
///
/// Only a fee bump of the same number does, and only for ten times the bid.
pub(crate) fn keeps_place(waiting: &Submitted, new: &Submitted) -> Option<Sent> {
    let is_within = waiting.fee_bump.is_some() && waiting.inner_hash == new.hash;
    if waiting.hash == new.hash || is_within {
        return Some(Sent::Duplicate);
    }
    if new.sequence() < waiting.sequence() {
        return Some(Sent::Refused(results::refused(Code::TxBadSeq, 0)));
    }
    if new.fee_bump.is_none() || new.sequence() != waiting.sequence() {
        return Some(Sent::TryAgainLater);
    }
    let least = fees::least_replacement(waiting, new);
    if fees::inclusion_bid(new) < least {
        let fee = least.saturating_add(fees::resource_fee(new));
        return Some(Sent::Refused(results::refused(Code::TxInsufficientFee, fee)));
    }
    None
}
