//! A disk that can fail at a chosen call, and knows what a loss of power would take.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;

use crate::disk::{Disk, DiskFile, RealDisk};

/// What is on the disk only as far as the memory of the operating system is concerned.
#[derive(Clone, Debug, Default)]
pub(super) struct Unsynced {
    /// Files whose bytes are not safe.
    pub(super) contents: BTreeSet<PathBuf>,
    /// New names of files and directories that are not safe.
    pub(super) names: BTreeSet<PathBuf>,
    /// Removed names that may come back, with what they named.
    pub(super) removals: BTreeMap<PathBuf, Vec<u8>>,
}

type Observer = Box<dyn FnMut(&Unsynced) + Send>;

#[derive(Default)]
struct State {
    calls: u64,
    fail_at: Option<(u64, i32)>,
    unreadable: Option<PathBuf>,
    fails_parts: Option<i32>,
    has_kept_a_file: bool,
    unsynced: Unsynced,
    observer: Option<Observer>,
}

#[derive(Clone, Default)]
pub(super) struct FaultyDisk {
    state: Arc<Mutex<State>>,
}

impl FaultyDisk {
    /// Lets this call and no other fail with this error number.
    pub(super) fn failing_at(call: u64, os_error: i32) -> Self {
        let disk = Self::default();
        disk.state.lock().fail_at = Some((call, os_error));
        disk
    }

    /// Calls `observer` before each call, as if power were lost there.
    pub(super) fn observed_by(observer: impl FnMut(&Unsynced) + Send + 'static) -> Self {
        let disk = Self::default();
        disk.state.lock().observer = Some(Box::new(observer));
        disk
    }

    /// Lets this file's medium fail, and no other's; none, and it is well again.
    pub(super) fn set_unreadable(&self, path: Option<PathBuf>) {
        self.state.lock().unreadable = path;
    }

    /// Lets every write of a part of a file fail halfway with this error number; none, and they succeed again.
    pub(super) fn set_parts_failing(&self, os_error: Option<i32>) {
        self.state.lock().fails_parts = os_error;
    }

    pub(super) fn calls(&self) -> u64 {
        self.state.lock().calls
    }

    /// Whether the call that failed was to remove a file.
    pub(super) fn has_kept_a_file(&self) -> bool {
        self.state.lock().has_kept_a_file
    }

    /// Shows the observer the present moment.
    pub(super) fn observe(&self) {
        let mut state = self.state.lock();
        let unsynced = state.unsynced.clone();
        if let Some(observer) = &mut state.observer {
            observer(&unsynced);
        }
    }

    fn step(&self) -> io::Result<()> {
        self.observe();
        let mut state = self.state.lock();
        state.calls += 1;
        match state.fail_at {
            Some((call, os_error)) if call == state.calls => Err(io::Error::from_raw_os_error(os_error)),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for FaultyDisk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FaultyDisk")
    }
}

impl Disk for FaultyDisk {
    fn create(&self, path: &Path, size_bytes: u64) -> io::Result<Box<dyn DiskFile>> {
        self.step()?;
        let file = RealDisk.create(path, size_bytes)?;
        let mut state = self.state.lock();
        state.unsynced.contents.insert(path.to_owned());
        state.unsynced.names.insert(path.to_owned());
        Ok(Box::new(FaultyFile { disk: self.clone(), file, path: path.to_owned() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.rename(from, to)?;
        let unsynced = &mut self.state.lock().unsynced;
        unsynced.names.remove(from);
        unsynced.names.insert(to.to_owned());
        if unsynced.contents.remove(from) {
            unsynced.contents.insert(to.to_owned());
        }
        Ok(())
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.create_dir(path)?;
        self.state.lock().unsynced.names.insert(path.to_owned());
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.sync_dir(path)?;
        let unsynced = &mut self.state.lock().unsynced;
        unsynced.names.retain(|name| name.parent() != Some(path));
        unsynced.removals.retain(|name, _| name.parent() != Some(path));
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        if let Err(error) = self.step() {
            self.state.lock().has_kept_a_file = true;
            return Err(error);
        }
        let bytes = fs::read(path)?;
        RealDisk.remove_file(path)?;
        let unsynced = &mut self.state.lock().unsynced;
        unsynced.contents.remove(path);
        if !unsynced.names.remove(path) {
            unsynced.removals.insert(path.to_owned(), bytes);
        }
        Ok(())
    }

    fn open(&self, path: &Path) -> io::Result<fs::File> {
        const EIO: i32 = 5;
        self.step()?;
        if self.state.lock().unreadable.as_deref() == Some(path) {
            return Err(io::Error::from_raw_os_error(EIO));
        }
        RealDisk.open(path)
    }

    fn write_part(&self, path: &Path, size_bytes: u64, at_byte: u64, bytes: &[u8]) -> io::Result<()> {
        self.step()?;
        let os_error = self.state.lock().fails_parts;
        let as_far = if os_error.is_some() { bytes.len() / 2 } else { bytes.len() };
        RealDisk.write_part(path, size_bytes, at_byte, bytes.get(..as_far).unwrap_or_default())?;
        if let Some(os_error) = os_error {
            return Err(io::Error::from_raw_os_error(os_error));
        }
        let unsynced = &mut self.state.lock().unsynced;
        unsynced.contents.insert(path.to_owned());
        unsynced.names.insert(path.to_owned());
        Ok(())
    }

    fn available_bytes(&self, path: &Path) -> io::Result<u64> {
        self.step()?;
        RealDisk.available_bytes(path)
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    file: Box<dyn DiskFile>,
    path: PathBuf,
}

impl DiskFile for FaultyFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.disk.step()?;
        self.file.write_all(bytes)
    }

    fn has_its_space(&self) -> bool {
        self.file.has_its_space()
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.step()?;
        self.file.sync()?;
        self.disk.state.lock().unsynced.contents.remove(&self.path);
        Ok(())
    }
}
