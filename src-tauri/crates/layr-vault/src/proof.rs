//! Proving pieces and leaves of a shard.

use layr_codec::{LEAF_BYTES, PIECE_BYTES, ShardRoot, leaf_nodes, piece_node};
use layr_proof::{Node, Path, subtree_path};

use crate::{
    Vault,
    config::{BLOCK_BYTES, BLOCK_PIECES},
    error::{ReadError, StoreError},
    hashing::root_of,
    ledger::{self, BodyRow, ShardState},
};

/// Leaves of a full block.
const BLOCK_LEAVES: usize = BLOCK_BYTES / LEAF_BYTES;
/// Leaves of a full piece.
const PIECE_LEAVES: usize = PIECE_BYTES / LEAF_BYTES;

/// Proof of one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PieceProof {
    /// Root over the piece's leaves.
    pub node: Node,
    /// From there to the shard's root.
    pub path: Path,
}

/// Proof of one leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafProof {
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
    /// From its digest to the shard's root.
    pub path: Path,
}

/// Proofs of leaves, and what they took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenLeaves {
    /// One for each leaf asked for, in that order.
    pub proofs: Vec<LeafProof>,
    /// Bytes read and hashed for them.
    pub read_bytes: u64,
}

/// A block that was read and hashed to what it was stored as.
struct Block {
    bytes: Vec<u8>,
    pieces: Vec<Node>,
    /// From the block to the shard's root.
    path: Path,
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
        let first_byte = u64::from(first_piece) * PIECE_BYTES as u64;
        self.prove(root, |row| {
            if count == 0 || first_byte >= row.size_bytes {
                return Err(ReadError::OutOfRange { size_bytes: row.size_bytes });
            }
            let piece = usize::try_from(first_piece).unwrap_or(usize::MAX);
            let Some(block) = self.checked_block(root, row, piece / BLOCK_PIECES)? else { return Ok(None) };
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let pieces = (piece % BLOCK_PIECES..block.pieces.len()).take(count);
            pieces.map(|piece| block.prove_piece(piece)).collect::<Result<Vec<_>, _>>().map(Some)
        })
    }

    /// Proofs of these leaves, in the order asked; none may be asked for where the shard has none. Reads and hashes each
    /// block of 1 MiB once in which one of them lies, as far as they are asked for block by block. Damage is noticed as by
    /// [`Vault::prove_pieces`].
    pub fn prove_leaves(&self, root: &ShardRoot, leaves: &[u32]) -> Result<ProvenLeaves, ReadError> {
        self.prove(root, |row| {
            let count = row.size_bytes / LEAF_BYTES as u64;
            if leaves.is_empty() || leaves.iter().any(|leaf| u64::from(*leaf) >= count) {
                return Err(ReadError::OutOfRange { size_bytes: row.size_bytes });
            }
            let mut proven = ProvenLeaves { proofs: Vec::with_capacity(leaves.len()), read_bytes: 0 };
            let mut held: Option<(usize, Block)> = None;
            for leaf in leaves {
                let leaf = usize::try_from(*leaf).unwrap_or(usize::MAX);
                let number = leaf / BLOCK_LEAVES;
                let block = match held.take() {
                    Some((at, block)) if at == number => block,
                    _ => match self.checked_block(root, row, number)? {
                        Some(block) => {
                            proven.read_bytes += block.bytes.len() as u64;
                            block
                        }
                        None => return Ok(None),
                    },
                };
                proven.proofs.push(block.prove_leaf(leaf % BLOCK_LEAVES)?);
                held = Some((number, block));
            }
            Ok(Some(proven))
        })
    }

    /// Lets `prove` try on a body that is said to be stored. Where it answers `None` the body is not what it was: it is looked
    /// at closely, and tried once more if it turns out good, as it may have been replaced between two looks.
    fn prove<T>(
        &self,
        root: &ShardRoot,
        prove: impl Fn(&BodyRow) -> Result<Option<T>, ReadError>,
    ) -> Result<T, ReadError> {
        self.inner.ready()?;
        for _ in 0..2 {
            let row = self.inner.ledger.read(|connection| ledger::body(connection, root))?;
            // A body without a row, as after the database was put back from an old copy, is not gone.
            let Some(row) = row else {
                let is_there = self.inner.bodies.size_bytes(root)?.is_some();
                return Err(if is_there { ReadError::Changing } else { ReadError::Unknown });
            };
            if row.state == ShardState::Stored
                && let Some(proven) = prove(&row)?
            {
                return Ok(proven);
            }
            // What is known to be gone or damaged and still is costs no look at the bytes, and no write.
            let state = match row.state {
                ShardState::Stored => self.inner.settle(root, None)?,
                _ => self.inner.state(root)?,
            };
            match state {
                ShardState::Stored => {}
                ShardState::Corrupt => return Err(ReadError::Corrupt),
                ShardState::Missing => return Err(ReadError::Missing),
                ShardState::Unknown => return Err(ReadError::Unknown),
            }
        }
        Err(ReadError::Changing)
    }

    /// `None` if the body is not what it was.
    fn checked_block(
        &self,
        root: &ShardRoot,
        row: &BodyRow,
        number: usize,
    ) -> Result<Option<Block>, ReadError> {
        let first_byte = (number * BLOCK_BYTES) as u64;
        let range = first_byte..row.size_bytes.min(first_byte + BLOCK_BYTES as u64);
        let bytes = match self.read(root, range) {
            Ok(bytes) => bytes,
            Err(ReadError::OutOfRange { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let pieces: Vec<Node> = bytes.chunks(PIECE_BYTES).filter_map(piece_node).collect();
        if root_of(&pieces).as_ref() != row.blocks.get(number) {
            return Ok(None);
        }
        let Ok((_, path)) = subtree_path(&row.blocks, number, 1) else { return Ok(None) };
        Ok(Some(Block { bytes, pieces, path }))
    }
}

impl Block {
    fn prove_piece(&self, piece: usize) -> Result<PieceProof, ReadError> {
        let (node, path) = subtree_path(&self.pieces, piece, 1).map_err(|_| unexplained())?;
        Ok(PieceProof { node, path: path.extend(&self.path).map_err(|_| unexplained())? })
    }

    fn prove_leaf(&self, leaf: usize) -> Result<LeafProof, ReadError> {
        let piece = leaf / PIECE_LEAVES;
        let piece_bytes = self.bytes.chunks(PIECE_BYTES).nth(piece).ok_or_else(unexplained)?;
        let at = leaf % PIECE_LEAVES;
        let bytes = piece_bytes.chunks(LEAF_BYTES).nth(at).ok_or_else(unexplained)?;
        let (_, path) = subtree_path(&leaf_nodes(piece_bytes), at, 1).map_err(|_| unexplained())?;
        let path = path.extend(&self.prove_piece(piece)?.path).map_err(|_| unexplained())?;
        Ok(LeafProof { leaf: bytes.to_vec(), path })
    }
}

/// Counts of a block were just compared with the ledger's.
fn unexplained() -> ReadError {
    StoreError::DamagedLedger { source: None }.into()
}
