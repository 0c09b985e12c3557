//! The agreement contract of a network of one's own: brought onto its local ledger at the first start, found there at later ones, and kept alive.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use layr_keys::{OwnerKeys, RecoveryPhrase};
use tokio::sync::Mutex;

use crate::address::{Account, Contract};
use crate::agreement::calls::AgreementContract;
use crate::amount::Stroops;
use crate::envelope::Signer;
use crate::error::LedgerError;
use crate::intent::Intent;
use crate::journal::{EntryState, Journal, JournalEntry, JournalError};
use crate::ledger::{Ledger, LedgerSettings};
use crate::queue::AccountQueue;
use crate::rpc::{ObjectParams, with};

/// Closes ledgers before their time; only local ones have it.
const CLOSE: &str = "layr_close";
/// Ledgers close so often while the contract is brought there. By the clock its two transactions would wait for up to ten seconds.
const CLOSE_EVERY: Duration = Duration::from_millis(50);
/// So often the contract's life is looked at: as often as ledgers close.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A life that is shorter is made longer: a ledger allows 180 days, and a term with all that follows it takes 141. Time that is moved further at once
/// than is left finds the code archived, until the next look restores it.
const KEPT_BELOW_S: u64 = 170 * 24 * 60 * 60;
/// The most that one transaction can pay. The code costs half of it, and these are lumens for trying out.
const FEE_CAP: Stroops = Stroops::small(u32::MAX);

/// The contract on this ledger, made with its beacon. It is made once: whoever makes it has no power over it afterwards, so its maker's key
/// follows from the ledger's own name and is kept nowhere, and a program with other code makes another contract.
///
/// # Errors
/// What the ledger says; a ledger that is no local one.
pub async fn contract_on_local_ledger(settings: LedgerSettings) -> Result<Contract, LedgerError> {
    let (queue, made) = maker_on(settings)?;
    let (ledger, account) = (queue.ledger(), queue.account());
    let code = AgreementContract::code_hash();
    if ledger.find_account(account).await?.is_none() {
        ledger.fund(account).await?;
    }
    let is_there = ledger.contract_code(made.contract).await? == Some(code);
    let create = made.create(account, code, &ledger.local_beacon().await?)?;
    let deploy = async {
        if !is_there {
            submit(&queue, "upload", Intent::Call(AgreementContract::upload()?)).await?;
            submit(&queue, "create", Intent::Call(create)).await?;
        }
        keep(&queue, &made).await
    };
    tokio::select! {
        outcome = deploy => outcome?,
        failed = close_often(ledger) => return Err(failed),
    }
    Ok(made.contract)
}

/// Keeps the contract on this ledger alive as long as it is polled: on a network of one's own nobody else is there to pay for it, and its time
/// is moved by months at once. What fails is tried again at the next look.
///
/// # Errors
/// Settings that name no ledger.
pub async fn keep_on_local_ledger(settings: LedgerSettings) -> Result<Infallible, LedgerError> {
    let (queue, made) = maker_on(settings)?;
    let mut has_failed = false;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let kept = keep(&queue, &made).await;
        // Time that was moved while a transaction was on its way leaves that one unknown; the next look makes another.
        if let (Err(error), true) = (&kept, has_failed) {
            tracing::warn!(%error, "the agreement contract's life cannot be made longer");
        }
        has_failed = kept.is_err();
    }
}

/// The maker's queue on this ledger, and the contract that is made there.
fn maker_on(settings: LedgerSettings) -> Result<(AccountQueue, AgreementContract), LedgerError> {
    let ledger = Ledger::new(settings)?;
    let maker = Arc::new(Maker::of(&ledger));
    let code = AgreementContract::code_hash();
    let made = AgreementContract::of(ledger.network_id(), maker.account(), code)?;
    Ok((AccountQueue::new(ledger, maker, Arc::new(Forgetful::default())), made))
}

/// Restores the contract where it is archived, and makes its life as long as the ledger allows, where that is worth a transaction.
async fn keep(queue: &AccountQueue, made: &AgreementContract) -> Result<(), LedgerError> {
    let mut life = made.life(queue.ledger()).await?;
    if let Some(restoring) = life.restoring() {
        submit(queue, &format!("restore {}", life.ledger), Intent::Keep(restoring)).await?;
        life = made.life(queue.ledger()).await?;
    }
    match life.extending() {
        Some(extending) if life.left_s() < KEPT_BELOW_S => {
            submit(queue, &format!("extend {}", life.ledger), Intent::Keep(extending)).await
        }
        _ => Ok(()),
    }
}

async fn submit(queue: &AccountQueue, key: &str, intent: Intent) -> Result<(), LedgerError> {
    queue.submit(key, &intent, FEE_CAP).await.map(drop)
}

/// Ends only with what goes wrong.
async fn close_often(ledger: &Ledger) -> LedgerError {
    loop {
        tokio::time::sleep(CLOSE_EVERY).await;
        let closed = async {
            let params = with(with(ObjectParams::new(), "ledgers", 1)?, "seconds", 0)?;
            ledger.ask::<serde::de::IgnoredAny>(CLOSE, &params).await
        };
        if let Err(error) = closed.await {
            return error;
        }
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
