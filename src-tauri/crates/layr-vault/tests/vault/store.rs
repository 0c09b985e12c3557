//! Storing, reading and deleting.

use std::fs;

use layr_codec::MAX_SHARD_BYTES;
use layr_vault::{
    CommitError, Deleted, ReadError, ReconcileReport, ReserveError, ShardState, Stored, Vault, WriteError,
};
use proptest::prelude::*;

use crate::support::{
    Home, LATER, LEAF, MIB, NOW, assert_equal_to_disk, flip, owner, put, read_all, root_of, shard, try_put,
};

#[test]
fn shards_of_all_sizes_come_back_bit_for_bit_and_survive_a_restart() {
    let home = Home::new();
    let vault = home.open();
    let sizes = [
        LEAF,
        3 * LEAF,
        64 * LEAF,
        65 * LEAF,
        256 * LEAF,
        257 * LEAF,
        MIB,
        MIB + LEAF,
        3 * MIB + 5 * LEAF,
        MAX_SHARD_BYTES,
    ];
    let shards: Vec<Vec<u8>> = sizes.iter().map(|&size| shard(1, size)).collect();
    let roots: Vec<_> = shards.iter().map(|bytes| put(&vault, owner(1), bytes)).collect();
    let total_bytes: usize = sizes.iter().sum();
    let check = |vault: &Vault| {
        for (root, bytes) in roots.iter().zip(&shards) {
            assert!(read_all(vault, root) == *bytes);
            assert!(fs::read(home.body(root)).unwrap() == *bytes, "a body is the shard, nothing else");
        }
        let usage = vault.usage().unwrap();
        assert_eq!((usage.used_bytes, usage.reserved_bytes), (total_bytes as u64, 0));
        assert_eq!((usage.shards, usage.owners), (sizes.len() as u64, 1));
        assert_equal_to_disk(vault);
    };
    check(&vault);
    drop(vault);
    let (vault, report) = home.try_open().unwrap();
    assert_eq!(report, ReconcileReport { is_available: true, ..ReconcileReport::default() });
    check(&vault);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_split_of_the_writes_stores_the_same(
        leaves in 1usize..1500,
        splits in prop::collection::vec(1usize..400_000, 1..20),
        range in (0.0f64..1.0, 0.0f64..1.0),
    ) {
        let home = Home::new();
        let vault = home.open();
        let bytes = shard(7, leaves * LEAF);
        let mut reservation = vault.reserve(owner(1), bytes.len() as u64, NOW, LATER).unwrap();
        let mut left = bytes.as_slice();
        for split in splits.iter().cycle() {
            let (now, later) = left.split_at((*split).min(left.len()));
            reservation.write(now).unwrap();
            prop_assert_eq!(reservation.missing_bytes(), later.len() as u64);
            left = later;
            if left.is_empty() {
                break;
            }
        }
        let root = root_of(&bytes);
        prop_assert_eq!(reservation.commit(root).unwrap(), Stored::New);
        prop_assert!(read_all(&vault, &root) == bytes);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a small file")]
        let (a, b) = ((range.0 * bytes.len() as f64) as usize, (range.1 * bytes.len() as f64) as usize);
        if a < b {
            prop_assert!(vault.read(&root, a as u64..b as u64).unwrap() == bytes[a..b]);
        }
    }
}

#[test]
fn wrong_bytes_are_refused_and_leave_nothing() {
    let home = Home::new();
    let vault = home.open();
    let bytes = shard(1, 300 * LEAF);
    let other = root_of(&shard(2, LEAF));
    let reserve = || vault.reserve(owner(1), bytes.len() as u64, NOW, LATER).unwrap();

    let mut reservation = reserve();
    reservation.write(&bytes).unwrap();
    let error = reservation.commit(other).unwrap_err();
    assert!(
        matches!(error, CommitError::RootMismatch { expected, actual } if expected == other && actual == root_of(&bytes))
    );

    let mut reservation = reserve();
    reservation.write(&bytes[LEAF..]).unwrap();
    let error = reservation.commit(root_of(&bytes)).unwrap_err();
    assert!(
        matches!(error, CommitError::ShortBody { expected_bytes, received_bytes } if expected_bytes == received_bytes + 1024)
    );

    let mut reservation = reserve();
    reservation.write(&bytes).unwrap();
    assert!(matches!(reservation.write(&[0]), Err(WriteError::TooLong { .. })));
    drop(reservation);

    let usage = vault.usage().unwrap();
    assert_eq!((usage.used_bytes, usage.reserved_bytes, usage.shards), (0, 0, 0));
    assert_eq!(home.incoming(), 0);
    assert!(matches!(vault.reader(&root_of(&bytes)), Err(ReadError::Unknown)));
    assert_equal_to_disk(&vault);
}

#[test]
fn impossible_sizes_are_refused() {
    let home = Home::new();
    let vault = home.open();
    let reserve = |size_bytes| vault.reserve(owner(1), size_bytes, NOW, LATER).unwrap_err();
    assert!(matches!(reserve(0), ReserveError::NotWholeLeaves { size_bytes: 0 }));
    assert!(matches!(reserve(1000), ReserveError::NotWholeLeaves { size_bytes: 1000 }));
    assert!(
        matches!(reserve(MAX_SHARD_BYTES as u64 + 1024), ReserveError::TooLarge { limit_bytes } if limit_bytes == MAX_SHARD_BYTES as u64)
    );
    assert!(matches!(reserve(u64::MAX), ReserveError::TooLarge { .. }));
}

