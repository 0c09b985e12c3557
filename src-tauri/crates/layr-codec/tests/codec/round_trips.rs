//! Whatever k hosts are left, a segment comes back bit for bit.

use crate::support::{blind_key, noise};
use layr_codec::{
    DecodeError, EncodeError, EncodedShard, LayoutError, PIECE_BYTES, Profile, SegmentDecoder,
    SegmentEncoder, SegmentLayout, ShardEncoder, ShardHasher, ShardRebuilder, ShardRoot, Stripe, piece_node,
};
use layr_proof::subtree_path;
use proptest::prelude::*;

/// The shards of a segment, as the hosts have them.
fn encode(profile: Profile, ciphertext: &[u8]) -> (Vec<Vec<u8>>, Vec<EncodedShard>) {
    let mut encoder = SegmentEncoder::new(profile, &blind_key(), ciphertext.len() as u64).unwrap();
    let layout = *encoder.layout();
    let mut shards = vec![Vec::new(); profile.n().into()];
    let mut stripe = Stripe::new();
    for number in 0..layout.stripes() {
        let range = layout.stripe(number).unwrap().ciphertext;
        encoder.encode_stripe(&ciphertext[range.start as usize..range.end as usize], &mut stripe).unwrap();
        assert_eq!(stripe.number(), number);
        for (index, shard) in (0_u8..).zip(&mut shards) {
            shard.extend_from_slice(stripe.piece(index));
        }
    }
    (shards, encoder.finish().unwrap())
}

/// The pieces of one stripe that the hosts `from` have.
fn pieces<'a>(
    layout: &SegmentLayout,
    stripe: u32,
    shards: &'a [Vec<u8>],
    from: &[u8],
) -> Vec<(u8, &'a [u8])> {
    let stripe = layout.stripe(stripe).unwrap();
    let start = stripe.shard_offset as usize;
    from.iter().map(|&index| (index, &shards[index as usize][start..start + stripe.piece_bytes])).collect()
}

fn decode(profile: Profile, length: usize, shards: &[Vec<u8>], from: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut decoder = SegmentDecoder::new(profile, &blind_key(), length as u64)?;
    let layout = *decoder.layout();
    let mut out = Vec::new();
    for stripe in 0..layout.stripes() {
        decoder.decode_stripe(stripe, &pieces(&layout, stripe, shards, from), &mut out)?;
    }
    Ok(out)
}

fn profiles() -> impl Strategy<Value = Profile> {
    let known = [(10, 30), (8, 24), (4, 12), (1, 3), (3, 11), (2, 6), (1, 1), (5, 5), (1, 64), (63, 64)];
    prop::sample::select(known.to_vec()).prop_map(|(k, n)| Profile::new(k, n).unwrap())
}

/// Lengths around every edge of stripes, pieces and leaves, and any other up to three stripes.
fn lengths(profile: Profile) -> impl Strategy<Value = usize> {
    let stripe = usize::from(profile.k()) * PIECE_BYTES;
    let leaves = usize::from(profile.k()) * 1024;
    let edges = vec![
        1,
        2,
        1023,
        1024,
        1025,
        leaves - 1,
        leaves,
        leaves + 1,
        stripe - 1,
        stripe,
        stripe + 1,
        2 * stripe,
    ];
    prop_oneof![prop::sample::select(edges), 1..=3 * stripe]
}

