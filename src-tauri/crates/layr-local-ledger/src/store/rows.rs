//! Rows of the database, and what clients ask of them.

use rusqlite::{OptionalExtension, Row, Transaction, params};
use stellar_xdr::ContractEvent;

use super::{KEPT_LEDGERS, Store};
use crate::apply::Applied;
use crate::codec;
use crate::envelope::Submitted;
use crate::error::LedgerError;

/// A closed ledger.
#[derive(Clone, Debug)]
pub(crate) struct LedgerRow {
    pub(crate) sequence: u32,
    pub(crate) close_time: u64,
    pub(crate) hash: [u8; 32],
    pub(crate) header: Vec<u8>,
}

/// A transaction that got into a ledger.
#[derive(Clone, Debug)]
pub(crate) struct TransactionRow {
    pub(crate) ledger: u32,
    /// Its place in the ledger, from 1.
    pub(crate) position: u32,
    pub(crate) hash: [u8; 32],
    pub(crate) inner_hash: [u8; 32],
    pub(crate) envelope: Vec<u8>,
    pub(crate) result: Vec<u8>,
    pub(crate) meta: Vec<u8>,
    pub(crate) fee_changes: Vec<u8>,
    pub(crate) refund_changes: Vec<u8>,
}

/// An event of an operation.
#[derive(Clone, Debug)]
pub(crate) struct EventRow {
    pub(crate) ledger: u32,
    pub(crate) position: u32,
    pub(crate) operation: u32,
    pub(crate) number: u32,
    pub(crate) event: Vec<u8>,
}

/// An event with what clients want to know of its place.
pub(crate) struct FoundEvent {
    pub(crate) row: EventRow,
    pub(crate) transaction: [u8; 32],
    pub(crate) close_time: u64,
}

/// The place of an event: ledger, transaction, operation, number.
pub(crate) type EventPlace = (u32, u32, u32, u32);

const LEDGER_COLUMNS: &str = "sequence, close_time, hash, header";
const TRANSACTION_COLUMNS: &str =
    "ledger, position, hash, inner_hash, envelope, result, meta, fee_changes, refund_changes";

impl LedgerRow {
    pub(super) fn insert(&self, transaction: &Transaction<'_>) -> Result<(), LedgerError> {
        let close_time =
            i64::try_from(self.close_time).map_err(|_| LedgerError::UsedUp { what: "ledger time" })?;
        transaction.prepare_cached("INSERT INTO ledgers VALUES (?, ?, ?, ?)")?.execute(params![
            self.sequence,
            close_time,
            self.hash,
            self.header
        ])?;
        Ok(())
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { sequence: row.get(0)?, close_time: row.get(1)?, hash: row.get(2)?, header: row.get(3)? })
    }
}

impl TransactionRow {
    pub(crate) fn new(
        ledger: u32,
        position: u32,
        submitted: &Submitted,
        applied: &Applied,
    ) -> Result<Self, LedgerError> {
        Ok(Self {
            ledger,
            position,
            hash: submitted.hash,
            inner_hash: submitted.inner_hash,
            envelope: codec::bytes(&submitted.envelope)?,
            result: codec::bytes(&applied.result)?,
            meta: codec::bytes(&applied.meta())?,
            fee_changes: codec::bytes(&applied.fee_changes)?,
            refund_changes: codec::bytes(&applied.refund_changes)?,
        })
    }

    pub(super) fn insert(&self, transaction: &Transaction<'_>) -> Result<(), LedgerError> {
        transaction.prepare_cached("INSERT INTO transactions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")?.execute(
            params![
                self.ledger,
                self.position,
                self.hash,
                self.inner_hash,
                self.envelope,
                self.result,
                self.meta,
                self.fee_changes,
                self.refund_changes
            ],
        )?;
        Ok(())
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            ledger: row.get(0)?,
            position: row.get(1)?,
            hash: row.get(2)?,
            inner_hash: row.get(3)?,
            envelope: row.get(4)?,
            result: row.get(5)?,
            meta: row.get(6)?,
            fee_changes: row.get(7)?,
            refund_changes: row.get(8)?,
        })
    }
}

impl EventRow {
    /// All events of a transaction's operations.
    pub(crate) fn all(ledger: u32, position: u32, applied: &Applied) -> Result<Vec<Self>, LedgerError> {
        let mut rows = Vec::new();
        for (operation, meta) in (0u32..).zip(applied.meta.operations.iter()) {
            for (number, event) in (0u32..).zip(meta.events.iter()) {
                rows.push(Self { ledger, position, operation, number, event: codec::bytes(event)? });
            }
        }
        Ok(rows)
    }

