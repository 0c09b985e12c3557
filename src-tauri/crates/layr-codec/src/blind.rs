//! The key stream that is XOR-ed into every shard.

use aes::Aes256Enc;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};

use crate::SegmentBlindKey;

/// AES-256-CTR over one shard, the 128-bit big-endian counter starting at 0 with the shard's first byte.
/// Blinding and unblinding are the same.
pub(crate) struct KeyStream(Ctr128BE<Aes256Enc>);

impl KeyStream {
    pub(crate) fn new(key: &SegmentBlindKey, shard: u8) -> Self {
        Self(Ctr128BE::new((&*key.shard_key(shard)).into(), &[0; 16].into()))
    }

    /// The key streams of the first `shards` shards.
    pub(crate) fn all(key: &SegmentBlindKey, shards: u8) -> Vec<Self> {
        (0..shards).map(|shard| Self::new(key, shard)).collect()
    }

    /// XORs `bytes`, which start at `offset` of the shard. A shard is far below the 2^128 blocks at which the
    /// counter would wrap, so neither seek nor cipher can fail.
    pub(crate) fn apply_at(&mut self, offset: u64, bytes: &mut [u8]) {
        self.0.seek(offset);
        self.0.apply_keystream(bytes);
    }
}
