//! Which leaves a challenge asks for.

use crate::{Sha256, SoftwareSha256};

/// Leaf positions that a challenge asks for: number `j` is the first eight bytes, big-endian, of
/// SHA-256(challenge ‖ j as u32 BE), modulo the number of leaves. Positions may repeat. The modulo's bias is
/// below `total_leaves` / 2^64. A tree without leaves has no positions.
pub fn positions(challenge: &[u8; 32], total_leaves: u64, count: u32) -> Positions<'_> {
    positions_with(SoftwareSha256, challenge, total_leaves, count)
}

/// [`positions`] by another implementation of SHA-256.
pub fn positions_with<S: Sha256>(
    sha256: S,
    challenge: &[u8; 32],
    total_leaves: u64,
    count: u32,
) -> Positions<'_, S> {
    let count = if total_leaves == 0 { 0 } else { count };
    Positions { sha256, challenge, total_leaves, next: 0, count }
}

/// Where a position over several trees, one after the other, lies: in which of them, and which of its leaves. `None` beyond
/// the last.
pub fn locate(leaf_counts: &[u64], position: u64) -> Option<(usize, u64)> {
    let mut leaf = position;
    for (tree, &count) in leaf_counts.iter().enumerate() {
        if leaf < count {
            return Some((tree, leaf));
        }
        leaf -= count;
    }
    None
}

/// Iterator of [`positions`].
#[derive(Clone, Debug)]
pub struct Positions<'a, S = SoftwareSha256> {
    sha256: S,
    challenge: &'a [u8; 32],
    total_leaves: u64,
    next: u32,
    count: u32,
}

impl<S: Sha256> Iterator for Positions<'_, S> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        if self.next == self.count {
            return None;
        }
        let digest = self.sha256.digest(&[self.challenge, &self.next.to_be_bytes()]);
        self.next += 1;
        let mut head = [0; 8];
        head.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(head).checked_rem(self.total_leaves)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.count - self.next).unwrap_or(usize::MAX);
        (left, Some(left))
    }
}
