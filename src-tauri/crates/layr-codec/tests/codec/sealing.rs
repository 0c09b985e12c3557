//! A sealed chunk opens to the same bytes for who has key, id and length, and for nobody else.

use layr_codec::{
    ChunkId, ChunkKey, Encoding, MAX_CHUNK_BYTES, OpenError, SEAL_HEADROOM_BYTES, SEALED_OVERHEAD_BYTES,
    SealError, SealedInfo, open_chunk, seal_chunk,
};
use proptest::prelude::*;

use crate::support::{noise, secrets};

const NONCE: [u8; 12] = [9; 12];

fn seal(plaintext: &[u8]) -> (ChunkId, ChunkKey, Vec<u8>, SealedInfo) {
    let id = secrets().chunk_id(plaintext);
    let key = secrets().chunk_key(&id);
    let mut sealed = Vec::new();
    let info = seal_chunk(&key, &id, plaintext, NONCE, &mut sealed).unwrap();
    (id, key, sealed, info)
}

fn open(key: &ChunkKey, id: &ChunkId, sealed: &[u8], plain_bytes: u32) -> Result<Vec<u8>, OpenError> {
    let mut out = b"before".to_vec();
    let result = open_chunk(key, id, &mut sealed.to_vec(), plain_bytes, &mut out);
    assert!(out.starts_with(b"before") && (result.is_ok() || out.len() == 6));
    result.map(|()| out.split_off(6))
}

/// Incompressible, compressible, and mixed bytes.
fn plaintexts() -> impl Strategy<Value = Vec<u8>> {
    (any::<u64>(), 1_usize..200_000, 0..3).prop_map(|(seed, length, kind)| match kind {
        0 => noise(seed, length),
        1 => vec![seed as u8; length],
        _ => noise(seed, length.div_ceil(2)).into_iter().chain(vec![0; length / 2]).collect(),
    })
}

#[test]
fn what_shrinks_is_compressed_and_nothing_else() {
    let (_, _, sealed, info) = seal(&vec![7; 100_000]);
    assert_eq!(info.encoding, Encoding::Zstd);
    assert!(sealed.len() < 200);
    let random = noise(1, 100_000);
    let (_, _, sealed, info) = seal(&random);
    assert_eq!(info.encoding, Encoding::Raw);
    assert_eq!(sealed.len(), random.len() + SEALED_OVERHEAD_BYTES);
    assert_eq!(seal(b"x").3.encoding, Encoding::Raw);
}

#[test]
fn sealing_stays_within_its_headroom_and_leaves_the_segment_before_it_alone() {
    for length in [1, 1000, 128 * 1024, MAX_CHUNK_BYTES] {
        let plaintext = noise(2, length);
        let id = secrets().chunk_id(&plaintext);
        let mut segment = Vec::with_capacity(3 + length + SEAL_HEADROOM_BYTES);
        segment.extend_from_slice(&[1, 2, 3]);
        let memory = segment.as_ptr();
        let info = seal_chunk(&secrets().chunk_key(&id), &id, &plaintext, NONCE, &mut segment).unwrap();
        assert_eq!(segment.as_ptr(), memory);
        assert_eq!(&segment[..3], &[1, 2, 3]);
        assert_eq!(segment.len(), 3 + info.sealed_bytes as usize);
        assert_eq!(&segment[segment.len() - 16..], &info.tag);
    }
    assert!(SEAL_HEADROOM_BYTES >= zstd::zstd_safe::compress_bound(MAX_CHUNK_BYTES) - MAX_CHUNK_BYTES + 30);
    const { assert!(MAX_CHUNK_BYTES + SEALED_OVERHEAD_BYTES <= layr_codec::MAX_SHARD_BYTES) };
}

#[test]
fn lengths_out_of_bounds_are_refused() {
    let (id, key, sealed, _) = seal(b"content");
    let mut out = vec![1];
    assert_eq!(seal_chunk(&key, &id, &[], NONCE, &mut out), Err(SealError::Length { plain_bytes: 0 }));
    let long = vec![0; MAX_CHUNK_BYTES + 1];
    let refused = Err(SealError::Length { plain_bytes: long.len() });
    assert_eq!(seal_chunk(&key, &id, &long, NONCE, &mut out), refused);
    assert_eq!(out, [1]);
    assert_eq!(open(&key, &id, &sealed, 0), Err(OpenError::Length { plain_bytes: 0 }));
    assert_eq!(open(&key, &id, &sealed, u32::MAX), Err(OpenError::Length { plain_bytes: u32::MAX }));
    for bytes in [0, 1, 29, 30] {
        let error = OpenError::SealedLength { sealed_bytes: bytes, plain_bytes: 7 };
        assert_eq!(open(&key, &id, &sealed[..bytes], 7), Err(error));
    }
    let longer = [&sealed[..], &[0]].concat();
    let error = OpenError::SealedLength { sealed_bytes: longer.len(), plain_bytes: 7 };
    assert_eq!(open(&key, &id, &longer, 7), Err(error));
}

#[test]
fn a_newer_version_or_encoding_is_named() {
    let (id, key, mut sealed, _) = seal(b"content");
    sealed[1] = 2;
    assert_eq!(open(&key, &id, &sealed, 7), Err(OpenError::UnknownEncoding { encoding: 2 }));
    sealed[0] = 2;
    assert_eq!(open(&key, &id, &sealed, 7), Err(OpenError::UnknownVersion { version: 2 }));
}

#[test]
fn keys_differ_from_chunk_to_chunk() {
    let (first, second) = (secrets().chunk_id(b"a"), secrets().chunk_id(b"b"));
    assert_ne!(secrets().chunk_key(&first), secrets().chunk_key(&second));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_sealed_chunk_opens(plaintext in plaintexts()) {
        let (id, key, sealed, info) = seal(&plaintext);
        prop_assert_eq!(sealed.len(), info.sealed_bytes as usize);
        prop_assert!(sealed.len() <= plaintext.len() + SEALED_OVERHEAD_BYTES);
        prop_assert_eq!(&open(&key, &id, &sealed, plaintext.len() as u32).unwrap(), &plaintext);
        prop_assert_eq!(seal(&plaintext).2, sealed);
    }

    #[test]
    fn any_flipped_bit_is_noticed(plaintext in plaintexts(), at: prop::sample::Index, bit in 0..8) {
        let (id, key, mut sealed, _) = seal(&plaintext);
        let at = at.index(sealed.len());
        sealed[at] ^= 1_u8 << bit;
        prop_assert!(open(&key, &id, &sealed, plaintext.len() as u32).is_err());
    }

    #[test]
    fn another_key_id_or_length_opens_nothing(plaintext in plaintexts(), other in plaintexts()) {
        prop_assume!(plaintext != other);
        let length = plaintext.len() as u32;
        let (id, key, sealed, _) = seal(&plaintext);
        let (other_id, other_key, ..) = seal(&other);
        prop_assert_eq!(open(&other_key, &id, &sealed, length), Err(OpenError::NotAuthentic));
        prop_assert_eq!(open(&key, &other_id, &sealed, length), Err(OpenError::NotAuthentic));
        prop_assert_eq!(open(&key, &id, &sealed, length + 1), Err(OpenError::NotAuthentic));
    }

    #[test]
    fn a_cut_chunk_opens_nothing(plaintext in plaintexts(), at: prop::sample::Index) {
        let (id, key, sealed, _) = seal(&plaintext);
        prop_assert!(open(&key, &id, &sealed[..at.index(sealed.len())], plaintext.len() as u32).is_err());
    }
}
