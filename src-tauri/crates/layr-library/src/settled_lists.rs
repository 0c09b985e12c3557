//! What the lists of shards of agreements in which we paid, and whose money is divided, are still good for.
//!
//! A shard that an agreement was about which ended is not paid for again unasked. So of its last list stays what still lies at its host and no later
//! agreement there is about; all else goes. What the agreement cost, and how many leaves it was about in each window, stays.

use std::collections::BTreeSet;

use layr_keys::PeerId;
use rusqlite::{Connection, params};

use crate::agreement_data::LISTED_BYTES;
use crate::error::StoreError;
use crate::library::Library;

/// A list of a settled agreement.
struct SettledList {
    agreement: i64,
    host: PeerId,
    revision: u32,
    /// Whether it is its agreement's last one.
    is_last: bool,
}

impl Library {
    /// Forgets of the lists of settled agreements what nothing asks for any more. Answers in how many something went.
    pub fn prune_settled_lists(&self) -> Result<u64, StoreError> {
        let mut pruned = 0;
        for list in self.read(settled_lists)? {
            let SettledList { agreement, revision, .. } = list;
            let before: Vec<u8> = self.read(|connection| list_at(connection, &list))?;
            let kept = if list.is_last { self.still_needed(&list, &before)? } else { Vec::new() };
            if kept.len() < before.len() {
                self.write(|transaction| -> Result<(), StoreError> {
                    transaction
                        .prepare_cached(
                            "UPDATE agreement_data SET shards = ?3 WHERE agreement = ?1 AND revision = ?2",
                        )?
                        .execute(params![agreement, revision, kept])?;
                    Ok(())
                })?;
                pruned += 1;
            }
        }
        Ok(pruned)
    }

    fn still_needed(&self, list: &SettledList, listed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let there = self.roots_at(&list.host)?;
        let there: BTreeSet<&[u8]> = there.iter().map(|root| root.as_bytes().as_slice()).collect();
        let later = self.read(|connection| roots_of_later(connection, list))?;
        let (listed, _) = listed.as_chunks::<LISTED_BYTES>();
        let is_needed = |[root @ .., _, _, _, _]: &&[u8; LISTED_BYTES]| {
            there.contains(root.as_slice()) && !later.contains(root)
        };
        Ok(listed.iter().filter(is_needed).flatten().copied().collect())
    }
}

fn settled_lists(connection: &Connection) -> Result<Vec<SettledList>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT a.id, a.other, d.revision, d.revision = (SELECT max(revision) FROM agreement_data WHERE agreement = a.id)
         FROM agreement a JOIN agreement_data d ON d.agreement = a.id
         WHERE a.role = 0 AND a.state = 2 AND d.shards <> x'' ORDER BY a.id, d.revision",
    )?;
    let list = |row: &rusqlite::Row<'_>| {
        Ok(SettledList {
            agreement: row.get(0)?,
            host: PeerId::from_bytes(row.get(1)?),
            revision: row.get(2)?,
            is_last: row.get(3)?,
        })
    };
    Ok(statement.query_map([], list)?.collect::<Result<_, _>>()?)
}

fn list_at(connection: &Connection, list: &SettledList) -> Result<Vec<u8>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT shards FROM agreement_data WHERE agreement = ?1 AND revision = ?2")?;
    Ok(statement.query_row(params![list.agreement, list.revision], |row| row.get(0))?)
}

/// What agreements with its host on the same contract are or were about that came onto the ledger and are later. One list is in memory at a time.
fn roots_of_later(connection: &Connection, list: &SettledList) -> Result<BTreeSet<[u8; 32]>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT d.shards FROM agreement_data d JOIN agreement b ON b.id = d.agreement JOIN agreement a ON a.id = ?1
         WHERE b.role = 0 AND b.state IN (1, 2) AND b.id > a.id AND b.other = a.other
            AND b.network_id = a.network_id AND b.contract = a.contract
            AND d.revision = (SELECT max(revision) FROM agreement_data WHERE agreement = b.id)",
    )?;
    let mut roots = BTreeSet::new();
    let mut rows = statement.query([list.agreement])?;
    while let Some(row) = rows.next()? {
        let listed: Vec<u8> = row.get(0)?;
        let (listed, _) = listed.as_chunks::<LISTED_BYTES>();
        roots.extend(listed.iter().filter_map(|listed| listed.first_chunk::<32>().copied()));
    }
    Ok(roots)
}
