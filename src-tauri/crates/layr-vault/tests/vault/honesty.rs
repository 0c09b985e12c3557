//! Answers about bodies that are gone or changed.

use std::fs;

use layr_codec::{LEAF_BYTES, MAX_SHARD_BYTES, PIECE_BYTES, ShardRoot, piece_node};
use layr_proof::{Node, leaf_digest};
use layr_vault::{Deleted, ReadError, SCRUB_ROUND_S, ShardState, Stored, Vault};

use crate::support::{
    Home, LEAF, MIB, NOW, assert_equal_to_disk, flip, owner, put, read_all, root_of, shard, try_put,
};

fn state(vault: &Vault, root: &ShardRoot) -> ShardState {
    vault.states(&[*root]).unwrap()[0]
}

fn prove_all(vault: &Vault, root: &ShardRoot, bytes: &[u8]) {
    let pieces: Vec<&[u8]> = bytes.chunks(PIECE_BYTES).collect();
    let mut first_piece = 0;
    while first_piece < pieces.len() {
        let proofs = vault.prove_pieces(root, u32::try_from(first_piece).unwrap(), u32::MAX).unwrap();
        assert!((1..=16).contains(&proofs.len()));
        for (proof, piece) in proofs.iter().zip(&pieces[first_piece..]) {
            assert_eq!(Some(proof.node), piece_node(piece));
            let proven = proof.path.root(proof.node).unwrap();
            assert_eq!(proven.root.hash, *root.as_bytes());
            assert_eq!(proven.root.leaf_count, (bytes.len() / LEAF_BYTES) as u64);
            assert_eq!(proven.first_leaf, (first_piece * PIECE_BYTES / LEAF_BYTES) as u64);
            first_piece += 1;
        }
    }
    assert_eq!(first_piece, pieces.len());
}

#[test]
fn every_piece_of_a_shard_of_any_shape_is_proven_at_its_place() {
    let home = Home::new();
    let vault = home.open();
    for (seed, leaves) in
        [1, 63, 64, 65, 1023, 1024, 1025, 2048 + 64, 3 * 1024 + 700, 4096].into_iter().enumerate()
    {
        let bytes = shard(seed as u64, leaves * LEAF);
        let root = put(&vault, owner(1), &bytes);
        prove_all(&vault, &root, &bytes);
        let beyond = u32::try_from(leaves.div_ceil(64)).unwrap();
        for (first, count) in [(beyond, 1), (u32::MAX, 1), (0, 0)] {
            assert!(matches!(vault.prove_pieces(&root, first, count), Err(ReadError::OutOfRange { .. })));
        }
    }
    let unknown = root_of(&shard(99, LEAF));
    assert!(matches!(vault.prove_pieces(&unknown, 0, 1), Err(ReadError::Unknown)));
}

#[test]
fn every_leaf_of_a_shard_of_any_shape_is_proven_at_its_place() {
    let home = Home::new();
    let vault = home.open();
    for (seed, leaves) in [1, 63, 64, 65, 1023, 1024, 1025, 2048 + 64, 4096].into_iter().enumerate() {
        let bytes = shard(seed as u64, leaves * LEAF);
        let root = put(&vault, owner(1), &bytes);
        // Every leaf of the small ones; of the others those around the ends of pieces and blocks.
        let is_asked = |leaf: &u32| leaves <= 65 || leaf % 64 < 2 || leaf % 64 == 63;
        let asked: Vec<u32> = (0..u32::try_from(leaves).unwrap()).filter(is_asked).collect();
        let proofs = vault.prove_leaves(&root, &asked).unwrap().proofs;
        assert_eq!(proofs.len(), asked.len());
        for (leaf, proof) in asked.into_iter().zip(proofs) {
            let at = leaf as usize * LEAF;
            assert_eq!(proof.leaf, bytes[at..at + LEAF]);
            let proven = proof.path.root(Node::leaf(leaf_digest(&proof.leaf))).unwrap();
            assert_eq!(proven.root.hash, *root.as_bytes());
            assert_eq!((proven.root.leaf_count, proven.first_leaf), (leaves as u64, u64::from(leaf)));
        }
        let beyond = u32::try_from(leaves).unwrap();
        for asked in [vec![], vec![beyond], vec![0, u32::MAX]] {
            assert!(matches!(vault.prove_leaves(&root, &asked), Err(ReadError::OutOfRange { .. })));
        }
    }
    let unknown = root_of(&shard(99, LEAF));
    assert!(matches!(vault.prove_leaves(&unknown, &[0]), Err(ReadError::Unknown)));
}

