//! What hosts have shown of themselves: who proves what it holds, who is there when it is asked, and how many were lost.
//!
//! Only copies of our own segments count. A segment that somebody shared names hosts and roots as its maker likes, and what is
//! not found there says nothing of the host.

use std::collections::BTreeMap;

use layr_keys::PeerId;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::audited::{FailedCopy, Failure};
use crate::clock;
use crate::error::{StoreError, signed, unsigned};
use crate::library::Library;

/// What remains of earlier leaves after each later one: half after 693, five weeks of daily samples. Who turns bad is known
/// within days, however long it was good.
const KEPT_PER_LEAF: f64 = 0.999;
/// What remains of earlier looks after each later one: half after ten weeks of daily ones.
const KEPT_PER_LOOK: f64 = 0.99;

/// What one host has shown.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HostEvidence {
    /// Leaves proven, faded.
    pub passed: f64,
    /// Copies that it said were missing, or showed to be damaged, faded as leaves are.
    pub failed: f64,
    /// Daily looks at which it answered, faded.
    pub up: f64,
    /// Daily looks at which it did not, faded.
    pub down: f64,
    /// Leaves proven in all; never fades.
    pub proven_leaves: u64,
    /// Copies that were damaged; never fades.
    pub corrupt_copies: u64,
    /// Seconds since the last of them, on the library's own clock.
    pub corrupt_ago_s: Option<u64>,
    /// Seconds since it first proved anything, on the library's own clock.
    pub proven_for_s: u64,
}

/// What one look at a host without anybody's asking showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostLook {
    /// Whether it was the daily sample, of which it is counted whether the host was there. Other looks come the more often the
    /// longer a host is away, and would count that many times.
    pub is_sample: bool,
    /// Whether it answered.
    pub is_up: bool,
    /// Leaves of our own shards that it proved.
    pub proven_leaves: u64,
}

/// How many hosts were lost in how much time under watch.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HostLosses {
    /// Hosts lost; of one that lost a part of its copies, that part.
    pub hosts_lost: f64,
    /// Time under watch over all hosts, in seconds of the library's own clock.
    pub watched_s: u64,
}

impl Library {
    /// Records a look at a host. One that is not known is ignored.
    pub fn note_host_look(&self, peer: &PeerId, look: &HostLook) -> Result<(), StoreError> {
        self.write_down(|transaction| {
            if let Some(host) = row_of(transaction, peer)? {
                note_look(transaction, host, look)?;
            }
            Ok(((), false))
        })
    }

    /// Hosts lost so far.
    pub fn host_losses(&self) -> Result<HostLosses, StoreError> {
        self.read(|connection| {
            let (hosts_lost, watched_s): (f64, i64) = connection
                .prepare_cached("SELECT hosts_lost, watched_s FROM upkeep WHERE only_row = 1")?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(HostLosses { hosts_lost, watched_s: unsigned(watched_s)? })
        })
    }
}

/// The columns of a host `h` with its row `e` of evidence, as [`read`] takes them.
pub(crate) const COLUMNS: &str =
    "coalesce(e.passed, 0.0), coalesce(e.failed, 0.0), coalesce(e.up, 0.0), coalesce(e.down, 0.0),
    coalesce(e.proven_leaves, 0), coalesce(e.corrupt_copies, 0),
    coalesce(max((SELECT observed_s FROM clock) - e.first_proven_s, 0), 0),
    max((SELECT observed_s FROM clock) - e.corrupt_s, 0)";

/// Evidence from [`COLUMNS`], of which the first is column `first`.
pub(crate) fn read(row: &Row<'_>, first: usize) -> Result<HostEvidence, StoreError> {
    Ok(HostEvidence {
        passed: row.get(first)?,
        failed: row.get(first + 1)?,
        up: row.get(first + 2)?,
        down: row.get(first + 3)?,
        proven_leaves: unsigned(row.get(first + 4)?)?,
        corrupt_copies: unsigned(row.get(first + 5)?)?,
        proven_for_s: unsigned(row.get(first + 6)?)?,
        corrupt_ago_s: row.get::<_, Option<i64>>(first + 7)?.map(unsigned).transpose()?,
    })
}

