//! Shard roots and piece nodes, hashed in lanes.

use layr_proof::{
    CountError, Digest, NODE_MESSAGE_BYTES, Node, Sha256, SoftwareSha256, root_of_with, roots_of_with,
};

use crate::{LEAF_BYTES, PIECE_BYTES, ShardRoot};

/// Leaves of a full piece.
const PIECE_LEAVES: usize = PIECE_BYTES / LEAF_BYTES;

/// SHA-256 for trees, many nodes at once where the CPU can.
#[derive(Clone, Copy, Debug, Default)]
pub struct BulkSha256;

impl Sha256 for BulkSha256 {
    fn digest(&self, parts: &[&[u8]]) -> Digest {
        SoftwareSha256.digest(parts)
    }

    fn digest_nodes(&self, messages: &[[u8; NODE_MESSAGE_BYTES]], digests: &mut Vec<Digest>) {
        layr_sha256::digest_many(messages, digests);
    }
}

/// Node of a shard's tree over a run of its leaves, such as a piece. `None` for no bytes.
pub fn piece_node(piece: &[u8]) -> Option<Node> {
    let digests = leaf_digests(piece);
    nodes_of(&digests, digests.len()).first().copied()
}

/// Nodes of the leaves of a run of a shard, such as a piece.
pub fn leaf_nodes(piece: &[u8]) -> Vec<Node> {
    leaf_digests(piece).into_iter().map(Node::leaf).collect()
}

fn leaf_digests(piece: &[u8]) -> Vec<Digest> {
    let mut digests = Vec::with_capacity(piece.len().div_ceil(LEAF_BYTES));
    layr_sha256::hash_leaves(piece, &mut digests);
    digests
}

/// Nodes over each `width` leaves by their digests; the last may be over fewer.
pub(crate) fn nodes_of(digests: &[Digest], width: usize) -> Vec<Node> {
    let leaves: Vec<Node> = digests.iter().copied().map(Node::leaf).collect();
    // Counts of leaves in memory cannot overflow, so there is no error to report.
    roots_of_with(&BulkSha256, &leaves, width).unwrap_or_default()
}

/// Hashes a shard that arrives in any split, each byte once, in 40 bytes a piece.
#[derive(Clone, Debug, Default)]
pub struct ShardHasher {
    /// Start of the piece whose end has not arrived.
    partial: Vec<u8>,
    pieces: Vec<Node>,
}

impl ShardHasher {
    /// A hasher that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next bytes of the shard. Whole pieces are hashed where they lie; only the rest is copied.
    pub fn update(&mut self, mut bytes: &[u8]) {
        if !self.partial.is_empty() {
            let missing = (PIECE_BYTES - self.partial.len()).min(bytes.len());
            let (head, rest) = bytes.split_at(missing);
            self.partial.extend_from_slice(head);
            bytes = rest;
            if self.partial.len() == PIECE_BYTES {
                self.pieces.extend(piece_node(&self.partial));
                self.partial.clear();
            }
        }
        let (whole, rest) = bytes.as_chunks::<PIECE_BYTES>();
        let mut digests = Vec::with_capacity(whole.len() * PIECE_LEAVES);
        layr_sha256::hash_leaves(whole.as_flattened(), &mut digests);
        self.pieces.extend(nodes_of(&digests, PIECE_LEAVES));
        self.partial.extend_from_slice(rest);
    }

    /// The shard's root node and the nodes of its pieces. `None` if nothing arrived. A shard that is not a whole
    /// number of leaves gets a root that no encoder makes.
    pub fn finish(mut self) -> Option<(Node, Vec<Node>)> {
        self.pieces.extend(piece_node(&self.partial));
        let root = shard_node(&self.pieces).ok().flatten()?;
        Some((root, self.pieces))
    }
}

/// Root of a shard's tree over the nodes of its pieces.
pub(crate) fn shard_node(pieces: &[Node]) -> Result<Option<Node>, CountError> {
    root_of_with(&BulkSha256, pieces)
}

impl From<Node> for ShardRoot {
    /// The name of the shard whose tree has this root.
    fn from(root: Node) -> Self {
        Self::from_bytes(root.hash)
    }
}
