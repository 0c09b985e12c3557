//! The journal of transactions on a ledger: each is here, signed, before anybody else sees it. What they mean is `layr-ledger`'s.

use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use crate::error::{StoreError, narrow, signed, unsigned};
use crate::library::Library;

/// Transactions of a family kept after they were decided: their keys tell a repeated command what became of it. One a day for a generation.
const KEPT_TRANSACTIONS: i64 = 10_000;
/// Bytes of a hash.
const HASH_BYTES: usize = 32;

const COLUMNS: &str = "key, intent, account, sequence, envelope, hashes, from_ledger, valid_until_s, fee_cap, state, ledger, fee, code, returned, network_id, earlier_hashes";
/// What a key begins with, its colon included: payments are let go for payments, and agreements for agreements.
const FAMILY: &str = "substr(key, 1, instr(key, ':'))";

/// A transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerTransaction {
    /// The network it is signed for.
    pub network_id: [u8; 32],
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
    /// Hashes of what was signed under this key before, the oldest first.
    pub earlier_hashes: Vec<[u8; 32]>,
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
        /// The fee that was taken; none where an earlier version did not write it down.
        fee_stroops: Option<u64>,
        /// The result.
        code: String,
    },
    /// Never to be in the ledger.
    Dead,
    /// In the ledger or not: nobody tells any more.
    Forgotten,
}

/// What transactions cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LedgerFees {
    /// What the ledger took, in stroops.
    pub taken_stroops: u64,
    /// The most that it takes, or took, for those of which that is not known.
    pub undecided_stroops: u64,
}

impl Library {
    /// The transaction under a key on a network.
    pub fn ledger_transaction(
        &self,
        network_id: &[u8; 32],
        key: &str,
    ) -> Result<Option<LedgerTransaction>, StoreError> {
        self.read(|connection| {
            let query = format!("SELECT {COLUMNS} FROM ledger_journal WHERE network_id = ?1 AND key = ?2");
            let mut statement = connection.prepare_cached(&query)?;
            let row = statement.query_row(params![network_id, key], |row| Ok(transaction(row))).optional()?;
            row.transpose()
        })
    }

    /// Transactions of an account on a network that are not decided, by their sequence numbers.
    pub fn open_ledger_transactions(
        &self,
        network_id: &[u8; 32],
        account: &[u8; 32],
    ) -> Result<Vec<LedgerTransaction>, StoreError> {
        self.ledger_transactions(
            "network_id = ?1 AND account = ?2 AND state < 2 ORDER BY sequence, id",
            params![network_id, account],
        )
    }

    /// The transaction of an account on a network that is in the ledger with this sequence number.
    pub fn settled_ledger_transaction(
        &self,
        network_id: &[u8; 32],
        account: &[u8; 32],
        sequence: i64,
    ) -> Result<Option<LedgerTransaction>, StoreError> {
        let mut settled = self.ledger_transactions(
            "network_id = ?1 AND account = ?2 AND sequence = ?3 AND state = 2 LIMIT 1",
            params![network_id, account, sequence],
        )?;
        Ok(settled.pop())
    }

    /// The newest `limit` transactions on a network, whichever account they are of, newest first: in the order in which they were first
    /// signed.
    pub fn newest_ledger_transactions(
        &self,
        network_id: &[u8; 32],
        limit: u32,
    ) -> Result<Vec<LedgerTransaction>, StoreError> {
        self.ledger_transactions("network_id = ?1 ORDER BY id DESC LIMIT ?2", params![network_id, limit])
    }

