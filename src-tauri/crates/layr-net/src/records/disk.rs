//! The file that carries records over a restart, and the task that writes it.
//!
//! `"LAYRREC" ‖ version u8 ‖ count u32 ‖ count × (flags u8 ‖ ttl u32 seconds ‖ key length u8 ‖ key ‖ value length u16 ‖ value)`,
//! integers big-endian. It is a cache: damage costs nothing but the records after it, which the network holds as well.

use std::io;
use std::path::{Path, PathBuf};

use tokio::sync::watch;

use super::store::Snapshot;

const MAGIC: &[u8; 7] = b"LAYRREC";
const VERSION: u8 = 1;
const FLAG_OWN: u8 = 1;
/// Largest file that is read back: twice what the default limits can write.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Writes entries into the file's form.
pub(crate) fn encode(entries: &[Snapshot]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + entries.iter().map(|entry| entry.value.len() + 64).sum::<usize>());
    out.extend_from_slice(MAGIC);
    out.push(VERSION);
    let sized: Vec<(&Snapshot, u8, u16)> = entries
        .iter()
        .filter_map(|entry| {
            let key = u8::try_from(entry.key.len()).ok()?;
            let value = u16::try_from(entry.value.len()).ok()?;
            Some((entry, key, value))
        })
        .collect();
    out.extend_from_slice(&u32::try_from(sized.len()).unwrap_or(u32::MAX).to_be_bytes());
    for (entry, key_len, value_len) in sized {
        out.push(if entry.own { FLAG_OWN } else { 0 });
        out.extend_from_slice(&entry.ttl_s.to_be_bytes());
        out.push(key_len);
        out.extend_from_slice(&entry.key);
        out.extend_from_slice(&value_len.to_be_bytes());
        out.extend_from_slice(&entry.value);
    }
    out
}

/// Reads entries back, at most `max_entries`; stops at the first damage. Signatures are checked by the store.
pub(crate) fn decode(bytes: &[u8], max_entries: usize) -> Vec<Snapshot> {
    let mut rest = bytes;
    if take(&mut rest, MAGIC.len()) != Some(MAGIC) || take(&mut rest, 1) != Some(&[VERSION]) {
        return Vec::new();
    }
    let Some(count) = take_array(&mut rest).map(u32::from_be_bytes) else {
        return Vec::new();
    };
    let mut entries = Vec::new();
    for _ in 0..count {
        if entries.len() >= max_entries {
            break;
        }
        let Some(entry) = decode_entry(&mut rest) else {
            break;
        };
        entries.push(entry);
    }
    entries
}

fn decode_entry(rest: &mut &[u8]) -> Option<Snapshot> {
    let [flags] = take_array(rest)?;
    let ttl_s = u32::from_be_bytes(take_array(rest)?);
    let [key_len] = take_array(rest)?;
    let key = take(rest, usize::from(key_len))?.to_vec();
    let value_len = u16::from_be_bytes(take_array(rest)?);
    let value = take(rest, usize::from(value_len))?.into();
    Some(Snapshot { key, value, own: flags & FLAG_OWN != 0, ttl_s })
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(count)?;
    *rest = tail;
    Some(head)
}

fn take_array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    take(rest, N)?.try_into().ok()
}

/// For fuzzing: reads any bytes as the records file.
#[doc(hidden)]
pub fn fuzz_decode(bytes: &[u8]) -> usize {
    let entries = decode(bytes, 64);
    debug_assert_eq!(decode(&encode(&entries), 64), entries);
    entries.len()
}

/// Reads a bounded file; a missing one is empty.
pub(crate) fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    use std::io::Read as _;
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Removes what a crash left of [`replace`]. Where that fails it is replaced the next time.
pub(crate) fn remove_leftover(path: &Path) {
    let _ = std::fs::remove_file(temporary_of(path));
}

fn temporary_of(path: &Path) -> PathBuf {
    path.with_extension("tmp")
}

/// Replaces a file in one step: temporary name, sync, rename, sync of the directory.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let temporary = temporary_of(path);
    let mut file = std::fs::File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&temporary, path)?;
    match path.parent() {
        Some(directory) => sync_directory(directory),
        None => Ok(()),
    }
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    std::fs::File::open(directory)?.sync_all()
}

/// Directories cannot be opened for syncing on this system.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A file's newest contents on their way to disk; a writer that lags skips what was superseded meanwhile.
pub(crate) struct WriteBehind {
    newest: watch::Sender<Option<Contents>>,
    task: tokio::task::JoinHandle<()>,
}

/// Turned into bytes only in the writer, away from the swarm task.
pub(crate) type Contents = std::sync::Arc<dyn Fn() -> Vec<u8> + Send + Sync>;

impl WriteBehind {
    /// Starts the writer of one file.
    pub(crate) fn start(path: PathBuf) -> Self {
        let (newest, mut changes) = watch::channel(None::<Contents>);
        let task = tokio::spawn(async move {
            loop {
                // An error means that the sender is gone: what it sent last is still written.
                let ended = changes.changed().await.is_err();
                let contents = if changes.has_changed().unwrap_or(true) || !ended {
                    changes.borrow_and_update().clone()
                } else {
                    None
                };
                if let Some(contents) = contents {
                    let path = path.clone();
                    let written = tokio::task::spawn_blocking(move || replace(&path, &contents())).await;
                    if let Ok(Err(error)) = written {
                        tracing::warn!(%error, "the network's state could not be saved");
                    }
                }
                if ended {
                    return;
                }
            }
        });
        Self { newest, task }
    }

    /// Hands over new contents; never waits.
    pub(crate) fn save(&self, contents: Contents) {
        self.newest.send_replace(Some(contents));
    }

    /// Waits until everything handed over is on disk.
    pub(crate) async fn finish(self) {
        drop(self.newest);
        let _ = self.task.await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn entry(key: u8, len: usize) -> Snapshot {
        Snapshot { key: vec![key; 45], value: vec![key; len].into(), own: key == 1, ttl_s: u32::from(key) }
    }

    #[test]
    fn entries_come_back_and_damage_ends_the_list() {
        let entries: Vec<_> = (0..5).map(|key| entry(key, usize::from(key) * 100)).collect();
        let bytes = encode(&entries);
        assert_eq!(decode(&bytes, 100), entries);
        assert_eq!(decode(&bytes, 2), entries[..2]);
        assert_eq!(decode(&bytes[..bytes.len() - 1], 100), entries[..4]);
        assert!(decode(b"LAYRREC\x02\0\0\0\x01", 100).is_empty());
        assert!(decode(b"", 100).is_empty());
    }

    #[tokio::test]
    async fn the_last_contents_are_on_disk_after_finish() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let writer = WriteBehind::start(path.clone());
        for round in 0u8..50 {
            writer.save(Arc::new(move || vec![round; 10]));
        }
        writer.finish().await;
        assert_eq!(std::fs::read(&path).unwrap(), [49; 10]);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "no temporary left");
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..600)) {
            fuzz_decode(&bytes);
        }

        #[test]
        fn mutated_files_never_panic(at in 0usize..600, flip in 1u8..) {
            let mut bytes = encode(&(0..5).map(|key| entry(key, 60)).collect::<Vec<_>>());
            let at = at % bytes.len();
            bytes[at] ^= flip;
            fuzz_decode(&bytes);
        }
    }
}
