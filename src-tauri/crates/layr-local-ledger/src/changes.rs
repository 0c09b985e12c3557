//! What a step did to the ledger, as its metadata tells it.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use stellar_xdr::{
    Hash, LedgerEntry, LedgerEntryChange, LedgerEntryChanges, LedgerEntryData, LedgerEntryExt, LedgerKey,
    LedgerKeyTtl, TtlEntry,
};

use crate::codec;
use crate::entries::{Changes, Lookup, Stored};
use crate::error::LedgerError;

/// The changes on top of `base`, with `restored` marked as back from the archive.
pub(crate) fn describe(
    base: &dyn Lookup,
    changed: &Changes,
    restored: &BTreeSet<LedgerKey>,
) -> Result<LedgerEntryChanges, LedgerError> {
    let mut all = Vec::new();
    for (key, after) in changed {
        let before = base.get(key);
        if restored.contains(key) {
            back_from_archive(&mut all, key, before, after.as_ref())?;
            continue;
        }
        let entry = |stored: Option<&Stored>| stored.map(|stored| stored.entry.clone());
        push(&mut all, key, entry(before), entry(after.as_ref()));
        let before = before.map(|stored| life(key, stored)).transpose()?.flatten();
        let after = after.as_ref().map(|stored| life(key, stored)).transpose()?.flatten();
        if before.is_some() || after.is_some() {
            push(&mut all, &life_key(key)?, before, after);
        }
    }
    Ok(LedgerEntryChanges(all.try_into()?))
}

fn push(
    all: &mut Vec<LedgerEntryChange>,
    key: &LedgerKey,
    before: Option<LedgerEntry>,
    after: Option<LedgerEntry>,
) {
    match (before, after) {
        (None, None) => {}
        (None, Some(after)) => all.push(LedgerEntryChange::Created(after)),
        (Some(before), None) => {
            all.extend([LedgerEntryChange::State(before), LedgerEntryChange::Removed(key.clone())]);
        }
        (Some(before), Some(after)) if before == after => {}
        (Some(before), Some(after)) => {
            all.extend([LedgerEntryChange::State(before), LedgerEntryChange::Updated(after)]);
        }
    }
}

/// Restored as it was, with its new life; then changed, if it was.
fn back_from_archive(
    all: &mut Vec<LedgerEntryChange>,
    key: &LedgerKey,
    before: Option<&Stored>,
    after: Option<&Stored>,
) -> Result<(), LedgerError> {
    let Some(before) = before else { return Ok(()) };
    all.push(LedgerEntryChange::Restored(before.entry.clone()));
    let Some(after) = after else {
        all.push(LedgerEntryChange::Removed(key.clone()));
        return Ok(());
    };
    if let Some(life) = life(key, after)? {
        all.push(LedgerEntryChange::Restored(life));
    }
    if after.entry.data != before.entry.data {
        push(all, key, Some(before.entry.clone()), Some(after.entry.clone()));
    }
    Ok(())
}

/// An entry's life is an entry by itself, under the hash of its key.
fn life(key: &LedgerKey, stored: &Stored) -> Result<Option<LedgerEntry>, LedgerError> {
    let Some(live_until) = stored.live_until else { return Ok(None) };
    Ok(Some(LedgerEntry {
        last_modified_ledger_seq: stored.entry.last_modified_ledger_seq,
        data: LedgerEntryData::Ttl(TtlEntry { key_hash: hash(key)?, live_until_ledger_seq: live_until }),
        ext: LedgerEntryExt::V0,
    }))
}

fn life_key(key: &LedgerKey) -> Result<LedgerKey, LedgerError> {
    Ok(LedgerKey::Ttl(LedgerKeyTtl { key_hash: hash(key)? }))
}

fn hash(key: &LedgerKey) -> Result<Hash, LedgerError> {
    Ok(Hash(Sha256::digest(codec::bytes(key)?).into()))
}
