//! The owner's secrets that coding needs, and the keys derived from them.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{ChunkId, Chunker, SegmentId, chunk_id, chunk_ids};

const CHUNK_KEY_LABEL: &[u8] = b"layr/v1/chunk";
const BLIND_SEGMENT_LABEL: &[u8] = b"layr/v1/blind-segment";
const BLIND_SHARD_LABEL: &[u8] = b"layr/v1/blind-shard";

/// What an owner's coding depends on. The key hierarchy derives these values from the recovery phrase.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct CodecSecrets {
    /// Key of the chunk ids.
    pub chunk_id_key: [u8; 32],
    /// Secret that every chunk's key is derived from.
    pub chunk_key_secret: [u8; 32],
    /// Secret that every segment's blind key is derived from.
    pub blind_secret: [u8; 32],
    /// Seed of the chunk boundaries.
    pub chunker_seed: u64,
}

impl CodecSecrets {
    /// The chunker that cuts this owner's files.
    pub fn chunker(&self) -> Chunker {
        Chunker::new(self.chunker_seed)
    }

    /// Id of a chunk of this owner's.
    pub fn chunk_id(&self, plaintext: &[u8]) -> ChunkId {
        chunk_id(&self.chunk_id_key, plaintext)
    }

    /// Ids of several chunks; see [`chunk_ids`].
    pub fn chunk_ids(&self, plaintexts: &[&[u8]]) -> Vec<ChunkId> {
        chunk_ids(&self.chunk_id_key, plaintexts)
    }

    /// Key that seals the chunk. It opens this chunk only, so it can be given away with it.
    pub fn chunk_key(&self, id: &ChunkId) -> ChunkKey {
        ChunkKey(*expand(&self.chunk_key_secret, &[CHUNK_KEY_LABEL, id.as_bytes()]))
    }

    /// Key that blinds the segment's shards.
    pub fn segment_blind_key(&self, id: &SegmentId) -> SegmentBlindKey {
        SegmentBlindKey(*expand(&self.blind_secret, &[BLIND_SEGMENT_LABEL, id.as_bytes()]))
    }
}

impl fmt::Debug for CodecSecrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CodecSecrets(..)")
    }
}

/// Key of one chunk.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct ChunkKey([u8; 32]);

/// Key of one segment's blinding. Who has it can rebuild shards but read nothing.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SegmentBlindKey([u8; 32]);

impl ChunkKey {
    /// The key of these bytes, as a manifest holds them.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the key, for a manifest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl SegmentBlindKey {
    /// The key of these bytes, as a manifest holds them.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the key, for a manifest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Key of one shard's key stream.
    pub(crate) fn shard_key(&self, shard: u8) -> Zeroizing<[u8; 32]> {
        expand(&self.0, &[BLIND_SHARD_LABEL, &[shard]])
    }
}

impl fmt::Debug for ChunkKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ChunkKey(..)")
    }
}

impl fmt::Debug for SegmentBlindKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SegmentBlindKey(..)")
    }
}

/// HKDF-SHA-256-Expand (RFC 5869 section 2.3) to 32 bytes, which is the single block HMAC(secret, info ‖ 0x01).
fn expand(secret: &[u8; 32], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let message = [info.concat().as_slice(), &[1]].concat();
    let block = layr_sha256::hmac_many(secret, &[&message]);
    Zeroizing::new(block.first().copied().unwrap_or([0; 32]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5869 test case 1: the first 32 of the 42 bytes are the first block.
    #[test]
    fn expand_known_answer() {
        let mut secret = [0; 32];
        hex::decode_to_slice("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5", &mut secret)
            .unwrap();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        assert_eq!(
            hex::encode(*expand(&secret, &[&info])),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
        );
    }

    #[test]
    fn expand_is_the_expand_of_hkdf() {
        let mut expected = [0; 32];
        let hkdf = hkdf::Hkdf::<sha2::Sha256>::from_prk(&[5; 32]).unwrap();
        hkdf.expand_multi_info(&[b"label", &[1, 2, 3]], &mut expected).unwrap();
        assert_eq!(*expand(&[5; 32], &[b"label", &[1, 2, 3]]), expected);
    }

    #[test]
    fn secrets_are_not_shown() {
        let secrets = CodecSecrets {
            chunk_id_key: [0xab; 32],
            chunk_key_secret: [0xab; 32],
            blind_secret: [0xab; 32],
            chunker_seed: 0xabab,
        };
        let id = secrets.chunk_id(b"x");
        let shown = format!(
            "{secrets:?} {:?} {:?}",
            secrets.chunk_key(&id),
            secrets.segment_blind_key(&SegmentId::from_bytes([1; 16]))
        );
        assert_eq!(shown, "CodecSecrets(..) ChunkKey(..) SegmentBlindKey(..)");
    }
}
