//! Comparing ledger and disk without changing either.

use std::collections::{BTreeMap, BTreeSet};

use layr_codec::ShardRoot;

use crate::{
    Vault,
    error::StoreError,
    ledger::{self, ShardState},
};

/// What a comparison of ledger and disk counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LedgerCheck {
    /// Bytes charged to owners, as the accounts have them.
    pub used_bytes: u64,
    /// The same, summed up from the rows.
    pub recounted_used_bytes: u64,
    /// Bytes of bodies that the ledger says are stored; each once, however many owners it has.
    pub ledger_body_bytes: u64,
    /// Bytes of bodies on the disk.
    pub disk_body_bytes: u64,
    /// Shards said to be stored whose body is gone or has another size.
    pub bad_rows: u64,
    /// Bodies without a row that says they are stored.
    pub strays: u64,
    /// Temporaries that no open reservation explains.
    pub stray_temporaries: u64,
    /// Leaf trees of shards without a row.
    pub stray_trees: u64,
    /// Whether sums kept per owner and rows agree.
    pub are_owner_sums_right: bool,
}

impl LedgerCheck {
    /// Whether the ledger says exactly what the disk has.
    pub const fn is_equal(&self) -> bool {
        self.used_bytes == self.recounted_used_bytes
            && self.ledger_body_bytes == self.disk_body_bytes
            && self.bad_rows == 0
            && self.strays == 0
            && self.stray_temporaries == 0
            && self.stray_trees == 0
            && self.are_owner_sums_right
    }
}

impl Vault {
    /// Compares every row with the disk, by sizes; changes nothing. For tests and for operators: it holds up writers
    /// while it lists all directories.
    pub fn check_ledger(&self) -> Result<LedgerCheck, StoreError> {
        self.inner.ready()?;
        let writer = self.inner.ledger.writer();
        let bodies = &self.inner.bodies;
        let recounted = ledger::recounted_totals(&writer)?;
        let totals = ledger::totals(&writer)?;
        let used_bytes = self.inner.accounts.lock().usage(totals.shards, totals.owners, true).used_bytes;
        let mut check = LedgerCheck {
            used_bytes,
            recounted_used_bytes: recounted.used_bytes,
            are_owner_sums_right: recounted == totals,
            ..LedgerCheck::default()
        };
        for first_byte in 0..=u8::MAX {
            let mut on_disk: BTreeMap<ShardRoot, u64> = bodies
                .list_bodies(first_byte)?
                .ours
                .into_iter()
                .map(|body| (body.root, body.size_bytes))
                .collect();
            check.disk_body_bytes += on_disk.values().sum::<u64>();
            let rows = ledger::known_bodies(&writer, first_byte)?;
            let roots: BTreeSet<ShardRoot> = rows.iter().map(|known| known.root).collect();
            let trees = bodies.list_trees(first_byte)?.ours;
            check.stray_trees += trees.iter().filter(|root| !roots.contains(root)).count() as u64;
            for known in rows {
                if known.state != ShardState::Stored {
                    continue;
                }
                check.ledger_body_bytes += known.size_bytes;
                if on_disk.remove(&known.root) != Some(known.size_bytes) {
                    check.bad_rows += 1;
                }
            }
            check.strays += on_disk.len() as u64;
        }
        for id in bodies.list_temporaries()?.ours {
            if !self.inner.accounts.lock().is_open(id) {
                check.stray_temporaries += 1;
            }
        }
        Ok(check)
    }
}
