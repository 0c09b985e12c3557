//! How many shards a segment has, and how many of them bring it back.

use crate::{MAX_SHARD_BYTES, ProfileError};

/// Most shards of a segment: twice the largest profile of the table below. It bounds the memory of a stripe
/// to 4 MiB and a manifest's shard tables.
pub const MAX_SHARDS: u8 = 64;

/// Fewest hosts that anything is stored on: one copy and two more, as the original's triple mirroring.
pub const FEWEST_HOSTS: usize = 3;

/// A redundancy profile: any k of n shards bring the segment back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Profile {
    k: u8,
    n: u8,
}

impl Profile {
    /// The profile k of n, with 1 ≤ k ≤ n ≤ [`MAX_SHARDS`].
    pub const fn new(k: u8, n: u8) -> Result<Self, ProfileError> {
        if k == 0 || k > n || n > MAX_SHARDS {
            return Err(ProfileError { data_shards: k, total_shards: n });
        }
        Ok(Self { k, n })
    }

    /// The profile for a network of so many eligible hosts: 10 of 30 from 40 on, 8 of 24 from 24 on, 4 of 12 from
    /// 12 on, below that ⌊hosts/3⌋ (at least 1) of all hosts. `None` below three hosts.
    pub fn for_hosts(eligible: usize) -> Option<Self> {
        let (k, n) = match eligible {
            0..FEWEST_HOSTS => return None,
            FEWEST_HOSTS..12 => (eligible / 3, eligible),
            12..24 => (4, 12),
            24..40 => (8, 24),
            40.. => (10, 30),
        };
        Self::new(u8::try_from(k).ok()?, u8::try_from(n).ok()?).ok()
    }

    /// Data shards: as many as bring the segment back.
    pub const fn k(self) -> u8 {
        self.k
    }

    /// All shards.
    pub const fn n(self) -> u8 {
        self.n
    }

    /// Parity shards: as many as may be lost.
    pub const fn parity(self) -> u8 {
        self.n - self.k
    }

    /// Stored shards from which a segment counts as safe: k and two thirds of the parity, rounded up.
    pub const fn success_threshold(self) -> u8 {
        self.k + (self.parity() * 2).div_ceil(3)
    }

    /// Length of the longest segment.
    pub const fn max_segment_bytes(self) -> u64 {
        self.k as u64 * MAX_SHARD_BYTES as u64
    }
}
