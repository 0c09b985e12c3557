//! The handle.

mod apply;
mod open;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use layr_codec::ShardRoot;
use layr_keys::OwnerId;
use parking_lot::Mutex;

use crate::{
    ReconcileReport,
    accounts::{Accounts, Space, Usage},
    bodies::BodyStore,
    config::{LEAF_SIZE_BYTES, MAX_SHARD_SIZE_BYTES, VaultConfig},
    disk::{Disk, RealDisk},
    error::{OpenError, ReserveError, StoreError},
    group::{Change, CommitQueue, Deleted, Outcome},
    ledger::{self, Ledger, ShardState},
    reconcile,
    reservation::Reservation,
    settle::UnreadableBodies,
};

/// A host's shard store. A handle: clones are the same vault. All calls block and may come from any thread.
#[derive(Clone, Debug)]
pub struct Vault {
    pub(crate) inner: Arc<Inner>,
}

/// What all handles share. Locks are taken in this order: the ledger's writer, then the accounts or the unreadable bodies.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) bodies: BodyStore,
    pub(crate) ledger: Ledger,
    pub(crate) accounts: Mutex<Accounts>,
    pub(crate) queue: CommitQueue,
    pub(crate) reserve_free_disk_bytes: u64,
    pub(crate) unreadable: Mutex<UnreadableBodies>,
    /// Whether disk and ledger were compared since the disk was away last.
    pub(crate) reconciled: AtomicBool,
    /// Held for as long as the vault is open; the system gives it up with the process.
    _lock: open::Lock,
}

impl Vault {
    /// Opens a vault and clears what a crash left. With its bodies' disk away it opens all the same, answers
    /// [`StoreError::Unavailable`], and compares disk and ledger when the disk is back.
    pub fn open(config: &VaultConfig) -> Result<(Self, ReconcileReport), OpenError> {
        Self::open_on(config, Arc::new(RealDisk))
    }

    pub(crate) fn open_on(
        config: &VaultConfig,
        disk: Arc<dyn Disk>,
    ) -> Result<(Self, ReconcileReport), OpenError> {
        open::open(config, disk)
    }

    /// Takes space for a shard of `size_bytes` until `deadline_unix_s`, at most [`crate::MAX_RESERVATION_S`] ahead.
    /// Used and reserved bytes never exceed the quota, whatever threads race.
    pub fn reserve(
        &self,
        owner: OwnerId,
        size_bytes: u64,
        now_unix_s: u64,
        deadline_unix_s: u64,
    ) -> Result<Reservation, ReserveError> {
        if size_bytes > MAX_SHARD_SIZE_BYTES {
            return Err(ReserveError::TooLarge { limit_bytes: MAX_SHARD_SIZE_BYTES });
        }
        if size_bytes == 0 || !size_bytes.is_multiple_of(LEAF_SIZE_BYTES) {
            return Err(ReserveError::NotWholeLeaves { size_bytes });
        }
        self.inner.ready()?;
        let mut accounts = self.inner.accounts.lock();
        // Asked under the lock, so that no two reservations count on the same free space.
        let free_bytes = self.inner.bodies.available_bytes()?;
        let disk_free_bytes = free_bytes.saturating_sub(self.inner.reserve_free_disk_bytes);
        let id = accounts.reserve(size_bytes, disk_free_bytes, now_unix_s, deadline_unix_s)?;
        drop(accounts);
        Ok(Reservation::new(self.clone(), id, owner, size_bytes, now_unix_s))
    }

    /// Gives up reservations whose deadline has passed; answers how many. To be called every few seconds.
    pub fn release_expired(&self, now_unix_s: u64) -> usize {
        let expired = self.inner.accounts.lock().release_expired(now_unix_s);
        for &id in &expired {
            self.inner.discard_temporary(id);
        }
        expired.len()
    }

    /// Takes a shard from an owner, durably. The body goes with its last owner.
    pub fn delete(&self, owner: OwnerId, root: &ShardRoot) -> Result<Deleted, StoreError> {
        self.inner.ready()?;
        match self.inner.submit(Change::Delete { owner, root: *root })? {
            Outcome::Deleted(deleted) => Ok(deleted),
            Outcome::Stored(_) => Ok(Deleted::Unknown),
        }
    }

