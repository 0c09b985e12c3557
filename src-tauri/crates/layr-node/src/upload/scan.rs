//! The walk over what a person wants stored.
//!
//! Order is deterministic: the arguments as given, each directory before its content, names by bytes. Links are not
//! followed, so a walk ends. Memory holds the names of the directories on the way down, nothing else; what cannot be
//! stored is reported with a reason and does not stop the rest.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use layr_library::LibraryPath;

use super::UploadError;
use super::filled::Filled;
use crate::api::SkippedPath;
use crate::look::Look;
use crate::temporaries::is_temporary_name;

/// Why a directory is left out that may be what is left of a disk that is away.
const EMPTIED: &str = "it is empty now, and was not when it was chosen; if it is on a disk, connect that";

/// One thing that the walk came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// A regular file.
    File(FoundFile),
    /// A directory, before its content.
    Directory {
        /// Where it goes.
        library: LibraryPath,
        /// Permission bits.
        mode: u32,
        /// Modification time in nanoseconds since 1970.
        mtime_ns: i64,
    },
    /// A symbolic link.
    Symlink {
        /// Where it is.
        local: PathBuf,
        /// Where it goes.
        library: LibraryPath,
        /// What it points to, as text.
        target: String,
        /// Modification time in nanoseconds since 1970.
        mtime_ns: i64,
    },
    /// Something that is not stored.
    Skipped(SkippedPath),
}

/// A regular file as the walk saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundFile {
    /// Where it is.
    pub local: PathBuf,
    /// Where it goes.
    pub library: LibraryPath,
    /// What it looked like.
    pub look: Look,
}

/// A walk that is asked for its next steps.
#[derive(Debug)]
pub(super) struct Scan {
    levels: Vec<Level>,
}

/// A directory on the way down, with the names still to be visited.
#[derive(Debug)]
struct Level {
    local: PathBuf,
    library: LibraryPath,
    names: std::vec::IntoIter<OsString>,
    /// Whether what it names held something when the person chose it.
    was_filled: bool,
}

impl Scan {
    /// A walk over `paths` into the library directory `to`. No two may end at one name. Of several, those that do not exist
    /// any more, are empty where they were `filled`, or cannot be looked at are reported as the rest is walked over: what was
    /// chosen may wait for days in the queue.
    ///
    /// # Errors
    /// [`UploadError::NoSuchPath`] where nothing exists, [`UploadError::BadPath`]; before anything is read or sent.
    pub(super) fn new(paths: &[PathBuf], to: &LibraryPath, filled: &Filled) -> Result<Self, UploadError> {
        let mut taken = BTreeSet::new();
        let mut levels = Vec::new();
        let (mut exists, mut missing) = (false, None);
        for (position, path) in paths.iter().enumerate() {
            let (parent, name) = match (parent_and_name(path), path.parent(), path.file_name()) {
                (Err(error), Some(parent), Some(name)) => {
                    missing.get_or_insert(error);
                    // Looked for once more when it is its turn.
                    (parent.to_owned(), name.to_owned())
                }
                (named, ..) => {
                    exists = true;
                    named?
                }
            };
            if let Some(text) = name.to_str()
                && !taken.insert(text.to_owned())
            {
                let reason = format!(
                    "two of the paths end in {text:?}; store them one after the other in different folders"
                );
                return Err(UploadError::BadPath { path: path.clone(), reason });
            }
            levels.push(Level {
                local: parent,
                library: to.clone(),
                names: vec![name].into_iter(),
                was_filled: filled.has(position),
            });
        }
        if let (false, Some(missing)) = (exists, missing) {
            return Err(missing);
        }
        levels.reverse();
        Ok(Self { levels })
    }

    /// The next at most `count` finds; none when the walk is over. Does file system calls: not for async threads.
    pub(super) fn next_batch(&mut self, count: usize) -> Vec<Found> {
        let mut batch = Vec::with_capacity(count.min(1024));
        while batch.len() < count {
            let Some(level) = self.levels.last_mut() else { break };
            let Some(name) = level.names.next() else {
                self.levels.pop();
                continue;
            };
            let (local, was_filled) = (level.local.join(&name), level.was_filled);
            let found = match library_path(&level.library, &name) {
                Ok(library) => self.visit(local, library, was_filled),
                Err(reason) => skipped(&local, reason),
            };
            batch.push(found);
        }
        batch
    }

