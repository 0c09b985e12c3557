//! Leaf trees: digests beside a body, by which a leaf is proven without reading the block in which it lies.
//!
//! A cache that nobody trusts: what is read of it counts only where it leads from the leaf, which is read from the body, to the
//! shard's root. Else the block is read, and its part of the tree written again. So it is written without a sync, and anything
//! may be wrong with it. What lies where in it is written down in `docs/formats.md`, "Vault layout".

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    ops::Range,
};

use layr_codec::{BulkSha256, LEAF_BYTES, PIECE_BYTES, ShardRoot, leaf_nodes};
use layr_proof::{Digest, Node, Path, roots_of_with, subtree_path_with};

use crate::{
    config::{BLOCK_LEAVES, LEAF_SIZE_BYTES},
    ledger,
    vault::Inner,
};

/// Leaves under one node of the lower level.
const GROUP_LEAVES: usize = 16;
/// Groups under one node of the upper level. The path of a leaf takes 16 digests of leaves, 8 of groups and 8 of spans: 1024
/// bytes, all that issue 4 allows beside the leaf. Spans of 16 groups would take 1152.
const SPAN_GROUPS: usize = 8;
/// Leaves under one node of the upper level.
const SPAN_LEAVES: usize = GROUP_LEAVES * SPAN_GROUPS;
/// Spans in a full block.
const BLOCK_SPANS: usize = BLOCK_LEAVES / SPAN_LEAVES;
/// Groups in a full block.
const BLOCK_GROUPS: usize = BLOCK_LEAVES / GROUP_LEAVES;
/// Groups in a full piece.
const PIECE_GROUPS: usize = PIECE_BYTES / LEAF_BYTES / GROUP_LEAVES;
/// Shards of fewer leaves have no tree: beside the leaf that is asked for there is no more than one to read.
const MIN_LEAVES: u64 = 3;
/// Bytes of a digest.
const DIGEST_BYTES: u64 = 32;

/// Length of the tree of a shard of this size, 3.34 % of a full one; `None` if such a shard has none.
pub(crate) const fn tree_bytes(size_bytes: u64) -> Option<u64> {
    let leaves = size_bytes / LEAF_SIZE_BYTES;
    let block_leaves = BLOCK_LEAVES as u64;
    if leaves < MIN_LEAVES {
        return None;
    }
    Some(leaves / block_leaves * part_bytes(block_leaves) + part_bytes(leaves % block_leaves))
}

/// Length of the part of a block with so many leaves.
const fn part_bytes(leaves: u64) -> u64 {
    let (spans, groups) = (leaves.div_ceil(SPAN_LEAVES as u64), leaves.div_ceil(GROUP_LEAVES as u64));
    (spans + groups + leaves) * DIGEST_BYTES
}

/// Where the part of a block begins.
const fn part_at(block: usize) -> u64 {
    block as u64 * part_bytes(BLOCK_LEAVES as u64)
}

/// The digests of a shard's leaves, or of one block's, and the nodes above them.
#[derive(Clone, Debug, Default)]
pub(crate) struct LowerLevels {
    /// 128 KiB for the largest shard.
    leaves: Vec<Digest>,
    groups: Vec<Node>,
}

