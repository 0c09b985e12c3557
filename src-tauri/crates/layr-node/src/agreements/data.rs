//! The data of an agreement: all its shards by root, as one counted tree over their leaves.

use layr_codec::ShardRoot;
use layr_proof::{CountError, Node, Path, root_of, subtree_path};

/// A leaf of the data, as its shard counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LeafPlace {
    /// Number of the shard in the list.
    pub(crate) index: usize,
    /// The shard.
    pub(crate) root: ShardRoot,
    /// Number of the leaf in it.
    pub(crate) leaf: u32,
}

/// Of no shards: nothing is asked of it, and nothing due for it.
const NO_DATA: Node = Node { hash: [0; 32], leaf_count: 0 };

/// Root and leaves over all shards; zeros of no shards.
pub(crate) fn data_root(shards: &[(ShardRoot, u32)]) -> Result<Node, CountError> {
    Ok(root_of(&nodes(shards))?.unwrap_or(NO_DATA))
}

/// Which leaf of which shard is number `position` of the data.
pub(crate) fn leaf_of(shards: &[(ShardRoot, u32)], position: u64) -> Option<LeafPlace> {
    let mut before = 0_u64;
    for (index, (root, leaves)) in shards.iter().enumerate() {
        let end = before.checked_add(u64::from(*leaves))?;
        if position < end {
            let leaf = u32::try_from(position - before).ok()?;
            return Some(LeafPlace { index, root: *root, leaf });
        }
        before = end;
    }
    None
}

/// From a shard's root to the data's.
pub(crate) fn path_of(shards: &[(ShardRoot, u32)], index: usize) -> Option<Path> {
    subtree_path(&nodes(shards), index, 1).ok().map(|(_, path)| path)
}

fn nodes(shards: &[(ShardRoot, u32)]) -> Vec<Node> {
    let node =
        |(root, leaves): &(ShardRoot, u32)| Node { hash: *root.as_bytes(), leaf_count: (*leaves).into() };
    shards.iter().map(node).collect()
}

#[cfg(test)]
mod tests {
    use layr_codec::ShardRoot;
    use layr_proof::Node;

    use super::{data_root, leaf_of, path_of};

    #[test]
    fn each_position_is_a_leaf_of_the_shard_that_its_path_counts() {
        let shards: Vec<(ShardRoot, u32)> = (0..9_u8)
            .map(|number| (ShardRoot::from_bytes([number; 32]), 1 + u32::from(number) % 4))
            .collect();
        let root = data_root(&shards).unwrap();
        let all: u64 = shards.iter().map(|(_, leaves)| u64::from(*leaves)).sum();
        assert_eq!(root.leaf_count, all);
        let mut before = 0;
        for (index, (shard, leaves)) in shards.iter().enumerate() {
            let node = Node { hash: *shard.as_bytes(), leaf_count: (*leaves).into() };
            let proven = path_of(&shards, index).unwrap().root(node).unwrap();
            assert_eq!((proven.root, proven.first_leaf), (root, before));
            for leaf in 0..*leaves {
                let place = leaf_of(&shards, before + u64::from(leaf)).unwrap();
                assert_eq!((place.index, place.root, place.leaf), (index, *shard, leaf));
            }
            before += u64::from(*leaves);
        }
        assert_eq!(leaf_of(&shards, all), None);
        assert_eq!(data_root(&[]).unwrap(), Node { hash: [0; 32], leaf_count: 0 });
    }
}
