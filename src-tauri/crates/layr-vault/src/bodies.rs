//! Where bodies lie. The only module that knows paths: another kind of store (an object store) replaces it without
//! touching the ledger.

mod list;
mod trees;

use std::{
    collections::{BTreeSet, HashSet},
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    str::FromStr as _,
    sync::Arc,
};

use layr_codec::ShardRoot;
use parking_lot::Mutex;

use self::list::Found;
use crate::{
    accounts::ReservationId,
    disk::{Disk, DiskFile},
    error::StoreError,
};

/// Bodies in files of their own, fanned out by the first two bytes of the root.
#[derive(Debug)]
pub(crate) struct BodyStore {
    disk: Arc<dyn Disk>,
    shards: PathBuf,
    incoming: PathBuf,
    damaged: PathBuf,
    trees: PathBuf,
    /// An empty directory that is there exactly when the disk of the bodies is. Not a file, so that everything
    /// that looks for files below `shards` finds shards only.
    marker: PathBuf,
    /// Directories of the fan-out whose entries this process has synced, by their two bytes.
    ready_dirs: Mutex<HashSet<[u8; 2]>>,
}

/// Name prefix of the marker directory; the vault's id in hexadecimal digits follows.
const MARKER_PREFIX: &str = ".vault-";
/// Ending of a temporary's name; sixteen hexadecimal digits precede it.
const TEMPORARY_SUFFIX: &str = ".part";

impl BodyStore {
    pub(crate) fn new(disk: Arc<dyn Disk>, dir: &Path, vault_id: [u8; 16]) -> Self {
        let shards = dir.join("shards");
        let marker = shards.join(format!("{MARKER_PREFIX}{:032x}", u128::from_be_bytes(vault_id)));
        Self {
            disk,
            marker,
            shards,
            incoming: dir.join("incoming"),
            damaged: dir.join("damaged"),
            trees: dir.join("trees"),
            ready_dirs: Mutex::new(HashSet::new()),
        }
    }

    /// Whether the disk of the bodies is there.
    pub(crate) fn check_present(&self) -> Result<(), StoreError> {
        if self.marker.is_dir() {
            Ok(())
        } else {
            Err(StoreError::Unavailable { missing: self.marker.clone() })
        }
    }

    /// Creates directories and marker. Only for a vault that has no body yet, or whose bodies were seen.
    pub(crate) fn create_layout(&self) -> Result<(), StoreError> {
        for dir in [&self.shards, &self.marker] {
            fs::create_dir_all(dir).map_err(|error| StoreError::io("create", dir, error))?;
        }
        self.create_side_dirs()?;
        let parent = self.shards.parent().unwrap_or(&self.shards);
        for dir in [&self.shards, parent] {
            self.disk.sync_dir(dir).map_err(|error| StoreError::io("sync", dir, error))?;
        }
        Ok(())
    }

    /// Creates the directories of temporaries and damaged bodies, which may go and come without harm.
    pub(crate) fn create_side_dirs(&self) -> Result<(), StoreError> {
        for dir in [&self.incoming, &self.damaged] {
            fs::create_dir_all(dir).map_err(|error| StoreError::io("create", dir, error))?;
        }
        Ok(())
    }

    /// The marker of another vault, if there is one.
    pub(crate) fn foreign_marker(&self) -> Result<Option<PathBuf>, StoreError> {
        Ok(list::entries(&self.shards)?
            .into_iter()
            .map(|(name, _)| self.shards.join(name))
            .find(|path| file_name(path).starts_with(MARKER_PREFIX) && *path != self.marker))
    }

    /// Whether temporaries can be renamed into place: one file system for both, as far as they are there.
    #[cfg(unix)]
    pub(crate) fn is_on_one_disk(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let device = |dir: &Path| dir.metadata().map(|metadata| metadata.dev()).ok();
        let arriving = device(&self.incoming).or_else(|| self.incoming.parent().and_then(device));
        device(&self.shards).is_none_or(|shards| arriving == Some(shards))
    }

    /// Whether temporaries can be renamed into place. A rename across volumes fails by itself.
    #[cfg(not(unix))]
    pub(crate) const fn is_on_one_disk(&self) -> bool {
        true
    }

    /// Directory of the bodies.
    pub(crate) fn dir(&self) -> &Path {
        &self.shards
    }

    /// Bytes that the disk may still take.
    pub(crate) fn available_bytes(&self) -> Result<u64, StoreError> {
        self.disk.available_bytes(&self.shards).map_err(|error| self.fail("measure", &self.shards, error))
    }

    /// Opens a temporary for the body of a reservation.
    pub(crate) fn create_temporary(
        &self,
        id: ReservationId,
        size_bytes: u64,
    ) -> Result<Box<dyn DiskFile>, StoreError> {
        let path = self.temporary(id);
        self.disk.create(&path, size_bytes).map_err(|error| self.fail("create", &path, error))
    }

    /// Removes a temporary. Harmless when there is none.
    pub(crate) fn discard_temporary(&self, id: ReservationId) -> Result<(), StoreError> {
        self.remove_file(&self.temporary(id))
    }

    /// Moves whole, synced temporaries into place and makes that survive a loss of power. Answers one for one.
    pub(crate) fn publish(&self, bodies: &[(ReservationId, ShardRoot)]) -> Vec<Result<(), StoreError>> {
        let mut answers: Vec<Result<(), StoreError>> =
            bodies.iter().map(|(id, root)| self.move_into_place(*id, root)).collect();
        let dirs: BTreeSet<[u8; 2]> = bodies.iter().map(|(_, root)| fan_out(root)).collect();
        for fan in dirs {
            let dir = self.fan_dir(fan);
            let Err(error) = self.disk.sync_dir(&dir) else { continue };
            let error = self.fail("sync", &dir, error);
            for ((_, root), answer) in bodies.iter().zip(&mut answers) {
                if fan_out(root) == fan && answer.is_ok() {
                    *answer = Err(error.clone());
                }
            }
        }
        answers
    }

