//! Where downloaded content is written before it is whole.
//!
//! Everything goes to one hidden temporary beside the target, a file or a directory, and is moved into place in the end:
//! a fresh target by one rename, an existing directory file by file. So a failure leaves nothing at the target path.
//!
//! A manifest may come from a stranger. Paths are opened part by part from the temporary's own descriptor and never
//! through a link; links are made last of all, when nothing is opened any more.

mod install;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use layr_library::{PlacedFile, RelativePath};
use rustix::fs::{AtFlags, Mode, OFlags, Timespec, Timestamps};
use rustix::io::Errno;

use self::install::Tree;
use crate::clock::Entropy;
use crate::look::Look;
use crate::temporaries::{Temporaries, Temporary};

/// Permission bits that are restored: never set-user-id, set-group-id or sticky.
const RESTORED_MODE_BITS: u32 = 0o777;
/// Zero runs of a chunk at least this long become holes: smaller ones cost more in extents than in blocks.
const MIN_HOLE_BYTES: usize = 64 * 1024;

/// Why content could not be written here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// The directory that should receive the target is not there.
    #[error("{path} is not a directory that exists")]
    NoDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// Something else is in the way; nothing was replaced.
    #[error("{path} exists and {reason}")]
    InTheWay {
        /// What exists.
        path: PathBuf,
        /// Why it cannot be replaced.
        reason: &'static str,
    },
    /// Two entries of the manifest claim one path, or one lies below a file.
    #[error("the manifest names {path:?} twice or puts something below a file")]
    Contradiction {
        /// The path in the manifest.
        path: String,
    },
    /// The file system said no.
    #[error("cannot write {path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
}

impl StageError {
    fn occupied(path: &Path) -> Self {
        Self::InTheWay { path: path.to_owned(), reason: "is not overwritten" }
    }

    fn io(path: &Path, source: impl Into<std::io::Error>) -> Self {
        Self::Io { path: path.to_owned(), source: source.into() }
    }
}

/// Attributes to restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attributes {
    /// Permission bits; the process's default when absent.
    pub mode: Option<u32>,
    /// Modification time in nanoseconds since 1970; now when absent.
    pub mtime_ns: Option<i64>,
}

/// What becomes of what is at a target already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    /// Files and links are replaced, and a directory receives.
    GivesWay,
    /// A single file takes the place of the file that looks like this, and of nothing else.
    GivesWayAs(Look),
    /// Nothing may be there, also if it appears only meanwhile.
    Stays,
    /// A directory may be there and receives, but only names that it does not have.
    StaysBeside,
}

/// A target under construction. Dropping it removes everything that was written.
#[derive(Debug)]
pub(super) struct Stage {
    target: PathBuf,
    temporary: Temporary,
    existing: Existing,
    /// The temporary directory; none when the target is a single file.
    root: Option<OwnedFd>,
    /// The directory that was opened last: content comes directory by directory.
    last_directory: Option<(String, OwnedFd)>,
    top: Option<Attributes>,
    directories: Vec<(RelativePath, Attributes)>,
    links: Vec<(RelativePath, String, Attributes)>,
}

/// A file under construction, written from its start to its end.
#[derive(Debug)]
pub(super) struct StagedFile {
    file: File,
    path: PathBuf,
    attributes: Attributes,
    size_bytes: u64,
}

impl Stage {
    /// A stage for a single file at `target`.
    ///
    /// # Errors
    /// [`StageError`].
    pub(super) fn for_file(
        target: &Path,
        temporaries: &Temporaries,
        entropy: &dyn Entropy,
    ) -> Result<Self, StageError> {
        install::check_file(target)?;
        Self::reserve(target, temporaries, entropy)
    }

