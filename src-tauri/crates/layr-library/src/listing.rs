//! Listing the library: directories, versions, health.

use std::collections::VecDeque;

use layr_codec::Profile;
use rusqlite::{Connection, Row, params};

use crate::clock;
use crate::error::{StoreError, narrow, unsigned};
use crate::health::{self, Health};
use crate::ids::{FileId, VersionNumber};
use crate::journal;
use crate::library::Library;
use crate::path::LibraryPath;
use crate::trash;
use crate::tree::{self, EntryKind, Found, NameError};
use crate::version::SYMLINK;

/// Most rows of one page: bounds what one answer holds in memory.
pub const MAX_PAGE_ROWS: usize = 10_000;

/// Children fetched at a time while walking.
const BATCH_ROWS: usize = 256;

/// One line of a listing: a directory, or a version of a file or link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// Its path; in the trash, the path it had.
    pub path: LibraryPath,
    /// Its id.
    pub file: FileId,
    /// What it is.
    pub kind: EntryKind,
    /// Length in bytes; 0 for directories and links.
    pub size_bytes: u64,
    /// Last change, nanoseconds since 1970; unknown for directories that were made by the way.
    pub mtime_ns: Option<i64>,
    /// Permission bits, where known.
    pub mode: Option<u32>,
    /// The version; none for directories.
    pub version: Option<VersionNumber>,
    /// Whether it is the current version; true for directories.
    pub is_current: bool,
    /// Target of a link.
    pub link_target: Option<String>,
    /// When the version was committed; none for directories.
    pub committed_unix_s: Option<u64>,
    /// When whoever shared it wanted it to end.
    pub expires_unix_s: Option<u64>,
    /// Seconds until an older version goes for good; none for the current one, which stays.
    pub kept_for_s: Option<u64>,
    /// None where there are no chunks: directories, links, empty files.
    pub health: Option<Health>,
    /// Segments, those alike together; a handful, however large the file.
    pub segments: Vec<SegmentGroup>,
}

/// Segments of a version that are coded alike, have as many healthy shards and belong to the same side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentGroup {
    /// Their code.
    pub profile: Profile,
    /// Shards healthy at the last look, of each.
    pub alive: u32,
    /// Whether too few of them were shown within 14 days: [`Health::is_stale`].
    pub is_stale: bool,
    /// Whether this owner stored them, and so repairs them; else an import brought them.
    pub is_ours: bool,
    /// How many they are; at least 1.
    pub segments: u64,
}

impl SegmentGroup {
    /// Health of each.
    pub fn health(&self) -> Health {
        Health {
            alive: self.alive,
            needed: self.profile.k().into(),
            total: self.profile.n().into(),
            is_stale: self.is_stale,
        }
    }
}

/// What to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListOptions {
    /// Everything below, not only the directory's own entries.
    pub is_recursive: bool,
    /// Every version of each file, newest first, not only the current one.
    pub with_versions: bool,
}

/// A page of a listing, ordered by path, part by part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// The rows.
    pub rows: Vec<ListRow>,
    /// Where the next page begins: hand it in as `after`. None at the end.
    pub next: Option<LibraryPath>,
}

impl Library {
    /// Lists the directory `dir` (or the file of that path), at most about `limit` rows after the path `after`.
    ///
    /// A file's versions are never split over two pages.
    pub fn ls(
        &self,
        dir: &LibraryPath,
        options: ListOptions,
        after: Option<&LibraryPath>,
        limit: usize,
    ) -> Result<ListPage, NameError> {
        let limit = limit.clamp(1, MAX_PAGE_ROWS);
        self.read(|connection| {
            let found = tree::find(connection, dir)?.ok_or_else(|| NameError::not_found(dir))?;
            let mut rows = Vec::new();
            if !found.is_directory {
                push_leaf(connection, dir, &found, options, &mut rows)?;
                return Ok(ListPage { rows, next: None });
            }
            let mut walk = Walk::resume(connection, dir, found.id, options.is_recursive, after)?;
            while let Some((path, child)) = walk.next(connection)? {
                if rows.len() >= limit {
                    let next = rows.last().map(|row: &ListRow| row.path.clone());
                    return Ok(ListPage { rows, next });
                }
                if child.found.is_directory {
                    rows.push(directory_row(path, &child));
                } else {
                    push_leaf(connection, &path, &child.found, options, &mut rows)?;
                }
            }
            Ok(ListPage { rows, next: None })
        })
    }
}

