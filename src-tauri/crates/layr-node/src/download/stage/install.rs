//! Moving a finished stage to its target.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use layr_library::RelativePath;
use rustix::fs::{AtFlags, CWD, FileType, Mode, RenameFlags};
use rustix::io::Errno;
use rustix::path::Arg;

use super::{
    Attributes, Existing, RESTORED_MODE_BITS, Stage, StageError, make_directories, open_directory, timestamps,
};
use crate::look::Look;
use crate::temporaries::Temporary;

/// Deepest tree that is merged: paths have at most 32 KiB, and each level costs a descriptor.
const MAX_MERGE_DEPTH: usize = 256;

/// Refuses a target that a file must not take the place of.
pub(super) fn check_file(target: &Path) -> Result<(), StageError> {
    match rustix::fs::lstat(target) {
        Ok(status) => check_replaceable(FileType::from_raw_mode(status.st_mode), target),
        // Nothing there, or what will be said when it is written.
        Err(_) => Ok(()),
    }
}

/// A file takes the place of another file or of a link; never of a device or a pipe, with which others work.
fn check_replaceable(existing: FileType, path: &Path) -> Result<(), StageError> {
    let reason = match existing {
        FileType::RegularFile | FileType::Symlink => return Ok(()),
        FileType::Directory => "is a directory",
        _ => "is no regular file",
    };
    Err(StageError::InTheWay { path: path.to_owned(), reason })
}

/// Renames the temporary file, synced already, over `target`.
pub(super) fn file(temporary: &Temporary, target: &Path) -> Result<(), StageError> {
    check_file(target)?;
    std::fs::rename(temporary.path(), target).map_err(|source| match source.kind() {
        std::io::ErrorKind::IsADirectory => {
            StageError::InTheWay { path: target.to_owned(), reason: "is a directory" }
        }
        _ => StageError::io(target, source),
    })?;
    sync_parent(target)
}

/// Renames the temporary file, synced already, over the file at `target` that looks like this; where it is gone nothing may be.
pub(super) fn file_over(temporary: &Temporary, target: &Path, look: Look) -> Result<(), StageError> {
    Stage::check_same(target, look)?;
    if target.symlink_metadata().is_ok() { file(temporary, target) } else { new_file(temporary, target) }
}

/// Renames the temporary file, synced already, to `target`, where nothing may be.
pub(super) fn new_file(temporary: &Temporary, target: &Path) -> Result<(), StageError> {
    rename_fresh((CWD, temporary.path()), (CWD, target)).map_err(|source| match source {
        Errno::EXIST => StageError::occupied(target),
        _ => StageError::io(target, source),
    })?;
    sync_parent(target)
}

/// A tree that is whole, on its way to its target.
pub(super) struct Tree<'a> {
    pub root: &'a OwnedFd,
    pub temporary: &'a Path,
    pub target: &'a Path,
    pub existing: Existing,
    pub top: Option<Attributes>,
    pub directories: &'a [(RelativePath, Attributes)],
}