#[test]
fn storing_again_changes_and_charges_nothing() {
    let home = Home::new();
    let vault = home.open();
    let bytes = shard(1, 70 * LEAF);
    let root = put(&vault, owner(1), &bytes);
    assert_eq!(vault.holds(owner(1), &[root]).unwrap(), [true]);
    let before = vault.usage().unwrap();
    assert_eq!(try_put(&vault, owner(1), &bytes).unwrap(), Stored::AlreadyHeld);
    assert_eq!(vault.usage().unwrap(), before);
    assert_eq!(home.incoming(), 0);
    assert_equal_to_disk(&vault);
}

#[test]
fn two_owners_of_the_same_shard_pay_each_and_share_one_body() {
    let home = Home::new();
    let vault = home.open();
    let bytes = shard(1, 70 * LEAF);
    let root = put(&vault, owner(1), &bytes);
    assert_eq!(vault.holds(owner(2), &[root]).unwrap(), [false], "knowing a root is not having it");
    put(&vault, owner(2), &bytes);
    let size_bytes = bytes.len() as u64;
    let usage = vault.usage().unwrap();
    assert_eq!((usage.used_bytes, usage.shards, usage.owners), (2 * size_bytes, 2, 2));
    let check = vault.check_ledger().unwrap();
    assert_eq!(check.disk_body_bytes, size_bytes);
    assert!(check.is_equal());

    let freed = Deleted::Removed { freed_bytes: size_bytes };
    assert_eq!(vault.delete(owner(1), &root).unwrap(), freed);
    assert!(read_all(&vault, &root) == bytes, "the other owner's shard is not touched");
    assert_eq!(vault.delete(owner(1), &root).unwrap(), Deleted::Unknown);
    assert_eq!(vault.delete(owner(2), &root).unwrap(), freed);
    assert!(!home.body(&root).exists());
    assert_eq!(vault.states(&[root]).unwrap(), [ShardState::Unknown]);
    assert_eq!(vault.usage().unwrap().used_bytes, 0);
    assert_equal_to_disk(&vault);
}

#[test]
fn a_stranger_deletes_nothing() {
    let home = Home::new();
    let vault = home.open();
    let root = put(&vault, owner(1), &shard(1, LEAF));
    assert_eq!(vault.delete(owner(2), &root).unwrap(), Deleted::Unknown);
    assert_eq!(vault.delete(owner(1), &root_of(&shard(2, LEAF))).unwrap(), Deleted::Unknown);
    assert_eq!(vault.has(&[root]).unwrap(), [true]);
}

#[test]
fn a_shard_stays_readable_to_whom_is_reading_it_while_it_is_deleted() {
    let home = Home::new();
    let vault = home.open();
    let bytes = shard(1, 70 * LEAF);
    let root = put(&vault, owner(1), &bytes);
    let mut reader = vault.reader(&root).unwrap();
    vault.delete(owner(1), &root).unwrap();
    let mut read = Vec::new();
    reader.read_into(0..bytes.len() as u64, &mut read).unwrap();
    assert!(read == bytes);
    assert!(matches!(vault.reader(&root), Err(ReadError::Unknown)));
}

#[test]
fn ranges_outside_a_shard_are_refused() {
    let home = Home::new();
    let vault = home.open();
    let root = put(&vault, owner(1), &shard(1, 2 * LEAF));
    #[expect(clippy::reversed_empty_ranges, reason = "what a peer may ask for")]
    for range in [0..0, 5..4, 0..2049, 2048..2049, u64::MAX - 1..u64::MAX] {
        let answer = vault.read(&root, range.clone());
        assert!(matches!(answer, Err(ReadError::OutOfRange { size_bytes: 2048 })), "{range:?}");
    }
    assert_eq!(vault.states(&[root]).unwrap(), [ShardState::Stored]);
}

#[test]
fn a_range_beyond_the_end_costs_no_look_at_the_body() {
    let home = Home::new();
    let vault = home.open();
    let root = put(&vault, owner(1), &shard(1, 2 * LEAF));
    flip(&home.body(&root), 7);
    let answer = vault.read(&root, 0..2049);
    assert!(
        matches!(answer, Err(ReadError::OutOfRange { size_bytes: 2048 })),
        "whoever reads it finds the damage"
    );
}

#[test]
fn many_threads_store_and_delete_the_same_shards_and_the_ledger_stays_exact() {
    let home = Home::new();
    let vault = home.open();
    let shards: Vec<Vec<u8>> = (0..6).map(|seed| shard(seed, 40 * LEAF)).collect();
    std::thread::scope(|scope| {
        for thread in 0..8u8 {
            let (vault, shards) = (&vault, &shards);
            scope.spawn(move || {
                for round in 0..25 {
                    let bytes = &shards[(usize::from(thread) + round) % shards.len()];
                    let who = owner(thread % 3);
                    match try_put(vault, who, bytes) {
                        Ok(_) | Err(ReserveError::Busy { .. }) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                    if round % 2 == 0 {
                        vault.delete(who, &root_of(bytes)).unwrap();
                    }
                }
            });
        }
    });
    assert_equal_to_disk(&vault);
    assert_eq!(vault.usage().unwrap().reserved_bytes, 0);
    assert_eq!(home.incoming(), 0);
    drop(vault);
    let (vault, report) = home.try_open().unwrap();
    assert_eq!((report.strays_removed, report.temporaries_removed, report.newly_missing), (0, 0, 0));
    assert_equal_to_disk(&vault);
}
