//! The profile table, and ids as text.

use layr_codec::{ChunkId, MAX_SHARDS, Profile, ProfileError, SegmentId, ShardRoot};
use proptest::prelude::*;

fn for_hosts(eligible: usize) -> Option<(u8, u8)> {
    Profile::for_hosts(eligible).map(|profile| (profile.k(), profile.n()))
}

#[test]
fn the_profile_follows_the_number_of_hosts() {
    let expected = [
        (0, None),
        (2, None),
        (3, Some((1, 3))),
        (5, Some((1, 5))),
        (6, Some((2, 6))),
        (11, Some((3, 11))),
        (12, Some((4, 12))),
        (23, Some((4, 12))),
        (24, Some((8, 24))),
        (39, Some((8, 24))),
        (40, Some((10, 30))),
        (usize::MAX, Some((10, 30))),
    ];
    for (eligible, profile) in expected {
        assert_eq!(for_hosts(eligible), profile, "{eligible} hosts");
    }
}

#[test]
fn a_segment_is_safe_at_k_and_two_thirds_of_the_parity() {
    let thresholds =
        [(10, 30, 24), (8, 24, 19), (4, 12, 10), (1, 3, 3), (1, 5, 4), (2, 6, 5), (5, 5, 5), (1, 64, 43)];
    for (k, n, threshold) in thresholds {
        assert_eq!(Profile::new(k, n).unwrap().success_threshold(), threshold, "{k} of {n}");
    }
}

#[test]
fn impossible_profiles_are_refused() {
    for (k, n) in [(0, 3), (0, 0), (4, 3), (1, MAX_SHARDS + 1), (255, 255)] {
        let ProfileError { data_shards, total_shards, .. } = Profile::new(k, n).unwrap_err();
        assert_eq!((data_shards, total_shards), (k, n));
    }
}

proptest! {
    #[test]
    fn ids_go_round_as_text(bytes: [u8; 32], short: [u8; 16]) {
        let root = ShardRoot::from_bytes(bytes);
        prop_assert_eq!(root.to_string(), hex::encode(bytes));
        prop_assert_eq!(root.to_string().parse(), Ok(root));
        prop_assert_eq!(ChunkId::from_bytes(bytes).to_string().parse(), Ok(ChunkId::from_bytes(bytes)));
        prop_assert_eq!(SegmentId::from_bytes(short).to_string().parse(), Ok(SegmentId::from_bytes(short)));
        prop_assert!(root.to_string().parse::<SegmentId>().is_err());
    }

    #[test]
    fn other_text_is_no_id(text in "\\PC{0,70}") {
        if let Ok(id) = text.parse::<ShardRoot>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }
}

#[test]
fn ids_have_one_spelling() {
    let upper = "A".repeat(64);
    assert!(upper.parse::<ShardRoot>().is_err());
    assert_eq!(upper.to_lowercase().parse::<ShardRoot>(), Ok(ShardRoot::from_bytes([0xaa; 32])));
}
