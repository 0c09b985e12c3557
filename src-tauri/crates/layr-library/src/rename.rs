//! Moving entries.

use rusqlite::{Connection, Transaction, params};

use crate::error::StoreError;
use crate::ids::FileId;
use crate::info;
use crate::library::Library;
use crate::path::{LibraryPath, MAX_PATH_BYTES, MAX_PATH_PARTS, PathError};
use crate::tree::{self, Directories, Found, NameError};

impl Library {
    /// Moves a file or directory to the path `to`, or into `to` if that is a directory, and returns where it is now.
    /// Missing directories are made. Its versions come along.
    pub fn rename(&self, from: &LibraryPath, to: &LibraryPath) -> Result<LibraryPath, NameError> {
        self.write(|transaction| {
            let name = from.name().ok_or(NameError::Root)?;
            let found = tree::find(transaction, from)?.ok_or_else(|| NameError::not_found(from))?;
            let to = match tree::find(transaction, to)? {
                Some(there) if there.id == found.id => return Ok(from.clone()),
                Some(there) if there.is_directory => to.child(name)?,
                _ => to.clone(),
            };
            if to == *from {
                return Ok(to);
            }
            if to.is_within(from) {
                return Err(NameError::IntoItself { path: from.clone() });
            }
            check_depth(transaction, found.id, &to)?;
            attach(self, transaction, found, &to)?;
            Ok(to)
        })
    }
}

impl Library {
    /// Gives a file or directory another name in the directory in which it is, and returns its path then. Nothing may be called
    /// so there.
    pub fn rename_here(&self, file: FileId, name: &str) -> Result<LibraryPath, NameError> {
        self.write(|transaction| {
            let (found, place) = info::locate(transaction, file.into())?;
            if place.trashed_top.is_some() {
                return Err(NameError::NotFound { name: file.to_string() });
            }
            let to = place.path.parent().ok_or(NameError::Root)?.child(name)?;
            if to != place.path {
                check_depth(transaction, found.id, &to)?;
                attach(self, transaction, found, &to)?;
            }
            Ok(to)
        })
    }
}

/// Hangs an entry at a path that must be free.
pub(crate) fn attach(
    library: &Library,
    transaction: &Transaction<'_>,
    found: Found,
    path: &LibraryPath,
) -> Result<(), NameError> {
    let (Some(parent), Some(name)) = (path.parent(), path.name()) else { return Err(NameError::Root) };
    let parent = Directories::default().make(library, transaction, &parent)?;
    if let Some(there) = tree::child(transaction, parent, name)? {
        return Err(NameError::Occupied { path: path.clone(), is_directory: there.is_directory });
    }
    transaction
        .prepare_cached("UPDATE entry SET parent = ?2, name = ?3 WHERE id = ?1")?
        .execute(params![found.id, parent, name])?;
    Ok(())
}

/// Refuses a move after which something below would have a path that is too long.
fn check_depth(connection: &Connection, entry: i64, to: &LibraryPath) -> Result<(), NameError> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE below(id, bytes, parts) AS (
            SELECT ?1, 0, 0 UNION ALL
            SELECT e.id, below.bytes + 1 + length(CAST(e.name AS BLOB)), below.parts + 1
            FROM entry e JOIN below ON e.parent = below.id
         ) SELECT max(bytes), max(parts) FROM below",
    )?;
    let (bytes, parts): (i64, i64) = statement.query_row([entry], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let len = |count: i64| usize::try_from(count).map_err(|_| StoreError::damaged("a length is negative"));
    let len_bytes = to.as_str().len().saturating_add(len(bytes)?);
    if len_bytes > MAX_PATH_BYTES {
        return Err(PathError::TooLong { len_bytes }.into());
    }
    let parts = to.components().count().saturating_add(len(parts)?);
    if parts > MAX_PATH_PARTS {
        return Err(PathError::TooDeep { parts }.into());
    }
    Ok(())
}
