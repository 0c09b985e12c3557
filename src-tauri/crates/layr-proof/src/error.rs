//! What can be wrong with counts, subtrees and encoded paths.

use core::fmt;

/// Leaf counts that no honest tree has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CountError {
    /// A node claims to have no leaf below it.
    ZeroLeaves,
    /// Two counts add up to more than a `u64` holds.
    Overflow {
        /// Leaves below the left node.
        left_leaves: u64,
        /// Leaves below the right node.
        right_leaves: u64,
    },
    /// A path is longer than [`crate::MAX_PATH_STEPS`].
    TooManySteps {
        /// Steps of the refused path.
        steps: usize,
    },
}

impl fmt::Display for CountError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ZeroLeaves => formatter.write_str("a node without leaves"),
            Self::Overflow { left_leaves, right_leaves } => {
                write!(formatter, "leaf counts {left_leaves} and {right_leaves} overflow")
            }
            Self::TooManySteps { steps } => write!(formatter, "a path of {steps} steps is too long"),
        }
    }
}

impl core::error::Error for CountError {}

/// Why no path could be made for a range of a tree's items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubtreeError {
    /// The range is empty or reaches beyond the list.
    OutOfRange {
        /// First item of the range.
        first: usize,
        /// Number of items in the range.
        count: usize,
        /// Number of items in the list.
        items: usize,
    },
    /// The range is not a subtree: it straddles a split of the tree.
    NotASubtree {
        /// First item of the range.
        first: usize,
        /// Number of items in the range.
        count: usize,
    },
    /// The items' counts are impossible.
    Count(CountError),
}

impl fmt::Display for SubtreeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { first, count, items } => {
                write!(formatter, "{count} items from {first} are not within {items} items")
            }
            Self::NotASubtree { first, count } => {
                write!(formatter, "{count} items from {first} are not a subtree")
            }
            Self::Count(error) => error.fmt(formatter),
        }
    }
}

impl core::error::Error for SubtreeError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Count(error) => Some(error),
            Self::OutOfRange { .. } | Self::NotASubtree { .. } => None,
        }
    }
}

impl From<CountError> for SubtreeError {
    fn from(error: CountError) -> Self {
        Self::Count(error)
    }
}

/// Why bytes are not an encoded path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathDecodeError {
    /// No byte at all.
    Empty,
    /// More steps than [`crate::MAX_PATH_STEPS`].
    TooManySteps {
        /// Steps that the first byte claims.
        steps: usize,
    },
    /// The length does not fit the number of steps.
    WrongLength {
        /// Bytes given.
        actual_bytes: usize,
        /// Bytes that the claimed number of steps takes.
        expected_bytes: usize,
    },
    /// A side byte is neither 0 nor 1.
    UnknownSide {
        /// The byte found.
        side: u8,
    },
    /// A sibling without leaves.
    ZeroLeaves,
    /// The counts are impossible.
    Count(CountError),
}

impl fmt::Display for PathDecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("an encoded path has at least one byte"),
            Self::TooManySteps { steps } => write!(formatter, "a path of {steps} steps is too long"),
            Self::WrongLength { actual_bytes, expected_bytes } => {
                write!(formatter, "an encoded path of {actual_bytes} bytes should have {expected_bytes}")
            }
            Self::UnknownSide { side } => write!(formatter, "{side} is not a side"),
            Self::ZeroLeaves => formatter.write_str("a sibling without leaves"),
            Self::Count(error) => error.fmt(formatter),
        }
    }
}

impl core::error::Error for PathDecodeError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Count(error) => Some(error),
            _ => None,
        }
    }
}

impl From<CountError> for PathDecodeError {
    fn from(error: CountError) -> Self {
        Self::Count(error)
    }
}
