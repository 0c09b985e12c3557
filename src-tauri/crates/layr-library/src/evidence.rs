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

/// What remains of the sums a day later: half after five weeks. By time and not by leaves, so that who holds much and fails at once
/// is not excused by the same look, and who holds nothing any more is not blamed for ever.
const KEPT_PER_DAY: f64 = 0.98;
/// Longest time from look to look that counts as watching: a host that holds nothing is not looked at.
const MOST_WATCHED_S: i64 = clock::days(7);

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
    /// Seconds since a copy was last missing or damaged, on the library's own clock.
    pub failed_ago_s: Option<u64>,
    /// Seconds since it first proved anything, on the library's own clock.
    pub proven_for_s: u64,
}

/// Whether a host was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostPresence {
    /// It answered.
    There,
    /// It did not.
    Away,
    /// It answered that it has too much to do, which says nothing in either direction.
    Busy,
}

/// What one look at a host without anybody's asking showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostLook {
    /// Whether it was the daily sample, of which it is counted whether the host was there. Other looks come the more often the
    /// longer a host is away, and would count that many times.
    pub is_sample: bool,
    /// Whether it answered.
    pub presence: HostPresence,
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
    max((SELECT observed_s FROM clock) - e.failed_s, 0),
    coalesce(max((SELECT observed_s FROM clock) - e.first_proven_s, 0), 0)";

/// Evidence from [`COLUMNS`], of which the first is column `first`.
pub(crate) fn read(row: &Row<'_>, first: usize) -> Result<HostEvidence, StoreError> {
    Ok(HostEvidence {
        passed: row.get(first)?,
        failed: row.get(first + 1)?,
        up: row.get(first + 2)?,
        down: row.get(first + 3)?,
        proven_leaves: unsigned(row.get(first + 4)?)?,
        corrupt_copies: unsigned(row.get(first + 5)?)?,
        failed_ago_s: row.get::<_, Option<i64>>(first + 6)?.map(unsigned).transpose()?,
        proven_for_s: unsigned(row.get(first + 7)?)?,
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
        let is_seen = missing + corrupt > 0;
        transaction
            .prepare_cached(
                "INSERT INTO evidence (host, failed, corrupt_copies, failed_s) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (host) DO UPDATE SET failed = failed + ?2, corrupt_copies = corrupt_copies + ?3,
                    failed_s = coalesce(?4, failed_s)",
            )?
            .execute(params![
                host,
                float(missing + corrupt),
                signed("a number of copies", corrupt)?,
                is_seen.then_some(now_s)
            ])?;
        note_lost(transaction, host, failures.len() as u64)?;
    }
    Ok(())
}

/// Counts the share of its copies that a host lost. What it loses bit by bit comes to one host at most.
fn note_lost(transaction: &Transaction<'_>, host: i64, lost: u64) -> Result<(), StoreError> {
    let left: i64 = transaction
        .prepare_cached(
            "SELECT count(*) FROM shard s JOIN segment g ON g.id = s.segment
             WHERE s.host = ?1 AND s.failed IS NULL AND g.origin = 0 AND g.state > 0",
        )?
        .query_row([host], |row| row.get(0))?;
    let surviving: f64 = transaction
        .prepare_cached("SELECT surviving FROM evidence WHERE host = ?1")?
        .query_row([host], |row| row.get(0))?;
    let left = float(unsigned(left)?);
    let after = surviving * left / (float(lost) + left);
    transaction
        .prepare_cached("UPDATE evidence SET surviving = ?2 WHERE host = ?1")?
        .execute(params![host, after])?;
    transaction
        .prepare_cached("UPDATE upkeep SET hosts_lost = hosts_lost + ?1")?
        .execute([(surviving - after).max(0.0)])?;
    Ok(())
}

fn note_look(transaction: &Transaction<'_>, host: i64, look: &HostLook) -> Result<(), StoreError> {
    let now_s = clock::observed(transaction)?;
    transaction.prepare_cached("INSERT OR IGNORE INTO evidence (host) VALUES (?1)")?.execute([host])?;
    let looked_s: Option<i64> = transaction
        .prepare_cached("SELECT looked_s FROM evidence WHERE host = ?1")?
        .query_row([host], |row| row.get(0))?;
    let since_s = looked_s.map_or(0, |looked_s| now_s.saturating_sub(looked_s).max(0));
    let kept = KEPT_PER_DAY.powf(float(unsigned(since_s)?) / float(unsigned(clock::days(1))?));
    let is = |presence| look.is_sample && look.presence == presence;
    transaction
        .prepare_cached(
            "UPDATE evidence SET passed = passed * ?2 + ?3, failed = failed * ?2, up = up * ?2 + ?4, down = down * ?2 + ?5,
                busy = CASE WHEN ?6 THEN busy + 1 WHEN ?7 THEN 0 ELSE busy END, surviving = min(1.0, 1.0 - (1.0 - surviving) * ?2),
                proven_leaves = proven_leaves + ?3, looked_s = ?8,
                first_proven_s = coalesce(first_proven_s, CASE WHEN ?3 > 0 THEN ?8 END) WHERE host = ?1",
        )?
        .execute(params![
            host,
            kept,
            signed("a number of leaves", look.proven_leaves)?,
            is(HostPresence::There),
            is(HostPresence::Away),
            is(HostPresence::Busy),
            look.is_sample,
            now_s
        ])?;
    transaction
        .prepare_cached("UPDATE upkeep SET watched_s = watched_s + ?1")?
        .execute([since_s.min(MOST_WATCHED_S)])?;
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

#[expect(clippy::cast_precision_loss, reason = "counts and seconds stay far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}
