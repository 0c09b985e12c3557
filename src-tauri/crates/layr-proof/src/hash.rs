//! The seam to SHA-256.

use alloc::vec::Vec;

use sha2::Digest as _;

use crate::{Digest, NODE_MESSAGE_BYTES};

/// SHA-256 as the tree needs it. All implementations must give equal digests; they differ in
/// how many messages they hash at once.
pub trait Sha256 {
    /// Digest of the concatenated parts.
    fn digest(&self, parts: &[&[u8]]) -> Digest;

    /// Appends the digest of each message, in order. An implementation with several lanes overrides this:
    /// the levels of a tree are hashed in batches through it.
    fn digest_nodes(&self, messages: &[[u8; NODE_MESSAGE_BYTES]], digests: &mut Vec<Digest>) {
        digests.extend(messages.iter().map(|message| self.digest(&[message])));
    }
}

/// SHA-256 by the `sha2` crate.
#[derive(Clone, Copy, Debug, Default)]
pub struct SoftwareSha256;

impl Sha256 for SoftwareSha256 {
    fn digest(&self, parts: &[&[u8]]) -> Digest {
        let mut hasher = sha2::Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}
