//! Queries. Those that write run inside the caller's transaction.

use layr_codec::ShardRoot;
use layr_keys::OwnerId;
use layr_proof::Node;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{ShardState, block_nodes, prefix_bounds};
use crate::error::StoreError;

/// A body as the ledger knows it.
#[derive(Debug)]
pub(crate) struct BodyRow {
    pub(crate) size_bytes: u64,
    pub(crate) blocks: Vec<Node>,
    pub(crate) state: ShardState,
}

/// A body, as far as a comparison with the disk needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownBody {
    pub(crate) root: ShardRoot,
    pub(crate) size_bytes: u64,
    pub(crate) state: ShardState,
}

/// Sums over the owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) used_bytes: u64,
    pub(crate) shards: u64,
    pub(crate) owners: u64,
}

pub(crate) fn totals(connection: &Connection) -> Result<Totals, StoreError> {
    let sql = "SELECT coalesce(sum(used_bytes), 0), coalesce(sum(shards), 0), count(*) FROM owners";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([], |row| {
        Ok(Totals { used_bytes: row.get(0)?, shards: row.get(1)?, owners: row.get(2)? })
    })?)
}

/// The same sums from the rows below, for [`crate::Vault::check_ledger`].
pub(crate) fn recounted_totals(connection: &Connection) -> Result<Totals, StoreError> {
    let sql = "SELECT coalesce(sum(size_bytes), 0), count(*), count(DISTINCT owner)
        FROM holdings JOIN bodies USING (root)";
    Ok(connection.query_row(sql, [], |row| {
        Ok(Totals { used_bytes: row.get(0)?, shards: row.get(1)?, owners: row.get(2)? })
    })?)
}

pub(crate) fn body_count(connection: &Connection) -> Result<u64, StoreError> {
    Ok(connection.query_row("SELECT count(*) FROM bodies", [], |row| row.get(0))?)
}

pub(crate) fn total_body_bytes(connection: &Connection) -> Result<u64, StoreError> {
    Ok(connection.query_row("SELECT coalesce(sum(size_bytes), 0) FROM bodies", [], |row| row.get(0))?)
}

