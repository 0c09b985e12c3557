//! Connections to the database, set up alike.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::StoreError;
use crate::{health, page};

/// How long a statement waits for another process's lock. Only a foreign tool can hold one for longer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements kept per connection: more than the crate has.
const STATEMENT_CACHE: usize = 192;

/// The journal is cut back to this size after a large transaction.
const JOURNAL_LIMIT_BYTES: u32 = 16 * 1024 * 1024;

/// Page cache of the writer and of each reader, in KiB: the indexes of 100 000 files fit the writer's.
const WRITER_CACHE_KIB: i32 = 16 * 1024;
const READER_CACHE_KIB: i32 = 4 * 1024;

/// Opens the database for writing without changing it yet; [`use_journal`] comes after the checks.
///
/// Closing folds a journal into the database, which must not happen to a damaged one: it is left alone until then.
pub(crate) fn open_writer(path: &Path, has_journal: bool) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW,
    )?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, has_journal)?;
    set_up(&connection, WRITER_CACHE_KIB, false)?;
    Ok(connection)
}

/// Switches to the write-ahead journal with a sync of every commit.
pub(crate) fn use_journal(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "journal_size_limit", JOURNAL_LIMIT_BYTES)?;
    Ok(())
}

/// Opens the database for reading. `immutable` promises that nobody writes to it meanwhile; `reads_only` is whether its library
/// writes nothing either, and so has no clock.
pub(crate) fn open_reader(path: &Path, immutable: bool, reads_only: bool) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = if immutable {
        Connection::open_with_flags(immutable_uri(path), flags | OpenFlags::SQLITE_OPEN_URI)?
    } else {
        Connection::open_with_flags(path, flags)?
    };
    set_up(&connection, READER_CACHE_KIB, reads_only)?;
    // The engine opens lazily: find out here, not at the first question.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

fn set_up(connection: &Connection, cache_kib: i32, reads_only: bool) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    // A plan must not follow from the values that a statement is run with: each of them would else be prepared anew for each run,
    // and most of what an idle node does is to ask again what is due.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A database file is data: nothing in it may call functions.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    health::add_functions(connection, reads_only)?;
    page::add_functions(connection)
}

/// `path` as a URI in which no byte has a meaning of its own.
fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri.push_str("?immutable=1");
    uri
}
