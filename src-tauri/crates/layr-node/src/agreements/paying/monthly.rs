//! What agreements come to in 30 days, for the limit of what may be spent.

use layr_agreement::{LEAVES_PER_GIB, MAX_LEAVES};
use layr_ledger::Stroops;
use layr_library::LedgerFees;

use super::{Agreement, ESCROW_FEE_CAP, Paying, PayingError, now_s};
use crate::agreements::{fees, monthly_stroops};

const MONTH_S: u64 = 30 * 24 * 60 * 60;

impl Paying {
    /// The most that hosts can get in 30 days by agreements that run at once at some time from `from_s` on, before `until_s`.
    pub(super) async fn monthly_of_all(&self, (from_s, until_s): (u64, u64)) -> Result<u64, PayingError> {
        let mut terms = Vec::new();
        for agreement in self.open().await? {
            let (begin_s, end_s) = (agreement.record.begin_unix_s, agreement.record.end_unix_s);
            // One that ends where these begin is not paid beside them. What is only proposed costs nothing yet.
            if end_s > from_s && begin_s < until_s && agreement.place().is_some() {
                let leaves = self.newest_leaves(&agreement).await?;
                terms.push((begin_s.max(from_s), end_s, monthly_with(&agreement, leaves)));
            }
        }
        Ok(most_at_once(&terms))
    }

    /// The most that opening an escrow may take in fees whose hosts, terms that begin at `begin_s`, are among the agreements already: what the person's
    /// limit leaves beside the rent.
    pub(super) async fn fee_cap_of_opening(&self, begin_s: u64) -> Result<Stroops, PayingError> {
        let rent = self.monthly_of_all((begin_s, u64::MAX)).await?;
        let now_s = now_s(&self.shared.ledger.tip().await?);
        // What is in doubt is not counted here: it may be this very opening, of an earlier look.
        let taken = self.fees(now_s).await?.taken_stroops;
        let left = self.limits().monthly_stroops.saturating_sub(rent).saturating_sub(taken);
        Ok(Stroops::new(left).unwrap_or(Stroops::MAX).min(ESCROW_FEE_CAP))
    }

    async fn fees(&self, now_s: u64) -> Result<LedgerFees, PayingError> {
        let network_id = self.shared.ledger.network().network_id;
        self.library(move |library| fees::of_month(library, &network_id, now_s)).await
    }

    /// What the 30 days before now cost in fees, in stroops; what is not decided with the most that it may.
    pub(super) async fn fees_of_month(&self, now_s: u64) -> Result<u64, PayingError> {
        let fees = self.fees(now_s).await?;
        Ok(fees.taken_stroops.saturating_add(fees.undecided_stroops))
    }

    /// What an agreement is about by its newest revision, also by one that the host has not signed yet.
    pub(super) async fn newest_leaves(&self, agreement: &Agreement) -> Result<u64, PayingError> {
        let id = agreement.record.id;
        let leaves = self.library(move |library| library.agreed_leaves(id, [u32::MAX], u32::MAX)).await?;
        Ok(leaves.into_iter().next().unwrap_or(agreement.host.leaves))
    }
}

/// The highest sum of those of these terms that run at once, each from its first second until before its last: it is reached where one begins.
fn most_at_once(terms: &[(u64, u64, u64)]) -> u64 {
    let at = |time_s: u64| {
        let running = terms.iter().filter(|(begin_s, end_s, _)| (*begin_s..*end_s).contains(&time_s));
        running.fold(0_u64, |sum, (.., monthly)| sum.saturating_add(*monthly))
    };
    terms.iter().map(|(begin_s, ..)| at(*begin_s)).max().unwrap_or(0)
}

/// As [`monthly_stroops`], of an agreement that is about so many leaves: late in a term, a deposit may pay for more in a month than its part.
pub(super) fn monthly_with(agreement: &Agreement, leaves: u64) -> u64 {
    let window_s = u128::from(agreement.terms.calendar.window_s.max(1));
    let month = u128::from(leaves) * u128::from(agreement.host.price_stroops_per_gib) * u128::from(MONTH_S);
    let month = month.div_ceil(window_s * u128::from(LEAVES_PER_GIB));
    u64::try_from(month)
        .unwrap_or(u64::MAX)
        .max(monthly_stroops(agreement.host.deposit_stroops, &agreement.terms.calendar))
}

/// The most leaves that [`monthly_with`] counts as no more than `stroops`, which is no less than the deposit's part.
pub(super) fn most_leaves_for(agreement: &Agreement, stroops: u64) -> u64 {
    let a_leaf = u128::from(agreement.host.price_stroops_per_gib) * u128::from(MONTH_S);
    let in_windows =
        u128::from(stroops) * u128::from(agreement.terms.calendar.window_s) * u128::from(LEAVES_PER_GIB);
    let most = in_windows.checked_div(a_leaf).unwrap_or(MAX_LEAVES.into());
    u64::try_from(most).unwrap_or(MAX_LEAVES).min(MAX_LEAVES)
}

#[cfg(test)]
mod tests {
    use layr_library::AgreementRole;
    use proptest::prelude::*;

    use super::{monthly_with, most_at_once, most_leaves_for};
    use crate::agreements::{agreement_of, monthly_stroops};

    #[test]
    fn a_term_and_the_one_that_follows_it_are_not_paid_at_once() {
        assert_eq!(most_at_once(&[]), 0);
        assert_eq!(most_at_once(&[(0, 91, 6), (91, 182, 7)]), 7);
        assert_eq!(most_at_once(&[(0, 91, 6), (90, 182, 7), (0, 182, 1)]), 14);
    }

    proptest! {
        #[test]
        fn what_is_within_a_month_is_so_to_the_leaf(
            stroops in 1_u64..1 << 40, price in 1_u64..1 << 31, deposit in 1_u64..1 << 40,
        ) {
            let mut agreement = agreement_of(AgreementRole::Owner, [2; 32], ([3; 32], 1000));
            agreement.host.price_stroops_per_gib = price;
            agreement.host.deposit_stroops = deposit;
            let part = monthly_stroops(agreement.host.deposit_stroops, &agreement.terms.calendar);
            prop_assert_eq!(monthly_with(&agreement, 0), part);
            let allowed = part + stroops;
            let most = most_leaves_for(&agreement, allowed);
            prop_assert!(monthly_with(&agreement, most) <= allowed);
            prop_assert!(most == layr_agreement::MAX_LEAVES || monthly_with(&agreement, most + 1) > allowed);
        }
    }
}