pub(crate) fn body(connection: &Connection, root: &ShardRoot) -> Result<Option<BodyRow>, StoreError> {
    let sql = "SELECT size_bytes, block_hashes, state FROM bodies WHERE root = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement
        .query_row([root.as_bytes()], |row| {
            let (size_bytes, hashes): (u64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            Ok((size_bytes, hashes, state_at(row, 2)?))
        })
        .optional()?;
    let Some((size_bytes, hashes, state)) = found else { return Ok(None) };
    let blocks = block_nodes(&hashes, size_bytes).ok_or(StoreError::DamagedLedger { source: None })?;
    Ok(Some(BodyRow { size_bytes, blocks, state }))
}

/// Bodies whose roots start with this byte.
pub(crate) fn known_bodies(connection: &Connection, first_byte: u8) -> Result<Vec<KnownBody>, StoreError> {
    let (first, last) = prefix_bounds(first_byte);
    let sql = "SELECT root, size_bytes, state FROM bodies WHERE root BETWEEN ?1 AND ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![first.as_bytes(), last.as_bytes()], known_body)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Some bodies that should be on the disk.
pub(crate) fn known_roots(connection: &Connection, limit: u32) -> Result<Vec<ShardRoot>, StoreError> {
    let mut statement = connection.prepare("SELECT root FROM bodies WHERE state = 0 LIMIT ?1")?;
    let rows = statement.query_map([limit], |row| Ok(ShardRoot::from_bytes(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The bodies whose check is longest ago, at most `limit`.
pub(crate) fn check_round(connection: &Connection, limit: u32) -> Result<Vec<KnownBody>, StoreError> {
    let sql = "SELECT root, size_bytes, state FROM bodies ORDER BY check_order LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([limit], known_body)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether this owner has this shard.
pub(crate) fn holds(connection: &Connection, owner: &OwnerId, root: &ShardRoot) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM holdings JOIN owners ON number = holdings.owner
        WHERE owners.owner = ?1 AND root = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.exists(params![owner.as_bytes(), root.as_bytes()])?)
}

/// Number of owners who have this shard.
pub(crate) fn holder_count(connection: &Connection, root: &ShardRoot) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM holdings WHERE root = ?1")?;
    Ok(statement.query_row([root.as_bytes()], |row| row.get(0))?)
}

/// Notes a body that was just written and hashed.
pub(crate) fn add_body(
    connection: &Connection,
    root: &ShardRoot,
    size_bytes: u64,
    blocks: &[Node],
    now_unix_s: u64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO bodies VALUES (?1, ?2, ?3, 0, (SELECT coalesce(max(check_order), 0) + 1 FROM bodies), ?4, ?4)
        ON CONFLICT (root) DO UPDATE SET state = 0, block_hashes = excluded.block_hashes,
            check_order = excluded.check_order, checked_unix_s = excluded.checked_unix_s";
    connection.prepare_cached(sql)?.execute(params![
        root.as_bytes(),
        signed(size_bytes),
        concat_hashes(blocks),
        signed(now_unix_s)
    ])?;
    Ok(())
}

/// Charges an owner for a shard that they do not have yet.
pub(crate) fn add_holding(
    connection: &Connection,
    owner: &OwnerId,
    root: &ShardRoot,
    size_bytes: u64,
    now_unix_s: u64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO owners (owner, shards, used_bytes) VALUES (?1, 1, ?2)
        ON CONFLICT (owner) DO UPDATE SET shards = shards + 1, used_bytes = used_bytes + excluded.used_bytes
        RETURNING number";
    let size_bytes = signed(size_bytes);
    let number: i64 =
        connection.prepare_cached(sql)?.query_row(params![owner.as_bytes(), size_bytes], |row| row.get(0))?;
    connection.prepare_cached("INSERT INTO holdings VALUES (?1, ?2, ?3)")?.execute(params![
        number,
        root.as_bytes(),
        signed(now_unix_s)
    ])?;
    Ok(())
}

/// Takes a shard from an owner who has it; answers whether that was the last owner, whereupon the body's row is
/// gone too.
pub(crate) fn forget_holding(
    connection: &Connection,
    owner: &OwnerId,
    root: &ShardRoot,
    size_bytes: u64,
) -> Result<bool, StoreError> {
    let number: i64 = connection
        .prepare_cached("SELECT number FROM owners WHERE owner = ?1")?
        .query_row([owner.as_bytes()], |row| row.get(0))?;
    connection
        .prepare_cached("DELETE FROM holdings WHERE owner = ?1 AND root = ?2")?
        .execute(params![number, root.as_bytes()])?;
    let shards: i64 = connection
        .prepare_cached("SELECT shards FROM owners WHERE number = ?1")?
        .query_row([number], |row| row.get(0))?;
    if shards > 1 {
        let sql = "UPDATE owners SET shards = shards - 1, used_bytes = used_bytes - ?2 WHERE number = ?1";
        connection.prepare_cached(sql)?.execute(params![number, signed(size_bytes)])?;
    } else {
        connection.prepare_cached("DELETE FROM owners WHERE number = ?1")?.execute([number])?;
    }
    let sql = "DELETE FROM bodies WHERE root = ?1 AND NOT EXISTS (SELECT 1 FROM holdings WHERE root = ?1)";
    Ok(connection.prepare_cached(sql)?.execute([root.as_bytes()])? > 0)
}

/// Notes what was found out about a body without reading it. What is there again is checked before all others.
pub(crate) fn mark(connection: &Connection, root: &ShardRoot, state: ShardState) -> Result<(), StoreError> {
    let sql = "UPDATE bodies SET state = ?2, check_order = iif(?2 = 0, 0, check_order) WHERE root = ?1";
    connection.prepare_cached(sql)?.execute(params![root.as_bytes(), state_number(state)])?;
    Ok(())
}

/// Notes the outcome of reading a whole body. `blocks` replaces the nodes of a good one.
pub(crate) fn mark_checked(
    connection: &Connection,
    root: &ShardRoot,
    state: ShardState,
    blocks: Option<&[Node]>,
    now_unix_s: Option<u64>,
) -> Result<(), StoreError> {
    let sql = "UPDATE bodies SET state = ?2, check_order = (SELECT max(check_order) + 1 FROM bodies),
        block_hashes = coalesce(?3, block_hashes), checked_unix_s = coalesce(?4, checked_unix_s)
        WHERE root = ?1";
    connection.prepare_cached(sql)?.execute(params![
        root.as_bytes(),
        state_number(state),
        blocks.map(concat_hashes),
        now_unix_s.map(signed)
    ])?;
    Ok(())
}

/// Moves a body that was read and found good to the end of the order.
pub(crate) fn mark_good(
    connection: &Connection,
    root: &ShardRoot,
    now_unix_s: u64,
) -> Result<(), StoreError> {
    let sql = "UPDATE bodies SET check_order = (SELECT max(check_order) + 1 FROM bodies), checked_unix_s = ?2
        WHERE root = ?1 AND state = 0";
    connection.prepare_cached(sql)?.execute(params![root.as_bytes(), signed(now_unix_s)])?;
    Ok(())
}

fn known_body(row: &Row<'_>) -> rusqlite::Result<KnownBody> {
    Ok(KnownBody {
        root: ShardRoot::from_bytes(row.get(0)?),
        size_bytes: row.get(1)?,
        state: state_at(row, 2)?,
    })
}

fn state_at(row: &Row<'_>, column: usize) -> rusqlite::Result<ShardState> {
    match row.get::<_, i64>(column)? {
        0 => Ok(ShardState::Stored),
        1 => Ok(ShardState::Missing),
        2 => Ok(ShardState::Corrupt),
        other => Err(rusqlite::Error::IntegralValueOutOfRange(column, other)),
    }
}

const fn state_number(state: ShardState) -> i64 {
    match state {
        ShardState::Stored => 0,
        ShardState::Missing | ShardState::Unknown => 1,
        ShardState::Corrupt => 2,
    }
}

fn concat_hashes(blocks: &[Node]) -> Vec<u8> {
    blocks.iter().flat_map(|block| block.hash).collect()
}

/// `SQLite`'s integers are signed. No size or time of ours comes near the limit.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
