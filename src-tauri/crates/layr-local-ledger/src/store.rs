//! The ledger on disk: one database, written in one transaction for each step, so that a crash leaves all of a ledger or nothing.

mod rows;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

pub(crate) use rows::{EventRow, FoundEvent, LedgerRow, TransactionRow};

use crate::codec;
use crate::entries::{Changes, Entries, Stored};
use crate::error::{LedgerError, LocalLedgerError};

/// Marks the file as a ledger's: the letters `LyrL`.
const APPLICATION_ID: u32 = 0x4C79_724C;
/// Format of the database, in its `user_version`.
const FORMAT: u32 = 1;
const FILE_NAME: &str = "ledger.sqlite";
/// Ledgers whose header, transactions and events are kept: a day of 5 s each, as many public servers do. Entries are kept for ever.
pub(crate) const KEPT_LEDGERS: u32 = 17_280;

/// Tables of format 1.
const SCHEMA: &str = "
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE entries (
    key BLOB PRIMARY KEY, entry BLOB NOT NULL, live_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE ledgers (
    sequence INTEGER PRIMARY KEY, close_time INTEGER NOT NULL, hash BLOB NOT NULL, header BLOB NOT NULL
) STRICT;
CREATE TABLE transactions (
    ledger INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL, inner_hash BLOB NOT NULL,
    envelope BLOB NOT NULL, result BLOB NOT NULL, meta BLOB NOT NULL, fee_changes BLOB NOT NULL,
    refund_changes BLOB NOT NULL, PRIMARY KEY (ledger, position)
) STRICT;
CREATE INDEX transactions_by_hash ON transactions (hash);
CREATE INDEX transactions_by_inner_hash ON transactions (inner_hash);
CREATE TABLE events (
    ledger INTEGER NOT NULL, position INTEGER NOT NULL, operation INTEGER NOT NULL, number INTEGER NOT NULL,
    event BLOB NOT NULL, PRIMARY KEY (ledger, position, operation, number)
) STRICT, WITHOUT ROWID;
";

/// What a ledger is born with and keeps.
#[derive(Clone)]
pub(crate) struct Birth {
    pub(crate) passphrase: String,
    pub(crate) beacon_secret: [u8; 32],
    pub(crate) time: u64,
}

/// One step to write.
pub(crate) struct Step<'step> {
    pub(crate) ledgers: &'step [LedgerRow],
    pub(crate) changes: &'step Changes,
    pub(crate) transactions: &'step [TransactionRow],
    pub(crate) events: &'step [EventRow],
    /// Seconds that ledger time is ahead of the clock.
    pub(crate) ahead: u64,
}

/// The database, and the lock that keeps others out.
pub(crate) struct Store {
    connection: Connection,
    _lock: Lock,
}

struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a child process that is just being started has a copy of the descriptor for a moment.
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "the ledger's lock was not given up");
        }
    }
}

impl Store {
    /// Opens the database of a directory, and makes both where they are not there.
    pub(crate) fn open(directory: &Path) -> Result<Self, LocalLedgerError> {
        let unusable = |path: PathBuf| move |source| LocalLedgerError::Directory { path, source };
        std::fs::create_dir_all(directory).map_err(unusable(directory.to_owned()))?;
        let lock = lock(directory)?;
        let path = directory.join(FILE_NAME);
        let connection = Connection::open(&path).map_err(LedgerError::from)?;
        prepare(connection, &path).map(|connection| Self { connection, _lock: lock })
    }

    /// What the ledger was born with; none before its birth.
    pub(crate) fn birth(&self) -> Result<Option<Birth>, LedgerError> {
        let Some(passphrase) = self.fact("passphrase")? else { return Ok(None) };
        let passphrase =
            String::from_utf8(passphrase).map_err(|_| LedgerError::damaged("its passphrase is no text"))?;
        let beacon_secret = self.needed("beacon_secret")?;
        Ok(Some(Birth { passphrase, beacon_secret, time: u64::from_be_bytes(self.needed("genesis_time")?) }))
    }

    pub(crate) fn ahead(&self) -> Result<u64, LedgerError> {
        Ok(u64::from_be_bytes(self.needed("ahead")?))
    }

