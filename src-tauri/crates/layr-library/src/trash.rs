//! The trash: deleted entries wait here for 30 days, whole and with all their versions.

use rusqlite::{Connection, Row, Transaction, params};

use crate::clock;
use crate::error::{StoreError, signed, unsigned};
use crate::ids::{FileId, VersionNumber};
use crate::info::{Target, locate, missing_version};
use crate::library::Library;
use crate::listing::MAX_PAGE_ROWS;
use crate::path::LibraryPath;
use crate::rename;
use crate::tree::{self, EntryKind, Found, NameError};
use crate::version::{self, SYMLINK};

/// How long deleted entries and superseded versions are kept, on the library's clock.
pub(crate) const KEEP_S: i64 = clock::days(30);

/// A deleted entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrashRow {
    /// Its id.
    pub file: FileId,
    /// The path it had.
    pub path: LibraryPath,
    /// What it is.
    pub kind: EntryKind,
    /// Files and links in it; 1 for a file.
    pub files: u64,
    /// Bytes of their last versions.
    pub bytes: u64,
    /// When it was deleted.
    pub trashed_unix_s: u64,
    /// How much longer it is kept, in seconds during which the machine runs.
    pub kept_for_s: u64,
}

/// An entry that came back or changed its current version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Its id.
    pub file: FileId,
    /// Where it is.
    pub path: LibraryPath,
    /// The version that is current now; none for directories.
    pub version: Option<VersionNumber>,
}

impl Library {
    /// Moves a file or a directory with all it holds to the trash. Returns the path it had.
    pub fn remove<'a>(
        &self,
        target: impl Into<Target<'a>>,
        now_unix_s: u64,
    ) -> Result<LibraryPath, NameError> {
        let target = target.into();
        self.write(|transaction| {
            let (found, place) = locate(transaction, target)?;
            if place.trashed_top.is_some() {
                return Err(NameError::NotFound { name: found.file.to_string() });
            }
            if place.path.is_root() {
                return Err(NameError::Root);
            }
            transaction
                .prepare_cached("UPDATE entry SET parent = NULL WHERE id = ?1")?
                .execute([found.id])?;
            transaction
                .prepare_cached(
                    "INSERT INTO trash (entry, path, trashed_unix_s, trashed_s) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![
                    found.id,
                    place.path.as_str(),
                    signed("the time", now_unix_s)?,
                    clock::observed(transaction)?
                ])?;
            Ok(place.path)
        })
    }

    /// A page of the trash, what was deleted last first, at most `limit` rows after the entry `after`.
    pub fn trash(&self, after: Option<FileId>, limit: usize) -> Result<Vec<TrashRow>, StoreError> {
        let limit = i64::try_from(limit.clamp(1, MAX_PAGE_ROWS)).unwrap_or(i64::MAX);
        self.read(|connection| {
            let now_s = clock::observed(connection)?;
            let mut statement = connection.prepare_cached(
                "SELECT t.entry, e.file_id, t.path, e.is_directory, t.trashed_unix_s, t.trashed_s
                 FROM trash t JOIN entry e ON e.id = t.entry
                 WHERE ?1 IS NULL OR (t.trashed_s, t.entry) <
                    (SELECT trashed_s, entry FROM trash WHERE entry = (SELECT id FROM entry WHERE file_id = ?1))
                 ORDER BY t.trashed_s DESC, t.entry DESC LIMIT ?2",
            )?;
            let mut rows = statement.query(params![after.map(|file| file.bits().cast_signed()), limit])?;
            let mut trash = Vec::new();
            while let Some(row) = rows.next()? {
                trash.push(trash_row(connection, row, now_s)?);
            }
            Ok(trash)
        })
    }

    /// Brings an entry back from the trash to the path it had, or makes an old version of a file current, or both.
    ///
    /// A path finds what is there, else what was deleted there last, also inside a deleted directory. Where a file
    /// comes back to a path that holds another file, its versions join that file's and none is lost; other things in
    /// the way are an error.
    pub fn restore<'a>(
        &self,
        target: impl Into<Target<'a>>,
        version: Option<VersionNumber>,
    ) -> Result<Restored, NameError> {
        let target = target.into();
        self.write(|transaction| {
            let (found, path, trashed_top) = find_restorable(transaction, target, version)?;
            let mut number = version;
            let mut survivor = found;
            if let Some(top) = trashed_top {
                (survivor, number) = bring_back(self, transaction, found, top, &path, version)?;
            }
            if let Some(number) = number {
                let row = version::numbered(transaction, survivor.id, number)?;
                let row = row.ok_or_else(|| missing_version(&path, Some(number)))?;
                version::make_current(transaction, survivor.id, row.id)?;
            }
            let current = version::current(transaction, survivor.id)?.map(|version| version.number);
            Ok(Restored { file: survivor.file, path, version: current })
        })
    }

    /// Purges deleted entries before their time: those given, or all. Returns how many. Their segments become garbage
    /// once nothing else needs them.
    pub fn empty_trash(&self, only: Option<&[FileId]>) -> Result<u64, StoreError> {
        self.write(|transaction| {
            let tops: Vec<i64> = match only {
                None => tops(transaction, i64::MAX, i64::MAX)?,
                Some(files) => files
                    .iter()
                    .filter_map(|file| tree::by_file_id(transaction, *file).transpose())
                    .map(|found| found.map(|found| found.id))
                    .collect::<Result<_, _>>()?,
            };
            let mut purged = 0;
            for top in tops {
                purged += u64::from(purge(transaction, top)?);
            }
            Ok(purged)
        })
    }
}

