//! Which copy is read whole next, and when, so that each has its turn.
//!
//! Leaves find what is lost by chance, the sooner the more is lost; a few bytes may stay hidden for long. So every copy is read
//! whole as well, those first whose turn is longest ago. The pace is counted in bytes on the [sure clock](crate::sure_clock): a
//! copy is due once its share of [`ROUND_S`] is over since the one before. A restart forgets nothing of that, and after a sleep
//! there is nothing to catch up with.

use std::collections::BTreeSet;

use layr_codec::{SegmentId, ShardRoot};
use layr_keys::PeerId;
use rusqlite::{Connection, Row};

use crate::clock;
use crate::error::{StoreError, unsigned};
use crate::host::split_addresses;
use crate::library::Library;
use crate::sure_clock::sure;

/// Days awake in which everything is read once: who is awake for two thirds of the time has read it within 90 days.
pub const READING_DAYS: u32 = 60;
const ROUND_S: i64 = clock::days(READING_DAYS);

/// What hosts hold of ours, as far as it counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeldBytes {
    /// Hosts.
    pub hosts: u64,
    /// Healthy shards.
    pub shards: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

/// A copy that is to be read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyToRead {
    /// The segment.
    pub segment: SegmentId,
    /// The shard's index.
    pub index: u8,
    /// The shard.
    pub root: ShardRoot,
    /// Its size in bytes.
    pub shard_bytes: u64,
    /// Who holds it.
    pub host: PeerId,
    /// Where that host was last dialled.
    pub addresses: Vec<String>,
}

impl Library {
    /// What hosts hold of ours. Looks at every segment: not to be asked for each copy.
    pub fn held_bytes(&self) -> Result<HeldBytes, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT (SELECT count(*) FROM host h WHERE EXISTS (SELECT 1 FROM shard WHERE host = h.id)),
                    coalesce(sum(alive), 0), coalesce(sum(alive * shard_bytes), 0)
                 FROM segment WHERE origin = 0 AND state > 0",
            )?;
            let [hosts, shards, bytes] =
                statement.query_row([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?.map(unsigned);
            Ok(HeldBytes { hosts: hosts?, shards: shards?, bytes: bytes? })
        })
    }

    /// The healthy copy of ours whose turn is longest ago, if it is due where hosts hold `held_bytes` in all; those at `resting` hosts
    /// are passed over.
    pub fn copy_to_read(
        &self,
        held_bytes: u64,
        resting: &BTreeSet<PeerId>,
    ) -> Result<Option<CopyToRead>, StoreError> {
        self.read(|connection| {
            let Some(until_s) = read_until(connection)? else { return Ok(None) };
            let now_s = sure(connection)?;
            // No copy has a smaller share: nothing is searched for where nothing can be due.
            if until_s.saturating_add(1) > now_s {
                return Ok(None);
            }
            // In this order, or all copies would be sorted for each.
            let mut statement = connection.prepare_cached(
                "SELECT g.segment_id, s.shard_index, s.root, g.shard_bytes, h.peer, h.addresses FROM shard s INDEXED BY shard_by_reading
                 CROSS JOIN segment g ON g.id = s.segment CROSS JOIN host h ON h.id = s.host
                 WHERE s.whole_s IS NOT NULL AND s.failed IS NULL AND s.state = 0 AND g.origin = 0 AND g.state > 0
                 ORDER BY s.whole_s",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if resting.contains(&PeerId::from_bytes(row.get(4)?)) {
                    continue;
                }
                let copy = copy(row)?;
                let due_s = until_s.saturating_add(share_s(copy.shard_bytes, held_bytes));
                return Ok((due_s <= now_s).then_some(copy));
            }
            Ok(None)
        })
    }

    /// Takes that a copy of `shard_bytes` was read where hosts hold `held_bytes`: the next one has its turn a share of the round
    /// later. More than a round is never caught up with.
    pub fn note_reading(&self, shard_bytes: u64, held_bytes: u64) -> Result<(), StoreError> {
        self.write_down(|transaction| {
            transaction
                .prepare_cached(
                    "UPDATE upkeep SET read_until_s = max(coalesce(read_until_s, ?2) + ?1, ?2 - ?3)",
                )?
                .execute([share_s(shard_bytes, held_bytes), sure(transaction)?, ROUND_S])?;
            Ok(((), false))
        })
    }
}

fn copy(row: &Row<'_>) -> Result<CopyToRead, StoreError> {
    let addresses: String = row.get(5)?;
    Ok(CopyToRead {
        segment: SegmentId::from_bytes(row.get(0)?),
        index: row.get(1)?,
        root: ShardRoot::from_bytes(row.get(2)?),
        shard_bytes: unsigned(row.get(3)?)?,
        host: PeerId::from_bytes(row.get(4)?),
        addresses: split_addresses(&addresses),
    })
}

fn read_until(connection: &Connection) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT read_until_s FROM upkeep WHERE only_row = 1")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// The share of the round that these bytes of all have. It is never nothing, or small shards of a large library would be read
/// without a pause: five million of them make a round of seconds.
fn share_s(shard_bytes: u64, held_bytes: u64) -> i64 {
    let share = u128::from(ROUND_S.unsigned_abs()) * u128::from(shard_bytes) / u128::from(held_bytes.max(1));
    i64::try_from(share).unwrap_or(i64::MAX).clamp(1, ROUND_S)
}

#[cfg(test)]
mod tests {
    use super::{ROUND_S, share_s};

    #[test]
    fn a_share_is_of_bytes_and_never_nothing_nor_more_than_a_round() {
        assert_eq!(share_s(1, 6), ROUND_S / 6);
        assert_eq!(share_s(1024, 20 << 30), 1);
        assert_eq!(share_s(6, 1), ROUND_S);
        assert_eq!(share_s(0, 0), 1);
    }
}
