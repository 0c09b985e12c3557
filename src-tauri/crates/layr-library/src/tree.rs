//! The tree of entries: finding, naming and making them.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::error::{StoreError, from_engine};
use crate::ids::FileId;
use crate::library::Library;
use crate::path::{LibraryPath, PathError};
use crate::schema::ROOT;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// Holds other entries.
    Directory,
    /// Holds bytes, maybe none.
    File,
    /// Holds a target text.
    Symlink,
}

impl EntryKind {
    /// `file`, `directory` or `symlink`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::File => "file",
            Self::Symlink => "symlink",
        }
    }
}

/// A name could not be used as asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// No such entry.
    #[error("there is no {name:?} in the library")]
    NotFound {
        /// Path or id as asked.
        name: String,
    },
    /// The file exists, but has no such version (any more).
    #[error("{path:?} has no version {number}")]
    NoSuchVersion {
        /// Its path.
        path: LibraryPath,
        /// The number asked for.
        number: u64,
    },
    /// A path leads through a file.
    #[error("{path:?} is a file, not a directory")]
    NotADirectory {
        /// The file.
        path: LibraryPath,
    },
    /// Something is there already.
    #[error("{path:?} exists already")]
    Occupied {
        /// The entry that is in the way.
        path: LibraryPath,
        /// What it is.
        is_directory: bool,
    },
    /// A directory cannot be moved below itself.
    #[error("{path:?} cannot be moved into itself")]
    IntoItself {
        /// The directory.
        path: LibraryPath,
    },
    /// The top directory can be neither moved nor deleted.
    #[error("the top of the library cannot be moved or deleted")]
    Root,
    /// A path would break the rules for paths.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_engine!(NameError);

impl NameError {
    pub(crate) fn not_found(path: &LibraryPath) -> Self {
        Self::NotFound { name: path.as_str().to_owned() }
    }
}

/// An entry's row, as far as finding it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) id: i64,
    pub(crate) file: FileId,
    pub(crate) is_directory: bool,
}

impl Found {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let bits: i64 = row.get(1)?;
        Ok(Self { id: row.get(0)?, file: FileId::from_bits(bits.cast_unsigned()), is_directory: row.get(2)? })
    }
}

/// The entry `name` in the directory `parent`.
pub(crate) fn child(connection: &Connection, parent: i64, name: &str) -> Result<Option<Found>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT id, file_id, is_directory FROM entry WHERE parent = ?1 AND name = ?2")?;
    Ok(statement.query_row(params![parent, name], Found::from_row).optional()?)
}

/// The entry with this row number.
pub(crate) fn by_row(connection: &Connection, id: i64) -> Result<Option<Found>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, file_id, is_directory FROM entry WHERE id = ?1")?;
    Ok(statement.query_row([id], Found::from_row).optional()?)
}

/// The entry with this id, in the tree or in the trash.
pub(crate) fn by_file_id(connection: &Connection, file: FileId) -> Result<Option<Found>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, file_id, is_directory FROM entry WHERE file_id = ?1")?;
    Ok(statement.query_row([file.bits().cast_signed()], Found::from_row).optional()?)
}

/// The entry reached from `start` over `parts`.
pub(crate) fn descend<'a>(
    connection: &Connection,
    start: i64,
    parts: impl Iterator<Item = &'a str>,
) -> Result<Option<Found>, StoreError> {
    let mut found = by_row(connection, start)?;
    for part in parts {
        let Some(directory) = found else { return Ok(None) };
        found = child(connection, directory.id, part)?;
    }
    Ok(found)
}

/// The live entry at `path`.
pub(crate) fn find(connection: &Connection, path: &LibraryPath) -> Result<Option<Found>, StoreError> {
    descend(connection, ROOT, path.components())
}

/// Where an entry hangs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its path; for one in the trash, its path when it was deleted.
    pub(crate) path: LibraryPath,
    /// The top of the trashed subtree that it belongs to.
    pub(crate) trashed_top: Option<i64>,
}

/// Finds out where the entry `id` hangs.
pub(crate) fn place_of(connection: &Connection, id: i64) -> Result<Place, StoreError> {
    let mut statement = connection.prepare_cached("SELECT parent, name FROM entry WHERE id = ?1")?;
    let mut parts: Vec<String> = Vec::new();
    let mut at = id;
    let (base, trashed_top) = loop {
        let (parent, name): (Option<i64>, String) =
            statement.query_row([at], |row| Ok((row.get(0)?, row.get(1)?)))?;
        match parent {
            Some(parent) => {
                parts.push(name);
                at = parent;
            }
            None if at == ROOT => break (LibraryPath::root(), None),
            None => break (trashed_path(connection, at)?, Some(at)),
        }
    };
    let path = parts.iter().rev().try_fold(base, |path, part| path.child(part));
    let path = path.map_err(|error| StoreError::damaged(format!("an entry has no valid path: {error}")))?;
    Ok(Place { path, trashed_top })
}

/// The path that the trashed subtree with this top had.
pub(crate) fn trashed_path(connection: &Connection, top: i64) -> Result<LibraryPath, StoreError> {
    let mut statement = connection.prepare_cached("SELECT path FROM trash WHERE entry = ?1")?;
    let path: String = statement.query_row([top], |row| row.get(0))?;
    LibraryPath::parse(&path).map_err(|error| StoreError::damaged(format!("a path in the trash: {error}")))
}

/// A new entry in `parent`.
pub(crate) fn insert(
    library: &Library,
    connection: &Connection,
    parent: i64,
    name: &str,
    is_directory: bool,
) -> Result<Found, StoreError> {
    let file = library.fresh_file_id(connection)?;
    connection
        .prepare_cached("INSERT INTO entry (file_id, parent, name, is_directory) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![file.bits().cast_signed(), parent, name, is_directory])?;
    Ok(Found { id: connection.last_insert_rowid(), file, is_directory })
}

/// Finds or makes directories; remembers the way to the last one, as the files of a batch mostly come directory by
/// directory. Valid within one transaction.
#[derive(Debug, Default)]
pub(crate) struct Directories {
    /// Names and rows from below the root down to the last directory.
    way: Vec<(String, i64)>,
}

/// A file stands where a directory is needed.
#[derive(Debug)]
pub(crate) enum DirectoryError {
    /// The file.
    File(LibraryPath),
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for DirectoryError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<DirectoryError> for NameError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::File(path) => Self::NotADirectory { path },
            DirectoryError::Store(error) => Self::Store(error),
        }
    }
}

impl Directories {
    /// The directory at `path`, made with all its parents where missing.
    pub(crate) fn make(
        &mut self,
        library: &Library,
        connection: &Connection,
        path: &LibraryPath,
    ) -> Result<i64, DirectoryError> {
        let shared = path.components().zip(&self.way).take_while(|(part, (name, _))| part == name).count();
        self.way.truncate(shared);
        let mut id = self.way.last().map_or(ROOT, |(_, id)| *id);
        for part in path.components().skip(shared) {
            id = match child(connection, id, part)? {
                Some(found) if found.is_directory => found.id,
                Some(file) => return Err(DirectoryError::File(place_of(connection, file.id)?.path)),
                None => insert(library, connection, id, part, true)?.id,
            };
            self.way.push((part.to_owned(), id));
        }
        Ok(id)
    }
}
