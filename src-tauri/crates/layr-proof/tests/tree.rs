//! Promises of the counted Merkle tree.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use layr_proof::{
    CountError, LEAF_BYTES, MAX_ENCODED_PATH_BYTES, MAX_PATH_STEPS, Node, Path, PathDecodeError, Side,
    SoftwareSha256, Step, SubtreeError, TreeBuilder, join, leaf_digest, positions, root_of, roots_of_with,
    split_point, subtree_path,
};
use proptest::prelude::*;

fn leaf(index: usize) -> Node {
    Node::leaf(leaf_digest(&index.to_be_bytes()))
}

fn leaves(count: usize) -> Vec<Node> {
    (0..count).map(leaf).collect()
}

/// The definition of RFC 6962 section 2.1, with counts, written as recursion.
fn root_by_definition(items: &[Node]) -> Node {
    if let [single] = items {
        return *single;
    }
    let (left, right) = items.split_at(split_point(items.len()));
    join(root_by_definition(left), root_by_definition(right)).unwrap()
}

fn built(items: &[Node]) -> Node {
    let mut builder = TreeBuilder::new();
    for item in items {
        builder.push(*item).unwrap();
    }
    builder.finish().unwrap().unwrap()
}

/// The vectors of `docs/formats.md`, computed by an independent program (see the chapter there).
#[test]
fn known_answers() {
    let zero_leaf = leaf_digest(&[0; LEAF_BYTES]);
    let one_leaf = leaf_digest(&[1; LEAF_BYTES]);
    assert_eq!(hex::encode(zero_leaf), ZERO_LEAF);
    assert_eq!(hex::encode(one_leaf), ONE_LEAF);
    let two = join(Node::leaf(zero_leaf), Node::leaf(one_leaf)).unwrap();
    assert_eq!(hex::encode(two.hash), TWO_LEAVES);
    let numbered: Vec<Node> = (0..7).map(|byte| Node::leaf(leaf_digest(&[byte; LEAF_BYTES]))).collect();
    let seven = built(&numbered);
    assert_eq!((hex::encode(seven.hash).as_str(), seven.leaf_count), (SEVEN_LEAVES, 7));
    let (_, path) = subtree_path(&numbered, 4, 2).unwrap();
    assert_eq!(hex::encode(leaf_digest(&path.encode())), ENCODED_PATH);
    let asked: Vec<u64> = positions(&[7; 32], 1_000_003, 4).collect();
    assert_eq!(asked, POSITIONS);
}

const ZERO_LEAF: &str = "c55b90509b8cb9bac53fbdddfc93d4e572685c509f1218423c43a5d6013bbd48";
const ONE_LEAF: &str = "85ac1713371e7f44c8f81e057a00029ccdd18e74d27131c2b8cb5500ef9404b0";
const TWO_LEAVES: &str = "82f2922fb8f817df6fadfb3122450608d58d7469cb213ced36586f6b5b2452a1";
const SEVEN_LEAVES: &str = "f1dc9afbca77ce4c097c671d870e3ee7054833071373795ae298d4a0091bba0f";
/// `leaf_digest` of the encoded path of leaves 4 and 5 of the seven.
const ENCODED_PATH: &str = "af8e6cc15d6c8f95510c6cf6c5ab80d514a256b40a5756f0db1a7b80938b156b";
const POSITIONS: [u64; 4] = [684_924, 82_580, 381_943, 959_276];

#[test]
fn split_point_is_the_largest_power_of_two_below() {
    let expected = [0, 0, 1, 2, 2, 4, 4, 4, 4, 8];
    assert_eq!((0..10).map(split_point).collect::<Vec<_>>(), expected);
}

#[test]
fn an_empty_tree_has_no_root() {
    assert_eq!(TreeBuilder::new().finish(), Ok(None));
    assert_eq!(root_of(&[]), Ok(None));
    assert_eq!(positions(&[0; 32], 0, 5).count(), 0);
}

#[test]
fn impossible_counts_are_refused() {
    let none = Node { hash: [1; 32], leaf_count: 0 };
    let huge = Node { hash: [2; 32], leaf_count: u64::MAX };
    let overflow = CountError::Overflow { left_leaves: u64::MAX, right_leaves: 1 };
    assert_eq!(join(none, leaf(0)), Err(CountError::ZeroLeaves));
    assert_eq!(join(leaf(0), none), Err(CountError::ZeroLeaves));
    assert_eq!(join(huge, leaf(0)), Err(overflow));
    assert_eq!(TreeBuilder::new().push(none), Err(CountError::ZeroLeaves));
    assert_eq!(root_of(&[none]), Err(CountError::ZeroLeaves));
    assert_eq!(Path::default().root(none), Err(CountError::ZeroLeaves));
    assert_eq!(
        Path::new(vec![Step { side: Side::Left, sibling: none }]).unwrap_err(),
        CountError::ZeroLeaves
    );
    let path = Path::new(vec![Step { side: Side::Left, sibling: huge }]).unwrap();
    assert_eq!(path.root(leaf(0)), Err(overflow));
    assert_eq!(subtree_path(&[huge, leaf(0), leaf(1)], 2, 1), Err(SubtreeError::Count(overflow)));
}

