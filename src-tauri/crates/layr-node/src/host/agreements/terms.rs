//! Which terms this host agrees to.

use layr_agreement::{Calendar, MAX_LEAD_S};
use layr_ledger::Account;
use layr_ledger::agreement::{EscrowTerms, HostTerms};

use super::Asking;
use crate::agreements::{PROOF_REFUND_STROOPS, collateral_stroops, deposit_stroops, is_ours};

const DAY_S: u64 = 24 * 60 * 60;
/// Whether `terms`, proposed when the ledger's clock shows `now_s`, are what this host asks for, or better for it. `receipt_key` is its device's.
pub(super) fn are_agreeable(
    (terms, seat): (&EscrowTerms, &HostTerms),
    asking: &Asking,
    receipt_key: &[u8; 32],
    now_s: u64,
) -> bool {
    let windows = terms.calendar.windows;
    let (leaves, price) = (seat.leaves, seat.price_stroops_per_gib);
    let is_deposit_enough =
        deposit_stroops(leaves, price, windows).is_ok_and(|least| seat.deposit_stroops >= least);
    let is_collateral_fine = collateral_stroops(leaves, price, windows, asking.collateral_percent)
        .is_ok_and(|most| seat.collateral_stroops <= most);
    is_ours(terms)
        && begins_in_time(&terms.calendar, now_s)
        && u64::from(windows) * u64::from(terms.calendar.window_s) <= u64::from(asking.max_term_days) * DAY_S
        && is_own(seat, asking.account, receipt_key)
        && price >= asking.price_stroops_per_gib_window
        && seat.proof_refund_stroops >= PROOF_REFUND_STROOPS
        && is_deposit_enough
        && is_collateral_fine
}

/// A host may still join then, and the contract takes it already: who agrees earlier locks a host's money for nothing.
fn begins_in_time(asked: &Calendar, now_s: u64) -> bool {
    now_s < asked.joining_ends_s() && asked.begin_s(0) <= now_s.saturating_add(MAX_LEAD_S)
}

fn is_own(seat: &HostTerms, account: Account, receipt_key: &[u8; 32]) -> bool {
    seat.account == account && seat.receipt_key == *receipt_key
}

#[cfg(test)]
mod tests {
    use layr_ledger::Account;
    use layr_ledger::agreement::{EscrowTerms, HostTerms};

    use super::{Asking, DAY_S, are_agreeable};
    use crate::agreements::{
        FirstWindow, PROOF_REFUND_STROOPS, calendar, collateral_stroops, deposit_stroops, terms,
    };

    const NOW_S: u64 = 1_900_000_000;
    const PRICE: u64 = 1 << 22;

    fn asking() -> Asking {
        Asking {
            account: Account::from_bytes([1; 32]),
            price_stroops_per_gib_window: PRICE,
            collateral_percent: 20,
            max_term_days: 91,
        }
    }

    fn proposed() -> (EscrowTerms, HostTerms) {
        let windows = calendar(NOW_S, FirstWindow::Soonest);
        let seat = HostTerms {
            account: Account::from_bytes([1; 32]),
            receipt_key: [2; 32],
            price_stroops_per_gib: PRICE,
            deposit_stroops: deposit_stroops(4096, PRICE, 13).unwrap(),
            collateral_stroops: collateral_stroops(4096, PRICE, 13, 20).unwrap(),
            proof_refund_stroops: PROOF_REFUND_STROOPS,
            data_root: [3; 32],
            leaves: 4096,
        };
        (terms(Account::from_bytes([4; 32]), [5; 32], windows, [6; 16]), seat)
    }

    fn agreed(change: impl FnOnce(&mut EscrowTerms, &mut HostTerms)) -> bool {
        let (mut terms, mut seat) = proposed();
        change(&mut terms, &mut seat);
        are_agreeable((&terms, &seat), &asking(), &[2; 32], NOW_S)
    }

    #[test]
    fn what_is_asked_for_is_agreed_to_and_so_is_better() {
        assert!(agreed(|_, _| {}));
        assert!(agreed(|_, seat| {
            seat.price_stroops_per_gib += 1;
            seat.deposit_stroops += 1_000_000;
        }));
        assert!(agreed(|_, seat| seat.collateral_stroops = 0));
        assert!(agreed(|_, seat| seat.deposit_stroops += 1));
        assert!(agreed(|_, seat| seat.proof_refund_stroops += 1));
        assert!(agreed(|terms, _| terms.calendar.first_window += 3));
    }

    #[test]
    fn each_term_that_is_worse_is_refused() {
        assert!(!agreed(|_, seat| seat.price_stroops_per_gib -= 1));
        assert!(!agreed(|_, seat| seat.collateral_stroops += 1));
        assert!(!agreed(|_, seat| seat.deposit_stroops -= 1));
        assert!(!agreed(|_, seat| seat.proof_refund_stroops -= 1));
        assert!(!agreed(|_, seat| seat.account = Account::from_bytes([9; 32])));
        assert!(!agreed(|_, seat| seat.receipt_key = [9; 32]));
        assert!(!agreed(|_, seat| seat.leaves = u64::MAX), "a rent that cannot be counted");
        assert!(!agreed(|terms, _| terms.calendar.window_s = 700));
        assert!(!agreed(|terms, _| terms.calendar.response_s = 300));
        assert!(!agreed(|terms, _| terms.samples += 1));
        assert!(!agreed(|terms, _| terms.missed_allowed = 0));
        let (terms, seat) = proposed();
        let shorter = Asking { max_term_days: 90, ..asking() };
        assert!(!are_agreeable((&terms, &seat), &shorter, &[2; 32], NOW_S));
    }

    #[test]
    fn a_term_has_four_to_seventeen_windows() {
        let longest = Asking { max_term_days: 200, ..asking() };
        let is_fine = |windows: u32| {
            let (mut terms, mut seat) = proposed();
            terms.calendar.windows = windows;
            (seat.collateral_stroops, seat.deposit_stroops) =
                (0, deposit_stroops(4096, PRICE, windows).unwrap());
            are_agreeable((&terms, &seat), &longest, &[2; 32], NOW_S)
        };
        assert_eq!([3, 4, 13, 17, 18].map(is_fine), [false, true, true, true, false]);
    }

    #[test]
    fn a_term_begins_while_hosts_may_join_and_30_days_ahead_at_the_latest() {
        let (terms, seat) = proposed();
        let is_fine = |now_s: u64| are_agreeable((&terms, &seat), &asking(), &[2; 32], now_s);
        let joining_ends_s = terms.calendar.joining_ends_s();
        assert!(is_fine(joining_ends_s - 1) && !is_fine(joining_ends_s));
        let begin_s = terms.calendar.begin_s(0);
        assert!(is_fine(begin_s - 30 * DAY_S) && !is_fine(begin_s - 30 * DAY_S - 1));
        assert!(!agreed(|terms, _| terms.calendar.first_window -= 1));
        assert!(!agreed(|terms, _| terms.calendar.first_window += 5));
    }
}