#[test]
fn a_flipped_bit_in_its_block_keeps_a_leaf_without_its_tree_from_being_proven() {
    let home = Home::new();
    let vault = home.open();
    let bytes = shard(1, MAX_SHARD_BYTES);
    let root = put(&vault, owner(1), &bytes);
    flip(&home.body(&root), 2 * MIB + 77);
    fs::remove_file(home.tree(&root)).unwrap();
    let proven = vault.prove_leaves(&root, &[0, 1, 1024, 4095]).unwrap();
    assert_eq!(proven.proofs.len(), 4, "the other blocks are whole");
    assert_eq!(proven.read_bytes, 3 * MIB as u64, "each block once");
    assert!(matches!(vault.prove_leaves(&root, &[0, 2500]), Err(ReadError::Corrupt)));
    assert_eq!(state(&vault, &root), ShardState::Corrupt);
    assert!(matches!(vault.prove_leaves(&root, &[0]), Err(ReadError::Corrupt)));
}

#[test]
fn a_proof_asks_for_no_more_than_was_asked() {
    let home = Home::new();
    let vault = home.open();
    let bytes = shard(1, MAX_SHARD_BYTES);
    let root = put(&vault, owner(1), &bytes);
    assert_eq!(vault.prove_pieces(&root, 17, 3).unwrap().len(), 3);
    assert_eq!(vault.prove_pieces(&root, 30, 9).unwrap().len(), 2, "an answer ends with its block");
}

#[test]
fn a_vanished_body_is_missing_at_once_and_its_row_stays() {
    let home = Home::new();
    let vault = home.open();
    let bytes = shard(1, 100 * LEAF);
    let root = put(&vault, owner(1), &bytes);
    let kept = put(&vault, owner(1), &shard(2, LEAF));
    fs::remove_file(home.body(&root)).unwrap();

    assert_eq!(vault.states(&[root, kept]).unwrap(), [ShardState::Missing, ShardState::Stored]);
    assert!(matches!(vault.reader(&root), Err(ReadError::Missing)));
    assert!(matches!(vault.prove_pieces(&root, 0, 1), Err(ReadError::Missing)));
    assert_eq!(vault.holds(owner(1), &[root, kept]).unwrap(), [false, true]);
    assert_eq!(
        vault.usage().unwrap().used_bytes,
        101 * LEAF as u64,
        "the owner is still charged, until they delete it"
    );

    // Sent again it is whole again, at no further charge.
    assert_eq!(try_put(&vault, owner(1), &bytes).unwrap(), Stored::AlreadyHeld);
    assert!(read_all(&vault, &root) == bytes);
    assert_eq!(state(&vault, &root), ShardState::Stored);
    assert_equal_to_disk(&vault);
}

#[test]
fn each_way_of_asking_notices_a_vanished_body_by_itself() {
    let home = Home::new();
    let vault = home.open();
    let stored_then_gone = |seed| {
        let root = put(&vault, owner(1), &shard(seed, 3 * LEAF));
        fs::remove_file(home.body(&root)).unwrap();
        root
    };
    assert!(matches!(vault.read(&stored_then_gone(1), 0..5), Err(ReadError::Missing)));
    assert!(matches!(vault.prove_pieces(&stored_then_gone(2), 0, 1), Err(ReadError::Missing)));
    assert!(matches!(vault.prove_leaves(&stored_then_gone(6), &[0]), Err(ReadError::Missing)));
    assert_eq!(state(&vault, &stored_then_gone(3)), ShardState::Missing);
    let lost = stored_then_gone(4);
    assert_eq!(vault.scrub_next(u64::MAX, NOW).unwrap().newly_missing, [lost]);
    let lost = stored_then_gone(5);
    drop(vault);
    let (vault, report) = home.try_open().unwrap();
    assert_eq!(report.newly_missing, 1);
    assert_eq!(state(&vault, &lost), ShardState::Missing);
}

#[test]
fn a_moved_body_that_comes_back_is_stored_again() {
    let home = Home::new();
    let vault = home.open();
    let bytes = shard(1, 100 * LEAF);
    let root = put(&vault, owner(1), &bytes);
    let elsewhere = home.dir.path().join("elsewhere");
    fs::rename(home.body(&root), &elsewhere).unwrap();
    assert_eq!(state(&vault, &root), ShardState::Missing);
    fs::rename(&elsewhere, home.body(&root)).unwrap();
    assert_eq!(state(&vault, &root), ShardState::Stored);
    prove_all(&vault, &root, &bytes);

    // The same over a restart.
    fs::rename(home.body(&root), &elsewhere).unwrap();
    drop(vault);
    let (vault, report) = home.try_open().unwrap();
    assert_eq!((report.newly_missing, report.returned), (1, 0));
    drop(vault);
    fs::rename(&elsewhere, home.body(&root)).unwrap();
    let (vault, report) = home.try_open().unwrap();
    assert_eq!((report.newly_missing, report.returned), (0, 1));
    prove_all(&vault, &root, &bytes);
    assert_equal_to_disk(&vault);
}