#[test]
fn a_path_is_bounded() {
    let step = Step { side: Side::Right, sibling: leaf(1) };
    let longest = Path::new(vec![step; MAX_PATH_STEPS]).unwrap();
    assert_eq!(longest.encode().len(), MAX_ENCODED_PATH_BYTES);
    assert_eq!(Path::decode(&longest.encode()).unwrap(), longest);
    assert_eq!(
        Path::new(vec![step; MAX_PATH_STEPS + 1]).unwrap_err(),
        CountError::TooManySteps { steps: MAX_PATH_STEPS + 1 }
    );
    assert_eq!(
        longest.extend(&Path::new(vec![step]).unwrap()).unwrap_err(),
        CountError::TooManySteps { steps: MAX_PATH_STEPS + 1 }
    );
    assert_eq!(
        layr_proof::climb(leaf(0), std::iter::repeat(step)).unwrap_err(),
        CountError::TooManySteps { steps: MAX_PATH_STEPS + 1 }
    );
}

#[test]
fn decoding_names_what_is_wrong() {
    let path = Path::new(vec![Step { side: Side::Left, sibling: leaf(1) }]).unwrap();
    let mut bytes = path.encode();
    assert_eq!(Path::decode(&[]), Err(PathDecodeError::Empty));
    assert_eq!(Path::decode(&[65]), Err(PathDecodeError::TooManySteps { steps: 65 }));
    bytes.push(0);
    assert_eq!(
        Path::decode(&bytes),
        Err(PathDecodeError::WrongLength { actual_bytes: 43, expected_bytes: 42 })
    );
    bytes.pop();
    bytes[1] = 2;
    assert_eq!(Path::decode(&bytes), Err(PathDecodeError::UnknownSide { side: 2 }));
    bytes[1] = 0;
    bytes[34..42].fill(0);
    assert_eq!(Path::decode(&bytes), Err(PathDecodeError::ZeroLeaves));
}