impl LowerLevels {
    /// Hashes the next leaves. All calls but the last bring whole groups of 16.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        debug_assert!(self.leaves.len().is_multiple_of(GROUP_LEAVES), "a group was cut");
        let leaves = leaf_nodes(bytes);
        self.groups.extend(roots_of(&leaves, GROUP_LEAVES));
        self.leaves.extend(leaves.iter().map(|leaf| leaf.hash));
    }

    /// Nodes of the pieces.
    pub(crate) fn pieces(&self) -> Vec<Node> {
        roots_of(&self.groups, PIECE_GROUPS)
    }

    /// Nodes of the blocks.
    pub(crate) fn blocks(&self) -> Vec<Node> {
        roots_of(&self.spans(), BLOCK_SPANS)
    }

    fn spans(&self) -> Vec<Node> {
        roots_of(&self.groups, SPAN_GROUPS)
    }

    /// Path of a leaf to the root of the block whose levels these are; `None` beyond the last leaf.
    pub(crate) fn path(&self, leaf: usize) -> Option<Path> {
        let leaves = self.leaves.get(run_around(leaf, GROUP_LEAVES, self.leaves.len()))?;
        let leaves: Vec<Node> = leaves.iter().copied().map(Node::leaf).collect();
        let groups = self.groups.get(run_around(leaf / GROUP_LEAVES, SPAN_GROUPS, self.groups.len()))?;
        path_over(leaf, &leaves, groups, &self.spans())
    }

    /// The tree as it lies on the disk: for each block the nodes of its spans, of its groups, and its leaves.
    fn encode(&self) -> Vec<u8> {
        let spans = self.spans();
        let digests = self.leaves.len() + self.groups.len() + spans.len();
        let mut bytes = Vec::with_capacity(digests * 32);
        let blocks = spans
            .chunks(BLOCK_SPANS)
            .zip(self.groups.chunks(BLOCK_GROUPS))
            .zip(self.leaves.chunks(BLOCK_LEAVES));
        for ((spans, groups), leaves) in blocks {
            bytes.extend(spans.iter().chain(groups).flat_map(|node| node.hash));
            bytes.extend(leaves.iter().flatten());
        }
        bytes
    }
}

/// A tree that is open for reading.
#[derive(Debug)]
pub(crate) struct LeafTree {
    file: File,
    leaves: usize,
    read_bytes: u64,
}

impl LeafTree {
    /// Bytes read of it.
    pub(crate) const fn read_bytes(&self) -> u64 {
        self.read_bytes
    }

    /// Path of a leaf to the root of its block as the tree has it, which may be wrong; `None` if it can't be read.
    pub(crate) fn path(&mut self, leaf: usize) -> Option<Path> {
        let (block, at) = (leaf / BLOCK_LEAVES, leaf % BLOCK_LEAVES);
        let leaves = self.leaves.checked_sub(block * BLOCK_LEAVES)?.min(BLOCK_LEAVES);
        let (spans, groups) = (leaves.div_ceil(SPAN_LEAVES), leaves.div_ceil(GROUP_LEAVES));
        let group_run = run_around(at / GROUP_LEAVES, SPAN_GROUPS, groups);
        let leaf_run = run_around(at, GROUP_LEAVES, leaves);
        // One behind the other, as they lie in the file.
        let upper = self.level(block, 0, 0..spans)?;
        let middle = self.level(block, spans, group_run.clone())?;
        let lower = self.level(block, spans + groups, leaf_run.clone())?;
        path_over(
            at,
            &counted(&lower, leaf_run.start, 1, leaves),
            &counted(&middle, group_run.start, GROUP_LEAVES, leaves),
            &counted(&upper, 0, SPAN_LEAVES, leaves),
        )
    }

    /// Digests of one level of a block, which begins after `before` others. None for a single one, which no path needs.
    fn level(&mut self, block: usize, before: usize, run: Range<usize>) -> Option<Vec<Digest>> {
        if run.len() < 2 {
            return Some(Vec::new());
        }
        let at_byte = part_at(block) + (before + run.start) as u64 * DIGEST_BYTES;
        let mut digests = vec![[0; 32]; run.len()];
        let bytes = digests.as_flattened_mut();
        let read = self.file.seek(SeekFrom::Start(at_byte)).and_then(|_| self.file.read_exact(bytes));
        if let Err(error) = read {
            tracing::debug!(%error, "a leaf tree can't be read");
            return None;
        }
        self.read_bytes += bytes.len() as u64;
        Some(digests)
    }
}