/// An entry met while walking.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) found: Found,
    pub(crate) name: String,
    /// Of directories.
    pub(crate) mtime_ns: Option<i64>,
    pub(crate) mode: Option<u32>,
}

struct Level {
    directory: i64,
    path: LibraryPath,
    /// The last name that was fetched.
    last: String,
    fetched: VecDeque<Child>,
    is_done: bool,
}

/// A walk over a directory in the order of names; every directory is followed by what is in it.
pub(crate) struct Walk {
    levels: Vec<Level>,
    is_recursive: bool,
}

impl Walk {
    /// A walk over everything in `directory`, whose path is `path`.
    pub(crate) fn new(path: &LibraryPath, directory: i64, is_recursive: bool) -> Self {
        Self { levels: vec![Level::after(path.clone(), directory, String::new())], is_recursive }
    }

    /// The same walk behind the entry `after`, which may be gone by now.
    fn resume(
        connection: &Connection,
        path: &LibraryPath,
        directory: i64,
        is_recursive: bool,
        after: Option<&LibraryPath>,
    ) -> Result<Self, StoreError> {
        let mut walk = Self::new(path, directory, is_recursive);
        let Some(after) = after.filter(|after| after.is_within(path)) else { return Ok(walk) };
        for part in after.components().skip(path.components().count()) {
            let Some(level) = walk.levels.last_mut() else { break };
            part.clone_into(&mut level.last);
            let below = match level.path.child(part) {
                Ok(below) if is_recursive => below,
                _ => break,
            };
            match tree::child(connection, level.directory, part)? {
                Some(found) if found.is_directory => {
                    walk.levels.push(Level::after(below, found.id, String::new()));
                }
                _ => break,
            }
        }
        Ok(walk)
    }

    /// The next entry and its path.
    pub(crate) fn next(
        &mut self,
        connection: &Connection,
    ) -> Result<Option<(LibraryPath, Child)>, StoreError> {
        while let Some(level) = self.levels.last_mut() {
            let Some(child) = level.next(connection)? else {
                self.levels.pop();
                continue;
            };
            let path = level.path.child(&child.name);
            let path =
                path.map_err(|error| StoreError::damaged(format!("an entry has no valid path: {error}")))?;
            if self.is_recursive && child.found.is_directory {
                self.levels.push(Level::after(path.clone(), child.found.id, String::new()));
            }
            return Ok(Some((path, child)));
        }
        Ok(None)
    }
}

impl Level {
    fn after(path: LibraryPath, directory: i64, last: String) -> Self {
        Self { directory, path, last, fetched: VecDeque::new(), is_done: false }
    }

    fn next(&mut self, connection: &Connection) -> Result<Option<Child>, StoreError> {
        if self.fetched.is_empty() && !self.is_done {
            let mut statement = connection.prepare_cached(
                "SELECT id, file_id, is_directory, name, mtime_ns, mode FROM entry
                 WHERE parent = ?1 AND name > ?2 ORDER BY name LIMIT ?3",
            )?;
            let rows = statement.query_map(
                params![self.directory, self.last, i64::try_from(BATCH_ROWS).unwrap_or(i64::MAX)],
                |row| {
                    let file: i64 = row.get(1)?;
                    let file = FileId::from_bits(file.cast_unsigned());
                    let found = Found { id: row.get(0)?, file, is_directory: row.get(2)? };
                    Ok(Child { found, name: row.get(3)?, mtime_ns: row.get(4)?, mode: row.get(5)? })
                },
            )?;
            self.fetched = rows.collect::<Result<_, _>>()?;
            self.is_done = self.fetched.len() < BATCH_ROWS;
        }
        let child = self.fetched.pop_front();
        if let Some(child) = &child {
            self.last.clone_from(&child.name);
        }
        Ok(child)
    }
}

