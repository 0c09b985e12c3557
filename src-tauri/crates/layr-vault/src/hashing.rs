//! From a shard's bytes to its root and the nodes of its blocks, each byte hashed once.

use std::{fs::File, io, io::Read};

use layr_codec::{BulkSha256, LEAF_BYTES, PIECE_BYTES, ShardRoot};
use layr_proof::{Node, root_of_with};

use crate::{config::WRITE_BUFFER_BYTES, leaf_tree::LowerLevels};

/// A shard's root, the nodes of its blocks and what lies below them.
#[derive(Debug)]
pub(crate) struct HashedShard {
    pub(crate) root: ShardRoot,
    pub(crate) blocks: Vec<Node>,
    pub(crate) levels: LowerLevels,
}

impl HashedShard {
    /// The shard of these leaves; `None` for no leaf.
    pub(crate) fn of(levels: LowerLevels) -> Option<Self> {
        let blocks = levels.blocks();
        Some(Self { root: root_of(&blocks)?.into(), blocks, levels })
    }
}

/// Root over nodes; `None` for no node. A shard has at most 4096 leaves, so that counts can't overflow.
pub(crate) fn root_of(nodes: &[Node]) -> Option<Node> {
    root_of_with(&BulkSha256, nodes).ok().flatten()
}

/// Hashes up to `limit_bytes` of a file from its current position. The file's length must be whole leaves up to
/// there; a rest shorter than a leaf is an error of kind `InvalidData`.
pub(crate) fn hash_file(file: &mut File, limit_bytes: u64) -> io::Result<Option<HashedShard>> {
    let mut levels = LowerLevels::default();
    let mut buffer = Vec::with_capacity(WRITE_BUFFER_BYTES);
    let mut left_bytes = limit_bytes;
    while left_bytes > 0 {
        buffer.clear();
        let wanted_bytes = left_bytes.min(WRITE_BUFFER_BYTES as u64);
        let read_bytes = file.by_ref().take(wanted_bytes).read_to_end(&mut buffer)?;
        if read_bytes == 0 {
            break;
        }
        if !read_bytes.is_multiple_of(LEAF_BYTES) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        levels.push(&buffer);
        left_bytes = left_bytes.saturating_sub(read_bytes as u64);
    }
    Ok(HashedShard::of(levels))
}

const _: () = assert!(WRITE_BUFFER_BYTES.is_multiple_of(PIECE_BYTES));
