//! The owner's side: agreements with the hosts that have its shards, windows, receipts, and the end of a term.
//!
//! One task looks each minute; a person can have it look at once. What was agreed on is in the library before anything of it is signed, so a
//! crash loses nothing: the next look goes on. Nothing is opened beyond what the person allows.

mod asking;
mod budget;
mod ending;
mod monthly;
mod negotiating;
mod opening;
mod prompting;
mod proposing;
mod refuting;
mod revising;
mod terminating;
mod windows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use layr_agreement::RuleError;
use layr_codec::ShardRoot;
use layr_keys::{OwnerKeys, PeerId};
use layr_ledger::{LedgerError, LedgerTip, Stroops};
use layr_library::{AgreementData, AgreementRecord, AgreementRole, StoreError};
use layr_proof::CountError;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

pub(crate) use self::negotiating::{Planned, RenewalPlan};
pub(crate) use self::prompting::Prompt;
pub(crate) use self::terminating::Noticed;
use super::{Agreement, AgreementLedger, TERM_WINDOWS};
use crate::activity::{Activity, ActivityKind, words};
use crate::background::TaskReport;
use crate::client::HostContact;
use crate::clock::EntropyError;
use crate::owner::Owner;
use crate::workers::WorkerLost;

/// Between two looks. A question to the ledger each; a window's answers have two days.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Hosts asked at once.
const HOSTS_AT_ONCE: usize = 16;

/// Shards by root, each with its leaves.
type Shards = Vec<(ShardRoot, u32)>;

/// What the person allows to be spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SpendingLimits {
    /// The highest price of a host, in stroops for a GiB and window; 0 uses only hosts that are free.
    pub(crate) price_stroops_per_gib: u64,
    /// The most that all agreements together may cost in 30 days, fees included, in stroops.
    pub(crate) monthly_stroops: u64,
    /// Whether agreements that end are agreed on anew by themselves.
    pub(crate) renews: bool,
}

/// The owner's agreements. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Paying {
    shared: Arc<Shared>,
}

struct Shared {
    owner: Owner,
    ledger: AgreementLedger,
    keys: OwnerKeys,
    activity: Activity,
    limits: Mutex<SpendingLimits>,
    /// One look at a time.
    turn: tokio::sync::Mutex<()>,
    seen: Mutex<Seen>,
    /// Whether the person was told that hosts are not paid.
    told_unpaid: Mutex<Option<bool>>,
    /// What the person was told of terms that end; at the start nothing is known.
    prompted: Mutex<Option<Vec<Prompt>>>,
}

/// What looks remember; nothing is lost with it.
#[derive(Debug, Default)]
struct Seen {
    /// What each host had that no agreement covers, at the look before: a list that still grows waits until it stands still.
    uncovered: BTreeMap<PeerId, [u8; 32]>,
    /// Hosts of an escrow that the contract refused: each gets one of its own, so that none stands in the others' way.
    suspects: BTreeSet<PeerId>,
    /// Agreements whose last receipt has arrived for certain: of those of an earlier run nobody knows.
    delivered: BTreeSet<i64>,
    /// When each host was asked last about windows that are over, by agreement, on the ledger's clock.
    asked_late_s: BTreeMap<i64, u64>,
    /// The ledger's clock when it was seen last.
    ledger_s: u64,
    /// When there was too little for what hosts had consented to, on the ledger's clock.
    unpaid_s: Option<u64>,
    /// When an escrow was opened last by itself, on the ledger's clock.
    opened_s: Option<u64>,
    /// When each agreement was revised last, on the ledger's clock.
    revised_s: BTreeMap<i64, u64>,
    /// When its host refused to revise an agreement last, on the ledger's clock.
    refused_s: BTreeMap<i64, u64>,
    /// Whether lists of settled agreements were looked through in this run.
    is_pruned: bool,
}

/// How a look treats lists that may still grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Haste {
    /// They wait for the next look.
    WhenStill,
    /// They are agreed on as they are.
    Now,
}

/// Which terms that are about to end are agreed on anew, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Renewing {
    /// Which.
    pub(crate) which: Renewed,
    /// Windows of each term that is agreed on.
    pub(crate) windows: u32,
}

/// Which terms that are about to end are agreed on anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Renewed {
    /// All, if the person said so once for ever; else none.
    AsSet,
    /// All.
    All,
    /// These.
    These(BTreeSet<i64>),
}

