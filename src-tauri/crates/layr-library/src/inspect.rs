//! Is this file a library, and is it whole? Looks only, so that a file which is not ours or is damaged stays as it is.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::error::StoreError;
use crate::open::OpenError;
use crate::schema;

/// Databases up to this size are checked whole at every start, about 0.2 s; greater ones only after an unclean stop.
const ALWAYS_CHECKED_BYTES: u64 = 64 * 1024 * 1024;

/// First bytes of every `SQLite` database.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What the file's own header and neighbours say, without the engine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outside {
    /// Length of the main file.
    pub(crate) len_bytes: u64,
    /// A journal with content lies beside it: the last writer did not stop cleanly, or still runs.
    pub(crate) has_journal: bool,
}

/// The engine's write-ahead journal of a database.
pub(crate) fn journal_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Checks the header. Done before the engine opens the file, as the engine would take an empty file for a new
/// database and a journal beside it as permission to write.
pub(crate) fn outside(path: &Path) -> Result<Outside, OpenError> {
    let io = |source| OpenError::Io { path: path.to_owned(), source };
    let has_journal = std::fs::metadata(journal_path(path)).is_ok_and(|journal| journal.len() > 0);
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && has_journal => {
            return Err(OpenError::damaged(path, "the database is gone, but its journal is still there"));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(OpenError::Missing { path: path.to_owned() });
        }
        Err(error) => return Err(io(error)),
    };
    let metadata = file.metadata().map_err(io)?;
    if !metadata.is_file() {
        return Err(OpenError::NotALibrary { path: path.to_owned() });
    }
    let mut header = [0_u8; 100];
    if let Err(error) = file.read_exact(&mut header) {
        return Err(match error.kind() {
            std::io::ErrorKind::UnexpectedEof => OpenError::damaged(path, "the file is cut off"),
            _ => io(error),
        });
    }
    let word = |at: usize| {
        header.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
    };
    let application_id = i64::from(word(68));
    if header.get(..16) != Some(MAGIC) || application_id != i64::from(schema::APPLICATION_ID) {
        return Err(OpenError::NotALibrary { path: path.to_owned() });
    }
    let page_bytes = match word(16) >> 16 {
        1 => 65_536,
        bytes => u64::from(bytes),
    };
    // With a journal the main file may lag behind; the engine mends that.
    if !has_journal && u64::from(word(28)).saturating_mul(page_bytes) > metadata.len() {
        return Err(OpenError::damaged(path, "the file is cut off"));
    }
    Ok(Outside { len_bytes: metadata.len(), has_journal })
}

/// Checks what the engine sees: version first, then the tables, then as much of the pages as is cheap.
pub(crate) fn inside(path: &Path, connection: &Connection, outside: Outside) -> Result<(), OpenError> {
    let store = |error: rusqlite::Error| OpenError::from_store(path, error.into());
    if !schema::is_complete(connection).map_err(|error| OpenError::from_store(path, error))? {
        return Err(OpenError::damaged(path, "tables are missing"));
    }
    if outside.has_journal || outside.len_bytes <= ALWAYS_CHECKED_BYTES {
        let verdict: String =
            connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(store)?;
        if verdict != "ok" {
            return Err(OpenError::damaged(path, &verdict.replace('\n', " ")));
        }
    }
    let rows: i64 = connection
        .query_row(
            "SELECT (SELECT count(*) FROM clock)
                + (SELECT count(*) FROM entry WHERE id = 1 AND parent IS NULL AND is_directory = 1)",
            [],
            |row| row.get(0),
        )
        .map_err(store)?;
    if rows == 2 {
        Ok(())
    } else {
        Err(OpenError::from_store(path, StoreError::damaged("the root is missing")))
    }
}
