//! What became of a file's parts: copies that failed, and those that took their place. For a person to read; nothing is decided by it.
//!
//! What a copy passed is no row here, or a library of millions of shards would grow by as many a week: when it was last shown to be
//! there, and read in full, is in its own row ([`crate::ShardRecord`]).

use layr_codec::SegmentId;
use layr_keys::PeerId;
use rusqlite::{Connection, Row, Transaction, params};

use crate::audited::Failure;
use crate::error::{StoreError, narrow, unsigned};
use crate::health;
use crate::ids::{FileId, VersionNumber};
use crate::info;
use crate::library::Library;
use crate::listing::MAX_PAGE_ROWS;
use crate::tree::NameError;

/// Rows kept, over all files; the oldest go. A host with 100 000 parts that is gone for good is all told, in about 25 MiB.
const MAX_ROWS: i64 = 200_000;

/// What happened to a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartEvent {
    /// The copy failed for good.
    Failed(Failure),
    /// A copy at another host took the place of one that had failed or was away.
    Renewed {
        /// Who had the one before.
        from: PeerId,
    },
    /// The copy was brought away from a host that leaves.
    Moved {
        /// That host.
        from: PeerId,
    },
}

impl PartEvent {
    fn code(self) -> i64 {
        match self {
            Self::Failed(failure) => failure.code(),
            Self::Renewed { .. } => 4,
            Self::Moved { .. } => 5,
        }
    }

    fn from(self) -> Option<PeerId> {
        match self {
            Self::Failed(_) => None,
            Self::Renewed { from } | Self::Moved { from } => Some(from),
        }
    }

    fn read(code: i64, from: Option<[u8; 32]>) -> Result<Self, StoreError> {
        match (code, from.map(PeerId::from_bytes)) {
            (4, Some(from)) => Ok(Self::Renewed { from }),
            (5, Some(from)) => Ok(Self::Moved { from }),
            (code, _) => Failure::from_code(code).map(Self::Failed),
        }
    }
}

/// One happening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartHappening {
    /// The place of the part's segment in the file, from 1 on.
    pub position: u64,
    /// The segment.
    pub segment: SegmentId,
    /// The shard's index.
    pub index: u8,
    /// What happened.
    pub event: PartEvent,
    /// Who lost the copy, or has the new one.
    pub host: PeerId,
    /// When, on the person's clock.
    pub noted_unix_s: u64,
}

/// What happened to the parts of one version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartHistory {
    /// The newest first.
    pub happenings: Vec<PartHappening>,
    /// How many older ones are on record besides.
    pub older: u64,
}

impl Library {
    /// What happened to the parts of a version, the newest first, at most `limit`. Parts that it shares with other files are its
    /// parts.
    pub fn part_history(
        &self,
        file: FileId,
        version: Option<VersionNumber>,
        limit: usize,
    ) -> Result<PartHistory, NameError> {
        let limit = i64::try_from(limit.clamp(1, MAX_PAGE_ROWS)).unwrap_or(i64::MAX);
        self.read(|connection| {
            let Some(version) = info::version_of(connection, file, version)? else {
                return Ok(PartHistory::default());
            };
            Ok(of_version(connection, version.id, limit)?)
        })
    }
}

fn of_version(connection: &Connection, version: i64, limit: i64) -> Result<PartHistory, StoreError> {
    // From the version's segments to their few rows: `CROSS` keeps that order.
    let mut statement = connection.prepare_cached(
        "SELECT vs.place, s.segment_id, h.shard_index, h.kind, h.peer, h.from_peer, h.noted_unix_s, count(*) OVER ()
         FROM (SELECT segment, row_number() OVER (ORDER BY segment) AS place FROM version_segment WHERE version = ?1) vs
         CROSS JOIN history h ON h.segment = vs.segment CROSS JOIN segment s ON s.id = vs.segment
         ORDER BY h.id DESC LIMIT ?2",
    )?;
    let mut rows = statement.query([version, limit])?;
    let (mut history, mut total) = (PartHistory::default(), 0);
    while let Some(row) = rows.next()? {
        history.happenings.push(happening(row)?);
        total = unsigned(row.get(7)?)?;
    }
    history.older = total.saturating_sub(history.happenings.len() as u64);
    Ok(history)
}

fn happening(row: &Row<'_>) -> Result<PartHappening, StoreError> {
    Ok(PartHappening {
        position: unsigned(row.get(0)?)?,
        segment: SegmentId::from_bytes(row.get(1)?),
        index: narrow(row.get(2)?)?,
        event: PartEvent::read(row.get(3)?, row.get(5)?)?,
        host: PeerId::from_bytes(row.get(4)?),
        noted_unix_s: unsigned(row.get(6)?)?,
    })
}

/// Writes down what happened to a part of the segment of this row, at the time that the library last saw.
pub(crate) fn note(
    transaction: &Transaction<'_>,
    (segment, index): (i64, u8),
    event: PartEvent,
    host: &PeerId,
) -> Result<(), StoreError> {
    let from = event.from();
    transaction
        .prepare_cached(
            "INSERT INTO history (segment, shard_index, kind, peer, from_peer, noted_unix_s) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            segment,
            index,
            event.code(),
            host.as_bytes(),
            from.as_ref().map(PeerId::as_bytes),
            health::now_unix_s(transaction)?
        ])?;
    let oldest = transaction.last_insert_rowid().saturating_sub(MAX_ROWS);
    transaction.prepare_cached("DELETE FROM history WHERE id <= ?1")?.execute([oldest])?;
    Ok(())
}
