//! Bytes and numbers from outside: an error or an answer, never a panic and never unbounded memory.

use layr_codec::{
    ChunkId, ChunkKey, MAX_CHUNK_BYTES, OpenError, Profile, SegmentDecoder, SegmentLayout, ShardHasher,
    ShardRebuilder, open_chunk,
};
use proptest::prelude::*;

use crate::support::{blind_key, noise};

/// Seals any body as the format says, as somebody who has the key could.
fn seal_body(encoding: u8, body: &[u8], plain_bytes: u32) -> Vec<u8> {
    use aes_gcm::aead::AeadInOut;
    use aes_gcm::{Aes256Gcm, KeyInit};
    let aad = [&[1, encoding][..], &[2; 32], &plain_bytes.to_be_bytes()].concat();
    let mut sealed = [&[1, encoding][..], &[3; 12], body].concat();
    let tag = Aes256Gcm::new(&[1; 32].into())
        .encrypt_inout_detached(&[3; 12].into(), &aad, (&mut sealed[14..]).into())
        .unwrap();
    sealed.extend_from_slice(&tag);
    sealed
}

fn open(mut sealed: Vec<u8>, plain_bytes: u32) -> Result<Vec<u8>, OpenError> {
    let mut out = Vec::new();
    let (key, id) = (ChunkKey::from_bytes([1; 32]), ChunkId::from_bytes([2; 32]));
    open_chunk(&key, &id, &mut sealed, plain_bytes, &mut out).map(|()| out)
}

/// A frame that decompresses to far more than stated writes no more than stated.
#[test]
fn a_decompression_bomb_is_defused() {
    let bomb = zstd::bulk::compress(&vec![0; 512 << 20], 1).unwrap();
    let stated = MAX_CHUNK_BYTES as u32;
    assert!(bomb.len() < MAX_CHUNK_BYTES);
    let mut out = Vec::new();
    let (key, id) = (ChunkKey::from_bytes([1; 32]), ChunkId::from_bytes([2; 32]));
    let result = open_chunk(&key, &id, &mut seal_body(1, &bomb, stated), stated, &mut out);
    assert_eq!(result, Err(OpenError::Decompress { plain_bytes: stated }));
    assert!(out.is_empty() && out.capacity() <= MAX_CHUNK_BYTES);
}

