//! The durable queue of transfers: what a person asked for and what became of it.
//!
//! The library keeps the queue and its states; what a request or an outcome says is the caller's own, bytes to the library.
//! *Waiting* includes running: whether something runs is known to the process that runs it and to nobody after a crash.

mod pause;
mod rows;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::activity::{self, NewActivity};
use crate::error::{StoreError, from_engine, signed, unsigned};
use crate::library::Library;
pub use pause::{MAX_PAUSE_S, TimedPause};
use rows::one_row;
pub(crate) use rows::transfer_rows;

/// Most transfers that are not finished (waiting, paused, failed): what a person still oversees, and a list that a window
/// reads several times a second.
pub const MAX_UNFINISHED_TRANSFERS: usize = 1000;
/// Finished transfers that are kept until they are cleared; the oldest go first.
pub const KEPT_FINISHED_TRANSFERS: usize = 200;
/// Longest request: ten thousand paths of a hundred bytes.
pub const MAX_TRANSFER_REQUEST_BYTES: usize = 1024 * 1024;
/// Longest outcome: the whole list, which a window reads several times a second, stays below 20 MiB even if all are this long.
pub const MAX_TRANSFER_OUTCOME_BYTES: usize = 16 * 1024;

/// Which way a transfer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransferKind {
    /// To hosts.
    Upload,
    /// From hosts.
    Download,
}

/// Where a transfer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransferState {
    /// It runs or will.
    Waiting,
    /// The person paused it.
    Paused,
    /// It stopped, and does not try again by itself.
    Failed,
    /// It is through.
    Done,
    /// The person gave it up.
    Cancelled,
}

impl TransferKind {
    fn code(self) -> i64 {
        match self {
            Self::Upload => 0,
            Self::Download => 1,
        }
    }

    fn from_code(code: i64) -> Result<Self, StoreError> {
        match code {
            0 => Ok(Self::Upload),
            1 => Ok(Self::Download),
            _ => Err(StoreError::damaged(format!("no such kind of transfer: {code}"))),
        }
    }
}

impl TransferState {
    fn from_code(code: i64) -> Result<Self, StoreError> {
        Ok(match code {
            0 => Self::Waiting,
            1 => Self::Paused,
            2 => Self::Failed,
            3 => Self::Done,
            4 => Self::Cancelled,
            _ => return Err(StoreError::damaged(format!("no such state of a transfer: {code}"))),
        })
    }
}

/// A transfer to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTransfer {
    /// Which way.
    pub kind: TransferKind,
    /// What people call it.
    pub name: String,
    /// What to do, in the caller's encoding; at most [`MAX_TRANSFER_REQUEST_BYTES`].
    pub request: Vec<u8>,
}

/// How far a transfer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TransferCounts {
    /// Bytes of content done.
    pub done_bytes: u64,
    /// Bytes of content in all, 0 while unknown.
    pub total_bytes: u64,
    /// Files done.
    pub done_files: u64,
    /// Files in all, 0 while unknown.
    pub total_files: u64,
}

/// One transfer of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferRow {
    /// Its number; never used twice.
    pub id: u64,
    /// Which way.
    pub kind: TransferKind,
    /// Where it stands.
    pub state: TransferState,
    /// Whether it is paused only as long as everything is.
    pub is_paused_with_all: bool,
    /// What people call it.
    pub name: String,
    /// As last noted.
    pub counts: TransferCounts,
    /// What became of it, in the caller's encoding.
    pub outcome: Option<Vec<u8>>,
    /// When it was asked for.
    pub added_unix_s: u64,
    /// When it ended; also that of a failure.
    pub finished_unix_s: Option<u64>,
}

/// What running a transfer takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferTask {
    /// Which way.
    pub kind: TransferKind,
    /// Where it stands.
    pub state: TransferState,
    /// What people call it.
    pub name: String,
    /// What to do.
    pub request: Vec<u8>,
    /// What an earlier run was about to give the final name.
    pub placed: Option<PlacedFile>,
}

