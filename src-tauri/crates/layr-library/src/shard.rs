//! Shards: where each lies and what is known of it.

use layr_codec::{SegmentId, ShardRoot};
use layr_keys::PeerId;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::audited::{self, AskedShard, AuditMark, AuditOutcome, Failure};
use crate::error::{StoreError, narrow, unsigned};
use crate::history::{self, PartEvent};
use crate::journal::{self, JournalError};
use crate::library::Library;
use crate::watch::CopyFate;
use crate::{clock, endangered, garbage, health, host, watch};

/// What the last look at a shard found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShardState {
    /// Stored and not known to be bad.
    Healthy,
    /// The host says that it has it no more.
    Missing,
    /// The host returned other bytes.
    Corrupt,
    /// The host does not answer.
    Unreachable,
}

impl ShardState {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Healthy => 0,
            Self::Missing => 1,
            Self::Corrupt => 2,
            Self::Unreachable => 3,
        }
    }

    pub(crate) fn from_code(code: i64) -> Result<Self, StoreError> {
        match code {
            0 => Ok(Self::Healthy),
            1 => Ok(Self::Missing),
            2 => Ok(Self::Corrupt),
            3 => Ok(Self::Unreachable),
            other => Err(StoreError::damaged(format!("no such shard state: {other}"))),
        }
    }
}

/// A shard that a host acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredShard {
    /// Its index, below the segment's n.
    pub index: u8,
    /// Its root, under which the host keeps it.
    pub root: ShardRoot,
    /// The host.
    pub host: PeerId,
}

/// A shard as recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShardRecord {
    /// Its index.
    pub index: u8,
    /// Its root.
    pub root: ShardRoot,
    /// Its host.
    pub host: PeerId,
    /// What the last look found.
    pub state: ShardState,
    /// When that was; none before the first look.
    pub checked_unix_s: Option<u64>,
    /// Why it does not count any more, for good.
    pub failed: Option<Failure>,
    /// A leaf that its host was asked for and has not answered.
    pub open_leaf: Option<u32>,
    /// When it was last shown to be there, by its host's acknowledgement, a leaf or all of it, on the person's clock; none if never.
    pub shown_unix_s: Option<u64>,
    /// When all of it was last read and hashed, or sent and acknowledged, on the person's clock as far as that can be told: ages are kept
    /// on the library's own. None where that is not known, and of what others stored.
    pub whole_unix_s: Option<u64>,
}

/// What a look at a shard found. Anything but a healthy one is hearsay, which [`Library::note_audit`] is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShardMark {
    /// Its segment.
    pub segment: SegmentId,
    /// Its index.
    pub index: u8,
    /// The host that was asked; a mark of a host that no longer holds the shard is ignored.
    pub host: PeerId,
    /// The shard that was asked for; none where only the place is known.
    pub shard: Option<AskedShard>,
    /// What was found.
    pub state: ShardState,
}

impl Library {
    /// Records shards that hosts acknowledged, all or none. Repeating it changes nothing.
    ///
    /// Every index has one home. When another host holds a healthy copy already, that one stays and the new copy goes
    /// to the garbage queue; a copy that is missing, corrupt or unreachable is replaced and goes there itself. A
    /// safe segment whose last shard arrives is finished.
    pub fn shards_stored(&self, segment: &SegmentId, shards: &[StoredShard]) -> Result<(), JournalError> {
        self.store_all(segment, shards, None)
    }

    /// As [`Library::shards_stored`], of shards of which `from` keeps good copies: these give way and go to the garbage queue. In one
    /// step, so that the segment never has a shard less.
    pub fn shards_moved(
        &self,
        segment: &SegmentId,
        from: &PeerId,
        shards: &[StoredShard],
    ) -> Result<(), JournalError> {
        self.store_all(segment, shards, Some(from))
    }

    fn store_all(
        &self,
        segment: &SegmentId,
        shards: &[StoredShard],
        from: Option<&PeerId>,
    ) -> Result<(), JournalError> {
        self.write(|transaction| {
            let (row, _) = journal::own_segment(transaction, segment)?
                .ok_or(JournalError::UnknownSegment { segment: *segment })?;
            let n: u8 = transaction
                .prepare_cached("SELECT n FROM segment WHERE id = ?1")?
                .query_row([row], |row| row.get(0))?;
            let from = from.map(|from| host::row_of(transaction, from, &[])).transpose()?;
            for shard in shards {
                if shard.index >= n {
                    return Err(JournalError::NoSuchShard { segment: *segment, index: shard.index });
                }
                store(transaction, row, shard, from)?;
            }
            transaction
                .prepare_cached("UPDATE segment SET touched_s = ?2 WHERE id = ?1")?
                .execute([row, clock::observed(transaction)?])?;
            recount(transaction, row)?;
            journal::finish_if_complete(transaction, row)?;
            Ok(())
        })
    }

    /// Records what looks at shards found; `now_unix_s` is shown as the time of the look. A copy that was read whole has
    /// answered an open question, too; one that failed stays as it is. Returns how many marks applied.
    pub fn mark_shards(&self, marks: &[ShardMark], now_unix_s: u64) -> Result<usize, StoreError> {
        self.write_down(|transaction| {
            let heard = |mark: &ShardMark| {
                let ShardMark { segment, index, host, shard, state } = *mark;
                let outcome = match state {
                    ShardState::Healthy => AuditOutcome::ReadWhole,
                    other => AuditOutcome::Heard(other),
                };
                AuditMark { segment, index, host, shard, outcome }
            };
            let noted = audited::note_all(transaction, marks.iter().map(heard), now_unix_s)?;
            Ok((noted.applied, noted.is_news))
        })
    }
}

