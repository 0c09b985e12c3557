//! Nodes and the two hash rules.

use crate::{CountError, Digest, Sha256, SoftwareSha256};

/// Length of the message whose digest is an inner node's hash: prefix, and hash and count of both children.
pub const NODE_MESSAGE_BYTES: usize = 1 + 2 * (32 + 8);

/// Separates the hash of a leaf from that of an inner node (RFC 6962 section 2.1).
const LEAF_PREFIX: u8 = 0x00;
/// See [`LEAF_PREFIX`].
const NODE_PREFIX: u8 = 0x01;

/// A node of a counted Merkle tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// Digest that commits to everything below.
    pub hash: Digest,
    /// Number of leaves below; never 0 in a valid tree.
    pub leaf_count: u64,
}

impl Node {
    /// The node of one leaf with this digest.
    pub const fn leaf(digest: Digest) -> Self {
        Self { hash: digest, leaf_count: 1 }
    }
}

/// Digest of a leaf: SHA-256(0x00 ‖ leaf).
pub fn leaf_digest(leaf: &[u8]) -> Digest {
    leaf_digest_with(&SoftwareSha256, leaf)
}

/// [`leaf_digest`] by another implementation of SHA-256.
pub fn leaf_digest_with(sha256: &impl Sha256, leaf: &[u8]) -> Digest {
    sha256.digest(&[&[LEAF_PREFIX], leaf])
}

/// Parent of two nodes:
/// SHA-256(0x01 ‖ left hash ‖ left count u64 BE ‖ right hash ‖ right count u64 BE), with the sum of the counts.
pub fn join(left: Node, right: Node) -> Result<Node, CountError> {
    join_with(&SoftwareSha256, left, right)
}

/// [`join`] by another implementation of SHA-256.
pub fn join_with(sha256: &impl Sha256, left: Node, right: Node) -> Result<Node, CountError> {
    let (message, leaf_count) = node_message(left, right)?;
    Ok(Node { hash: sha256.digest(&[&message]), leaf_count })
}

/// The message to hash for the parent of two nodes, and the parent's leaf count.
pub fn node_message(left: Node, right: Node) -> Result<([u8; NODE_MESSAGE_BYTES], u64), CountError> {
    if left.leaf_count == 0 || right.leaf_count == 0 {
        return Err(CountError::ZeroLeaves);
    }
    let leaf_count = left
        .leaf_count
        .checked_add(right.leaf_count)
        .ok_or(CountError::Overflow { left_leaves: left.leaf_count, right_leaves: right.leaf_count })?;
    let mut message = [0; NODE_MESSAGE_BYTES];
    message[0] = NODE_PREFIX;
    message[1..33].copy_from_slice(&left.hash);
    message[33..41].copy_from_slice(&left.leaf_count.to_be_bytes());
    message[41..73].copy_from_slice(&right.hash);
    message[73..81].copy_from_slice(&right.leaf_count.to_be_bytes());
    Ok((message, leaf_count))
}
