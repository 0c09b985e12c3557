//! Maintenance: what nobody can ask for any more is let go of, in steps that leave time to change one's mind.
//!
//! Superseded versions and deleted entries are kept for 30 days. A segment that no version needs and that no upload
//! touched for 7 days is *marked*; one that stays marked for 7 days is *swept*: its shards go to the garbage queue and
//! its chunks become unknown. A commit or a question for one of its chunks takes the mark off. All ages are measured
//! on the library's own clock.

use rusqlite::params;

use crate::error::StoreError;
use crate::library::Library;
use crate::trash::{self, KEEP_S};
use crate::{clock, garbage, journal, version};

/// An unreferenced segment may be part of an upload under way: it is left alone for this long after its last use.
const UNTOUCHED_S: i64 = clock::days(7);
/// Time between mark and sweep.
const MARKED_S: i64 = clock::days(7);
/// An upload that nobody resumed for this long is given up.
const STALLED_S: i64 = clock::days(30);
/// A host that was not seen for this long and holds nothing of ours is forgotten.
const FORGET_HOST_S: i64 = clock::days(90);
/// Rows dealt with in one transaction, so that an upload waits for at most a few milliseconds.
const BATCH_ROWS: i64 = 500;
/// Deleted entries purged in one transaction: each may be a directory of many files.
const BATCH_TOPS: i64 = 50;

/// What maintenance did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Maintenance {
    /// Superseded versions let go of.
    pub versions_purged: u64,
    /// Deleted entries let go of; a directory counts as one.
    pub trash_purged: u64,
    /// Segments that nobody needs since now.
    pub segments_marked: u64,
    /// Segments that nobody needed for a week, let go of.
    pub segments_swept: u64,
    /// Uploads given up.
    pub uploads_abandoned: u64,
    /// Shards queued for deletion at their hosts.
    pub shards_queued: u64,
    /// Shards that hosts never confirmed to have dropped, given up.
    pub garbage_given_up: u64,
    /// Hosts forgotten.
    pub hosts_forgotten: u64,
}

impl Library {
    /// Looks at the clock and lets go of what is due. Call about once an hour; interrupted at any point it goes on the
    /// next time.
    pub fn maintain(&self, now_unix_s: u64) -> Result<Maintenance, StoreError> {
        self.tick(now_unix_s)?;
        let mut done = Maintenance::default();
        self.purge_versions(&mut done)?;
        self.purge_trash(&mut done)?;
        self.give_up_uploads(&mut done)?;
        self.mark_segments(&mut done)?;
        self.sweep_segments(&mut done)?;
        self.forget(&mut done)?;
        Ok(done)
    }

    fn purge_versions(&self, done: &mut Maintenance) -> Result<(), StoreError> {
        loop {
            let count = self.write(|transaction| {
                let due_s = clock::observed(transaction)?.saturating_sub(KEEP_S);
                let mut statement = transaction.prepare_cached(
                    "SELECT id FROM version WHERE superseded_s IS NOT NULL AND superseded_s <= ?1 LIMIT ?2",
                )?;
                let due = statement.query_map([due_s, BATCH_ROWS], |row| row.get(0))?;
                let due: Vec<i64> = due.collect::<Result<_, _>>()?;
                due.iter().try_for_each(|id| version::delete(transaction, *id))?;
                Ok::<_, StoreError>(due.len() as u64)
            })?;
            done.versions_purged += count;
            if count == 0 {
                return Ok(());
            }
        }
    }

    fn purge_trash(&self, done: &mut Maintenance) -> Result<(), StoreError> {
        loop {
            let count = self.write(|transaction| {
                let due_s = clock::observed(transaction)?.saturating_sub(KEEP_S);
                let due = trash::tops(transaction, due_s, BATCH_TOPS)?;
                due.iter().try_for_each(|top| trash::purge(transaction, *top).map(drop))?;
                Ok::<_, StoreError>(due.len() as u64)
            })?;
            done.trash_purged += count;
            if count == 0 {
                return Ok(());
            }
        }
    }

    fn give_up_uploads(&self, done: &mut Maintenance) -> Result<(), StoreError> {
        self.write(|transaction| {
            let due_s = clock::observed(transaction)?.saturating_sub(STALLED_S);
            let mut statement = transaction
                .prepare_cached("SELECT id, state FROM segment WHERE state < 2 AND touched_s <= ?1")?;
            let due = statement.query_map([due_s], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let due: Vec<(i64, i64)> = due.collect::<Result<_, _>>()?;
            for (segment, state) in due {
                if state == journal::PLANNED {
                    done.shards_queued += garbage::drop_segment(transaction, segment)? as u64;
                    done.uploads_abandoned += 1;
                } else {
                    journal::finish(transaction, segment)?;
                }
            }
            Ok(())
        })
    }

    fn mark_segments(&self, done: &mut Maintenance) -> Result<(), StoreError> {
        self.write(|transaction| {
            let now_s = clock::observed(transaction)?;
            let marked = transaction
                .prepare_cached(
                    "UPDATE segment SET marked_s = ?1 WHERE state > 0 AND marked_s IS NULL AND touched_s <= ?2
                        AND NOT EXISTS (SELECT 1 FROM version_segment WHERE segment = segment.id)",
                )?
                .execute(params![now_s, now_s.saturating_sub(UNTOUCHED_S)])?;
            done.segments_marked += marked as u64;
            Ok(())
        })
    }

    fn sweep_segments(&self, done: &mut Maintenance) -> Result<(), StoreError> {
        loop {
            let (swept, queued) = self.write(|transaction| {
                let due_s = clock::observed(transaction)?.saturating_sub(MARKED_S);
                let mut statement = transaction.prepare_cached(
                    "SELECT id FROM segment WHERE marked_s IS NOT NULL AND marked_s <= ?1
                        AND NOT EXISTS (SELECT 1 FROM version_segment WHERE segment = segment.id) LIMIT ?2",
                )?;
                let due = statement.query_map([due_s, BATCH_ROWS], |row| row.get(0))?;
                let due: Vec<i64> = due.collect::<Result<_, _>>()?;
                let mut queued = 0;
                for segment in &due {
                    queued += garbage::drop_segment(transaction, *segment)? as u64;
                }
                Ok::<_, StoreError>((due.len() as u64, queued))
            })?;
            done.segments_swept += swept;
            done.shards_queued += queued;
            if swept == 0 {
                return Ok(());
            }
        }
    }

    fn forget(&self, done: &mut Maintenance) -> Result<(), StoreError> {
        self.write(|transaction| {
            let now_s = clock::observed(transaction)?;
            done.garbage_given_up += transaction
                .prepare_cached("DELETE FROM garbage WHERE queued_s <= ?1")?
                .execute([now_s.saturating_sub(garbage::GIVE_UP_S)])? as u64;
            done.hosts_forgotten += transaction
                .prepare_cached(
                    "DELETE FROM host WHERE seen_s <= ?1 AND NOT EXISTS (SELECT 1 FROM shard WHERE host = host.id)
                        AND NOT EXISTS (SELECT 1 FROM garbage WHERE host = host.id)",
                )?
                .execute([now_s.saturating_sub(FORGET_HOST_S)])? as u64;
            Ok(())
        })
    }
}
