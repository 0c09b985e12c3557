//! What audits find out about copies, and when they are due.
//!
//! Only evidence ends a copy for good: its host's own word that it is missing or damaged, bytes that do not hash, or a question that
//! stays without an answer for [`GRACE_S`] and [`GRACE_ATTEMPTS`] attempts on the [sure clock](crate::sure_clock), so that no
//! absence of ours ends anything. One question a copy stays open until it is answered: a host cannot put off what it has lost until
//! something easier is drawn.

use std::collections::BTreeSet;

use layr_codec::{SegmentId, ShardRoot};
use layr_keys::PeerId;
use rusqlite::{Connection, Row, Transaction, params};

use crate::clock;
use crate::error::{StoreError, narrow, signed, unsigned};
use crate::evidence;
use crate::history::{self, PartEvent};
use crate::library::Library;
use crate::shard::{ShardState, recount};
use crate::sure_clock::sure;
use crate::watch::{self, CopyFate};

/// A question without an answer for so long ends a copy.
const GRACE_S: i64 = clock::days(1);
/// And only after so many attempts, which span more than 17 h, the last of them after that time.
const GRACE_ATTEMPTS: i64 = 5;
/// The wait before the next attempt, by the number of those before.
fn wait_s(attempts: i64) -> i64 {
    match attempts {
        0 => 0,
        1 => 900,
        2 => 3600,
        3 => 14_400,
        // So that one attempt comes just after the grace.
        5 => 25_200,
        _ => 43_200,
    }
}
/// A sample of each host is drawn once a day.
const SAMPLE_EVERY_S: i64 = clock::days(1);

/// Why a copy does not count any more, for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// Its host said that it does not have it.
    Missing,
    /// Its host said that it is damaged, or sent something else.
    Corrupt,
    /// Its host did not answer for too long.
    WrittenOff,
}

impl Failure {
    pub(crate) fn code(self) -> i64 {
        match self {
            Self::Missing => 1,
            Self::Corrupt => 2,
            Self::WrittenOff => 3,
        }
    }

    /// How such a copy is shown.
    pub(crate) fn state(self) -> ShardState {
        match self {
            Self::Missing => ShardState::Missing,
            Self::Corrupt => ShardState::Corrupt,
            Self::WrittenOff => ShardState::Unreachable,
        }
    }

    pub(crate) fn from_code(code: i64) -> Result<Self, StoreError> {
        match code {
            1 => Ok(Self::Missing),
            2 => Ok(Self::Corrupt),
            3 => Ok(Self::WrittenOff),
            other => Err(StoreError::damaged(format!("no such failure: {other}"))),
        }
    }
}

/// What an audit found of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditOutcome {
    /// Everything asked for was proven. Of a question that is open this answers the one alone that was asked: another audit may have
    /// left one open meanwhile, which this host was not asked.
    Proven {
        /// A leaf among it: the one that was open when its host was asked, where there was one.
        leaf: u32,
    },
    /// All of it was read and hashes to its root, which answers every question.
    ReadWhole,
    /// The copy failed.
    Failed(Failure),
    /// This leaf was not answered.
    Open {
        /// Its number.
        leaf: u32,
    },
    /// Somebody says so, which is no evidence: it makes the copy's question due at once.
    Heard(ShardState),
}

/// A shard as it was asked for. A segment that somebody else shared may bear the id of one of ours and name other shards, or the same
/// ones with another size, of which an honest host proves what is wrong for that size: neither says anything of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedShard {
    /// Its root.
    pub root: ShardRoot,
    /// Its size in bytes, as the segment has it.
    pub shard_bytes: u64,
}

/// A finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditMark {
    /// The segment.
    pub segment: SegmentId,
    /// The shard's index.
    pub index: u8,
    /// The host that was asked; a mark of a host that no longer holds the shard is ignored.
    pub host: PeerId,
    /// The shard that was asked for. None where only the place is known.
    pub shard: Option<AskedShard>,
    /// What was found.
    pub outcome: AuditOutcome,
}

