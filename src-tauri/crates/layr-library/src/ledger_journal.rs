//! The journal of transactions on a ledger: each is here, signed, before anybody else sees it. What they mean is `layr-ledger`'s.

use rusqlite::{OptionalExtension as _, Row, params};

use crate::error::{StoreError, narrow, signed, unsigned};
use crate::library::Library;

/// Transactions kept after they were decided: their keys tell a repeated command what became of it. One a day for a generation.
const KEPT_TRANSACTIONS: i64 = 10_000;
/// Bytes of a hash.
const HASH_BYTES: usize = 32;

const COLUMNS: &str = "key, intent, account, sequence, envelope, hashes, from_ledger, valid_until_s, fee_cap, state, ledger, fee, code, returned";

/// A transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerTransaction {
    /// What its caller calls it.
    pub key: String,
    /// SHA-256 of what it is for.
    pub intent: [u8; 32],
    /// Public key of the account that pays and signs.
    pub account: [u8; 32],
    /// Its sequence number.
    pub sequence: i64,
    /// The signed envelope that was sent last.
    pub envelope: Vec<u8>,
    /// Hashes of all envelopes of it, the first one first.
    pub hashes: Vec<[u8; 32]>,
    /// The latest ledger when it was signed.
    pub from_ledger: u32,
    /// The last second of the ledger's clock at which it can be taken in.
    pub valid_until_unix_s: u64,
    /// The most that its fee may come to, in stroops.
    pub fee_cap_stroops: u64,
    /// What became of it.
    pub state: TransactionState,
}

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransactionState {
    /// Signed; the rest is not known.
    Signed,
    /// A server refused it.
    Refused {
        /// The result.
        code: String,
    },
    /// In the ledger.
    Settled {
        /// Which one.
        ledger: u32,
        /// The fee that was taken.
        fee_stroops: u64,
        /// What a contract returned.
        returned: Option<Vec<u8>>,
    },
    /// In the ledger, where it failed.
    Failed {
        /// Which one.
        ledger: u32,
        /// The result.
        code: String,
    },
    /// Never to be in the ledger.
    Dead,
    /// In the ledger or not: nobody tells any more.
    Forgotten,
}

impl Library {
    /// The transaction under a key.
    pub fn ledger_transaction(&self, key: &str) -> Result<Option<LedgerTransaction>, StoreError> {
        self.read(|connection| {
            let query = format!("SELECT {COLUMNS} FROM ledger_journal WHERE key = ?1");
            let mut statement = connection.prepare_cached(&query)?;
            let row = statement.query_row([key], |row| Ok(transaction(row))).optional()?;
            row.transpose()
        })
    }

    /// Transactions of an account that are not decided, by their sequence numbers.
    pub fn open_ledger_transactions(&self, account: &[u8; 32]) -> Result<Vec<LedgerTransaction>, StoreError> {
        self.read(|connection| {
            let query = format!(
                "SELECT {COLUMNS} FROM ledger_journal WHERE account = ?1 AND state < 2 ORDER BY sequence, id"
            );
            let mut statement = connection.prepare_cached(&query)?;
            let mut rows = statement.query([account])?;
            let mut open = Vec::new();
            while let Some(row) = rows.next()? {
                open.push(transaction(row)?);
            }
            Ok(open)
        })
    }

    /// Writes a transaction, in place of an earlier one under its key. Durable when this returns. The oldest of those that are decided go when
    /// there are too many; what is not decided stays.
    pub fn write_ledger_transaction(&self, entry: &LedgerTransaction) -> Result<(), StoreError> {
        let (state, ledger, fee, code, returned) = columns_of(&entry.state);
        let fee = fee.map(|fee| signed("a fee", fee)).transpose()?;
        let valid_until_s = signed("the time", entry.valid_until_unix_s)?;
        let fee_cap = signed("a fee", entry.fee_cap_stroops)?;
        self.write(|transaction| {
            transaction
                .prepare_cached(&format!(
                    "INSERT INTO ledger_journal ({COLUMNS})
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
                     ON CONFLICT (key) DO UPDATE SET intent = ?2, account = ?3, sequence = ?4, envelope = ?5,
                        hashes = ?6, from_ledger = ?7, valid_until_s = ?8, fee_cap = ?9, state = ?10, ledger = ?11,
                        fee = ?12, code = ?13, returned = ?14"
                ))?
                .execute(params![
                    entry.key,
                    entry.intent,
                    entry.account,
                    entry.sequence,
                    entry.envelope,
                    entry.hashes.concat(),
                    entry.from_ledger,
                    valid_until_s,
                    fee_cap,
                    state,
                    ledger,
                    fee,
                    code,
                    returned
                ])?;
            transaction
                .prepare_cached(
                    "DELETE FROM ledger_journal WHERE state >= 2 AND id <= (SELECT max(id) FROM ledger_journal) - ?1",
                )?
                .execute([KEPT_TRANSACTIONS])?;
            Ok(())
        })
    }
}

type StateColumns<'a> = (i64, Option<u32>, Option<u64>, Option<&'a str>, Option<&'a [u8]>);

fn columns_of(state: &TransactionState) -> StateColumns<'_> {
    match state {
        TransactionState::Signed => (0, None, None, None, None),
        TransactionState::Refused { code } => (1, None, None, Some(code), None),
        TransactionState::Settled { ledger, fee_stroops, returned } => {
            (2, Some(*ledger), Some(*fee_stroops), None, returned.as_deref())
        }
        TransactionState::Failed { ledger, code } => (3, Some(*ledger), None, Some(code), None),
        TransactionState::Dead => (4, None, None, None, None),
        TransactionState::Forgotten => (5, None, None, None, None),
    }
}

fn transaction(row: &Row<'_>) -> Result<LedgerTransaction, StoreError> {
    let hashes: Vec<u8> = row.get(5)?;
    let (hashes, rest) = hashes.as_chunks::<HASH_BYTES>();
    if !rest.is_empty() {
        return Err(StoreError::damaged("a hash of a transaction is cut off"));
    }
    Ok(LedgerTransaction {
        key: row.get(0)?,
        intent: row.get(1)?,
        account: row.get(2)?,
        sequence: row.get(3)?,
        envelope: row.get(4)?,
        hashes: hashes.to_vec(),
        from_ledger: narrow(row.get(6)?)?,
        valid_until_unix_s: unsigned(row.get(7)?)?,
        fee_cap_stroops: unsigned(row.get(8)?)?,
        state: state(row)?,
    })
}

fn state(row: &Row<'_>) -> Result<TransactionState, StoreError> {
    let missing = || StoreError::damaged("a transaction that was decided does not say how");
    let ledger = || row.get::<_, Option<u32>>(10)?.ok_or_else(missing);
    let code = || row.get::<_, Option<String>>(12)?.ok_or_else(missing);
    Ok(match row.get::<_, i64>(9)? {
        0 => TransactionState::Signed,
        1 => TransactionState::Refused { code: code()? },
        2 => TransactionState::Settled {
            ledger: ledger()?,
            fee_stroops: unsigned(row.get::<_, Option<i64>>(11)?.ok_or_else(missing)?)?,
            returned: row.get(13)?,
        },
        3 => TransactionState::Failed { ledger: ledger()?, code: code()? },
        4 => TransactionState::Dead,
        5 => TransactionState::Forgotten,
        _ => return Err(StoreError::damaged("no such state of a transaction")),
    })
}