#[test]
fn a_changed_body_that_comes_back_is_not_taken_for_good() {
    let home = Home::new();
    let vault = home.open();
    let root = put(&vault, owner(1), &shard(1, 100 * LEAF));
    fs::remove_file(home.body(&root)).unwrap();
    assert_eq!(state(&vault, &root), ShardState::Missing);
    fs::write(home.body(&root), shard(2, 100 * LEAF)).unwrap();
    assert_eq!(state(&vault, &root), ShardState::Corrupt);
    assert!(!home.body(&root).exists());
}

#[test]
fn a_flipped_byte_anywhere_is_found_by_a_proof_of_its_block() {
    let home = Home::new();
    let vault = home.open();
    for (seed, place) in [0, 5, MIB - 1, MIB, 2 * MIB + 70_000].into_iter().enumerate() {
        let bytes = shard(seed as u64, 2 * MIB + 100 * LEAF);
        let root = put(&vault, owner(1), &bytes);
        flip(&home.body(&root), place);
        let block_piece = |place: usize| u32::try_from(place / MIB * 16).unwrap();
        let other = (place + MIB) % (2 * MIB + 1);
        if other / MIB != place / MIB {
            assert!(vault.prove_pieces(&root, block_piece(other), 16).is_ok(), "the others are whole");
        }
        assert!(matches!(vault.prove_pieces(&root, block_piece(place), 1), Err(ReadError::Corrupt)));
        assert_eq!(state(&vault, &root), ShardState::Corrupt);
        assert!(matches!(vault.reader(&root), Err(ReadError::Corrupt)), "known damage is not served");
        assert!(matches!(vault.prove_pieces(&root, block_piece(other), 1), Err(ReadError::Corrupt)));
        let aside = home.vault_dir().join("damaged").join(root.to_string());
        assert!(aside.exists() && !home.body(&root).exists());

        assert_eq!(try_put(&vault, owner(1), &bytes).unwrap(), Stored::AlreadyHeld);
        assert!(!aside.exists());
        prove_all(&vault, &root, &bytes);
    }
    assert_equal_to_disk(&vault);
}

#[test]
fn a_cut_or_grown_body_is_corrupt() {
    let home = Home::new();
    let vault = home.open();
    let damage = |seed, size_bytes: u64| {
        let root = put(&vault, owner(1), &shard(seed, 4 * LEAF));
        fs::File::options().write(true).open(home.body(&root)).unwrap().set_len(size_bytes).unwrap();
        root
    };
    assert_eq!(state(&vault, &damage(1, 0)), ShardState::Corrupt);
    assert_eq!(state(&vault, &damage(2, 5 * 1024)), ShardState::Corrupt);
    assert!(matches!(vault.read(&damage(3, 1000), 0..2000), Err(ReadError::Corrupt)));
    assert!(matches!(vault.prove_pieces(&damage(4, 1000), 0, 1), Err(ReadError::Corrupt)));
    let cut = damage(5, 1024);
    assert_eq!(vault.scrub_next(u64::MAX, NOW).unwrap().newly_corrupt, [cut]);
    let cut = damage(6, 1024);
    drop(vault);
    let (vault, report) = home.try_open().unwrap();
    assert_eq!(report.newly_corrupt, 1);
    assert_eq!(state(&vault, &cut), ShardState::Corrupt);
    assert_equal_to_disk(&vault);
}

#[test]
fn deleting_a_damaged_or_missing_shard_clears_it_up() {
    let home = Home::new();
    let vault = home.open();
    let corrupt = put(&vault, owner(1), &shard(1, LEAF));
    let missing = put(&vault, owner(1), &shard(2, LEAF));
    flip(&home.body(&corrupt), 0);
    fs::remove_file(home.body(&missing)).unwrap();
    vault.scrub_next(u64::MAX, NOW).unwrap();
    for root in [corrupt, missing] {
        assert_eq!(vault.delete(owner(1), &root).unwrap(), Deleted::Removed { freed_bytes: 1024 });
    }
    assert_eq!(fs::read_dir(home.vault_dir().join("damaged")).unwrap().count(), 0);
    assert_eq!(vault.usage().unwrap().used_bytes, 0);
}

