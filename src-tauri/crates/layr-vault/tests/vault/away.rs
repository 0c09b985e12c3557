//! A disk that goes away and comes back.

use std::{fs, path::Path};

use layr_vault::{OpenError, ReadError, ReserveError, ShardState, StoreError, Vault};

use crate::support::{
    Home, LATER, LEAF, NOW, assert_equal_to_disk, copy_tree, owner, put, read_all, root_of, shard, try_put,
};

const fn is_away<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable { .. }))
}

/// Every call says that the disk is away, and none changes anything.
fn assert_away(vault: &Vault, root: &layr_codec::ShardRoot) {
    assert!(is_away(&vault.states(&[*root])));
    assert!(is_away(&vault.delete(owner(1), root)));
    assert!(is_away(&vault.scrub_next(u64::MAX, NOW)));
    assert!(is_away(&vault.check_ledger()));
    assert!(matches!(vault.reader(root), Err(ReadError::Store(StoreError::Unavailable { .. }))));
    assert!(matches!(vault.prove_pieces(root, 0, 1), Err(ReadError::Store(StoreError::Unavailable { .. }))));
    assert!(matches!(
        vault.reserve(owner(1), 1024, NOW, LATER),
        Err(ReserveError::Store(StoreError::Unavailable { .. }))
    ));
    let usage = vault.usage().unwrap();
    assert!(!usage.available && usage.shards == 2);
}

fn two_shards(vault: &Vault) -> [layr_codec::ShardRoot; 2] {
    [put(vault, owner(1), &shard(1, 30 * LEAF)), put(vault, owner(1), &shard(2, LEAF))]
}

fn assert_whole(vault: &Vault, roots: &[layr_codec::ShardRoot; 2]) {
    assert_eq!(vault.states(roots).unwrap(), [ShardState::Stored; 2]);
    assert!(read_all(vault, &roots[0]) == shard(1, 30 * LEAF));
    put(vault, owner(2), &shard(3, LEAF));
    vault.delete(owner(2), &root_of(&shard(3, LEAF))).unwrap();
    assert_equal_to_disk(vault);
}

#[test]
fn a_vanished_directory_is_an_answer_and_works_again_when_it_is_back() {
    let home = Home::new();
    let vault = home.open();
    let roots = two_shards(&vault);
    let (shards, away) = (home.vault_dir().join("shards"), home.dir.path().join("away"));
    for _ in 0..2 {
        fs::rename(&shards, &away).unwrap();
        assert_away(&vault, &roots[0]);
        // An empty mount point is no better.
        fs::create_dir(&shards).unwrap();
        assert_away(&vault, &roots[0]);
        fs::remove_dir(&shards).unwrap();
        fs::rename(&away, &shards).unwrap();
        assert_whole(&vault, &roots);
    }
}

#[test]
fn a_vault_whose_disk_is_away_opens_and_goes_on_when_it_is_back() {
    let home = Home::new();
    let roots = two_shards(&home.open());
    let (shards, away) = (home.vault_dir().join("shards"), home.dir.path().join("away"));
    fs::rename(&shards, &away).unwrap();
    for is_mount_point in [false, true] {
        if is_mount_point {
            fs::create_dir(&shards).unwrap();
        }
        let (vault, report) = home.try_open().unwrap();
        assert!(!report.is_available);
        assert_eq!(report.newly_missing, 0);
        assert_away(&vault, &roots[0]);
        if is_mount_point {
            fs::remove_dir(&shards).unwrap();
            fs::rename(&away, &shards).unwrap();
            assert_whole(&vault, &roots);
        }
    }
}

#[test]
fn a_whole_vault_that_vanishes_under_way_acknowledges_nothing_and_goes_on_when_it_is_back() {
    let home = Home::new();
    let vault = home.open();
    let roots = two_shards(&vault);
    let bytes = shard(9, 300 * LEAF);
    let mut under_way = vault.reserve(owner(1), bytes.len() as u64, NOW, LATER).unwrap();
    under_way.write(&bytes[..290 * LEAF]).unwrap();
    let away = home.dir.path().join("away");
    fs::rename(home.vault_dir(), &away).unwrap();
    assert_away(&vault, &roots[0]);
    under_way.write(&bytes[290 * LEAF..]).unwrap();
    let refused = under_way.commit(root_of(&bytes)).unwrap_err();
    assert!(matches!(refused, layr_vault::CommitError::Store(StoreError::Unavailable { .. })), "{refused:?}");
    fs::rename(&away, home.vault_dir()).unwrap();
    assert_whole(&vault, &roots);
    assert_eq!(home.incoming(), 0, "the temporary that could not be removed then is removed now");
    assert_eq!(vault.usage().unwrap().reserved_bytes, 0);
}

