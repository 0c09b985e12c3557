//! Storage agreements, of both roles. What terms, seats, consents and statements mean is the node's: here they are bytes.

use std::collections::BTreeSet;

use layr_codec::{LEAF_BYTES, ShardRoot};
use layr_keys::PeerId;
use rusqlite::{Connection, Row, Transaction, params};

use crate::agreement_data::{AgreementData, put_data};
use crate::error::{StoreError, narrow, signed, unsigned};
use crate::library::Library;

/// Agreements that came to nothing, kept for a person who looks: a host is asked for more consents than are used.
const KEPT_DROPPED: i64 = 64;
const COLUMNS: &str = "id, role, network_id, contract, other, terms, seat, consent, consent_until, escrow, host, path, hosts, state, is_told, \
     decided, proven, earned, revision, receipt, closing, begin_s, end_s, asked";

/// Who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgreementRole {
    /// This library's owner.
    Owner,
    /// Somebody who stores here.
    Host,
}

/// How far an agreement has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgreementState {
    /// The host consented, or was asked to where we pay; nothing is on the ledger yet.
    Consented,
    /// Its escrow is on the ledger.
    Open,
    /// Its money is divided.
    Settled,
    /// It never came onto the ledger.
    Dropped,
}

/// Where an agreement is in its escrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscrowPlace {
    /// The escrow.
    pub escrow: [u8; 32],
    /// The host's number.
    pub host: u8,
    /// The encoded path of its terms.
    pub path: Vec<u8>,
    /// How many hosts there are.
    pub hosts: u8,
}

/// An agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementRecord {
    /// Its row; 0 for one that is not recorded yet.
    pub id: i64,
    /// Who pays.
    pub role: AgreementRole,
    /// The ledger's network.
    pub network_id: [u8; 32],
    /// The contract.
    pub contract: [u8; 32],
    /// The host's device where we pay, the owner where we are paid.
    pub other: [u8; 32],
    /// Terms of the escrow, encoded.
    pub terms: Vec<u8>,
    /// Terms of the host, encoded.
    pub seat: Vec<u8>,
    /// The host's consent, encoded; empty where we pay and it was only asked.
    pub consent: Vec<u8>,
    /// The last ledger in which that holds.
    pub consent_until_ledger: u32,
    /// Its place; none before all hosts are known.
    pub place: Option<EscrowPlace>,
    /// How far it has come.
    pub state: AgreementState,
    /// Whether the other side knows of the escrow.
    pub is_told: bool,
    /// The windows below this number are decided.
    pub decided: u32,
    /// A bit for each of them that was proven.
    pub proven: u32,
    /// Stroops earned.
    pub earned_stroops: u64,
    /// The revision that holds.
    pub revision: u32,
    /// The owner's receipt, encoded.
    pub receipt: Option<Vec<u8>>,
    /// The closing, encoded.
    pub closing: Option<Vec<u8>>,
    /// When the term begins, on the ledger's clock.
    pub begin_unix_s: u64,
    /// When it ends.
    pub end_unix_s: u64,
    /// Where we pay: a bit for each window about which the host was asked in time, or wrongly answered.
    pub asked: u32,
}

impl Library {
    /// Writes agreements down, new ones with their data and changed ones, all or none. Answers their rows.
    pub fn write_agreements(
        &self,
        agreements: &[(AgreementRecord, Option<AgreementData>)],
    ) -> Result<Vec<i64>, StoreError> {
        self.write(|transaction| {
            let write = |(agreement, data): &(AgreementRecord, Option<AgreementData>)| {
                let row = put(transaction, agreement)?;
                if let Some(data) = data {
                    put_data(transaction, row, data)?;
                }
                Ok(row)
            };
            agreements.iter().map(write).collect()
        })
    }

    /// Notes that an agreement came to nothing. What it would have been about is forgotten, and of those in which we would have been
    /// paid the oldest.
    pub fn drop_agreement(&self, agreement: i64) -> Result<(), StoreError> {
        self.write(|transaction| {
            let dropped = state_code(AgreementState::Dropped);
            transaction.execute("UPDATE agreement SET state = ?2 WHERE id = ?1", [agreement, dropped])?;
            transaction.execute("DELETE FROM agreement_data WHERE agreement = ?1", [agreement])?;
            transaction.execute(
                "DELETE FROM agreement WHERE role = 1 AND state = ?1 AND id NOT IN
                    (SELECT id FROM agreement WHERE role = 1 AND state = ?1 ORDER BY id DESC LIMIT ?2)",
                [dropped, KEPT_DROPPED],
            )?;
            Ok(())
        })
    }

