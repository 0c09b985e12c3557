//! What can go wrong, one enum per family of calls.

use std::{io, path::PathBuf, sync::Arc};

use layr_codec::ShardRoot;

/// The store itself fails: the source of every other error here.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No space left on the disk, or the file system's own quota is used up.
    #[error("the vault's disk is full")]
    DiskFull,
    /// The file system is mounted read-only.
    #[error("the vault's disk is read-only")]
    ReadOnly,
    /// The directory of the bodies, or the database's file, is not there: most likely a disk that is not mounted.
    /// Nothing is changed until it is back; then the vault goes on by itself.
    #[error(
        "the vault's disk is away: {} is missing (mount it again; if the shards are lost for good, create it)",
        missing.display()
    )]
    Unavailable {
        /// What should be there.
        missing: PathBuf,
    },
    /// A call of the operating system failed.
    #[error("the vault could not {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: Arc<io::Error>,
    },
    /// The database is damaged. Nothing is written to it any more.
    #[error("the vault's database is damaged")]
    DamagedLedger {
        /// `SQLite`'s answer, where there is one.
        #[source]
        source: Option<Arc<rusqlite::Error>>,
    },
    /// The database failed in another way.
    #[error("the vault's database failed")]
    Ledger {
        /// `SQLite`'s answer.
        #[source]
        source: Arc<rusqlite::Error>,
    },
}

impl StoreError {
    /// Classifies an answer of the operating system.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::Io { action, path: path.into(), source: Arc::new(source) },
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::DamagedLedger { source: Some(Arc::new(error)) }
            }
            _ => Self::Ledger { source: Arc::new(error) },
        }
    }
}

/// Why a vault can't be opened. None of these changes anything on the disk.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process, or another handle in this one, has it open.
    #[error("the vault in {} is in use by another process", dir.display())]
    InUse {
        /// The vault's directory.
        dir: PathBuf,
    },
    /// There is no vault, and none should be created.
    #[error("there is no vault in {} (is its disk mounted?)", dir.display())]
    Absent {
        /// The vault's directory.
        dir: PathBuf,
    },
    /// There are bodies but no database that says whose they are.
    #[error(
        "{} has shards but no vault.sqlite: restore the database from a backup, or move the shards away",
        dir.display()
    )]
    LedgerMissing {
        /// The vault's directory.
        dir: PathBuf,
    },
    /// The database is another program's.
    #[error("{} is not a database of Layr's vault", path.display())]
    ForeignLedger {
        /// The database.
        path: PathBuf,
    },
    /// The database was written by a newer Layr.
    #[error("{} has format {found}, this Layr knows up to {supported}: update Layr", path.display())]
    NewerLedger {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that this program knows.
        supported: u32,
    },
    /// The database is damaged.
    #[error("{} is damaged ({detail}): restore it from a backup", path.display())]
    DamagedLedger {
        /// The database.
        path: PathBuf,
        /// What the check found.
        detail: String,
    },
    /// The bodies belong to another vault's database.
    #[error("the shards in {} belong to another vault's database", dir.display())]
    ForeignBodies {
        /// Directory of the bodies.
        dir: PathBuf,
    },
    /// Bodies and temporaries lie on different file systems, so that nothing could be renamed into place.
    #[error("{} is on another file system than the rest of the vault: move the whole vault", dir.display())]
    SplitDisks {
        /// Directory of the bodies.
        dir: PathBuf,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a shard can't be accepted.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReserveError {
    /// The quota has no room for it.
    #[error("the vault's quota has {free_bytes} bytes left")]
    QuotaFull {
        /// Bytes of quota neither used nor reserved.
        free_bytes: u64,
    },
    /// The disk has no room for it above what must stay free.
    #[error("the vault's disk has {available_bytes} bytes left above what must stay free")]
    DiskFull {
        /// Bytes that could still be reserved.
        available_bytes: u64,
    },
    /// No shard is that large.
    #[error("a shard has at most {limit_bytes} bytes")]
    TooLarge {
        /// Largest size of a shard.
        limit_bytes: u64,
    },
    /// A shard is one or more whole leaves.
    #[error("a shard is a whole number of 1024-byte leaves, not {size_bytes} bytes")]
    NotWholeLeaves {
        /// The size asked for.
        size_bytes: u64,
    },
    /// The host accepts nothing at present.
    #[error("the vault is paused")]
    Paused,
    /// Too many reservations are open.
    #[error("the vault already has {limit} open reservations")]
    Busy {
        /// Most reservations open at a time.
        limit: usize,
    },
    /// The deadline has passed already.
    #[error("the reservation's deadline has passed")]
    DeadlinePassed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why bytes of a shard are not taken. The reservation is of no further use.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// More bytes than were reserved.
    #[error("more bytes than the {reserved_bytes} reserved")]
    TooLong {
        /// Bytes reserved.
        reserved_bytes: u64,
    },
    /// The reservation's deadline passed and its space was given up.
    #[error("the reservation has expired")]
    Expired,
    /// An earlier write failed, so that the body has a gap.
    #[error("an earlier write of this shard failed")]
    Failed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a shard is not stored. Its reservation is released.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// The bytes hash to another root.
    #[error("the shard's root is {actual}, not {expected}")]
    RootMismatch {
        /// The root that was asked for.
        expected: ShardRoot,
        /// The root of the bytes received.
        actual: ShardRoot,
    },
    /// Fewer bytes came than were reserved.
    #[error("{received_bytes} bytes of {expected_bytes} arrived")]
    ShortBody {
        /// Bytes reserved.
        expected_bytes: u64,
        /// Bytes written.
        received_bytes: u64,
    },
    /// The last bytes could not be written, or an earlier write failed.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a shard can't be read or proven.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The vault never had it, or it was deleted.
    #[error("no such shard")]
    Unknown,
    /// It was stored, and its body is gone.
    #[error("the shard's body is missing")]
    Missing,
    /// It was stored, and its body was found damaged.
    #[error("the shard's body is corrupt")]
    Corrupt,
    /// Its body was replaced while it was read: the next attempt will find it.
    #[error("the shard's body is being replaced")]
    Changing,
    /// The range reaches beyond the shard's end, or asks for nothing.
    #[error("the range is not within the shard's {size_bytes} bytes")]
    OutOfRange {
        /// The shard's size.
        size_bytes: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
