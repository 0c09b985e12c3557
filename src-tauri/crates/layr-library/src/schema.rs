//! The database's versions and how one becomes the next.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::StoreError;

/// Marks the file as a Layr library: "LAYR" in ASCII.
pub(crate) const APPLICATION_ID: i32 = 0x4C41_5952;

/// Statements that lead from version `index` to `index + 1`. A released step is never edited; a change is a new step.
const STEPS: [&str; 12] = [
    include_str!("schema/v1.sql"),
    include_str!("schema/v2.sql"),
    include_str!("schema/v3.sql"),
    include_str!("schema/v4.sql"),
    include_str!("schema/v5.sql"),
    include_str!("schema/v6.sql"),
    include_str!("schema/v7.sql"),
    include_str!("schema/v8.sql"),
    include_str!("schema/v9.sql"),
    include_str!("schema/v10.sql"),
    include_str!("schema/v11.sql"),
    include_str!("schema/v12.sql"),
];

/// The version that this program reads and writes.
#[expect(clippy::cast_possible_truncation, reason = "a handful of steps")]
pub(crate) const SCHEMA_VERSION: u32 = STEPS.len() as u32;

/// Row of the root directory.
pub(crate) const ROOT: i64 = 1;

/// Brings a database of an older version (0 for an empty one) to version `target`, each step in a transaction of its
/// own.
pub(crate) fn migrate(connection: &mut Connection, target: u32) -> Result<(), StoreError> {
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = version(&transaction)?;
        let step = usize::try_from(version).ok().and_then(|version| STEPS.get(version));
        let Some(step) = step.filter(|_| version < target) else {
            return Ok(());
        };
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", version + 1)?;
        transaction.commit()?;
    }
}

/// Fills a database that was just made: the clock starts at `now_unix_s`, the tree is an empty root.
pub(crate) fn found(connection: &Connection, root_file_id: i64, now_s: i64) -> Result<(), StoreError> {
    connection
        .execute("INSERT INTO clock (only_row, observed_s, wall_s, debt_s) VALUES (1, ?1, ?1, 0)", [now_s])?;
    connection.execute(
        "INSERT INTO entry (id, file_id, parent, name, is_directory) VALUES (?1, ?2, NULL, '', 1)",
        [ROOT, root_file_id],
    )?;
    Ok(())
}

/// The version recorded in the file.
pub(crate) fn version(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// The names of everything that a version consists of.
const OBJECTS: &str = "SELECT group_concat(name, ' ') FROM
    (SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name)";

/// Whether the tables and indexes are those of the version that the file claims.
pub(crate) fn is_complete(connection: &Connection) -> Result<bool, StoreError> {
    let mut fresh = Connection::open_in_memory()?;
    migrate(&mut fresh, version(connection)?)?;
    let names =
        |connection: &Connection| connection.query_row(OBJECTS, [], |row| row.get::<_, Option<String>>(0));
    Ok(names(connection)? == names(&fresh)?)
}
