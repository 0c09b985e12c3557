//! Versions of a file: rows, chunk lists, and which one is current.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::clock;
use crate::error::{StoreError, signed};
use crate::ids::VersionNumber;

/// Chunks in one block of a version's list: 4 KiB a row.
const BLOCK_CHUNKS: usize = 512;
const CHUNK_ROW_BYTES: usize = 8;

/// `kind` of a version.
pub(crate) const FILE: i64 = 0;
pub(crate) const SYMLINK: i64 = 2;

/// What a new version records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VersionRow<'a> {
    pub(crate) size_bytes: u64,
    pub(crate) mtime_ns: i64,
    pub(crate) mode: Option<u32>,
    /// Target of a symbolic link; none for a file.
    pub(crate) link_target: Option<&'a str>,
    pub(crate) committed_unix_s: u64,
    pub(crate) expires_unix_s: Option<u64>,
    /// Rows of the chunks, in order.
    pub(crate) chunks: &'a [i64],
    /// The segments that these lie in.
    pub(crate) segments: &'a BTreeSet<i64>,
}

/// A version that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VersionRef {
    pub(crate) id: i64,
    pub(crate) number: VersionNumber,
}

/// The current version of the file `entry`.
pub(crate) fn current(connection: &Connection, entry: i64) -> Result<Option<VersionRef>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT id, number FROM version WHERE entry = ?1 AND superseded_s IS NULL")?;
    read_ref(statement.query_row([entry], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// Version `number` of the file `entry`.
pub(crate) fn numbered(
    connection: &Connection,
    entry: i64,
    number: VersionNumber,
) -> Result<Option<VersionRef>, StoreError> {
    let Ok(wanted) = i64::try_from(number.0) else { return Ok(None) };
    let mut statement =
        connection.prepare_cached("SELECT id, number FROM version WHERE entry = ?1 AND number = ?2")?;
    read_ref(statement.query_row([entry, wanted], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

fn read_ref(row: Option<(i64, i64)>) -> Result<Option<VersionRef>, StoreError> {
    row.map(|(id, number)| Ok(VersionRef { id, number: VersionNumber(crate::error::unsigned(number)?) }))
        .transpose()
}

/// Adds a version to the file `entry` and makes it current. The one before is kept and ages from now.
///
/// When the current version is the very same, nothing is added: a repeated commit is one commit.
pub(crate) fn add(
    transaction: &Transaction<'_>,
    entry: i64,
    row: &VersionRow<'_>,
) -> Result<(VersionRef, bool), StoreError> {
    if let Some(same) = same_as_current(transaction, entry, row)? {
        return Ok((same, false));
    }
    let number: i64 = transaction
        .prepare_cached(
            "UPDATE entry SET next_number = next_number + 1 WHERE id = ?1 RETURNING next_number - 1",
        )?
        .query_row([entry], |row| row.get(0))?;
    supersede(transaction, entry)?;
    transaction
        .prepare_cached(
            "INSERT INTO version (entry, number, kind, size_bytes, mtime_ns, mode, link_target, committed_unix_s,
                expires_unix_s) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            entry,
            number,
            if row.link_target.is_some() { SYMLINK } else { FILE },
            signed("a file size", row.size_bytes)?,
            row.mtime_ns,
            row.mode,
            row.link_target,
            signed("the time", row.committed_unix_s)?,
            row.expires_unix_s.map(|time| signed("a time", time)).transpose()?
        ])?;
    let id = transaction.last_insert_rowid();
    let mut block_row = transaction
        .prepare_cached("INSERT INTO version_chunks (version, block, chunks) VALUES (?1, ?2, ?3)")?;
    for (block, chunks) in row.chunks.chunks(BLOCK_CHUNKS).enumerate() {
        let block = i64::try_from(block).unwrap_or(i64::MAX);
        block_row.execute(params![id, block, pack(chunks)])?;
    }
    let mut segment_row =
        transaction.prepare_cached("INSERT INTO version_segment (version, segment) VALUES (?1, ?2)")?;
    let mut unmark = transaction
        .prepare_cached("UPDATE segment SET marked_s = NULL WHERE id = ?1 AND marked_s IS NOT NULL")?;
    for segment in row.segments {
        segment_row.execute([id, *segment])?;
        unmark.execute([segment])?;
    }
    Ok((VersionRef { id, number: VersionNumber(crate::error::unsigned(number)?) }, true))
}

/// Makes an old version current again.
pub(crate) fn make_current(
    transaction: &Transaction<'_>,
    entry: i64,
    version: i64,
) -> Result<(), StoreError> {
    supersede(transaction, entry)?;
    transaction
        .prepare_cached("UPDATE version SET superseded_s = NULL WHERE id = ?1 AND entry = ?2")?
        .execute([version, entry])?;
    Ok(())
}

/// Leaves the file without a current version.
pub(crate) fn supersede(transaction: &Transaction<'_>, entry: i64) -> Result<(), StoreError> {
    transaction
        .prepare_cached("UPDATE version SET superseded_s = ?2 WHERE entry = ?1 AND superseded_s IS NULL")?
        .execute([entry, clock::observed(transaction)?])?;
    Ok(())
}

fn same_as_current(
    connection: &Connection,
    entry: i64,
    row: &VersionRow<'_>,
) -> Result<Option<VersionRef>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, number FROM version WHERE entry = ?1 AND superseded_s IS NULL AND kind = ?2 AND size_bytes = ?3
            AND mtime_ns = ?4 AND mode IS ?5 AND link_target IS ?6 AND expires_unix_s IS ?7",
    )?;
    let alike: Option<(i64, i64)> = statement
        .query_row(
            params![
                entry,
                if row.link_target.is_some() { SYMLINK } else { FILE },
                signed("a file size", row.size_bytes)?,
                row.mtime_ns,
                row.mode,
                row.link_target,
                row.expires_unix_s.map(|time| signed("a time", time)).transpose()?
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match read_ref(alike)? {
        Some(version) if chunk_rows(connection, version.id)? == row.chunks => Ok(Some(version)),
        _ => Ok(None),
    }
}

fn pack(chunks: &[i64]) -> Vec<u8> {
    chunks.iter().flat_map(|chunk| chunk.to_be_bytes()).collect()
}

/// Rows of a version's chunks, in order: 8 bytes of memory for each.
pub(crate) fn chunk_rows(connection: &Connection, version: i64) -> Result<Vec<i64>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT chunks FROM version_chunks WHERE version = ?1 ORDER BY block")?;
    let mut blocks = statement.query([version])?;
    let mut chunks = Vec::new();
    while let Some(row) = blocks.next()? {
        let block = row.get_ref(0)?.as_blob().map_err(|_| StoreError::damaged("a chunk list is no blob"))?;
        let (rows, rest) = block.as_chunks::<CHUNK_ROW_BYTES>();
        if !rest.is_empty() {
            return Err(StoreError::damaged("a chunk list ends within a row number"));
        }
        chunks.extend(rows.iter().map(|row| i64::from_be_bytes(*row)));
    }
    Ok(chunks)
}

/// Segments that a version needs.
pub(crate) fn segment_rows(connection: &Connection, version: i64) -> Result<BTreeSet<i64>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT segment FROM version_segment WHERE version = ?1")?;
    let segments = statement.query_map([version], |row| row.get(0))?;
    Ok(segments.collect::<Result<_, _>>()?)
}

/// Forgets a version, whose segments may become garbage by it.
pub(crate) fn delete(transaction: &Transaction<'_>, version: i64) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM source_stamp WHERE version = ?1",
        "DELETE FROM version_chunks WHERE version = ?1",
        "DELETE FROM version_segment WHERE version = ?1",
        "DELETE FROM version WHERE id = ?1",
    ] {
        transaction.prepare_cached(statement)?.execute([version])?;
    }
    Ok(())
}