/// A file or directory, as the file system knows it whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacedFile {
    /// The file system.
    pub device: u64,
    /// Number within it.
    pub inode: u64,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferEnd {
    /// It is through. True whatever the person asked for meanwhile.
    Done,
    /// It failed. Counts only for one that nobody paused or cancelled meanwhile; what it was about to place is forgotten in
    /// any case.
    Failed,
}

/// A transfer could not be queued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// The queue is full.
    #[error("{limit} transfers are unfinished already")]
    Full {
        /// [`MAX_UNFINISHED_TRANSFERS`].
        limit: usize,
    },
    /// The request is too long.
    #[error("the request has {found_bytes} bytes, at most {limit_bytes} fit")]
    TooLong {
        /// Its length.
        found_bytes: usize,
        /// [`MAX_TRANSFER_REQUEST_BYTES`].
        limit_bytes: usize,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_engine!(TransferError);

impl Library {
    /// Queues transfers, all of them or none; durable when this returns. They begin as paused while everything is.
    pub fn add_transfers(&self, new: &[NewTransfer], now_unix_s: u64) -> Result<Vec<u64>, TransferError> {
        let longest = new.iter().map(|new| new.request.len()).max().unwrap_or(0);
        if longest > MAX_TRANSFER_REQUEST_BYTES {
            return Err(TransferError::TooLong {
                found_bytes: longest,
                limit_bytes: MAX_TRANSFER_REQUEST_BYTES,
            });
        }
        let now_s = signed("the time", now_unix_s)?;
        self.write(|transaction| {
            let unfinished: i64 = transaction
                .prepare_cached("SELECT count(*) FROM transfer WHERE state < 3")?
                .query_row([], |row| row.get(0))?;
            let room =
                MAX_UNFINISHED_TRANSFERS.saturating_sub(usize::try_from(unfinished).unwrap_or(usize::MAX));
            if new.len() > room {
                return Err(TransferError::Full { limit: MAX_UNFINISHED_TRANSFERS });
            }
            let mut insert = transaction.prepare_cached(
                "INSERT INTO transfer (kind, state, is_paused_with_all, name, request, added_unix_s)
                 SELECT ?1, is_paused, is_paused, ?2, ?3, ?4 FROM transfer_switch",
            )?;
            let mut add = |new: &NewTransfer| {
                insert.execute(params![new.kind.code(), new.name, new.request, now_s])?;
                Ok(unsigned(transaction.last_insert_rowid())?)
            };
            new.iter().map(&mut add).collect()
        })
    }

    /// The queue, oldest first, and whether everything is paused.
    pub fn transfers(&self) -> Result<(Vec<TransferRow>, bool), StoreError> {
        self.read(|connection| Ok((transfer_rows(connection)?, is_paused(connection)?)))
    }

    /// Numbers of the transfers that may run, oldest first.
    pub fn waiting_transfers(&self, kind: TransferKind) -> Result<Vec<u64>, StoreError> {
        self.ids("SELECT id FROM transfer WHERE state = 0 AND kind = ?1 ORDER BY id", kind)
    }

    /// Numbers of the transfers that run, may run, or may be let run again, oldest first.
    pub fn unfinished_transfers(&self, kind: TransferKind) -> Result<Vec<u64>, StoreError> {
        self.ids("SELECT id FROM transfer WHERE state < 3 AND kind = ?1 ORDER BY id", kind)
    }

    /// Numbers of the cancelled transfers that have not been cleared up after yet.
    pub fn untidy_transfers(&self, kind: TransferKind) -> Result<Vec<u64>, StoreError> {
        self.ids(
            "SELECT id FROM transfer WHERE state = 4 AND kind = ?1 AND finished_unix_s IS NULL ORDER BY id",
            kind,
        )
    }

    fn ids(&self, query: &str, kind: TransferKind) -> Result<Vec<u64>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(query)?;
            let ids = statement.query_map([kind.code()], |row| row.get::<_, i64>(0))?;
            ids.map(|id| unsigned(id?)).collect()
        })
    }

    /// What it takes to run a transfer; none when there is no such transfer.
    pub fn transfer_task(&self, id: u64) -> Result<Option<TransferTask>, StoreError> {
        let Ok(id) = i64::try_from(id) else { return Ok(None) };
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT kind, state, name, request, placed_device, placed_inode FROM transfer WHERE id = ?1",
            )?;
            let mut rows = statement.query([id])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let device: Option<i64> = row.get(4)?;
            let inode: Option<i64> = row.get(5)?;
            Ok(Some(TransferTask {
                kind: TransferKind::from_code(row.get(0)?)?,
                state: TransferState::from_code(row.get(1)?)?,
                name: row.get(2)?,
                request: row.get(3)?,
                placed: device.zip(inode).map(|(device, inode)| PlacedFile {
                    device: device.cast_unsigned(),
                    inode: inode.cast_unsigned(),
                }),
            }))
        })
    }

    /// Where a transfer stands; none when there is no such transfer.
    pub fn transfer_state(&self, id: u64) -> Result<Option<TransferState>, StoreError> {
        self.read(|connection| state_of(connection, id))
    }

    /// Puts a failed transfer back into the queue, or all of them; all stay paused while everything is. What an earlier run
    /// was about to place counts no more: a file of the person may have got its number since. Answers as
    /// [`Library::pause_transfers`].
    pub fn retry_transfers(&self, id: Option<u64>) -> Result<Option<TransferState>, StoreError> {
        self.write(|transaction| {
            change(
                transaction,
                id,
                "UPDATE transfer SET outcome = NULL, finished_unix_s = NULL, placed_device = NULL, placed_inode = NULL,
                    state = CASE WHEN ?1 IS NULL THEN (SELECT is_paused FROM transfer_switch) ELSE 0 END,
                    is_paused_with_all = CASE WHEN ?1 IS NULL THEN (SELECT is_paused FROM transfer_switch) ELSE 0 END
                 WHERE state = 2 AND (?1 IS NULL OR id = ?1)",
            )
        })
    }

    /// Gives up a transfer that is not finished, or all of them. Answers as [`Library::pause_transfers`].
    pub fn cancel_transfers(&self, id: Option<u64>) -> Result<Option<TransferState>, StoreError> {
        self.write(|transaction| {
            change(
                transaction,
                id,
                "UPDATE transfer SET state = 4, outcome = NULL, finished_unix_s = NULL
                 WHERE state < 3 AND (?1 IS NULL OR id = ?1)",
            )
        })
    }

    /// Notes that a cancelled transfer has left nothing behind.
    pub fn transfer_tidied(&self, id: u64, now_unix_s: u64) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    "UPDATE transfer SET finished_unix_s = ?2 WHERE id = ?1 AND state = 4 AND finished_unix_s IS NULL",
                )?
                .execute([signed("a transfer", id)?, signed("the time", now_unix_s)?])?;
            prune(transaction)
        })
    }

    /// Notes how far a transfer is.
    pub fn transfer_progress(&self, id: u64, counts: TransferCounts) -> Result<(), StoreError> {
        self.write(|transaction| note_counts(transaction, id, counts))
    }

    /// Notes what is about to get the final name of a download. Durable when this returns.
    pub fn transfer_placed(&self, id: u64, placed: PlacedFile) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction
                .prepare_cached("UPDATE transfer SET placed_device = ?2, placed_inode = ?3 WHERE id = ?1")?
                .execute([
                    signed("a transfer", id)?,
                    placed.device.cast_signed(),
                    placed.inode.cast_signed(),
                ])?;
            Ok(())
        })
    }

    /// Notes the end of a run, and how far it came where that is known anew; tells the state then.
    pub fn end_transfer(
        &self,
        id: u64,
        end: TransferEnd,
        counts: Option<TransferCounts>,
        outcome: Option<&[u8]>,
        now_unix_s: u64,
    ) -> Result<Option<TransferState>, StoreError> {
        self.end_transfer_telling(id, end, counts, outcome, now_unix_s, |_| Vec::new())
    }

    /// As [`Library::end_transfer`]; where the end counts, notes with it in one change what `news` says about it.
    pub fn end_transfer_telling(
        &self,
        id: u64,
        end: TransferEnd,
        counts: Option<TransferCounts>,
        outcome: Option<&[u8]>,
        now_unix_s: u64,
        news: impl FnOnce(&TransferRow) -> Vec<NewActivity>,
    ) -> Result<Option<TransferState>, StoreError> {
        let outcome_bytes = outcome.map_or(0, <[u8]>::len);
        if outcome_bytes > MAX_TRANSFER_OUTCOME_BYTES {
            return Err(StoreError::OutOfRange { what: "an outcome's length", value: outcome_bytes as u64 });
        }
        self.write(|transaction| {
            if let Some(counts) = counts {
                note_counts(transaction, id, counts)?;
            }
            if end == TransferEnd::Failed {
                forget_placed(transaction, id)?;
            }
            let statement = match end {
                TransferEnd::Done => {
                    "UPDATE transfer SET state = 3, outcome = ?2, finished_unix_s = ?3 WHERE id = ?1 AND state <> 3"
                }
                TransferEnd::Failed => {
                    "UPDATE transfer SET state = 2, outcome = ?2, finished_unix_s = ?3 WHERE id = ?1 AND state = 0"
                }
            };
            let changed = transaction.prepare_cached(statement)?.execute(params![
                signed("a transfer", id)?,
                outcome,
                signed("the time", now_unix_s)?
            ])?;
            if changed > 0
                && let Some(row) = one_row(transaction, id)?
            {
                for entry in news(&row) {
                    activity::note(transaction, &entry, now_unix_s)?;
                }
            }
            prune(transaction)?;
            state_of(transaction, id)
        })
    }

    /// Forgets what is done or cancelled.
    pub fn clear_transfers(&self) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction
                .execute("DELETE FROM transfer WHERE state >= 3 AND finished_unix_s IS NOT NULL", [])?;
            Ok(())
        })
    }
}

