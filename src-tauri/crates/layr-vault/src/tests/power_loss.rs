//! The process is killed, or power is lost, before every single call to the disk and after every call of ours.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    faulty_disk::{FaultyDisk, Unsynced},
    scenario::{self, Acknowledged},
};
use crate::Vault;

#[test]
fn whenever_process_or_power_is_lost_nothing_acknowledged_is_lost_and_nothing_is_left() {
    let home = scenario::home();
    let dir = home.path().join("vault");
    let told = Acknowledged::default();
    let moments = Arc::new(AtomicU64::new(0));
    let disk = {
        let (home, dir, told, moments) =
            (home.path().to_owned(), dir.clone(), Arc::clone(&told), Arc::clone(&moments));
        FaultyDisk::observed_by(move |unsynced| {
            // Before the vault is open for the first time there is nothing to lose.
            if dir.join("vault.sqlite").exists() {
                let number = moments.fetch_add(1, Ordering::Relaxed);
                let copy = home.join(number.to_string());
                restart(&dir, &copy, &Unsynced::default(), &told);
                restart(&dir, &copy, unsynced, &told);
            }
        })
    };
    let (vault, _) = Vault::open_on(&scenario::config(&dir), Arc::new(disk.clone())).unwrap();
    let errors = scenario::run(&vault, &dir, &told, || disk.observe());
    assert!(errors.is_empty(), "{errors:?}");
    scenario::check(&vault, &dir, &told);
    assert!(moments.load(Ordering::Relaxed) > 60, "{moments:?} moments");
}

/// Restarts a copy that lacks what was not synced.
fn restart(dir: &Path, copy: &Path, unsynced: &Unsynced, told: &Acknowledged) {
    copy_tree(dir, copy);
    let moved = |path: &PathBuf| copy.join(path.strip_prefix(dir).unwrap());
    for path in unsynced.contents.iter().map(moved) {
        // The worst case: the size is there, the bytes are not.
        let size_bytes = fs::metadata(&path).unwrap().len();
        fs::write(&path, vec![0; usize::try_from(size_bytes).unwrap()]).unwrap();
    }
    for path in unsynced.names.iter().map(moved) {
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else if path.exists() {
            fs::remove_file(path).unwrap();
        }
    }
    for (path, bytes) in &unsynced.removals {
        let path = moved(path);
        if !path.exists() && path.parent().unwrap().is_dir() {
            fs::write(path, bytes).unwrap();
        }
    }
    let (vault, report) = Vault::open(&scenario::config(copy)).unwrap();
    assert!(report.is_available);
    // Only the shard that the history loses on purpose may ever be missing.
    let is_lost = !scenario::body(copy, 3).exists();
    assert!(report.newly_missing <= u64::from(is_lost) && report.newly_corrupt == 0, "{report:?}");
    scenario::check(&vault, copy, told);
    drop(vault);
    fs::remove_dir_all(copy).unwrap();
}

/// Copies all but the lock and the database's shared memory, which do not outlive a loss of power.
fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_tree(&path, &target);
        } else if !path.ends_with("vault.lock") && !path.ends_with("vault.sqlite-shm") {
            fs::copy(&path, &target).unwrap();
        }
    }
}