    /// Whether this owner has each shard, and its body is there: such a shard need not be sent again.
    pub fn holds(&self, owner: OwnerId, roots: &[ShardRoot]) -> Result<Vec<bool>, StoreError> {
        let held = self.inner.ledger.read(|connection| {
            roots.iter().map(|root| ledger::holds(connection, &owner, root)).collect::<Result<Vec<_>, _>>()
        })?;
        let states = self.states(roots)?;
        Ok(held.into_iter().zip(states).map(|(held, state)| held && state == ShardState::Stored).collect())
    }

    /// The size in bytes of each shard that this owner has, however its body is.
    pub fn sizes(&self, owner: OwnerId, roots: &[ShardRoot]) -> Result<Vec<Option<u64>>, StoreError> {
        self.inner.ledger.read(|connection| {
            let size = |root: &ShardRoot| {
                let is_held = ledger::holds(connection, &owner, root)?;
                let body = if is_held { ledger::body(connection, root)? } else { None };
                Ok(body.map(|body| body.size_bytes))
            };
            roots.iter().map(size).collect()
        })
    }

    /// Whether each shard's body is there, whoever asks: a root is a secret that only its owner gives away.
    pub fn has(&self, roots: &[ShardRoot]) -> Result<Vec<bool>, StoreError> {
        Ok(self.states(roots)?.into_iter().map(|state| state == ShardState::Stored).collect())
    }

    /// Space at this moment. Unlike [`Vault::usage`] it does not wait for changes of the database, among which is the long
    /// comparison with a disk that is back.
    pub fn space(&self) -> Space {
        self.inner.accounts.lock().space()
    }

    /// Space and counts at this moment.
    pub fn usage(&self) -> Result<Usage, StoreError> {
        // Under the writer's lock no commit is halfway between rows and accounts.
        let writer = self.inner.ledger.writer();
        let totals = ledger::totals(&writer)?;
        let available = self.inner.check_present().is_ok();
        Ok(self.inner.accounts.lock().usage(totals.shards, totals.owners, available))
    }

    /// Changes the quota. Below what is used and reserved it deletes nothing, and nothing more is accepted.
    pub fn set_quota(&self, quota_bytes: u64) {
        self.inner.accounts.lock().set_quota(quota_bytes);
    }

    /// Stops or resumes accepting shards. What is reserved may still arrive; reading and deleting go on.
    pub fn set_paused(&self, paused: bool) {
        self.inner.accounts.lock().set_paused(paused);
    }
}

impl Inner {
    /// Checks that disk and database are there, and compares them first if they were away.
    pub(crate) fn ready(&self) -> Result<(), StoreError> {
        if self.reconciled.load(Ordering::Acquire) {
            return self.check_present();
        }
        let writer = self.ledger.writer();
        if !self.reconciled.load(Ordering::Acquire) {
            reconcile::reconcile(self, &writer)?;
        }
        Ok(())
    }

    /// Checks that the disk of the bodies and the database's file are there.
    pub(crate) fn check_present(&self) -> Result<(), StoreError> {
        let present = self.bodies.check_present().and_then(|()| self.ledger.check_present());
        if present.is_err() {
            self.reconciled.store(false, Ordering::Release);
        }
        present
    }

    /// Hands in a change and waits until it is durable.
    pub(crate) fn submit(&self, change: Change) -> Result<Outcome, StoreError> {
        self.queue.submit(change, |changes| apply::apply(self, &changes))
    }

    /// Removes a temporary. What can't be removed now is removed by the next comparison of disk and ledger.
    pub(crate) fn discard_temporary(&self, id: u64) {
        if let Err(error) = self.bodies.discard_temporary(id) {
            tracing::warn!(%error, "a temporary is left for the next start");
            self.reconciled.store(false, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::Vault;
    use crate::VaultConfig;

    /// As while a disk that is back is compared with the database, which takes minutes.
    #[test]
    fn space_is_told_while_the_database_is_busy() {
        let dir = tempfile::tempdir().unwrap();
        let (vault, _) = Vault::open(&VaultConfig::new(dir.path(), 4096, 0)).unwrap();
        let _busy = vault.inner.ledger.writer();
        let (tell, told) = mpsc::channel();
        let asked = vault.clone();
        std::thread::spawn(move || tell.send(asked.space()));
        let space = told.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!((space.used_bytes, space.reserved_bytes), (0, 0));
    }
}
