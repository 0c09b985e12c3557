//! Data of hosts, small enough for many thousand histories.

use layr_proof::{Node, leaf_digest, positions, root_of, subtree_path};
use soroban_sdk::{Bytes, Env, Vec};

/// Leaves that follow from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Data {
    leaves: std::vec::Vec<[u8; 9]>,
    nodes: std::vec::Vec<Node>,
}

impl Data {
    /// `count` leaves.
    pub(crate) fn new(seed: u8, count: u8) -> Self {
        let leaf = |index: u8| {
            let mut leaf = *b"leaf ____";
            leaf[5] = seed;
            leaf[6] = index;
            leaf
        };
        let leaves: std::vec::Vec<_> = (0..count).map(leaf).collect();
        let nodes = leaves.iter().map(|leaf| Node::leaf(leaf_digest(leaf))).collect();
        Self { leaves, nodes }
    }

    pub(crate) fn leaf_count(&self) -> u64 {
        self.leaves.len() as u64
    }

    pub(crate) fn root(&self) -> [u8; 32] {
        root_of(&self.nodes).unwrap().map_or([0; 32], |root| root.hash)
    }

    /// The leaf at a position, proven.
    pub(crate) fn leaf(&self, env: &Env, position: u64) -> Bytes {
        let index = usize::try_from(position).unwrap();
        let (_, path) = subtree_path(&self.nodes, index, 1).unwrap();
        Bytes::from_slice(env, &[&path.encode()[..], &self.leaves[index]].concat())
    }

    /// The answer to a question.
    pub(crate) fn answer(&self, env: &Env, question: &[u8; 32], samples: u32) -> Vec<Bytes> {
        let mut answer = Vec::new(env);
        for position in positions(question, self.leaf_count(), samples) {
            answer.push_back(self.leaf(env, position));
        }
        answer
    }
}
