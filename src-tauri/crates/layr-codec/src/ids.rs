//! Ids of chunks, segments and shards.

use std::fmt;
use std::str::FromStr;

use crate::ParseIdError;

/// Defines an id of fixed length, shown as lower-case hex.
macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $bytes:literal, $kind:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// The id of these bytes.
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// The bytes of the id.
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let error = ParseIdError { kind: $kind, expected_digits: 2 * $bytes };
                if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    return Err(error);
                }
                let mut bytes = [0; $bytes];
                hex::decode_to_slice(text, &mut bytes).map_err(|_| error)?;
                Ok(Self(bytes))
            }
        }
    };
}

id! {
    /// Name of a chunk: HMAC-SHA-256 of its plaintext under the owner's chunk-id key, so that only the owner can
    /// tell which content it stands for.
    ChunkId, 32, "chunk"
}

id! {
    /// Name of a segment: 16 random bytes, never used again for other content.
    SegmentId, 16, "segment"
}

id! {
    /// Hash of the counted Merkle tree over a blinded shard: its name at the host.
    ShardRoot, 32, "shard"
}

/// The chunk's id under the owner's chunk-id key.
pub fn chunk_id(chunk_id_key: &[u8; 32], plaintext: &[u8]) -> ChunkId {
    chunk_ids(chunk_id_key, &[plaintext]).first().copied().unwrap_or(ChunkId([0; 32]))
}

/// Ids of several chunks, in order. With SHA-NI two at once take three quarters of the time of one after the other;
/// with wide lanes alone a batch takes about as long as its longest chunk.
pub fn chunk_ids(chunk_id_key: &[u8; 32], plaintexts: &[&[u8]]) -> Vec<ChunkId> {
    layr_sha256::hmac_many(chunk_id_key, plaintexts).into_iter().map(ChunkId).collect()
}
