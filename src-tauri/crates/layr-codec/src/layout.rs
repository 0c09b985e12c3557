//! Where the bytes of a segment lie.

use std::ops::Range;

use crate::{LEAF_BYTES, LayoutError, PIECE_BYTES, Profile};

/// Geometry of one segment: how its ciphertext is divided into stripes, pieces and shards.
///
/// Stripe j takes the next k × 64 KiB of the ciphertext: piece j of shard 0, piece j of shard 1, and so on. The last
/// stripe divides what is left into k pieces of equally many whole KiB, padded with zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SegmentLayout {
    profile: Profile,
    len_bytes: u32,
    stripes: u32,
    last_piece_bytes: u32,
}

/// Geometry of one stripe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripeLayout {
    /// Number of the stripe.
    pub stripe: u32,
    /// Its bytes of the segment's ciphertext, without padding.
    pub ciphertext: Range<u64>,
    /// Length of its pieces.
    pub piece_bytes: usize,
    /// Where its pieces start within the shards.
    pub shard_offset: u64,
}

/// A run of ciphertext within one data piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Index of the shard.
    pub shard: u8,
    /// Number of the stripe.
    pub stripe: u32,
    /// The bytes within the shard.
    pub shard_range: Range<u64>,
    /// The same bytes within the segment's ciphertext.
    pub ciphertext: Range<u64>,
}

/// [`PIECE_BYTES`] and [`LEAF_BYTES`] as the type that lengths are kept in.
const PIECE: u32 = 64 * 1024;
const LEAF: u32 = 1024;
const _: () = assert!(PIECE as usize == PIECE_BYTES && LEAF as usize == LEAF_BYTES);

impl SegmentLayout {
    /// The layout of a segment of 1 to k × 4 MiB.
    pub fn new(profile: Profile, len_bytes: u64) -> Result<Self, LayoutError> {
        let max_bytes = profile.max_segment_bytes();
        let too_long = LayoutError::TooLong { len_bytes, max_bytes };
        // 64 shards of 4 MiB are 2^28 bytes, so all lengths within a segment fit a `u32`.
        let len_bytes = u32::try_from(len_bytes).map_err(|_| too_long)?;
        if u64::from(len_bytes) > max_bytes {
            return Err(too_long);
        }
        if len_bytes == 0 {
            return Err(LayoutError::Empty);
        }
        let k = u32::from(profile.k());
        let stripes = len_bytes.div_ceil(k * PIECE);
        let rest = len_bytes - (stripes - 1) * k * PIECE;
        Ok(Self { profile, len_bytes, stripes, last_piece_bytes: rest.div_ceil(k * LEAF) * LEAF })
    }

    /// The segment's profile.
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// Length of the ciphertext.
    pub fn len_bytes(&self) -> u64 {
        u64::from(self.len_bytes)
    }

    /// Number of stripes, 1 to 64.
    pub const fn stripes(&self) -> u32 {
        self.stripes
    }

    /// Length of the pieces of a stripe; 0 beyond the last.
    pub const fn piece_bytes(&self, stripe: u32) -> usize {
        // There is at least one stripe; any number may be asked for.
        let last = self.stripes - 1;
        if stripe < last {
            PIECE_BYTES
        } else if stripe == last {
            self.last_piece_bytes as usize
        } else {
            0
        }
    }

    /// Length of each shard: whole KiB, at most 4 MiB.
    pub fn shard_bytes(&self) -> u64 {
        u64::from((self.stripes - 1) * PIECE + self.last_piece_bytes)
    }

    /// Leaves of each shard's tree.
    pub fn shard_leaves(&self) -> u64 {
        self.shard_bytes() / u64::from(LEAF)
    }

    /// Geometry of a stripe; `None` beyond the last.
    pub fn stripe(&self, stripe: u32) -> Option<StripeLayout> {
        if stripe >= self.stripes {
            return None;
        }
        let start = u64::from(stripe) * self.full_stripe_bytes();
        let end = (start + self.full_stripe_bytes()).min(self.len_bytes());
        Some(StripeLayout {
            stripe,
            ciphertext: start..end,
            piece_bytes: self.piece_bytes(stripe),
            shard_offset: u64::from(stripe) * u64::from(PIECE),
        })
    }

    /// The stripes that hold these bytes of the ciphertext; what lies beyond its end is left out.
    pub fn stripes_of(&self, ciphertext: &Range<u64>) -> Range<u32> {
        let end = ciphertext.end.min(self.len_bytes());
        if ciphertext.start >= end {
            return 0..0;
        }
        let number = |bytes: u64| u32::try_from(bytes).unwrap_or(self.stripes).min(self.stripes);
        number(ciphertext.start / self.full_stripe_bytes())..number(end.div_ceil(self.full_stripe_bytes()))
    }

    /// Where these bytes of the ciphertext lie, in order, an extent for each data piece that they touch. What lies
    /// beyond the end of the ciphertext is left out.
    pub fn map(&self, ciphertext: Range<u64>) -> impl Iterator<Item = Extent> + use<> {
        let layout = *self;
        let end = ciphertext.end.min(layout.len_bytes());
        let mut next = ciphertext.start;
        std::iter::from_fn(move || {
            let extent = (next < end).then(|| layout.extent_at(next, end))?;
            next = extent.ciphertext.end;
            Some(extent)
        })
    }

    /// The extent from `start` to the end of its piece, or to `end`. `start` must be within the ciphertext.
    fn extent_at(&self, start: u64, end: u64) -> Extent {
        let stripe = u32::try_from(start / self.full_stripe_bytes()).unwrap_or(u32::MAX);
        let piece_bytes = self.piece_bytes(stripe) as u64;
        let within_stripe = start % self.full_stripe_bytes();
        let column = within_stripe % piece_bytes;
        let length = (piece_bytes - column).min(end - start);
        let shard_start = u64::from(stripe) * u64::from(PIECE) + column;
        Extent {
            shard: u8::try_from(within_stripe / piece_bytes).unwrap_or(u8::MAX),
            stripe,
            shard_range: shard_start..shard_start + length,
            ciphertext: start..start + length,
        }
    }

    fn full_stripe_bytes(&self) -> u64 {
        u64::from(self.profile.k()) * u64::from(PIECE)
    }
}