    /// Everything at once of a new ledger.
    pub(crate) fn bear(&mut self, birth: &Birth, first: &Step<'_>) -> Result<(), LedgerError> {
        let transaction = self.connection.transaction()?;
        for (name, value) in [
            ("passphrase", birth.passphrase.as_bytes()),
            ("beacon_secret", &birth.beacon_secret),
            ("genesis_time", &birth.time.to_be_bytes()),
        ] {
            transaction.execute("INSERT INTO facts VALUES (?, ?)", params![name, value])?;
        }
        write(&transaction, first)?;
        Ok(transaction.commit()?)
    }

    /// Writes a step, all of it or nothing.
    pub(crate) fn write(&mut self, step: &Step<'_>) -> Result<(), LedgerError> {
        let transaction = self.connection.transaction()?;
        write(&transaction, step)?;
        Ok(transaction.commit()?)
    }

    pub(crate) fn entries(&self) -> Result<Entries, LedgerError> {
        let mut statement = self.connection.prepare("SELECT key, entry, live_until FROM entries")?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Option<u32>>(2)?))
        })?;
        let mut entries = Entries::new();
        for row in rows {
            let (key, entry, live_until) = row?;
            entries.insert(codec::stored(&key)?, Stored { entry: codec::stored(&entry)?, live_until });
        }
        Ok(entries)
    }

    fn fact(&self, name: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let row =
            self.connection.query_row("SELECT value FROM facts WHERE name = ?", [name], |row| row.get(0));
        Ok(row.optional()?)
    }

    fn needed<const N: usize>(&self, name: &str) -> Result<[u8; N], LedgerError> {
        let found = self.fact(name)?.and_then(|value| value.try_into().ok());
        found.ok_or_else(|| LedgerError::damaged(format!("it has no {name}")))
    }
}

fn lock(directory: &Path) -> Result<Lock, LocalLedgerError> {
    let path = directory.join("ledger.lock");
    let unusable = |source| LocalLedgerError::Directory { path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(LocalLedgerError::InUse { directory: directory.to_owned() }),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// Checks that the database is ours; an empty one becomes so.
fn prepare(mut connection: Connection, path: &Path) -> Result<Connection, LocalLedgerError> {
    let foreign = || LocalLedgerError::Foreign { path: path.to_owned() };
    let number = |connection: &Connection, name: &str| {
        connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0)).map_err(|error| {
            match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::NotADatabase) => foreign(),
                _ => LedgerError::from(error).into(),
            }
        })
    };
    let (application, format) =
        (number(&connection, "application_id")?, number(&connection, "user_version")?);
    let tables: u32 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(LedgerError::from)?;
    let is_new = (application, format, tables) == (0, 0, 0);
    if !is_new && (application, format) != (APPLICATION_ID, FORMAT) {
        return Err(foreign());
    }
    configure(&mut connection, is_new).map_err(LedgerError::from)?;
    Ok(connection)
}

fn configure(connection: &mut Connection, is_new: bool) -> Result<(), rusqlite::Error> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    if is_new {
        let transaction = connection.transaction()?;
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", FORMAT)?;
        transaction.commit()?;
    }
    Ok(())
}

fn write(transaction: &Transaction<'_>, step: &Step<'_>) -> Result<(), LedgerError> {
    transaction.execute("INSERT OR REPLACE INTO facts VALUES ('ahead', ?)", [step.ahead.to_be_bytes()])?;
    for (key, stored) in step.changes {
        let key = codec::bytes(key)?;
        match stored {
            Some(stored) => {
                transaction
                    .prepare_cached("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)")?
                    .execute(params![key, codec::bytes(&stored.entry)?, stored.live_until])?;
            }
            None => {
                transaction.prepare_cached("DELETE FROM entries WHERE key = ?")?.execute([key])?;
            }
        }
    }
    for row in step.ledgers {
        row.insert(transaction)?;
    }
    for row in step.transactions {
        row.insert(transaction)?;
    }
    for row in step.events {
        row.insert(transaction)?;
    }
    let newest = step.ledgers.iter().map(|row| row.sequence).max().unwrap_or(0);
    let forgotten = newest.saturating_sub(KEPT_LEDGERS);
    for table in ["ledgers WHERE sequence", "transactions WHERE ledger", "events WHERE ledger"] {
        transaction.prepare_cached(&format!("DELETE FROM {table} <= ?"))?.execute([forgotten])?;
    }
    Ok(())
}
