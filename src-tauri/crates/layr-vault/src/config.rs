//! What a vault is told, and its limits.

use std::path::PathBuf;

use layr_codec::{MAX_SHARD_BYTES, PIECE_BYTES};
use layr_proof::LEAF_BYTES;

/// Where a vault lies and how much it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultConfig {
    /// Directory of the database, the bodies and the temporaries; all of it on one file system.
    pub dir: PathBuf,
    /// Most bytes that stored and reserved shards may take together, each counted once per owner.
    pub quota_bytes: u64,
    /// Space that must stay free on the disk, for the system and for the vault's own database.
    pub reserve_free_disk_bytes: u64,
    /// Whether a directory without a database becomes a new vault. A caller that knows there was one says no:
    /// the disk may not be mounted yet.
    pub create_if_absent: bool,
}

impl VaultConfig {
    /// A vault that is created where there is none.
    pub fn new(dir: impl Into<PathBuf>, quota_bytes: u64, reserve_free_disk_bytes: u64) -> Self {
        Self { dir: dir.into(), quota_bytes, reserve_free_disk_bytes, create_if_absent: true }
    }
}

/// Most reservations open at a time. Each may hold a write buffer, the digests of 4096 leaves and a file descriptor, so this bounds
/// a host's memory at 100 MiB and its open files at a quarter of the usual limit, with room for 30 streams of 8 owners.
pub const MAX_OPEN_RESERVATIONS: usize = 256;

/// Longest time that a reservation can hold space: an hour is 4 MiB at 10 kbit/s. A clock that jumps back can't
/// stretch it further.
pub const MAX_RESERVATION_S: u64 = 3600;

/// Bytes of a shard under one node of the ledger: what a proof of a piece rehashes at most, and one of a leaf without its tree.
pub const BLOCK_BYTES: usize = 1 << 20;

/// Time in which the scrubber's pace re-reads everything: 60 of the promised 90 days, so that a machine which
/// sleeps a third of the time still keeps the promise.
pub const SCRUB_ROUND_S: u64 = 60 * 24 * 3600;

/// Most bodies checked by one call of the scrubber, whatever its budget: bounds the memory of a call.
pub const MAX_SCRUB_BODIES: u32 = 4096;

/// Write buffer of a reservation: large enough that the cost of a system call vanishes.
pub(crate) const WRITE_BUFFER_BYTES: usize = 256 * 1024;

/// Leaves under one block node.
pub(crate) const BLOCK_LEAVES: usize = BLOCK_BYTES / LEAF_BYTES;

/// Pieces in a block.
pub(crate) const BLOCK_PIECES: usize = BLOCK_BYTES / PIECE_BYTES;

/// [`MAX_SHARD_BYTES`] as sizes are counted here.
pub(crate) const MAX_SHARD_SIZE_BYTES: u64 = MAX_SHARD_BYTES as u64;

/// [`LEAF_BYTES`] as sizes are counted here.
pub(crate) const LEAF_SIZE_BYTES: u64 = LEAF_BYTES as u64;