/// A copy that failed just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedCopy {
    /// The segment.
    pub segment: SegmentId,
    /// The shard's index.
    pub index: u8,
    /// The shard.
    pub root: ShardRoot,
    /// Who held it.
    pub host: PeerId,
    /// How it failed.
    pub failure: Failure,
}

/// A copy as an audit needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldShard {
    /// The segment.
    pub segment: SegmentId,
    /// The shard's index.
    pub index: u8,
    /// The shard.
    pub root: ShardRoot,
    /// Its size in bytes.
    pub shard_bytes: u64,
    /// A leaf that was asked for and not answered.
    pub open_leaf: Option<u32>,
    /// Whether its question is to be put now: an open one whose wait is over, or one about something that was only heard.
    pub is_due: bool,
    /// For how long nothing of it has been proven; none if nothing ever was.
    pub proven_ago_s: Option<u64>,
}

/// A host that is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostDue {
    /// Who.
    pub peer: PeerId,
    /// Where it was last dialled.
    pub addresses: Vec<String>,
    /// Whether a sample of all its shards is due, and not only single questions.
    pub is_sample_due: bool,
    /// Daily looks in a row at which it had too much to do.
    pub busy_in_a_row: u32,
}

impl Library {
    /// Records what an audit found; all of it or nothing.
    pub fn note_audit(&self, marks: &[AuditMark], now_unix_s: u64) -> Result<Noted, StoreError> {
        self.write_down(|transaction| {
            let noted = note_all(transaction, marks.iter().copied(), now_unix_s)?;
            let is_news = noted.is_news;
            Ok((noted, is_news))
        })
    }

    /// Ends copies whose question stayed open for too long. Not to be called while our own network is in doubt.
    pub fn write_off(&self) -> Result<Vec<FailedCopy>, StoreError> {
        // Asked each minute, and hardly ever is there anything to write.
        if self.read(overdue)?.is_empty() {
            return Ok(Vec::new());
        }
        self.write(|transaction| {
            let overdue = overdue(transaction)?;
            let mut update = transaction
                .prepare_cached("UPDATE shard SET failed = ?3 WHERE segment = ?1 AND shard_index = ?2")?;
            for Overdue { copy, segment, .. } in &overdue {
                update.execute(params![segment, copy.index, Failure::WrittenOff.code()])?;
                let fate = CopyFate::Failed(copy.failure);
                watch::note(transaction, *segment, (copy.index, &copy.root, &copy.host), fate)?;
                let event = PartEvent::Failed(Failure::WrittenOff);
                history::note(transaction, (*segment, copy.index), event, &copy.host)?;
            }
            let ours: Vec<FailedCopy> =
                overdue.iter().filter(|one| one.is_ours).map(|one| one.copy).collect();
            evidence::note_failed(transaction, &ours)?;
            Ok(overdue.into_iter().map(|one| one.copy).collect())
        })
    }