impl Tree<'_> {
    /// Syncs the tree and renames it to the target, or merges it into the directory that is there.
    pub(super) fn install(&self) -> Result<(), StageError> {
        if self.target.symlink_metadata().is_ok() {
            sync_content(self.root).map_err(|source| StageError::io(self.target, source))?;
            return self.merge();
        }
        self.settle()?;
        match rename_fresh((CWD, self.temporary), (CWD, self.target)) {
            Ok(()) => sync_parent(self.target),
            // It came meanwhile.
            Err(Errno::EXIST | Errno::NOTEMPTY) if self.existing != Existing::Stays => {
                self.open_up()?;
                self.merge()
            }
            Err(Errno::EXIST | Errno::NOTEMPTY) => Err(StageError::occupied(self.target)),
            Err(source) => Err(StageError::io(self.target, source)),
        }
    }

    /// Gives everything its attributes and syncs it, while it has no name yet: whoever finds the name, also after a crash,
    /// finds what belongs to it. A directory that forbids writing can still be renamed where it is.
    pub(super) fn settle(&self) -> Result<(), StageError> {
        let failed = |source: Errno| StageError::io(self.target, source);
        restore_all(self.root, self.target, self.directories)?;
        if let Some(attributes) = self.top {
            restore(self.root, attributes).map_err(failed)?;
        }
        sync_content(self.root).map_err(failed)
    }

    /// Lets the content of a settled tree be moved out of its directories. Highest first: the way down leads through them.
    pub(super) fn open_up(&self) -> Result<(), StageError> {
        let failed = |source: Errno| StageError::io(self.target, source);
        rustix::fs::fchmod(self.root, Mode::RWXU).map_err(failed)?;
        let mut directories: Vec<&RelativePath> = self.directories.iter().map(|(path, _)| path).collect();
        directories.sort_by_key(|path| path.components().count());
        for path in directories {
            let (parent, name) = path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()));
            let parent = make_directories(self.root, parent, self.target)?;
            rustix::fs::chmodat(&parent, name, Mode::RWXU, AtFlags::empty()).map_err(failed)?;
        }
        Ok(())
    }

    fn merge(&self) -> Result<(), StageError> {
        if self.existing == Existing::Stays {
            return Err(StageError::occupied(self.target));
        }
        let existing = open_directory(CWD, self.target.as_os_str()).map_err(|source| match source {
            Errno::NOTDIR | Errno::LOOP => {
                StageError::InTheWay { path: self.target.to_owned(), reason: "is not a directory" }
            }
            _ => StageError::io(self.target, source),
        })?;
        let fresh = if self.existing == Existing::StaysBeside {
            move_beside(self.root, &existing, self.target)?
        } else {
            check(self.root, &existing, self.target, 0)?;
            merge(self.root, &existing, self.target, 0)?
        };
        let made = |(path, _): &&(RelativePath, Attributes)| {
            fresh.iter().any(|fresh| self.target.join(path.as_str()).starts_with(fresh))
        };
        let made: Vec<_> = self.directories.iter().filter(made).cloned().collect();
        restore_all(&existing, self.target, &made)?;
        sync_parent(self.target)
    }
}

/// Renames where nothing is in the way, also on file systems that cannot check it in the same step.
fn rename_fresh<P: Arg + Copy>(from: (BorrowedFd<'_>, P), to: (BorrowedFd<'_>, P)) -> Result<(), Errno> {
    match rustix::fs::renameat_with(from.0, from.1, to.0, to.1, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS) => match rustix::fs::statat(to.0, to.1, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => rustix::fs::renameat(from.0, from.1, to.0, to.1),
            Err(source) => Err(source),
            Ok(_) => Err(Errno::EXIST),
        },
        outcome => outcome,
    }
}

/// Deepest first: a directory's own time changes when something is made in it, and its mode may forbid that.
fn restore_all(
    root: &OwnedFd,
    target: &Path,
    directories: &[(RelativePath, Attributes)],
) -> Result<(), StageError> {
    let mut directories: Vec<_> = directories.iter().collect();
    directories.sort_by_key(|(path, _)| std::cmp::Reverse(path.components().count()));
    for (path, attributes) in directories {
        let directory = make_directories(root, path.as_str(), target)?;
        restore(&directory, *attributes)
            .map_err(|source| StageError::io(&target.join(path.as_str()), source))?;
    }
    Ok(())
}

fn restore(directory: &OwnedFd, attributes: Attributes) -> Result<(), Errno> {
    if let Some(times) = timestamps(attributes) {
        rustix::fs::futimens(directory, &times)?;
    }
    match attributes.mode {
        Some(mode) => rustix::fs::fchmod(directory, Mode::from_raw_mode(mode & RESTORED_MODE_BITS)),
        None => Ok(()),
    }
}