/// Takes copies of our own segments that failed just now, and are recorded as such already.
pub(crate) fn note_failed(transaction: &Transaction<'_>, failed: &[FailedCopy]) -> Result<(), StoreError> {
    let now_s = clock::observed(transaction)?;
    let mut by_host: BTreeMap<PeerId, Vec<Failure>> = BTreeMap::new();
    for copy in failed {
        by_host.entry(copy.host).or_default().push(copy.failure);
    }
    for (peer, failures) in by_host {
        let Some(host) = row_of(transaction, &peer)? else { continue };
        let of = |failure| failures.iter().filter(|other| **other == failure).count() as u64;
        let (missing, corrupt) = (of(Failure::Missing), of(Failure::Corrupt));
        let (passed, before): (f64, f64) = faded(transaction, host)?;
        let kept = fading(KEPT_PER_LEAF, missing + corrupt);
        transaction
            .prepare_cached(
                "INSERT INTO evidence (host, passed, failed, corrupt_copies, corrupt_s) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (host) DO UPDATE SET passed = ?2, failed = ?3, corrupt_copies = corrupt_copies + ?4,
                    corrupt_s = coalesce(?5, corrupt_s)",
            )?
            .execute(params![
                host,
                passed * kept,
                before * kept + float(missing + corrupt),
                signed("a number of copies", corrupt)?,
                (corrupt > 0).then_some(now_s)
            ])?;
        let left: i64 = transaction
            .prepare_cached(
                "SELECT count(*) FROM shard s JOIN segment g ON g.id = s.segment
                 WHERE s.host = ?1 AND s.failed IS NULL AND g.origin = 0 AND g.state > 0",
            )?
            .query_row([host], |row| row.get(0))?;
        let lost = failures.len() as u64;
        transaction.prepare_cached("UPDATE upkeep SET hosts_lost = hosts_lost + ?1")?.execute([float(
            lost,
        ) / float(
            lost + unsigned(left)?,
        )])?;
    }
    Ok(())
}

fn note_look(transaction: &Transaction<'_>, host: i64, look: &HostLook) -> Result<(), StoreError> {
    let now_s = clock::observed(transaction)?;
    let (passed, failed) = faded(transaction, host)?;
    let leaves = fading(KEPT_PER_LEAF, look.proven_leaves);
    let looked_s: Option<i64> = transaction
        .prepare_cached("SELECT looked_s FROM evidence WHERE host = ?1")?
        .query_row([host], |row| row.get(0))
        .optional()?
        .flatten();
    let (looks, is_up, is_down) = if look.is_sample {
        (KEPT_PER_LOOK, f64::from(u8::from(look.is_up)), f64::from(u8::from(!look.is_up)))
    } else {
        (1.0, 0.0, 0.0)
    };
    transaction
        .prepare_cached(
            "INSERT INTO evidence (host, passed, failed, up, down, proven_leaves, first_proven_s, looked_s)
             VALUES (?1, ?2, ?3, ?5, ?6, ?7, CASE WHEN ?7 > 0 THEN ?8 END, ?8)
             ON CONFLICT (host) DO UPDATE SET passed = ?2, failed = ?3, up = up * ?4 + ?5, down = down * ?4 + ?6,
                proven_leaves = proven_leaves + ?7, first_proven_s = coalesce(first_proven_s, excluded.first_proven_s),
                looked_s = ?8",
        )?
        .execute(params![
            host,
            passed * leaves + float(look.proven_leaves),
            failed * leaves,
            looks,
            is_up,
            is_down,
            signed("a number of leaves", look.proven_leaves)?,
            now_s
        ])?;
    let watched_s = looked_s.map_or(0, |looked_s| now_s.saturating_sub(looked_s).max(0));
    transaction.prepare_cached("UPDATE upkeep SET watched_s = watched_s + ?1")?.execute([watched_s])?;
    if look.is_sample {
        transaction
            .prepare_cached("UPDATE host SET sampled_s = ?2 WHERE id = ?1")?
            .execute(params![host, now_s])?;
    }
    Ok(())
}

fn row_of(connection: &Connection, peer: &PeerId) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM host WHERE peer = ?1")?;
    Ok(statement.query_row([peer.as_bytes()], |row| row.get(0)).optional()?)
}

/// The faded sums of leaves and failures.
fn faded(connection: &Connection, host: i64) -> Result<(f64, f64), StoreError> {
    let mut statement = connection.prepare_cached("SELECT passed, failed FROM evidence WHERE host = ?1")?;
    let known = statement.query_row([host], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(known.unwrap_or_default())
}

/// What remains after so many steps.
fn fading(kept: f64, steps: u64) -> f64 {
    kept.powi(i32::try_from(steps).unwrap_or(i32::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "counts of leaves and copies stay far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}
