//! The ledger's entries, and changes to them that can still be given up.

use std::collections::BTreeMap;
use std::rc::Rc;

use soroban_env_host::HostError;
use soroban_env_host::storage::{EntryWithLiveUntil, SnapshotSource};
use stellar_xdr::{
    AccountEntry, AccountId, LedgerEntry, LedgerEntryData, LedgerEntryExt, LedgerKey, LedgerKeyAccount,
};

/// An entry, and the last ledger of its life where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) entry: LedgerEntry,
    pub(crate) live_until: Option<u32>,
}

/// All entries of a closed ledger. They are in memory: a ledger on one computer has thousands, not millions.
pub(crate) type Entries = BTreeMap<LedgerKey, Stored>;
/// Entries that change; none: removed.
pub(crate) type Changes = BTreeMap<LedgerKey, Option<Stored>>;

/// Where entries can be looked up.
pub(crate) trait Lookup {
    fn get(&self, key: &LedgerKey) -> Option<&Stored>;

    fn account(&self, id: &AccountId) -> Option<&AccountEntry> {
        match &self.get(&account_key(id))?.entry.data {
            LedgerEntryData::Account(account) => Some(account),
            _ => None,
        }
    }
}

impl Lookup for Entries {
    fn get(&self, key: &LedgerKey) -> Option<&Stored> {
        BTreeMap::get(self, key)
    }
}

pub(crate) fn account_key(id: &AccountId) -> LedgerKey {
    LedgerKey::Account(LedgerKeyAccount { account_id: id.clone() })
}

/// Changes on top of other entries: a transaction's on a ledger's, an operation's on a transaction's.
pub(crate) struct Overlay<'base> {
    base: &'base dyn Lookup,
    changed: Changes,
    /// The ledger that is being closed.
    sequence: u32,
}

impl<'base> Overlay<'base> {
    pub(crate) fn new(base: &'base dyn Lookup, sequence: u32) -> Self {
        Self { base, changed: Changes::new(), sequence }
    }

    pub(crate) fn put(&mut self, mut stored: Stored) {
        stored.entry.last_modified_ledger_seq = self.sequence;
        self.changed.insert(stored.entry.to_key(), Some(stored));
    }

    /// Lengthens an entry's life, without touching the entry.
    pub(crate) fn extend(&mut self, key: &LedgerKey, live_until: u32) {
        if let Some(stored) = self.get(key) {
            let stored = Stored { live_until: Some(live_until), entry: stored.entry.clone() };
            self.changed.insert(key.clone(), Some(stored));
        }
    }

    pub(crate) fn put_account(&mut self, account: AccountEntry) {
        let entry = LedgerEntry {
            last_modified_ledger_seq: self.sequence,
            data: LedgerEntryData::Account(account),
            ext: LedgerEntryExt::V0,
        };
        self.put(Stored { entry, live_until: None });
    }

    pub(crate) fn remove(&mut self, key: LedgerKey) {
        self.changed.insert(key, None);
    }

    pub(crate) fn take(&mut self, changes: Changes) {
        self.changed.extend(changes);
    }

    pub(crate) fn changes(self) -> Changes {
        self.changed
    }

    pub(crate) fn changed(&self) -> &Changes {
        &self.changed
    }

    pub(crate) fn base(&self) -> &'base dyn Lookup {
        self.base
    }
}

impl Lookup for Overlay<'_> {
    fn get(&self, key: &LedgerKey) -> Option<&Stored> {
        match self.changed.get(key) {
            Some(changed) => changed.as_ref(),
            None => self.base.get(key),
        }
    }
}

/// The entries, as the host's simulation wants them.
pub(crate) struct EntriesSource<'entries>(pub(crate) &'entries Entries);

impl SnapshotSource for EntriesSource<'_> {
    fn get(&self, key: &Rc<LedgerKey>) -> Result<Option<EntryWithLiveUntil>, HostError> {
        let found = self.0.get(key.as_ref());
        Ok(found.map(|stored| (Rc::new(stored.entry.clone()), stored.live_until)))
    }
}

/// Those entries that a simulation may touch, by themselves: it wants to own its source.
pub(crate) struct OwnedSource(pub(crate) std::sync::Arc<Entries>);

impl SnapshotSource for OwnedSource {
    fn get(&self, key: &Rc<LedgerKey>) -> Result<Option<EntryWithLiveUntil>, HostError> {
        EntriesSource(&self.0).get(key)
    }
}