impl Inner {
    /// Opens the tree of a shard of this size; `None` if there is none, or it has another length.
    pub(crate) fn open_tree(&self, root: &ShardRoot, size_bytes: u64) -> Option<LeafTree> {
        let file = self.bodies.open_tree(root, tree_bytes(size_bytes)?)?;
        let leaves = usize::try_from(size_bytes / LEAF_SIZE_BYTES).ok()?;
        Some(LeafTree { file, leaves, read_bytes: 0 })
    }

    /// Keeps the tree of a shard that is stored now, unless it has one.
    pub(crate) fn keep_tree(&self, root: &ShardRoot, size_bytes: u64, levels: &LowerLevels) {
        if tree_bytes(size_bytes).is_some_and(|length| !self.bodies.has_tree(root, length)) {
            self.keep_part(root, size_bytes, 0, levels);
        }
    }

    /// Keeps what the tree has of a block, and of those after it as far as `levels` reach. It never fails anything: without
    /// its tree a shard is as good, and only its proofs cost more.
    pub(crate) fn keep_part(&self, root: &ShardRoot, size_bytes: u64, block: usize, levels: &LowerLevels) {
        let Some(tree_bytes) = tree_bytes(size_bytes) else { return };
        let part = levels.encode();
        if !self.takes_room(part.len() as u64) {
            tracing::debug!(%root, "no room for a leaf tree");
            return;
        }
        let written = self.bodies.write_tree(root, tree_bytes, part_at(block), &part);
        self.accounts.lock().written_beside(part.len() as u64);
        if let Err(error) = written {
            tracing::debug!(%root, %error, "a leaf tree can't be written");
            self.bodies.discard_tree(root);
        } else if self.is_row_gone(root) {
            // Its last owner deleted the shard meanwhile, and may have looked for a tree before there was one.
            self.bodies.discard_tree(root);
        }
    }

    /// Takes room on the disk that nobody was promised. Shards come first: a tree is written only where no reservation, and
    /// nothing that must stay free, is short of space for it.
    fn takes_room(&self, bytes: u64) -> bool {
        let mut accounts = self.accounts.lock();
        let Ok(free_bytes) = self.bodies.available_bytes() else { return false };
        accounts.write_beside(bytes, free_bytes.saturating_sub(self.reserve_free_disk_bytes))
    }

    fn is_row_gone(&self, root: &ShardRoot) -> bool {
        let row = self.ledger.read(|connection| ledger::body(connection, root));
        matches!(row, Ok(None))
    }
}

/// Path over three levels: the leaves of the group of a block's leaf, the groups of its span, and the block's spans. A level of
/// fewer than two is no step.
fn path_over(leaf: usize, leaves: &[Node], groups: &[Node], spans: &[Node]) -> Option<Path> {
    let group = leaf / GROUP_LEAVES;
    let levels = [(leaves, leaf % GROUP_LEAVES), (groups, group % SPAN_GROUPS), (spans, group / SPAN_GROUPS)];
    levels.into_iter().filter(|(nodes, _)| nodes.len() > 1).try_fold(Path::default(), |path, (nodes, at)| {
        let (_, above) = subtree_path_with(&BulkSha256, nodes, at, 1).ok()?;
        path.extend(&above).ok()
    })
}

/// Nodes of a level from their hashes, the first of which is number `first` of the block. Each is over `width` leaves, the
/// block's last over the rest.
fn counted(hashes: &[Digest], first: usize, width: usize, leaves: usize) -> Vec<Node> {
    let count = |number: usize| leaves.saturating_sub(number * width).min(width) as u64;
    hashes.iter().zip(first..).map(|(&hash, number)| Node { hash, leaf_count: count(number) }).collect()
}

/// The run of `width` items in which one lies; the last run may be shorter.
fn run_around(item: usize, width: usize, items: usize) -> Range<usize> {
    let first = item / width * width;
    first..(first + width).min(items)
}

/// Counts of leaves in memory can't overflow, so that there is no error to report.
fn roots_of(nodes: &[Node], width: usize) -> Vec<Node> {
    roots_of_with(&BulkSha256, nodes, width).unwrap_or_default()
}
