//! A client over the fake ledger, and a journal that outlives it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use layr_keys::{OwnerKeys, RecoveryPhrase};
use layr_ledger::{
    Account, AccountQueue, EntryState, Intent, Journal, JournalEntry, JournalError, Ledger, LedgerError,
    LedgerSettings, Payment, Settled, Signer, Stroops,
};
use parking_lot::Mutex;

use crate::fake_ledger::{FakeLedger, PASSPHRASE, network_id};

/// A lumen in stroops.
pub(crate) const LUMEN: i64 = 10_000_000;

/// The owner of a phrase signs.
struct Owner(OwnerKeys);

impl Signer for Owner {
    fn account(&self) -> Account {
        self.0.stellar_account().into()
    }

    fn sign(&self, hash: &[u8; 32]) -> [u8; 64] {
        self.0.stellar_key().sign_hash(hash).to_bytes()
    }
}

/// A journal in memory, which outlives the clients that use it, and can end the world right after a write.
#[derive(Default)]
pub(crate) struct KeptJournal {
    pub(crate) entries: Mutex<HashMap<([u8; 32], String), JournalEntry>>,
    pub(crate) crash_after_write: AtomicBool,
    /// The disk is full once something is decided.
    pub(crate) refuses_decisions: AtomicBool,
}

#[async_trait]
impl Journal for KeptJournal {
    async fn find(&self, network_id: [u8; 32], key: &str) -> Result<Option<JournalEntry>, JournalError> {
        Ok(self.entries.lock().get(&(network_id, key.to_owned())).cloned())
    }

    async fn open(&self, network_id: [u8; 32], account: Account) -> Result<Vec<JournalEntry>, JournalError> {
        let mut open: Vec<JournalEntry> = self
            .entries
            .lock()
            .values()
            .filter(|entry| {
                entry.network_id == network_id && entry.account == account && entry.state.is_open()
            })
            .cloned()
            .collect();
        open.sort_by_key(|entry| entry.sequence);
        Ok(open)
    }

    async fn settled_at(
        &self,
        network_id: [u8; 32],
        account: Account,
        sequence: i64,
    ) -> Result<Option<JournalEntry>, JournalError> {
        let entries = self.entries.lock();
        let mut settled = entries.values().filter(|entry| {
            (entry.network_id, entry.account, entry.sequence) == (network_id, account, sequence)
                && matches!(entry.state, EntryState::Settled { .. })
        });
        Ok(settled.next().cloned())
    }

    async fn write(&self, entry: &JournalEntry) -> Result<(), JournalError> {
        if self.refuses_decisions.load(Ordering::SeqCst) && !entry.state.is_open() {
            return Err(JournalError { reason: "the disk is full".to_owned() });
        }
        self.entries.lock().insert((entry.network_id, entry.key.clone()), entry.clone());
        if self.crash_after_write.swap(false, Ordering::SeqCst) {
            return Err(JournalError { reason: "the computer crashed".to_owned() });
        }
        Ok(())
    }
}

impl KeptJournal {
    pub(crate) fn entry(&self, key: &str) -> JournalEntry {
        self.entries.lock().get(&(network_id(), key.to_owned())).cloned().unwrap()
    }
}

/// A fake ledger with a rich payer, and what is needed to pay.
pub(crate) struct Kit {
    pub(crate) fake: FakeLedger,
    pub(crate) journal: Arc<KeptJournal>,
    pub(crate) queue: AccountQueue,
}

impl Kit {
    pub(crate) async fn new() -> Self {
        let fake = FakeLedger::start().await;
        let journal = Arc::new(KeptJournal::default());
        let queue = queue(&fake, &journal);
        fake.open(queue.account(), 1000 * LUMEN);
        fake.open(friend(), 10 * LUMEN);
        Self { fake, journal, queue }
    }

    /// Another client with the same journal, as after a restart.
    pub(crate) fn restarted(&self) -> AccountQueue {
        queue(&self.fake, &self.journal)
    }

    pub(crate) async fn pay(&self, key: &str, lumens: &str) -> Result<Settled, LedgerError> {
        pay(&self.queue, key, lumens).await
    }

    /// What the friend got, in lumens, payment by payment.
    pub(crate) fn paid(&self) -> Vec<i64> {
        self.fake
            .world
            .lock()
            .paid
            .iter()
            .filter(|(to, _)| *to == friend())
            .map(|(_, amount)| amount / LUMEN)
            .collect()
    }
}

fn queue(fake: &FakeLedger, journal: &Arc<KeptJournal>) -> AccountQueue {
    let keys = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&[7; 32]));
    AccountQueue::new(client(fake), Arc::new(Owner(keys)), Arc::clone(journal) as Arc<dyn Journal>)
}

pub(crate) fn client(fake: &FakeLedger) -> Ledger {
    let settings =
        LedgerSettings { rpc: fake.url.clone(), passphrase: PASSPHRASE.to_owned(), friendbot: None };
    Ledger::new(settings).unwrap()
}

pub(crate) fn friend() -> Account {
    Account::from_bytes([2; 32])
}

pub(crate) fn to_friend(lumens: &str) -> Intent {
    Intent::Pay(Payment { destination: friend(), amount: lumens.parse().unwrap(), memo: None })
}

pub(crate) fn cap() -> Stroops {
    "0.01".parse().unwrap()
}

pub(crate) async fn pay(queue: &AccountQueue, key: &str, lumens: &str) -> Result<Settled, LedgerError> {
    queue.submit(key, &to_friend(lumens), cap()).await
}
