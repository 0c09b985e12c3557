//! Databases and directories that are refused, and stay as they were.

use std::fs;

use layr_vault::{OpenError, Vault};

use crate::support::{Home, LEAF, contents, owner, put, shard};

/// Opens, expects a refusal, and that nothing but the lock file changed.
fn refused(home: &Home) -> OpenError {
    let relevant = || {
        contents(&home.vault_dir())
            .into_iter()
            .filter(|(path, _)| !path.ends_with("vault.lock") && !path.ends_with("vault.sqlite-shm"))
            .collect::<Vec<_>>()
    };
    let before = relevant();
    let error = home.try_open().expect_err("must be refused");
    assert!(before == relevant(), "a refusal changed something: {error:?}");
    error
}

fn home_with_shards() -> Home {
    let home = Home::new();
    let vault = home.open();
    for seed in 0..200 {
        put(&vault, owner(1), &shard(seed, LEAF));
    }
    drop(vault);
    home
}

fn database(home: &Home) -> std::path::PathBuf {
    home.vault_dir().join("vault.sqlite")
}

#[test]
fn a_second_opener_is_refused_until_the_first_is_gone() {
    let home = home_with_shards();
    let vault = home.open();
    let clone = vault.clone();
    assert!(matches!(refused(&home), OpenError::InUse { .. }));
    drop(vault);
    let reservation = clone.reserve(owner(1), 1024, 1, 2).unwrap();
    drop(clone);
    assert!(matches!(refused(&home), OpenError::InUse { .. }), "an open reservation still uses it");
    drop(reservation);
    home.open();
}

#[test]
fn a_damaged_database_is_refused_and_kept() {
    let whole = fs::read(database(&home_with_shards())).unwrap();
    let cases: [(&str, Vec<u8>); 4] = [
        ("empty", Vec::new()),
        ("cut within the header", whole[..50].to_vec()),
        ("cut to half", whole[..whole.len() / 2].to_vec()),
        ("pages overwritten", {
            let mut bytes = whole.clone();
            bytes[4096..].fill(0x5A);
            bytes
        }),
    ];
    for (name, bytes) in cases {
        let home = home_with_shards();
        fs::write(database(&home), bytes).unwrap();
        let error = refused(&home);
        assert!(matches!(error, OpenError::DamagedLedger { .. }), "{name}: {error:?}");
    }
}

#[test]
fn a_foreign_database_is_refused_and_kept() {
    let home = home_with_shards();
    fs::write(database(&home), [b'x'; 5000]).unwrap();
    assert!(matches!(refused(&home), OpenError::ForeignLedger { .. }));

    fs::remove_file(database(&home)).unwrap();
    let other = rusqlite::Connection::open(database(&home)).unwrap();
    other.execute_batch("CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup')").unwrap();
    drop(other);
    assert!(matches!(refused(&home), OpenError::ForeignLedger { .. }));
}

#[test]
fn a_newer_database_is_refused_and_kept() {
    let home = home_with_shards();
    let connection = rusqlite::Connection::open(database(&home)).unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
    drop(connection);
    assert!(matches!(refused(&home), OpenError::NewerLedger { found: 2, supported: 1, .. }));
}

#[test]
fn a_file_in_the_place_of_the_directory_is_an_error() {
    let home = Home::new();
    fs::write(home.vault_dir(), "not a directory").unwrap();
    assert!(matches!(home.try_open(), Err(OpenError::Store(_))));
    assert_eq!(fs::read(home.vault_dir()).unwrap(), b"not a directory");
}

#[test]
fn a_start_that_was_cut_off_before_the_database_was_whole_is_begun_again() {
    let home = Home::new();
    fs::create_dir_all(home.vault_dir().join("shards/.vault-0123")).unwrap();
    fs::write(home.vault_dir().join("vault.sqlite.new"), "half a database").unwrap();
    let vault: Vault = home.open();
    put(&vault, owner(1), &shard(1, LEAF));
    assert!(!home.vault_dir().join("vault.sqlite.new").exists());
}

#[cfg(unix)]
#[test]
fn bodies_on_another_file_system_than_the_rest_are_refused() {
    use std::os::unix::fs::symlink;
    let memory = std::path::Path::new("/dev/shm");
    if !memory.is_dir() {
        return;
    }
    let elsewhere = tempfile::tempdir_in(memory).unwrap();
    let home = Home::new();
    fs::create_dir(home.vault_dir()).unwrap();
    symlink(elsewhere.path(), home.vault_dir().join("shards")).unwrap();
    assert!(matches!(refused(&home), OpenError::SplitDisks { .. }));
}