/// Tops of at most `limit` subtrees that were deleted at or before `until_s`.
pub(crate) fn tops(connection: &Connection, until_s: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT entry FROM trash WHERE trashed_s <= ?1 LIMIT ?2")?;
    let tops = statement.query_map([until_s, limit], |row| row.get(0))?;
    Ok(tops.collect::<Result<_, _>>()?)
}

/// Deletes a trashed subtree for good; false if it is not in the trash.
pub(crate) fn purge(transaction: &Transaction<'_>, top: i64) -> Result<bool, StoreError> {
    if transaction.prepare_cached("DELETE FROM trash WHERE entry = ?1")?.execute([top])? == 0 {
        return Ok(false);
    }
    let below = "WITH RECURSIVE below(id) AS (
        SELECT ?1 UNION ALL SELECT e.id FROM entry e JOIN below ON e.parent = below.id)";
    let versions = "(SELECT v.id FROM version v JOIN below ON v.entry = below.id)";
    for statement in [
        format!("{below} DELETE FROM source_stamp WHERE version IN {versions}"),
        format!("{below} DELETE FROM version_chunks WHERE version IN {versions}"),
        format!("{below} DELETE FROM version_segment WHERE version IN {versions}"),
        format!("{below} DELETE FROM version WHERE entry IN below"),
        format!("{below} DELETE FROM entry WHERE id IN below"),
    ] {
        transaction.prepare_cached(&statement)?.execute([top])?;
    }
    Ok(true)
}

/// A row of the trash from the columns entry, file id, path, whether it is a directory, and when it was deleted on both clocks.
pub(crate) fn trash_row(connection: &Connection, row: &Row<'_>, now_s: i64) -> Result<TrashRow, StoreError> {
    let entry: i64 = row.get(0)?;
    let file: i64 = row.get(1)?;
    let path: String = row.get(2)?;
    let (files, bytes, is_link) = content_of(connection, entry)?;
    let kind = match (row.get(3)?, is_link) {
        (true, _) => EntryKind::Directory,
        (false, true) => EntryKind::Symlink,
        (false, false) => EntryKind::File,
    };
    let trashed_s: i64 = row.get(5)?;
    Ok(TrashRow {
        file: FileId::from_bits(file.cast_unsigned()),
        path: LibraryPath::parse(&path)
            .map_err(|error| StoreError::damaged(format!("a path in the trash: {error}")))?,
        kind,
        files,
        bytes,
        trashed_unix_s: unsigned(row.get(4)?)?,
        kept_for_s: kept_for_s(trashed_s, now_s),
    })
}

/// Seconds that are left at `now_s` to what was deleted or superseded at `since_s`, on the observed clock.
pub(crate) fn kept_for_s(since_s: i64, now_s: i64) -> u64 {
    u64::try_from(since_s.saturating_add(KEEP_S).saturating_sub(now_s)).unwrap_or(0)
}

fn content_of(connection: &Connection, top: i64) -> Result<(u64, u64, bool), StoreError> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE below(id) AS (
            SELECT ?1 UNION ALL SELECT e.id FROM entry e JOIN below ON e.parent = below.id)
         SELECT count(*), coalesce(sum(v.size_bytes), 0), coalesce(max(v.kind), 0)
         FROM below JOIN version v ON v.entry = below.id AND v.superseded_s IS NULL",
    )?;
    let (files, bytes, kind): (i64, i64, i64) =
        statement.query_row([top], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok((unsigned(files)?, unsigned(bytes)?, kind == SYMLINK))
}

