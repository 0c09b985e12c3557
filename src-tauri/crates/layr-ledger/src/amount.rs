//! Amounts of money: stroops inside, decimal lumens at the edges. No floating point anywhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Stroops in a lumen.
const STROOPS_PER_LUMEN: u64 = 10_000_000;
/// Digits after the point that a lumen has.
const DECIMALS: usize = 7;
/// The ledger keeps amounts as signed 64-bit numbers.
const MAX_STROOPS: u64 = i64::MAX.unsigned_abs();
/// Longest text that is looked at: twelve digits, a point and seven digits are the longest amount.
const MAX_TEXT_BYTES: usize = 32;

/// An amount of lumens in stroops (10⁻⁷ lumen), from 0 to 2⁶³ − 1. Where it is written down, it is text: decimal lumens.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stroops(u64);

/// A text or number that is no amount to pay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// Not digits with at most one point between them.
    #[error("{text:?} is no amount in lumens; write it as 12 or 12.5")]
    NotANumber {
        /// What was given, shortened.
        text: String,
    },
    /// More than seven digits after the point.
    #[error("{text} has more than 7 digits after the point; a lumen has 10 000 000 stroops")]
    TooFine {
        /// What was given.
        text: String,
    },
    /// Nothing.
    #[error("the amount is 0")]
    Zero,
    /// Less than nothing.
    #[error("the amount is below 0")]
    Negative,
    /// More than a ledger can hold.
    #[error("the amount is above 922337203685.4775807 lumens, the most that a ledger can hold")]
    TooLarge,
}

impl Stroops {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One lumen.
    pub const LUMEN: Self = Self(STROOPS_PER_LUMEN);
    /// The most that a ledger can hold.
    pub const MAX: Self = Self(MAX_STROOPS);

    /// That many stroops.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] above 2⁶³ − 1.
    pub const fn new(stroops: u64) -> Result<Self, AmountError> {
        if stroops > MAX_STROOPS { Err(AmountError::TooLarge) } else { Ok(Self(stroops)) }
    }

    /// So few stroops that they always fit.
    pub const fn small(stroops: u32) -> Self {
        // Widening only: `From` is not const.
        Self(stroops as u64)
    }

    /// What a ledger says.
    ///
    /// # Errors
    /// [`AmountError::Negative`].
    pub fn from_ledger(stroops: i64) -> Result<Self, AmountError> {
        u64::try_from(stroops).map(Self).map_err(|_| AmountError::Negative)
    }

    /// The number of stroops.
    pub const fn stroops(self) -> u64 {
        self.0
    }

    /// The number as a ledger takes it.
    pub const fn to_ledger(self) -> i64 {
        // At most 2⁶³ − 1 by construction.
        self.0.cast_signed()
    }

    /// The sum, where it can be held.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(|sum| Self::new(sum).ok())
    }

    /// The sum, or the most that can be held: for comparisons, where more than everything is enough.
    #[must_use]
    pub fn saturating_add(self, other: Self) -> Self {
        self.checked_add(other).unwrap_or(Self::MAX)
    }

    /// The difference, where it is not below 0.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The difference, or nothing.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// So many times as much, where it can be held.
    pub fn checked_mul(self, times: u64) -> Option<Self> {
        self.0.checked_mul(times).and_then(|product| Self::new(product).ok())
    }

    /// An amount that somebody wants to pay: as parsed, and not 0.
    ///
    /// # Errors
    /// [`AmountError`].
    pub fn parse_payment(text: &str) -> Result<Self, AmountError> {
        match text.parse()? {
            Self::ZERO => Err(AmountError::Zero),
            amount => Ok(amount),
        }
    }
}

impl FromStr for Stroops {
    type Err = AmountError;

    /// Parses decimal lumens: digits, and at most seven more after a point. No sign, exponent, space or leading zero.
    fn from_str(text: &str) -> Result<Self, AmountError> {
        let not_a_number = || AmountError::NotANumber { text: text.chars().take(MAX_TEXT_BYTES).collect() };
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(rest) = text.strip_prefix('-') {
            return Err(if digits(&rest.replacen('.', "", 1)) {
                AmountError::Negative
            } else {
                not_a_number()
            });
        }
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if digits(fraction) => (whole, fraction),
            Some(_) => return Err(not_a_number()),
            None => (text, ""),
        };
        if !digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
            return Err(not_a_number());
        }
        if text.len() > MAX_TEXT_BYTES && fraction.len() <= DECIMALS {
            return Err(AmountError::TooLarge);
        }
        if fraction.len() > DECIMALS {
            return Err(AmountError::TooFine { text: text.chars().take(MAX_TEXT_BYTES).collect() });
        }
        let whole: u64 = whole.parse().map_err(|_| AmountError::TooLarge)?;
        let fraction: u64 = format!("{fraction:0<DECIMALS$}").parse().map_err(|_| not_a_number())?;
        let stroops = whole.checked_mul(STROOPS_PER_LUMEN).and_then(|whole| whole.checked_add(fraction));
        Self::new(stroops.ok_or(AmountError::TooLarge)?)
    }
}

impl TryFrom<String> for Stroops {
    type Error = AmountError;

    fn try_from(text: String) -> Result<Self, AmountError> {
        text.parse()
    }
}

impl From<Stroops> for String {
    fn from(amount: Stroops) -> Self {
        amount.to_string()
    }
}

impl fmt::Display for Stroops {
    /// Decimal lumens without zeros at the end: `12`, `0.5`, `0.0000001`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / STROOPS_PER_LUMEN, self.0 % STROOPS_PER_LUMEN);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        write!(f, "{whole}.{}", format!("{fraction:0>DECIMALS$}").trim_end_matches('0'))
    }
}

impl fmt::Debug for Stroops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stroops({self} XLM)")
    }
}

#[cfg(test)]
mod tests;