    fn visit(&mut self, local: PathBuf, library: LibraryPath, was_filled: bool) -> Found {
        let metadata = match std::fs::symlink_metadata(&local) {
            Ok(metadata) => metadata,
            Err(source) => return skipped(&local, io_reason(&source)),
        };
        let look = Look::of(&metadata);
        let kind = metadata.file_type();
        if kind.is_file() {
            return Found::File(FoundFile { local, library, look });
        }
        if kind.is_symlink() {
            return visit_link(local, library, look.mtime_ns);
        }
        if kind.is_dir() {
            return match sorted_names(&local) {
                Ok(names) if names.is_empty() && was_filled => skipped(&local, EMPTIED),
                Ok(names) => {
                    self.levels.push(Level {
                        local,
                        library: library.clone(),
                        names: names.into_iter(),
                        was_filled: false,
                    });
                    Found::Directory { library, mode: look.mode, mtime_ns: look.mtime_ns }
                }
                Err(source) => skipped(&local, io_reason(&source)),
            };
        }
        let what = match kind {
            kind if kind.is_fifo() => "a named pipe",
            kind if kind.is_socket() => "a socket",
            _ => "a device",
        };
        skipped(&local, format!("it is {what}, which has no content to store"))
    }
}

fn visit_link(local: PathBuf, library: LibraryPath, mtime_ns: i64) -> Found {
    match std::fs::read_link(&local) {
        Ok(target) => match target.into_os_string().into_string() {
            Ok(target) => Found::Symlink { local, library, target, mtime_ns },
            Err(_) => skipped(&local, "the link's target is not valid UTF-8"),
        },
        Err(source) => skipped(&local, io_reason(&source)),
    }
}

/// What to look up where for one argument; a path like `a/..` is resolved to get a name.
fn parent_and_name(path: &Path) -> Result<(PathBuf, OsString), UploadError> {
    let missing = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
            UploadError::NoSuchPath { path: path.to_owned() }
        }
        _ => UploadError::BadPath { path: path.to_owned(), reason: io_reason(&source) },
    };
    std::fs::symlink_metadata(path).map_err(missing)?;
    let whole =
        if path.file_name().is_some() { path.to_owned() } else { path.canonicalize().map_err(missing)? };
    match (whole.parent(), whole.file_name()) {
        (Some(parent), Some(name)) => Ok((parent.to_owned(), name.to_owned())),
        _ => Err(UploadError::BadPath {
            path: path.to_owned(),
            reason: "the root of the file system has no name to store it under; name its directories"
                .to_owned(),
        }),
    }
}

fn library_path(parent: &LibraryPath, name: &OsString) -> Result<LibraryPath, String> {
    let Some(text) = name.to_str() else {
        return Err("its name is not valid UTF-8; rename it to store it".to_owned());
    };
    if is_temporary_name(text) {
        return Err("it is the temporary file of a download".to_owned());
    }
    parent.child(text).map_err(|source| source.to_string())
}

fn sorted_names(directory: &Path) -> std::io::Result<Vec<OsString>> {
    let mut names = std::fs::read_dir(directory)?
        .map(|entry| Ok(entry?.file_name()))
        .collect::<std::io::Result<Vec<_>>>()?;
    names.sort_unstable();
    Ok(names)
}

fn skipped(local: &Path, reason: impl Into<String>) -> Found {
    Found::Skipped(SkippedPath { path: local.to_string_lossy().into_owned(), reason: reason.into() })
}

/// Why the system would not let us, as the second half of a sentence about a path.
pub(super) fn io_reason(source: &std::io::Error) -> String {
    match source.kind() {
        std::io::ErrorKind::NotFound => "it disappeared meanwhile".to_owned(),
        std::io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        _ => format!("it cannot be read: {source}"),
    }
}

#[cfg(test)]
mod tests;
