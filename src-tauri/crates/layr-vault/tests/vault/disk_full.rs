//! A disk that is full or read-only, on a small file system in memory. Only root may mount one: for others the same
//! is tested by injected faults in `src/tests`.

use std::{fs, path::Path, process::Command};

use layr_vault::{CommitError, ReserveError, ShardState, StoreError, Vault, VaultConfig, WriteError};

use crate::support::{LATER, LEAF, MIB, NOW, assert_equal_to_disk, owner, put, read_all, root_of, shard};

/// A mounted file system of 4 MiB, unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "layr-test"])
            .arg(dir.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("skipped: no right to mount a file system");
        }
        mounted.then_some(Self(dir))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn remount(&self, option: &str) {
        let options = format!("remount,size=4m,{option}");
        assert!(Command::new("mount").args(["-o", &options]).arg(self.path()).status().unwrap().success());
    }

    /// Takes all space that is left.
    fn fill(&self) {
        let mut file = fs::File::create(self.path().join("filling")).unwrap();
        let mut size_bytes = 64 * LEAF;
        while size_bytes >= 512 {
            match std::io::Write::write(&mut file, &vec![7; size_bytes]) {
                Ok(written) if written > 0 => {}
                _ => size_bytes /= 2,
            }
        }
    }

    fn unfill(&self) {
        fs::remove_file(self.path().join("filling")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(self.path()).status());
    }
}

#[test]
fn a_disk_that_fills_up_is_an_answer_and_works_again_with_space() {
    let Some(disk) = SmallDisk::mount() else { return };
    let config = VaultConfig::new(disk.path().join("vault"), u64::MAX / 2, 0);
    let (vault, _) = Vault::open(&config).unwrap();
    let kept = put(&vault, owner(1), &shard(1, 300 * LEAF));
    let bytes = shard(2, MIB);
    // Full between the reservation and the first byte, and between bytes.
    let mut reservation = vault.reserve(owner(1), bytes.len() as u64, NOW, LATER).unwrap();
    disk.fill();
    let refused = reservation.write(&bytes).unwrap_err();
    assert!(matches!(refused, WriteError::Store(StoreError::DiskFull)), "{refused:?}");
    assert!(matches!(reservation.commit(root_of(&bytes)), Err(CommitError::Write(WriteError::Failed))));
    assert!(matches!(
        vault.reserve(owner(1), bytes.len() as u64, NOW, LATER),
        Err(ReserveError::DiskFull { .. })
    ));
    assert_eq!(vault.usage().unwrap().reserved_bytes, 0);
    assert!(read_all(&vault, &kept) == shard(1, 300 * LEAF));
    assert_equal_to_disk(&vault);

    // Deleting is how a host gets out of this: it must work on a full disk.
    vault.delete(owner(1), &kept).unwrap();
    disk.unfill();
    put(&vault, owner(1), &bytes);
    assert_equal_to_disk(&vault);
    drop(vault);
    let (vault, report) = Vault::open(&config).unwrap();
    assert_eq!((report.strays_removed, report.temporaries_removed, report.newly_missing), (0, 0, 0));
    assert_equal_to_disk(&vault);
}

#[test]
fn the_last_space_of_the_disk_is_promised_once() {
    let Some(disk) = SmallDisk::mount() else { return };
    let config = VaultConfig::new(disk.path().join("vault"), u64::MAX / 2, 0);
    let (vault, _) = Vault::open(&config).unwrap();
    let mut promised = Vec::new();
    let error = loop {
        match vault.reserve(owner(1), 256 * 1024, NOW, LATER) {
            Ok(reservation) => promised.push(reservation),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, ReserveError::DiskFull { available_bytes } if available_bytes < 256 * 1024));
    assert!((10..16).contains(&promised.len()), "{}", promised.len());
    // They find the room that they were promised, all but the last, which paid for the database's growth.
    promised.pop();
    for (seed, reservation) in promised.iter_mut().enumerate() {
        reservation.write(&shard(seed as u64, 256 * LEAF)).unwrap();
    }
}

#[test]
fn what_must_stay_free_stays_free() {
    let Some(disk) = SmallDisk::mount() else { return };
    let config = VaultConfig::new(disk.path().join("vault"), u64::MAX / 2, 2 * MIB as u64);
    let (vault, _) = Vault::open(&config).unwrap();
    let mut seed = 0;
    while let Ok(mut reservation) = vault.reserve(owner(1), 64 * 1024, NOW, LATER) {
        let bytes = shard(seed, 64 * LEAF);
        seed += 1;
        reservation.write(&bytes).unwrap();
        reservation.commit(root_of(&bytes)).unwrap();
    }
    assert!(seed > 10);
    let free_bytes = fs4::available_space(disk.path()).unwrap();
    assert!(free_bytes >= 2 * MIB as u64 - 128 * 1024, "{free_bytes}");
}

#[test]
fn a_disk_that_turns_read_only_is_an_answer_and_works_again() {
    let Some(disk) = SmallDisk::mount() else { return };
    let config = VaultConfig::new(disk.path().join("vault"), u64::MAX / 2, 0);
    let (vault, _) = Vault::open(&config).unwrap();
    let kept = put(&vault, owner(1), &shard(1, 300 * LEAF));
    // A database that is open for writing keeps a file system from turning read-only politely.
    drop(vault);
    disk.remount("ro");
    let error = Vault::open(&config).err().unwrap();
    assert!(matches!(error, layr_vault::OpenError::Store(StoreError::ReadOnly)), "{error:?}");
    disk.remount("rw");
    let (vault, _) = Vault::open(&config).unwrap();
    assert_eq!(vault.states(&[kept]).unwrap(), [ShardState::Stored]);
    assert_equal_to_disk(&vault);
}
