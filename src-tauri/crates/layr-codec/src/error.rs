//! One error enum per family of operations.

use thiserror::Error;

/// Text that is not an id.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
#[error("{kind} ids are {expected_digits} lower-case hex digits")]
pub struct ParseIdError {
    /// What was expected: "chunk", "segment" or "shard".
    pub kind: &'static str,
    /// Digits of such an id.
    pub expected_digits: usize,
}

/// Shard counts that no profile has.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
#[error("{data_shards} of {total_shards} is no profile: 1 ≤ k ≤ n ≤ {}", crate::MAX_SHARDS)]
pub struct ProfileError {
    /// k as given.
    pub data_shards: u8,
    /// n as given.
    pub total_shards: u8,
}

/// A length that no segment has.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum LayoutError {
    /// Nothing to code.
    #[error("a segment has at least one byte")]
    Empty,
    /// More than k of the largest shards hold.
    #[error("a segment of {len_bytes} bytes is longer than {max_bytes}")]
    TooLong {
        /// Length asked for.
        len_bytes: u64,
        /// Longest segment of the profile.
        max_bytes: u64,
    },
}

/// Why a chunk was not sealed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealError {
    /// Chunks have 1 to [`crate::MAX_CHUNK_BYTES`] bytes.
    #[error("a chunk of {plain_bytes} bytes is not within 1 to {}", crate::MAX_CHUNK_BYTES)]
    Length {
        /// Length of the plaintext.
        plain_bytes: usize,
    },
    /// The cipher refused, which its bounds exclude.
    #[error("the cipher refused to seal {plain_bytes} bytes")]
    Cipher {
        /// Length of the plaintext.
        plain_bytes: usize,
    },
}

/// Why a sealed chunk was not opened.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// The stated length of the plaintext is impossible.
    #[error("a chunk of {plain_bytes} bytes is not within 1 to {}", crate::MAX_CHUNK_BYTES)]
    Length {
        /// Stated length of the plaintext.
        plain_bytes: u32,
    },
    /// Too short for header and tag, or longer than the stated length allows.
    #[error("a sealed chunk of {sealed_bytes} bytes cannot hold {plain_bytes} bytes")]
    SealedLength {
        /// Length of the sealed chunk.
        sealed_bytes: usize,
        /// Stated length of the plaintext.
        plain_bytes: u32,
    },
    /// Written by a newer version of the format.
    #[error("unknown version {version} of a sealed chunk")]
    UnknownVersion {
        /// The byte found.
        version: u8,
    },
    /// Neither raw nor compressed.
    #[error("unknown encoding {encoding} of a sealed chunk")]
    UnknownEncoding {
        /// The byte found.
        encoding: u8,
    },
    /// Not what was sealed under this key, id and length: altered or another chunk's.
    #[error("a sealed chunk does not match its tag")]
    NotAuthentic,
    /// Authentic, but its content does not decompress to the stated length.
    #[error("a sealed chunk does not decompress to {plain_bytes} bytes")]
    Decompress {
        /// Stated length of the plaintext.
        plain_bytes: u32,
    },
}

/// The Reed–Solomon coder's own complaint, kept as a source.
type CoderError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Why a stripe was not encoded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// Impossible length of the segment.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// All stripes of the segment were encoded already.
    #[error("the segment has only {stripes} stripes")]
    NoMoreStripes {
        /// Stripes of the segment.
        stripes: u32,
    },
    /// Stripes of the segment are missing, so that there is no root yet.
    #[error("{encoded_stripes} of {stripes} stripes were encoded")]
    Unfinished {
        /// Stripes encoded.
        encoded_stripes: u32,
        /// Stripes of the segment.
        stripes: u32,
    },
    /// The ciphertext has not the length of the stripe.
    #[error("stripe {stripe} has {expected_bytes} bytes, not {actual_bytes}")]
    StripeLength {
        /// Number of the stripe.
        stripe: u32,
        /// Bytes given.
        actual_bytes: usize,
        /// Bytes that the stripe has.
        expected_bytes: usize,
    },
    /// No such shard in the profile.
    #[error("shard {shard} is not one of {total_shards}")]
    NoSuchShard {
        /// Index asked for.
        shard: u8,
        /// n of the profile.
        total_shards: u8,
    },
    /// The coder refused, which a checked profile excludes.
    #[error("the erasure coder refused")]
    Coder(#[source] CoderError),
}

/// Why a stripe was not decoded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Impossible length of the segment.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// Fewer different shards than the profile needs.
    #[error("{available} different shards are too few: {required} are needed")]
    NotEnoughShards {
        /// Different shards given.
        available: usize,
        /// k of the profile.
        required: usize,
    },
    /// No such shard in the profile.
    #[error("shard {shard} is not one of {total_shards}")]
    NoSuchShard {
        /// Index given.
        shard: u8,
        /// n of the profile.
        total_shards: u8,
    },
    /// No such stripe in the segment.
    #[error("stripe {stripe} is not one of {stripes}")]
    NoSuchStripe {
        /// Number given.
        stripe: u32,
        /// Stripes of the segment.
        stripes: u32,
    },
    /// A piece has not the length that was asked for.
    #[error("a piece of shard {shard} has {expected_bytes} bytes, not {actual_bytes}")]
    PieceLength {
        /// Index of the shard.
        shard: u8,
        /// Bytes given.
        actual_bytes: usize,
        /// Bytes expected.
        expected_bytes: usize,
    },
    /// Columns that are empty or reach beyond the stripe's pieces.
    #[error("columns {start} to {end} are not within pieces of {piece_bytes} bytes")]
    Columns {
        /// First byte of each piece.
        start: usize,
        /// Byte after the last of each piece.
        end: usize,
        /// Length of the stripe's pieces.
        piece_bytes: usize,
    },
    /// The coder refused, which checked input excludes.
    #[error("the erasure coder refused")]
    Coder(#[source] CoderError),
}
