//! Transfers as the database has them.

use rusqlite::{Connection, Row};

use super::{TransferCounts, TransferKind, TransferRow, TransferState};
use crate::error::{StoreError, signed, unsigned};

const ROWS: &str =
    "SELECT id, kind, state, name, done_bytes, total_bytes, done_files, total_files, outcome, added_unix_s,
    finished_unix_s, is_paused_with_all FROM transfer";

/// The queue, oldest first.
pub(crate) fn transfer_rows(connection: &Connection) -> Result<Vec<TransferRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{ROWS} ORDER BY id"))?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(transfer_row(row)?);
    }
    Ok(all)
}

/// One transfer of the queue.
pub(super) fn one_row(connection: &Connection, id: u64) -> Result<Option<TransferRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{ROWS} WHERE id = ?1"))?;
    let mut rows = statement.query([signed("a transfer", id)?])?;
    rows.next()?.map(transfer_row).transpose()
}

fn transfer_row(row: &Row<'_>) -> Result<TransferRow, StoreError> {
    Ok(TransferRow {
        id: unsigned(row.get(0)?)?,
        kind: TransferKind::from_code(row.get(1)?)?,
        state: TransferState::from_code(row.get(2)?)?,
        is_paused_with_all: row.get(11)?,
        name: row.get(3)?,
        counts: TransferCounts {
            done_bytes: unsigned(row.get(4)?)?,
            total_bytes: unsigned(row.get(5)?)?,
            done_files: unsigned(row.get(6)?)?,
            total_files: unsigned(row.get(7)?)?,
        },
        outcome: row.get(8)?,
        added_unix_s: unsigned(row.get(9)?)?,
        finished_unix_s: row.get::<_, Option<i64>>(10)?.map(unsigned).transpose()?,
    })
}
