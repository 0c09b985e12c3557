//! The agreement contract of a devnet: brought onto its ledger at the first start, and found there at later ones.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use layr_keys::{OwnerKeys, RecoveryPhrase};
use layr_ledger::agreement::AgreementContract;
use layr_ledger::{
    Account, AccountQueue, Contract, ContractCall, EntryState, Intent, Journal, JournalEntry, JournalError,
    Ledger, LedgerError, LedgerSettings, Signer, Stroops,
};
use layr_local_ledger::LocalLedger;
use layr_node::error::{ErrorCode, NodeError};
use tokio::sync::Mutex;

use crate::failure::Outcome;

/// Ledgers close so often while the contract is brought there. By the clock its two transactions would wait for up to ten seconds.
const CLOSE_EVERY: Duration = Duration::from_millis(50);
/// The most that one transaction can pay. The code costs half of it, and these are lumens for trying out.
const FEE_CAP: Stroops = Stroops::small(u32::MAX);

/// The contract on this ledger, made with its beacon. It is made once: whoever makes it has no power over it afterwards, so its maker's key
/// follows from the ledger's own name and is kept nowhere, and a program with other code makes another contract.
pub(super) async fn on(ledger: &LocalLedger, settings: LedgerSettings) -> Outcome<Contract> {
    deployed(ledger, settings).await.map_err(|error| {
        let message = format!("the agreement contract cannot be brought onto the devnet's ledger: {error}");
        NodeError::new(ErrorCode::Internal, message)
    })
}

async fn deployed(server: &LocalLedger, settings: LedgerSettings) -> Result<Contract, LedgerError> {
    let ledger = Ledger::new(settings)?;
    let maker = Arc::new(Maker::of(&ledger));
    let (code, account) = (AgreementContract::code_hash(), maker.account());
    let made = AgreementContract::of(ledger.network_id(), account, code)?;
    if ledger.contract_code(made.contract).await? == Some(code) {
        return Ok(made.contract);
    }
    if ledger.find_account(account).await?.is_none() {
        ledger.fund(account).await?;
    }
    let create = made.create(account, code, &ledger.local_beacon().await?)?;
    let queue = AccountQueue::new(ledger, maker, Arc::new(Forgetful::default()));
    let deploy = async {
        submit(&queue, "upload", AgreementContract::upload()?).await?;
        submit(&queue, "create", create).await
    };
    tokio::select! {
        outcome = deploy => outcome?,
        never = close_often(server) => match never {},
    }
    Ok(made.contract)
}

async fn submit(queue: &AccountQueue, key: &str, call: ContractCall) -> Result<(), LedgerError> {
    queue.submit(key, &Intent::Call(call), FEE_CAP).await.map(drop)
}

async fn close_often(server: &LocalLedger) -> Infallible {
    loop {
        tokio::time::sleep(CLOSE_EVERY).await;
        server.close(1, 0).await;
    }
}

/// Who makes the contract: the account of a phrase that is the ledger's id. Whoever knows the ledger's name has all of its lumens anyway.
struct Maker(OwnerKeys);

impl Maker {
    fn of(ledger: &Ledger) -> Self {
        Self(OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&ledger.network_id())))
    }
}

impl Signer for Maker {
    fn account(&self) -> Account {
        self.0.stellar_account().into()
    }

    fn sign(&self, hash: &[u8; 32]) -> [u8; 64] {
        self.0.stellar_key().sign_hash(hash).to_bytes()
    }
}

/// A journal that ends with the start. What a crash cut off is done anew by the next start, which costs the maker another fee and
/// nobody anything.
#[derive(Default)]
struct Forgetful {
    entries: Mutex<HashMap<String, JournalEntry>>,
}

impl Forgetful {
    async fn all(&self, account: Account) -> Vec<JournalEntry> {
        self.entries.lock().await.values().filter(|entry| entry.account == account).cloned().collect()
    }
}

#[async_trait]
impl Journal for Forgetful {
    async fn find(&self, _network_id: [u8; 32], key: &str) -> Result<Option<JournalEntry>, JournalError> {
        Ok(self.entries.lock().await.get(key).cloned())
    }

    async fn open(&self, _network_id: [u8; 32], account: Account) -> Result<Vec<JournalEntry>, JournalError> {
        let mut open = self.all(account).await;
        open.retain(|entry| entry.state.is_open());
        open.sort_by_key(|entry| entry.sequence);
        Ok(open)
    }

    async fn settled_at(
        &self,
        _network_id: [u8; 32],
        account: Account,
        sequence: i64,
    ) -> Result<Option<JournalEntry>, JournalError> {
        let is_it = |entry: &JournalEntry| {
            entry.sequence == sequence && matches!(entry.state, EntryState::Settled { .. })
        };
        Ok(self.all(account).await.into_iter().find(is_it))
    }

    async fn write(&self, entry: &JournalEntry) -> Result<(), JournalError> {
        self.entries.lock().await.insert(entry.key.clone(), entry.clone());
        Ok(())
    }
}