    /// A stage for a directory at `target`.
    ///
    /// # Errors
    /// [`StageError`].
    pub(super) fn for_directory(
        target: &Path,
        temporaries: &Temporaries,
        entropy: &dyn Entropy,
    ) -> Result<Self, StageError> {
        if target.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir()) {
            return Err(StageError::InTheWay { path: target.to_owned(), reason: "is not a directory" });
        }
        let mut stage = Self::reserve(target, temporaries, entropy)?;
        let path = stage.temporary.path();
        rustix::fs::mkdir(path, Mode::RWXU).map_err(|source| StageError::io(path, source))?;
        stage.root = Some(
            open_directory(rustix::fs::CWD, path.as_os_str())
                .map_err(|source| StageError::io(path, source))?,
        );
        Ok(stage)
    }

    fn reserve(target: &Path, temporaries: &Temporaries, entropy: &dyn Entropy) -> Result<Self, StageError> {
        let parent = target.parent().unwrap_or(Path::new("/"));
        if !parent.is_dir() {
            return Err(StageError::NoDirectory { path: parent.to_owned() });
        }
        let temporary =
            temporaries.reserve(parent, entropy).map_err(|source| StageError::io(parent, source))?;
        Ok(Self {
            target: target.to_owned(),
            temporary,
            existing: Existing::GivesWay,
            root: None,
            last_directory: None,
            top: None,
            directories: Vec::new(),
            links: Vec::new(),
        })
    }

    /// Refuses a target where something is.
    ///
    /// # Errors
    /// [`StageError::InTheWay`].
    pub(super) fn check_new(target: &Path) -> Result<(), StageError> {
        match target.symlink_metadata() {
            Ok(_) => Err(StageError::occupied(target)),
            Err(_) => Ok(()),
        }
    }

    /// Refuses a target where something else is than the file that gives way.
    ///
    /// # Errors
    /// [`StageError::InTheWay`].
    pub(super) fn check_same(target: &Path, look: Look) -> Result<(), StageError> {
        match target.symlink_metadata() {
            Ok(found) if found.is_file() && Look::of(&found) == look => Ok(()),
            Ok(_) => Err(StageError::InTheWay {
                path: target.to_owned(),
                reason: "has changed since you agreed to replace it",
            }),
            Err(_) => Ok(()),
        }
    }

    /// Decides what becomes of what is at the target when this is finished; it gives way otherwise.
    pub(super) fn keep(&mut self, existing: Existing) {
        self.existing = existing;
    }

    /// What the target will be, whatever its name: a rename keeps it.
    ///
    /// # Errors
    /// [`StageError::Io`].
    pub(super) fn identity(&self) -> Result<PlacedFile, StageError> {
        let path = self.temporary.path();
        identity(path).map_err(|source| StageError::io(path, source))
    }

    /// Gives the target directory itself its attributes, if it is new.
    pub(super) fn top(&mut self, attributes: Attributes) {
        self.top = Some(attributes);
    }

    /// Makes a directory.
    ///
    /// # Errors
    /// [`StageError`].
    pub(super) fn directory(
        &mut self,
        path: &RelativePath,
        attributes: Attributes,
    ) -> Result<(), StageError> {
        self.walk(path.as_str())?;
        self.directories.push((path.clone(), attributes));
        Ok(())
    }

    /// Remembers a link; it is made when everything else is in place.
    pub(super) fn link(&mut self, path: &RelativePath, target: &str, attributes: Attributes) {
        self.links.push((path.clone(), target.to_owned(), attributes));
    }

    /// Opens the single file of this stage.
    ///
    /// # Errors
    /// [`StageError`].
    pub(super) fn single_file(&self, attributes: Attributes) -> Result<StagedFile, StageError> {
        let path = self.temporary.path();
        create_file(rustix::fs::CWD, path.as_os_str(), path, attributes)
            .map_err(|source| StageError::io(path, source))
    }

    /// Opens a file in the directory of this stage.
    ///
    /// # Errors
    /// [`StageError`].
    pub(super) fn file(
        &mut self,
        path: &RelativePath,
        attributes: Attributes,
    ) -> Result<StagedFile, StageError> {
        let whole = self.target.join(path.as_str());
        let (parent, name) = path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()));
        let directory = self.walk(parent)?;
        create_file(directory, OsStr::new(name), &whole, attributes).map_err(|source| match source {
            Errno::EXIST => StageError::Contradiction { path: path.escaped() },
            _ => StageError::io(&whole, source),
        })
    }

    /// The directory at `path`, made with its parents where they are missing.
    fn walk(&mut self, path: &str) -> Result<&OwnedFd, StageError> {
        let root = self.root.as_ref().ok_or_else(|| StageError::NoDirectory { path: self.target.clone() })?;
        if path.is_empty() {
            return Ok(root);
        }
        if self.last_directory.as_ref().is_none_or(|(last, _)| last != path) {
            let opened = make_directories(root, path, &self.target)?;
            self.last_directory = Some((path.to_owned(), opened));
        }
        Ok(self.last_directory.as_ref().map_or(root, |(_, directory)| directory))
    }

    /// Restores directories' attributes, syncs everything, and moves the whole into place.
    ///
    /// # Errors
    /// [`StageError`]; the target path is then as it was, except that an existing directory may have received some of the
    /// files, each whole.
    pub(super) fn finish(mut self) -> Result<(), StageError> {
        self.last_directory = None;
        match self.root.take() {
            None => match self.existing {
                Existing::GivesWay => install::file(&self.temporary, &self.target),
                Existing::GivesWayAs(look) => install::file_over(&self.temporary, &self.target, look),
                Existing::Stays | Existing::StaysBeside => install::new_file(&self.temporary, &self.target),
            },
            Some(root) => {
                self.make_links(&root)?;
                self.tree(&root).install()
            }
        }
    }

    fn tree<'a>(&'a self, root: &'a OwnedFd) -> Tree<'a> {
        Tree {
            root,
            temporary: self.temporary.path(),
            target: &self.target,
            existing: self.existing,
            top: self.top,
            directories: &self.directories,
        }
    }

    fn make_links(&self, root: &OwnedFd) -> Result<(), StageError> {
        for (path, target, attributes) in &self.links {
            let whole = self.target.join(path.as_str());
            let (parent, name) = path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()));
            let directory = make_directories(root, parent, &self.target)?;
            rustix::fs::symlinkat(target, &directory, name).map_err(|source| match source {
                Errno::EXIST => StageError::Contradiction { path: path.escaped() },
                _ => StageError::io(&whole, source),
            })?;
            if let Some(times) = timestamps(*attributes) {
                // Not every file system keeps times of links; the link itself is what matters.
                let _ = rustix::fs::utimensat(&directory, name, &times, AtFlags::SYMLINK_NOFOLLOW);
            }
        }
        Ok(())
    }
}

