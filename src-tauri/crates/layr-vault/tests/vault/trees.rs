//! Leaf trees: what a proof of a leaf reads, and what becomes of trees that are gone or wrong.

use std::fs;

use layr_codec::{MAX_SHARD_BYTES, ShardRoot, leaf_nodes};
use layr_proof::{Node, leaf_digest, subtree_path};
use layr_vault::{Deleted, ProvenLeaves, ReadError, ShardState, Vault, VaultConfig};

use crate::support::{
    Home, LEAF, MIB, assert_equal_to_disk, flip, owner, put, read_all, root_of, shard, try_put,
};

/// Most bytes that may be read beside a leaf: the goal of issue 4.
const BESIDE_BYTES: u64 = 1024;

fn leaves_of(bytes: &[u8]) -> Vec<u32> {
    (0..u32::try_from(bytes.len() / LEAF).unwrap()).collect()
}

/// Proves these leaves at once, checks each against the root, and answers what was read beside them.
fn prove(vault: &Vault, bytes: &[u8], leaves: &[u32]) -> u64 {
    let root = root_of(bytes);
    let ProvenLeaves { proofs, read_bytes } = vault.prove_leaves(&root, leaves).unwrap();
    assert_eq!(proofs.len(), leaves.len());
    for (leaf, proof) in leaves.iter().zip(proofs) {
        let at = *leaf as usize * LEAF;
        assert_eq!(proof.leaf, bytes[at..at + LEAF]);
        let proven = proof.path.root(Node::leaf(leaf_digest(&proof.leaf))).unwrap();
        assert_eq!(ShardRoot::from(proven.root), root, "leaf {leaf}");
        assert_eq!(
            (proven.first_leaf, proven.root.leaf_count),
            (u64::from(*leaf), (bytes.len() / LEAF) as u64)
        );
    }
    read_bytes - (leaves.len() * LEAF) as u64
}

#[test]
fn every_leaf_of_a_shard_of_any_size_has_its_path_for_at_most_a_kibibyte() {
    let home = Home::new();
    let vault = home.open();
    let sizes =
        [1, 2, 3, 4, 15, 16, 17, 31, 33, 127, 128, 129, 255, 640, 1000, 1023, 1024, 1025, 1041, 2048, 2112];
    for leaves in sizes.into_iter().chain([3 * 1024 + 700, MAX_SHARD_BYTES / LEAF]) {
        let bytes = shard(leaves as u64, leaves * LEAF);
        let root = put(&vault, owner(1), &bytes);
        let nodes = leaf_nodes(&bytes);
        let mut most_bytes = 0;
        for leaf in leaves_of(&bytes) {
            let proven = vault.prove_leaves(&root, &[leaf]).unwrap();
            most_bytes = most_bytes.max(proven.read_bytes - LEAF as u64);
            // To make the path from all leaves takes its time; that it leads to the root and this leaf says the same.
            if leaves < 1100 || leaf % 13 == 0 {
                let (_, path) = subtree_path(&nodes, leaf as usize, 1).unwrap();
                assert_eq!(proven.proofs[0].path, path, "leaf {leaf} of {leaves}");
            }
            let at = leaf as usize * LEAF;
            assert_eq!(proven.proofs[0].leaf, bytes[at..at + LEAF]);
        }
        assert!(most_bytes <= BESIDE_BYTES, "{most_bytes} bytes beside a leaf of {leaves}");
        // All leaves at once are right too, and read no more for each.
        assert!(prove(&vault, &bytes, &leaves_of(&bytes)) <= leaves as u64 * BESIDE_BYTES);
        let tree_bytes = fs::metadata(home.tree(&root)).map_or(0, |tree| tree.len());
        assert_eq!(tree_bytes == 0, leaves < 3, "{leaves}");
        if leaves % 1024 == 0 {
            assert_eq!(tree_bytes, (leaves / 1024 * (1024 + 64 + 8) * 32) as u64);
            assert!(tree_bytes * 1000 < bytes.len() as u64 * 34, "more than 3.4 %");
        }
    }
    assert_equal_to_disk(&vault);
}

/// What was stored before there were trees, and what lost its tree.
#[test]
fn a_tree_that_is_gone_or_wrong_is_made_anew_block_by_block() {
    let home = Home::new();
    let vault = home.open();
    let bytes = shard(1, 2 * MIB + 100 * LEAF);
    let root = put(&vault, owner(1), &bytes);
    let other = put(&vault, owner(1), &shard(2, bytes.len()));
    let tree = fs::read(home.tree(&root)).unwrap();
    let longer = [tree.clone(), vec![1; 32]].concat();
    let wrong = [
        None,
        Some(vec![]),
        Some(tree[..tree.len() - 1].to_vec()),
        Some(longer),
        Some(vec![0; tree.len()]),
        Some(vec![0xff; tree.len()]),
        Some(fs::read(home.tree(&other)).unwrap()),
    ];
    for contents in wrong {
        fs::remove_file(home.tree(&root)).unwrap();
        if let Some(contents) = contents {
            fs::write(home.tree(&root), contents).unwrap();
        }
        let beside = prove(&vault, &bytes, &[0]);
        assert!(beside >= 1023 * LEAF as u64 && beside <= (MIB + LEAF) as u64, "{beside}: its block");
        for first in [0, 1024, 2048] {
            let some = [first, first + 98, first + 99];
            prove(&vault, &bytes, &some);
            assert!(prove(&vault, &bytes, &some) <= 3 * BESIDE_BYTES, "its tree");
        }
        assert!(fs::read(home.tree(&root)).unwrap() == tree, "made anew");
    }
    // What stands in its place and can't be replaced does no harm.
    fs::remove_file(home.tree(&root)).unwrap();
    fs::create_dir(home.tree(&root)).unwrap();
    for _ in 0..2 {
        assert!(prove(&vault, &bytes, &[5]) > BESIDE_BYTES);
    }
    assert_eq!(vault.states(&[root]).unwrap(), [ShardState::Stored]);
}

