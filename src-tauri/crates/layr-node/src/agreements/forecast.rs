//! What it costs to store so much more, by what hosts ask now: shown before anything is spent, and held against what there is.

use layr_codec::LEAF_BYTES;
use layr_ledger::Stroops;

use super::fees::{FEES_OF_ESCROW, FEES_OF_HOST};
use super::price::cost_of_month;
use super::{
    DEFAULT_COLLATERAL_PERCENT, FirstWindow, TERM_DAYS, TERM_WINDOWS, calendar, collateral_stroops,
    monthly_stroops, rents_stroops, roomy_deposit_stroops,
};
use crate::api::StorageCost;
use crate::wire::Offer;

/// What hosts ask that shards may be placed with now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    hosts: u64,
    /// Of those that ask for a price: how many, the sums of their prices for a GiB and window, and of their percents of collateral.
    priced: u64,
    prices_stroops: u128,
    percents: u64,
}

/// What an upload is to hosts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Weight {
    /// Bytes of all shards.
    pub(crate) bytes: u64,
    /// How many these are.
    pub(crate) shards: u64,
}

/// What it comes to, in stroops.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Forecast {
    /// 30 days.
    pub(crate) month: Stroops,
    /// A term, if every host proves every window.
    pub(crate) rent: Stroops,
    /// What goes into escrow for it.
    pub(crate) deposit: Stroops,
    /// The owner's fees.
    pub(crate) fees: Stroops,
    /// What hosts put in.
    pub(crate) collateral: Stroops,
    /// What each host gets.
    leaves_at_host: u64,
    /// How many of the hosts that may be chosen ask for a price.
    priced: u64,
}

/// What there is for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// In the account, without what waits to be put into escrow.
    pub(crate) spendable: Stroops,
    /// Of what may be spent in 30 days.
    pub(crate) monthly: Stroops,
    /// The most that lies at a host of those that are paid.
    pub(crate) held_leaves: u64,
    /// What each of them could take more of for what is in escrow already.
    pub(crate) spare_leaves: u64,
    /// How many could.
    pub(crate) spare_hosts: u64,
}

/// What an upload lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Shortage {
    /// Lumens.
    #[error(
        "{missing} lumens are missing: storing this for a term takes {needed}, of which what is not earned comes back, and {available} can be spent"
    )]
    Funds {
        /// So much.
        missing: Stroops,
        /// With fees.
        needed: Stroops,
        /// In the account.
        available: Stroops,
    },
    /// The person's word.
    #[error(
        "the monthly limit is short of {missing} lumens: this takes {needed} of it, the ledger's fees included, and {available} are left"
    )]
    Limit {
        /// So much.
        missing: Stroops,
        /// For a month, with what may come back and with fees.
        needed: Stroops,
        /// What the limit still allows.
        available: Stroops,
    },
}

impl Asked {
    /// With one more host's offer.
    pub(crate) fn with(mut self, offer: &Offer) -> Self {
        self.hosts += 1;
        if offer.price_stroops_per_gib_window > 0 {
            self.priced += 1;
            self.prices_stroops += u128::from(offer.price_stroops_per_gib_window);
            self.percents += u64::from(offer.collateral_percent.unwrap_or(DEFAULT_COLLATERAL_PERCENT));
        }
        self
    }

    /// Whether nobody asks for anything.
    pub(crate) fn is_nothing(&self) -> bool {
        self.priced == 0
    }
}

impl Forecast {
    /// The cost of so much, spread evenly over these hosts, as many of them as there are shards, each of which has `held_leaves` already.
    pub(crate) fn of(weight: Weight, asked: &Asked, held_leaves: u64) -> Self {
        let hosts = asked.hosts.min(weight.shards);
        if hosts == 0 || asked.is_nothing() {
            return Self::default();
        }
        let priced = (hosts * asked.priced).div_ceil(asked.hosts);
        let leaves = weight.bytes.div_ceil(LEAF_BYTES as u64).div_ceil(hosts);
        let mean = asked.prices_stroops.div_ceil(asked.priced.into());
        let price = u64::try_from(mean).unwrap_or(u64::MAX);
        let percent = u8::try_from(asked.percents.div_ceil(asked.priced)).unwrap_or(u8::MAX);
        // What no agreement could name is shown as the most there is.
        let all = |of_host: Option<u64>| {
            let of_all = of_host.and_then(|of_host| of_host.checked_mul(priced));
            of_all.and_then(|stroops| Stroops::new(stroops).ok()).unwrap_or(Stroops::MAX)
        };
        Self {
            month: cost_of_month(weight.bytes.div_ceil(hosts).saturating_mul(priced), price),
            rent: all(rents_stroops(leaves, price, TERM_WINDOWS).ok()),
            deposit: all(roomy_deposit_stroops(
                leaves,
                leaves.saturating_add(held_leaves),
                price,
                TERM_WINDOWS,
            )
            .ok()),
            fees: all(Some(FEES_OF_HOST.into())).saturating_add(Stroops::small(FEES_OF_ESCROW)),
            collateral: all(collateral_stroops(leaves, price, TERM_WINDOWS, percent).ok()),
            leaves_at_host: leaves,
            priced: asked.priced,
        }
    }

    /// Its deposit's part of 30 days and its fees, as the monthly limit counts it.
    fn of_month(&self) -> Stroops {
        // All terms have the same length.
        let month = monthly_stroops(self.deposit.stroops(), &calendar(0, FirstWindow::Soonest));
        Stroops::new(month).unwrap_or(Stroops::MAX).saturating_add(self.fees)
    }

