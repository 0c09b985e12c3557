//! The answer to a window's question.

use layr_proof::LEAF_BYTES;
use soroban_sdk::{Bytes, Vec};

use crate::bytes::{length, number};
use crate::error::{Error, must};
use crate::tree::{Node, STEP_BYTES, digest};

const MAX_LEAF_BYTES: u32 = length(LEAF_BYTES);

/// Whether `answer` has the leaves that the question asks for, in its order, of `data`: a root's hash and number of leaves. Each is a path
/// to that root as `layr-proof` encodes paths, and behind it the leaf.
pub(crate) fn check(question: &Bytes, samples: u32, data: &Bytes, answer: &Vec<Bytes>) {
    let env = question.env();
    let leaves = number(data, 32, 8);
    // Of no data nothing can be shown, and nothing is due for it.
    let expected = if leaves == 0 { 0 } else { samples };
    must(env, answer.len() == expected, Error::WrongLeafCount);
    for index in 0..expected {
        let shown = answer.get_unchecked(index);
        let leaf_at = 1 + STEP_BYTES * u32::from(shown.get_unchecked(0));
        let leaf = shown.slice(leaf_at..);
        must(env, leaf.len() <= MAX_LEAF_BYTES, Error::BadProof);
        let (root, position) = Node::leaf(&leaf).climb(&shown, 1, leaf_at);
        let is_asked_for = root.bytes == *data && position == asked(question, index) % leaves;
        must(env, is_asked_for, Error::BadProof);
    }
}

/// Where leaf number `index` is, modulo the number of leaves: as `layr_proof::positions`.
fn asked(question: &Bytes, index: u32) -> u64 {
    let mut message = question.clone();
    message.extend_from_array(&index.to_be_bytes());
    number(&digest(&message), 0, 8)
}
