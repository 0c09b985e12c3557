//! Input for tests.

use layr_codec::{CodecSecrets, SegmentBlindKey, SegmentId};

/// Secrets that are nobody's.
pub(crate) fn secrets() -> CodecSecrets {
    CodecSecrets {
        chunk_id_key: [1; 32],
        chunk_key_secret: [2; 32],
        blind_secret: [3; 32],
        chunker_seed: 0x0123_4567_89ab_cdef,
    }
}

pub(crate) fn blind_key() -> SegmentBlindKey {
    secrets().segment_blind_key(&SegmentId::from_bytes([4; 16]))
}

/// Incompressible bytes: the same for the same seed, for ever (the golden files depend on it).
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(z ^ (z >> 31)).to_be_bytes());
    }
    bytes.truncate(length);
    bytes
}
