//! Bringing disk and ledger in line: at every start, and when a disk that was away is back.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::Ordering,
};

use layr_codec::ShardRoot;
use rusqlite::Connection;

use crate::{
    bodies::BodyStore,
    error::StoreError,
    ledger::{self, KnownBody, ShardState},
    vault::Inner,
};

/// What a comparison of disk and ledger found and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReconcileReport {
    /// Whether the disk of the bodies was there. If not, nothing was compared and nothing changed.
    pub is_available: bool,
    /// Temporaries of uploads that a crash cut off, removed.
    pub temporaries_removed: u64,
    /// Bodies whose row a crash prevented, or whose removal it cut off; removed.
    pub strays_removed: u64,
    /// Bodies without rows, too many for a crash: the database is most likely an old copy. Nothing of them was
    /// removed.
    pub strays_kept: u64,
    /// Shards whose bodies were found gone just now. Their rows stay.
    pub newly_missing: u64,
    /// Shards whose bodies were found cut or set aside just now. Their rows stay.
    pub newly_corrupt: u64,
    /// Shards whose bodies are back. The scrubber reads them first.
    pub returned: u64,
    /// Entries in our directories that are not ours. They are never touched.
    pub foreign_entries: u64,
}

/// Most bodies without a row that crashes explain: one group of changes each, and a few crashes. More of them mean that
/// the database is older than the disk, and removing them would lose shards that were acknowledged.
const MAX_STRAYS: usize = 4 * crate::group::MAX_GROUP;
/// How many known bodies are looked for to tell an empty mount point from a vault whose marker got lost.
const MARKER_PROBES: u32 = 32;

/// Compares and repairs. The caller holds the writer's lock.
pub(crate) fn reconcile(vault: &Inner, writer: &Connection) -> Result<ReconcileReport, StoreError> {
    vault.ledger.check_present()?;
    ensure_marker(&vault.bodies, writer)?;
    vault.bodies.create_side_dirs()?;
    let mut report = ReconcileReport { is_available: true, ..ReconcileReport::default() };
    sweep_temporaries(vault, &mut report)?;
    sweep_damaged(vault, writer, &mut report)?;
    let mut strays = Vec::new();
    let transaction = writer.unchecked_transaction()?;
    for first_byte in 0..=u8::MAX {
        compare_prefix(vault, &transaction, first_byte, &mut strays, &mut report)?;
    }
    // Once more: had the disk gone away under the comparison, its empty lists would have been no news.
    vault.bodies.check_present()?;
    transaction.commit()?;
    if strays.len() > MAX_STRAYS {
        report.strays_kept = strays.len() as u64;
        tracing::error!(bodies = strays.len(), "bodies without rows: is the vault's database an old copy?");
    } else {
        for root in &strays {
            vault.bodies.remove(root)?;
            report.strays_removed += 1;
        }
    }
    vault.reconciled.store(true, Ordering::Release);
    Ok(report)
}

/// Creates directories and marker of a vault without bodies. Where there should be bodies the marker is created again
/// only if some of them are seen: an empty mount point must not pass for the disk.
fn ensure_marker(bodies: &BodyStore, writer: &Connection) -> Result<(), StoreError> {
    let Err(unavailable) = bodies.check_present() else { return Ok(()) };
    if ledger::body_count(writer)? == 0 {
        return bodies.create_layout();
    }
    let probes = ledger::known_roots(writer, MARKER_PROBES)?;
    if probes.iter().any(|root| bodies.is_in_place(root)) { bodies.create_layout() } else { Err(unavailable) }
}

fn sweep_temporaries(vault: &Inner, report: &mut ReconcileReport) -> Result<(), StoreError> {
    let found = vault.bodies.list_temporaries()?;
    report.foreign_entries += found.foreign;
    for id in found.ours {
        if !vault.accounts.lock().is_open(id) {
            vault.bodies.discard_temporary(id)?;
            report.temporaries_removed += 1;
        }
    }
    Ok(())
}

fn sweep_damaged(vault: &Inner, writer: &Connection, report: &mut ReconcileReport) -> Result<(), StoreError> {
    let found = vault.bodies.list_damaged()?;
    report.foreign_entries += found.foreign;
    for root in found.ours {
        let is_obsolete = match ledger::body(writer, &root)? {
            None => true,
            // Stored again, and the crash came before the damaged one was removed.
            Some(row) => row.state == ShardState::Stored && vault.bodies.is_in_place(&root),
        };
        if is_obsolete {
            vault.bodies.remove_damaged(&root)?;
        }
    }
    Ok(())
}

/// Compares the bodies whose roots start with one byte: memory stays small whatever the vault's size.
fn compare_prefix(
    vault: &Inner,
    writer: &Connection,
    first_byte: u8,
    strays: &mut Vec<ShardRoot>,
    report: &mut ReconcileReport,
) -> Result<(), StoreError> {
    let found = vault.bodies.list_bodies(first_byte)?;
    report.foreign_entries += found.foreign;
    let mut on_disk: BTreeMap<ShardRoot, u64> =
        found.ours.into_iter().map(|body| (body.root, body.size_bytes)).collect();
    let rows = ledger::known_bodies(writer, first_byte)?;
    sweep_trees(vault, first_byte, &rows, &on_disk, report);
    for known in rows {
        let size_bytes = on_disk.remove(&known.root);
        compare_body(vault, writer, &known, size_bytes, report)?;
    }
    strays.extend(on_disk.into_keys());
    Ok(())
}

/// Removes trees of which there is neither a row nor a body. Nothing depends on them, so that nothing fails by them either.
fn sweep_trees(
    vault: &Inner,
    first_byte: u8,
    rows: &[KnownBody],
    on_disk: &BTreeMap<ShardRoot, u64>,
    report: &mut ReconcileReport,
) {
    let found = match vault.bodies.list_trees(first_byte) {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%error, "leaf trees are not looked through");
            return;
        }
    };
    report.foreign_entries += found.foreign;
    let roots: BTreeSet<&ShardRoot> = rows.iter().map(|known| &known.root).collect();
    for root in &found.ours {
        if !roots.contains(root) && !on_disk.contains_key(root) {
            vault.bodies.discard_tree(root);
        }
    }
}

fn compare_body(
    vault: &Inner,
    writer: &Connection,
    known: &KnownBody,
    size_bytes: Option<u64>,
    report: &mut ReconcileReport,
) -> Result<(), StoreError> {
    let root = &known.root;
    let (state, counter) = match (known.state, size_bytes) {
        (state, Some(size_bytes)) if size_bytes != known.size_bytes => {
            vault.bodies.set_aside(root)?;
            if state == ShardState::Corrupt {
                return Ok(());
            }
            (ShardState::Corrupt, &mut report.newly_corrupt)
        }
        (ShardState::Stored, None) if vault.bodies.is_set_aside(root) => {
            (ShardState::Corrupt, &mut report.newly_corrupt)
        }
        (ShardState::Stored, None) => (ShardState::Missing, &mut report.newly_missing),
        (ShardState::Missing | ShardState::Corrupt, Some(_)) => (ShardState::Stored, &mut report.returned),
        _ => return Ok(()),
    };
    *counter += 1;
    tracing::warn!(%root, from = ?known.state, to = ?state, "a shard's state changed");
    ledger::mark(writer, root, state)
}
