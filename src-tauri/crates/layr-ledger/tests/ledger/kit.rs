//! A ledger in this process, owners with accounts on it, and journals that outlive their queues.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use layr_keys::{OwnerKeys, RecoveryPhrase};
use layr_ledger::{
    Account, AccountQueue, EntryState, Intent, Journal, JournalEntry, JournalError, Ledger, LedgerError,
    LedgerSettings, Payment, Settled, Signer, Stroops,
};
use layr_local_ledger::{Clock, LocalLedger, LocalLedgerSettings};
use parking_lot::Mutex;
use tempfile::TempDir;

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

/// A journal in memory, which can fail as a computer does that crashes right after a write.
#[derive(Default)]
pub(crate) struct KeptJournal {
    pub(crate) entries: Mutex<HashMap<String, JournalEntry>>,
    pub(crate) crashes: Mutex<u32>,
}

#[async_trait]
impl Journal for KeptJournal {
    async fn find(&self, network_id: [u8; 32], key: &str) -> Result<Option<JournalEntry>, JournalError> {
        Ok(self.entries.lock().get(key).filter(|entry| entry.network_id == network_id).cloned())
    }

    async fn open(&self, network_id: [u8; 32], account: Account) -> Result<Vec<JournalEntry>, JournalError> {
        let entries = self.entries.lock();
        let of_account = |entry: &&JournalEntry| entry.network_id == network_id && entry.account == account;
        Ok(entries.values().filter(of_account).filter(|entry| entry.state.is_open()).cloned().collect())
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
        self.entries.lock().insert(entry.key.clone(), entry.clone());
        let mut crashes = self.crashes.lock();
        if *crashes > 0 {
            *crashes -= 1;
            return Err(JournalError { reason: "the computer crashed".to_owned() });
        }
        Ok(())
    }
}

pub(crate) struct Net {
    pub(crate) server: LocalLedger,
    pub(crate) ledger: Ledger,
    pub(crate) directory: TempDir,
}

impl Net {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let server = server(directory.path(), "127.0.0.1:0").await;
        let ledger = client(&server, server.network_passphrase());
        Self { server, ledger, directory }
    }

    /// An owner by a seed, with ten thousand lumens.
    pub(crate) async fn funded(&self, seed: u8) -> Purse {
        let purse = self.purse(seed);
        self.ledger.fund(purse.queue.account()).await.unwrap();
        purse
    }

    pub(crate) fn purse(&self, seed: u8) -> Purse {
        let journal = Arc::new(KeptJournal::default());
        Purse { queue: queue(&self.ledger, seed, &journal), journal, seed }
    }

    pub(crate) async fn balance(&self, account: Account) -> Stroops {
        self.ledger.account(account).await.unwrap().balance
    }
}

pub(crate) struct Purse {
    pub(crate) queue: AccountQueue,
    pub(crate) journal: Arc<KeptJournal>,
    seed: u8,
}

impl Purse {
    /// Another queue with the same journal, as after a restart.
    pub(crate) fn restarted(&self, ledger: &Ledger) -> AccountQueue {
        queue(ledger, self.seed, &self.journal)
    }
}

pub(crate) async fn server(directory: &Path, listen: &str) -> LocalLedger {
    let settings = LocalLedgerSettings {
        directory: directory.to_owned(),
        listen: listen.parse().unwrap(),
        closes_at_once: true,
        close_every: None,
        clock: Clock::system(),
    };
    LocalLedger::start(settings).await.unwrap()
}

pub(crate) fn client(server: &LocalLedger, passphrase: &str) -> Ledger {
    let settings = LedgerSettings {
        rpc: server.url(),
        passphrase: passphrase.to_owned(),
        friendbot: Some(format!("{}/friendbot", server.url())),
    };
    Ledger::new(settings).unwrap()
}

fn queue(ledger: &Ledger, seed: u8, journal: &Arc<KeptJournal>) -> AccountQueue {
    AccountQueue::new(ledger.clone(), signer(seed), Arc::clone(journal) as Arc<dyn Journal>)
}

/// Signs for the owner of a seed.
pub(crate) fn signer(seed: u8) -> Arc<dyn Signer> {
    Arc::new(Owner(OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&[seed; 32]))))
}

pub(crate) fn lumens(text: &str) -> Stroops {
    text.parse().unwrap()
}

pub(crate) async fn pay(
    queue: &AccountQueue,
    key: &str,
    destination: Account,
    amount: &str,
) -> Result<Settled, LedgerError> {
    let intent = Intent::Pay(Payment { destination, amount: lumens(amount), memo: None });
    queue.submit(key, &intent, lumens("0.01")).await
}
