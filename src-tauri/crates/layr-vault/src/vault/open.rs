//! Opening: lock, database, directories, comparison; in an order in which a refusal changes nothing.

use std::{
    fs::{self, File, TryLockError},
    sync::{Arc, atomic::AtomicBool},
};

use parking_lot::Mutex;

use super::{Inner, Vault};
use crate::{
    ReconcileReport,
    accounts::Accounts,
    bodies::BodyStore,
    config::VaultConfig,
    disk::Disk,
    error::{OpenError, StoreError},
    group::CommitQueue,
    ledger::{self, Ledger},
    reconcile,
};

pub(super) fn open(config: &VaultConfig, disk: Arc<dyn Disk>) -> Result<(Vault, ReconcileReport), OpenError> {
    let dir = &config.dir;
    if !config.create_if_absent && !Ledger::exists(dir) {
        return Err(OpenError::Absent { dir: dir.clone() });
    }
    fs::create_dir_all(dir).map_err(|error| StoreError::io("create", dir, error))?;
    let lock = lock(config)?;
    // Of no vault yet: good for questions that do not depend on whose the bodies are.
    let bodies = BodyStore::new(Arc::clone(&disk), dir, [0; 16]);
    if !bodies.is_on_one_disk() {
        return Err(OpenError::SplitDisks { dir: bodies.dir().to_owned() });
    }
    if !Ledger::exists(dir) {
        // A database that got lost must not be replaced by an empty one: all its bodies would have no owner.
        if bodies.has_any_body()? {
            return Err(OpenError::LedgerMissing { dir: dir.clone() });
        }
        Ledger::create(dir)?;
    }
    let ledger = Ledger::open(dir)?;
    let bodies = BodyStore::new(disk, dir, ledger.vault_id());
    if bodies.check_present().is_err() && bodies.foreign_marker()?.is_some() && bodies.has_any_body()? {
        return Err(OpenError::ForeignBodies { dir: bodies.dir().to_owned() });
    }
    let used_bytes = ledger::totals(&ledger.writer())?.used_bytes;
    let inner = Inner {
        bodies,
        ledger,
        accounts: Mutex::new(Accounts::new(config.quota_bytes, used_bytes)),
        queue: CommitQueue::default(),
        reserve_free_disk_bytes: config.reserve_free_disk_bytes,
        unreadable: Mutex::default(),
        reconciled: AtomicBool::new(false),
        _lock: lock,
    };
    let report = {
        let writer = inner.ledger.writer();
        match reconcile::reconcile(&inner, &writer) {
            Err(StoreError::Unavailable { missing }) => {
                tracing::warn!(missing = %missing.display(), "the vault's disk is away");
                ReconcileReport::default()
            }
            report => report?,
        }
    };
    Ok((Vault { inner: Arc::new(inner) }, report))
}

/// Keeps others out: they would account for the same space.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a child process that is just being started has a copy of the descriptor for a moment.
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "the vault's lock was not given up");
        }
    }
}

fn lock(config: &VaultConfig) -> Result<Lock, OpenError> {
    let path = config.dir.join("vault.lock");
    let io = |error| OpenError::Store(StoreError::io("lock", &path, error));
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { dir: config.dir.clone() }),
        Err(TryLockError::Error(error)) => Err(io(error)),
    }
}
