//! Content-defined chunk boundaries: `FastCDC` as of 2020, with a secret gear table.

use std::fmt;

use fastcdc::v2020;
use sha2::Digest as _;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// No boundary is looked for below this length, so a file of at most this length is one chunk.
pub const MIN_CHUNK_BYTES: usize = 512 * 1024;

/// Length around which boundaries get likelier.
pub const AVERAGE_CHUNK_BYTES: usize = 1024 * 1024;

/// Length at which a chunk is cut in any case: one leaf below the largest shard, so that a sealed chunk with
/// its header and tag fits a segment of every profile, even of one data shard.
pub const MAX_CHUNK_BYTES: usize = crate::MAX_SHARD_BYTES - crate::LEAF_BYTES;

/// Masks of normalisation level 1 for an average of 2^20: one bit more than 20 before the average, one less after.
const MASK_BEFORE_AVERAGE: u64 = v2020::MASKS[21];
const MASK_AFTER_AVERAGE: u64 = v2020::MASKS[19];

/// Cuts an owner's files. Boundaries depend on content and on the owner's seed, so that chunk lengths do not
/// tell a known file from another.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Chunker {
    gear: [u64; 256],
    /// The gear shifted left by one, which saves a shift for every second byte.
    gear_shifted: [u64; 256],
}

impl Chunker {
    /// The chunker of a seed. Entry `b` of its gear is the first eight bytes, big-endian, of
    /// SHA-256("layr/v1/gear" ‖ seed u64 BE ‖ b u8).
    pub fn new(seed: u64) -> Self {
        let mut gear = [0; 256];
        for (byte, entry) in (0_u8..=255).zip(gear.iter_mut()) {
            let digest = sha2::Sha256::new()
                .chain_update(b"layr/v1/gear")
                .chain_update(seed.to_be_bytes())
                .chain_update([byte])
                .finalize();
            for (index, value) in digest.iter().take(8).enumerate() {
                *entry |= u64::from(*value) << (56 - 8 * index);
            }
        }
        Self { gear, gear_shifted: gear.map(|entry| entry << 1) }
    }

    /// Length of the first chunk of `window`, which starts where the chunk before ended.
    ///
    /// `None` means that the end is not in the window yet: call again with more bytes, or with `at_eof` when
    /// there are none. A window of [`MAX_CHUNK_BYTES`] or with `at_eof` always has an answer, unless it is empty.
    /// The answer does not depend on how much more than the chunk the window holds. Each call scans from the
    /// start, so fill the window well before asking.
    pub fn cut(&self, window: &[u8], at_eof: bool) -> Option<usize> {
        if window.is_empty() {
            return None;
        }
        let (_, length) = v2020::cut_gear(
            window,
            MIN_CHUNK_BYTES,
            AVERAGE_CHUNK_BYTES,
            MAX_CHUNK_BYTES,
            MASK_BEFORE_AVERAGE,
            MASK_AFTER_AVERAGE,
            MASK_BEFORE_AVERAGE << 1,
            MASK_AFTER_AVERAGE << 1,
            &self.gear,
            &self.gear_shifted,
        );
        // A boundary by content lies before the last byte; only the end of the window or the limit is at its end.
        (length < window.len() || length >= MAX_CHUNK_BYTES || at_eof).then_some(length)
    }
}

impl fmt::Debug for Chunker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Chunker(..)")
    }
}
