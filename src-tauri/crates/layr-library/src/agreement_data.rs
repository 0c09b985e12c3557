//! What agreements are about, revision by revision.
//!
//! Revision 0 is what the terms say. A later one counts from its first window on, and until the next that has begun. Of one that no
//! window can ask for any more the list goes, and of one that no window ever asked for all of it.

use layr_codec::ShardRoot;
use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use crate::agreement::{AgreementRecord, put};
use crate::error::{StoreError, narrow, signed, unsigned};
use crate::library::Library;

/// Bytes of a shard in the list of an agreement: its root and its leaves.
pub(crate) const LISTED_BYTES: usize = 36;

/// What an agreement is about from a revision on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementData {
    /// Number of the revision.
    pub revision: u32,
    /// The first window that asks for it.
    pub first_window: u32,
    /// Root over all leaves.
    pub data_root: [u8; 32],
    /// How many leaves.
    pub leaves: u64,
    /// The shards by root, each with its leaves; none of a revision that no window asks for any more.
    pub shards: Vec<(ShardRoot, u32)>,
    /// Both sides' signatures, encoded; empty for revision 0.
    pub signatures: Vec<u8>,
}

impl Library {
    /// What an agreement is about in a window: the newest revision that has begun by then and is not above `revision`.
    pub fn agreement_data(
        &self,
        agreement: i64,
        window: u32,
        revision: u32,
    ) -> Result<Option<AgreementData>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT revision, first_window, data_root, leaves, shards, signatures FROM agreement_data
                 WHERE agreement = ?1 AND first_window <= ?2 AND revision <= ?3 ORDER BY revision DESC LIMIT 1",
            )?;
            let row = statement
                .query_row(params![agreement, window, revision], |row| Ok(data_of(row)))
                .optional()?;
            row.transpose()
        })
    }

    /// [`Library::agreement_data`] without its shards, which may be many.
    pub fn agreed_data(
        &self,
        agreement: i64,
        window: u32,
        revision: u32,
    ) -> Result<Option<AgreementData>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT revision, first_window, data_root, leaves, x'', signatures FROM agreement_data
                 WHERE agreement = ?1 AND first_window <= ?2 AND revision <= ?3 ORDER BY revision DESC LIMIT 1",
            )?;
            let row = statement
                .query_row(params![agreement, window, revision], |row| Ok(data_of(row)))
                .optional()?;
            row.transpose()
        })
    }

    /// How many leaves an agreement is about in each of these windows.
    pub fn agreed_leaves(
        &self,
        agreement: i64,
        windows: impl IntoIterator<Item = u32>,
        revision: u32,
    ) -> Result<Vec<u64>, StoreError> {
        let leaves =
            |window| Ok(self.agreed_data(agreement, window, revision)?.map_or(0, |data| data.leaves));
        windows.into_iter().map(leaves).collect()
    }

    /// Writes a revision down of which is not known yet that both sides have signed it, in place of any other such.
    pub fn propose_revision(
        &self,
        agreement: &AgreementRecord,
        data: &AgreementData,
    ) -> Result<(), StoreError> {
        self.write(|transaction| {
            delete_above(transaction, agreement)?;
            put_data(transaction, agreement.id, data)
        })
    }

    /// Takes that back.
    pub fn withdraw_revision(&self, agreement: &AgreementRecord) -> Result<(), StoreError> {
        self.write(|transaction| delete_above(transaction, agreement))
    }

    /// Writes a revision down that both sides have signed: `agreement` names it. Those go that it leaves no window.
    pub fn write_revision(
        &self,
        agreement: &AgreementRecord,
        data: &AgreementData,
    ) -> Result<(), StoreError> {
        self.write(|transaction| {
            put(transaction, agreement)?;
            put_data(transaction, agreement.id, data)?;
            transaction
                .prepare_cached(
                    "DELETE FROM agreement_data WHERE agreement = ?1 AND revision < ?2 AND first_window >= ?3",
                )?
                .execute(params![agreement.id, data.revision, data.first_window])?;
            Ok(())
        })
    }

    /// Forgets the lists of shards that no window from `window` on asks for. What they had still counts.
    pub fn forget_lists(&self, agreement: &AgreementRecord, window: u32) -> Result<(), StoreError> {
        let past = "agreement = ?1 AND shards <> x'' AND revision <
            (SELECT max(revision) FROM agreement_data WHERE agreement = ?1 AND first_window <= ?2 AND revision <= ?3)";
        let these = params![agreement.id, window, agreement.revision];
        // Mostly there are none, and nothing is written.
        let is_past = format!("SELECT EXISTS (SELECT 1 FROM agreement_data WHERE {past})");
        let some = self.read(|connection| -> Result<bool, StoreError> {
            Ok(connection.prepare_cached(&is_past)?.query_row(these, |row| row.get(0))?)
        });
        if some? {
            let forget = format!("UPDATE agreement_data SET shards = x'' WHERE {past}");
            self.write(|transaction| -> Result<(), StoreError> {
                transaction.prepare_cached(&forget)?.execute(these)?;
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Those that are above the revision that holds.
fn delete_above(transaction: &Transaction<'_>, agreement: &AgreementRecord) -> Result<(), StoreError> {
    transaction
        .prepare_cached("DELETE FROM agreement_data WHERE agreement = ?1 AND revision > ?2")?
        .execute([agreement.id, agreement.revision.into()])?;
    Ok(())
}

pub(crate) fn put_data(
    transaction: &Transaction<'_>,
    agreement: i64,
    data: &AgreementData,
) -> Result<(), StoreError> {
    let mut shards = Vec::with_capacity(data.shards.len() * LISTED_BYTES);
    for (root, leaves) in &data.shards {
        shards.extend_from_slice(root.as_bytes());
        shards.extend_from_slice(&leaves.to_be_bytes());
    }
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO agreement_data (agreement, revision, first_window, data_root, leaves, shards, signatures)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            agreement,
            data.revision,
            data.first_window,
            data.data_root,
            signed("leaves of an agreement", data.leaves)?,
            shards,
            data.signatures,
        ])?;
    Ok(())
}

fn data_of(row: &Row<'_>) -> Result<AgreementData, StoreError> {
    let listed: Vec<u8> = row.get(4)?;
    let (listed, rest) = listed.as_chunks::<LISTED_BYTES>();
    if !rest.is_empty() {
        return Err(StoreError::damaged("a shard of an agreement is cut off"));
    }
    let shard = |[root @ .., a, b, c, d]: &[u8; LISTED_BYTES]| {
        (ShardRoot::from_bytes(*root), u32::from_be_bytes([*a, *b, *c, *d]))
    };
    Ok(AgreementData {
        revision: narrow(row.get(0)?)?,
        first_window: narrow(row.get(1)?)?,
        data_root: row.get(2)?,
        leaves: unsigned(row.get(3)?)?,
        shards: listed.iter().map(shard).collect(),
        signatures: row.get(5)?,
    })
}
