//! Directories that held something when they were chosen. Where a disk is mounted by a fixed table, an empty directory is all
//! that is left of it while it is away: taken for its content, nothing would be stored and the person told that all is.

use std::path::{Path, PathBuf};

use minicbor::{Decode, Encode};

/// Which of an upload's paths are such directories, in the paths' order; those beyond the end are not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct Filled(Vec<bool>);

impl Filled {
    /// Those of `paths` that hold something now. Does file system calls: not for async threads.
    pub(super) fn now(paths: &[PathBuf]) -> Self {
        Self(paths.iter().map(|path| is_directory(path) && !is_empty(path)).collect())
    }

    /// Those that are in either.
    pub(super) fn or(&self, other: &Self) -> Self {
        let len = self.0.len().max(other.0.len());
        Self((0..len).map(|position| self.has(position) || other.has(position)).collect())
    }

    /// Whether the path at this position is one.
    pub(super) fn has(&self, position: usize) -> bool {
        self.0.get(position).copied().unwrap_or_default()
    }

    /// Whether no path is one.
    pub(crate) fn is_none(&self) -> bool {
        !self.0.contains(&true)
    }

    /// Whether the path at this position was one, and is an empty directory now. Does a file system call.
    pub(super) fn is_emptied(&self, position: usize, path: &Path) -> bool {
        self.has(position) && is_directory(path) && is_empty(path)
    }
}

/// Not a link to one, which is stored as a link.
fn is_directory(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
}

/// What cannot be listed may hold something.
fn is_empty(path: &Path) -> bool {
    std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}