#[test]
fn a_range_that_is_no_subtree_is_refused() {
    let items = leaves(8);
    assert_eq!(subtree_path(&items, 1, 2), Err(SubtreeError::NotASubtree { first: 1, count: 2 }));
    assert_eq!(subtree_path(&items, 0, 3), Err(SubtreeError::NotASubtree { first: 0, count: 3 }));
    for (first, count) in [(0, 0), (8, 1), (0, 9), (usize::MAX, 2)] {
        assert_eq!(
            subtree_path(&items, first, count),
            Err(SubtreeError::OutOfRange { first, count, items: 8 })
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_way_to_build_gives_the_shape_of_rfc_6962(count in 1_usize..5000) {
        let items = leaves(count);
        let expected = root_by_definition(&items);
        prop_assert_eq!(expected.leaf_count, count as u64);
        prop_assert_eq!(built(&items), expected);
        prop_assert_eq!(root_of(&items).unwrap(), Some(expected));
    }

    #[test]
    fn many_trees_at_once_are_the_same_trees(count in 0_usize..700, width in 1_usize..80) {
        let items = leaves(count);
        let expected: Vec<Node> = items.chunks(width).map(root_by_definition).collect();
        prop_assert_eq!(roots_of_with(&SoftwareSha256, &items, width).unwrap(), expected);
    }

    #[test]
    fn any_aligned_piece_is_a_subtree(count in 1_usize..5000, level in 0_u32..13, pick: prop::sample::Index) {
        let items = leaves(count);
        let root = built(&items);
        let piece = 1_usize << level;
        let first = pick.index(count.div_ceil(piece)) * piece;
        let length = piece.min(count - first);
        let (node, path) = subtree_path(&items, first, length).unwrap();
        prop_assert_eq!(node, built(&items[first..first + length]));
        let proven = path.root(node).unwrap();
        prop_assert_eq!(proven.root, root);
        prop_assert_eq!(proven.first_leaf, first as u64);
        prop_assert_eq!(Path::decode(&path.encode()).unwrap(), path);
    }

    #[test]
    fn pieces_as_items_give_the_same_root_and_paths_chain(count in 1_usize..5000, level in 0_u32..8, pick: prop::sample::Index) {
        let items = leaves(count);
        let pieces: Vec<Node> = items.chunks(1 << level).map(built).collect();
        prop_assert_eq!(built(&pieces), built(&items));
        let index = pick.index(count);
        let piece = index >> level;
        let start = piece << level;
        let end = count.min(start + (1 << level));
        let (leaf, lower) = subtree_path(&items[start..end], index - start, 1).unwrap();
        let (_, upper) = subtree_path(&pieces, piece, 1).unwrap();
        let proven = lower.extend(&upper).unwrap().root(leaf).unwrap();
        prop_assert_eq!(proven.root, built(&items));
        prop_assert_eq!(proven.first_leaf, index as u64);
    }

    #[test]
    fn a_tree_over_roots_proves_leaves_of_all(
        counts in prop::collection::vec(1_usize..70, 1..20),
        pick: prop::sample::Index,
    ) {
        let shards: Vec<Vec<Node>> = counts.iter().map(|&count| leaves(count)).collect();
        let roots: Vec<Node> = shards.iter().map(|shard| built(shard)).collect();
        let total: usize = counts.iter().sum();
        let position = pick.index(total);
        let (mut shard, mut within) = (0, position);
        while within >= counts[shard] {
            within -= counts[shard];
            shard += 1;
        }
        let (leaf, lower) = subtree_path(&shards[shard], within, 1).unwrap();
        let (_, upper) = subtree_path(&roots, shard, 1).unwrap();
        let proven = lower.extend(&upper).unwrap().root(leaf).unwrap();
        prop_assert_eq!(proven.root, built(&roots));
        prop_assert_eq!(proven.root.leaf_count, total as u64);
        prop_assert_eq!(proven.first_leaf, position as u64);
    }

    #[test]
    fn tampering_with_any_byte_of_a_path_fails(count in 2_usize..300, pick: prop::sample::Index, flip in 1_u8..=255) {
        let items = leaves(count);
        let root = built(&items);
        let first = pick.index(count);
        let (node, path) = subtree_path(&items, first, 1).unwrap();
        let bytes = path.encode();
        for at in 0..bytes.len() {
            let mut tampered = bytes.clone();
            tampered[at] ^= flip;
            let accepted = Path::decode(&tampered).is_ok_and(|path| {
                path.root(node).is_ok_and(|proven| proven.root == root && proven.first_leaf == first as u64)
            });
            prop_assert!(!accepted, "byte {at}");
        }
        let mut other = node;
        other.hash[first % 32] ^= flip;
        prop_assert_ne!(path.root(other).unwrap().root, root);
        let widened = Node { leaf_count: node.leaf_count + u64::from(flip), ..node };
        prop_assert_ne!(path.root(widened).unwrap().root, root);
    }

    /// Counts moved from one sibling to another keep the total and shift the position: only the hash tells.
    #[test]
    fn a_position_cannot_be_shifted(count in 3_usize..300, pick: prop::sample::Index) {
        let items = leaves(count);
        let first = pick.index(count);
        let (node, path) = subtree_path(&items, first, 1).unwrap();
        for (from, to) in (0..path.steps().len()).flat_map(|from| (0..path.steps().len()).map(move |to| (from, to))) {
            let mut steps = path.steps().to_vec();
            if from == to || steps[from].sibling.leaf_count == 1 {
                continue;
            }
            steps[from].sibling.leaf_count -= 1;
            steps[to].sibling.leaf_count += 1;
            let proven = Path::new(steps).unwrap().root(node).unwrap();
            prop_assert_eq!(proven.root.leaf_count, count as u64);
            prop_assert_ne!(proven.root.hash, built(&items).hash);
        }
    }

    #[test]
    fn a_path_of_one_position_proves_no_other(count in 2_usize..300, one: prop::sample::Index, other: prop::sample::Index) {
        let items = leaves(count);
        let (one, other) = (one.index(count), other.index(count));
        prop_assume!(one != other);
        let (_, path) = subtree_path(&items, one, 1).unwrap();
        prop_assert_ne!(path.root(items[other]).unwrap().root, built(&items));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), leaf_count: u64) {
        if let Ok(path) = Path::decode(&bytes) {
            prop_assert_eq!(path.encode(), bytes);
            let _ = path.root(Node { hash: [0; 32], leaf_count });
        }
    }

    #[test]
    fn mutated_paths_never_panic(steps in 0_u8..=70, seed: u8, leaf_count in 1_u64.., at: prop::sample::Index, to: u8) {
        let mut bytes = vec![seed & 1; 1 + usize::from(steps) * 41];
        bytes[0] = steps;
        let at = at.index(bytes.len());
        bytes[at] = to;
        if let Ok(path) = Path::decode(&bytes) {
            prop_assert_eq!(path.encode(), bytes);
            let _ = path.root(Node { hash: [0; 32], leaf_count });
        }
    }

    #[test]
    fn positions_are_within_the_tree(challenge: [u8; 32], total in 1_u64.., count in 0_u32..50) {
        let asked: Vec<u64> = positions(&challenge, total, count).collect();
        prop_assert_eq!(asked.len(), count as usize);
        prop_assert!(asked.iter().all(|&position| position < total));
    }
}
