//! A database of format 1, as the first version wrote it. Every later version opens it.

use std::{fs, path::PathBuf};

use layr_vault::{ShardState, Vault};

use crate::support::{Home, LEAF, NOW, copy_tree, flip, owner, put, read_all, root_of, shard, try_put};

/// Seeds and leaves of the fixture's shards: whole and shared by two owners, whole with two blocks in the ledger (its
/// body is not in the fixture), corrupt.
const SHARED: (u64, usize) = (1, 3);
const MISSING: (u64, usize) = (2, 1025);
const CORRUPT: (u64, usize) = (3, 2);

fn fixture() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap())
        .join("../../../tests/fixtures/vault/format-1")
}

fn bytes((seed, leaves): (u64, usize)) -> Vec<u8> {
    shard(seed, leaves * LEAF)
}

#[test]
fn a_vault_of_format_1_opens() {
    let home = Home::new();
    copy_tree(&fixture(), &home.vault_dir());
    let (vault, report) = home.try_open().unwrap();
    assert!(report.is_available);
    assert_eq!((report.newly_missing, report.newly_corrupt, report.strays_removed), (0, 0, 0));
    let [shared, missing, corrupt] = [SHARED, MISSING, CORRUPT].map(|shard| root_of(&bytes(shard)));
    let states = vault.states(&[shared, missing, corrupt]).unwrap();
    assert_eq!(states, [ShardState::Stored, ShardState::Missing, ShardState::Corrupt]);
    assert!(read_all(&vault, &shared) == bytes(SHARED));
    assert_eq!(vault.holds(owner(1), &[shared, missing]).unwrap(), [true, false]);
    assert_eq!(vault.holds(owner(2), &[shared]).unwrap(), [true]);
    let usage = vault.usage().unwrap();
    assert_eq!((usage.used_bytes, usage.shards, usage.owners), ((3 + 3 + 1025 + 2) * 1024, 4, 2));
    // The nodes of the blocks are the ones of then.
    fs::create_dir_all(home.body(&missing).parent().unwrap()).unwrap();
    fs::write(home.body(&missing), bytes(MISSING)).unwrap();
    assert_eq!(vault.states(&[missing]).unwrap(), [ShardState::Stored]);
    assert_eq!(vault.prove_pieces(&missing, 16, 1).unwrap().len(), 1);
    // There were no trees then; they come by use.
    assert!(!home.tree(&shared).exists());
    for beside_bytes in [3 * 1024, 3 * 32 + 1024] {
        assert_eq!(vault.prove_leaves(&shared, &[2]).unwrap().read_bytes, beside_bytes);
    }
    assert!(home.tree(&shared).exists());
    assert!(vault.check_ledger().unwrap().is_equal());
}

/// Writes the fixture. Only for a new format: the old ones never change.
#[test]
#[ignore = "writes the fixture"]
fn write_the_fixture() {
    if std::env::var_os("LAYR_WRITE_FIXTURE").is_none() {
        return;
    }
    let home = Home::new();
    let vault: Vault = home.open();
    for shard in [SHARED, MISSING, CORRUPT] {
        put(&vault, owner(1), &bytes(shard));
    }
    try_put(&vault, owner(2), &bytes(SHARED)).unwrap();
    fs::remove_file(home.body(&root_of(&bytes(MISSING)))).unwrap();
    flip(&home.body(&root_of(&bytes(CORRUPT))), 1);
    vault.scrub_next(u64::MAX, NOW + 1).unwrap();
    drop(vault);
    fs::remove_file(home.vault_dir().join("vault.lock")).unwrap();
    assert!(!fixture().exists(), "a fixture is never overwritten");
    copy_tree(&home.vault_dir(), &fixture());
}