fn directory_row(path: LibraryPath, child: &Child) -> ListRow {
    ListRow {
        path,
        file: child.found.file,
        kind: EntryKind::Directory,
        size_bytes: 0,
        mtime_ns: child.mtime_ns,
        mode: child.mode,
        version: None,
        is_current: true,
        link_target: None,
        committed_unix_s: None,
        expires_unix_s: None,
        kept_for_s: None,
        health: None,
        segments: Vec::new(),
    }
}

fn push_leaf(
    connection: &Connection,
    path: &LibraryPath,
    found: &Found,
    options: ListOptions,
    rows: &mut Vec<ListRow>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, number, kind, size_bytes, mtime_ns, mode, link_target, committed_unix_s, expires_unix_s,
                superseded_s
         FROM version WHERE entry = ?1 AND (?2 OR superseded_s IS NULL) ORDER BY number DESC",
    )?;
    let mut versions = statement.query(params![found.id, options.with_versions])?;
    while let Some(row) = versions.next()? {
        rows.push(version_row(connection, path, found.file, row)?);
    }
    Ok(())
}

fn version_row(
    connection: &Connection,
    path: &LibraryPath,
    file: FileId,
    row: &Row<'_>,
) -> Result<ListRow, StoreError> {
    let kind = if row.get::<_, i64>(2)? == SYMLINK { EntryKind::Symlink } else { EntryKind::File };
    let superseded_s: Option<i64> = row.get(9)?;
    let kept_for_s = match superseded_s {
        Some(superseded_s) => Some(trash::kept_for_s(superseded_s, clock::observed(connection)?)),
        None => None,
    };
    let segments = segments(connection, row.get(0)?)?;
    Ok(ListRow {
        path: path.clone(),
        file,
        kind,
        size_bytes: unsigned(row.get(3)?)?,
        mtime_ns: row.get(4)?,
        mode: row.get::<_, Option<i64>>(5)?.map(narrow).transpose()?,
        version: Some(VersionNumber(unsigned(row.get(1)?)?)),
        is_current: superseded_s.is_none(),
        link_target: row.get(6)?,
        committed_unix_s: Some(unsigned(row.get(7)?)?),
        expires_unix_s: row.get::<_, Option<i64>>(8)?.map(unsigned).transpose()?,
        kept_for_s,
        health: segments.iter().map(SegmentGroup::health).min_by_key(|health| (health.rank(), health.total)),
        segments,
    })
}

/// The segments of a version, those alike together.
fn segments(connection: &Connection, version: i64) -> Result<Vec<SegmentGroup>, StoreError> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT s.k, s.n, s.alive, s.origin = 0, count(*), ",
        health::is_stale_sql!(),
        " FROM version_segment vs JOIN segment s ON s.id = vs.segment WHERE vs.version = ?1 GROUP BY 1, 2, 3, 4, 6"
    ))?;
    let mut rows = statement.query([version])?;
    let mut groups = Vec::new();
    while let Some(row) = rows.next()? {
        groups.push(SegmentGroup {
            profile: journal::profile(row.get(0)?, row.get(1)?)?,
            alive: row.get(2)?,
            is_stale: row.get(5)?,
            is_ours: row.get(3)?,
            segments: unsigned(row.get(4)?)?,
        });
    }
    Ok(groups)
}

/// The row of one entry: a directory, or one version of a file (the current one, or in the trash the last).
pub(crate) fn row_of(
    connection: &Connection,
    path: LibraryPath,
    found: Found,
    number: Option<VersionNumber>,
) -> Result<Option<ListRow>, StoreError> {
    if found.is_directory {
        let mut statement = connection.prepare_cached("SELECT mtime_ns, mode FROM entry WHERE id = ?1")?;
        let (mtime_ns, mode) = statement.query_row([found.id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let child = Child { found, name: String::new(), mtime_ns, mode };
        return Ok(number.is_none().then(|| directory_row(path, &child)));
    }
    let mut rows = Vec::new();
    let options = ListOptions { is_recursive: false, with_versions: number.is_some() };
    push_leaf(connection, &path, &found, options, &mut rows)?;
    Ok(rows.into_iter().find(|row| number.is_none() || row.version == number))
}
