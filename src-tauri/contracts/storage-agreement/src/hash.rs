//! SHA-256 by the ledger's own function, which costs a fraction of one that runs in the contract.

use layr_proof::{Digest, LEAF_BYTES, Node, Proven, Sha256, climb_encoded_with, leaf_digest_with};
use soroban_sdk::{Bytes, Env};

/// The seam of `layr-proof`, on a ledger.
#[derive(Clone, Copy)]
pub(crate) struct HostSha256<'a> {
    pub(crate) env: &'a Env,
}

impl Sha256 for HostSha256<'_> {
    fn digest(&self, parts: &[&[u8]]) -> Digest {
        let mut message = Bytes::new(self.env);
        for part in parts {
            message.extend_from_slice(part);
        }
        self.env.crypto().sha256(&message).to_array()
    }
}

/// The leaf node of these bytes; `None` for more than a leaf holds.
pub(crate) fn leaf_node(env: &Env, leaf: &Bytes) -> Option<Node> {
    let mut buffer = [0; LEAF_BYTES];
    let used = buffer.get_mut(..usize::try_from(leaf.len()).ok()?)?;
    leaf.copy_into_slice(used);
    Some(Node::leaf(leaf_digest_with(&HostSha256 { env }, used)))
}

/// Longest encoded path that is read: 49 steps of 41 bytes. A tree over 4 TiB of leaves is 32 deep, one over shards of several
/// sizes a few more.
const MAX_PATH_BYTES: usize = 2 * LEAF_BYTES;

/// Where a path that `layr-proof` encoded leads to; `None` for what is no such path.
pub(crate) fn climb(env: &Env, start: Node, path: &Bytes) -> Option<Proven> {
    let mut buffer = [0; MAX_PATH_BYTES];
    let used = buffer.get_mut(..usize::try_from(path.len()).ok()?)?;
    path.copy_into_slice(used);
    climb_encoded_with(&HostSha256 { env }, start, used).ok()
}
