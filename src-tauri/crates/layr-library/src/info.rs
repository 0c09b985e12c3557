//! Everything about one entry, found by whatever a person calls it.

use layr_codec::{Profile, SegmentId};
use rusqlite::{Connection, Row, params};

use crate::endangered;
use crate::error::{StoreError, unsigned};
use crate::health;
use crate::ids::{FileId, VersionNumber};
use crate::journal;
use crate::library::Library;
use crate::listing::{self, ListRow, MAX_PAGE_ROWS};
use crate::path::LibraryPath;
use crate::shard::{self, ShardRecord};
use crate::tree::{self, Found, NameError};
use crate::version::{self, VersionRef};

/// How an entry is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// By its path; in the tree only.
    Path(&'a LibraryPath),
    /// By its id; in the tree or in the trash.
    Id(FileId),
}

impl<'a> From<&'a LibraryPath> for Target<'a> {
    fn from(path: &'a LibraryPath) -> Self {
        Self::Path(path)
    }
}

impl From<FileId> for Target<'_> {
    fn from(file: FileId) -> Self {
        Self::Id(file)
    }
}

/// An entry with what is behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// The entry and the version asked for.
    pub row: ListRow,
    /// Whether it is in the trash.
    pub is_trashed: bool,
    /// Versions kept, this one included; 0 for directories.
    pub versions: u64,
    /// Chunks of this version.
    pub chunks: u64,
    /// Segments of this version; page through them with [`Library::segments`].
    pub segments: u64,
    /// Whether bytes of it lie in segments that an import brought and that are not ours to keep alive.
    pub is_imported: bool,
}

/// A segment as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRecord {
    /// Its id.
    pub id: SegmentId,
    /// Its code.
    pub profile: Profile,
    /// Its length before padding.
    pub len_bytes: u32,
    /// Whether this owner stored it; else an import brought it.
    pub is_ours: bool,
    /// Whether its healthy shards suffice, and have been at risk ([`crate::HealthState::AtRisk`]) for 8 h of the time in which
    /// somebody looked.
    pub is_long_at_risk: bool,
    /// Whether too few of its shards were shown within 14 days: [`crate::Health::is_stale`].
    pub is_stale: bool,
    /// Its shards by index; those that were never stored are not listed.
    pub shards: Vec<ShardRecord>,
    /// Position for [`Library::segments`].
    pub cursor: u64,
}

/// The segments of a version that are nearest to being lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WeakestSegments {
    /// Segments of the version in all.
    pub count: u64,
    /// The weakest, the worst first; each with its place among all, from 1 on.
    pub segments: Vec<(u64, SegmentRecord)>,
}

impl Library {
    /// Finds the entry that a person calls `name`: an id, or a path with or without the slash in front. What has this id comes
    /// before what somebody has named so, or a name could take another entry's place; a slash says that the path is meant.
    pub fn resolve(&self, name: &str) -> Result<ListRow, NameError> {
        self.read(|connection| {
            let not_found = || NameError::NotFound { name: name.to_owned() };
            let by_id = match name.parse() {
                Ok(file) => tree::by_file_id(connection, file)?,
                Err(_) => None,
            };
            let (found, path) = if let Some(found) = by_id {
                let place = tree::place_of(connection, found.id)?;
                if place.trashed_top.is_some() {
                    return Err(not_found());
                }
                (found, place.path)
            } else {
                let path = LibraryPath::parse(name).map_err(|_| not_found())?;
                (tree::find(connection, &path)?.ok_or_else(not_found)?, path)
            };
            listing::row_of(connection, path, found, None)?.ok_or_else(|| no_version(name))
        })
    }