    /// What those transactions on a network cost that were valid at `since_unix_s` or later and whose family, the colon left out, is one that
    /// `counts`.
    pub fn ledger_fees(
        &self,
        network_id: &[u8; 32],
        since_unix_s: u64,
        counts: impl Fn(&str) -> bool,
    ) -> Result<LedgerFees, StoreError> {
        let since = signed("the time", since_unix_s)?;
        self.read(|connection| {
            let query = format!(
                "SELECT {FAMILY}, coalesce(sum(fee) FILTER (WHERE state IN (2, 3)), 0),
                    coalesce(sum(fee_cap) FILTER (WHERE state IN (0, 1, 5)), 0)
                 FROM ledger_journal WHERE network_id = ?1 AND valid_until_s >= ?2 GROUP BY 1"
            );
            let mut statement = connection.prepare_cached(&query)?;
            let mut rows = statement.query(params![network_id, since])?;
            let mut fees = LedgerFees::default();
            while let Some(row) = rows.next()? {
                let family: String = row.get(0)?;
                if counts(family.trim_end_matches(':')) {
                    fees.taken_stroops = fees.taken_stroops.saturating_add(unsigned(row.get(1)?)?);
                    fees.undecided_stroops = fees.undecided_stroops.saturating_add(unsigned(row.get(2)?)?);
                }
            }
            Ok(fees)
        })
    }

    fn ledger_transactions(
        &self,
        which: &str,
        params: impl rusqlite::Params,
    ) -> Result<Vec<LedgerTransaction>, StoreError> {
        self.read(|connection| {
            let query = format!("SELECT {COLUMNS} FROM ledger_journal WHERE {which}");
            let mut statement = connection.prepare_cached(&query)?;
            let mut rows = statement.query(params)?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(transaction(row)?);
            }
            Ok(found)
        })
    }

    /// Writes a transaction, in place of an earlier one under its key on its network. Durable when this returns. Those of its family that were
    /// decided longest ago go when there are too many; what may still turn out to be paid stays.
    pub fn write_ledger_transaction(&self, entry: &LedgerTransaction) -> Result<(), StoreError> {
        self.write(|transaction| {
            insert(transaction, entry)?;
            let_go(transaction, &entry.key, KEPT_TRANSACTIONS)
        })
    }
}

fn insert(transaction: &Transaction<'_>, entry: &LedgerTransaction) -> Result<(), StoreError> {
    let (state, ledger, fee, code, returned) = columns_of(&entry.state);
    let fee = fee.map(|fee| signed("a fee", fee)).transpose()?;
    let valid_until_s = signed("the time", entry.valid_until_unix_s)?;
    let fee_cap = signed("a fee", entry.fee_cap_stroops)?;
    transaction
        .prepare_cached(&format!(
            "INSERT INTO ledger_journal ({COLUMNS}, decided)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
                CASE WHEN ?10 IN (2, 3, 4) THEN (SELECT coalesce(max(decided), 0) + 1 FROM ledger_journal
                    WHERE {FAMILY} = substr(?1, 1, instr(?1, ':')) AND state IN (2, 3, 4)) END)
             ON CONFLICT (network_id, key) DO UPDATE SET intent = ?2, account = ?3, sequence = ?4, envelope = ?5,
                hashes = ?6, from_ledger = ?7, valid_until_s = ?8, fee_cap = ?9, state = ?10, ledger = ?11,
                fee = ?12, code = ?13, returned = ?14, earlier_hashes = ?16, decided = excluded.decided"
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
            returned,
            entry.network_id,
            entry.earlier_hashes.concat()
        ])?;
    Ok(())
}

/// Keeps the newest `kept` decisions of a key's family.
fn let_go(transaction: &Transaction<'_>, key: &str, kept: i64) -> Result<(), StoreError> {
    transaction
        .prepare_cached(&format!(
            "DELETE FROM ledger_journal WHERE {FAMILY} = substr(?1, 1, instr(?1, ':')) AND state IN (2, 3, 4) AND decided <=
                (SELECT decided FROM ledger_journal WHERE {FAMILY} = substr(?1, 1, instr(?1, ':')) AND state IN (2, 3, 4)
                    ORDER BY decided DESC LIMIT 1 OFFSET ?2)"
        ))?
        .execute(params![key, kept])?;
    Ok(())
}

