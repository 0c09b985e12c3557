//! Making lost shards of a segment out of those that are together.

use std::collections::BTreeMap;
use std::sync::Arc;

use layr_codec::{DecodeError, ShardHasher, ShardRebuilder};

use super::bring::Rebuilt;
use super::gather::pieces;

/// The shards wanted, stripe by stripe, each with the root that it comes to.
pub(super) fn rebuild(
    mut rebuilder: ShardRebuilder,
    wanted: &[u8],
    shards: &BTreeMap<u8, Vec<u8>>,
) -> Result<Vec<Rebuilt>, DecodeError> {
    let mut bytes = vec![Vec::new(); wanted.len()];
    let mut stripe_pieces = Vec::new();
    for stripe in 0..rebuilder.layout().stripes() {
        stripe_pieces.clear();
        rebuilder.rebuild_stripe(stripe, &pieces(shards, stripe), &mut stripe_pieces)?;
        let piece_bytes = stripe_pieces.len() / wanted.len().max(1);
        for (shard, piece) in bytes.iter_mut().zip(stripe_pieces.chunks(piece_bytes.max(1))) {
            shard.extend_from_slice(piece);
        }
    }
    let hashed = wanted.iter().zip(bytes).filter_map(|(index, bytes)| {
        let mut hasher = ShardHasher::new();
        hasher.update(&bytes);
        let (root, _) = hasher.finish()?;
        Some(Rebuilt { index: *index, root: root.into(), bytes: Arc::new(bytes) })
    });
    Ok(hashed.collect())
}