#[test]
fn a_frame_of_another_length_is_refused() {
    let frame = zstd::bulk::compress(&[7; 1000], 1).unwrap();
    assert_eq!(open(seal_body(1, &frame, 1000), 1000).unwrap(), [7; 1000]);
    assert_eq!(open(seal_body(1, &frame, 1001), 1001), Err(OpenError::Decompress { plain_bytes: 1001 }));
    assert_eq!(open(seal_body(1, &frame, 999), 999), Err(OpenError::Decompress { plain_bytes: 999 }));
    let sealed = seal_body(0, &[7; 10], 11);
    let error = OpenError::SealedLength { sealed_bytes: sealed.len(), plain_bytes: 11 };
    assert_eq!(open(sealed, 11), Err(error));
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_no_chunk(sealed in prop::collection::vec(any::<u8>(), 0..500), plain_bytes: u32) {
        prop_assert!(open(sealed, plain_bytes).is_err());
    }

    #[test]
    fn arbitrary_bytes_with_a_good_header_are_no_chunk(body in prop::collection::vec(any::<u8>(), 1..500), encoding in 0_u8..3) {
        let sealed = [&[1, encoding][..], &body].concat();
        prop_assert!(open(sealed, 500).is_err());
    }

    #[test]
    fn authentic_frames_of_anything_never_panic(body in prop::collection::vec(any::<u8>(), 1..500), plain_bytes in 470_u32..3000) {
        if let Ok(plaintext) = open(seal_body(1, &body, plain_bytes), plain_bytes) {
            prop_assert_eq!(plaintext.len(), plain_bytes as usize);
        }
    }

    #[test]
    fn mutated_frames_never_panic(seed: u64, at: prop::sample::Index, to: u8) {
        let plaintext: Vec<u8> = noise(seed, 300).into_iter().chain([0; 700]).collect();
        let mut frame = zstd::bulk::compress(&plaintext, 1).unwrap();
        let at = at.index(frame.len());
        frame[at] = to;
        if let Ok(plaintext) = open(seal_body(1, &frame, 1000), 1000) {
            prop_assert_eq!(plaintext.len(), 1000);
        }
    }

    #[test]
    fn no_stripe_lies_beyond_the_last(len_bytes in 1_u64..=10 << 22, beyond in prop_oneof![Just(0), Just(u32::MAX), any::<u32>()]) {
        let layout = SegmentLayout::new(Profile::new(10, 30).unwrap(), len_bytes).unwrap();
        for stripe in [layout.stripes(), layout.stripes().saturating_add(beyond), u32::MAX] {
            prop_assert_eq!(layout.piece_bytes(stripe), 0);
            prop_assert_eq!(layout.stripe(stripe), None);
        }
    }

    #[test]
    fn any_numbers_make_a_layout_or_an_error(k: u8, n: u8, len_bytes: u64, stripe: u32, start: u64, end: u64) {
        if let Ok(profile) = Profile::new(k, n) {
            for len_bytes in [len_bytes, len_bytes % (1 << 28)] {
                let Ok(layout) = SegmentLayout::new(profile, len_bytes) else { continue };
                prop_assert!(layout.stripes() <= 64 && layout.shard_bytes() <= layr_codec::MAX_SHARD_BYTES as u64);
                prop_assert_eq!(layout.shard_bytes() % 1024, 0);
                prop_assert!(layout.shard_bytes() * u64::from(layout.profile().k()) >= len_bytes);
                prop_assert_eq!(layout.stripe(stripe).is_some(), stripe < layout.stripes());
                prop_assert_eq!(layout.piece_bytes(stripe) > 0, stripe < layout.stripes());
                prop_assert!(layout.stripes_of(&(start..end)).end <= layout.stripes());
                let mapped: u64 = layout.map(start..end).map(|extent| extent.ciphertext.end - extent.ciphertext.start).sum();
                prop_assert_eq!(mapped, end.min(len_bytes).saturating_sub(start));
            }
        }
    }

    #[test]
    fn any_pieces_decode_or_err(
        len_bytes in 1_u64..300_000,
        stripe in 0_u32..4,
        shards in prop::collection::vec((0_u8..8, prop::sample::select(vec![0_usize, 1, 1024, 16_384, 65_536])), 0..8),
        from in 0_usize..70_000,
        to in 0_usize..70_000,
    ) {
        let profile = Profile::new(3, 7).unwrap();
        let bytes = vec![5; 65_536];
        let pieces: Vec<(u8, &[u8])> = shards.iter().map(|&(shard, length)| (shard, &bytes[..length])).collect();
        let mut out = Vec::new();
        let mut decoder = SegmentDecoder::new(profile, &blind_key(), len_bytes).unwrap();
        let _ = decoder.decode_stripe(stripe, &pieces, &mut out);
        let _ = decoder.decode_columns(stripe, from..to, &pieces, &mut out);
        let mut rebuilder = ShardRebuilder::new(profile, &blind_key(), len_bytes, &[6, 0]).unwrap();
        let _ = rebuilder.rebuild_stripe(stripe, &pieces, &mut out);
        prop_assert!(out.len() <= 10 * 65_536);
    }

    #[test]
    fn a_shard_of_any_length_is_hashed(length in 0_usize..200_000, split in 1_usize..70_000) {
        let shard = noise(1, length);
        let mut hasher = ShardHasher::new();
        shard.chunks(split).for_each(|bytes| hasher.update(bytes));
        prop_assert_eq!(hasher.finish().is_some(), length > 0);
    }
}
