//! The answer to a window's question.

use layr_proof::positions_with;
use soroban_sdk::{Bytes, Env, Vec, contracttype};

use crate::Error;
use crate::hash::{HostSha256, climb, leaf_node};
use crate::statement::Data;

/// A leaf with its path to the data root.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenLeaf {
    /// The leaf's bytes.
    pub leaf: Bytes,
    /// Path of its digest to the root over all shards' leaves, as `layr-proof` encodes paths.
    pub path: Bytes,
}

/// Whether `leaves` are those that the question asks for, in its order, of `data`.
pub(crate) fn check(
    env: &Env,
    question: &[u8; 32],
    samples: u32,
    data: &Data,
    leaves: &Vec<ProvenLeaf>,
) -> Result<(), Error> {
    // Of no data nothing can be shown, and nothing is due for it.
    let expected = if data.leaves == 0 { 0 } else { samples };
    if leaves.len() != expected {
        return Err(Error::WrongLeafCount);
    }
    let positions = positions_with(HostSha256 { env }, question, data.leaves, samples);
    for (position, ProvenLeaf { leaf, path }) in positions.zip(leaves.iter()) {
        let node = leaf_node(env, &leaf).ok_or(Error::BadProof)?;
        let proven = climb(env, node, &path).ok_or(Error::BadProof)?;
        let is_asked_for = proven.root.hash == data.root.to_array()
            && proven.root.leaf_count == data.leaves
            && proven.first_leaf == position;
        if !is_asked_for {
            return Err(Error::BadProof);
        }
    }
    Ok(())
}
