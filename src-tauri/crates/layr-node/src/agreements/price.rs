//! Prices as people write them, lumens for a GiB and month, and as agreements have them, stroops for a GiB and window.
//!
//! A month is 30 days and a window 7, so a window's price is 7 thirtieths of a month's, rounded up: for a host's price as for an owner's limit, so
//! that the same number is the same price. A window's price is shown as a month's rounded up: an owner whose limit is a host's price as it is
//! shown can pay it.

use std::fmt;
use std::str::FromStr;

use layr_agreement::MAX_PRICE_STROOPS;
use layr_ledger::{AmountError, Stroops};
use serde::{Deserialize, Serialize};

/// Days of a month in prices.
const MONTH_DAYS: u64 = 30;
/// A GiB has two to the power of so many bytes.
const GIB_BITS: u32 = 30;
/// Days of a window in prices.
const WINDOW_DAYS: u64 = 7;
/// The highest price of a month whose window an agreement can name.
const MAX_STROOPS_PER_MONTH: u64 = MAX_PRICE_STROOPS * MONTH_DAYS / WINDOW_DAYS;

/// A price in lumens for a GiB and month, low enough for an agreement. Its text is decimal lumens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MonthlyPrice(Stroops);

/// A text that is no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PriceError {
    /// It is no amount.
    #[error(transparent)]
    NotAnAmount(#[from] AmountError),
    /// Above what an agreement can name.
    #[error(
        "{price} lumens for a GiB and month are more than an agreement can name; the most is {}",
        MonthlyPrice::highest()
    )]
    TooHigh {
        /// What was given.
        price: Stroops,
    },
}

impl MonthlyPrice {
    /// Nothing.
    pub const FREE: Self = Self(Stroops::ZERO);
    /// The most that an agreement can name.
    pub fn highest() -> Self {
        // It fits: this is never free.
        Stroops::new(MAX_STROOPS_PER_MONTH).map_or(Self::FREE, Self)
    }

    /// What it is for a GiB and window, in stroops: asked for by a host, and allowed by an owner.
    pub fn per_window(self) -> u64 {
        // Far below 2⁶⁴: a price is bounded.
        self.0.stroops().saturating_mul(WINDOW_DAYS).div_ceil(MONTH_DAYS)
    }

    /// What is shown of so many stroops for a GiB and window, whoever named them.
    pub fn shown(stroops_per_window: u64) -> Stroops {
        let month = u128::from(stroops_per_window) * u128::from(MONTH_DAYS);
        let month = u64::try_from(month.div_ceil(WINDOW_DAYS.into())).unwrap_or(u64::MAX);
        Stroops::new(month).unwrap_or(Stroops::MAX)
    }
}

/// What so many bytes cost in a month at this price of a window, in stroops: rounded up.
pub(crate) fn cost_of_month(bytes: u64, stroops_per_gib_window: u64) -> Stroops {
    let stroops = u128::from(bytes)
        .saturating_mul(u128::from(stroops_per_gib_window))
        .saturating_mul(u128::from(MONTH_DAYS))
        .div_ceil(u128::from(WINDOW_DAYS) << GIB_BITS);
    u64::try_from(stroops).ok().and_then(|stroops| Stroops::new(stroops).ok()).unwrap_or(Stroops::MAX)
}

impl FromStr for MonthlyPrice {
    type Err = PriceError;

    fn from_str(text: &str) -> Result<Self, PriceError> {
        let price: Stroops = text.parse()?;
        if price > Self::highest().0 { Err(PriceError::TooHigh { price }) } else { Ok(Self(price)) }
    }
}

impl TryFrom<String> for MonthlyPrice {
    type Error = PriceError;

    fn try_from(text: String) -> Result<Self, PriceError> {
        text.parse()
    }
}

impl From<MonthlyPrice> for String {
    fn from(price: MonthlyPrice) -> Self {
        price.to_string()
    }
}

impl fmt::Display for MonthlyPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MAX_PRICE_STROOPS, MAX_STROOPS_PER_MONTH, MonthlyPrice, PriceError, Stroops, cost_of_month};

    fn price(text: &str) -> MonthlyPrice {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_has_30_days_and_a_price_that_does_not_come_out_even_is_never_nothing() {
        let windows = ["3", "1", "0.0000001", "0"].map(|text| price(text).per_window());
        assert_eq!(windows, [7_000_000, 2_333_334, 1, 0]);
    }

    #[test]
    fn a_month_costs_by_size_and_price_and_nothing_where_hosts_are_free() {
        let gib = 1 << 30;
        assert_eq!(cost_of_month(gib, price("3").per_window()).to_string(), "3");
        assert_eq!(cost_of_month(gib / 2, price("3").per_window()).to_string(), "1.5");
        assert_eq!(cost_of_month(1, 1).to_string(), "0.0000001");
        assert_eq!(cost_of_month(u64::MAX, 0).to_string(), "0");
        assert_eq!(cost_of_month(u64::MAX, u64::MAX), Stroops::MAX);
    }

    #[test]
    fn what_is_shown_is_a_plain_decimal() {
        assert_eq!(MonthlyPrice::shown(0).to_string(), "0");
        assert_eq!(MonthlyPrice::shown(7_000_000).to_string(), "3");
        assert_eq!(MonthlyPrice::shown(1).to_string(), "0.0000005");
        assert_eq!(MonthlyPrice::shown(u64::MAX).to_string(), "922337203685.4775807", "a hostile offer's");
    }

    #[test]
    fn what_no_agreement_can_name_is_refused() {
        assert_eq!(MonthlyPrice::highest().to_string(), "920.3501348");
        assert_eq!(MonthlyPrice::highest().per_window(), MAX_PRICE_STROOPS);
        assert_eq!(price("920.3501348"), MonthlyPrice::highest());
        let refused = "920.3501349".parse::<MonthlyPrice>();
        assert!(matches!(refused, Err(PriceError::TooHigh { .. })), "{refused:?}");
        for text in ["-1", "922337203686", "9223372036854775808", "1e3", "", "free"] {
            let refused = text.parse::<MonthlyPrice>();
            assert!(matches!(refused, Err(PriceError::NotAnAmount(_))), "{text:?}: {refused:?}");
        }
    }

    proptest! {
        #[test]
        fn who_allows_what_is_shown_of_a_price_pays_it(month in 0..=MAX_STROOPS_PER_MONTH) {
            let asked = price(&super::Stroops::new(month).unwrap().to_string()).per_window();
            let shown = MonthlyPrice::shown(asked);
            prop_assert!(shown.stroops() >= month);
            // Only that of the very highest price is above what can be written.
            if let Ok(limit) = shown.to_string().parse::<MonthlyPrice>() {
                prop_assert!(limit.per_window() >= asked);
            }
        }
    }
}
