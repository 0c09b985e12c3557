//! Trees over lists of nodes, in the shape of RFC 6962: the left subtree of `n` items holds the largest power
//! of two below `n`. The items are leaves, pieces of a shard or whole shards' roots.

use alloc::vec::Vec;

use crate::{
    CountError, Digest, Node, Path, Sha256, Side, SoftwareSha256, Step, SubtreeError, join_with, node_message,
};

/// Builds a tree from items pushed in order, in O(log n) memory.
#[derive(Clone, Debug, Default)]
pub struct TreeBuilder<S = SoftwareSha256> {
    sha256: S,
    /// Roots of the complete subtrees so far, largest first, each with the number of *items* below it.
    complete: Vec<(Node, u64)>,
}

impl TreeBuilder {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S: Sha256> TreeBuilder<S> {
    /// An empty tree, hashed by this implementation of SHA-256.
    pub fn hashing_with(sha256: S) -> Self {
        Self { sha256, complete: Vec::new() }
    }

    /// Appends an item. After an error the builder is spent: its tree lacks the refused item.
    pub fn push(&mut self, item: Node) -> Result<(), CountError> {
        if item.leaf_count == 0 {
            return Err(CountError::ZeroLeaves);
        }
        let mut merged = (item, 1);
        while let Some(&(left, left_items)) = self.complete.last() {
            if left_items != merged.1 {
                break;
            }
            merged = (join_with(&self.sha256, left, merged.0)?, left_items + merged.1);
            self.complete.pop();
        }
        self.complete.push(merged);
        Ok(())
    }

    /// Appends a leaf by its digest.
    pub fn push_leaf(&mut self, digest: Digest) -> Result<(), CountError> {
        self.push(Node::leaf(digest))
    }

    /// Root of the tree; `None` if nothing was pushed.
    pub fn finish(self) -> Result<Option<Node>, CountError> {
        let mut right_to_left = self.complete.into_iter().rev().map(|(node, _)| node);
        let Some(last) = right_to_left.next() else { return Ok(None) };
        right_to_left.try_fold(last, |right, left| join_with(&self.sha256, left, right)).map(Some)
    }
}

/// Root of the tree over these items; `None` for no item.
pub fn root_of(items: &[Node]) -> Result<Option<Node>, CountError> {
    root_of_with(&SoftwareSha256, items)
}

/// [`root_of`] by another implementation of SHA-256, level by level, so that one with several lanes has whole
/// batches to hash. Copies the items once.
pub fn root_of_with(sha256: &impl Sha256, items: &[Node]) -> Result<Option<Node>, CountError> {
    Ok(roots_of_with(sha256, items, items.len())?.first().copied())
}

/// Roots of the trees over each `width` items, in order; what is left over is a tree of its own. All trees are
/// hashed together, level by level: small ones fill the lanes that one alone leaves empty. No roots for a width of
/// 0.
pub fn roots_of_with(sha256: &impl Sha256, items: &[Node], width: usize) -> Result<Vec<Node>, CountError> {
    if items.iter().any(|item| item.leaf_count == 0) {
        return Err(CountError::ZeroLeaves);
    }
    if width == 0 {
        return Ok(Vec::new());
    }
    let trees = items.len() / width;
    let (full, short) = items.split_at(trees * width);
    let mut roots = level_by_level(sha256, full, width)?;
    if !short.is_empty() {
        roots.extend(level_by_level(sha256, short, short.len())?);
    }
    Ok(roots)
}

/// Roots of trees of exactly `width` items each.
fn level_by_level(sha256: &impl Sha256, items: &[Node], mut width: usize) -> Result<Vec<Node>, CountError> {
    let mut level = items.to_vec();
    let mut above = Vec::with_capacity(items.len().div_ceil(2));
    let mut messages = Vec::with_capacity(items.len() / 2);
    let mut digests = Vec::with_capacity(items.len() / 2);
    while width > 1 {
        above.clear();
        messages.clear();
        digests.clear();
        // Pairing neighbours and lifting the odd one out gives the shape of RFC 6962.
        for tree in level.chunks_exact(width) {
            let (pairs, odd) = tree.as_chunks::<2>();
            for &[left, right] in pairs {
                let (message, leaf_count) = node_message(left, right)?;
                messages.push(message);
                above.push(Node { hash: [0; 32], leaf_count });
            }
            above.extend_from_slice(odd);
        }
        sha256.digest_nodes(&messages, &mut digests);
        let mut hashes = digests.iter();
        width = width.div_ceil(2);
        let odd_at = if messages.len() * 2 == level.len() { width } else { width - 1 };
        for tree in above.chunks_exact_mut(width) {
            for (parent, hash) in tree.iter_mut().take(odd_at).zip(hashes.by_ref()) {
                parent.hash = *hash;
            }
        }
        core::mem::swap(&mut level, &mut above);
    }
    Ok(level)
}

/// Items in the left subtree of a tree over `items` items: the largest power of two below it; 0 for fewer
/// than two items, which are not split.
pub const fn split_point(items: usize) -> usize {
    if items < 2 { 0 } else { 1 << (items - 1).ilog2() }
}

/// The subtree of `count` items from `first` on, and its path to the root of the tree over all `items`.
/// Hashes every item once. A single item is always a subtree, and so is every run of 2^m items that starts at a
/// multiple of 2^m, and the last, shorter run of such a division.
pub fn subtree_path(items: &[Node], first: usize, count: usize) -> Result<(Node, Path), SubtreeError> {
    subtree_path_with(&SoftwareSha256, items, first, count)
}

/// [`subtree_path`] by another implementation of SHA-256.
pub fn subtree_path_with(
    sha256: &impl Sha256,
    items: &[Node],
    first: usize,
    count: usize,
) -> Result<(Node, Path), SubtreeError> {
    let out_of_range = SubtreeError::OutOfRange { first, count, items: items.len() };
    if count == 0 || first.checked_add(count).is_none_or(|end| end > items.len()) {
        return Err(out_of_range);
    }
    let mut steps = Vec::new();
    let (mut rest, mut from) = (items, first);
    while rest.len() != count {
        let middle = split_point(rest.len());
        let (left, right) = rest.split_at(middle);
        let (side, sibling) = if from + count <= middle {
            rest = left;
            (Side::Right, right)
        } else if from >= middle {
            rest = right;
            from -= middle;
            (Side::Left, left)
        } else {
            return Err(SubtreeError::NotASubtree { first, count });
        };
        let sibling = root_of_with(sha256, sibling)?.ok_or(out_of_range)?;
        steps.push(Step { side, sibling });
    }
    steps.reverse();
    let node = root_of_with(sha256, rest)?.ok_or(out_of_range)?;
    Ok((node, Path::new(steps)?))
}
