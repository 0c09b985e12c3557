//! The owner's account on the network's ledger: what it has, filling it on test networks, paying from it.
//!
//! The node has one queue for the account; its journal is in the library. Nothing is asked of the ledger unless somebody wants to know.

mod failure;
mod glance;
mod history;
mod journal;
mod keeping;

use std::sync::Arc;
use std::time::Duration;

use layr_keys::StoredSecrets;
use layr_ledger::agreement::{AgreementContract, RoundSource};
use layr_ledger::{
    Account, AccountQueue, AccountState, Intent, Ledger, LedgerError, Memo, Payment, Settled, Signer, Stroops,
};
use layr_library::{Library, OpenError};
use tokio_util::sync::CancellationToken;

pub(crate) use self::failure::explained;
use self::failure::{SendingFailure, no_ledger};
use self::glance::Glance;
use self::journal::LibraryJournal;
use crate::agreements::AgreementLedger;
use crate::agreements::report::Holdings;
use crate::api::{
    Money, WalletHistory, WalletHistoryRequest, WalletReport, WalletSendPlan, WalletSendReport,
    WalletSendRequest, WalletSource,
};
use crate::background::TaskReport;
use crate::clock::{Clock as _, SystemClock};
use crate::error::{ErrorCode, NodeError};
use crate::home::Home;
use crate::identity::source_of;
use crate::network_file::{LedgerKind, StellarNetwork};
use crate::node::library_unusable;

/// The most that a payment's fee may come to, in stroops: twice a hundredth of a lumen, as a raised offer counts the envelope as an operation.
/// The usual fee is 100.
const PAYMENT_FEE_CAP: Stroops = Stroops::small(200_000);
/// Longest name of a payment.
const MAX_KEY_BYTES: usize = 128;
/// What names of payments begin with in the journal, so that they never meet those of agreements.
const SEND_PREFIX: &str = "send:";
/// First and longest wait between two attempts to find out what became of payments that an earlier run left undecided.
const RESUME_AFTER: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(10));

/// The wallet of a node; none on a network without a ledger. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Wallet {
    queue: Option<AccountQueue>,
    agreements: Option<AgreementLedger>,
    library: Library,
    glance: Glance,
    source: WalletSource,
}

impl Wallet {
    /// The wallet on a network's ledger; nothing is asked yet.
    pub(crate) fn new(
        kind: &LedgerKind,
        secrets: &StoredSecrets,
        library: &Library,
    ) -> Result<Self, NodeError> {
        let (library, glance, source) = (library.clone(), Glance::default(), source_of(secrets));
        let LedgerKind::Stellar(network) = kind else {
            return Ok(Self { queue: None, agreements: None, library, glance, source });
        };
        let ledger = Ledger::new(network.settings()).map_err(|error| explained(&error))?;
        let network_id = ledger.network_id();
        let journal = Arc::new(LibraryJournal::new(library.clone()));
        let signer: Arc<dyn Signer> = Arc::new(secrets.stellar_key());
        let queue = AccountQueue::new(ledger, Arc::clone(&signer), journal);
        let contract = contract_of(network, network_id).map_err(|error| explained(&error))?;
        let rounds = RoundSource::new(network.relays().as_ref()).map_err(|error| explained(&error))?;
        let agreements =
            contract.map(|contract| AgreementLedger::new(queue.clone(), signer, contract, rounds));
        Ok(Self { queue: Some(queue), agreements, library, glance, source })
    }

    /// The ledger as agreements use it; none on a network without the contract.
    pub(crate) fn agreements(&self) -> Option<AgreementLedger> {
        self.agreements.clone()
    }

    /// Whether there is a ledger.
    pub(crate) fn has_ledger(&self) -> bool {
        self.queue.is_some()
    }

    /// What names the ledger; none without one.
    pub(crate) fn network_id(&self) -> Option<[u8; 32]> {
        self.queue.as_ref().map(|queue| queue.ledger().network_id())
    }

    /// What the network's lumens are; none without a ledger.
    pub(crate) fn money(&self) -> Option<Money> {
        self.queue.as_ref().map(|queue| money_of(queue.ledger()))
    }

    /// The ledger's time, as it was heard of last, or this computer's: nothing is decided by it.
    pub(crate) fn now_unix_s(&self) -> u64 {
        let heard_unix_s = self.queue.as_ref().and_then(|queue| queue.ledger().last_heard_unix_s());
        heard_unix_s.unwrap_or_else(|| SystemClock.now_unix_s())
    }

    /// The account, `G…`.
    pub(crate) fn account(&self) -> Result<String, NodeError> {
        Ok(self.queue()?.account().to_string())
    }

