//! A short history that touches everything: new shards, a shared one, one stored again, one healed, deletes.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use layr_codec::{ShardHasher, ShardRoot};
use layr_keys::OwnerId;
use parking_lot::Mutex;

use crate::{CommitError, ReserveError, ShardState, StoreError, Vault, VaultConfig, WriteError};

pub(super) const NOW: u64 = 1_800_000_000;

/// What was acknowledged: for each owner and shard whether it is stored. Absent while a call is under way.
pub(super) type Acknowledged = Arc<Mutex<BTreeMap<(u8, u8), bool>>>;

/// A directory in memory where there is one: these tests sync often, and their losses of power are not real.
pub(super) fn home() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

pub(super) fn config(dir: &Path) -> VaultConfig {
    VaultConfig::new(dir, 1 << 30, 0)
}

/// Two of them share the first byte of nothing in particular; one is longer than a write buffer.
pub(super) fn shard(number: u8) -> Vec<u8> {
    let leaves = [1, 3, 300, 65][usize::from(number % 4)];
    (0..leaves * 1024_u32).map(|place| (place / 7).to_le_bytes()[0] ^ number.wrapping_mul(31)).collect()
}

pub(super) fn root(number: u8) -> ShardRoot {
    let mut hasher = ShardHasher::new();
    hasher.update(&shard(number));
    hasher.finish().unwrap().0.into()
}

pub(super) fn body(dir: &Path, number: u8) -> std::path::PathBuf {
    let name = root(number).to_string();
    dir.join("shards").join(&name[..2]).join(&name[2..4]).join(&name)
}

/// Runs the history; answers the errors of the calls that failed. After each call the present moment is shown to
/// `moment`.
pub(super) fn run(vault: &Vault, dir: &Path, told: &Acknowledged, moment: impl Fn()) -> Vec<StoreError> {
    let mut errors = Vec::new();
    let mut call = |owner: u8, number: u8, is_put: bool| {
        let before = told.lock().remove(&(owner, number));
        let done = if is_put { put(vault, owner, number) } else { delete(vault, owner, number) };
        match done {
            Ok(()) => drop(told.lock().insert((owner, number), is_put)),
            Err(error) => {
                errors.push(error);
                // A failed delete may or may not have happened, and so may a failed store of what was there already:
                // what the ledger says now is what counts from here on.
                let holds = holds(vault, owner, number).unwrap_or(before == Some(true));
                assert!(!(is_put && before == Some(true)) || holds, "a failed store lost what was there");
                told.lock().insert((owner, number), holds);
            }
        }
        moment();
    };
    call(1, 0, true);
    call(1, 2, true);
    call(2, 2, true);
    call(2, 3, true);
    call(1, 0, true);
    call(1, 2, false);
    call(1, 1, true);
    // Lost by the disk, noticed, and sent again.
    if told.lock().get(&(2, 3)) == Some(&true) {
        told.lock().remove(&(2, 3));
        fs::remove_file(body(dir, 3)).unwrap();
        let state = vault.states(&[root(3)]);
        assert!(!matches!(state.as_deref(), Ok([ShardState::Stored])));
        call(2, 3, true);
    }
    call(2, 2, false);
    call(1, 0, false);
    errors
}

/// What holds at every moment after a restart.
pub(super) fn check(vault: &Vault, dir: &Path, told: &Acknowledged) {
    let check = vault.check_ledger().unwrap();
    assert!(check.is_equal(), "{check:?}");
    assert_eq!(fs::read_dir(dir.join("incoming")).unwrap().count(), 0, "a temporary is left");
    // A copy, since the calls below may show the moment to an observer who asks for it too.
    let told = told.lock().clone();
    for ((owner, number), is_stored) in told {
        assert_eq!(holds(vault, owner, number).unwrap(), is_stored, "owner {owner}, shard {number}");
        if is_stored {
            let size_bytes = shard(number).len() as u64;
            let size = vault.sizes(OwnerId::from_bytes([owner; 32]), &[root(number)]).unwrap();
            assert_eq!(size, [Some(size_bytes)], "owner {owner}, shard {number}");
            assert!(
                vault.read(&root(number), 0..size_bytes).unwrap() == shard(number),
                "shard {number} changed"
            );
            // Whatever is left of its tree.
            let last = u32::try_from(size_bytes / 1024 - 1).unwrap();
            let proven = vault.prove_leaves(&root(number), &[last]).unwrap();
            assert!(shard(number).ends_with(&proven.proofs[0].leaf));
        }
    }
}

fn holds(vault: &Vault, owner: u8, number: u8) -> Result<bool, StoreError> {
    Ok(vault.holds(OwnerId::from_bytes([owner; 32]), &[root(number)])?[0])
}

pub(super) fn put(vault: &Vault, owner: u8, number: u8) -> Result<(), StoreError> {
    let bytes = shard(number);
    let owner = OwnerId::from_bytes([owner; 32]);
    let mut reservation = match vault.reserve(owner, bytes.len() as u64, NOW, NOW + 60) {
        Ok(reservation) => reservation,
        Err(ReserveError::Store(error)) => return Err(error),
        Err(error) => panic!("{error:?}"),
    };
    match reservation.write(&bytes) {
        Ok(()) => {}
        Err(WriteError::Store(error)) => return Err(error),
        Err(error) => panic!("{error:?}"),
    }
    match reservation.commit(root(number)) {
        Ok(_) => Ok(()),
        Err(CommitError::Store(error) | CommitError::Write(WriteError::Store(error))) => Err(error),
        Err(error) => panic!("{error:?}"),
    }
}

pub(super) fn delete(vault: &Vault, owner: u8, number: u8) -> Result<(), StoreError> {
    vault.delete(OwnerId::from_bytes([owner; 32]), &root(number)).map(drop)
}