    /// What of it there is too little of.
    pub(crate) fn shortage(&self, room: &Room) -> Option<Shortage> {
        let (needed, month) = (self.deposit.saturating_add(self.fees), self.of_month());
        let fits_in_escrows = self.priced <= room.spare_hosts && self.leaves_at_host <= room.spare_leaves;
        if self.deposit == Stroops::ZERO || fits_in_escrows {
            None
        } else if month > room.monthly {
            let missing = month.saturating_sub(room.monthly);
            Some(Shortage::Limit { missing, needed: month, available: room.monthly })
        } else if needed > room.spendable {
            let missing = needed.saturating_sub(room.spendable);
            Some(Shortage::Funds { missing, needed, available: room.spendable })
        } else {
            None
        }
    }

    /// For people; what is missing is said where it is known.
    pub(crate) fn report(&self, shortage: Option<Shortage>) -> StorageCost {
        StorageCost {
            term_days: TERM_DAYS,
            rent_xlm: self.rent.to_string(),
            deposit_xlm: self.deposit.to_string(),
            fees_xlm: self.fees.to_string(),
            collateral_xlm: self.collateral.to_string(),
            shortage: shortage.map(|shortage| crate::upload::sentence(&shortage.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Forecast, Room, Shortage, Weight};
    use crate::wire::Offer;
    use layr_ledger::Stroops;

    const GIB: u64 = 1 << 30;

    fn asked(prices: &[u64]) -> Asked {
        let offer = |price: &u64| Offer {
            addresses: Vec::new(),
            free_bytes: GIB,
            price_stroops_per_gib_window: *price,
            max_term_days: 180,
            accepting: true,
            issued_at_unix_s: 0,
            leaves_in_s: None,
            account: None,
            collateral_percent: Some(50),
        };
        prices.iter().map(offer).fold(Asked::default(), |asked, offer| asked.with(&offer))
    }

    fn stroops(amount: u64) -> Stroops {
        Stroops::new(amount).unwrap()
    }

    fn room(spendable: Stroops, monthly: Stroops) -> Room {
        Room { spendable, monthly, held_leaves: 0, spare_leaves: 0, spare_hosts: 0 }
    }

    #[test]
    fn what_escrows_have_room_for_needs_no_money() {
        let forecast = Forecast::of(Weight { bytes: 3 * GIB, shards: 3 }, &asked(&[700; 3]), 0);
        let nothing = room(Stroops::ZERO, Stroops::ZERO);
        let spare = |spare_leaves, spare_hosts| Room { spare_leaves, spare_hosts, ..nothing };
        assert_eq!(forecast.shortage(&spare(1 << 20, 3)), None);
        assert!(forecast.shortage(&spare((1 << 20) - 1, 3)).is_some());
        assert!(forecast.shortage(&spare(1 << 20, 2)).is_some(), "the third may be chosen, too");
    }

    #[test]
    fn what_is_stored_with_hosts_that_are_free_costs_nothing_and_lacks_nothing() {
        let nothing = room(Stroops::ZERO, Stroops::ZERO);
        for asked in [asked(&[]), asked(&[0, 0, 0])] {
            let forecast = Forecast::of(Weight { bytes: GIB, shards: 3 }, &asked, 0);
            assert_eq!((forecast, forecast.shortage(&nothing)), (Forecast::default(), None));
        }
    }

    #[test]
    fn a_term_is_thirteen_windows_of_what_each_host_gets_and_only_those_that_ask_are_paid() {
        let forecast = Forecast::of(Weight { bytes: 4 * GIB, shards: 400 }, &asked(&[0, 700, 700, 1_400]), 0);
        // A GiB each: three priced hosts at the mean of 933 1/3, rounded up.
        assert_eq!(forecast.rent, stroops(3 * 934 * 13));
        assert_eq!(forecast.month, stroops((3_u64 * 934 * 30).div_ceil(7)));
        assert_eq!(forecast.collateral, stroops(3 * (934 * 13 / 2)));
        assert!(forecast.deposit > forecast.rent, "refunds are in it: {forecast:?}");
        // A small upload is with no more hosts than it has shards.
        let small = Forecast::of(Weight { bytes: 2 * GIB, shards: 2 }, &asked(&[700; 40]), 0);
        assert_eq!(small.rent, stroops(2 * 700 * 13));
    }

    #[test]
    fn what_is_missing_is_named_to_the_stroop() {
        let forecast = Forecast::of(Weight { bytes: 3 * GIB, shards: 3 }, &asked(&[700; 3]), 0);
        assert_eq!(forecast.fees, stroops(700_000 + 3 * 26_000));
        assert!(forecast.of_month() > forecast.month.saturating_add(forecast.fees), "{forecast:?}");
        let needed = forecast.deposit.saturating_add(forecast.fees);
        let (enough, one) = (room(needed, forecast.of_month()), stroops(1));
        assert_eq!(forecast.shortage(&enough), None);
        let poor = Room { spendable: needed.saturating_sub(one), ..enough };
        let funds = Shortage::Funds { missing: one, needed, available: poor.spendable };
        assert_eq!(forecast.shortage(&poor), Some(funds));
        let limited = Room { monthly: enough.monthly.saturating_sub(one), ..enough };
        let limit = Shortage::Limit { missing: one, needed: enough.monthly, available: limited.monthly };
        assert_eq!(forecast.shortage(&limited), Some(limit));
    }

    #[test]
    fn sums_that_no_agreement_could_name_are_the_most_there_is() {
        let forecast = Forecast::of(Weight { bytes: u64::MAX, shards: u64::MAX }, &asked(&[u64::MAX; 3]), 0);
        assert_eq!((forecast.rent, forecast.deposit), (Stroops::MAX, Stroops::MAX));
    }
}