impl StagedFile {
    /// Appends content. Long runs of zeros become holes.
    ///
    /// # Errors
    /// [`StageError::Io`].
    pub(super) fn append(&mut self, content: &[u8]) -> Result<(), StageError> {
        self.size_bytes += content.len() as u64;
        let hole = content.len() >= MIN_HOLE_BYTES && content.iter().all(|byte| *byte == 0);
        let written = if hole {
            self.file.seek(SeekFrom::Start(self.size_bytes)).map(drop)
        } else {
            self.file.write_all(content)
        };
        written.map_err(|source| StageError::io(&self.path, source))
    }

    /// Restores the attributes. With `sync`, also syncs the content; a stage of many files syncs them all at once.
    ///
    /// # Errors
    /// [`StageError::Io`].
    pub(super) fn finish(self, sync: bool) -> Result<(), StageError> {
        let finish = || -> std::io::Result<()> {
            // A hole at the end is no write: the size must be set.
            self.file.set_len(self.size_bytes)?;
            if let Some(mode) = self.attributes.mode {
                rustix::fs::fchmod(&self.file, Mode::from_raw_mode(mode & RESTORED_MODE_BITS))?;
            }
            if let Some(times) = timestamps(self.attributes) {
                rustix::fs::futimens(&self.file, &times)?;
            }
            if sync { self.file.sync_all() } else { Ok(()) }
        };
        finish().map_err(|source| StageError::io(&self.path, source))
    }
}

/// What lies at a path, whatever its name.
///
/// # Errors
/// What the system says, above all that there is nothing.
pub(crate) fn identity(path: &Path) -> std::io::Result<PlacedFile> {
    use std::os::unix::fs::MetadataExt;
    let metadata = path.symlink_metadata()?;
    Ok(PlacedFile { device: metadata.dev(), inode: metadata.ino() })
}

fn open_directory(parent: impl AsFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
    rustix::fs::openat(parent, name, flags, Mode::empty())
}

fn make_directories(root: &OwnedFd, path: &str, shown_below: &Path) -> Result<OwnedFd, StageError> {
    let whole = || shown_below.join(path);
    let mut directory = root.try_clone().map_err(|source| StageError::io(&whole(), source))?;
    for part in path.split('/').filter(|part| !part.is_empty()) {
        match rustix::fs::mkdirat(&directory, part, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(source) => return Err(StageError::io(&whole(), source)),
        }
        directory = open_directory(&directory, OsStr::new(part)).map_err(|source| match source {
            Errno::NOTDIR | Errno::LOOP => {
                StageError::Contradiction { path: path.escape_debug().to_string() }
            }
            _ => StageError::io(&whole(), source),
        })?;
    }
    Ok(directory)
}

fn create_file(
    directory: impl AsFd,
    name: &OsStr,
    shown: &Path,
    attributes: Attributes,
) -> Result<StagedFile, Errno> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::WRONLY;
    let file = rustix::fs::openat(directory, name, flags, Mode::RUSR | Mode::WUSR)?;
    Ok(StagedFile { file: File::from(file), path: shown.to_owned(), attributes, size_bytes: 0 })
}

fn timestamps(attributes: Attributes) -> Option<Timestamps> {
    let mtime_ns = attributes.mtime_ns?;
    let omitted = Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_OMIT };
    let modified =
        Timespec { tv_sec: mtime_ns.div_euclid(1_000_000_000), tv_nsec: mtime_ns.rem_euclid(1_000_000_000) };
    Some(Timestamps { last_access: omitted, last_modification: modified })
}

#[cfg(test)]
mod tests;