/// A profile, a length, and the shards in any order.
fn cases() -> impl Strategy<Value = (Profile, usize, Vec<u8>)> {
    profiles().prop_flat_map(|profile| {
        let order: Vec<u8> = (0..profile.n()).collect();
        (Just(profile), lengths(profile), Just(order).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn any_k_shards_bring_the_segment_back((profile, length, order) in cases(), seed: u64) {
        let ciphertext = noise(seed, length);
        let (shards, _) = encode(profile, &ciphertext);
        let k = usize::from(profile.k());
        prop_assert_eq!(&decode(profile, length, &shards, &order[..k]).unwrap(), &ciphertext);
        prop_assert_eq!(&decode(profile, length, &shards, &order).unwrap(), &ciphertext);
        let mut repeated = order[..k - 1].to_vec();
        repeated.extend(order[..k - 1].first());
        let error = decode(profile, length, &shards, &repeated).unwrap_err();
        let too_few = matches!(
            error,
            DecodeError::NotEnoughShards { available, required } if available == k - 1 && required == k
        );
        prop_assert!(too_few, "{error}");
    }

    #[test]
    fn shards_have_the_length_and_roots_of_the_layout((profile, length, _) in cases(), seed: u64, split in 1_usize..100_000) {
        let ciphertext = noise(seed, length);
        let layout = SegmentLayout::new(profile, length as u64).unwrap();
        let (shards, encoded) = encode(profile, &ciphertext);
        for (shard, encoded) in shards.iter().zip(&encoded) {
            prop_assert_eq!(shard.len() as u64, layout.shard_bytes());
            prop_assert_eq!(shard.len() % 1024, 0);
            prop_assert_eq!(encoded.leaf_count, layout.shard_leaves());
            let mut hasher = ShardHasher::new();
            shard.chunks(split).for_each(|bytes| hasher.update(bytes));
            let (root, nodes) = hasher.finish().unwrap();
            prop_assert_eq!(ShardRoot::from(root), encoded.root);
            prop_assert_eq!(&nodes, &encoded.pieces);
            for (index, piece) in shard.chunks(PIECE_BYTES).enumerate() {
                let (node, path) = subtree_path(&nodes, index, 1).unwrap();
                prop_assert_eq!(Some(node), piece_node(piece));
                let proven = path.root(node).unwrap();
                prop_assert_eq!((proven.root, proven.first_leaf), (root, index as u64 * 64));
            }
        }
    }

    #[test]
    fn a_shard_made_alone_or_rebuilt_is_the_same((profile, length, order) in cases(), seed: u64, some in 1_usize..6) {
        let ciphertext = noise(seed, length);
        let (shards, encoded) = encode(profile, &ciphertext);
        let layout = SegmentLayout::new(profile, length as u64).unwrap();
        let (have, lost) = order.split_at(profile.k().into());
        let wanted = &lost[..some.min(lost.len())];
        for &shard in wanted.iter().chain(&have[..1]) {
            let mut encoder = ShardEncoder::new(profile, &blind_key(), length as u64, shard).unwrap();
            let mut made = Vec::new();
            for stripe in 0..layout.stripes() {
                let range = layout.stripe(stripe).unwrap().ciphertext;
                encoder.encode_piece(&ciphertext[range.start as usize..range.end as usize], &mut made).unwrap();
            }
            prop_assert_eq!(&made, &shards[shard as usize]);
            prop_assert_eq!(&encoder.finish().unwrap(), &encoded[shard as usize]);
        }
        let mut rebuilder = ShardRebuilder::new(profile, &blind_key(), length as u64, wanted).unwrap();
        for stripe in 0..layout.stripes() {
            let mut rebuilt = Vec::new();
            rebuilder.rebuild_stripe(stripe, &pieces(&layout, stripe, &shards, have), &mut rebuilt).unwrap();
            let expected: Vec<u8> = pieces(&layout, stripe, &shards, wanted).iter().flat_map(|(_, bytes)| bytes.to_vec()).collect();
            prop_assert_eq!(rebuilt, expected);
        }
    }

    #[test]
    fn any_columns_of_any_stripe_decode((profile, length, order) in cases(), seed: u64, pick: prop::sample::Index, from: prop::sample::Index, to: prop::sample::Index) {
        let ciphertext = noise(seed, length);
        let (shards, _) = encode(profile, &ciphertext);
        let mut decoder = SegmentDecoder::new(profile, &blind_key(), length as u64).unwrap();
        let stripe = decoder.layout().stripe(u32::try_from(pick.index(decoder.layout().stripes() as usize)).unwrap()).unwrap();
        let (a, b) = (from.index(stripe.piece_bytes), to.index(stripe.piece_bytes));
        let columns = a.min(b)..a.max(b) + 1;
        let k = usize::from(profile.k());
        let have = pieces(decoder.layout(), stripe.stripe, &shards, &order[..k]);
        let have: Vec<(u8, &[u8])> = have.iter().map(|&(shard, bytes)| (shard, &bytes[columns.clone()])).collect();
        let mut out = vec![1, 2, 3];
        decoder.decode_columns(stripe.stripe, columns.clone(), &have, &mut out).unwrap();
        let mut padded = ciphertext[stripe.ciphertext.start as usize..stripe.ciphertext.end as usize].to_vec();
        padded.resize(k * stripe.piece_bytes, 0);
        let expected: Vec<u8> =
            padded.chunks(stripe.piece_bytes).flat_map(|piece| piece[columns.clone()].to_vec()).collect();
        prop_assert_eq!(&out[..3], &[1, 2, 3]);
        prop_assert_eq!(&out[3..], &expected[..]);
    }

    #[test]
    fn a_range_maps_to_the_shards_that_hold_it((profile, length, _) in cases(), seed: u64, from: prop::sample::Index, to: prop::sample::Index) {
        let ciphertext = noise(seed, length);
        let (shards, _) = encode(profile, &ciphertext);
        let mut decoder = SegmentDecoder::new(profile, &blind_key(), length as u64).unwrap();
        let layout = *decoder.layout();
        let (a, b) = (from.index(length + 1), to.index(length + 1));
        let range = a.min(b) as u64..a.max(b) as u64;
        let mut read = Vec::new();
        let mut stripes = Vec::new();
        for extent in layout.map(range.clone()) {
            prop_assert_eq!(extent.ciphertext.start, range.start + read.len() as u64);
            prop_assert!(extent.shard < profile.k());
            let mut bytes = shards[extent.shard as usize]
                [extent.shard_range.start as usize..extent.shard_range.end as usize].to_vec();
            decoder.unblind(extent.shard, extent.shard_range.start, &mut bytes).unwrap();
            read.extend(bytes);
            stripes.push(extent.stripe);
        }
        prop_assert_eq!(&read[..], &ciphertext[range.start as usize..range.end as usize]);
        stripes.dedup();
        prop_assert_eq!(stripes, layout.stripes_of(&range).collect::<Vec<_>>());
    }
}

#[test]
fn the_longest_segment_of_each_profile_goes_round() {
    for (k, n) in [(10, 30), (8, 24), (4, 12), (1, 3)] {
        let profile = Profile::new(k, n).unwrap();
        let length = profile.max_segment_bytes() as usize;
        let ciphertext = noise(u64::from(k), length);
        let (shards, _) = encode(profile, &ciphertext);
        assert!(shards.iter().all(|shard| shard.len() == layr_codec::MAX_SHARD_BYTES));
        let last: Vec<u8> = (n - k..n).collect();
        assert_eq!(decode(profile, length, &shards, &last).unwrap(), ciphertext);
        assert_eq!(
            SegmentLayout::new(profile, length as u64 + 1),
            Err(LayoutError::TooLong { len_bytes: length as u64 + 1, max_bytes: length as u64 })
        );
    }
}

#[test]
fn blinding_hides_even_what_the_code_copies() {
    let profile = Profile::new(2, 4).unwrap();
    let (shards, _) = encode(profile, &vec![0; 4 * PIECE_BYTES]);
    for shard in &shards {
        let ones: u32 = shard.iter().map(|byte| byte.count_ones()).sum();
        let half = u32::try_from(shard.len() * 4).unwrap();
        assert!(ones.abs_diff(half) < half / 50);
    }
    assert_ne!(shards[0], shards[1]);
    assert_ne!(shards[0][..PIECE_BYTES], shards[0][PIECE_BYTES..]);
}

#[test]
fn wrong_use_is_named() {
    let profile = Profile::new(2, 4).unwrap();
    let length = 3 * PIECE_BYTES;
    let mut stripe = Stripe::new();
    let mut encoder = SegmentEncoder::new(profile, &blind_key(), length as u64).unwrap();
    assert!(matches!(
        encoder.encode_stripe(&[0; 5], &mut stripe),
        Err(EncodeError::StripeLength { stripe: 0, actual_bytes: 5, expected_bytes: 131_072 })
    ));
    encoder.encode_stripe(&vec![0; 2 * PIECE_BYTES], &mut stripe).unwrap();
    let unfinished = SegmentEncoder::new(profile, &blind_key(), length as u64).unwrap().finish();
    assert!(matches!(unfinished, Err(EncodeError::Unfinished { encoded_stripes: 0, stripes: 2 })));
    encoder.encode_stripe(&vec![0; PIECE_BYTES], &mut stripe).unwrap();
    assert!(matches!(
        encoder.encode_stripe(&[], &mut stripe),
        Err(EncodeError::NoMoreStripes { stripes: 2 })
    ));
    assert!(stripe.piece(4).is_empty());
    assert!(matches!(
        ShardEncoder::new(profile, &blind_key(), 1, 4).err(),
        Some(EncodeError::NoSuchShard { shard: 4, total_shards: 4 })
    ));
    let mut decoder = SegmentDecoder::new(profile, &blind_key(), length as u64).unwrap();
    let piece = vec![0; PIECE_BYTES];
    let mut out = vec![9];
    let good = [(0, piece.as_slice()), (3, &piece)];
    assert!(matches!(
        decoder.decode_stripe(2, &good, &mut out),
        Err(DecodeError::NoSuchStripe { stripe: 2, stripes: 2 })
    ));
    assert!(matches!(
        decoder.decode_stripe(0, &[(4, &piece), (0, &piece)], &mut out),
        Err(DecodeError::NoSuchShard { shard: 4, total_shards: 4 })
    ));
    assert!(matches!(
        decoder.decode_stripe(1, &good, &mut out),
        Err(DecodeError::PieceLength { shard: 0, actual_bytes: PIECE_BYTES, expected_bytes: 32_768 })
    ));
    assert!(matches!(
        decoder.decode_columns(1, 0..32_769, &good, &mut out),
        Err(DecodeError::Columns { start: 0, end: 32_769, piece_bytes: 32_768 })
    ));
    assert!(matches!(decoder.unblind(4, 0, &mut []), Err(DecodeError::NoSuchShard { .. })));
    assert_eq!(out, [9]);
    assert_eq!(SegmentLayout::new(profile, 0), Err(LayoutError::Empty));
    assert!(matches!(
        ShardRebuilder::new(profile, &blind_key(), 1, &[0, 9]).err(),
        Some(DecodeError::NoSuchShard { shard: 9, total_shards: 4 })
    ));
}
