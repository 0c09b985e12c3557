//! Every kernel gives the digests of FIPS 180-4, whatever the number of messages and their lengths.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use layr_sha256::{Digest, Kernel, Kernels, digest_many_with, hash_leaves, hash_leaves_with, hmac_many_with};
use proptest::prelude::*;
use sha2::Digest as _;

const KERNELS: [Kernel; 4] = [Kernel::Avx512, Kernel::ShaNi, Kernel::Avx2, Kernel::Sha2];

fn reference(prefix: &[u8], message: &[u8]) -> Digest {
    sha2::Sha256::new().chain_update(prefix).chain_update(message).finalize().into()
}

fn reference_hmac(key: &[u8; 32], message: &[u8]) -> Digest {
    let pad = |byte: u8| -> Vec<u8> {
        let mut block = vec![byte; 64];
        block.iter_mut().zip(key).for_each(|(to, from)| *to ^= from);
        block
    };
    reference(&pad(0x5c), &reference(&pad(0x36), message))
}

/// Bytes without a period that a lane mix-up could hide in.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.push(state.to_be_bytes()[2]);
    }
    bytes
}

fn check_length<const BYTES: usize>(kernels: Kernels) {
    let bytes = noise(BYTES as u64, BYTES * 35);
    let messages: Vec<[u8; BYTES]> =
        (0..35).map(|index| bytes[index * BYTES..][..BYTES].try_into().unwrap()).collect();
    for count in [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 19, 32, 35] {
        let mut digests = Vec::new();
        digest_many_with(kernels, &messages[..count], &mut digests);
        let expected: Vec<Digest> = messages[..count].iter().map(|message| reference(&[], message)).collect();
        assert_eq!(digests, expected, "{count} messages of {BYTES} bytes, {:?}", kernels.best());
    }
}

/// Otherwise the other tests would compare one kernel again and again.
#[test]
fn a_limit_leaves_the_kernel_itself_and_none_before_it() {
    for limit in KERNELS {
        assert!(Kernels::detect().limited_to(limit).best() >= limit);
    }
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        assert_eq!(Kernels::detect().limited_to(Kernel::Avx2).best(), Kernel::Avx2);
    }
}

/// Lengths on both sides of every edge of the padding.
#[test]
fn messages_of_any_length() {
    for best in KERNELS {
        let kernels = Kernels::detect().limited_to(best);
        check_length::<0>(kernels);
        check_length::<1>(kernels);
        check_length::<55>(kernels);
        check_length::<56>(kernels);
        check_length::<63>(kernels);
        check_length::<64>(kernels);
        check_length::<65>(kernels);
        check_length::<81>(kernels);
        check_length::<119>(kernels);
        check_length::<120>(kernels);
        check_length::<127>(kernels);
        check_length::<128>(kernels);
        check_length::<1025>(kernels);
    }
}

/// FIPS 180-4 examples: "abc" and the 448-bit message.
#[test]
fn known_answers() {
    let mut digests = Vec::new();
    layr_sha256::digest_many(&[*b"abc"; 16], &mut digests);
    layr_sha256::digest_many(
        &[*b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"; 2],
        &mut digests,
    );
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let long = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
    assert!(digests[..16].iter().all(|digest| hex::encode(digest) == abc));
    assert!(digests[16..].iter().all(|digest| hex::encode(digest) == long));
}

/// RFC 4231 has no key of 32 bytes; its shorter keys padded with zeros are the same keys to HMAC.
#[test]
fn known_answers_of_rfc_4231() {
    let padded = |key: &[u8]| -> [u8; 32] {
        let mut padded = [0; 32];
        padded[..key.len()].copy_from_slice(key);
        padded
    };
    let cases: [([u8; 32], Vec<u8>, &str); 4] = [
        (
            padded(&[0x0b; 20]),
            b"Hi There".to_vec(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            padded(b"Jefe"),
            b"what do ya want for nothing?".to_vec(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            padded(&[0xaa; 20]),
            vec![0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            padded(&(1..=25).collect::<Vec<u8>>()),
            vec![0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
    ];
    for (key, message, mac) in &cases {
        for best in KERNELS {
            let kernels = Kernels::detect().limited_to(best);
            let macs = hmac_many_with(kernels, key, &[message, message, message]);
            assert!(macs.iter().all(|found| hex::encode(found) == *mac));
        }
    }
}

/// Lengths on both sides of every edge of the padding, and of a run of blocks.
const EDGES: [usize; 13] = [0, 1, 55, 56, 63, 64, 65, 119, 120, 127, 128, 129, 1024];

fn check_hmacs(key: &[u8; 32], data: &[u8], lengths: &[usize]) {
    // Each begins elsewhere, so that messages of one length differ.
    let messages: Vec<&[u8]> =
        lengths.iter().enumerate().map(|(index, length)| &data[index..][..*length]).collect();
    let expected: Vec<Digest> = messages.iter().map(|message| reference_hmac(key, message)).collect();
    for best in KERNELS {
        let macs = hmac_many_with(Kernels::detect().limited_to(best), key, &messages);
        assert_eq!(macs, expected, "messages of {lengths:?} bytes, {best:?}");
    }
}

/// Fewer messages than lanes, as many, more, and so many that every lane is filled again.
#[test]
fn hmacs_of_very_different_lengths() {
    let data = noise(3, 200_000);
    let key = [7; 32];
    for count in [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 100] {
        // One in seven is long, wherever it falls.
        let mixed = |index: usize| if index % 7 == 3 { 9000 * (index + 1) / 7 } else { EDGES[index % 13] };
        let lengths: Vec<usize> = (0..count).map(mixed).collect();
        check_hmacs(&key, &data, &lengths);
        let backwards: Vec<usize> = lengths.into_iter().rev().collect();
        check_hmacs(&key, &data, &backwards);
    }
    for length in EDGES {
        check_hmacs(&key, &data, &[length; 35]);
        check_hmacs(&key, &data, &[&[5000][..], &[length; 35], &[70_000]].concat());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn leaves_of_any_data(seed: u64, length in 0_usize..70_000) {
        let data = noise(seed, length);
        let expected: Vec<Digest> = data.chunks(1024).map(|leaf| reference(&[0], leaf)).collect();
        for best in KERNELS {
            let mut digests = Vec::new();
            hash_leaves_with(Kernels::detect().limited_to(best), &data, &mut digests);
            prop_assert_eq!(&digests, &expected);
        }
        let mut appended = vec![[9; 32]];
        hash_leaves(&data, &mut appended);
        prop_assert_eq!(&appended[1..], &expected[..]);
    }

    #[test]
    fn hmacs_of_any_messages(key: [u8; 32], seed: u64, lengths in prop::collection::vec(length(), 0..50)) {
        check_hmacs(&key, &noise(seed, 20_050), &lengths);
    }
}

/// An edge, next to one, or any length.
fn length() -> impl Strategy<Value = usize> {
    let edge = (prop::sample::select(&EDGES[..]), 0_usize..3);
    prop_oneof![edge.prop_map(|(edge, more)| edge + more), 0_usize..300, 0_usize..20_000]
}