#[test]
fn a_database_that_was_replaced_under_a_running_vault_gets_no_more_shards() {
    let home = Home::new();
    let vault = home.open();
    let root = put(&vault, owner(1), &shard(1, LEAF));
    let database = home.vault_dir().join("vault.sqlite");
    let away = home.dir.path().join("away.sqlite");
    fs::rename(&database, &away).unwrap();
    let refused = try_put(&vault, owner(1), &shard(2, LEAF)).unwrap_err();
    assert!(matches!(refused, ReserveError::Store(StoreError::Unavailable { .. })));
    assert!(is_away(&vault.delete(owner(1), &root)));
    fs::rename(&away, &database).unwrap();
    put(&vault, owner(1), &shard(2, LEAF));
}

#[test]
fn a_lost_marker_is_made_again_where_bodies_are_seen() {
    let home = Home::new();
    let roots = two_shards(&home.open());
    let shards = home.vault_dir().join("shards");
    let markers: Vec<_> = fs::read_dir(&shards)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with('.'))
        .collect();
    assert_eq!(markers.len(), 1);
    fs::remove_dir(&markers[0]).unwrap();
    let (vault, report) = home.try_open().unwrap();
    assert!(report.is_available && markers[0].is_dir());
    assert_whole(&vault, &roots);
}

#[test]
fn an_operator_who_makes_the_missing_directory_says_that_the_shards_are_lost() {
    let home = Home::new();
    let vault = home.open();
    let roots = two_shards(&vault);
    fs::remove_dir_all(home.vault_dir().join("shards")).unwrap();
    let Err(StoreError::Unavailable { missing }) = vault.states(&roots) else { panic!("the disk is away") };
    fs::create_dir_all(missing).unwrap();
    assert_eq!(vault.states(&roots).unwrap(), [ShardState::Missing; 2]);
    assert_eq!(vault.usage().unwrap().shards, 2, "the rows stay: the owners must be told");
    put(&vault, owner(2), &shard(3, LEAF));
}

#[test]
fn bodies_without_their_database_are_never_deleted() {
    let home = Home::new();
    let root = put(&home.open(), owner(1), &shard(1, LEAF));
    let database = home.vault_dir().join("vault.sqlite");
    fs::remove_file(&database).unwrap();
    assert!(matches!(home.try_open(), Err(OpenError::LedgerMissing { .. })));
    assert!(home.body(&root).exists() && !database.exists());

    // Another vault's database does not know them either.
    let other = Home::new();
    drop(other.open());
    fs::copy(other.vault_dir().join("vault.sqlite"), &database).unwrap();
    assert!(matches!(home.try_open(), Err(OpenError::ForeignBodies { .. })));
    assert!(home.body(&root).exists());
}

#[test]
fn an_old_copy_of_the_database_does_not_cost_the_shards_stored_since() {
    let home = Home::new();
    let old = home.dir.path().join("old.sqlite");
    drop(home.open());
    fs::copy(home.vault_dir().join("vault.sqlite"), &old).unwrap();
    let vault = home.open();
    let roots: Vec<_> = (0..300).map(|seed| put(&vault, owner(1), &shard(seed, LEAF))).collect();
    drop(vault);
    fs::copy(&old, home.vault_dir().join("vault.sqlite")).unwrap();
    let (_vault, report) = home.try_open().unwrap();
    assert_eq!((report.strays_kept, report.strays_removed), (300, 0));
    assert!(roots.iter().all(|root| home.body(root).exists()));
}

#[test]
fn a_vault_can_be_moved_to_another_place() {
    let home = Home::new();
    let roots = two_shards(&home.open());
    let other = Home::new();
    copy_tree(&home.vault_dir(), &other.vault_dir());
    assert_whole(&other.open(), &roots);
}

#[test]
fn a_vault_that_must_exist_is_not_created() {
    let home = Home::new();
    let mut config = home.config();
    config.create_if_absent = false;
    assert!(matches!(Vault::open(&config), Err(OpenError::Absent { .. })));
    assert!(!Path::new(&config.dir).exists());
    drop(home.open());
    Vault::open(&config).unwrap();
}