fn store(
    transaction: &Transaction<'_>,
    segment: i64,
    shard: &StoredShard,
    from: Option<i64>,
) -> Result<(), StoreError> {
    let host = host::row_of(transaction, &shard.host, &[])?;
    let mut present = transaction.prepare_cached(
        "SELECT s.host, s.root, s.state, h.peer FROM shard s JOIN host h ON h.id = s.host
             WHERE s.segment = ?1 AND s.shard_index = ?2",
    )?;
    let held: Option<(i64, [u8; 32], i64, [u8; 32])> = present
        .query_row(params![segment, shard.index], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    match held {
        Some((keeper, _, state, _))
            if keeper != host
                && Some(keeper) != from
                && ShardState::from_code(state)? == ShardState::Healthy =>
        {
            if watch::note_spare(transaction, &shard.root, &shard.host)? {
                return Ok(());
            }
            return garbage::queue(transaction, shard.root.as_bytes(), host);
        }
        Some((keeper, root, ..)) if (keeper, &root) != (host, shard.root.as_bytes()) => {
            garbage::queue(transaction, &root, keeper)?;
        }
        _ => {}
    }
    // What this host was to drop before, it is to keep now.
    transaction
        .prepare_cached("DELETE FROM garbage WHERE root = ?1 AND host = ?2")?
        .execute(params![shard.root.as_bytes(), host])?;
    let changed = transaction
        .prepare_cached(
            "INSERT INTO shard (segment, shard_index, root, host, state, whole_s, shown_unix_s)
             VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6)
             ON CONFLICT (segment, shard_index) DO UPDATE SET root = ?3, host = ?4, state = 0, checked_unix_s = NULL,
                failed = NULL, proven_s = NULL, open_leaf = NULL, open_since_s = NULL, open_asked_s = NULL,
                open_attempts = 0, open_due_s = 0, whole_s = ?5, shown_unix_s = ?6 WHERE (root, host, state) IS NOT (?3, ?4, 0)",
        )?
        .execute(params![
            segment,
            shard.index,
            shard.root.as_bytes(),
            host,
            clock::observed(transaction)?,
            health::now_unix_s(transaction)?
        ])?;
    if changed > 0 {
        watch::note(transaction, segment, (shard.index, &shard.root, &shard.host), CopyFate::Placed)?;
    }
    if let Some((keeper, _, _, peer)) = held
        && keeper != host
    {
        let peer = PeerId::from_bytes(peer);
        let is_moved = Some(keeper) == from;
        let event =
            if is_moved { PartEvent::Moved { from: peer } } else { PartEvent::Renewed { from: peer } };
        history::note(transaction, (segment, shard.index), event, &shard.host)?;
    }
    Ok(())
}

/// Keeps the segment's count of healthy shards, and what follows from it. Returns whether its
/// health was old, and is not any more.
pub(crate) fn recount(transaction: &Transaction<'_>, segment: i64) -> Result<bool, StoreError> {
    transaction
        .prepare_cached(
            "UPDATE segment SET alive = (SELECT count(*) FROM shard WHERE segment = ?1 AND state = 0) WHERE id = ?1",
        )?
        .execute([segment])?;
    endangered::note(transaction, segment)?;
    health::note_shown(transaction, segment)
}

/// The shards of a segment, by index.
pub(crate) fn of_segment(connection: &Connection, segment: i64) -> Result<Vec<ShardRecord>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT s.shard_index, s.root, h.peer, s.state, s.checked_unix_s, s.failed, s.open_leaf, s.shown_unix_s,
            (SELECT max(wall_s - max(observed_s - s.whole_s, 0), 0) FROM clock WHERE s.whole_s > 0)
         FROM shard s JOIN host h ON h.id = s.host
         WHERE s.segment = ?1 ORDER BY s.shard_index",
    )?;
    let mut rows = statement.query([segment])?;
    let mut shards = Vec::new();
    while let Some(row) = rows.next()? {
        shards.push(ShardRecord {
            index: narrow(row.get(0)?)?,
            root: ShardRoot::from_bytes(row.get(1)?),
            host: PeerId::from_bytes(row.get(2)?),
            state: ShardState::from_code(row.get(3)?)?,
            checked_unix_s: row.get::<_, Option<i64>>(4)?.map(unsigned).transpose()?,
            failed: row.get::<_, Option<i64>>(5)?.map(Failure::from_code).transpose()?,
            open_leaf: row.get(6)?,
            shown_unix_s: row.get::<_, Option<i64>>(7)?.map(unsigned).transpose()?,
            whole_unix_s: row.get::<_, Option<i64>>(8)?.map(unsigned).transpose()?,
        });
    }
    Ok(shards)
}

/// The acknowledged shards of a segment, by index; those whose copies failed are to be sent again.
pub(crate) fn stored(connection: &Connection, segment: i64) -> Result<Vec<StoredShard>, StoreError> {
    let shards = of_segment(connection, segment)?.into_iter().filter(|shard| shard.failed.is_none());
    Ok(shards.map(|ShardRecord { index, root, host, .. }| StoredShard { index, root, host }).collect())
}