    /// Opens a body; `None` if it is gone while the disk is there.
    pub(crate) fn open(&self, root: &ShardRoot) -> Result<Option<File>, StoreError> {
        self.opened(root, |path| self.disk.open(path))
    }

    /// Opens a body to be examined, past the system's memory of it; `None` if it is gone while the disk is there.
    pub(crate) fn open_to_examine(&self, root: &ShardRoot) -> Result<Option<File>, StoreError> {
        self.opened(root, |path| self.disk.open_once(path))
    }

    fn opened(
        &self,
        root: &ShardRoot,
        open: impl FnOnce(&Path) -> io::Result<File>,
    ) -> Result<Option<File>, StoreError> {
        let path = self.body(root);
        match open(&path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if is_absent(&error) => self.check_present().map(|()| None),
            Err(error) => Err(StoreError::io("open", path, error)),
        }
    }

    /// Size of a body; `None` if it is gone while the disk is there.
    pub(crate) fn size_bytes(&self, root: &ShardRoot) -> Result<Option<u64>, StoreError> {
        let path = self.body(root);
        match fs::metadata(&path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if is_absent(&error) => self.check_present().map(|()| None),
            Err(error) => Err(StoreError::io("look at", path, error)),
        }
    }

    /// Removes a body, its tree and what was set aside of it. Harmless when there is none.
    pub(crate) fn remove(&self, root: &ShardRoot) -> Result<(), StoreError> {
        self.remove_file(&self.body(root))?;
        self.discard_tree(root);
        self.remove_damaged(root)
    }

    /// Moves a damaged body out of the way, so that it is never served again and can be looked at.
    pub(crate) fn set_aside(&self, root: &ShardRoot) -> Result<(), StoreError> {
        self.create_side_dirs()?;
        let (from, to) = (self.body(root), self.damaged.join(root.to_string()));
        match self.disk.rename(&from, &to) {
            Ok(()) => Ok(()),
            Err(error) if is_absent(&error) => self.check_present(),
            Err(error) => Err(StoreError::io("move aside", from, error)),
        }
    }

    /// Whether a body is seen in its place.
    pub(crate) fn is_in_place(&self, root: &ShardRoot) -> bool {
        self.body(root).is_file()
    }

    /// Whether a damaged body was moved out of the way.
    pub(crate) fn is_set_aside(&self, root: &ShardRoot) -> bool {
        self.damaged.join(root.to_string()).exists()
    }

    /// Removes what was set aside of a body. Harmless when there is none.
    pub(crate) fn remove_damaged(&self, root: &ShardRoot) -> Result<(), StoreError> {
        self.remove_file(&self.damaged.join(root.to_string()))
    }

    fn move_into_place(&self, id: ReservationId, root: &ShardRoot) -> Result<(), StoreError> {
        let (from, to) = (self.temporary(id), self.body(root));
        self.prepare_dir(fan_out(root))?;
        let moved = match self.disk.rename(&from, &to) {
            // Somebody removed an empty directory of the fan-out under us.
            Err(error) if is_absent(&error) => {
                self.check_present()?;
                self.ready_dirs.lock().remove(&fan_out(root));
                self.prepare_dir(fan_out(root))?;
                self.disk.rename(&from, &to)
            }
            moved => moved,
        };
        moved.map_err(|error| self.fail("rename", &from, error))
    }

    /// Creates the directories above a body and syncs their entries, once per process.
    fn prepare_dir(&self, fan: [u8; 2]) -> Result<(), StoreError> {
        if self.ready_dirs.lock().contains(&fan) {
            return Ok(());
        }
        let inner = self.fan_dir(fan);
        let outer = inner.parent().unwrap_or(&self.shards);
        for dir in [outer, &inner] {
            match self.disk.create_dir(dir) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(self.fail("create", dir, error));
                }
                _ => {}
            }
        }
        for dir in [&self.shards, outer] {
            self.disk.sync_dir(dir).map_err(|error| self.fail("sync", dir, error))?;
        }
        self.ready_dirs.lock().insert(fan);
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> Result<(), StoreError> {
        match self.disk.remove_file(path) {
            Err(error) if is_absent(&error) => Ok(()),
            removed => removed.map_err(|error| self.fail("remove", path, error)),
        }
    }

    /// A path that is absent is the whole disk's fault when the disk is absent.
    fn fail(&self, action: &'static str, path: &Path, error: io::Error) -> StoreError {
        match self.check_present() {
            Err(unavailable) if is_absent(&error) => unavailable,
            _ => StoreError::io(action, path, error),
        }
    }

    fn temporary(&self, id: ReservationId) -> PathBuf {
        self.incoming.join(format!("{id:016x}{TEMPORARY_SUFFIX}"))
    }

    fn fan_dir(&self, [outer, inner]: [u8; 2]) -> PathBuf {
        self.shards.join(format!("{outer:02x}")).join(format!("{inner:02x}"))
    }

    fn body(&self, root: &ShardRoot) -> PathBuf {
        self.fan_dir(fan_out(root)).join(root.to_string())
    }
}

fn fan_out(root: &ShardRoot) -> [u8; 2] {
    let [outer, inner, ..] = *root.as_bytes();
    [outer, inner]
}

/// Gone, or something else stands where a directory should be.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn parse_root(name: &str) -> Option<ShardRoot> {
    ShardRoot::from_str(name).ok().filter(|root| root.to_string() == name)
}
