//! A medium that can't be read, for a while or for ever.

use std::{path::Path, sync::Arc, time::Instant};

use layr_codec::ShardRoot;
use tempfile::TempDir;

use super::{
    faulty_disk::FaultyDisk,
    scenario::{self, NOW, body, config, delete, put, root},
};
use crate::{
    ReadError, ScrubReport, ShardState, Vault,
    settle::{LAPSES_AFTER, READ_AGAIN_AFTER},
};

/// Shards 0 and 1; the medium fails under the first.
fn vault() -> (TempDir, FaultyDisk, Vault) {
    let home = scenario::home();
    let disk = FaultyDisk::default();
    let (vault, _) = Vault::open_on(&config(home.path()), Arc::new(disk.clone())).unwrap();
    put(&vault, 1, 0).unwrap();
    put(&vault, 1, 1).unwrap();
    disk.set_unreadable(Some(body(home.path(), 0)));
    (home, disk, vault)
}

fn scrub(vault: &Vault) -> ScrubReport {
    vault.scrub_next(u64::MAX, NOW).unwrap()
}

/// As if the body had failed for the first time so long ago that its medium has had its time.
fn failed_long_ago(vault: &Vault) {
    let long_ago = Instant::now().checked_sub(READ_AGAIN_AFTER).unwrap();
    vault.inner.unreadable.lock().note(&root(0), long_ago);
}

fn is_there(home: &Path) -> bool {
    body(home, 0).exists()
}

#[test]
fn a_read_error_says_nothing_about_a_shard_until_it_is_there_hours_later() {
    let (home, _disk, vault) = vault();
    for _ in 0..5 {
        let report = scrub(&vault);
        assert_eq!((report.bodies_checked, report.unreadable), (2, vec![root(0)]), "the other one is read");
        assert!(report.newly_corrupt.is_empty());
        assert!(matches!(vault.prove_leaves(&root(0), &[0]), Err(ReadError::Store(_))));
    }
    assert!(is_there(home.path()));
    assert!(!vault.inner.unreadable.lock().note(&root(0), Instant::now() + READ_AGAIN_AFTER / 2));
    assert!(vault.inner.unreadable.lock().note(&root(0), Instant::now() + READ_AGAIN_AFTER));
}

#[test]
fn a_medium_that_fails_hours_later_too_has_lost_the_shard() {
    let (home, _disk, vault) = vault();
    failed_long_ago(&vault);
    assert_eq!(scrub(&vault).newly_corrupt, [root(0)]);
    assert!(!is_there(home.path()), "it is never served again");
    assert!(matches!(vault.prove_leaves(&root(0), &[0]), Err(ReadError::Corrupt)));
    assert_eq!(vault.states(&[root(0)]).unwrap(), [ShardState::Corrupt]);
}

#[test]
fn a_body_that_could_be_read_in_between_begins_anew() {
    let (home, disk, vault) = vault();
    failed_long_ago(&vault);
    disk.set_unreadable(None);
    assert!(scrub(&vault).unreadable.is_empty());
    disk.set_unreadable(Some(body(home.path(), 0)));
    assert_eq!(scrub(&vault).unreadable, [root(0)]);
}

/// An owner reads more often than the scrub does.
#[test]
fn an_answer_to_an_owner_in_between_begins_anew_too() {
    let (home, disk, vault) = vault();
    failed_long_ago(&vault);
    disk.set_unreadable(None);
    let size_bytes = vault.reader(&root(0)).unwrap().size_bytes();
    vault.read(&root(0), 0..size_bytes).unwrap();
    disk.set_unreadable(Some(body(home.path(), 0)));
    assert_eq!(scrub(&vault).unreadable, [root(0)], "it fails for the first time");
    assert!(is_there(home.path()));
}

/// It is read beside what is lost, four thousand times before it is what is lost.
#[test]
fn a_proof_of_one_leaf_says_nothing_of_the_rest() {
    let (home, disk, vault) = vault();
    let long_ago = Instant::now().checked_sub(READ_AGAIN_AFTER).unwrap();
    vault.inner.unreadable.lock().note(&root(1), long_ago);
    vault.prove_leaves(&root(1), &[2]).unwrap();
    disk.set_unreadable(Some(body(home.path(), 1)));
    assert_eq!(scrub(&vault).newly_corrupt, [root(1)]);
}

#[test]
fn two_failures_far_apart_are_two_first_ones() {
    let (home, _disk, vault) = vault();
    let days_ago = Instant::now().checked_sub(LAPSES_AFTER).unwrap();
    vault.inner.unreadable.lock().note(&root(0), days_ago);
    assert_eq!(scrub(&vault).unreadable, [root(0)]);
    assert!(is_there(home.path()));
    let mut unreadable = vault.inner.unreadable.lock();
    assert!(!unreadable.note(&root(0), Instant::now() + READ_AGAIN_AFTER / 2), "counted from the second one");
    assert!(unreadable.note(&root(0), Instant::now() + READ_AGAIN_AFTER));
}

/// A round of the scrub takes weeks, by when the failure has lapsed.
#[test]
fn the_scrub_reads_a_body_again_before_its_failure_lapses_and_out_of_turn() {
    let (home, _disk, vault) = vault();
    scrub(&vault);
    let next = |vault: &Vault| vault.scrub_next(1, NOW).unwrap();
    assert_eq!(next(&vault).unreadable, [root(0)], "its turn, after which that of the other one comes");
    vault.inner.unreadable.lock().forget(&root(0));
    failed_long_ago(&vault);
    assert_eq!(next(&vault).newly_corrupt, [root(0)]);
    assert!(!is_there(home.path()));
}

#[test]
fn a_body_that_was_deleted_and_comes_again_begins_anew() {
    let (home, _disk, vault) = vault();
    failed_long_ago(&vault);
    delete(&vault, 1, 0).unwrap();
    put(&vault, 1, 0).unwrap();
    assert_eq!(scrub(&vault).unreadable, [root(0)]);
    assert!(is_there(home.path()));
}

#[test]
fn failures_that_lapsed_make_room_for_others() {
    let (_home, _disk, vault) = vault();
    let mut unreadable = vault.inner.unreadable.lock();
    let before = Instant::now();
    for number in 0..5000_u32 {
        let mut other = [0; 32];
        other[..4].copy_from_slice(&number.to_be_bytes());
        unreadable.note(&ShardRoot::from_bytes(other), before);
    }
    let later = before + READ_AGAIN_AFTER;
    assert!(
        !unreadable.note(&root(0), later) && !unreadable.note(&root(0), later + READ_AGAIN_AFTER),
        "full"
    );
    let later = before + LAPSES_AFTER;
    assert!(!unreadable.note(&root(0), later));
    assert!(unreadable.note(&root(0), later + READ_AGAIN_AFTER));
}

/// Wrong bytes are another matter: they don't pass.
#[test]
fn a_body_of_other_bytes_is_damaged_at_once() {
    let (home, disk, vault) = vault();
    disk.set_unreadable(None);
    let place = body(home.path(), 0);
    let mut bytes = std::fs::read(&place).unwrap();
    bytes[7] ^= 1;
    std::fs::write(&place, bytes).unwrap();
    assert!(matches!(vault.prove_leaves(&root(0), &[0]), Err(ReadError::Corrupt)));
}
