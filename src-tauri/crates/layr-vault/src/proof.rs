//! Proving pieces of a shard.

use layr_codec::{PIECE_BYTES, ShardRoot, piece_node};
use layr_proof::{Node, Path, subtree_path};

use crate::{
    Vault,
    config::{BLOCK_BYTES, BLOCK_PIECES},
    error::{ReadError, StoreError},
    hashing::root_of,
    ledger::{self, BodyRow, ShardState},
};

/// Proof of one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PieceProof {
    /// Root over the piece's leaves.
    pub node: Node,
    /// From there to the shard's root.
    pub path: Path,
}

impl Vault {
    /// Proofs of up to `count` pieces from `first_piece` on, and at least one. An answer ends with the 1 MiB block in
    /// which it begins (16 pieces), so that it reads and hashes no more than that; ask again for the rest. A block
    /// that does not hash to what it was stored as is noticed, and the shard marked corrupt.
    pub fn prove_pieces(
        &self,
        root: &ShardRoot,
        first_piece: u32,
        count: u32,
    ) -> Result<Vec<PieceProof>, ReadError> {
        self.inner.ready()?;
        // The second look is for a body that was replaced between the two.
        match self.prove_once(root, first_piece, count)? {
            Some(proofs) => Ok(proofs),
            None => self.prove_once(root, first_piece, count)?.ok_or(ReadError::Missing),
        }
    }

    /// `None` if the body turned out good after all, when looked at closely.
    fn prove_once(
        &self,
        root: &ShardRoot,
        first_piece: u32,
        count: u32,
    ) -> Result<Option<Vec<PieceProof>>, ReadError> {
        let row = self.inner.ledger.read(|connection| ledger::body(connection, root))?;
        let row = row.ok_or(ReadError::Unknown)?;
        let first_byte = u64::from(first_piece) * PIECE_BYTES as u64;
        if count == 0 || first_byte >= row.size_bytes {
            return Err(ReadError::OutOfRange { size_bytes: row.size_bytes });
        }
        let proofs = match row.state {
            ShardState::Stored => self.prove_block(root, &row, first_piece, count)?,
            _ => None,
        };
        if proofs.is_some() {
            return Ok(proofs);
        }
        match self.inner.settle(root, None)? {
            ShardState::Stored => Ok(None),
            ShardState::Corrupt => Err(ReadError::Corrupt),
            ShardState::Missing => Err(ReadError::Missing),
            ShardState::Unknown => Err(ReadError::Unknown),
        }
    }

    /// `None` if the body is not what it was.
    fn prove_block(
        &self,
        root: &ShardRoot,
        row: &BodyRow,
        first_piece: u32,
        count: u32,
    ) -> Result<Option<Vec<PieceProof>>, ReadError> {
        let piece = usize::try_from(first_piece).unwrap_or(usize::MAX);
        let (block, first) = (piece / BLOCK_PIECES, piece % BLOCK_PIECES);
        let first_byte = (block * BLOCK_BYTES) as u64;
        let range = first_byte..row.size_bytes.min(first_byte + BLOCK_BYTES as u64);
        let bytes = match self.read(root, range) {
            Ok(bytes) => bytes,
            Err(ReadError::OutOfRange { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let pieces: Vec<Node> = bytes.chunks(PIECE_BYTES).filter_map(piece_node).collect();
        if root_of(&pieces).as_ref() != row.blocks.get(block) {
            return Ok(None);
        }
        let Ok((_, block_path)) = subtree_path(&row.blocks, block, 1) else { return Ok(None) };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let proofs = (first..pieces.len()).take(count).map(|piece| {
            let (node, path) = subtree_path(&pieces, piece, 1).ok()?;
            Some(PieceProof { node, path: path.extend(&block_path).ok()? })
        });
        proofs.collect::<Option<Vec<_>>>().map(Some).ok_or_else(|| {
            // Counts of a block were just compared with the ledger's.
            StoreError::DamagedLedger { source: None }.into()
        })
    }
}
