//! Exact accounting of space: who may still store how much.

use std::collections::HashMap;

use crate::{
    config::{MAX_OPEN_RESERVATIONS, MAX_RESERVATION_S},
    error::{ReserveError, WriteError},
};

/// A vault's space at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of stored shards, each counted once per owner.
    pub used_bytes: u64,
    /// Bytes promised to shards that are still arriving.
    pub reserved_bytes: u64,
    /// Most bytes that used and reserved may take together.
    pub quota_bytes: u64,
    /// Stored shards, each counted once per owner.
    pub shards: u64,
    /// Owners with at least one shard.
    pub owners: u64,
    /// Whether the host accepts nothing at present.
    pub paused: bool,
    /// Whether the directory of the bodies is there.
    pub available: bool,
}

/// What of a [`Usage`] is known without the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes of stored shards, each counted once per owner.
    pub used_bytes: u64,
    /// Bytes promised to shards that are still arriving.
    pub reserved_bytes: u64,
}

/// Number of a reservation, unique within a process; names its temporary.
pub(crate) type ReservationId = u64;

/// Space, held under one lock: every change is one critical section, so that no race can exceed the quota.
#[derive(Debug)]
pub(crate) struct Accounts {
    quota_bytes: u64,
    used_bytes: u64,
    reserved_bytes: u64,
    /// Part of the reserved bytes that is not on the disk yet, and what is being written beside them.
    unwritten_bytes: u64,
    paused: bool,
    next_id: ReservationId,
    open: HashMap<ReservationId, Open>,
}

#[derive(Debug)]
struct Open {
    size_bytes: u64,
    unwritten_bytes: u64,
    deadline_unix_s: u64,
    /// A shard that is being committed has all its bytes and can't expire any more.
    committing: bool,
}

impl Accounts {
    pub(crate) fn new(quota_bytes: u64, used_bytes: u64) -> Self {
        Self {
            quota_bytes,
            used_bytes,
            reserved_bytes: 0,
            unwritten_bytes: 0,
            paused: false,
            next_id: 0,
            open: HashMap::new(),
        }
    }

    pub(crate) fn space(&self) -> Space {
        Space { used_bytes: self.used_bytes, reserved_bytes: self.reserved_bytes }
    }

    /// Takes space for a shard. `disk_free_bytes` is what the disk may still give away.
    pub(crate) fn reserve(
        &mut self,
        size_bytes: u64,
        disk_free_bytes: u64,
        now_unix_s: u64,
        deadline_unix_s: u64,
    ) -> Result<ReservationId, ReserveError> {
        if self.paused {
            return Err(ReserveError::Paused);
        }
        if deadline_unix_s <= now_unix_s {
            return Err(ReserveError::DeadlinePassed);
        }
        if self.open.len() >= MAX_OPEN_RESERVATIONS {
            return Err(ReserveError::Busy { limit: MAX_OPEN_RESERVATIONS });
        }
        let free_bytes = self.quota_bytes.saturating_sub(self.used_bytes.saturating_add(self.reserved_bytes));
        if size_bytes > free_bytes {
            return Err(ReserveError::QuotaFull { free_bytes });
        }
        let available_bytes = disk_free_bytes.saturating_sub(self.unwritten_bytes);
        if size_bytes > available_bytes {
            return Err(ReserveError::DiskFull { available_bytes });
        }
        let id = self.next_id;
        self.next_id += 1;
        self.reserved_bytes += size_bytes;
        self.unwritten_bytes += size_bytes;
        let deadline_unix_s = deadline_unix_s.min(now_unix_s.saturating_add(MAX_RESERVATION_S));
        let open = Open { size_bytes, unwritten_bytes: size_bytes, deadline_unix_s, committing: false };
        self.open.insert(id, open);
        Ok(id)
    }

    /// Notes bytes on their way to the disk.
    pub(crate) fn write(&mut self, id: ReservationId, bytes: u64) -> Result<(), WriteError> {
        let open = self.open.get_mut(&id).ok_or(WriteError::Expired)?;
        let bytes = bytes.min(open.unwritten_bytes);
        open.unwritten_bytes -= bytes;
        self.unwritten_bytes -= bytes;
        Ok(())
    }

    /// Takes room for something that is on its way to the disk and belongs to no reservation, if none of them needs it. Bytes taken
    /// are given back by [`Self::written_beside`].
    pub(crate) fn write_beside(&mut self, bytes: u64, disk_free_bytes: u64) -> bool {
        let is_free = bytes <= disk_free_bytes.saturating_sub(self.unwritten_bytes);
        self.unwritten_bytes += if is_free { bytes } else { 0 };
        is_free
    }

    /// What was taken by [`Self::write_beside`] is on the disk now, or given up.
    pub(crate) fn written_beside(&mut self, bytes: u64) {
        self.unwritten_bytes -= bytes;
    }

    /// From here on the reservation can't expire.
    pub(crate) fn begin_commit(&mut self, id: ReservationId) -> Result<(), WriteError> {
        self.open.get_mut(&id).ok_or(WriteError::Expired)?.committing = true;
        Ok(())
    }

    /// The reserved bytes become used ones, unless the owner already was charged for this shard.
    pub(crate) fn settle(&mut self, id: ReservationId, charged_bytes: u64) {
        self.release(id);
        self.used_bytes += charged_bytes;
    }

    /// Gives up a reservation. Harmless when that has happened already.
    pub(crate) fn release(&mut self, id: ReservationId) {
        if let Some(open) = self.open.remove(&id) {
            self.reserved_bytes -= open.size_bytes;
            self.unwritten_bytes -= open.unwritten_bytes;
        }
    }

    /// Gives up what did not arrive in time; its temporaries are the caller's to remove.
    pub(crate) fn release_expired(&mut self, now_unix_s: u64) -> Vec<ReservationId> {
        // A clock set back would let a reservation live on until the old time comes again.
        let latest_unix_s = now_unix_s.saturating_add(MAX_RESERVATION_S);
        for open in self.open.values_mut() {
            open.deadline_unix_s = open.deadline_unix_s.min(latest_unix_s);
        }
        let expired: Vec<_> = self
            .open
            .iter()
            .filter(|(_, open)| !open.committing && open.deadline_unix_s <= now_unix_s)
            .map(|(&id, _)| id)
            .collect();
        for &id in &expired {
            self.release(id);
        }
        expired
    }

    /// A deleted shard's bytes are free again.
    pub(crate) fn free(&mut self, size_bytes: u64) {
        self.used_bytes = self.used_bytes.saturating_sub(size_bytes);
    }

    pub(crate) fn is_open(&self, id: ReservationId) -> bool {
        self.open.contains_key(&id)
    }

    pub(crate) fn set_quota(&mut self, quota_bytes: u64) {
        self.quota_bytes = quota_bytes;
    }

    pub(crate) fn set_paused(&mut self, paused: bool) {
        self.paused = paused;
    }

    pub(crate) fn usage(&self, shards: u64, owners: u64, available: bool) -> Usage {
        Usage {
            used_bytes: self.used_bytes,
            reserved_bytes: self.reserved_bytes,
            quota_bytes: self.quota_bytes,
            shards,
            owners,
            paused: self.paused,
            available,
        }
    }
}