    /// Everything about one entry, or about an old version of it.
    pub fn info<'a>(
        &self,
        target: impl Into<Target<'a>>,
        version: Option<VersionNumber>,
    ) -> Result<Info, NameError> {
        let target = target.into();
        self.read(|connection| {
            let (found, place) = locate(connection, target)?;
            let row = listing::row_of(connection, place.path.clone(), found, version)?;
            let row = row.ok_or_else(|| missing_version(&place.path, version))?;
            let mut info = Info {
                is_trashed: place.trashed_top.is_some(),
                row,
                versions: 0,
                chunks: 0,
                segments: 0,
                is_imported: false,
            };
            if let Some(version) = pick(connection, &found, version)? {
                count(connection, found.id, version.id, &mut info)?;
            }
            Ok(info)
        })
    }

    /// A page of a version's segments with their shards, at most `limit`, behind the one with the cursor `after`.
    pub fn segments(
        &self,
        file: FileId,
        version: Option<VersionNumber>,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<SegmentRecord>, NameError> {
        let limit = i64::try_from(limit.clamp(1, MAX_PAGE_ROWS)).unwrap_or(i64::MAX);
        self.read(|connection| {
            let Some(version) = version_of(connection, file, version)? else { return Ok(Vec::new()) };
            let after = after.map_or(0, u64::cast_signed);
            let mut statement = connection.prepare_cached(
                "SELECT s.id, s.segment_id, s.k, s.n, s.len_bytes, s.origin FROM version_segment vs
                 JOIN segment s ON s.id = vs.segment WHERE vs.version = ?1 AND vs.segment > ?2
                 ORDER BY vs.segment LIMIT ?3",
            )?;
            let mut rows = statement.query(params![version.id, after, limit])?;
            let mut segments = Vec::new();
            while let Some(row) = rows.next()? {
                segments.push(record(connection, row)?);
            }
            Ok(segments)
        })
    }

    /// A segment of this owner's own, whatever file it belongs to.
    pub fn own_segment(&self, id: &SegmentId) -> Result<Option<SegmentRecord>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, segment_id, k, n, len_bytes, origin FROM segment WHERE segment_id = ?1 AND origin = 0",
            )?;
            let mut rows = statement.query([id.as_bytes()])?;
            rows.next()?.map(|row| record(connection, row)).transpose()
        })
    }

    /// Of a version's segments those with the fewest shards to spare, at most `limit`, the worst first.
    pub fn weakest_segments(
        &self,
        file: FileId,
        version: Option<VersionNumber>,
        limit: usize,
    ) -> Result<WeakestSegments, NameError> {
        let limit = i64::try_from(limit.clamp(1, MAX_PAGE_ROWS)).unwrap_or(i64::MAX);
        self.read(|connection| {
            let Some(version) = version_of(connection, file, version)? else {
                return Ok(WeakestSegments::default());
            };
            let mut statement = connection.prepare_cached(concat!(
                "SELECT s.id, s.segment_id, s.k, s.n, s.len_bytes, s.origin,
                        row_number() OVER (ORDER BY vs.segment), count(*) OVER ()
                 FROM version_segment vs JOIN segment s ON s.id = vs.segment WHERE vs.version = ?1
                 ORDER BY ",
                health::rank_sql!(),
                ", vs.segment LIMIT ?2"
            ))?;
            let mut rows = statement.query(params![version.id, limit])?;
            let mut weakest = WeakestSegments::default();
            while let Some(row) = rows.next()? {
                weakest.count = unsigned(row.get(7)?)?;
                weakest.segments.push((unsigned(row.get(6)?)?, record(connection, row)?));
            }
            Ok(weakest)
        })
    }
}

/// The version that is meant; `None` for a directory, which has none.
pub(crate) fn version_of(
    connection: &Connection,
    file: FileId,
    number: Option<VersionNumber>,
) -> Result<Option<VersionRef>, NameError> {
    let (found, place) = locate(connection, Target::Id(file))?;
    match pick(connection, &found, number)? {
        None if !found.is_directory => Err(missing_version(&place.path, number)),
        version => Ok(version),
    }
}

/// The segment of a row `(id, segment_id, k, n, len_bytes, origin, ..)`.
pub(crate) fn record(connection: &Connection, row: &Row<'_>) -> Result<SegmentRecord, StoreError> {
    let segment: i64 = row.get(0)?;
    Ok(SegmentRecord {
        id: SegmentId::from_bytes(row.get(1)?),
        profile: journal::profile(row.get(2)?, row.get(3)?)?,
        len_bytes: row.get(4)?,
        is_ours: row.get::<_, i64>(5)? == 0,
        is_long_at_risk: endangered::is_long_at_risk(connection, segment)?,
        is_stale: health::is_stale(connection, segment)?,
        shards: shard::of_segment(connection, segment)?,
        cursor: unsigned(segment)?,
    })
}

fn no_version(name: &str) -> NameError {
    StoreError::damaged(format!("{name:?} has no current version")).into()
}

pub(crate) fn missing_version(path: &LibraryPath, number: Option<VersionNumber>) -> NameError {
    NameError::NoSuchVersion { path: path.clone(), number: number.map_or(0, |number| number.0) }
}

/// The entry and where it hangs.
pub(crate) fn locate(connection: &Connection, target: Target<'_>) -> Result<(Found, tree::Place), NameError> {
    match target {
        Target::Path(path) => {
            let found = tree::find(connection, path)?.ok_or_else(|| NameError::not_found(path))?;
            Ok((found, tree::Place { path: path.clone(), trashed_top: None }))
        }
        Target::Id(file) => {
            let found = tree::by_file_id(connection, file)?;
            let found = found.ok_or_else(|| NameError::NotFound { name: file.to_string() })?;
            Ok((found, tree::place_of(connection, found.id)?))
        }
    }
}

/// The version asked for, or the current one.
pub(crate) fn pick(
    connection: &Connection,
    found: &Found,
    number: Option<VersionNumber>,
) -> Result<Option<VersionRef>, StoreError> {
    match number {
        Some(number) => version::numbered(connection, found.id, number),
        None => version::current(connection, found.id),
    }
}

fn count(connection: &Connection, entry: i64, version: i64, info: &mut Info) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT (SELECT count(*) FROM version WHERE entry = ?1),
                (SELECT coalesce(sum(length(chunks)), 0) / 8 FROM version_chunks WHERE version = ?2),
                (SELECT count(*) FROM version_segment WHERE version = ?2),
                EXISTS (SELECT 1 FROM version_segment vs JOIN segment s ON s.id = vs.segment
                        WHERE vs.version = ?2 AND s.origin = 1)",
    )?;
    let (versions, chunks, segments, is_imported) = statement
        .query_row([entry, version], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    info.versions = unsigned(versions)?;
    info.chunks = unsigned(chunks)?;
    info.segments = unsigned(segments)?;
    info.is_imported = is_imported;
    Ok(())
}
