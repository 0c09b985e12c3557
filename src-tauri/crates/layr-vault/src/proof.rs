//! Proving pieces and leaves of a shard.

use layr_codec::{LEAF_BYTES, PIECE_BYTES, ShardRoot};
use layr_proof::{Node, Path, leaf_digest, subtree_path};

use crate::{
    ShardReader, Vault,
    config::{BLOCK_BYTES, BLOCK_LEAVES, BLOCK_PIECES, LEAF_SIZE_BYTES},
    error::{ReadError, StoreError},
    leaf_tree::{LeafTree, LowerLevels},
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
    /// Bytes read for them, of the leaves' bodies and their trees.
    pub read_bytes: u64,
}

/// A block that was read and hashed to what it was stored as.
struct Block {
    bytes: Vec<u8>,
    levels: LowerLevels,
    pieces: Vec<Node>,
    /// From the block to the shard's root.
    path: Path,
}

/// Proving leaves of one shard.
struct LeafProving<'a> {
    vault: &'a Vault,
    root: &'a ShardRoot,
    row: &'a BodyRow,
    /// The shard's tree, if it has one, and its body.
    by_tree: Option<(LeafTree, ShardReader)>,
    /// The block that was read last, and its number.
    held: Option<(usize, Block)>,
    /// Bytes read of the body.
    read_bytes: u64,
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

    /// Proofs of these leaves, in the order asked; none may be asked for where the shard has none. Reads a leaf and at most as
    /// much of the shard's tree. Where that has no path for a leaf which leads to the root, it reads and hashes the leaf's block of
    /// 1 MiB, once as far as leaves are asked for block by block, and keeps what the tree lacked. A damaged leaf is noticed as by
    /// [`Vault::prove_pieces`]; damage elsewhere in its block only without the tree.
    pub fn prove_leaves(&self, root: &ShardRoot, leaves: &[u32]) -> Result<ProvenLeaves, ReadError> {
        self.prove(root, |row| {
            let count = row.size_bytes / LEAF_SIZE_BYTES;
            if leaves.is_empty() || leaves.iter().any(|leaf| u64::from(*leaf) >= count) {
                return Err(ReadError::OutOfRange { size_bytes: row.size_bytes });
            }
            let by_tree = match self.inner.open_tree(root, row.size_bytes) {
                Some(tree) => Some((tree, self.reader(root)?)),
                None => None,
            };
            let mut proving = LeafProving { vault: self, root, row, by_tree, held: None, read_bytes: 0 };
            let mut proofs = Vec::with_capacity(leaves.len());
            for leaf in leaves {
                let leaf = usize::try_from(*leaf).unwrap_or(usize::MAX);
                let Some(proof) = proving.prove(leaf)? else { return Ok(None) };
                proofs.push(proof);
            }
            Ok(Some(ProvenLeaves { proofs, read_bytes: proving.read_bytes() }))
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
        let mut levels = LowerLevels::default();
        levels.push(&bytes);
        if levels.blocks().first() != row.blocks.get(number) {
            return Ok(None);
        }
        let Ok((_, path)) = subtree_path(&row.blocks, number, 1) else { return Ok(None) };
        Ok(Some(Block { bytes, pieces: levels.pieces(), levels, path }))
    }
}

impl LeafProving<'_> {
    fn read_bytes(&self) -> u64 {
        self.read_bytes + self.by_tree.as_ref().map_or(0, |(tree, _)| tree.read_bytes())
    }

    /// `None` if the body is not what it was.
    fn prove(&mut self, leaf: usize) -> Result<Option<LeafProof>, ReadError> {
        let number = leaf / BLOCK_LEAVES;
        if let Some((_, block)) = self.held.as_ref().filter(|(held, _)| *held == number) {
            return block.prove_leaf(leaf % BLOCK_LEAVES).map(Some);
        }
        if let Some(proof) = self.prove_by_tree(leaf)? {
            return Ok(Some(proof));
        }
        let Some(block) = self.vault.checked_block(self.root, self.row, number)? else { return Ok(None) };
        self.read_bytes += block.bytes.len() as u64;
        self.vault.inner.keep_part(self.root, self.row.size_bytes, number, &block.levels);
        let proof = block.prove_leaf(leaf % BLOCK_LEAVES)?;
        self.held = Some((number, block));
        Ok(Some(proof))
    }

    /// `None` if the shard has no tree, or leaf, tree and ledger together do not lead to the root: which of them is wrong is found
    /// out elsewhere.
    fn prove_by_tree(&mut self, leaf: usize) -> Result<Option<LeafProof>, ReadError> {
        let Some((tree, reader)) = &mut self.by_tree else { return Ok(None) };
        let first_byte = (leaf * LEAF_BYTES) as u64;
        let mut bytes = Vec::with_capacity(LEAF_BYTES);
        match reader.read_into(first_byte..first_byte + LEAF_SIZE_BYTES, &mut bytes) {
            Err(ReadError::OutOfRange { .. }) => return Ok(None),
            read => read?,
        }
        self.read_bytes += LEAF_SIZE_BYTES;
        let path = tree.path(leaf).and_then(|path| {
            let (_, above) = subtree_path(&self.row.blocks, leaf / BLOCK_LEAVES, 1).ok()?;
            path.extend(&above).ok()
        });
        let Some(path) = path else { return Ok(None) };
        let proven = path.root(Node::leaf(leaf_digest(&bytes)));
        let is_right = proven.is_ok_and(|proven| {
            let leaves = self.row.size_bytes / LEAF_SIZE_BYTES;
            ShardRoot::from(proven.root) == *self.root
                && (proven.root.leaf_count, proven.first_leaf) == (leaves, leaf as u64)
        });
        Ok(is_right.then_some(LeafProof { leaf: bytes, path }))
    }
}

impl Block {
    fn prove_piece(&self, piece: usize) -> Result<PieceProof, ReadError> {
        let (node, path) = subtree_path(&self.pieces, piece, 1).map_err(|_| unexplained())?;
        Ok(PieceProof { node, path: path.extend(&self.path).map_err(|_| unexplained())? })
    }

    fn prove_leaf(&self, leaf: usize) -> Result<LeafProof, ReadError> {
        let bytes = self.bytes.chunks(LEAF_BYTES).nth(leaf).ok_or_else(unexplained)?;
        let path = self.levels.path(leaf).ok_or_else(unexplained)?;
        Ok(LeafProof { leaf: bytes.to_vec(), path: path.extend(&self.path).map_err(|_| unexplained())? })
    }
}

/// Counts of a block were just compared with the ledger's.
fn unexplained() -> ReadError {
    StoreError::DamagedLedger { source: None }.into()
}