#[test]
fn a_damaged_body_that_a_crash_left_beside_the_healed_one_is_removed() {
    let home = Home::new();
    let vault = home.open();
    let bytes = shard(1, LEAF);
    let root = put(&vault, owner(1), &bytes);
    let damaged = home.vault_dir().join("damaged").join(root.to_string());
    fs::rename(home.body(&root), &damaged).unwrap();
    drop(vault);
    let (vault, report) = home.try_open().unwrap();
    assert_eq!(
        (report.newly_corrupt, report.newly_missing),
        (1, 0),
        "a crash came before the row was marked"
    );
    assert_eq!(state(&vault, &root), ShardState::Corrupt);
    drop(vault);
    fs::copy(&damaged, home.body(&root)).unwrap();
    drop(home.open());
    drop(home.open());
    assert!(!damaged.exists() && home.body(&root).exists());
}

#[test]
fn the_scrubber_reads_everything_in_turn_and_finds_what_changed() {
    let home = Home::new();
    let vault = home.open();
    let roots: Vec<_> = (0..10).map(|seed| put(&vault, owner(1), &shard(seed, 4 * LEAF))).collect();
    for root in [&roots[3], &roots[8]] {
        flip(&home.body(root), 4095);
    }
    let mut corrupt = Vec::new();
    let mut read_bytes = 0;
    // Each call gets less time than the one before: no clock decides whose turn it is.
    for call in 0..5 {
        let report = vault.scrub_next(8 * 1024, NOW - call * 1_000_000).unwrap();
        assert_eq!(report.bodies_checked, 2);
        read_bytes += report.read_bytes;
        corrupt.extend(report.newly_corrupt);
    }
    assert_eq!(read_bytes, 40 * 1024, "a round reads each body once");
    assert_eq!(corrupt, [roots[3], roots[8]]);
    let again = vault.scrub_next(u64::MAX, NOW).unwrap();
    assert_eq!((again.bodies_checked, again.newly_corrupt.len()), (10, 0), "news are told once");
    assert_eq!(vault.scrub_next(0, NOW).unwrap().bodies_checked, 0);
    assert_equal_to_disk(&vault);
}

#[test]
fn the_scrubbers_pace_covers_everything_within_its_round() {
    let home = Home::new();
    let vault = home.open();
    put(&vault, owner(1), &shard(1, MIB));
    put(&vault, owner(1), &shard(2, MIB));
    let an_hour = vault.scrub_pace_bytes(3600).unwrap();
    assert!(an_hour * (SCRUB_ROUND_S / 3600) >= 2 * MIB as u64);
    assert!(an_hour * (SCRUB_ROUND_S / 3600) < 2 * MIB as u64 + SCRUB_ROUND_S / 3600);
    let year = 365 * 24 * 3600;
    assert_eq!(
        vault.scrub_pace_bytes(year).unwrap(),
        vault.scrub_pace_bytes(24 * 3600).unwrap(),
        "no storm after a long sleep"
    );
}

#[test]
fn files_that_are_not_ours_are_never_touched() {
    let home = Home::new();
    let vault = home.open();
    let root = put(&vault, owner(1), &shard(1, LEAF));
    drop(vault);
    let shards = home.vault_dir().join("shards");
    let stray = root_of(&shard(2, LEAF));
    let misplaced = shards.join("00").join("00").join("f".repeat(64));
    let foreign = [
        shards.join("notes.txt"),
        home.body(&root).with_file_name("README"),
        home.body(&root).with_file_name(root.to_string().to_uppercase() + "x"),
        misplaced,
        home.vault_dir().join("incoming").join("film.part"),
        home.vault_dir().join("damaged").join("letter"),
    ];
    fs::create_dir_all(shards.join("00").join("00")).unwrap();
    fs::create_dir_all(home.body(&stray).parent().unwrap()).unwrap();
    for path in foreign.iter().chain([&home.body(&stray)]) {
        fs::write(path, "precious").unwrap();
    }
    fs::write(home.vault_dir().join("incoming").join("00000000000000ff.part"), "left").unwrap();
    let (vault, report) = home.try_open().unwrap();
    assert!(foreign.iter().all(|path| fs::read(path).unwrap() == b"precious"));
    assert!(!home.body(&stray).exists());
    assert_eq!((report.strays_removed, report.temporaries_removed, report.foreign_entries), (1, 1, 5));
    assert_eq!(vault.has(&[root]).unwrap(), [true]);
}