    /// Forgets an agreement that was proposed to a host, and to which it never consented as far as anybody here knows.
    pub fn forget_proposal(&self, agreement: i64) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute(
                "DELETE FROM agreement WHERE id = ?1 AND role = 0 AND state = 0 AND escrow IS NULL",
                [agreement],
            )?;
            Ok(())
        })
    }

    /// Agreements of a role that are neither settled nor dropped, oldest first.
    pub fn open_agreements(&self, role: AgreementRole) -> Result<Vec<AgreementRecord>, StoreError> {
        self.read(|connection| select(connection, "role = ?1 AND state < 2 ORDER BY id", [role_code(role)]))
    }

    /// All agreements of a role, oldest first.
    pub fn agreements(&self, role: AgreementRole) -> Result<Vec<AgreementRecord>, StoreError> {
        self.read(|connection| select(connection, "role = ?1 ORDER BY id", [role_code(role)]))
    }

    /// The agreement of a role with this place.
    pub fn agreement_at(
        &self,
        role: AgreementRole,
        escrow: &[u8; 32],
        host: u8,
    ) -> Result<Option<AgreementRecord>, StoreError> {
        self.read(|connection| {
            let found = select(
                connection,
                "role = ?1 AND escrow = ?2 AND host = ?3",
                params![role_code(role), escrow, host],
            )?;
            Ok(found.into_iter().next())
        })
    }

    /// Shards of this owner's own files that a host acknowledged, also those whose copies failed and are not replaced yet.
    pub fn roots_at(&self, host: &PeerId) -> Result<BTreeSet<ShardRoot>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT DISTINCT s.root FROM shard s
                    JOIN segment g ON g.id = s.segment JOIN host h ON h.id = s.host
                 WHERE h.peer = ?1 AND g.origin = 0",
            )?;
            let roots = statement.query_map([host.as_bytes()], |row| row.get(0))?;
            Ok(roots.map(|root| root.map(ShardRoot::from_bytes)).collect::<Result<_, _>>()?)
        })
    }

    /// Shards of this owner's own files that a host acknowledged and that did not fail, by root.
    pub fn shards_at(&self, host: &PeerId) -> Result<Vec<(ShardRoot, u32)>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT DISTINCT s.root, g.shard_bytes FROM shard s
                    JOIN segment g ON g.id = s.segment JOIN host h ON h.id = s.host
                 WHERE h.peer = ?1 AND g.origin = 0 AND s.failed IS NULL ORDER BY s.root",
            )?;
            let mut rows = statement.query([host.as_bytes()])?;
            let mut shards = Vec::new();
            while let Some(row) = rows.next()? {
                let leaves = unsigned(row.get(1)?)? / LEAF_BYTES as u64;
                let leaves = u32::try_from(leaves)
                    .map_err(|_| StoreError::damaged(format!("a shard of {leaves} leaves")))?;
                shards.push((ShardRoot::from_bytes(row.get(0)?), leaves));
            }
            Ok(shards)
        })
    }
}

pub(crate) fn put(transaction: &Transaction<'_>, agreement: &AgreementRecord) -> Result<i64, StoreError> {
    let place = agreement.place.as_ref();
    transaction
        .prepare_cached(&format!(
            "INSERT INTO agreement ({COLUMNS})
             VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)
             ON CONFLICT (id) DO UPDATE SET consent = ?8, consent_until = ?9, escrow = ?10, host = ?11, path = ?12, hosts = ?13, state = ?14, is_told = ?15,
                decided = ?16, proven = ?17, earned = ?18, revision = ?19, receipt = ?20, closing = ?21, end_s = ?23, asked = ?24"
        ))?
        .execute(params![
            agreement.id,
            role_code(agreement.role),
            agreement.network_id,
            agreement.contract,
            agreement.other,
            agreement.terms,
            agreement.seat,
            agreement.consent,
            agreement.consent_until_ledger,
            place.map(|place| place.escrow),
            place.map(|place| place.host),
            place.map(|place| &place.path),
            place.map(|place| place.hosts),
            state_code(agreement.state),
            agreement.is_told,
            agreement.decided,
            agreement.proven,
            signed("stroops earned", agreement.earned_stroops)?,
            agreement.revision,
            agreement.receipt,
            agreement.closing,
            signed("a term's begin", agreement.begin_unix_s)?,
            signed("a term's end", agreement.end_unix_s)?,
            agreement.asked,
        ])?;
    Ok(if agreement.id == 0 { transaction.last_insert_rowid() } else { agreement.id })
}

fn select(
    connection: &Connection,
    condition: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<AgreementRecord>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM agreement WHERE {condition}"))?;
    let mut rows = statement.query(parameters)?;
    let mut agreements = Vec::new();
    while let Some(row) = rows.next()? {
        agreements.push(agreement_of(row)?);
    }
    Ok(agreements)
}

fn agreement_of(row: &Row<'_>) -> Result<AgreementRecord, StoreError> {
    let place = match row.get::<_, Option<[u8; 32]>>(9)? {
        None => None,
        Some(escrow) => {
            Some(EscrowPlace { escrow, host: row.get(10)?, path: row.get(11)?, hosts: row.get(12)? })
        }
    };
    Ok(AgreementRecord {
        id: row.get(0)?,
        role: match row.get::<_, i64>(1)? {
            0 => AgreementRole::Owner,
            _ => AgreementRole::Host,
        },
        network_id: row.get(2)?,
        contract: row.get(3)?,
        other: row.get(4)?,
        terms: row.get(5)?,
        seat: row.get(6)?,
        consent: row.get(7)?,
        consent_until_ledger: narrow(row.get(8)?)?,
        place,
        state: match row.get::<_, i64>(13)? {
            0 => AgreementState::Consented,
            1 => AgreementState::Open,
            2 => AgreementState::Settled,
            3 => AgreementState::Dropped,
            other => return Err(StoreError::damaged(format!("no such state of an agreement: {other}"))),
        },
        is_told: row.get(14)?,
        decided: narrow(row.get(15)?)?,
        proven: narrow(row.get(16)?)?,
        earned_stroops: unsigned(row.get(17)?)?,
        revision: narrow(row.get(18)?)?,
        receipt: row.get(19)?,
        closing: row.get(20)?,
        begin_unix_s: unsigned(row.get(21)?)?,
        end_unix_s: unsigned(row.get(22)?)?,
        asked: narrow(row.get(23)?)?,
    })
}

fn role_code(role: AgreementRole) -> i64 {
    match role {
        AgreementRole::Owner => 0,
        AgreementRole::Host => 1,
    }
}

fn state_code(state: AgreementState) -> i64 {
    match state {
        AgreementState::Consented => 0,
        AgreementState::Open => 1,
        AgreementState::Settled => 2,
        AgreementState::Dropped => 3,
    }
}
