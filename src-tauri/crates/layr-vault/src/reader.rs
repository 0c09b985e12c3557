//! Reading shards.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    ops::Range,
};

use layr_codec::ShardRoot;

use crate::{
    Vault,
    config::LEAF_SIZE_BYTES,
    error::{ReadError, StoreError},
    ledger::{self, ShardState},
};

/// A shard that is open for reading. It stays readable while it is deleted.
#[derive(Debug)]
pub struct ShardReader {
    vault: Vault,
    root: ShardRoot,
    file: File,
    size_bytes: u64,
}

impl Vault {
    /// Opens a shard for reading. Whoever knows a root may read. The bytes are not checked on the way: the reader
    /// does that, and [`Vault::prove_pieces`] settles a dispute.
    pub fn reader(&self, root: &ShardRoot) -> Result<ShardReader, ReadError> {
        let Some(file) = self.inner.bodies.open(root)? else { return Err(self.why_unreadable(root)?) };
        let size_bytes = file.metadata().map_err(|error| StoreError::io("look at", "a shard", error))?.len();
        Ok(ShardReader { vault: self.clone(), root: *root, file, size_bytes })
    }

    /// Part of a shard.
    pub fn read(&self, root: &ShardRoot, range: Range<u64>) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        self.reader(root)?.read_into(range, &mut bytes)?;
        Ok(bytes)
    }

    /// Looks closely at a body that could not be read, and says why.
    pub(crate) fn why_unreadable(&self, root: &ShardRoot) -> Result<ReadError, StoreError> {
        Ok(match self.inner.settle(root, None)? {
            ShardState::Unknown => ReadError::Unknown,
            ShardState::Corrupt => ReadError::Corrupt,
            ShardState::Missing => ReadError::Missing,
            ShardState::Stored => ReadError::Changing,
        })
    }
}

impl ShardReader {
    /// Size of the shard.
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Appends part of the shard to `bytes`. After an error `bytes` may have grown by less.
    pub fn read_into(&mut self, range: Range<u64>, bytes: &mut Vec<u8>) -> Result<(), ReadError> {
        if range.start >= range.end || range.end > self.size_bytes {
            return Err(self.why_short(&range)?);
        }
        let wanted_bytes = range.end - range.start;
        bytes.reserve(usize::try_from(wanted_bytes).unwrap_or(0));
        let read = self
            .file
            .seek(SeekFrom::Start(range.start))
            .and_then(|_| self.file.by_ref().take(wanted_bytes).read_to_end(bytes));
        match read {
            Ok(read_bytes) if read_bytes as u64 == wanted_bytes => {
                // What failed before has passed. A leaf alone, as a proof by the shard's tree reads, says nothing of the rest.
                if wanted_bytes > LEAF_SIZE_BYTES || wanted_bytes == self.size_bytes {
                    self.vault.inner.unreadable.lock().forget(&self.root);
                }
                Ok(())
            }
            Ok(_) => Err(self.why_short(&range)?),
            Err(error) => {
                tracing::warn!(root = %self.root, %error, "a shard could not be read");
                Err(match self.vault.why_unreadable(&self.root)? {
                    ReadError::Missing | ReadError::Changing => {
                        StoreError::io("read", "a shard", error).into()
                    }
                    why => why,
                })
            }
        }
    }

    /// A range beyond the end is the caller's mistake, unless the body was cut. The ledger tells the two apart: to read the
    /// body for everybody who asks for too much would let a few bytes from a stranger cost a whole shard of disk and hashing.
    fn why_short(&self, range: &Range<u64>) -> Result<ReadError, StoreError> {
        let row = self.vault.inner.ledger.read(|connection| ledger::body(connection, &self.root))?;
        if let Some(row) = row.filter(|row| range.start >= range.end || range.end > row.size_bytes) {
            return Ok(ReadError::OutOfRange { size_bytes: row.size_bytes });
        }
        match self.vault.inner.settle(&self.root, None)? {
            ShardState::Corrupt => Ok(ReadError::Corrupt),
            ShardState::Missing => Ok(ReadError::Missing),
            ShardState::Stored | ShardState::Unknown => {
                Ok(ReadError::OutOfRange { size_bytes: self.size_bytes })
            }
        }
    }
}
