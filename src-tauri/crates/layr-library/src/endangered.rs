//! Segments that have too few healthy shards to be safe, and since when.
//!
//! What cannot be reached is waited for, since it may come back, and a day of it costs nothing while enough is there. Where the
//! healthy shards alone leave little to spare, the wait ends after [`AT_RISK_GRACE_S`] on the [sure clock](crate::sure_clock):
//! the grace protects against work for nothing, not against loss.

use std::collections::BTreeSet;

use layr_codec::{Profile, SegmentId};
use rusqlite::{Connection, Transaction};

use crate::error::StoreError;
use crate::health;
use crate::info::{self, SegmentRecord};
use crate::journal;
use crate::library::Library;
use crate::sure_clock::sure;

/// What is at risk for so long is repaired without those that may come back: a night of hosts that are switched off, and a third of
/// the time after which they are given up.
const AT_RISK_GRACE_S: i64 = 8 * 60 * 60;

impl Library {
    /// Segments of ours that a file needs, of which copies failed or that were at risk for 8 h, and that are `due`; at most `limit`,
    /// the most endangered first, and those last that are lost as things stand: thousands of them keep nothing else waiting. Shards are
    /// read only of those that do not rest, and that either were at risk for so long or `may_be_due` by how many of their shards neither
    /// failed nor lack a host: hundreds of thousands of segments may have lost one. What may not be due with some may not with more.
    pub fn segments_to_repair(
        &self,
        resting: &BTreeSet<SegmentId>,
        may_be_due: impl Fn(Profile, usize) -> bool,
        due: impl Fn(&SegmentRecord) -> bool,
        limit: usize,
    ) -> Result<Vec<SegmentRecord>, StoreError> {
        self.read(|connection| {
            let at_risk_s = sure(connection)?.saturating_sub(AT_RISK_GRACE_S);
            let mut wanting = Vec::new();
            for row in may_want_repair(connection, at_risk_s, resting, &may_be_due)? {
                wanting.extend(wanting_repair(connection, at_risk_s, row, &may_be_due)?);
            }
            wanting.sort_unstable();
            let mut statement = connection.prepare_cached(
                "SELECT id, segment_id, k, n, len_bytes, origin FROM segment WHERE id = ?1",
            )?;
            let mut found = Vec::new();
            for Wanting { row, .. } in wanting {
                if found.len() == limit {
                    break;
                }
                let mut rows = statement.query([row])?;
                let Some(row) = rows.next()? else { continue };
                let segment = info::record(connection, row)?;
                if due(&segment) {
                    found.push(segment);
                }
            }
            Ok(found)
        })
    }
}

/// Rows of segments that lost something and would be due if none came back of those that are not healthy now, and of those long at risk.
/// Hardly ever are there any, and every segment that lost something is looked at for it: no more than its own row is read.
fn may_want_repair(
    connection: &Connection,
    at_risk_s: i64,
    resting: &BTreeSet<SegmentId>,
    may_be_due: impl Fn(Profile, usize) -> bool,
) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT s.segment_id, s.k, s.n, s.alive, coalesce(s.endangered_s <= ?1, FALSE), s.id FROM segment s
         WHERE s.id IN (SELECT segment FROM shard WHERE failed IS NOT NULL
            UNION SELECT id FROM segment WHERE endangered_s <= ?1 AND alive >= k) AND s.origin = 0",
    )?;
    let mut rows = statement.query([at_risk_s])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let profile = journal::profile(row.get(1)?, row.get(2)?)?;
        let may_be = row.get(4)? || may_be_due(profile, usize::from(row.get::<_, u8>(3)?));
        if may_be && !resting.contains(&SegmentId::from_bytes(row.get(0)?)) {
            found.push(row.get(5)?);
        }
    }
    Ok(found)
}

/// A segment that may be due, in the order of danger; of lost ones none goes before others.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Wanting {
    is_lost: bool,
    rank: i64,
    row: i64,
}

/// The segment of this row, if a file needs it and it may be due with all that stands of it.
fn wanting_repair(
    connection: &Connection,
    at_risk_s: i64,
    row: i64,
    may_be_due: impl Fn(Profile, usize) -> bool,
) -> Result<Option<Wanting>, StoreError> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT s.k, s.n, (SELECT count(*) FROM shard WHERE segment = s.id AND failed IS NULL),
            coalesce(s.endangered_s <= ?2, FALSE), s.alive < s.k, ",
        health::rank_sql!(),
        " FROM segment s WHERE s.id = ?1 AND EXISTS (SELECT 1 FROM version_segment WHERE segment = s.id)"
    ))?;
    let mut rows = statement.query([row, at_risk_s])?;
    let Some(found) = rows.next()? else { return Ok(None) };
    let profile = journal::profile(found.get(0)?, found.get(1)?)?;
    let may_be = found.get(3)? || may_be_due(profile, usize::from(found.get::<_, u8>(2)?));
    Ok(may_be.then_some(Wanting { is_lost: found.get(4)?, rank: found.get(5)?, row }))
}

/// Keeps since when a segment is not safe, after its count of healthy shards: what was so before stays as old as it is.
pub(crate) fn note(transaction: &Transaction<'_>, segment: i64) -> Result<(), StoreError> {
    transaction
        .prepare_cached(concat!(
            "UPDATE segment AS s SET endangered_s = iif(s.endangered_s IS NULL, ?2, NULL)
             WHERE s.id = ?1 AND (s.endangered_s IS NULL) = (",
            health::is_in_danger_sql!(),
            ")"
        ))?
        .execute([segment, sure(transaction)?])?;
    Ok(())
}

/// Whether the healthy shards of a segment suffice, and have been few for [`AT_RISK_GRACE_S`].
pub(crate) fn is_long_at_risk(connection: &Connection, segment: i64) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM segment WHERE id = ?1 AND endangered_s <= ?2 AND alive >= k)",
    )?;
    let since_s = sure(connection)?.saturating_sub(AT_RISK_GRACE_S);
    Ok(statement.query_row([segment, since_s], |row| row.get(0))?)
}
