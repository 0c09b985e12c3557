//! A journal of the temporary files and directories that downloads write, so that none outlives a crash.
//!
//! A path is in the journal, synced with the journal's own name, before the first byte is written under it, and leaves it after
//! the path is gone or renamed. [`Temporaries::open`] removes what an earlier process left. Format: each path's bytes and a zero byte.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::clock::Entropy;

/// Name of the journal in a home.
const JOURNAL_NAME: &str = "temporaries";
/// Bytes of randomness in a temporary's name: two downloads never meet.
const TAG_BYTES: usize = 16;
const NAME_PREFIX: &str = ".layr-";
const NAME_SUFFIX: &str = ".part";
/// Longest journal that is read: ten thousand downloads at once would not fill it.
const MAX_JOURNAL_BYTES: u64 = 64 * 1024 * 1024;

/// Whether a file of this name is a download's temporary.
pub fn is_temporary_name(name: &str) -> bool {
    name.strip_prefix(NAME_PREFIX)
        .and_then(|rest| rest.strip_suffix(NAME_SUFFIX))
        .is_some_and(|tag| tag.len() == 2 * TAG_BYTES && tag.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The temporaries of one home. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Temporaries {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    journal: PathBuf,
    live: Mutex<BTreeSet<PathBuf>>,
}

impl Temporaries {
    /// Opens the journal in the directory `home` and removes what it names. The caller holds the home's lock.
    ///
    /// # Errors
    /// The journal itself cannot be read or written.
    pub fn open(home: &Path) -> std::io::Result<Self> {
        let journal = home.join(JOURNAL_NAME);
        let mut left = BTreeSet::new();
        for path in read_journal(&journal)? {
            // The journal is ours, but a damaged one must not make us delete a person's file.
            let ours = path.file_name().and_then(OsStr::to_str).is_some_and(is_temporary_name);
            if ours && remove(&path).is_err() && path.symlink_metadata().is_ok() {
                tracing::warn!(path = %path.display(), "a temporary of an earlier download cannot be removed yet");
                left.insert(path);
            }
        }
        write_journal(&journal, &left)?;
        if left.is_empty() {
            // What a crash left of the journal's own replacement.
            let _ = std::fs::remove_file(fresh_of(&journal));
        }
        Ok(Self { shared: Arc::new(Shared { journal, live: Mutex::new(left) }) })
    }

    /// A fresh name in `directory`, entered into the journal. Nothing is created under it yet.
    ///
    /// # Errors
    /// The journal cannot be written, or there is no randomness.
    pub fn reserve(&self, directory: &Path, entropy: &dyn Entropy) -> std::io::Result<Temporary> {
        let mut tag = [0_u8; TAG_BYTES];
        entropy.fill(&mut tag).map_err(std::io::Error::other)?;
        let path = directory.join(format!("{NAME_PREFIX}{}{NAME_SUFFIX}", hex::encode(tag)));
        let mut live = self.shared.live.lock();
        // Without names there is no journal, see `write_journal`.
        let is_new = live.is_empty();
        let mut journal = OpenOptions::new().append(true).create(true).open(&self.shared.journal)?;
        journal.write_all(&record(&path))?;
        journal.sync_data()?;
        if is_new {
            sync_directory_of(&self.shared.journal)?;
        }
        live.insert(path.clone());
        Ok(Temporary { path, shared: Arc::clone(&self.shared) })
    }
}

/// One reserved name. Dropping it removes whatever lies there and takes it off the journal.
#[derive(Debug)]
pub struct Temporary {
    path: PathBuf,
    shared: Arc<Shared>,
}

impl Temporary {
    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let gone = remove(&self.path);
        let mut live = self.shared.live.lock();
        if gone.is_err() && self.path.symlink_metadata().is_ok() {
            tracing::warn!(path = %self.path.display(), "a temporary cannot be removed; the next start tries again");
            return;
        }
        live.remove(&self.path);
        if let Err(error) = write_journal(&self.shared.journal, &live) {
            // What stays in the journal is gone already: the next start finds nothing to do.
            tracing::warn!(%error, "cannot shorten the journal of temporaries");
        }
    }
}

fn record(path: &Path) -> Vec<u8> {
    let mut bytes = path.as_os_str().as_bytes().to_vec();
    bytes.push(0);
    bytes
}

fn read_journal(journal: &Path) -> std::io::Result<Vec<PathBuf>> {
    let file = match File::open(journal) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(MAX_JOURNAL_BYTES).read_to_end(&mut bytes)?;
    // A record that a crash cut short was not synced, so nothing was written under its name: it matches no name.
    let paths = bytes.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    Ok(paths.map(|path| PathBuf::from(OsStr::from_bytes(path))).collect())
}

fn fresh_of(journal: &Path) -> PathBuf {
    journal.with_extension("new")
}

/// Entries only ever leave here, so that a torn write loses nothing but names of what is gone.
fn write_journal(journal: &Path, live: &BTreeSet<PathBuf>) -> std::io::Result<()> {
    if live.is_empty() {
        return match std::fs::remove_file(journal) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    let records: Vec<u8> = live.iter().flat_map(|path| record(path)).collect();
    let fresh = fresh_of(journal);
    let mut file = File::create(&fresh)?;
    file.write_all(&records)?;
    file.sync_data()?;
    std::fs::rename(&fresh, journal)?;
    sync_directory_of(journal)
}

/// Makes a name in a directory durable: a power cut could else take a journal whose bytes are on the disk.
fn sync_directory_of(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

/// Removes a file or a whole tree, whatever the modes in it; nothing there is success.
fn remove(path: &Path) -> std::io::Result<()> {
    let metadata = match path.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !metadata.is_dir() {
        return std::fs::remove_file(path);
    }
    if std::fs::remove_dir_all(path).is_ok() {
        return Ok(());
    }
    open_up(path)?;
    std::fs::remove_dir_all(path)
}

/// Makes every directory of a tree writable: restored ones may carry a mode that forbids emptying them.
fn open_up(directory: &Path) -> std::io::Result<()> {
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700))?;
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{JOURNAL_NAME, Temporaries, is_temporary_name};
    use crate::clock::SystemEntropy;

    #[test]
    fn what_a_killed_process_left_is_removed_at_the_next_start() {
        let home = tempfile::tempdir().unwrap();
        let target = tempfile::tempdir().unwrap();
        let temporaries = Temporaries::open(home.path()).unwrap();
        let file = temporaries.reserve(target.path(), &SystemEntropy).unwrap();
        let tree = temporaries.reserve(target.path(), &SystemEntropy).unwrap();
        std::fs::write(file.path(), b"half").unwrap();
        std::fs::create_dir_all(tree.path().join("a/b")).unwrap();
        std::fs::write(tree.path().join("a/b/c"), b"half").unwrap();
        std::fs::set_permissions(tree.path().join("a"), std::fs::Permissions::from_mode(0o500)).unwrap();
        // As kill -9 does it: nothing is dropped.
        std::mem::forget((file, tree));
        std::fs::write(target.path().join("precious"), b"whole").unwrap();
        Temporaries::open(home.path()).unwrap();
        let left: Vec<_> =
            std::fs::read_dir(target.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["precious"]);
        assert!(!home.path().join(JOURNAL_NAME).exists());
    }

    #[test]
    fn a_dropped_temporary_is_gone_and_a_renamed_one_stays() {
        let home = tempfile::tempdir().unwrap();
        let temporaries = Temporaries::open(home.path()).unwrap();
        let dropped = temporaries.reserve(home.path(), &SystemEntropy).unwrap();
        let renamed = temporaries.reserve(home.path(), &SystemEntropy).unwrap();
        std::fs::write(dropped.path(), b"x").unwrap();
        std::fs::write(renamed.path(), b"y").unwrap();
        let path = dropped.path().to_owned();
        drop(dropped);
        assert!(!path.exists());
        std::fs::rename(renamed.path(), home.path().join("whole")).unwrap();
        drop(renamed);
        assert_eq!(std::fs::read(home.path().join("whole")).unwrap(), b"y");
        assert!(!home.path().join(JOURNAL_NAME).exists());
    }

    #[test]
    fn a_damaged_journal_deletes_nothing_of_the_persons() {
        let home = tempfile::tempdir().unwrap();
        let precious = home.path().join("precious");
        std::fs::write(&precious, b"x").unwrap();
        let journal = [precious.as_os_str().as_encoded_bytes(), b"\0/\0\0half a reco"].concat();
        std::fs::write(home.path().join(JOURNAL_NAME), journal).unwrap();
        Temporaries::open(home.path()).unwrap();
        assert!(precious.exists());
    }

    #[test]
    fn only_our_own_names_count_as_temporaries() {
        assert!(is_temporary_name(".layr-00112233445566778899aabbccddeeff.part"));
        for name in
            [".layr-.part", ".layr-zz112233445566778899aabbccddeeff.part", "layr-00.part", ".layr-0011.part"]
        {
            assert!(!is_temporary_name(name), "{name}");
        }
    }
}
