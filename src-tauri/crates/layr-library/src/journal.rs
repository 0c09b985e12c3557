//! The upload journal: what is on its way to hosts, so that a crash at any instant resumes without sending twice.
//!
//! A segment is *planned* before its first byte leaves, which fixes its id, its chunks, their nonces and where their
//! plaintext lies; *safe* when enough shards are stored; *finished* when nothing more will be sent. A resumed upload
//! seals the same plaintext with the same nonces to the same bytes. When that is impossible (the file changed), the
//! segment is abandoned and its id is never used again.

use layr_codec::{ChunkId, Encoding, NONCE_BYTES, Profile, SegmentId, SegmentLayout, TAG_BYTES};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::clock;
use crate::error::{StoreError, from_engine, narrow, signed, unsigned};
use crate::garbage;
use crate::library::Library;
use crate::shard::{self, StoredShard};

/// State of a segment, as stored.
pub(crate) const PLANNED: i64 = 0;
pub(crate) const SAFE: i64 = 1;
pub(crate) const FINISHED: i64 = 2;

/// Where the plaintext of a planned chunk can be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRef {
    /// Path on this machine, in the operating system's bytes.
    pub local_path: Vec<u8>,
    /// Where the chunk begins in that file.
    pub offset_bytes: u64,
}

/// A chunk of a planned segment, with all that its sealing must not choose anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedChunk {
    /// Its id.
    pub chunk_id: ChunkId,
    /// Length of the plaintext, at least 1.
    pub plain_bytes: u32,
    /// Length when sealed, at least 1.
    pub sealed_bytes: u32,
    /// Where the sealed chunk begins in the segment.
    pub offset_bytes: u32,
    /// The nonce it is sealed with.
    pub nonce: [u8; NONCE_BYTES],
    /// The tag that the sealed chunk ends with: a second sealing must arrive at the same.
    pub tag: [u8; TAG_BYTES],
    /// How its plaintext is written.
    pub encoding: Encoding,
    /// Where to read it again.
    pub source: SourceRef,
}

/// A segment that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentPlan {
    /// Its id, random.
    pub id: SegmentId,
    /// Its code.
    pub profile: Profile,
    /// Length of its ciphertext before padding: the end of the last chunk.
    pub len_bytes: u32,
    /// Its chunks in the order of their offsets, one after the other.
    pub chunks: Vec<PlannedChunk>,
}

/// A segment that the last run did not finish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedSegment {
    /// What was planned.
    pub plan: SegmentPlan,
    /// Shards that hosts have acknowledged, by index.
    pub stored: Vec<StoredShard>,
    /// Whether enough were stored already; the rest may still follow.
    pub is_safe: bool,
}

