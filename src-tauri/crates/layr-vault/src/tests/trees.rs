//! Leaf trees and a disk that fails or is full, and shards that go while their trees are written.

use std::{path::PathBuf, sync::Arc};

use super::{
    faulty_disk::FaultyDisk,
    scenario::{self, body, delete, put, root, shard},
};
use crate::{Vault, leaf_tree::LowerLevels};

fn tree(home: &tempfile::TempDir, number: u8) -> PathBuf {
    let name = root(number).to_string();
    home.path().join("trees").join(&name[..2]).join(&name)
}

fn read_bytes(vault: &Vault, number: u8) -> u64 {
    let proven = vault.prove_leaves(&root(number), &[2]).unwrap();
    assert_eq!(proven.proofs[0].leaf, shard(number)[2048..3072]);
    proven.read_bytes
}

#[test]
fn a_tree_that_cannot_be_written_fails_neither_a_put_nor_a_proof() {
    for os_error in [28, 5, 30] {
        let home = scenario::home();
        let disk = FaultyDisk::default();
        let (vault, _) = Vault::open_on(&scenario::config(home.path()), Arc::new(disk.clone())).unwrap();
        disk.set_parts_failing(Some(os_error));
        put(&vault, 1, 2).unwrap();
        for _ in 0..2 {
            assert!(read_bytes(&vault, 2) >= shard(2).len() as u64, "its block each time");
        }
        assert!(body(home.path(), 2).exists() && !tree(&home, 2).exists());
        assert!(vault.check_ledger().unwrap().is_equal());
        disk.set_parts_failing(None);
        read_bytes(&vault, 2);
        assert!(read_bytes(&vault, 2) <= 2048, "made by use");
    }
}

#[test]
fn a_tree_whose_medium_fails_says_nothing_about_its_shard() {
    let home = scenario::home();
    let disk = FaultyDisk::default();
    let (vault, _) = Vault::open_on(&scenario::config(home.path()), Arc::new(disk.clone())).unwrap();
    put(&vault, 1, 2).unwrap();
    disk.set_unreadable(Some(tree(&home, 2)));
    assert!(read_bytes(&vault, 2) >= shard(2).len() as u64);
    disk.set_unreadable(None);
    assert!(read_bytes(&vault, 2) <= 2048);
}

#[test]
fn a_tree_of_a_shard_that_went_meanwhile_is_taken_back() {
    let home = scenario::home();
    let (vault, _) = Vault::open(&scenario::config(home.path())).unwrap();
    let mut levels = LowerLevels::default();
    levels.push(&shard(2));
    put(&vault, 1, 2).unwrap();
    delete(&vault, 1, 2).unwrap();
    vault.inner.keep_tree(&root(2), shard(2).len() as u64, &levels);
    assert!(!tree(&home, 2).exists());
}

/// What is promised to shards is free for nothing else, as long as it is promised.
#[test]
fn room_for_a_tree_is_what_no_reservation_waits_for() {
    let mut accounts = crate::accounts::Accounts::new(1 << 30, 0);
    let id = accounts.reserve(3000, 4000, 0, 60).unwrap();
    assert!(!accounts.write_beside(1001, 4000));
    assert!(accounts.write_beside(1000, 4000));
    assert!(!accounts.write_beside(1, 4000), "taken");
    assert!(accounts.reserve(1, 4000, 0, 60).is_err(), "not promised twice");
    accounts.written_beside(1000);
    accounts.release(id);
    assert!(accounts.write_beside(4000, 4000));
}