    /// Hosts of which something is to be asked now, at most `limit`: those with open questions first, then those whose sample
    /// is the oldest.
    pub fn hosts_to_audit(&self, limit: usize) -> Result<Vec<HostDue>, StoreError> {
        self.read(|connection| {
            let sample_due_s = clock::observed(connection)?.saturating_sub(SAMPLE_EVERY_S);
            let mut statement = connection.prepare_cached(
                "WITH asking AS MATERIALIZED (SELECT DISTINCT s.host FROM shard s INDEXED BY shard_in_question
                    CROSS JOIN segment g ON g.id = s.segment
                    WHERE s.failed IS NULL AND s.state <> 0 AND s.open_due_s <= ?2 AND g.origin = 0 AND g.state > 0)
                 SELECT h.peer, h.addresses, coalesce(h.sampled_s, 0) <= ?1, h.id IN (SELECT host FROM asking) AS asks,
                    coalesce((SELECT busy FROM evidence WHERE host = h.id), 0)
                 FROM host h WHERE (asks OR coalesce(h.sampled_s, 0) <= ?1)
                    AND EXISTS (SELECT 1 FROM shard s INDEXED BY shard_standing CROSS JOIN segment g ON g.id = s.segment
                        WHERE s.host = h.id AND s.failed IS NULL AND g.origin = 0 AND g.state > 0)
                 ORDER BY asks DESC, coalesce(h.sampled_s, 0), h.id LIMIT ?3",
            )?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut rows = statement.query([sample_due_s, sure(connection)?, limit])?;
            let mut due = Vec::new();
            while let Some(row) = rows.next()? {
                let addresses: String = row.get(1)?;
                due.push(HostDue {
                    peer: PeerId::from_bytes(row.get(0)?),
                    addresses: crate::host::split_addresses(&addresses),
                    is_sample_due: row.get(2)?,
                    busy_in_a_row: row.get(4)?,
                });
            }
            Ok(due)
        })
    }

    /// Hosts with copies of ours that did not fail, and where they were last dialled; `limit` of them, or all where there are fewer.
    pub fn holders(&self, limit: usize) -> Result<Vec<(PeerId, Vec<String>)>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT h.peer, h.addresses FROM host h WHERE EXISTS (SELECT 1
                    FROM shard s INDEXED BY shard_standing CROSS JOIN segment g ON g.id = s.segment
                    WHERE s.host = h.id AND s.failed IS NULL AND g.origin = 0 AND g.state > 0)
                 LIMIT ?1",
            )?;
            let read = |row: &Row<'_>| Ok((PeerId::from_bytes(row.get(0)?), row.get::<_, String>(1)?));
            let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], read)?;
            let hosts = rows.map(|row| row.map(|(peer, text)| (peer, crate::host::split_addresses(&text))));
            Ok(hosts.collect::<Result<_, _>>()?)
        })
    }

    /// Our copies at a host that did not fail, ascending by root.
    pub fn held_by(&self, peer: &PeerId) -> Result<Vec<HeldShard>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT g.segment_id, s.shard_index, s.root, g.shard_bytes, s.open_leaf,
                    s.state <> 0 AND s.open_due_s <= ?2,
                    max(?3 - s.proven_s,
                        iif(s.state = 0, coalesce(abs((SELECT wall_s FROM clock) - s.shown_unix_s), 0), 0))
                 FROM shard s JOIN segment g ON g.id = s.segment
                 WHERE s.host = (SELECT id FROM host WHERE peer = ?1) AND s.failed IS NULL AND g.origin = 0 AND g.state > 0
                 ORDER BY s.root",
            )?;
            let (sure_s, now_s) = (sure(connection)?, clock::observed(connection)?);
            let mut rows = statement.query(params![peer.as_bytes(), sure_s, now_s])?;
            let mut held = Vec::new();
            while let Some(row) = rows.next()? {
                held.push(HeldShard {
                    segment: SegmentId::from_bytes(row.get(0)?),
                    index: narrow(row.get(1)?)?,
                    root: ShardRoot::from_bytes(row.get(2)?),
                    shard_bytes: unsigned(row.get(3)?)?,
                    open_leaf: row.get(4)?,
                    is_due: row.get(5)?,
                    proven_ago_s: row.get::<_, Option<i64>>(6)?.map(|ago_s| ago_s.max(0).cast_unsigned()),
                });
            }
            Ok(held)
        })
    }
}

/// A copy whose question stayed open for too long.
struct Overdue {
    copy: FailedCopy,
    segment: i64,
    is_ours: bool,
}

