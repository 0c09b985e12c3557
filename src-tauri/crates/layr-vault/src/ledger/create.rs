//! A new database, and the check of one that is there.

use std::{
    fs::{self, File},
    io::Read as _,
    path::Path,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{APPLICATION_ID, FILE_NAME, FORMAT};
use crate::error::{OpenError, StoreError};

/// Tables of format 1; `docs/formats.md` explains them.
const SCHEMA: &str = "
CREATE TABLE vault (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    vault_id BLOB NOT NULL CHECK (length(vault_id) = 16)
) STRICT;
CREATE TABLE owners (
    number INTEGER PRIMARY KEY,
    owner BLOB NOT NULL UNIQUE CHECK (length(owner) = 32),
    shards INTEGER NOT NULL CHECK (shards > 0),
    used_bytes INTEGER NOT NULL CHECK (used_bytes > 0)
) STRICT;
CREATE TABLE bodies (
    root BLOB PRIMARY KEY CHECK (length(root) = 32),
    size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
    block_hashes BLOB NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
    check_order INTEGER NOT NULL,
    stored_unix_s INTEGER NOT NULL,
    checked_unix_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX bodies_by_check_order ON bodies (check_order);
CREATE TABLE holdings (
    owner INTEGER NOT NULL REFERENCES owners (number),
    root BLOB NOT NULL REFERENCES bodies (root),
    stored_unix_s INTEGER NOT NULL,
    PRIMARY KEY (owner, root)
) STRICT, WITHOUT ROWID;
CREATE INDEX holdings_by_root ON holdings (root);
INSERT INTO vault VALUES (1, randomblob(16));
";

/// What every `SQLite` database starts with.
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Bytes of the header of a `SQLite` database up to the end of its application id.
const HEADER_BYTES: usize = 72;

/// Creates an empty database under a temporary name, and renames it when it is whole: a database that is there is
/// never half made.
pub(super) fn create(dir: &Path) -> Result<(), OpenError> {
    let (path, temporary) = (dir.join(FILE_NAME), dir.join("vault.sqlite.new"));
    for leftover in ["vault.sqlite.new", "vault.sqlite.new-journal"].map(|name| dir.join(name)) {
        match fs::remove_file(&leftover) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::io("remove", leftover, error).into());
            }
            _ => {}
        }
    }
    write_schema(&temporary)?;
    let io = |action, path: &Path| {
        let path = path.to_owned();
        move |error| StoreError::io(action, path, error)
    };
    File::open(&temporary).and_then(|file| file.sync_all()).map_err(io("sync", &temporary))?;
    fs::rename(&temporary, &path).map_err(io("rename", &temporary))?;
    #[cfg(unix)]
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(io("sync", dir))?;
    Ok(())
}

fn write_schema(path: &Path) -> Result<(), StoreError> {
    let mut connection = Connection::open(path)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error.into())
}

/// Refuses a database that is foreign, newer or damaged, without changing it.
pub(super) fn check(path: &Path) -> Result<(), OpenError> {
    let mut header = [0; HEADER_BYTES];
    let mut file = File::open(path).map_err(|error| StoreError::io("open", path, error))?;
    let damaged = |detail: String| OpenError::DamagedLedger { path: path.to_owned(), detail };
    match file.read_exact(&mut header) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            return Err(damaged("it is shorter than a database's header".to_owned()));
        }
        read => read.map_err(|error| StoreError::io("read", path, error))?,
    }
    // Asked of the bytes, since even opening another program's database could change it.
    let is_ours = header.starts_with(SQLITE_MAGIC) && header.ends_with(&APPLICATION_ID.to_be_bytes());
    if !is_ours {
        return Err(OpenError::ForeignLedger { path: path.to_owned() });
    }
    let classify = |error: rusqlite::Error| match StoreError::from(error) {
        StoreError::DamagedLedger { source } => {
            damaged(source.map_or_else(String::new, |error| error.to_string()))
        }
        other => OpenError::Store(other),
    };
    // For writing, so that a log that a crash left is taken into account; the queries below change nothing else.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let has_log = path.with_file_name(format!("{FILE_NAME}-wal")).exists();
    let connection = Connection::open_with_flags(path, flags).map_err(classify)?;
    // A database that is refused keeps its write-ahead log as it is; without one, nothing of one is left behind.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, has_log).map_err(classify)?;
    let format = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(classify)?;
    match format {
        FORMAT => {}
        0 => return Err(damaged("it has no format number".to_owned())),
        found => return Err(OpenError::NewerLedger { path: path.to_owned(), found, supported: FORMAT }),
    }
    let verdict: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(classify)?;
    if verdict == "ok" { Ok(()) } else { Err(damaged(verdict)) }
}
