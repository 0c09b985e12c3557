//! File ⇄ chunks ⇄ segments ⇄ shards: pure functions over bytes. No I/O, no async, no clock, no randomness.
//!
//! ```text
//! file ─Chunker→ chunks ─seal_chunk→ segment ─SegmentEncoder→ shards with roots
//! file ←open_chunk─ chunks ←SegmentDecoder─ any k shards
//! ```
//!
//! The bytes that come out are specified in `docs/formats.md` and pinned by the golden files under
//! `tests/fixtures/codec`. Memory is bounded by what the caller hands in plus one stripe (n × 64 KiB) for each
//! encoder or decoder.

mod blind;
mod chunker;
mod coder;
mod decoder;
mod encoder;
mod error;
mod ids;
mod layout;
mod merkle;
mod profile;
mod sealed;
mod secrets;
mod shard_encoder;

pub use chunker::{AVERAGE_CHUNK_BYTES, Chunker, MAX_CHUNK_BYTES, MIN_CHUNK_BYTES};
pub use decoder::{SegmentDecoder, ShardRebuilder};
pub use encoder::{EncodedShard, SegmentEncoder, Stripe};
pub use error::{DecodeError, EncodeError, LayoutError, OpenError, ParseIdError, ProfileError, SealError};
pub use ids::{ChunkId, SegmentId, ShardRoot, chunk_id, chunk_ids};
pub use layout::{Extent, SegmentLayout, StripeLayout};
pub use merkle::{BulkSha256, ShardHasher, leaf_nodes, piece_node};
pub use profile::{FEWEST_HOSTS, MAX_SHARDS, Profile};
pub use sealed::{
    Encoding, NONCE_BYTES, SEAL_HEADROOM_BYTES, SEALED_OVERHEAD_BYTES, SealedInfo, TAG_BYTES, open_chunk,
    seal_chunk,
};
pub use secrets::{ChunkKey, CodecSecrets, SegmentBlindKey};
pub use shard_encoder::ShardEncoder;

/// Size of a piece: what one shard contributes to a full stripe.
///
/// 64 KiB: n pieces of a stripe stay in the cache while they are coded, blinded and hashed, and a 1 MiB chunk
/// is spread over as many hosts as a profile has data shards.
pub const PIECE_BYTES: usize = 64 * 1024;

/// Size of the largest shard. A segment holds at most k times as much.
pub const MAX_SHARD_BYTES: usize = 4 * 1024 * 1024;

/// Size of the leaves of a shard's tree, to a multiple of which shards are padded.
pub const LEAF_BYTES: usize = layr_proof::LEAF_BYTES;

const _: () = assert!(LEAF_BYTES == layr_sha256::LEAF_BYTES && PIECE_BYTES.is_multiple_of(LEAF_BYTES));