fn overdue(connection: &Connection) -> Result<Vec<Overdue>, StoreError> {
    let due_s = sure(connection)?.saturating_sub(GRACE_S);
    // The index has those alone, if its conditions are these to the letter.
    let mut statement = connection.prepare_cached(&format!(
        "SELECT g.segment_id, s.shard_index, s.root, h.peer, s.segment, g.origin = 0 AND g.state > 0
         FROM shard s INDEXED BY shard_overdue
         JOIN segment g ON g.id = s.segment JOIN host h ON h.id = s.host
         WHERE s.failed IS NULL AND s.state <> 0 AND s.open_since_s <= ?1 AND s.open_attempts >= {GRACE_ATTEMPTS}
            AND s.open_asked_s >= s.open_since_s + {GRACE_S}"
    ))?;
    let read = |row: &Row<'_>| {
        let copy = FailedCopy {
            segment: SegmentId::from_bytes(row.get(0)?),
            index: row.get(1)?,
            root: ShardRoot::from_bytes(row.get(2)?),
            host: PeerId::from_bytes(row.get(3)?),
            failure: Failure::WrittenOff,
        };
        Ok(Overdue { copy, segment: row.get(4)?, is_ours: row.get(5)? })
    };
    let rows = statement.query_map([due_s], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What is written as the time of a finding.
#[expect(clippy::struct_field_names, reason = "units come last in names")]
struct Times {
    unix_s: i64,
    observed_s: i64,
    sure_s: i64,
}

impl Times {
    fn now(connection: &Connection, now_unix_s: u64) -> Result<Self, StoreError> {
        Ok(Self {
            unix_s: signed("the time", now_unix_s)?,
            observed_s: clock::observed(connection)?,
            sure_s: sure(connection)?,
        })
    }
}

/// What is known of one copy, as a row has it.
struct Known {
    segment: i64,
    is_ours: bool,
    root: ShardRoot,
    state: ShardState,
    proven_s: Option<i64>,
    open: Option<OpenQuestion>,
}

/// A question without an answer; times on the sure clock.
struct OpenQuestion {
    leaf: u32,
    since_s: i64,
    asked_s: i64,
    attempts: i64,
}

impl OpenQuestion {
    /// When it may be put again.
    fn due_s(&self) -> i64 {
        self.asked_s.saturating_add(wait_s(self.attempts))
    }
}

/// The copies that a mark is about: of a segment of ours, and of an imported one, where the shard lies at that host and did not
/// fail.
fn copies(transaction: &Transaction<'_>, mark: &AuditMark) -> Result<Vec<Known>, StoreError> {
    // `CROSS` keeps the order of the two: by the host's index each mark of an audit would read every shard of the host.
    let mut statement = transaction.prepare_cached(
        "SELECT s.segment, s.root, s.proven_s, s.open_leaf, s.open_since_s, s.open_asked_s, s.open_attempts,
            s.state, g.origin = 0 AND g.state > 0
         FROM segment g CROSS JOIN shard s ON s.segment = g.id
         WHERE g.segment_id = ?1 AND s.shard_index = ?2 AND s.failed IS NULL
            AND s.host = (SELECT id FROM host WHERE peer = ?3)
            AND (?4 IS NULL OR (s.root = ?4 AND g.shard_bytes = ?5))",
    )?;
    let read = |row: &Row<'_>| {
        let open = match row.get(3)? {
            Some(leaf) => {
                Some(OpenQuestion { leaf, since_s: row.get(4)?, asked_s: row.get(5)?, attempts: row.get(6)? })
            }
            None => None,
        };
        Ok((row.get(0)?, row.get(8)?, row.get(1)?, row.get(2)?, open, row.get(7)?))
    };
    let root = mark.shard.as_ref().map(|shard| shard.root.as_bytes());
    let shard_bytes = mark.shard.map(|shard| signed("a shard's length", shard.shard_bytes)).transpose()?;
    let values = params![mark.segment.as_bytes(), mark.index, mark.host.as_bytes(), root, shard_bytes];
    let known = statement.query_map(values, read)?.map(|row| {
        let (segment, is_ours, root, proven_s, open, state) = row?;
        let (root, state) = (ShardRoot::from_bytes(root), ShardState::from_code(state)?);
        Ok(Known { segment, is_ours, root, state, proven_s, open })
    });
    known.collect()
}

/// What became of marks.
#[derive(Debug, Default)]
pub struct Noted {
    /// How many applied, each row of a segment that is there twice counted.
    pub applied: usize,
    /// The copies that failed.
    pub failed: Vec<FailedCopy>,
    /// Whether any copy is in another state than before, or a segment's health is known again.
    pub is_news: bool,
}