#[test]
fn a_flipped_bit_anywhere_in_a_tree_is_healed_and_never_answered() {
    let home = Home::new();
    let vault = home.open();
    // Two spans of full groups, so that each digest is needed for some leaf.
    let bytes = shard(1, 256 * LEAF);
    let root = put(&vault, owner(1), &bytes);
    let all = leaves_of(&bytes);
    let tree = fs::read(home.tree(&root)).unwrap();
    for digest in 0..tree.len() / 32 {
        flip(&home.tree(&root), digest * 32 + digest % 32);
        prove(&vault, &bytes, &all);
        assert!(fs::read(home.tree(&root)).unwrap() == tree, "digest {digest} is wrong still");
    }
    assert_eq!(vault.states(&[root]).unwrap(), [ShardState::Stored]);
    assert!(read_all(&vault, &root) == bytes);
}

#[test]
fn a_tree_hides_no_damaged_leaf() {
    let home = Home::new();
    let vault = home.open();
    for (seed, leaf) in [0_u32, 77, 1024, 2099].into_iter().enumerate() {
        let bytes = shard(seed as u64, 2100 * LEAF);
        let root = put(&vault, owner(1), &bytes);
        flip(&home.body(&root), leaf as usize * LEAF + 1023);
        assert!(prove(&vault, &bytes, &[leaf ^ 1]) <= BESIDE_BYTES, "its neighbour is whole");
        assert!(matches!(vault.prove_leaves(&root, &[leaf]), Err(ReadError::Corrupt)));
        assert_eq!(vault.states(&[root]).unwrap(), [ShardState::Corrupt]);
        assert!(matches!(vault.prove_leaves(&root, &[leaf ^ 1]), Err(ReadError::Corrupt)));
        // Sent again it is whole, and its tree has been right all the time.
        try_put(&vault, owner(1), &bytes).unwrap();
        assert!(prove(&vault, &bytes, &[leaf]) <= BESIDE_BYTES);
    }
    assert_equal_to_disk(&vault);
}

#[test]
fn a_tree_without_its_body_proves_nothing() {
    let home = Home::new();
    let vault = home.open();
    let gone = put(&vault, owner(1), &shard(1, 100 * LEAF));
    let cut = put(&vault, owner(1), &shard(2, 100 * LEAF));
    fs::remove_file(home.body(&gone)).unwrap();
    fs::File::options().write(true).open(home.body(&cut)).unwrap().set_len(99 * 1024).unwrap();
    assert!(home.tree(&gone).exists() && home.tree(&cut).exists());
    assert!(matches!(vault.prove_leaves(&gone, &[1]), Err(ReadError::Missing)));
    assert!(matches!(vault.prove_leaves(&cut, &[99]), Err(ReadError::Corrupt)));
}

#[test]
fn a_tree_goes_with_the_last_owner_of_its_shard() {
    let home = Home::new();
    let vault = home.open();
    let bytes = shard(1, 100 * LEAF);
    let root = put(&vault, owner(1), &bytes);
    put(&vault, owner(2), &bytes);
    vault.delete(owner(1), &root).unwrap();
    assert!(home.tree(&root).exists());
    assert!(prove(&vault, &bytes, &[7]) <= BESIDE_BYTES);
    assert!(matches!(vault.delete(owner(2), &root).unwrap(), Deleted::Removed { .. }));
    assert!(!home.tree(&root).exists() && !home.body(&root).exists());
    assert_equal_to_disk(&vault);
}

#[test]
fn trees_without_shards_are_swept_at_a_start_and_nothing_else_is() {
    let home = Home::new();
    let vault = home.open();
    let root = put(&vault, owner(1), &shard(1, 3 * LEAF));
    drop(vault);
    let orphan = home.tree(&root_of(&shard(2, LEAF)));
    let foreign = [
        home.tree(&root).with_file_name("README"),
        home.vault_dir().join("trees").join("notes.txt"),
        home.tree(&root).with_file_name("f".repeat(63)),
    ];
    fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    for path in foreign.iter().chain([&orphan]) {
        fs::write(path, "precious").unwrap();
    }
    let (vault, report) = home.try_open().unwrap();
    assert!(!orphan.exists() && home.tree(&root).exists());
    assert!(foreign.iter().all(|path| fs::read(path).unwrap() == b"precious"));
    assert_eq!((report.foreign_entries, report.strays_removed), (2, 0));
    assert_equal_to_disk(&vault);
}

#[test]
fn a_tree_takes_no_space_that_must_stay_free_and_none_of_the_quota() {
    let home = Home::with_quota(1024 * LEAF as u64);
    let vault = home.open();
    let bytes = shard(1, 1024 * LEAF);
    let root = put(&vault, owner(1), &bytes);
    assert_eq!(vault.usage().unwrap().used_bytes, bytes.len() as u64, "an owner pays for the shard");
    fs::remove_file(home.tree(&root)).unwrap();
    drop(vault);
    let no_room = VaultConfig::new(home.vault_dir(), home.quota_bytes, u64::MAX);
    let (vault, _) = Vault::open(&no_room).unwrap();
    assert!(prove(&vault, &bytes, &[7]) > BESIDE_BYTES);
    assert!(!home.tree(&root).exists());
    drop(vault);
    prove(&home.open(), &bytes, &[7]);
    assert!(home.tree(&root).exists());
}
