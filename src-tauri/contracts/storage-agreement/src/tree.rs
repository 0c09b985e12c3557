//! The counted Merkle tree of `layr-proof`, on the ledger's side: nodes are bytes there, and SHA-256 is the ledger's own. The contract's
//! tests build their trees with that crate, so the two cannot disagree about a byte.

use soroban_sdk::{Bytes, Env};

use crate::bytes::{number, push};
use crate::error::{Error, must};

const HASH_BYTES: u32 = 32;
/// A node's hash and count, as a parent's message and a path have them.
const NODE_BYTES: u32 = HASH_BYTES + 8;
/// A step of an encoded path: side, and the sibling.
pub(crate) const STEP_BYTES: u32 = 1 + NODE_BYTES;
const LEAF_PREFIX: u8 = 0;
const NODE_PREFIX: u8 = 1;

/// A node of a tree.
#[derive(Clone)]
pub(crate) struct Node {
    /// Its hash, and how many leaves are below it as a u64.
    pub(crate) bytes: Bytes,
    /// How many leaves are below it.
    pub(crate) leaves: u64,
}

/// SHA-256 by the ledger.
#[inline(never)]
pub(crate) fn digest(message: &Bytes) -> Bytes {
    message.env().crypto().sha256(message).into()
}

impl Node {
    #[inline(never)]
    fn new(message: &Bytes, leaves: u64) -> Self {
        let mut bytes = digest(message);
        push(&mut bytes, leaves);
        Self { bytes, leaves }
    }

    /// The node of a leaf.
    pub(crate) fn leaf(leaf: &Bytes) -> Self {
        let mut message = prefix(leaf.env(), LEAF_PREFIX);
        message.append(leaf);
        Self::new(&message, 1)
    }

    #[inline(never)]
    pub(crate) fn join(left: &Self, right: &Self) -> Self {
        let mut message = prefix(left.bytes.env(), NODE_PREFIX);
        message.append(&left.bytes);
        message.append(&right.bytes);
        Self::new(&message, left.leaves + right.leaves)
    }

    pub(crate) fn hash(&self) -> Bytes {
        self.bytes.slice(..HASH_BYTES)
    }

    /// Where the steps of `path` from `at` to `end` lead to, and how many leaves come before this node's there.
    #[inline(never)]
    pub(crate) fn climb(mut self, path: &Bytes, mut at: u32, end: u32) -> (Self, u64) {
        let mut first_leaf = 0;
        while at < end {
            let side = path.get_unchecked(at);
            let bytes = path.slice(at + 1..at + STEP_BYTES);
            let sibling = Self { leaves: number(&bytes, HASH_BYTES, 8), bytes };
            must(path.env(), side <= 1 && sibling.leaves > 0, Error::BadProof);
            if side == 0 {
                first_leaf += sibling.leaves;
                self = Self::join(&sibling, &self);
            } else {
                self = Self::join(&self, &sibling);
            }
            at += STEP_BYTES;
        }
        (self, first_leaf)
    }
}

fn prefix(env: &Env, prefix: u8) -> Bytes {
    Bytes::from_array(env, &[prefix])
}