    /// What the account has.
    pub(crate) async fn status(&self) -> Result<WalletReport, NodeError> {
        let (queue, holdings) = (self.queue()?, self.holdings().await?);
        let status =
            status_of(queue.ledger(), (queue.account(), self.source), self.contract(), holdings).await;
        status.map_err(|error| explained(&error))
    }

    /// What the account has, for a report that is asked for all the time and waits for no ledger: as it was at most half a minute ago. None
    /// where there is no ledger, or none that answers.
    pub(crate) async fn balance(&self) -> Option<Stroops> {
        let queue = self.queue.as_ref()?;
        self.glance.balance(queue.ledger(), queue.account()).await
    }

    /// Has the network's friendbot open and fill the account. One that is open stays as it is.
    pub(crate) async fn fund(&self) -> Result<WalletReport, NodeError> {
        let (queue, holdings) = (self.queue()?, self.holdings().await?);
        let (ledger, account) = (queue.ledger(), queue.account());
        let fund = async {
            if !ledger.has_friendbot() {
                return Err(LedgerError::NoFriendbot);
            }
            if ledger.find_account(account).await?.is_none() {
                ledger.fund(account).await?;
            }
            self.glance.forget().await;
            status_of(ledger, (account, self.source), self.contract(), holdings).await
        };
        fund.await.map_err(|error| explained(&error))
    }

    /// What a payment would come to.
    pub(crate) async fn plan(&self, request: WalletSendRequest) -> Result<WalletSendPlan, NodeError> {
        let queue = self.queue()?;
        let payment = payment_of(&request)?;
        let planned = queue.plan(&payment).await;
        let plan = planned.map_err(|error| {
            SendingFailure { error, amount: payment.amount, key: &request.key }.explained_before()
        })?;
        Ok(WalletSendPlan {
            destination: payment.destination.to_string(),
            amount_xlm: payment.amount.to_string(),
            memo: request.memo.filter(|memo| !memo.is_empty()),
            fee_xlm: plan.fee.to_string(),
            fee_cap_xlm: PAYMENT_FEE_CAP.to_string(),
            opens_account: plan.opens_account,
            left_xlm: plan.left.to_string(),
        })
    }

    /// What was signed for the ledger here.
    pub(crate) async fn history(&self, request: WalletHistoryRequest) -> Result<WalletHistory, NodeError> {
        let network_id = self.queue()?.ledger().network_id();
        self.library_job(move |library| history::of(library, network_id, request)).await
    }

    /// Pays somebody.
    pub(crate) async fn send(&self, request: WalletSendRequest) -> Result<WalletSendReport, NodeError> {
        let queue = self.queue()?;
        let payment = payment_of(&request)?;
        let (destination, amount) = (payment.destination, payment.amount);
        let key = format!("{SEND_PREFIX}{}", request.key);
        let sent = queue.submit(&key, &Intent::Pay(payment), PAYMENT_FEE_CAP).await;
        self.glance.forget().await;
        let Settled { hash, ledger, fee, .. } =
            sent.map_err(|error| SendingFailure { error, amount, key: &request.key }.explained())?;
        Ok(WalletSendReport {
            destination: destination.to_string(),
            amount_xlm: amount.to_string(),
            fee_xlm: fee.to_string(),
            transaction: hex::encode(hash),
            ledger,
            key: request.key,
        })
    }

    /// Finds out what became of transactions that an earlier run left undecided, until it is known or cancelled.
    pub(crate) async fn resume(self, cancel: CancellationToken, task: TaskReport) {
        let Some(queue) = self.queue else { return };
        let mut wait = RESUME_AFTER.0;
        let until_known = async {
            loop {
                task.working();
                let outcome = queue.resume().await;
                task.ended(&outcome);
                // What was refused is looked at again until it can no longer come.
                if matches!(outcome, Ok(true)) {
                    return;
                }
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(RESUME_AFTER.1);
            }
        };
        tokio::select! {
            () = cancel.cancelled() => {}
            () = until_known => {}
        }
    }

    async fn holdings(&self) -> Result<Holdings, NodeError> {
        self.library_job(Holdings::of).await
    }

    async fn library_job<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Library) -> Result<T, NodeError> + Send + 'static,
    ) -> Result<T, NodeError> {
        let library = self.library.clone();
        crate::threads::spawn_blocking(move || job(&library)).await.map_err(|error| {
            NodeError::new(ErrorCode::Internal, format!("A thread of the library ended: {error}."))
        })?
    }

    fn contract(&self) -> Option<AgreementContract> {
        self.agreements.as_ref().map(|agreements| *agreements.contract())
    }

    fn queue(&self) -> Result<&AccountQueue, NodeError> {
        self.queue.as_ref().ok_or_else(no_ledger)
    }
}

