//! Whose library this is.
//!
//! Chunk ids, chunk keys and blind keys come from one owner's phrase. With another owner's keys the same library would
//! match what it must not match and could open nothing of what it lists.

use layr_keys::OwnerId;
use rusqlite::{Connection, OptionalExtension as _};

use crate::error::StoreError;
use crate::library::Library;
use crate::schema;

/// First version of the schema that records the owner.
const OWNED_SINCE: u32 = 3;

impl Library {
    /// Whose library this is; `None` for one that an earlier release made and no owner has opened since.
    pub fn owner(&self) -> Result<Option<OwnerId>, StoreError> {
        self.read(recorded)
    }
}

/// The owner on record, in a database of any version.
pub(crate) fn recorded(connection: &Connection) -> Result<Option<OwnerId>, StoreError> {
    if schema::version(connection)? < OWNED_SINCE {
        return Ok(None);
    }
    let key = connection.query_row("SELECT owner FROM owner WHERE only_row = 1", [], |row| row.get(0));
    Ok(key.optional()?.map(OwnerId::from_bytes))
}

/// Records `owner` where nobody is on record.
pub(crate) fn claim(connection: &Connection, owner: &OwnerId) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO owner (only_row, owner) VALUES (1, ?1) ON CONFLICT DO NOTHING",
        [owner.as_bytes()],
    )?;
    Ok(())
}
