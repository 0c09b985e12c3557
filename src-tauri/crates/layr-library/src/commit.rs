//! Committing: what was uploaded becomes versions that people see.

use std::collections::BTreeSet;

use layr_codec::ChunkId;
use rusqlite::Transaction;

use crate::chunks;
use crate::error::{StoreError, from_engine};
use crate::ids::{FileId, VersionNumber};
use crate::library::Library;
use crate::path::LibraryPath;
use crate::source::{self, SourceFile};
use crate::tree::{self, Directories, DirectoryError, Found};
use crate::version::{self, VersionRow};

/// Longest target of a symbolic link in bytes: Linux's `PATH_MAX`.
pub const MAX_LINK_TARGET_BYTES: usize = 4096;

/// What a new version holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewContent {
    /// A file of these chunks, in order; none for an empty file.
    File {
        /// Length in bytes: the sum of the chunks' plaintexts.
        size_bytes: u64,
        /// The chunks, all in safe segments.
        chunks: Vec<ChunkId>,
    },
    /// The content of a version that exists.
    SameAs {
        /// Its file.
        file: FileId,
        /// Its number.
        version: VersionNumber,
    },
    /// A directory. One that exists takes the new time and mode.
    Directory,
    /// A symbolic link.
    Symlink {
        /// What it points to, uninterpreted.
        target: String,
    },
}

/// A version to commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// Where; missing directories are made.
    pub path: LibraryPath,
    /// What.
    pub content: NewContent,
    /// Last change, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Permission bits, where the system has them.
    pub mode: Option<u32>,
    /// The local file that it was read from, if its stamp is settled ([`crate::SourceStamp::is_settled`]).
    pub source: Option<SourceFile>,
}

/// A committed version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The entry.
    pub file: FileId,
    /// The version; none for directories.
    pub version: Option<VersionNumber>,
    /// Whether there is more now than before: false when the current version was the very same.
    pub is_new: bool,
}