type Restorable = (Found, LibraryPath, Option<i64>);

fn find_restorable(
    connection: &Connection,
    target: Target<'_>,
    version: Option<VersionNumber>,
) -> Result<Restorable, NameError> {
    let path = match target {
        Target::Id(_) => {
            let (found, place) = locate(connection, target)?;
            return Ok((found, place.path, place.trashed_top));
        }
        Target::Path(path) => path,
    };
    let has_version = |found: &Found| match version {
        None => Ok(true),
        Some(number) => version::numbered(connection, found.id, number).map(|version| version.is_some()),
    };
    let live = tree::find(connection, path)?;
    if let Some(found) = live
        && version.is_some()
        && has_version(&found)?
    {
        return Ok((found, path.clone(), None));
    }
    let mut in_trash = None;
    for (found, top, trashed_s) in trashed_at(connection, path)? {
        if has_version(&found)? && in_trash.is_none_or(|(_, _, newest_s)| trashed_s > newest_s) {
            in_trash = Some((found, top, trashed_s));
        }
    }
    match (in_trash, live) {
        (Some((found, top, _)), _) => Ok((found, path.clone(), Some(top))),
        (None, Some(found)) if version.is_none() => Ok((found, path.clone(), None)),
        (None, Some(_)) => Err(missing_version(path, version)),
        (None, None) => Err(NameError::not_found(path)),
    }
}

/// Everything in the trash that had this path: entry, top of its subtree, time of deletion.
fn trashed_at(connection: &Connection, path: &LibraryPath) -> Result<Vec<(Found, i64, i64)>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT entry, trashed_s FROM trash WHERE path = ?1 ORDER BY entry DESC")?;
    let mut all = Vec::new();
    let mut ancestor = Some(path.clone());
    while let Some(at) = ancestor {
        let depth = at.components().count();
        let tops =
            statement.query_map([at.as_str()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
        for top in tops {
            let (top, trashed_s) = top?;
            if let Some(found) = tree::descend(connection, top, path.components().skip(depth))? {
                all.push((found, top, trashed_s));
            }
        }
        ancestor = at.parent();
    }
    Ok(all)
}

/// Hangs a trashed entry at `path`, or gives its versions to the file that is there. Returns the entry that has the
/// versions now and the number to make current, if that has to change.
fn bring_back(
    library: &Library,
    transaction: &Transaction<'_>,
    found: Found,
    top: i64,
    path: &LibraryPath,
    version: Option<VersionNumber>,
) -> Result<(Found, Option<VersionNumber>), NameError> {
    let survivor = match tree::find(transaction, path)? {
        None => {
            rename::attach(library, transaction, found, path)?;
            (found, version)
        }
        Some(there) if there.is_directory || found.is_directory => {
            return Err(NameError::Occupied { path: path.clone(), is_directory: there.is_directory });
        }
        Some(there) => {
            let wanted = match version {
                Some(number) => version::numbered(transaction, found.id, number)?,
                None => version::current(transaction, found.id)?,
            };
            let wanted = wanted.ok_or_else(|| missing_version(path, version))?;
            let number = join(transaction, found.id, there.id, wanted.id)?;
            (there, Some(number))
        }
    };
    if top == found.id {
        transaction.prepare_cached("DELETE FROM trash WHERE entry = ?1")?.execute([top])?;
    }
    if survivor.0.id != found.id {
        transaction.prepare_cached("DELETE FROM entry WHERE id = ?1")?.execute([found.id])?;
    }
    Ok(survivor)
}

/// Gives all versions of one file to another, under new numbers in the same order. Returns the new number of the
/// version `wanted`.
fn join(transaction: &Transaction<'_>, from: i64, to: i64, wanted: i64) -> Result<VersionNumber, NameError> {
    version::supersede(transaction, from)?;
    let mut statement =
        transaction.prepare_cached("SELECT id FROM version WHERE entry = ?1 ORDER BY number")?;
    let ids: Vec<i64> = statement.query_map([from], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut wanted_number = 0;
    for id in ids {
        let number: i64 = transaction
            .prepare_cached(
                "UPDATE entry SET next_number = next_number + 1 WHERE id = ?1 RETURNING next_number - 1",
            )?
            .query_row([to], |row| row.get(0))?;
        transaction
            .prepare_cached("UPDATE version SET entry = ?2, number = ?3 WHERE id = ?1")?
            .execute([id, to, number])?;
        if id == wanted {
            wanted_number = unsigned(number)?;
        }
    }
    Ok(VersionNumber(wanted_number))
}