/// What the account of a home's owner has, asked without a node.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] on a network without a ledger; [`ErrorCode::NetworkUnreachable`]; what the library says.
pub async fn wallet_of(home: &Home, secrets: &StoredSecrets) -> Result<WalletReport, NodeError> {
    let LedgerKind::Stellar(network) = home.network()?.ledger else { return Err(no_ledger()) };
    let holdings = match Library::open_read_only(&home.library()) {
        Ok(library) => Holdings::of(&library)?,
        // Nothing was ever stored, and nothing agreed on.
        Err(OpenError::Missing { .. }) => Holdings::default(),
        Err(error) => return Err(library_unusable(&error)),
    };
    let account = secrets.stellar_key().account().into();
    let ledger = Ledger::new(network.settings()).map_err(|error| explained(&error))?;
    let contract = contract_of(&network, ledger.network_id()).map_err(|error| explained(&error))?;
    let status = status_of(&ledger, (account, source_of(secrets)), contract, holdings).await;
    status.map_err(|error| explained(&error))
}

/// What was signed for the ledger of a home in which no node runs.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] on a network without a ledger; what the library says.
pub fn history_of(home: &Home, request: WalletHistoryRequest) -> Result<WalletHistory, NodeError> {
    let LedgerKind::Stellar(network) = home.network()?.ledger else { return Err(no_ledger()) };
    let ledger = Ledger::new(network.settings()).map_err(|error| explained(&error))?;
    match Library::open_read_only(&home.library()) {
        Ok(library) => history::of(&library, ledger.network_id(), request),
        Err(OpenError::Missing { .. }) => Ok(WalletHistory { transactions: Vec::new(), has_more: false }),
        Err(error) => Err(library_unusable(&error)),
    }
}

/// What names the ledger of a home's network; none without one.
pub(crate) fn network_id_of(home: &Home) -> Result<Option<[u8; 32]>, NodeError> {
    let LedgerKind::Stellar(network) = home.network()?.ledger else { return Ok(None) };
    let ledger = Ledger::new(network.settings()).map_err(|error| explained(&error))?;
    Ok(Some(ledger.network_id()))
}

/// The contract that a network file names, which was checked when it was read.
fn contract_of(
    network: &StellarNetwork,
    network_id: [u8; 32],
) -> Result<Option<AgreementContract>, LedgerError> {
    let contract = network.contract.as_ref().and_then(|contract| contract.parse().ok());
    contract.map(|contract| AgreementContract::at(network_id, contract)).transpose()
}

fn money_of(ledger: &Ledger) -> Money {
    if ledger.has_test_money() { Money::Test } else { Money::Real }
}

async fn status_of(
    ledger: &Ledger,
    (account, source): (Account, WalletSource),
    contract: Option<AgreementContract>,
    holdings: Holdings,
) -> Result<WalletReport, LedgerError> {
    let state = ledger.find_account(account).await?;
    // Terms are the ledger's times.
    let now_unix_s = if holdings.has_end() { ledger.tip().await?.close_time_unix_s } else { 0 };
    // A contract that is not there is told by whoever agrees on something.
    let life = match contract {
        Some(contract) => Box::pin(contract.life(ledger)).await.ok(),
        None => None,
    };
    let amount = |of: fn(&AccountState) -> Stroops| state.as_ref().map_or(Stroops::ZERO, of).to_string();
    Ok(WalletReport {
        account: account.to_string(),
        source,
        is_open: state.is_some(),
        balance_xlm: amount(|state| state.balance),
        spendable_xlm: amount(AccountState::spendable),
        reserve_xlm: amount(|state| state.reserve.min(state.balance)),
        escrow_xlm: holdings.escrow.to_string(),
        runway_days: holdings.runway_days(now_unix_s),
        has_friendbot: ledger.has_friendbot(),
        money: money_of(ledger),
        contract_life: life.as_ref().map(keeping::reported),
    })
}

fn payment_of(request: &WalletSendRequest) -> Result<Payment, NodeError> {
    let invalid =
        |message: String| NodeError::new(ErrorCode::InvalidRequest, crate::upload::sentence(&message));
    // Which of them it is, for whoever shows it beside what was typed.
    let invalid_in = |field: &str, message: String| invalid(message).with("field", field);
    if request.key.is_empty() || request.key.len() > MAX_KEY_BYTES {
        return Err(invalid(format!("the name of a payment has 1 to {MAX_KEY_BYTES} bytes")));
    }
    let memo = request.memo.as_deref().filter(|memo| !memo.is_empty()).map(str::parse::<Memo>);
    Ok(Payment {
        destination: request
            .destination
            .parse()
            .map_err(|error: layr_ledger::AddressError| invalid_in("destination", error.to_string()))?,
        amount: Stroops::parse_payment(&request.amount_xlm)
            .map_err(|error| invalid_in("amount_xlm", error.to_string()))?,
        memo: memo.transpose().map_err(|error| invalid_in("memo", error.to_string()))?,
    })
}