/// Records findings. Those about copies that failed before, or that are somewhere else now, are ignored.
pub(crate) fn note_all(
    transaction: &Transaction<'_>,
    marks: impl IntoIterator<Item = AuditMark>,
    now_unix_s: u64,
) -> Result<Noted, StoreError> {
    let times = Times::now(transaction, now_unix_s)?;
    let (mut touched, mut noted, mut ours) = (BTreeSet::new(), Noted::default(), Vec::new());
    for mark in marks {
        for known in copies(transaction, &mark)? {
            let Known { segment: segment_row, is_ours, root, .. } = known;
            noted.is_news |= note(transaction, known, &mark, &times)?;
            touched.insert(segment_row);
            noted.applied += 1;
            if let AuditOutcome::Failed(failure) = mark.outcome {
                let AuditMark { segment, index, host, .. } = mark;
                let copy = FailedCopy { segment, index, root, host, failure };
                watch::note(transaction, segment_row, (index, &root, &host), CopyFate::Failed(failure))?;
                history::note(transaction, (segment_row, index), PartEvent::Failed(failure), &host)?;
                noted.failed.push(copy);
                ours.extend(is_ours.then_some(copy));
            }
        }
    }
    for row in touched {
        noted.is_news |= recount(transaction, row)?;
    }
    evidence::note_failed(transaction, &ours)?;
    Ok(noted)
}

/// Returns whether the copy is in another state now.
fn note(
    transaction: &Transaction<'_>,
    known: Known,
    mark: &AuditMark,
    times: &Times,
) -> Result<bool, StoreError> {
    let Known { segment, is_ours, state: before, proven_s, open, .. } = known;
    let (state, failed, proven_s, open) = match mark.outcome {
        AuditOutcome::Proven { leaf } if open.as_ref().is_some_and(|open| open.leaf != leaf) => {
            (before, None, Some(times.observed_s), open)
        }
        AuditOutcome::Proven { .. } | AuditOutcome::ReadWhole => {
            (ShardState::Healthy, None, Some(times.observed_s), None)
        }
        AuditOutcome::Failed(failure) => (failure.state(), Some(failure.code()), proven_s, None),
        AuditOutcome::Open { leaf } => {
            let first = OpenQuestion { leaf, since_s: times.sure_s, asked_s: times.sure_s, attempts: 0 };
            let mut open = open.unwrap_or(first);
            // Asked before its wait is over, as by a person who asks again and again, it is the same attempt.
            if times.sure_s >= open.due_s() {
                (open.asked_s, open.attempts) = (times.sure_s, open.attempts + 1);
            }
            (ShardState::Unreachable, None, proven_s, Some(open))
        }
        AuditOutcome::Heard(state) => (state, None, proven_s, open),
    };
    let open = open.as_ref();
    let is_shown = matches!(mark.outcome, AuditOutcome::Proven { .. } | AuditOutcome::ReadWhole);
    let shown_unix_s = is_shown.then_some(times.unix_s);
    // Of what others stored it is not kept.
    let read_s = (mark.outcome == AuditOutcome::ReadWhole && is_ours).then_some(times.observed_s);
    transaction
        .prepare_cached(
            "UPDATE shard SET checked_unix_s = ?3, state = ?4, failed = ?5, proven_s = ?6, open_leaf = ?7,
                open_since_s = ?8, open_asked_s = ?9, open_attempts = ?10, open_due_s = ?11,
                whole_s = coalesce(?12, whole_s), shown_unix_s = coalesce(?13, shown_unix_s)
             WHERE segment = ?1 AND shard_index = ?2",
        )?
        .execute(params![
            segment,
            mark.index,
            times.unix_s,
            state.code(),
            failed,
            proven_s,
            open.map(|open| open.leaf),
            open.map(|open| open.since_s),
            open.map(|open| open.asked_s),
            open.map_or(0, |open| open.attempts),
            open.map_or(0, OpenQuestion::due_s),
            read_s,
            shown_unix_s,
        ])?;
    Ok(state != before || failed.is_some())
}
