//! The database of a vault: which owner has which shard, and how each body is.

mod create;
mod rows;

use std::path::{Path, PathBuf};

use layr_codec::ShardRoot;
use layr_proof::{Digest, Node};
use parking_lot::{Mutex, MutexGuard};
use rusqlite::{Connection, OpenFlags};

use crate::{
    config::{BLOCK_LEAVES, LEAF_SIZE_BYTES},
    error::{OpenError, StoreError},
};

pub(crate) use rows::{
    BodyRow, KnownBody, add_body, add_holding, body, body_count, check_round, forget_holding, holder_count,
    holds, known_bodies, known_roots, mark, mark_checked, mark_good, recounted_totals, total_body_bytes,
    totals,
};

/// What the vault knows about a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ShardState {
    /// Never stored here, or deleted.
    Unknown,
    /// Its body is there.
    Stored,
    /// It was stored, and its body is gone.
    Missing,
    /// It was stored, and its body was found damaged.
    Corrupt,
}

/// Format of the database, in its `user_version`.
const FORMAT: u32 = 1;
/// Marks the file as a vault's: the letters `LyrV`.
const APPLICATION_ID: u32 = 0x4C79_7256;
/// Name of the database in the vault's directory.
const FILE_NAME: &str = "vault.sqlite";
/// Idle connections for reading that are kept. More may be open for a moment.
const MAX_IDLE_READERS: usize = 4;

/// The database: one connection that writes, and some that read meanwhile.
#[derive(Debug)]
pub(crate) struct Ledger {
    path: PathBuf,
    /// Closed before the writer, which as the last one brings the write-ahead log home.
    idle_readers: Mutex<Vec<Connection>>,
    writer: Mutex<Connection>,
    vault_id: [u8; 16],
    /// Identity of the database's file when it was opened.
    file: FileIdentity,
}

impl Ledger {
    /// Whether a database is there.
    pub(crate) fn exists(dir: &Path) -> bool {
        dir.join(FILE_NAME).symlink_metadata().is_ok()
    }

    /// Creates an empty database where there is none.
    pub(crate) fn create(dir: &Path) -> Result<(), OpenError> {
        create::create(dir)
    }

    /// Opens the database, after checking that it is ours, known and whole.
    pub(crate) fn open(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(FILE_NAME);
        create::check(&path)?;
        let connection = connect(&path)?;
        let vault_id = connection
            .query_row("SELECT vault_id FROM vault", [], |row| row.get(0))
            .map_err(StoreError::from)?;
        let file = FileIdentity::of(&path)?;
        Ok(Self { path, idle_readers: Mutex::default(), writer: Mutex::new(connection), vault_id, file })
    }

    /// Identity of the vault: ties the bodies' directory to its database.
    pub(crate) const fn vault_id(&self) -> [u8; 16] {
        self.vault_id
    }

    /// Whether the file that is being written is still the one that the next start will read.
    pub(crate) fn check_present(&self) -> Result<(), StoreError> {
        if FileIdentity::of(&self.path).is_ok_and(|file| file == self.file) {
            Ok(())
        } else {
            Err(StoreError::Unavailable { missing: self.path.clone() })
        }
    }

    /// The one connection that writes; others wait.
    pub(crate) fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock()
    }

    /// Reads without waiting for writers.
    pub(crate) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle_readers.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect_reader(&self.path)?,
        };
        let answer = query(&connection);
        let mut idle = self.idle_readers.lock();
        if idle.len() < MAX_IDLE_READERS {
            idle.push(connection);
        }
        answer
    }
}

/// Nodes of a shard's blocks from their hashes: each covers 1024 leaves, the last the rest. `None` if there are
/// not as many as the size demands.
pub(crate) fn block_nodes(hashes: &[u8], size_bytes: u64) -> Option<Vec<Node>> {
    let (hashes, rest) = hashes.as_chunks::<32>();
    let mut leaves_left = size_bytes / LEAF_SIZE_BYTES;
    let nodes: Vec<Node> = hashes
        .iter()
        .map_while(|&hash: &Digest| {
            let leaf_count = leaves_left.min(BLOCK_LEAVES as u64);
            leaves_left -= leaf_count;
            (leaf_count > 0).then_some(Node { hash, leaf_count })
        })
        .collect();
    (rest.is_empty() && leaves_left == 0 && nodes.len() == hashes.len()).then_some(nodes)
}

/// First and last root that start with a byte.
fn prefix_bounds(first_byte: u8) -> (ShardRoot, ShardRoot) {
    let (mut first, mut last) = ([0; 32], [u8::MAX; 32]);
    first[0] = first_byte;
    last[0] = first_byte;
    (ShardRoot::from_bytes(first), ShardRoot::from_bytes(last))
}

/// Opens a database for writing, durable at every commit.
fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

fn connect_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    // A reader looks up single rows: half a megabyte of pages is enough.
    connection.pragma_update(None, "cache_size", -512)?;
    Ok(connection)
}

/// What tells one file from another of the same name.
#[derive(Debug, PartialEq, Eq)]
struct FileIdentity {
    #[cfg(unix)]
    device_and_inode: (u64, u64),
}

impl FileIdentity {
    fn of(path: &Path) -> Result<Self, StoreError> {
        let metadata = path.metadata().map_err(|error| StoreError::io("look at", path, error))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Ok(Self { device_and_inode: (metadata.dev(), metadata.ino()) })
        }
        // An open database can't be moved on Windows.
        #[cfg(not(unix))]
        {
            let _ = metadata;
            Ok(Self {})
        }
    }
}
