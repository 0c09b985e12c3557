//! A vault in a directory of its own, and shards to put into it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use layr_codec::{ShardHasher, ShardRoot};
use layr_keys::OwnerId;
use layr_vault::{OpenError, ReconcileReport, ReserveError, Stored, Vault, VaultConfig};

pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const LATER: u64 = NOW + 600;
pub(crate) const LEAF: usize = 1024;
pub(crate) const MIB: usize = 1 << 20;

/// A home directory on a disk (not in memory, as `/tmp` may be), removed at the end.
pub(crate) struct Home {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) quota_bytes: u64,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self::with_quota(1 << 40)
    }

    pub(crate) fn with_quota(quota_bytes: u64) -> Self {
        Self { dir: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap(), quota_bytes }
    }

    pub(crate) fn vault_dir(&self) -> PathBuf {
        self.dir.path().join("vault")
    }

    pub(crate) fn config(&self) -> VaultConfig {
        VaultConfig::new(self.vault_dir(), self.quota_bytes, 0)
    }

    pub(crate) fn try_open(&self) -> Result<(Vault, ReconcileReport), OpenError> {
        Vault::open(&self.config())
    }

    pub(crate) fn open(&self) -> Vault {
        self.try_open().unwrap().0
    }

    pub(crate) fn body(&self, root: &ShardRoot) -> PathBuf {
        let name = root.to_string();
        self.vault_dir().join("shards").join(&name[..2]).join(&name[2..4]).join(&name)
    }

    pub(crate) fn tree(&self, root: &ShardRoot) -> PathBuf {
        let name = root.to_string();
        self.vault_dir().join("trees").join(&name[..2]).join(&name)
    }

    pub(crate) fn incoming(&self) -> usize {
        fs::read_dir(self.vault_dir().join("incoming")).unwrap().count()
    }
}

pub(crate) const fn owner(number: u8) -> OwnerId {
    OwnerId::from_bytes([number; 32])
}

/// Bytes that no other seed or size gives.
pub(crate) fn shard(seed: u64, size_bytes: usize) -> Vec<u8> {
    let mut state = (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ size_bytes as u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    })
    .flatten()
    .take(size_bytes)
    .collect()
}

pub(crate) fn root_of(bytes: &[u8]) -> ShardRoot {
    let mut hasher = ShardHasher::new();
    hasher.update(bytes);
    hasher.finish().unwrap().0.into()
}

/// Stores a shard, if there is room for it.
pub(crate) fn try_put(vault: &Vault, owner: OwnerId, bytes: &[u8]) -> Result<Stored, ReserveError> {
    let mut reservation = vault.reserve(owner, bytes.len() as u64, NOW, LATER)?;
    reservation.write(bytes).unwrap();
    Ok(reservation.commit(root_of(bytes)).unwrap())
}

/// Stores a shard and answers its root.
pub(crate) fn put(vault: &Vault, owner: OwnerId, bytes: &[u8]) -> ShardRoot {
    assert_eq!(try_put(vault, owner, bytes).unwrap(), Stored::New);
    root_of(bytes)
}

pub(crate) fn read_all(vault: &Vault, root: &ShardRoot) -> Vec<u8> {
    let mut reader = vault.reader(root).unwrap();
    let mut bytes = Vec::new();
    reader.read_into(0..reader.size_bytes(), &mut bytes).unwrap();
    bytes
}

pub(crate) fn assert_equal_to_disk(vault: &Vault) {
    let check = vault.check_ledger().unwrap();
    assert!(check.is_equal(), "{check:?}");
}

/// Contents of everything below a directory, to show that nothing changed.
pub(crate) fn contents(dir: &Path) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let mut found = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            found.push((path.clone(), None));
            found.extend(contents(&path));
        } else {
            found.push((path.clone(), Some(fs::read(&path).unwrap())));
        }
    }
    found
}

pub(crate) fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Changes one byte of a file.
pub(crate) fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x40;
    fs::write(path, bytes).unwrap();
}