fn is_paused(connection: &Connection) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached("SELECT is_paused FROM transfer_switch")?.query_row([], |row| row.get(0))?)
}

fn state_of(connection: &Connection, id: u64) -> Result<Option<TransferState>, StoreError> {
    let Ok(id) = i64::try_from(id) else { return Ok(None) };
    let code: Option<i64> = connection
        .prepare_cached("SELECT state FROM transfer WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    code.map(TransferState::from_code).transpose()
}

fn change(
    transaction: &Transaction<'_>,
    id: Option<u64>,
    statement: &str,
) -> Result<Option<TransferState>, StoreError> {
    let Some(id) = id else {
        transaction.prepare_cached(statement)?.execute([None::<i64>])?;
        return Ok(Some(TransferState::Waiting));
    };
    let Ok(row) = i64::try_from(id) else { return Ok(None) };
    transaction.prepare_cached(statement)?.execute([row])?;
    state_of(transaction, id)
}

fn note_counts(transaction: &Transaction<'_>, id: u64, counts: TransferCounts) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE transfer SET done_bytes = ?2, total_bytes = ?3, done_files = ?4, total_files = ?5 WHERE id = ?1",
        )?
        .execute([
            signed("a transfer", id)?,
            signed("bytes done", counts.done_bytes)?,
            signed("bytes in all", counts.total_bytes)?,
            signed("files done", counts.done_files)?,
            signed("files in all", counts.total_files)?,
        ])?;
    Ok(())
}

/// What a failed run was about to place is gone, and its number may be that of another file by now.
fn forget_placed(transaction: &Transaction<'_>, id: u64) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE transfer SET placed_device = NULL, placed_inode = NULL WHERE id = ?1 AND state <> 3",
        )?
        .execute([signed("a transfer", id)?])?;
    Ok(())
}

/// Keeps the list of finished transfers bounded.
fn prune(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let kept = i64::try_from(KEPT_FINISHED_TRANSFERS).unwrap_or(i64::MAX);
    transaction
        .prepare_cached(
            "DELETE FROM transfer WHERE state >= 3 AND finished_unix_s IS NOT NULL AND id <= (
                SELECT id FROM transfer WHERE state >= 3 AND finished_unix_s IS NOT NULL
                ORDER BY id DESC LIMIT 1 OFFSET ?1)",
        )?
        .execute([kept])?;
    Ok(())
}
