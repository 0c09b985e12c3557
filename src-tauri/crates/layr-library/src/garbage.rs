//! Shards that hosts may drop, until they have confirmed it.

use std::collections::BTreeSet;

use layr_codec::ShardRoot;
use layr_keys::PeerId;
use rusqlite::{Connection, Transaction, params};

use crate::error::{StoreError, unsigned};
use crate::library::Library;
use crate::shard::StoredShard;
use crate::{clock, host, watch};

/// First wait after a failed attempt; doubles with each further one.
const FIRST_WAIT_S: i64 = 60;
/// Longest wait between attempts.
const LONGEST_WAIT_S: i64 = clock::days(1);
/// After this age an entry is given up: the host is gone, or forgot the shard when its own terms ended.
pub(crate) const GIVE_UP_S: i64 = clock::days(90);

/// A shard that its host may drop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GarbageItem {
    /// Names the item in [`Library::garbage_done`] and [`Library::garbage_failed`].
    pub id: u64,
    /// The shard.
    pub root: ShardRoot,
    /// Where it lies.
    pub host: PeerId,
    /// Where the host was last dialled.
    pub addresses: Vec<String>,
    /// How often the host was asked in vain.
    pub attempts: u32,
}

impl Library {
    /// Shards whose hosts should be asked now to drop them, at most `limit`: what waits for the longest first, and
    /// what came at one time host by host.
    pub fn garbage_due(&self, limit: usize) -> Result<Vec<GarbageItem>, StoreError> {
        self.read(|connection| {
            // As the index of what is due has them: a host that is gone leaves thousands that are not, for a day or more each time.
            let mut statement = connection.prepare_cached(
                "SELECT g.id, g.root, h.peer, h.addresses, g.attempts
                 FROM garbage g INDEXED BY garbage_due CROSS JOIN host h ON h.id = g.host
                 WHERE g.next_s <= ?1 ORDER BY g.next_s, g.host, g.id LIMIT ?2",
            )?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut rows = statement.query([clock::observed(connection)?, limit])?;
            let mut items = Vec::new();
            while let Some(row) = rows.next()? {
                let addresses: String = row.get(3)?;
                items.push(GarbageItem {
                    id: unsigned(row.get(0)?)?,
                    root: ShardRoot::from_bytes(row.get(1)?),
                    host: PeerId::from_bytes(row.get(2)?),
                    addresses: crate::host::split_addresses(&addresses),
                    attempts: row.get(4)?,
                });
            }
            Ok(items)
        })
    }

    /// Those of these entries of one host that still wait, and whose copies no segment needs: one may have been taken back into use
    /// since, or be needed by what was imported.
    pub fn garbage_still(&self, host: &PeerId, ids: &[u64]) -> Result<BTreeSet<u64>, StoreError> {
        let (Some(first), Some(last)) = (ids.iter().min(), ids.iter().max()) else {
            return Ok(BTreeSet::new());
        };
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT g.id FROM garbage g JOIN host h ON h.id = g.host WHERE h.peer = ?1 AND g.id BETWEEN ?2 AND ?3
                    AND NOT EXISTS (SELECT 1 FROM shard s WHERE s.host = g.host AND s.root = g.root)",
            )?;
            let values = params![host.as_bytes(), first.cast_signed(), last.cast_signed()];
            let rows = statement.query_map(values, |row| row.get(0))?;
            let still = rows.map(|row| unsigned(row?)).collect::<Result<BTreeSet<u64>, StoreError>>()?;
            Ok(ids.iter().copied().filter(|id| still.contains(id)).collect())
        })
    }

    /// Lets hosts drop copies that were never recorded.
    pub fn discard(&self, copies: &[StoredShard]) -> Result<(), StoreError> {
        self.write(|transaction| {
            for copy in copies {
                if watch::note_spare(transaction, &copy.root, &copy.host)? {
                    continue;
                }
                let host = host::row_of(transaction, &copy.host, &[])?;
                queue(transaction, copy.root.as_bytes(), host)?;
            }
            Ok(())
        })
    }

    /// How many shards wait to be dropped by their hosts.
    pub fn garbage_count(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            let count =
                connection.prepare_cached("SELECT count(*) FROM garbage")?.query_row([], |row| row.get(0))?;
            unsigned(count)
        })
    }

    /// The hosts have dropped these, or never had them.
    pub fn garbage_done(&self, ids: &[u64]) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut statement = transaction.prepare_cached("DELETE FROM garbage WHERE id = ?1")?;
            for id in ids {
                statement.execute([id.cast_signed()])?;
            }
            Ok(())
        })
    }

    /// The hosts could not be asked, or the shards are looked for or in use. They are due again after a wait that grows from a minute to a day, which
    /// is no change that a copy of the library would be made for.
    pub fn garbage_failed(&self, ids: &[u64]) -> Result<(), StoreError> {
        self.write_down(|transaction| {
            let now_s = clock::observed(transaction)?;
            let mut statement = transaction.prepare_cached(
                "UPDATE garbage SET attempts = attempts + 1, next_s = ?2 + min(?3 << min(attempts, 20), ?4)
                 WHERE id = ?1",
            )?;
            for id in ids {
                statement.execute([id.cast_signed(), now_s, FIRST_WAIT_S, LONGEST_WAIT_S])?;
            }
            Ok(((), false))
        })
    }
}

/// Queues one shard.
pub(crate) fn queue(connection: &Connection, root: &[u8; 32], host: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO garbage (root, host, queued_s, next_s) VALUES (?1, ?2, ?3, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute(params![root, host, clock::observed(connection)?])?;
    Ok(())
}

/// Forgets a segment and queues the shards of one that is ours. Returns how many were queued.
pub(crate) fn drop_segment(transaction: &Transaction<'_>, segment: i64) -> Result<usize, StoreError> {
    let now_s = clock::observed(transaction)?;
    let queued = transaction
        .prepare_cached(
            "INSERT INTO garbage (root, host, queued_s, next_s)
             SELECT shard.root, shard.host, ?2, ?2 FROM shard JOIN segment ON segment.id = shard.segment
             WHERE shard.segment = ?1 AND segment.origin = 0 ON CONFLICT DO NOTHING",
        )?
        .execute([segment, now_s])?;
    for statement in [
        "DELETE FROM shard WHERE segment = ?1",
        "DELETE FROM chunk_source WHERE chunk IN (SELECT id FROM chunk WHERE segment = ?1)",
        "DELETE FROM chunk WHERE segment = ?1",
        "DELETE FROM segment WHERE id = ?1",
    ] {
        transaction.prepare_cached(statement)?.execute([segment])?;
    }
    Ok(queued)
}
