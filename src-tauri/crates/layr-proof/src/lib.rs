//! Counted Merkle tree: what a shard's root is, how a leaf or a whole subtree is proven against it, and which
//! leaves a challenge asks for.
//!
//! One crate for the owner who audits, the host who answers and the contract that referees, so that the three
//! can never disagree about a byte: the contract folds paths in its own way, and its tests hold it to this crate. It is `no_std` (with
//! `alloc`), does no I/O and hashes through the [`Sha256`] seam.
//!
//! The formats are written down in `docs/formats.md`, chapter "Counted Merkle tree".
//!
//! # What a proof says
//! A node is the pair of a hash and the number of leaves below it, and a parent's hash covers both children's
//! counts. Folding a [`Path`] therefore yields not only a root but the position of the proven subtree and the
//! total number of leaves, whatever the shape of the tree. What it does not say is that the counts were honest
//! when the root was made: whoever signs a root has hashed the data behind it first.

#![no_std]

extern crate alloc;

mod challenge;
mod error;
mod hash;
mod node;
mod path;
mod tree;

pub use challenge::{Positions, locate, positions, positions_with};
pub use error::{CountError, PathDecodeError, SubtreeError};
pub use hash::{Sha256, SoftwareSha256};
pub use node::{NODE_MESSAGE_BYTES, Node, join, join_with, leaf_digest, leaf_digest_with, node_message};
pub use path::{MAX_ENCODED_PATH_BYTES, MAX_PATH_STEPS, Path, Proven, Side, Step, climb, climb_with};
pub use tree::{
    TreeBuilder, root_of, root_of_with, roots_of_with, split_point, subtree_path, subtree_path_with,
};

/// Size of a leaf in bytes. A shard is always a whole number of leaves.
///
/// 1 KiB: an on-chain proof carries the leaf itself, and its cost grows with the leaf faster than with the path.
pub const LEAF_BYTES: usize = 1024;

/// A SHA-256 digest.
pub type Digest = [u8; 32];

#[cfg(test)]
extern crate std;
