//! What may still be spent: by the account, and by what the person allows for a month.

use layr_agreement::Calendar;
use layr_ledger::Stroops;

use super::{Paying, PayingError};
use crate::agreements::fees::{FEES_OF_ESCROW, FEES_OF_HOST};
use crate::agreements::monthly_stroops;
use crate::agreements::paying::ESCROW_FEE_CAP;

/// What is left for terms that begin at one time.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    /// What a month costs so far, the fees of the last one included.
    monthly_stroops: u64,
    monthly_limit_stroops: u64,
    /// What of a month was taken here.
    taken_stroops: u64,
    room: Stroops,
}

/// What a budget has no room for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Short {
    /// The person's limit.
    #[error("the monthly limit is short of {0} lumens for it, the ledger's fees included")]
    Limit(Stroops),
    /// The account has too little.
    #[error("{0} lumens are missing for its deposit")]
    Money(Stroops),
    /// More than the person said yes to.
    #[error("with it more than {0} lumens would go into escrow, which is the most that you allowed")]
    Yes(Stroops),
}

impl Budget {
    /// What is left beside the agreements that are open when terms begin at `begin_s`, and the fees of the 30 days before now.
    pub(super) async fn of(paying: &Paying, begin_s: u64, now_s: u64) -> Result<Self, PayingError> {
        let monthly = paying.monthly_of_all((begin_s, u64::MAX)).await?;
        let monthly = monthly.saturating_add(paying.fees_of_month(now_s).await?);
        let ledger = &paying.shared.ledger;
        let account = ledger.queue().ledger().find_account(ledger.account()).await?;
        Ok(Self {
            monthly_stroops: monthly,
            monthly_limit_stroops: paying.limits().monthly_stroops,
            taken_stroops: 0,
            room: account.map_or(Stroops::ZERO, |account| account.spendable()),
        })
    }

    /// What the account can still spend.
    pub(super) fn room(&self) -> Stroops {
        self.room
    }

    /// What the person's limit still allows for 30 days.
    pub(super) fn monthly(&self) -> Stroops {
        let left = self.monthly_limit_stroops.saturating_sub(self.monthly_stroops);
        Stroops::new(left).unwrap_or(Stroops::MAX)
    }

    /// Leaves room for the fees of one more escrow: in the account for the most that opening it may take, in the limit for what it usually takes.
    pub(super) fn open_escrow(&mut self) {
        self.room = self.room.saturating_sub(ESCROW_FEE_CAP);
        self.count(FEES_OF_ESCROW.into());
    }

    fn count(&mut self, stroops: u64) {
        self.monthly_stroops = self.monthly_stroops.saturating_add(stroops);
        self.taken_stroops = self.taken_stroops.saturating_add(stroops);
    }

    /// What of the person's limit a host's deposit for a term takes, with its fees.
    pub(super) fn of_month(calendar: &Calendar, deposit: Stroops) -> Stroops {
        let month = monthly_stroops(deposit.stroops(), calendar).saturating_add(FEES_OF_HOST.into());
        Stroops::new(month).unwrap_or(Stroops::MAX)
    }

    /// Takes a host's deposit for a term and its fees out of it, or nothing where there is no room.
    pub(super) fn take(&mut self, calendar: &Calendar, deposit: Stroops) -> Result<(), Short> {
        let month = Self::of_month(calendar, deposit).stroops();
        let with_it = self.monthly_stroops.saturating_add(month);
        if with_it > self.monthly_limit_stroops {
            let missing = with_it - self.monthly_limit_stroops;
            return Err(Short::Limit(Stroops::new(missing).unwrap_or(Stroops::MAX)));
        }
        if deposit > self.room {
            return Err(Short::Money(deposit.saturating_sub(self.room)));
        }
        self.count(month);
        self.room = self.room.saturating_sub(deposit);
        Ok(())
    }

    /// What is left of `later`, for terms that run beside those that were taken here.
    pub(super) fn left_in(&self, mut later: Self) -> Self {
        later.monthly_stroops = later.monthly_stroops.saturating_add(self.taken_stroops);
        later.taken_stroops = self.taken_stroops;
        later.room = later.room.min(self.room);
        later
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, FEES_OF_ESCROW, FEES_OF_HOST, Short, Stroops, monthly_stroops};
    use crate::agreements::{FirstWindow, calendar};

    /// 13 windows of a week.
    fn term() -> layr_agreement::Calendar {
        calendar(1_900_000_000, FirstWindow::Soonest)
    }

    #[test]
    fn a_month_of_a_term_costs_its_part_of_the_deposit_rounded_up() {
        assert_eq!(monthly_stroops(91, &term()), 30);
        assert_eq!(monthly_stroops(92, &term()), 31);
        assert_eq!(monthly_stroops(0, &term()), 1);
    }

    #[test]
    fn a_deposit_is_taken_where_the_limit_and_the_account_have_room_and_else_nothing_is() {
        let stroops = Stroops::small;
        let fees = u64::from(FEES_OF_HOST);
        let of = |monthly_stroops, room| Budget {
            monthly_stroops,
            monthly_limit_stroops: 70 + 2 * fees,
            taken_stroops: 0,
            room: stroops(room),
        };
        let mut budget = of(10, 200);
        assert_eq!(budget.take(&term(), stroops(91)), Ok(()));
        // A month of this is 30, and its fees: with the 40 that are spent, the limit to the stroop.
        assert_eq!(budget.take(&term(), stroops(92)), Err(Short::Limit(stroops(1))));
        budget.room = stroops(90);
        assert_eq!(budget.take(&term(), stroops(91)), Err(Short::Money(stroops(1))));
        budget.room = stroops(91);
        assert_eq!(budget.take(&term(), stroops(91)), Ok(()));
        assert_eq!((budget.monthly_stroops, budget.room()), (70 + 2 * fees, Stroops::ZERO));
        // Terms that begin later run beside these.
        let later = budget.left_in(of(0, 200));
        assert_eq!((later.monthly_stroops, later.room()), (60 + 2 * fees, Stroops::ZERO));
    }

    #[test]
    fn an_escrow_takes_its_fees_from_the_limit_before_any_host_is_in_it() {
        let (escrow, host) = (u64::from(FEES_OF_ESCROW), u64::from(FEES_OF_HOST));
        let of = |monthly_limit_stroops| Budget {
            monthly_stroops: 0,
            monthly_limit_stroops,
            taken_stroops: 0,
            room: Stroops::small(u32::MAX),
        };
        let opened = |limit| {
            let mut budget = of(limit);
            budget.open_escrow();
            budget.take(&term(), Stroops::small(91))
        };
        assert_eq!(opened(escrow + host + 30), Ok(()));
        assert_eq!(opened(escrow + host + 29), Err(Short::Limit(Stroops::small(1))));
    }
}
