//! The terms that nodes of this version propose and take: everybody's windows are the same, so that they share their beacons.

use layr_agreement::{Calendar, RuleError, rent};
use layr_ledger::Account;
use layr_ledger::agreement::EscrowTerms;

const DAY_S: u32 = 24 * 60 * 60;
/// A window: a week. Rare enough that a host's laptop has time, and that thirty hosts are not asked all the time.
const WINDOW_S: u32 = 7 * DAY_S;
/// The last two days of it: a laptop may sleep over a weekend.
const RESPONSE_S: u32 = 48 * 60 * 60;
/// Windows of a term where nobody says otherwise: three months.
pub(crate) const TERM_WINDOWS: u32 = 13;
/// Windows that a term may have: no fewer than what a holiday and three missed ones need to tell them apart, no more than the contract's 120 days.
pub(crate) const ALLOWED_WINDOWS: std::ops::RangeInclusive<u32> = 4..=17;
/// Its days.
pub(crate) const TERM_DAYS: u32 = TERM_WINDOWS * (WINDOW_S / DAY_S);
/// Leaves that an answer shows: who lacks a tenth of the data is found with 57 % in each window, and audits ask much more often.
const SAMPLES: u32 = 8;
/// Windows that may be missed for nothing: a holiday.
const MISSED_ALLOWED: u32 = 1;
/// Refund of a proof on the ledger, in stroops: what the first one costs, which pays for the life of the host's state, was measured as 0.019 lumens.
pub(crate) const PROOF_REFUND_STROOPS: u64 = 200_000;
/// Refunds that a deposit has room for: what thirteen proofs cost together, as all but the first are cheaper than what is refunded. They were measured as
/// 0.018 and 0.0085 lumens, so 0.12. An owner that is silent for the whole term makes its hosts lose nothing by proving, and rounds of the
/// beacon, which all hosts of a network share, at most.
pub(super) const REFUNDED_PROOFS: u64 = 7;
/// An owner puts in for so much more than lies at a host: one part in four, so that data that grows needs an escrow of its own only each time
/// that it has grown by a quarter, however small the uploads are. What is not used comes back with the end of the term.
const HEADROOM_PART: u64 = 4;
/// And at least for so much more, in stroops: 0.02 lumens. What a host's part of an escrow of a few costs in fees was measured as 0.012, and that
/// never comes back.
const LEAST_HEADROOM_STROOPS: u64 = 200_000;
/// Collateral in hundredths of the rent of the term, where a host says nothing else.
pub(crate) const DEFAULT_COLLATERAL_PERCENT: u8 = 20;
/// So long after the last term with an owner a host keeps what it has of theirs: a week in which they are told, and can agree anew.
pub(crate) const GRACE_S: u64 = 7 * DAY_S as u64;
/// An escrow is not opened in the last seconds in which hosts may join: the transaction takes its time.
const JOIN_MARGIN_S: u64 = 60 * 60;

/// With which window a term begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FirstWindow {
    /// The one that runs, if hosts may still join in it, else the next one.
    Soonest,
    /// The one that begins at this second.
    At(u64),
}

/// The windows of a term that is agreed on now, where nobody says how many.
pub(crate) fn calendar(now_s: u64, first: FirstWindow) -> Calendar {
    calendar_of(now_s, first, TERM_WINDOWS)
}

/// The windows of a term that is agreed on now.
pub(crate) fn calendar_of(now_s: u64, first: FirstWindow, windows: u32) -> Calendar {
    let number = |time_s: u64| u32::try_from(time_s / u64::from(WINDOW_S)).unwrap_or(u32::MAX - 1);
    let of = |first_window| Calendar { first_window, windows, window_s: WINDOW_S, response_s: RESPONSE_S };
    match first {
        FirstWindow::At(begin_s) => of(number(begin_s)),
        FirstWindow::Soonest => {
            let running = of(number(now_s));
            if now_s.saturating_add(JOIN_MARGIN_S) < running.joining_ends_s() {
                running
            } else {
                of(running.first_window.saturating_add(1))
            }
        }
    }
}

/// Terms with these windows that nodes of this version propose.
pub(crate) fn terms(
    owner: Account,
    receipt_key: [u8; 32],
    calendar: Calendar,
    nonce: [u8; 16],
) -> EscrowTerms {
    let receipt_keys = vec![receipt_key];
    EscrowTerms { owner, receipt_keys, calendar, samples: SAMPLES, missed_allowed: MISSED_ALLOWED, nonce }
}