/// Finds what would be in the way before anything is moved.
fn check(from: &OwnedFd, to: &OwnedFd, shown: &Path, depth: usize) -> Result<(), StageError> {
    for (name, staged) in entries(from, shown)? {
        let path = shown.join(&name);
        let Some(existing) = kind(to, &name, &path)? else { continue };
        match (staged, existing) {
            (FileType::Directory, FileType::Directory) if depth < MAX_MERGE_DEPTH => {
                let open = |parent: &OwnedFd| {
                    open_directory(parent, &name).map_err(|source| StageError::io(&path, source))
                };
                check(&open(from)?, &open(to)?, &path, depth + 1)?;
            }
            (FileType::Directory, FileType::Directory) => {
                return Err(StageError::InTheWay { path, reason: "lies too deep to be merged" });
            }
            (FileType::Directory, _) => {
                return Err(StageError::InTheWay { path, reason: "is not a directory" });
            }
            (_, existing) => check_replaceable(existing, &path)?,
        }
    }
    Ok(())
}

/// Moves everything beside what is there, none of which may have its names; returns the directories that did not exist before.
fn move_beside(from: &OwnedFd, to: &OwnedFd, shown: &Path) -> Result<Vec<PathBuf>, StageError> {
    let all = entries(from, shown)?;
    for (name, _) in &all {
        let path = shown.join(name);
        if kind(to, name, &path)?.is_some() {
            return Err(StageError::occupied(&path));
        }
    }
    let mut fresh = Vec::new();
    for (name, staged) in all {
        let path = shown.join(&name);
        rename_fresh((from.as_fd(), name.as_os_str()), (to.as_fd(), name.as_os_str())).map_err(|source| {
            match source {
                Errno::EXIST => StageError::occupied(&path),
                _ => StageError::io(&path, source),
            }
        })?;
        if staged == FileType::Directory {
            fresh.push(path);
        }
    }
    rustix::fs::fsync(to).map_err(|source| StageError::io(shown, source))?;
    Ok(fresh)
}

/// Moves everything; returns the directories that did not exist before.
fn merge(from: &OwnedFd, to: &OwnedFd, shown: &Path, depth: usize) -> Result<Vec<PathBuf>, StageError> {
    let mut fresh = Vec::new();
    for (name, staged) in entries(from, shown)? {
        let path = shown.join(&name);
        let failed = |source: Errno| StageError::io(&path, source);
        let existing = kind(to, &name, &path)?;
        if staged == FileType::Directory && existing == Some(FileType::Directory) && depth < MAX_MERGE_DEPTH {
            let (from, to) = (open_directory(from, &name), open_directory(to, &name));
            fresh.extend(merge(&from.map_err(failed)?, &to.map_err(failed)?, &path, depth + 1)?);
            continue;
        }
        rustix::fs::renameat(from, &name, to, &name).map_err(failed)?;
        if staged == FileType::Directory {
            fresh.push(path);
        }
    }
    rustix::fs::fsync(to).map_err(|source| StageError::io(shown, source))?;
    Ok(fresh)
}

fn entries(directory: &OwnedFd, shown: &Path) -> Result<Vec<(std::ffi::OsString, FileType)>, StageError> {
    use std::os::unix::ffi::OsStrExt;
    let failed = |source: Errno| StageError::io(shown, source);
    let mut all = Vec::new();
    for entry in rustix::fs::Dir::read_from(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name != "." && name != ".." {
            let name = name.to_owned();
            let Some(kind) = kind(directory, &name, shown)? else { continue };
            all.push((name, kind));
        }
    }
    Ok(all)
}

fn kind(directory: &OwnedFd, name: &OsStr, shown: &Path) -> Result<Option<FileType>, StageError> {
    match rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(status) => Ok(Some(FileType::from_raw_mode(status.st_mode))),
        Err(Errno::NOENT) => Ok(None),
        Err(source) => Err(StageError::io(shown, source)),
    }
}

/// One call for the content of all files: a sync for each of ten thousand small files would take minutes.
#[cfg(target_os = "linux")]
fn sync_content(root: impl AsFd) -> Result<(), Errno> {
    rustix::fs::syncfs(root)
}

#[cfg(not(target_os = "linux"))]
fn sync_content(_root: impl AsFd) -> Result<(), Errno> {
    rustix::fs::sync();
    Ok(())
}

fn sync_parent(target: &Path) -> Result<(), StageError> {
    let parent = target.parent().unwrap_or(Path::new("/"));
    std::fs::File::open(parent)
        .and_then(|directory| directory.sync_all())
        .map_err(|source| StageError::io(parent, source))
}
