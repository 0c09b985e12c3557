//! A shard on its way in.

use layr_codec::ShardRoot;
use layr_keys::OwnerId;

use crate::{
    Vault,
    accounts::ReservationId,
    buffer::AlignedBuffer,
    config::WRITE_BUFFER_BYTES,
    disk::DiskFile,
    error::{CommitError, StoreError, WriteError},
    group::{Change, Outcome, Stored},
    hashing::HashedShard,
    leaf_tree::LowerLevels,
};

/// Space reserved for one shard, and the shard as far as it has arrived. Dropped without [`commit`](Self::commit)
/// it gives up its space and removes what was written.
pub struct Reservation {
    vault: Vault,
    id: ReservationId,
    owner: OwnerId,
    size_bytes: u64,
    reserved_unix_s: u64,
    received_bytes: u64,
    /// Bytes that are neither hashed nor on the disk yet.
    buffer: AlignedBuffer,
    /// Of what is on the disk.
    levels: LowerLevels,
    file: Option<Box<dyn DiskFile>>,
    /// An earlier write failed, so that the file has a gap.
    has_failed: bool,
    /// The temporary was moved into place or removed, and the space accounted for.
    is_settled: bool,
}

impl std::fmt::Debug for Reservation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Reservation")
            .field("id", &self.id)
            .field("owner", &self.owner)
            .field("size_bytes", &self.size_bytes)
            .field("received_bytes", &self.received_bytes)
            .finish_non_exhaustive()
    }
}

impl Reservation {
    pub(crate) fn new(
        vault: Vault,
        id: ReservationId,
        owner: OwnerId,
        size_bytes: u64,
        reserved_unix_s: u64,
    ) -> Self {
        Self {
            vault,
            id,
            owner,
            size_bytes,
            reserved_unix_s,
            received_bytes: 0,
            buffer: AlignedBuffer::new(
                WRITE_BUFFER_BYTES.min(usize::try_from(size_bytes).unwrap_or(usize::MAX)),
            ),
            levels: LowerLevels::default(),
            file: None,
            has_failed: false,
            is_settled: false,
        }
    }

    /// Bytes reserved.
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Bytes still to come.
    pub const fn missing_bytes(&self) -> u64 {
        self.size_bytes - self.received_bytes
    }

    /// Takes the next bytes, however they are split; they go to the disk 256 KiB at a time.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), WriteError> {
        if self.has_failed {
            return Err(WriteError::Failed);
        }
        if bytes.len() as u64 > self.missing_bytes() {
            return Err(WriteError::TooLong { reserved_bytes: self.size_bytes });
        }
        self.received_bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            bytes = self.buffer.fill(bytes);
            if self.buffer.is_full() {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Stores the shard durably if it is whole and hashes to `expected`. When this returns, body and row have
    /// reached the disk.
    pub fn commit(mut self, expected: ShardRoot) -> Result<Stored, CommitError> {
        if self.has_failed {
            return Err(WriteError::Failed.into());
        }
        let received_bytes = self.received_bytes;
        let short = CommitError::ShortBody { expected_bytes: self.size_bytes, received_bytes };
        if self.missing_bytes() > 0 {
            return Err(short);
        }
        self.flush()?;
        // Shards that wait for the disk are many; they need no buffer any more.
        self.buffer = AlignedBuffer::new(0);
        let hashed = HashedShard::of(std::mem::take(&mut self.levels)).ok_or(short)?;
        let HashedShard { root, blocks, levels } = hashed;
        if root != expected {
            return Err(CommitError::RootMismatch { expected, actual: root });
        }
        let inner = std::sync::Arc::clone(&self.vault.inner);
        inner.accounts.lock().begin_commit(self.id)?;
        if let Some(file) = &mut self.file {
            file.sync().map_err(|error| StoreError::io("sync", "the shard's temporary", error))?;
        }
        let outcome = inner.submit(Change::Store {
            reservation: self.id,
            owner: self.owner,
            root,
            size_bytes: self.size_bytes,
            blocks,
            now_unix_s: self.reserved_unix_s,
        })?;
        self.is_settled = true;
        inner.keep_tree(&root, self.size_bytes, &levels);
        match outcome {
            Outcome::Stored(stored) => Ok(stored),
            Outcome::Deleted(_) => Ok(Stored::AlreadyHeld),
        }
    }

    /// Hashes and writes what the buffer holds. Stays failed if that fails: the body would have a gap.
    fn flush(&mut self) -> Result<(), WriteError> {
        let bytes = self.buffer.bytes();
        if bytes.is_empty() {
            return Ok(());
        }
        self.has_failed = true;
        let inner = &self.vault.inner;
        inner.accounts.lock().write(self.id, bytes.len() as u64)?;
        let file = if let Some(file) = &mut self.file {
            file
        } else {
            let file = self.file.insert(inner.bodies.create_temporary(self.id, self.size_bytes)?);
            if file.has_its_space() {
                inner.accounts.lock().write(self.id, self.size_bytes)?;
            }
            file
        };
        self.levels.push(bytes);
        file.write_all(bytes).map_err(|error| StoreError::io("write", "the shard's temporary", error))?;
        self.buffer.clear();
        self.has_failed = false;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        // Closed first: some systems don't remove open files.
        if self.file.take().is_some() {
            self.vault.inner.discard_temporary(self.id);
        }
        self.vault.inner.accounts.lock().release(self.id);
    }
}