    pub(super) fn insert(&self, transaction: &Transaction<'_>) -> Result<(), LedgerError> {
        transaction.prepare_cached("INSERT INTO events VALUES (?, ?, ?, ?, ?)")?.execute(params![
            self.ledger,
            self.position,
            self.operation,
            self.number,
            self.event
        ])?;
        Ok(())
    }

    pub(crate) fn decoded(&self) -> Result<ContractEvent, LedgerError> {
        codec::stored(&self.event)
    }

    pub(crate) fn place(&self) -> EventPlace {
        (self.ledger, self.position, self.operation, self.number)
    }
}

impl Store {
    /// The newest ledger.
    pub(crate) fn newest(&self) -> Result<LedgerRow, LedgerError> {
        let query = format!("SELECT {LEDGER_COLUMNS} FROM ledgers ORDER BY sequence DESC LIMIT 1");
        let mut statement = self.connection.prepare_cached(&query)?;
        let found = statement.query_row([], LedgerRow::read).optional()?;
        found.ok_or_else(|| LedgerError::damaged("it has no ledger"))
    }

    /// Number of the oldest ledger that is answered for, and when it closed. A leap may have left it out: then the time of the next
    /// one that was made.
    pub(crate) fn oldest(&self) -> Result<(u32, u64), LedgerError> {
        let oldest = self.newest()?.sequence.saturating_sub(KEPT_LEDGERS - 1).max(1);
        let query = "SELECT close_time FROM ledgers WHERE sequence >= ? ORDER BY sequence LIMIT 1";
        let time = self.connection.prepare_cached(query)?.query_row([oldest], |row| row.get(0))?;
        Ok((oldest, time))
    }

    /// Ledgers from a number on.
    pub(crate) fn ledgers_from(&self, first: u32, limit: u32) -> Result<Vec<LedgerRow>, LedgerError> {
        let query =
            format!("SELECT {LEDGER_COLUMNS} FROM ledgers WHERE sequence >= ? ORDER BY sequence LIMIT ?");
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map([first, limit], LedgerRow::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(crate) fn close_time(&self, sequence: u32) -> Result<u64, LedgerError> {
        let mut statement =
            self.connection.prepare_cached("SELECT close_time FROM ledgers WHERE sequence = ?")?;
        Ok(statement.query_row([sequence], |row| row.get(0))?)
    }

    /// A transaction by its hash, or by that of what its fee bump is around.
    pub(crate) fn transaction(&self, hash: &[u8]) -> Result<Option<TransactionRow>, LedgerError> {
        let query = format!(
            "SELECT {TRANSACTION_COLUMNS} FROM transactions WHERE hash = ?1 OR inner_hash = ?1 ORDER BY ledger LIMIT 1"
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        Ok(statement.query_row([hash], TransactionRow::read).optional()?)
    }

    /// Transactions after a place, within ledgers up to `last`.
    pub(crate) fn transactions_after(
        &self,
        (ledger, position): (u32, u32),
        last: u32,
        limit: u32,
    ) -> Result<Vec<TransactionRow>, LedgerError> {
        let query = format!(
            "SELECT {TRANSACTION_COLUMNS} FROM transactions WHERE (ledger, position) > (?, ?) AND ledger <= ?
             ORDER BY ledger, position LIMIT ?"
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map([ledger, position, last, limit], TransactionRow::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Calls `each` with events from a place on, up to a ledger, until it has enough.
    pub(crate) fn events_from(
        &self,
        (ledger, position, operation, number): EventPlace,
        last: u32,
        mut each: impl FnMut(FoundEvent) -> Result<bool, LedgerError>,
    ) -> Result<(), LedgerError> {
        let query = "SELECT ledger, position, operation, number, event, transactions.hash, close_time
             FROM events JOIN transactions USING (ledger, position) JOIN ledgers ON sequence = ledger
             WHERE (ledger, position, operation, number) >= (?, ?, ?, ?) AND ledger <= ?
             ORDER BY ledger, position, operation, number";
        let mut statement = self.connection.prepare_cached(query)?;
        let mut rows = statement.query([ledger, position, operation, number, last])?;
        while let Some(row) = rows.next()? {
            let event = EventRow {
                ledger: row.get(0)?,
                position: row.get(1)?,
                operation: row.get(2)?,
                number: row.get(3)?,
                event: row.get(4)?,
            };
            if !each(FoundEvent { row: event, transaction: row.get(5)?, close_time: row.get(6)? })? {
                break;
            }
        }
        Ok(())
    }
}