type StateColumns<'a> = (i64, Option<u32>, Option<u64>, Option<&'a str>, Option<&'a [u8]>);

fn columns_of(state: &TransactionState) -> StateColumns<'_> {
    match state {
        TransactionState::Signed => (0, None, None, None, None),
        TransactionState::Refused { code } => (1, None, None, Some(code), None),
        TransactionState::Settled { ledger, fee_stroops, returned } => {
            (2, Some(*ledger), Some(*fee_stroops), None, returned.as_deref())
        }
        TransactionState::Failed { ledger, fee_stroops, code } => {
            (3, Some(*ledger), *fee_stroops, Some(code), None)
        }
        TransactionState::Dead => (4, None, None, None, None),
        TransactionState::Forgotten => (5, None, None, None, None),
    }
}

fn transaction(row: &Row<'_>) -> Result<LedgerTransaction, StoreError> {
    Ok(LedgerTransaction {
        network_id: row.get(14)?,
        key: row.get(0)?,
        intent: row.get(1)?,
        account: row.get(2)?,
        sequence: row.get(3)?,
        envelope: row.get(4)?,
        hashes: hashes(&row.get::<_, Vec<u8>>(5)?)?,
        earlier_hashes: hashes(&row.get::<_, Vec<u8>>(15)?)?,
        from_ledger: narrow(row.get(6)?)?,
        valid_until_unix_s: unsigned(row.get(7)?)?,
        fee_cap_stroops: unsigned(row.get(8)?)?,
        state: state(row)?,
    })
}

fn hashes(bytes: &[u8]) -> Result<Vec<[u8; HASH_BYTES]>, StoreError> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    if rest.is_empty() {
        Ok(hashes.to_vec())
    } else {
        Err(StoreError::damaged("a hash of a transaction is cut off"))
    }
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
        3 => {
            let fee_stroops = row.get::<_, Option<i64>>(11)?.map(unsigned).transpose()?;
            TransactionState::Failed { ledger: ledger()?, fee_stroops, code: code()? }
        }
        4 => TransactionState::Dead,
        5 => TransactionState::Forgotten,
        _ => return Err(StoreError::damaged("no such state of a transaction")),
    })
}

#[cfg(test)]
mod tests {
    use super::{LedgerTransaction, TransactionState, insert, let_go};
    use crate::schema;

    fn entry(key: &str, state: TransactionState) -> LedgerTransaction {
        LedgerTransaction {
            network_id: [7; 32],
            key: key.to_owned(),
            intent: [1; 32],
            account: [2; 32],
            sequence: 3,
            envelope: vec![4],
            hashes: vec![[5; 32]],
            earlier_hashes: Vec::new(),
            from_ledger: 6,
            valid_until_unix_s: 7,
            fee_cap_stroops: 8,
            state,
        }
    }

    #[test]
    fn what_was_decided_longest_ago_in_its_family_goes_and_what_is_in_doubt_stays() {
        let mut connection = rusqlite::Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection, schema::SCHEMA_VERSION).unwrap();
        let transaction = connection.transaction().unwrap();
        let write = |key: &str, state: TransactionState| {
            insert(&transaction, &entry(key, state)).unwrap();
            let_go(&transaction, key, 2).unwrap();
        };
        let settled = || TransactionState::Settled { ledger: 9, fee_stroops: 100, returned: None };
        // Signed first of all, and decided late.
        write("send:late", TransactionState::Signed);
        write("send:doubt", TransactionState::Forgotten);
        write("send:1", settled());
        write("send:2", TransactionState::Dead);
        write("send:late", settled());
        for n in 0..9 {
            write(&format!("open:{n}"), settled());
        }
        let mut keys = transaction.prepare("SELECT key FROM ledger_journal ORDER BY key").unwrap();
        let keys: Vec<String> = keys.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(keys, ["open:7", "open:8", "send:2", "send:doubt", "send:late"]);
    }
}