/// Whether all that is the same for everybody is so in these terms.
pub(crate) fn is_ours(terms: &EscrowTerms) -> bool {
    let Calendar { windows, window_s, response_s, .. } = terms.calendar;
    (window_s, response_s) == (WINDOW_S, RESPONSE_S)
        && ALLOWED_WINDOWS.contains(&windows)
        && (terms.samples, terms.missed_allowed) == (SAMPLES, MISSED_ALLOWED)
}

/// What an owner puts in for a host: the rent of all windows, and some refunds of proofs.
///
/// # Errors
/// A sum that does not fit.
pub(crate) fn deposit_stroops(
    leaves: u64,
    price_stroops_per_gib: u64,
    windows: u32,
) -> Result<u64, RuleError> {
    let rents = rents_stroops(leaves, price_stroops_per_gib, windows)?;
    rents.checked_add(PROOF_REFUND_STROOPS * REFUNDED_PROOFS).ok_or(RuleError::Overflow)
}

/// The most of a deposit that its host can get in 30 days: all refunds are in it. Never nothing.
pub(crate) fn monthly_stroops(deposit_stroops: u64, calendar: &Calendar) -> u64 {
    let length_s = u64::from(calendar.windows).saturating_mul(calendar.window_s.into());
    let month = u128::from(deposit_stroops) * u128::from(30 * DAY_S);
    u64::try_from(month.div_ceil(u128::from(length_s.max(1)))).unwrap_or(u64::MAX).max(1)
}

/// What an owner of this version puts in for `leaves`, with room for more; `at_host` leaves lie there in all, also those that other agreements are
/// about.
///
/// # Errors
/// As [`deposit_stroops`].
pub(crate) fn roomy_deposit_stroops(
    leaves: u64,
    at_host: u64,
    price_stroops_per_gib: u64,
    windows: u32,
) -> Result<u64, RuleError> {
    let least = deposit_stroops(leaves, price_stroops_per_gib, windows)?;
    let room = rents_stroops(at_host.max(leaves) / HEADROOM_PART, price_stroops_per_gib, windows)?;
    least.checked_add(room.max(LEAST_HEADROOM_STROOPS)).ok_or(RuleError::Overflow)
}

/// What a host puts in: so many hundredths of the rent of all windows, rounded down.
///
/// # Errors
/// As [`deposit_stroops`].
pub(crate) fn collateral_stroops(
    leaves: u64,
    price_stroops_per_gib: u64,
    windows: u32,
    percent: u8,
) -> Result<u64, RuleError> {
    let rents = rents_stroops(leaves, price_stroops_per_gib, windows)?;
    Ok(rents.checked_mul(percent.into()).ok_or(RuleError::Overflow)? / 100)
}

/// The rent of so many windows.
///
/// # Errors
/// As [`deposit_stroops`].
pub(crate) fn rents_stroops(leaves: u64, price_stroops_per_gib: u64, windows: u32) -> Result<u64, RuleError> {
    rent(leaves, price_stroops_per_gib)?.checked_mul(windows.into()).ok_or(RuleError::Overflow)
}

#[cfg(test)]
mod tests {
    use super::{LEAST_HEADROOM_STROOPS, deposit_stroops, roomy_deposit_stroops};

    #[test]
    fn an_owner_puts_in_for_a_quarter_more_than_lies_at_the_host_and_never_for_nothing_more() {
        let price = 1 << 24;
        let least = deposit_stroops(4096, price, 13).unwrap();
        let roomy = |at_host| roomy_deposit_stroops(4096, at_host, price, 13).unwrap() - least;
        assert_eq!(roomy(4096), 1024 * 16 * 13);
        assert_eq!(roomy(0), 1024 * 16 * 13, "of which this is the whole");
        assert_eq!(roomy(40_960), 10_240 * 16 * 13, "also of what other agreements are about");
        let little = roomy_deposit_stroops(4, 4, 1 << 20, 13).unwrap();
        assert_eq!(little - deposit_stroops(4, 1 << 20, 13).unwrap(), LEAST_HEADROOM_STROOPS);
        assert!(roomy_deposit_stroops(1, u64::MAX, price, 13).is_err());
    }
}