impl Renewing {
    /// What a node does by itself.
    pub(crate) const BY_ITSELF: Self = Self { which: Renewed::AsSet, windows: TERM_WINDOWS };
}

/// What a look did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Looked {
    /// Agreements that came onto the ledger.
    pub(crate) opened: u64,
    /// Stroops put into escrow for them.
    pub(crate) deposited_stroops: u64,
    /// Windows that hosts proved.
    pub(crate) proven: u64,
    /// Windows that were missed.
    pub(crate) missed: u64,
    /// Agreements whose money was divided.
    pub(crate) settled: u64,
    /// Hosts for which there is too little money, or which the person's limit does not allow.
    pub(crate) unpaid: u64,
    /// What is missing for them.
    pub(crate) missing: Missing,
    /// What was not possible, and with whom.
    pub(crate) obstacles: Vec<Obstacle>,
    /// The most that it may put into escrow, where a person said yes to a sum.
    pub(crate) most: Option<Stroops>,
}

/// What is missing for hosts that are not paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Missing {
    /// In the account.
    pub(crate) money: Stroops,
    /// Of what the person allows for a month.
    pub(crate) monthly: Stroops,
}

impl Default for Missing {
    fn default() -> Self {
        Self { money: Stroops::ZERO, monthly: Stroops::ZERO }
    }
}

/// Something that was not possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Obstacle {
    /// With whom; none where it is about all.
    pub(crate) host: Option<PeerId>,
    /// What.
    pub(crate) reason: String,
}

