//! What hosts prove.

use layr_ledger::agreement::{Answer, EscrowTerms, Place, ProvenLeaf};
use layr_proof::{LEAF_BYTES, Node, Path, Side, Step, join, leaf_digest, positions};

/// A tree of equal leaves, so that one of 16 GiB has a node a level.
pub(crate) struct Data {
    leaf: Vec<u8>,
    levels: Vec<Node>,
    pub(crate) root: Node,
}

impl Data {
    pub(crate) fn new(depth: u32) -> Self {
        let leaf = vec![42; LEAF_BYTES];
        let mut levels = vec![Node::leaf(leaf_digest(&leaf))];
        for _ in 0..depth {
            let below = levels[levels.len() - 1];
            levels.push(join(below, below).unwrap());
        }
        let root = levels.pop().unwrap();
        Self { leaf, levels, root }
    }

    fn leaf(&self, position: u64) -> ProvenLeaf {
        let step = |(level, &sibling): (usize, &Node)| {
            let side = if position >> level & 1 == 1 { Side::Left } else { Side::Right };
            Step { side, sibling }
        };
        let path = Path::new(self.levels.iter().enumerate().map(step).collect()).unwrap();
        ProvenLeaf { leaf: self.leaf.clone(), path }
    }

    /// The answer to the question that this randomness asks a host.
    pub(crate) fn answer(
        &self,
        (terms, place): (&EscrowTerms, Place),
        window: u32,
        (randomness, to_owner): (&[u8; 32], bool),
    ) -> Answer {
        let question = place.question(randomness, window);
        let asked = positions(&question, self.root.leaf_count, terms.samples);
        Answer { window, to_owner, leaves: asked.map(|position| self.leaf(position)).collect() }
    }
}
