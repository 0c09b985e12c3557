//! The handle: one connection that writes, a few that read.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::clock::ObservedClock;
use crate::connection;
use crate::entropy::Entropy;
use crate::error::StoreError;
use crate::ids::FileId;
use crate::summary::Counted;

/// Reading connections kept for the next question; more are opened when asked for at the same time and closed again.
const IDLE_READERS: usize = 4;

/// An owner's library. Clones share one database. Every call blocks on the disk for a moment: an async caller uses a
/// blocking task.
///
/// Every change is one transaction, synced before the call returns: it happened wholly or not at all, whatever crashes.
#[derive(Clone)]
pub struct Library {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) path: PathBuf,
    // Dropped before the writer: the last connection to close folds the journal into the database, which a reader cannot.
    pub(crate) readers: Mutex<Vec<Connection>>,
    /// None when open for reading only; nothing in it any more once the library was closed.
    pub(crate) writer: Option<Mutex<Option<Writer>>>,
    /// Readers may rely on nobody writing.
    pub(crate) immutable: bool,
    pub(crate) entropy: Entropy,
    pub(crate) counted: Counted,
}

/// What it takes to write. The connection is dropped first, the lock is held until then.
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) _lock: File,
}

impl fmt::Debug for Library {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Library").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

impl Library {
    /// The database file.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Whether changes fail.
    pub fn is_read_only(&self) -> bool {
        self.inner.writer.is_none()
    }

    /// Looks at the wall clock. Call about once a minute; ages in the library advance by at most a day between two
    /// looks, so a clock that is wrong deletes nothing early.
    pub fn tick(&self, now_unix_s: u64) -> Result<(), StoreError> {
        self.write_down(|transaction| {
            ObservedClock::load(transaction)?.tick(now_unix_s).store(transaction)?;
            Ok(((), false))
        })
    }

    /// Changes since the library was opened, apart from looks at the clock and proofs of what was healthy before: the same number twice means that nothing has
    /// changed in between.
    pub fn changes(&self) -> u64 {
        self.inner.counted.changes()
    }

    /// Lets go of the database, for another process to open, once the change under way is through. Every later change fails
    /// with [`StoreError::Closed`], whoever still holds a clone.
    pub fn close(&self) {
        self.inner.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        if let Some(writer) = &self.inner.writer {
            drop(writer.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
    }

    /// Runs a change: committed when it returns Ok, undone otherwise.
    pub(crate) fn write<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (value, is_changed) = self.transact(change)?;
        if is_changed {
            self.inner.counted.changed();
        }
        Ok(value)
    }

    /// As [`Library::write`], of what is written down all the time: it counts as a change of the library if `change` says so.
    pub(crate) fn write_down<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<(T, bool), E>,
    ) -> Result<T, E> {
        let ((value, is_news), _) = self.transact(change)?;
        if is_news {
            self.inner.counted.changed();
        }
        Ok(value)
    }

    /// A change, and whether there was anything to change.
    fn transact<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<(T, bool), E> {
        let writer = self.inner.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        // A panic in a change has undone its transaction on the way, so the connection is as good as before.
        let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = &mut writer.as_mut().ok_or(StoreError::Closed)?.connection;
        let before = connection.total_changes();
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let value = change(&transaction)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok((value, connection.total_changes() != before))
    }

    /// Asks questions of one state of the database, whatever is written meanwhile.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.with_reader(|connection| {
            let transaction = connection.transaction().map_err(StoreError::from)?;
            question(&transaction)
        })
    }

    /// Runs a statement that the engine refuses inside a transaction.
    pub(crate) fn outside_transactions(
        &self,
        statement: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        self.with_reader(|connection| statement(connection).map_err(StoreError::from))
    }

    fn with_reader<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let readers = || self.inner.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = readers().pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => connection::open_reader(&self.inner.path, self.inner.immutable, self.is_read_only())?,
        };
        let answer = work(&mut connection);
        let mut readers = readers();
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
        answer
    }

    /// An id that no entry has yet.
    pub(crate) fn fresh_file_id(&self, connection: &Connection) -> Result<FileId, StoreError> {
        let mut taken = connection.prepare_cached("SELECT 1 FROM entry WHERE file_id = ?1")?;
        loop {
            let bits = u64::from_be_bytes(self.inner.entropy.bytes()?);
            if !taken.exists([bits.cast_signed()])? {
                return Ok(FileId::from_bits(bits));
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::host::HostUpdate;

    fn update(number: u8) -> HostUpdate {
        let addresses = vec![format!("/dns/{}/tcp/1", "x".repeat(200)); 8];
        HostUpdate {
            peer: layr_keys::PeerId::from_bytes([number; 32]),
            addresses,
            offer: None,
            seen_unix_s: 1,
        }
    }

    #[test]
    fn a_full_disk_is_an_answer_and_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let library = {
            let owner = layr_keys::OwnerId::from_bytes([1; 32]);
            Library::create(&dir.path().join(Library::FILE_NAME), owner, Entropy::system(), 1).unwrap()
        };
        let set_limit = |pages: u32| {
            let writer = library.inner.writer.as_ref().unwrap().lock().unwrap();
            writer.as_ref().unwrap().connection.pragma_update(None, "max_page_count", pages).unwrap();
        };
        set_limit(1);
        let many: Vec<_> = (0..200).map(update).collect();
        let refused = library.upsert_hosts(&many);
        assert!(matches!(refused, Err(crate::HostError::Store(StoreError::DiskFull))), "{refused:?}");
        assert_eq!(library.hosts().unwrap().len(), 0);
        set_limit(1 << 20);
        library.upsert_hosts(&many).unwrap();
        assert_eq!(library.hosts().unwrap().len(), 200);
    }
}