/// Why a look ended early. What it did until then stands.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PayingError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The library.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A thread was lost.
    #[error(transparent)]
    Worker(#[from] WorkerLost),
    /// A sum does not fit.
    #[error("the terms cannot be computed: {source}")]
    Rule {
        /// Why.
        #[from]
        source: RuleError,
    },
    /// More leaves than can be counted.
    #[error("the data cannot be counted: {source}")]
    Count {
        /// Why.
        #[from]
        source: CountError,
    },
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl Paying {
    /// An owner's agreements on its network's contract.
    pub(crate) fn new(
        owner: Owner,
        ledger: AgreementLedger,
        keys: OwnerKeys,
        limits: SpendingLimits,
        activity: Activity,
    ) -> Self {
        owner.hosts().set_price_limit(limits.price_stroops_per_gib);
        let shared = Shared {
            owner,
            ledger,
            keys,
            activity,
            limits: Mutex::new(limits),
            turn: tokio::sync::Mutex::default(),
            seen: Mutex::default(),
            told_unpaid: Mutex::default(),
            prompted: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// What may be spent from now on, and with which hosts shards are placed.
    pub(crate) fn set_limits(&self, limits: SpendingLimits) {
        *self.shared.limits.lock() = limits;
        self.shared.owner.hosts().set_price_limit(limits.price_stroops_per_gib);
    }

    fn limits(&self) -> SpendingLimits {
        *self.shared.limits.lock()
    }

    /// Looks each minute until cancelled.
    pub(crate) async fn run(self, cancel: CancellationToken, task: TaskReport) {
        let looks = async {
            loop {
                task.working();
                let outcome = self.look(Haste::WhenStill, &Renewing::BY_ITSELF, None).await;
                task.ended(&outcome);
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::select! {
            () = cancel.cancelled() => {}
            () = looks => {}
        }
    }

    /// Does what is due: takes up what was begun, asks about windows, ends what is over, agrees on what nobody is paid for yet. No more than `most` goes
    /// into escrow.
    ///
    /// # Errors
    /// [`PayingError`]; the next look goes on.
    pub(crate) async fn look(
        &self,
        haste: Haste,
        renewing: &Renewing,
        most: Option<Stroops>,
    ) -> Result<Looked, PayingError> {
        let _turn = self.shared.turn.lock().await;
        let mut looked = Looked { most, ..Looked::default() };
        if self.limits().price_stroops_per_gib == 0 && !self.has_to_look().await? {
            self.prompt_nothing().await;
            return Ok(looked);
        }
        let tip = self.shared.ledger.tip().await;
        let done = match &tip {
            Ok(tip) => self.look_at_all(tip, haste, renewing, &mut looked).await,
            Err(_) => Ok(()),
        };
        // What moved money is told, and what ends, whatever failed before.
        self.note(&looked).await;
        self.prompt(tip.as_ref().ok()).await?;
        tip?;
        done.map(|()| looked)
    }

    async fn look_at_all(
        &self,
        tip: &LedgerTip,
        haste: Haste,
        renewing: &Renewing,
        looked: &mut Looked,
    ) -> Result<(), PayingError> {
        self.resume_openings(tip, haste, looked).await?;
        self.tell_opened(looked).await?;
        self.ask_windows(tip, looked).await?;
        self.refute_excuses(tip, looked).await;
        self.end_terms(tip, looked).await?;
        let agreed = self.agree(tip, haste, renewing, looked).await;
        self.tell_opened(looked).await?;
        self.prune(looked).await?;
        agreed
    }

    /// Forgets the lists that nothing asks for any more, where this look may have made some such; in the first look of a run those of runs before.
    async fn prune(&self, looked: &Looked) -> Result<(), PayingError> {
        let is_first = !std::mem::replace(&mut self.shared.seen.lock().is_pruned, true);
        if is_first || looked.opened > 0 || looked.settled > 0 {
            let pruned = self.library(layr_library::Library::prune_settled_lists).await?;
            tracing::debug!(pruned, "lists of agreements that are settled were shortened");
        }
        Ok(())
    }

    /// Tells the person what moved money, and what waits for money.
    async fn note(&self, looked: &Looked) {
        let activity = &self.shared.activity;
        if looked.opened > 0 {
            let deposited = Stroops::new(looked.deposited_stroops).unwrap_or(Stroops::ZERO);
            activity.note(words::agreements_opened(looked.opened, deposited)).await;
        }
        if looked.settled > 0 {
            activity.note(words::agreements_settled(looked.settled)).await;
        }
        let mut told = { *self.shared.told_unpaid.lock() };
        let unpaid = (looked.unpaid > 0).then(|| words::agreements_unpaid(looked.unpaid, looked.missing));
        activity.follow(&mut told, ActivityKind::AgreementsUnpaid, unpaid).await;
        *self.shared.told_unpaid.lock() = told;
    }

    /// Agreements that are neither settled nor dropped.
    async fn open(&self) -> Result<Vec<Agreement>, PayingError> {
        let records = self.library(|library| library.open_agreements(AgreementRole::Owner)).await?;
        let here = records.into_iter().filter(|record| self.is_here(record));
        Ok(here.map(Agreement::read).collect::<Result<_, _>>()?)
    }

    /// Whether it is one of this ledger's contract. One of another is for whoever is on that network again.
    fn is_here(&self, record: &AgreementRecord) -> bool {
        let network = self.shared.ledger.network();
        (record.network_id, record.contract) == (network.network_id, *network.contract.as_bytes())
    }

    async fn write(
        &self,
        changed: Vec<(AgreementRecord, Option<AgreementData>)>,
    ) -> Result<Vec<i64>, PayingError> {
        self.library(move |library| library.write_agreements(&changed)).await
    }

    async fn library<T: Send + 'static>(
        &self,
        job: impl FnOnce(&layr_library::Library) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, PayingError> {
        Ok(self.shared.owner.library_job(job).await??)
    }

    /// Where a host is reached, also one that was not heard of since this node started.
    async fn contact(&self, host: PeerId) -> Result<HostContact, PayingError> {
        let mut recorded =
            self.library(move |library| library.host_addresses(&BTreeSet::from([host]))).await?;
        Ok(self.shared.owner.hosts().contact(host, &recorded.remove(&host).unwrap_or_default()))
    }

    fn random<const N: usize>(&self) -> Result<[u8; N], EntropyError> {
        let mut bytes = [0; N];
        self.shared.owner.surroundings().entropy.fill(&mut bytes)?;
        Ok(bytes)
    }
}

impl Looked {
    fn hinder(&mut self, host: Option<PeerId>, reason: impl std::fmt::Display) {
        tracing::debug!(?host, %reason, "an agreement has to wait");
        self.obstacles.push(Obstacle { host, reason: reason.to_string() });
    }
}

/// The ledger's time.
fn now_s(tip: &LedgerTip) -> u64 {
    tip.close_time_unix_s
}

/// The most that a transaction about a whole escrow may cost: ten times what one with thirty hosts was measured to cost.
const ESCROW_FEE_CAP: Stroops = Stroops::small(12_000_000);
