//! Which chunks are stored already.

use std::collections::BTreeSet;

use layr_codec::{ChunkId, SegmentId};
use rusqlite::{Connection, OptionalExtension as _};

use crate::clock;
use crate::error::StoreError;
use crate::health::is_lost_sql;
use crate::library::Library;

/// A segment is touched again at most once in this time, so that asking for known chunks rarely writes.
const TOUCH_EVERY_S: i64 = clock::days(1);

/// Where a chunk of ours lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkPlace {
    /// Its segment.
    pub segment: SegmentId,
    /// Where it begins there.
    pub offset_bytes: u32,
    /// Its length there.
    pub sealed_bytes: u32,
    /// Whether the segment is safe, so that a version may refer to the chunk. If not, the segment is on its way.
    pub is_safe: bool,
}

/// Row of a chunk of ours, as a commit needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChunkRow {
    pub(crate) id: i64,
    pub(crate) segment: i64,
    pub(crate) plain_bytes: u32,
    pub(crate) is_safe: bool,
}

/// The best copy of a chunk of ours: in a safe segment if there is one. Imported chunks are never found, since their
/// segments are not ours to rely on, and lost ones neither: who has the content still must be able to store it again.
pub(crate) fn own_chunk(connection: &Connection, id: &ChunkId) -> Result<Option<ChunkRow>, StoreError> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT c.id, c.segment, c.plain_bytes, s.state >= 1 FROM chunk c JOIN segment s ON s.id = c.segment
             WHERE c.chunk_id = ?1 AND c.sealed_key IS NULL AND NOT ",
        is_lost_sql!(),
        " ORDER BY s.state >= 1 DESC, c.id LIMIT 1"
    ))?;
    let row = statement.query_row([id.as_bytes()], |row| {
        Ok(ChunkRow { id: row.get(0)?, segment: row.get(1)?, plain_bytes: row.get(2)?, is_safe: row.get(3)? })
    });
    Ok(row.optional()?)
}

impl Library {
    /// Which of these chunks are stored or on their way, in the order asked. Those that too many hosts have lost are not.
    ///
    /// A chunk that is found stays for almost two weeks of the library's clock even if no version refers to it, so
    /// that an upload can rely on it. An upload that takes longer asks again once a week for what it has so far.
    pub fn known_chunks(&self, ids: &[ChunkId]) -> Result<Vec<Option<ChunkPlace>>, StoreError> {
        let (places, stale) = self.read(|connection| find_places(connection, ids))?;
        if !stale.is_empty() && !self.is_read_only() {
            self.write(|transaction| {
                let now_s = clock::observed(transaction)?;
                let mut touch = transaction
                    .prepare_cached("UPDATE segment SET touched_s = ?2, marked_s = NULL WHERE id = ?1")?;
                for segment in &stale {
                    touch.execute([*segment, now_s])?;
                }
                Ok::<_, StoreError>(())
            })?;
        }
        Ok(places)
    }
}

type Places = (Vec<Option<ChunkPlace>>, BTreeSet<i64>);

fn find_places(connection: &Connection, ids: &[ChunkId]) -> Result<Places, StoreError> {
    let fresh_s = clock::observed(connection)?.saturating_sub(TOUCH_EVERY_S);
    let mut statement = connection.prepare_cached(concat!(
        "SELECT s.segment_id, c.offset_bytes, c.sealed_bytes, s.state >= 1, s.id,
                    s.touched_s < ?2 OR s.marked_s IS NOT NULL
             FROM chunk c JOIN segment s ON s.id = c.segment
             WHERE c.chunk_id = ?1 AND c.sealed_key IS NULL AND NOT ",
        is_lost_sql!(),
        " ORDER BY s.state >= 1 DESC, c.id LIMIT 1"
    ))?;
    let mut stale = BTreeSet::new();
    let mut places = Vec::with_capacity(ids.len());
    for id in ids {
        let found = statement
            .query_row(rusqlite::params![id.as_bytes(), fresh_s], |row| {
                let place = ChunkPlace {
                    segment: SegmentId::from_bytes(row.get(0)?),
                    offset_bytes: row.get(1)?,
                    sealed_bytes: row.get(2)?,
                    is_safe: row.get(3)?,
                };
                Ok((place, row.get::<_, i64>(4)?, row.get::<_, bool>(5)?))
            })
            .optional()?;
        places.push(found.map(|(place, segment, is_stale)| {
            if is_stale {
                stale.insert(segment);
            }
            place
        }));
    }
    Ok((places, stale))
}