/// The journal refused. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The plan contradicts itself.
    #[error("segment {segment} is planned wrongly: {reason}")]
    BadPlan {
        /// The segment.
        segment: SegmentId,
        /// What is wrong.
        reason: &'static str,
    },
    /// The id was planned before: an id is never used twice.
    #[error("segment {segment} exists already")]
    SegmentExists {
        /// The segment.
        segment: SegmentId,
    },
    /// No such segment.
    #[error("there is no segment {segment}")]
    UnknownSegment {
        /// The segment.
        segment: SegmentId,
    },
    /// A shard index is not below the segment's n.
    #[error("segment {segment} has no shard {index}")]
    NoSuchShard {
        /// The segment.
        segment: SegmentId,
        /// The index.
        index: u8,
    },
    /// A file version needs the segment, so it cannot be abandoned.
    #[error("segment {segment} is in use")]
    SegmentInUse {
        /// The segment.
        segment: SegmentId,
    },
    /// Fewer shards are stored than the segment needs to be read back.
    #[error("segment {segment} has {stored} shards and cannot be safe with less than {needed}")]
    TooFewShards {
        /// The segment.
        segment: SegmentId,
        /// Shards stored.
        stored: u32,
        /// Its k.
        needed: u32,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_engine!(JournalError);

/// Row number and state of one of our own segments.
pub(crate) fn own_segment(connection: &Connection, id: &SegmentId) -> Result<Option<(i64, i64)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, state FROM segment WHERE segment_id = ?1 AND origin = 0")?;
    Ok(statement.query_row([id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

fn known_segment(connection: &Connection, id: &SegmentId) -> Result<(i64, i64), JournalError> {
    own_segment(connection, id)?.ok_or(JournalError::UnknownSegment { segment: *id })
}

impl Library {
    /// Records a segment before its first byte is sent. Durable when this returns.
    pub fn plan_segment(&self, plan: &SegmentPlan) -> Result<(), JournalError> {
        let shard_bytes = check_plan(plan)?.shard_bytes();
        self.write(|transaction| {
            if own_segment(transaction, &plan.id)?.is_some() {
                return Err(JournalError::SegmentExists { segment: plan.id });
            }
            insert_plan(transaction, plan, shard_bytes).map_err(JournalError::from)
        })
    }

    /// Records that enough shards are stored for the segment to survive; versions may refer to it from now on.
    pub fn segment_safe(&self, segment: &SegmentId) -> Result<(), JournalError> {
        self.write(|transaction| {
            let (row, _) = known_segment(transaction, segment)?;
            let (stored, needed): (u32, u32) = transaction
                .prepare_cached(
                    "SELECT (SELECT count(*) FROM shard WHERE segment = ?1 AND failed IS NULL), k FROM segment WHERE id = ?1",
                )?
                .query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if stored < needed {
                return Err(JournalError::TooFewShards { segment: *segment, stored, needed });
            }
            transaction
                .prepare_cached("UPDATE segment SET state = ?2, touched_s = ?3 WHERE id = ?1 AND state < ?2")?
                .execute([row, SAFE, clock::observed(transaction)?])?;
            finish_if_complete(transaction, row)?;
            Ok(())
        })
    }

    /// Records that nothing more will be sent of a safe segment, though some hosts never took their shard. Happens by
    /// itself when all n shards are stored.
    pub fn finish_segment(&self, segment: &SegmentId) -> Result<(), JournalError> {
        self.write(|transaction| {
            let (row, state) = known_segment(transaction, segment)?;
            if state == PLANNED {
                return Err(JournalError::BadPlan { segment: *segment, reason: "it is not safe yet" });
            }
            finish(transaction, row)?;
            Ok(())
        })
    }

    /// Ids of the segments to resume, oldest first.
    pub fn unfinished_segments(&self) -> Result<Vec<SegmentId>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT segment_id FROM segment WHERE state < 2 AND origin = 0 ORDER BY id",
            )?;
            let ids = statement.query_map([], |row| Ok(SegmentId::from_bytes(row.get(0)?)))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    /// All that is needed to resume a segment; none when it is finished or unknown.
    pub fn unfinished_segment(&self, segment: &SegmentId) -> Result<Option<UnfinishedSegment>, StoreError> {
        self.read(|connection| {
            let Some((row, state)) =
                own_segment(connection, segment)?.filter(|(_, state)| *state != FINISHED)
            else {
                return Ok(None);
            };
            let plan = load_plan(connection, *segment, row)?;
            Ok(Some(UnfinishedSegment {
                plan,
                stored: shard::stored(connection, row)?,
                is_safe: state == SAFE,
            }))
        })
    }

    /// Gives up a segment that no version needs: its stored shards go to the garbage queue, its chunks become unknown
    /// and its id is never used again.
    pub fn abandon_segment(&self, segment: &SegmentId) -> Result<(), JournalError> {
        self.write(|transaction| {
            let (row, _) = known_segment(transaction, segment)?;
            let in_use = transaction
                .prepare_cached("SELECT 1 FROM version_segment WHERE segment = ?1 LIMIT 1")?
                .exists([row])?;
            if in_use {
                return Err(JournalError::SegmentInUse { segment: *segment });
            }
            garbage::drop_segment(transaction, row)?;
            Ok(())
        })
    }
}

fn check_plan(plan: &SegmentPlan) -> Result<SegmentLayout, JournalError> {
    let bad = |reason| Err(JournalError::BadPlan { segment: plan.id, reason });
    let mut end_bytes = 0_u32;
    for chunk in &plan.chunks {
        if chunk.plain_bytes == 0 || chunk.sealed_bytes == 0 {
            return bad("a chunk is empty");
        }
        if chunk.offset_bytes != end_bytes {
            return bad("the chunks do not follow each other");
        }
        let Some(end) = chunk.offset_bytes.checked_add(chunk.sealed_bytes) else {
            return bad("the chunks are longer than a segment can be");
        };
        end_bytes = end;
    }
    if end_bytes == 0 || end_bytes != plan.len_bytes {
        return bad("its length is not that of its chunks");
    }
    match SegmentLayout::new(plan.profile, u64::from(plan.len_bytes)) {
        Ok(layout) => Ok(layout),
        Err(_) => bad("it is longer than its profile allows"),
    }
}

fn insert_plan(
    transaction: &Transaction<'_>,
    plan: &SegmentPlan,
    shard_bytes: u64,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO segment (segment_id, origin, k, n, len_bytes, shard_bytes, state, touched_s)
             VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            plan.id.as_bytes(),
            plan.profile.k(),
            plan.profile.n(),
            plan.len_bytes,
            signed("a shard's length", shard_bytes)?,
            PLANNED,
            clock::observed(transaction)?
        ])?;
    let segment = transaction.last_insert_rowid();
    let mut chunk_row = transaction.prepare_cached(
        "INSERT INTO chunk (chunk_id, segment, offset_bytes, plain_bytes, sealed_bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut source_row = transaction.prepare_cached(
        "INSERT INTO chunk_source (chunk, nonce, tag, encoding, local_path, offset_bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for chunk in &plan.chunks {
        chunk_row.execute(params![
            chunk.chunk_id.as_bytes(),
            segment,
            chunk.offset_bytes,
            chunk.plain_bytes,
            chunk.sealed_bytes
        ])?;
        source_row.execute(params![
            transaction.last_insert_rowid(),
            chunk.nonce,
            chunk.tag,
            chunk.encoding.to_byte(),
            chunk.source.local_path,
            signed("a file offset", chunk.source.offset_bytes)?
        ])?;
    }
    Ok(())
}

fn load_plan(connection: &Connection, id: SegmentId, segment: i64) -> Result<SegmentPlan, StoreError> {
    let (k, n, len_bytes): (u8, u8, u32) = connection
        .prepare_cached("SELECT k, n, len_bytes FROM segment WHERE id = ?1")?
        .query_row([segment], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut statement = connection.prepare_cached(
        "SELECT c.chunk_id, c.plain_bytes, c.sealed_bytes, c.offset_bytes, s.nonce, s.tag, s.encoding, s.local_path,
                s.offset_bytes
         FROM chunk c JOIN chunk_source s ON s.chunk = c.id WHERE c.segment = ?1 ORDER BY c.offset_bytes",
    )?;
    let mut rows = statement.query([segment])?;
    let mut chunks = Vec::new();
    while let Some(row) = rows.next()? {
        let source = SourceRef { local_path: row.get(7)?, offset_bytes: unsigned(row.get(8)?)? };
        chunks.push(PlannedChunk {
            chunk_id: ChunkId::from_bytes(row.get(0)?),
            plain_bytes: row.get(1)?,
            sealed_bytes: row.get(2)?,
            offset_bytes: row.get(3)?,
            nonce: row.get(4)?,
            tag: row.get(5)?,
            encoding: Encoding::from_byte(narrow(row.get(6)?)?)
                .ok_or_else(|| StoreError::damaged("no such encoding"))?,
            source,
        });
    }
    Ok(SegmentPlan { id, profile: profile(k, n)?, len_bytes, chunks })
}

/// A profile as recorded.
pub(crate) fn profile(k: u8, n: u8) -> Result<Profile, StoreError> {
    Profile::new(k, n).map_err(|_| StoreError::damaged(format!("no such profile: {k} of {n}")))
}

/// Finishes a safe segment all of whose shards are stored.
pub(crate) fn finish_if_complete(transaction: &Transaction<'_>, segment: i64) -> Result<(), StoreError> {
    let complete = transaction
        .prepare_cached(
            "SELECT 1 FROM segment WHERE id = ?1 AND state = ?2
                AND n = (SELECT count(*) FROM shard WHERE segment = ?1 AND failed IS NULL)",
        )?
        .exists([segment, SAFE])?;
    if complete { finish(transaction, segment) } else { Ok(()) }
}

pub(crate) fn finish(transaction: &Transaction<'_>, segment: i64) -> Result<(), StoreError> {
    transaction
        .prepare_cached("DELETE FROM chunk_source WHERE chunk IN (SELECT id FROM chunk WHERE segment = ?1)")?
        .execute([segment])?;
    transaction
        .prepare_cached("UPDATE segment SET state = ?2 WHERE id = ?1")?
        .execute([segment, FINISHED])?;
    Ok(())
}
