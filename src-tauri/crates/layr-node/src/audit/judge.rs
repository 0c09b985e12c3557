//! What an answer to one leaf proves.

use layr_codec::{LEAF_BYTES, MAX_SHARD_BYTES, ShardRoot};
use layr_proof::{Node, Path, leaf_digest};

use crate::wire::LeafAnswer;

/// Steps from a leaf of the largest shard to its root.
const MAX_STEPS: usize = (MAX_SHARD_BYTES / LEAF_BYTES).ilog2() as usize;

/// What is known of a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// It is there.
    Proven,
    /// The host says that it does not have the shard.
    Missing,
    /// The host says that the shard is damaged, or sent something else.
    Corrupt,
    /// Nothing.
    Open,
}

/// Judges an answer to leaf number `leaf` of a shard of `shard_leaves`. Anything but the leaf's own bytes with a path to the root
/// at its own position is corrupt: another shard gives another root, another leaf or an old answer another position.
pub(super) fn judge(root: &ShardRoot, shard_leaves: u32, leaf: u32, answer: &LeafAnswer) -> Finding {
    let (bytes, path) = match answer {
        LeafAnswer::Proven { leaf, path } => (leaf, path),
        LeafAnswer::Missing => return Finding::Missing,
        LeafAnswer::Corrupt => return Finding::Corrupt,
        LeafAnswer::Later => return Finding::Open,
    };
    let is_proven = bytes.len() == LEAF_BYTES
        && Path::decode(path).is_ok_and(|path| {
            path.steps().len() <= MAX_STEPS
                && path.root(Node::leaf(leaf_digest(bytes))).is_ok_and(|proven| {
                    proven.root.hash == *root.as_bytes()
                        && proven.root.leaf_count == u64::from(shard_leaves)
                        && proven.first_leaf == u64::from(leaf)
                })
        });
    if is_proven { Finding::Proven } else { Finding::Corrupt }
}

#[cfg(test)]
mod tests {
    use layr_codec::{ShardRoot, leaf_nodes};
    use layr_proof::{root_of, subtree_path};
    use proptest::prelude::*;

    use super::{Finding, LEAF_BYTES, judge};
    use crate::wire::LeafAnswer;

    const LEAVES: u32 = 37;

    fn shard(seed: u8) -> Vec<u8> {
        let byte = |at: usize| at.to_le_bytes()[0] ^ (at / LEAF_BYTES).to_le_bytes()[0] ^ seed;
        (0..LEAVES as usize * LEAF_BYTES).map(byte).collect()
    }

    fn root_of_shard(shard: &[u8]) -> ShardRoot {
        root_of(&leaf_nodes(shard)).unwrap().unwrap().into()
    }

    fn answer(shard: &[u8], leaf: u32) -> (Vec<u8>, Vec<u8>) {
        let at = leaf as usize;
        let (_, path) = subtree_path(&leaf_nodes(shard), at, 1).unwrap();
        (shard[at * LEAF_BYTES..(at + 1) * LEAF_BYTES].to_vec(), path.encode())
    }

    fn judged(root: &ShardRoot, leaf: u32, (bytes, path): (Vec<u8>, Vec<u8>)) -> Finding {
        judge(root, LEAVES, leaf, &LeafAnswer::Proven { leaf: bytes, path })
    }

    #[test]
    fn a_leaf_is_proven_at_its_own_place_in_its_own_shard_alone() {
        let (mine, other) = (shard(1), shard(2));
        let root = root_of_shard(&mine);
        for leaf in 0..LEAVES {
            assert_eq!(judged(&root, leaf, answer(&mine, leaf)), Finding::Proven);
            assert_eq!(
                judged(&root, leaf, answer(&mine, (leaf + 1) % LEAVES)),
                Finding::Corrupt,
                "another leaf"
            );
            assert_eq!(judged(&root, leaf, answer(&other, leaf)), Finding::Corrupt, "another shard");
            let (bytes, path) = answer(&mine, leaf);
            let of_shape = judge(&root, LEAVES + 1, leaf, &LeafAnswer::Proven { leaf: bytes, path });
            assert_eq!(of_shape, Finding::Corrupt, "a tree of another shape");
        }
        // Who kept the hashes alone has the path and no bytes.
        let (_, path) = answer(&mine, 3);
        assert_eq!(judged(&root, 3, (vec![0; LEAF_BYTES], path)), Finding::Corrupt);
    }

    #[test]
    fn words_are_taken_as_they_are() {
        let root = ShardRoot::from_bytes([1; 32]);
        for (answer, finding) in [
            (LeafAnswer::Missing, Finding::Missing),
            (LeafAnswer::Corrupt, Finding::Corrupt),
            (LeafAnswer::Later, Finding::Open),
        ] {
            assert_eq!(judge(&root, 1, 0, &answer), finding);
        }
    }

    proptest! {
        #[test]
        fn no_changed_byte_is_believed(leaf in 0..LEAVES, at: prop::sample::Index, bit in 0_u8..8) {
            let mine = shard(1);
            let (mut bytes, mut path) = answer(&mine, leaf);
            let place = at.index(bytes.len() + path.len());
            let whole = bytes.len();
            *if place < whole { &mut bytes[place] } else { &mut path[place - whole] } ^= 1 << bit;
            prop_assert_eq!(judged(&root_of_shard(&mine), leaf, (bytes, path)), Finding::Corrupt);
        }

        #[test]
        fn no_noise_is_believed(bytes: Vec<u8>, path: Vec<u8>) {
            prop_assert_eq!(judged(&ShardRoot::from_bytes([9; 32]), 0, (bytes, path)), Finding::Corrupt);
        }
    }
}