/// Nothing was committed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// A file stands where a directory is needed, or a directory where a file should go.
    #[error("{path:?} cannot be stored: {at:?} is a {}", if *is_directory { "directory" } else { "file" })]
    PathConflict {
        /// What was to be stored.
        path: LibraryPath,
        /// What is in the way.
        at: LibraryPath,
        /// What that is.
        is_directory: bool,
    },
    /// A chunk is unknown or its segment is not safe yet.
    #[error("{path:?} cannot be stored yet: chunk {chunk} is not safe")]
    ChunkNotSafe {
        /// What was to be stored.
        path: LibraryPath,
        /// The chunk.
        chunk: ChunkId,
    },
    /// The chunks have another length in sum than the file.
    #[error("{path:?} has {size_bytes} bytes, but its chunks have {chunk_bytes}")]
    SizeMismatch {
        /// What was to be stored.
        path: LibraryPath,
        /// The length stated.
        size_bytes: u64,
        /// The sum of the chunks' lengths.
        chunk_bytes: u64,
    },
    /// The version whose content was to be taken does not exist (any more).
    #[error("{path:?} cannot be stored: version {version} of file {file} is gone")]
    NoSuchVersion {
        /// What was to be stored.
        path: LibraryPath,
        /// The file asked for.
        file: FileId,
        /// The version asked for.
        version: VersionNumber,
    },
    /// The target of a link is empty, too long or has a zero byte.
    #[error("{path:?}: the target of a link has 1 to {MAX_LINK_TARGET_BYTES} bytes, none of them zero")]
    BadLinkTarget {
        /// What was to be stored.
        path: LibraryPath,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_engine!(CommitError);

/// Whether a link's target keeps the rules.
pub(crate) fn is_link_target_fine(target: &str) -> bool {
    (1..=MAX_LINK_TARGET_BYTES).contains(&target.len()) && !target.bytes().any(|byte| byte == 0)
}

/// The content of a version as rows.
#[derive(Default)]
struct Content {
    size_bytes: u64,
    chunks: Vec<i64>,
    segments: BTreeSet<i64>,
    link_target: Option<String>,
    expires_unix_s: Option<u64>,
}

impl Library {
    /// Commits versions, all or none, and returns what became of each, in order. `now_unix_s` is shown as the time of
    /// the commit.
    ///
    /// The version that was current before is kept for 30 days. Two commits of the same path give two versions.
    /// Repeating a commit gives none.
    pub fn commit_versions(
        &self,
        versions: &[NewVersion],
        now_unix_s: u64,
    ) -> Result<Vec<Committed>, CommitError> {
        self.write(|transaction| {
            let mut directories = Directories::default();
            versions.iter().map(|new| commit(self, transaction, &mut directories, new, now_unix_s)).collect()
        })
    }
}

fn commit(
    library: &Library,
    transaction: &Transaction<'_>,
    directories: &mut Directories,
    new: &NewVersion,
    now_unix_s: u64,
) -> Result<Committed, CommitError> {
    if new.content == NewContent::Directory {
        return commit_directory(library, transaction, directories, new);
    }
    let content = match &new.content {
        NewContent::File { size_bytes, chunks } => look_up(transaction, &new.path, *size_bytes, chunks)?,
        NewContent::SameAs { file, version } => copy_of(transaction, &new.path, *file, *version)?,
        NewContent::Symlink { target } if !is_link_target_fine(target) => {
            return Err(CommitError::BadLinkTarget { path: new.path.clone() });
        }
        NewContent::Symlink { target } => Content { link_target: Some(target.clone()), ..Content::default() },
        NewContent::Directory => Content::default(),
    };
    let entry = leaf(library, transaction, directories, &new.path)?;
    let row = VersionRow {
        size_bytes: content.size_bytes,
        mtime_ns: new.mtime_ns,
        mode: new.mode,
        link_target: content.link_target.as_deref(),
        committed_unix_s: now_unix_s,
        expires_unix_s: content.expires_unix_s,
        chunks: &content.chunks,
        segments: &content.segments,
    };
    let (version, is_new) = version::add(transaction, entry.id, &row)?;
    if let Some(source) = &new.source {
        source::record(transaction, source, version.id)?;
    }
    Ok(Committed { file: entry.file, version: Some(version.number), is_new })
}

fn conflict(path: &LibraryPath, at: LibraryPath, is_directory: bool) -> CommitError {
    CommitError::PathConflict { path: path.clone(), at, is_directory }
}

fn directory(
    library: &Library,
    transaction: &Transaction<'_>,
    directories: &mut Directories,
    path: &LibraryPath,
    wanted_by: &LibraryPath,
) -> Result<i64, CommitError> {
    directories.make(library, transaction, path).map_err(|error| match error {
        DirectoryError::File(at) => conflict(wanted_by, at, false),
        DirectoryError::Store(error) => error.into(),
    })
}

/// The file or link at `path`, made without a version when it is new.
pub(crate) fn leaf(
    library: &Library,
    transaction: &Transaction<'_>,
    directories: &mut Directories,
    path: &LibraryPath,
) -> Result<Found, CommitError> {
    let (Some(parent), Some(name)) = (path.parent(), path.name()) else {
        return Err(conflict(path, LibraryPath::root(), true));
    };
    let parent = directory(library, transaction, directories, &parent, path)?;
    match tree::child(transaction, parent, name)? {
        Some(found) if found.is_directory => Err(conflict(path, path.clone(), true)),
        Some(found) => Ok(found),
        None => Ok(tree::insert(library, transaction, parent, name, false)?),
    }
}

fn commit_directory(
    library: &Library,
    transaction: &Transaction<'_>,
    directories: &mut Directories,
    new: &NewVersion,
) -> Result<Committed, CommitError> {
    let existed = tree::find(transaction, &new.path)?.is_some();
    let id = directory(library, transaction, directories, &new.path, &new.path)?;
    transaction
        .prepare_cached("UPDATE entry SET mtime_ns = ?2, mode = ?3 WHERE id = ?1")?
        .execute(rusqlite::params![id, new.mtime_ns, new.mode])?;
    let found = tree::by_row(transaction, id)?.ok_or_else(|| StoreError::damaged("a directory vanished"))?;
    Ok(Committed { file: found.file, version: None, is_new: !existed })
}

fn look_up(
    transaction: &Transaction<'_>,
    path: &LibraryPath,
    size_bytes: u64,
    chunks: &[ChunkId],
) -> Result<Content, CommitError> {
    let mut content = Content { size_bytes, chunks: Vec::with_capacity(chunks.len()), ..Content::default() };
    let mut chunk_bytes = 0_u64;
    for chunk in chunks {
        match chunks::own_chunk(transaction, chunk)? {
            Some(row) if row.is_safe => {
                chunk_bytes = chunk_bytes.saturating_add(u64::from(row.plain_bytes));
                content.chunks.push(row.id);
                content.segments.insert(row.segment);
            }
            _ => return Err(CommitError::ChunkNotSafe { path: path.clone(), chunk: *chunk }),
        }
    }
    if chunk_bytes != size_bytes {
        return Err(CommitError::SizeMismatch { path: path.clone(), size_bytes, chunk_bytes });
    }
    Ok(content)
}

fn copy_of(
    transaction: &Transaction<'_>,
    path: &LibraryPath,
    file: FileId,
    number: VersionNumber,
) -> Result<Content, CommitError> {
    let gone = || CommitError::NoSuchVersion { path: path.clone(), file, version: number };
    let entry = tree::by_file_id(transaction, file)?.ok_or_else(gone)?;
    let version = version::numbered(transaction, entry.id, number)?.ok_or_else(gone)?;
    let (size_bytes, link_target, expires): (i64, Option<String>, Option<i64>) = transaction
        .prepare_cached("SELECT size_bytes, link_target, expires_unix_s FROM version WHERE id = ?1")?
        .query_row([version.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(Content {
        size_bytes: crate::error::unsigned(size_bytes)?,
        chunks: version::chunk_rows(transaction, version.id)?,
        segments: version::segment_rows(transaction, version.id)?,
        link_target,
        expires_unix_s: expires.map(crate::error::unsigned).transpose()?,
    })
}
