//! Writing a file so that a crash at any instant leaves the old or the new content, never a mixture.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::random::random_bytes;

const TEMPORARY_SUFFIX: &str = ".tmp";
/// Random bytes in a temporary name: two writers never choose the same.
const UNIQUE_BYTES: usize = 8;

/// Writes a new file that only its owner may read, whole or not at all, durably, and never over anything that has the name:
/// that is [`io::ErrorKind::AlreadyExists`]. Where the system has files without a name, a crash leaves nothing behind;
/// elsewhere the next call for this `target` removes what it left.
///
/// # Errors
/// What the disk says; nothing of the content is left then.
pub fn write_new(target: &Path, content: &[u8]) -> io::Result<()> {
    match write_unnamed(target, content)? {
        Written::Whole => Ok(()),
        Written::NotPossibleHere => write_staged(target, content),
    }
}

/// What becomes of what has the name of a file that is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is written.
    #[default]
    Stays,
    /// A regular file gives way in the last step, as somebody has said; anything else stays.
    GivesWay,
}

/// As [`write_new`], or over a regular file that has the name: then the old or the new one is there, whole, at every instant.
///
/// # Errors
/// As [`write_new`].
pub fn write(target: &Path, content: &[u8], existing: Existing) -> io::Result<()> {
    let is_file = || fs::symlink_metadata(target).is_ok_and(|found| found.is_file());
    if existing == Existing::Stays || !is_file() {
        return write_new(target, content);
    }
    sweep(target)?;
    stage(target, content)?.commit()
}

/// Outcome of an attempt.
enum Written {
    Whole,
    /// The file system has no files without a name, or no way to give them one.
    NotPossibleHere,
}

/// Writes a file that has no name before it is whole.
#[cfg(target_os = "linux")]
fn write_unnamed(target: &Path, content: &[u8]) -> io::Result<Written> {
    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};
    use rustix::io::Errno;
    use std::os::fd::AsRawFd;

    let unnamed = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let mut file = match open(directory_of(target), unnamed, Mode::RUSR | Mode::WUSR) {
        Ok(file) => File::from(file),
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => return Ok(Written::NotPossibleHere),
        Err(error) => return Err(error.into()),
    };
    file.write_all(content)?;
    file.sync_all()?;
    // The way that open(2) gives to those without special rights.
    let here = format!("/proc/self/fd/{}", file.as_raw_fd());
    match linkat(CWD, here, CWD, target, AtFlags::SYMLINK_FOLLOW) {
        Ok(()) => made_durable(target).map(|()| Written::Whole),
        Err(Errno::EXIST) => Err(io::ErrorKind::AlreadyExists.into()),
        // Without /proc, or on a file system without links.
        Err(_) => Ok(Written::NotPossibleHere),
    }
}

#[cfg(not(target_os = "linux"))]
fn write_unnamed(_target: &Path, _content: &[u8]) -> io::Result<Written> {
    Ok(Written::NotPossibleHere)
}

fn write_staged(target: &Path, content: &[u8]) -> io::Result<()> {
    sweep(target)?;
    stage(target, content)?.commit_new()
}

/// New content on disk beside the file that it will replace. Dropped without a commit, it removes itself.
pub(crate) struct Staged {
    target: PathBuf,
    temporary: PathBuf,
    /// Locked while it is ours, so that [`sweep`] can tell a leftover from a file being written.
    file: File,
    is_committed: bool,
}

/// Writes `content` to a temporary file beside `target` and syncs it. On Unix only its owner may read it.
pub(crate) fn stage(target: &Path, content: &[u8]) -> io::Result<Staged> {
    let unique = random_bytes::<UNIQUE_BYTES>().map_err(io::Error::other)?;
    let mut name = prefix(target);
    name.push(hex::encode(unique.as_slice()));
    name.push(TEMPORARY_SUFFIX);
    let temporary = target.with_file_name(name);

    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&temporary)?;
    let mut staged = Staged { target: target.to_owned(), temporary, file, is_committed: false };
    staged.file.lock()?;
    staged.file.write_all(content)?;
    staged.file.sync_all()?;
    Ok(staged)
}

impl Staged {
    /// Puts the new content in the target's place, durably.
    pub(crate) fn commit(mut self) -> io::Result<()> {
        fs::rename(&self.temporary, &self.target)?;
        self.is_committed = true;
        sync_directory_of(&self.target)
    }

    /// The same where nothing has the target's name yet; what has it is never replaced.
    fn commit_new(self) -> io::Result<()> {
        match fs::hard_link(&self.temporary, &self.target) {
            // The second name goes with `self`.
            Ok(()) => made_durable(&self.target),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            // A memory stick has no links. Between the look and the rename somebody could take the name.
            Err(_) if fs::symlink_metadata(&self.target).is_err() => self.commit(),
            Err(_) => Err(io::ErrorKind::AlreadyExists.into()),
        }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.is_committed {
            // Should this fail, the next sweep removes it.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Removes what writers that were killed left beside `target`.
pub(crate) fn sweep(target: &Path) -> io::Result<()> {
    let prefix = prefix(target);
    for entry in fs::read_dir(directory_of(target))? {
        let entry = entry?;
        if !is_temporary(&entry.file_name(), &prefix) {
            continue;
        }
        match File::open(entry.path()) {
            Ok(file) if file.try_lock().is_ok() => fs::remove_file(entry.path())?,
            // Somebody is writing it right now, or has just removed it.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// Removes `target` durably.
pub(crate) fn remove(target: &Path) -> io::Result<()> {
    fs::remove_file(target)?;
    sync_directory_of(target)
}

fn prefix(target: &Path) -> OsString {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name
}

/// Whether [`stage`] makes such names for this prefix: the directory may be one with files of the person's own.
fn is_temporary(name: &OsStr, prefix: &OsStr) -> bool {
    let unique = name
        .as_encoded_bytes()
        .strip_prefix(prefix.as_encoded_bytes())
        .and_then(|rest| rest.strip_suffix(TEMPORARY_SUFFIX.as_bytes()));
    unique.is_some_and(|unique| unique.len() == 2 * UNIQUE_BYTES && unique.iter().all(u8::is_ascii_hexdigit))
}

fn directory_of(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the name of a new file durable; where that fails, nothing has the name.
fn made_durable(target: &Path) -> io::Result<()> {
    sync_directory_of(target).inspect_err(|_| drop(fs::remove_file(target)))
}

/// Windows has no such call and orders the rename itself.
fn sync_directory_of(target: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory_of(target))?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests;
