//! The journal of transactions, kept in the library.

use std::sync::Arc;

use async_trait::async_trait;
use layr_ledger::{Account, EntryState, Journal, JournalEntry, JournalError, Stroops};
use layr_library::{LedgerTransaction, Library, StoreError, TransactionState};
use tokio::sync::Mutex;

/// A library as a journal.
pub(super) struct LibraryJournal {
    library: Library,
    /// Held by each job to its end, also when whoever asked has gone: a write is not overtaken by what is asked later.
    order: Arc<Mutex<()>>,
}

impl LibraryJournal {
    pub(super) fn new(library: Library) -> Self {
        Self { library, order: Arc::default() }
    }

    async fn job<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Library) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let library = self.library.clone();
        let turn = Arc::clone(&self.order).lock_owned().await;
        let done = crate::threads::spawn_blocking(move || {
            let _turn = turn;
            job(&library)
        });
        let done = done.await;
        let told = |reason: String| JournalError { reason };
        done.map_err(|error| told(error.to_string()))?.map_err(|error| told(error.to_string()))
    }
}

#[async_trait]
impl Journal for LibraryJournal {
    async fn find(&self, network_id: [u8; 32], key: &str) -> Result<Option<JournalEntry>, JournalError> {
        let key = key.to_owned();
        self.job(move |library| library.ledger_transaction(&network_id, &key)).await?.map(entry).transpose()
    }

    async fn open(&self, network_id: [u8; 32], account: Account) -> Result<Vec<JournalEntry>, JournalError> {
        let key = *account.as_bytes();
        let open = self.job(move |library| library.open_ledger_transactions(&network_id, &key)).await?;
        open.into_iter().map(entry).collect()
    }

    async fn settled_at(
        &self,
        network_id: [u8; 32],
        account: Account,
        sequence: i64,
    ) -> Result<Option<JournalEntry>, JournalError> {
        let account = *account.as_bytes();
        self.job(move |library| library.settled_ledger_transaction(&network_id, &account, sequence))
            .await?
            .map(entry)
            .transpose()
    }

    async fn write(&self, entry: &JournalEntry) -> Result<(), JournalError> {
        let transaction = transaction(entry.clone());
        self.job(move |library| library.write_ledger_transaction(&transaction)).await
    }
}

fn transaction(entry: JournalEntry) -> LedgerTransaction {
    LedgerTransaction {
        network_id: entry.network_id,
        key: entry.key,
        intent: entry.intent,
        account: *entry.account.as_bytes(),
        sequence: entry.sequence,
        envelope: entry.envelope,
        hashes: entry.hashes,
        earlier_hashes: entry.earlier_hashes,
        from_ledger: entry.from_ledger,
        valid_until_unix_s: entry.valid_until_unix_s,
        fee_cap_stroops: entry.fee_cap.stroops(),
        state: match entry.state {
            EntryState::Signed => TransactionState::Signed,
            EntryState::Refused { code } => TransactionState::Refused { code },
            EntryState::Settled { ledger, fee, returned } => {
                TransactionState::Settled { ledger, fee_stroops: fee.stroops(), returned }
            }
            EntryState::Failed { ledger, fee, code } => {
                TransactionState::Failed { ledger, fee_stroops: fee.map(Stroops::stroops), code }
            }
            EntryState::Dead => TransactionState::Dead,
            EntryState::Forgotten => TransactionState::Forgotten,
        },
    }
}

fn entry(transaction: LedgerTransaction) -> Result<JournalEntry, JournalError> {
    let stroops = |amount| Stroops::new(amount).map_err(|error| JournalError { reason: error.to_string() });
    Ok(JournalEntry {
        network_id: transaction.network_id,
        key: transaction.key,
        intent: transaction.intent,
        account: Account::from_bytes(transaction.account),
        sequence: transaction.sequence,
        envelope: transaction.envelope,
        hashes: transaction.hashes,
        earlier_hashes: transaction.earlier_hashes,
        from_ledger: transaction.from_ledger,
        valid_until_unix_s: transaction.valid_until_unix_s,
        fee_cap: stroops(transaction.fee_cap_stroops)?,
        state: match transaction.state {
            TransactionState::Signed => EntryState::Signed,
            TransactionState::Refused { code } => EntryState::Refused { code },
            TransactionState::Settled { ledger, fee_stroops, returned } => {
                EntryState::Settled { ledger, fee: stroops(fee_stroops)?, returned }
            }
            TransactionState::Failed { ledger, fee_stroops, code } => {
                EntryState::Failed { ledger, fee: fee_stroops.map(stroops).transpose()?, code }
            }
            TransactionState::Dead => EntryState::Dead,
            TransactionState::Forgotten => EntryState::Forgotten,
        },
    })
}
