//! Which leaves an audit asks for. Unforeseeable and even, by [`layr_proof::positions`].

use std::collections::BTreeSet;

use layr_codec::ShardRoot;
use layr_proof::{Sha256, SoftwareSha256, locate, positions};

/// Up to `count` different leaves of a shard of `leaves`, ascending; all of a shard that has no more.
pub(super) fn of_each(challenge: &[u8; 32], root: &ShardRoot, leaves: u32, count: u32) -> Vec<u32> {
    if count >= leaves {
        return (0..leaves).collect();
    }
    // A draw of its own for each shard: whoever sees one knows nothing of the others.
    let own = SoftwareSha256.digest(&[challenge, root.as_bytes()]);
    let drawn: BTreeSet<u32> = positions(&own, u64::from(leaves), count)
        .filter_map(|position| u32::try_from(position).ok())
        .collect();
    drawn.into_iter().collect()
}

/// `count` leaves over all shards of a host, whose numbers of leaves are `leaf_counts`: places in the list and leaves. Fewer where
/// one was drawn twice.
pub(super) fn sample(challenge: &[u8; 32], leaf_counts: &[u64], count: u32) -> BTreeSet<(usize, u32)> {
    positions(challenge, leaf_counts.iter().sum(), count)
        .filter_map(|position| {
            let (shard, leaf) = locate(leaf_counts, position)?;
            Some((shard, u32::try_from(leaf).ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use layr_codec::ShardRoot;
    use proptest::prelude::*;

    use super::of_each;

    proptest! {
        #[test]
        fn leaves_are_of_the_shard_and_none_comes_twice(
            challenge: [u8; 32], root: [u8; 32], leaves in 1_u32..5000, count in 1_u32..2000,
        ) {
            let drawn = of_each(&challenge, &ShardRoot::from_bytes(root), leaves, count);
            prop_assert!(!drawn.is_empty() && drawn.len() <= count.min(leaves) as usize);
            prop_assert!(drawn.is_sorted_by(|a, b| a < b) && drawn.iter().all(|leaf| *leaf < leaves));
            prop_assert!(count < leaves || drawn.len() == leaves as usize);
        }
    }

    #[test]
    fn every_leaf_is_asked_for_about_as_often_as_another() {
        let root = ShardRoot::from_bytes([7; 32]);
        let mut asked = [0_u32; 16];
        for number in 0..16_000_u32 {
            let mut challenge = [0; 32];
            challenge[..4].copy_from_slice(&number.to_be_bytes());
            asked[of_each(&challenge, &root, 16, 1)[0] as usize] += 1;
        }
        // 1000 are expected of each, and 31 is the standard deviation.
        assert!(asked.iter().all(|count| (840..=1160).contains(count)), "{asked:?}");
    }
}
