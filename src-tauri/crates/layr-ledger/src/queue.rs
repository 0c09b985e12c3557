//! An account's queue: one transaction after the other, each signed once, written down, sent, and followed until it is decided.
//!
//! A server keeps one waiting transaction for an account, and sequence numbers leave no gaps; so nothing is signed while an
//! earlier transaction is undecided. What was signed is given up only when the ledger shows that it can never be taken in: its time is over
//! by the ledger's own clock, or its sequence number was used by another transaction, and it stands in none of the ledgers since it was signed.

mod fate;
mod signing;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;

use self::fate::Fate;
pub use self::signing::VALID_FOR_S;
use crate::address::Account;
use crate::amount::Stroops;
use crate::bounded::limits;
use crate::envelope::{Signer, bumped, fee, inner, resource_fee};
use crate::error::LedgerError;
use crate::intent::{Intent, Keep, Payment};
use crate::journal::{EntryState, Journal, JournalEntry, JournalError};
use crate::ledger::Ledger;
use crate::outcome::{Settled, failure};
use crate::rpc::answers::{Sent, SentStatus};

/// Transactions that wait for one account, the one at work included: at one a ledger of 5 s the last waits five minutes.
const MAX_WAITING: usize = 64;
/// Longest wait of a caller for a decision: some ledgers of 5 s, and a fee that is raised twice in between. What is not decided then stays in the
/// journal, and the next call asks again.
const DECIDED_WITHIN: Duration = Duration::from_secs(90);
/// First and longest wait between two looks. The first is what a local ledger takes, the longest half of a ledger's 5 s.
const LOOK_AFTER: (Duration, Duration) = (Duration::from_millis(100), Duration::from_millis(2500));
/// The same bytes are sent again so often: a server that was restarted has forgotten them.
const SEND_EVERY: Duration = Duration::from_secs(10);
/// A transaction that waited for four ledgers was outbid.
const RAISE_AFTER: Duration = Duration::from_secs(20);
/// Or one that a server put off so often.
const RAISE_AFTER_PUT_OFF: u32 = 3;
/// A server takes an envelope in another one's place only if it offers ten times as much for inclusion.
const RAISE_TIMES: u64 = 10;
/// The most that is offered for inclusion, per operation: a thousand times the usual 100 stroops, a hundredth of a lumen.
const MAX_INCLUSION_FEE: Stroops = Stroops::small(100_000);
/// So often in a row the ledger is asked in vain; each time it was asked three times already.
const MAX_IN_VAIN: u32 = 2;
/// So often something is signed anew in one call, after the ledger showed that the one before can never be taken in.
const MAX_SIGNINGS: u32 = 3;
/// Hashes of earlier attempts that are kept with a key. Each attempt took minutes or lost its number to another, and has at most three hashes.
const MAX_EARLIER_HASHES: usize = 48;

/// What a payment comes to before it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentPlan {
    /// The fee, as long as the ledger has room.
    pub fee: Stroops,
    /// Whether it opens the account that is paid.
    pub opens_account: bool,
    /// What can be spent afterwards.
    pub left: Stroops,
}

/// The queue of one account. Cheap to clone; all clones are the same queue. There has to be one for each account in a process.
#[derive(Clone)]
pub struct AccountQueue {
    shared: Arc<Shared>,
}

struct Shared {
    ledger: Ledger,
    signer: Arc<dyn Signer>,
    journal: Arc<dyn Journal>,
    waiting: Semaphore,
    turn: Mutex<()>,
}

impl std::fmt::Debug for AccountQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccountQueue({})", self.account())
    }
}

impl AccountQueue {
    /// A queue for the account that `signer` signs for.
    pub fn new(ledger: Ledger, signer: Arc<dyn Signer>, journal: Arc<dyn Journal>) -> Self {
        let shared =
            Shared { ledger, signer, journal, waiting: Semaphore::new(MAX_WAITING), turn: Mutex::new(()) };
        Self { shared: Arc::new(shared) }
    }

    /// The account.
    pub fn account(&self) -> Account {
        self.shared.signer.account()
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.shared.ledger
    }

    /// Brings `intent` into the ledger, and waits until it is there. `key` is the caller's name for it: under the same key it happens once,
    /// however often this is called and whatever crashes in between. The fee is at most `fee_cap`. A caller that gives up waiting leaves what
    /// was signed in the journal.
    ///
    /// # Errors
    /// [`LedgerError`]. After [`LedgerError::Unsettled`], [`LedgerError::Unreachable`], [`LedgerError::Lagging`] and
    /// [`LedgerError::RefusedForNow`] the same call asks again; a transaction that failed in the ledger is [`LedgerError::Rejected`] each time, and
    /// one in whose place an earlier one came [`LedgerError::Overtaken`].
    pub async fn submit(&self, key: &str, intent: &Intent, fee_cap: Stroops) -> Result<Settled, LedgerError> {
        let _place = self.shared.waiting.try_acquire().map_err(|_| LedgerError::Busy)?;
        let _turn = self.shared.turn.lock().await;
        self.submit_in_turn(key, intent, fee_cap).await
    }

    /// Finds out what became of everything that was signed and is not decided, and whether all of it is decided now: what a server refused
    /// can be so only when it is no longer valid.
    ///
    /// # Errors
    /// As [`AccountQueue::submit`].
    pub async fn resume(&self) -> Result<bool, LedgerError> {
        let _place = self.shared.waiting.try_acquire().map_err(|_| LedgerError::Busy)?;
        let _turn = self.shared.turn.lock().await;
        self.settle_open().await?;
        Ok(self.shared.journal.open(self.network_id(), self.account()).await?.is_empty())
    }

    async fn submit_in_turn(
        &self,
        key: &str,
        intent: &Intent,
        fee_cap: Stroops,
    ) -> Result<Settled, LedgerError> {
        let digest = intent.digest()?;
        if let Some(decided) = self.entry_of(key, digest).await?.and_then(|entry| told(&entry, intent)) {
            return decided;
        }
        self.settle_open().await?;
        let mut last = self.entry_of(key, digest).await?;
        for _ in 0..MAX_SIGNINGS {
            let earlier_hashes = match last {
                None => Vec::new(),
                Some(entry) => match self.given_up(entry, intent).await? {
                    GivenUp::Hashes(earlier) => earlier,
                    GivenUp::Not(decided) => return decided,
                },
            };
            let entry = Box::pin(self.sign(key, digest, intent, fee_cap, earlier_hashes)).await?;
            last = Some(self.follow(entry).await?);
        }
        match last {
            Some(entry) => match self.given_up(entry, intent).await? {
                GivenUp::Not(decided) => decided,
                GivenUp::Hashes(_) => Err(LedgerError::Expired),
            },
            None => Err(LedgerError::Expired),
        }
    }

    /// Whether something else may be signed in the place of what stands under a key.
    async fn given_up(&self, entry: JournalEntry, intent: &Intent) -> Result<GivenUp, LedgerError> {
        if let Some(decided) = told(&entry, intent) {
            return Ok(GivenUp::Not(decided));
        }
        match entry.state {
            // What was refused may still be carried into the ledger: until that is over, nothing takes its place under its key.
            EntryState::Refused { code } => {
                let until_unix_s = entry.valid_until_unix_s;
                Ok(GivenUp::Not(Err(LedgerError::RefusedForNow { code, until_unix_s })))
            }
            EntryState::Dead => {
                // A refused one with the same number may be what used it.
                self.settle_open().await?;
                if let Some(key) = self.overtaken_by(&entry).await? {
                    return Ok(GivenUp::Not(Err(LedgerError::Overtaken { key })));
                }
                if let Some(found) = self.found_after_all(&entry).await? {
                    let found = self.record(found).await?;
                    return Ok(GivenUp::Not(told(&found, intent).unwrap_or(Err(LedgerError::Expired))));
                }
                let mut hashes = entry.earlier_hashes;
                hashes.extend(entry.hashes);
                let kept = hashes.len().saturating_sub(MAX_EARLIER_HASHES);
                Ok(GivenUp::Hashes(hashes.split_off(kept)))
            }
            _ => {
                let hash = entry.hashes.last().copied().unwrap_or_default();
                Ok(GivenUp::Not(Err(LedgerError::Unsettled { hash })))
            }
        }
    }

    /// What a payment would come to now: with the checks of [`AccountQueue::submit`], and nothing signed.
    ///
    /// # Errors
    /// [`LedgerError`], where it would not come about.
    pub async fn plan(&self, payment: &Payment) -> Result<PaymentPlan, LedgerError> {
        self.price(payment).await
    }

    /// What a longer life for entries would cost now, whether or not the account can pay it. Nothing is signed.
    ///
    /// # Errors
    /// [`LedgerError`], where it would not come about.
    pub async fn plan_keeping(&self, keep: &Keep) -> Result<Stroops, LedgerError> {
        self.price_of_keeping(keep).await
    }

    fn network_id(&self) -> [u8; 32] {
        self.shared.ledger.network_id()
    }

    /// The key of the transaction in whose place `dead` was signed, if that is what its number went to. Its owner had been told that it was
    /// refused, and perhaps means this one instead of it.
    async fn overtaken_by(&self, dead: &JournalEntry) -> Result<Option<String>, LedgerError> {
        let settled = self.shared.journal.settled_at(dead.network_id, dead.account, dead.sequence).await?;
        Ok(settled
            .filter(|other| other.key != dead.key && other.from_ledger <= dead.from_ledger)
            .map(|other| other.key))
    }

    /// The transaction under this key, which has to be for the same.
    async fn entry_of(&self, key: &str, digest: [u8; 32]) -> Result<Option<JournalEntry>, LedgerError> {
        let entry = self.shared.journal.find(self.network_id(), key).await?;
        match entry {
            Some(entry) if entry.intent != digest || entry.account != self.account() => {
                Err(LedgerError::KeyTaken { key: key.to_owned() })
            }
            entry => Ok(entry),
        }
    }

    /// Follows everything that was signed until it is decided. What a server refused is looked at once: it holds nothing up, since
    /// what is signed next has its sequence number, one of the two at most is taken in, and where it is the refused one, the other is not signed
    /// anew ([`LedgerError::Overtaken`]).
    async fn settle_open(&self) -> Result<(), LedgerError> {
        for entry in self.shared.journal.open(self.network_id(), self.account()).await? {
            if matches!(entry.state, EntryState::Refused { .. }) {
                if let Fate::Decided(entry) = self.fate(&entry).await? {
                    self.record(*entry).await?;
                }
            } else {
                self.follow(entry).await?;
            }
        }
        Ok(())
    }

    /// Sends what was signed, again and again, until it is decided or refused.
    async fn follow(&self, mut entry: JournalEntry) -> Result<JournalEntry, LedgerError> {
        let began = Instant::now();
        let (mut wait, mut put_off) = (LOOK_AFTER.0, 0);
        let (mut sent_at, mut raised_at, mut in_vain) = (None::<Instant>, began, 0);
        loop {
            if sent_at.is_none_or(|at| at.elapsed() >= SEND_EVERY) || put_off > 0 {
                match self.send(&entry).await? {
                    Reaction::Taken => put_off = 0,
                    Reaction::PutOff => put_off += 1,
                    Reaction::Unknown => {}
                    Reaction::Refused(code) => {
                        return self
                            .record(JournalEntry { state: EntryState::Refused { code }, ..entry })
                            .await;
                    }
                }
                sent_at = Some(Instant::now());
            }
            match self.fate(&entry).await {
                Ok(Fate::Decided(entry)) => return self.record(*entry).await,
                Ok(Fate::Open) => in_vain = 0,
                Err(error) if error.is_transient() && in_vain < MAX_IN_VAIN => in_vain += 1,
                Err(error) => return Err(error),
            }
            if began.elapsed() >= DECIDED_WITHIN {
                let hash = entry.hashes.last().copied().unwrap_or_default();
                return Err(LedgerError::Unsettled { hash });
            }
            if put_off >= RAISE_AFTER_PUT_OFF || raised_at.elapsed() >= RAISE_AFTER {
                entry = self.raise(entry).await?;
                (put_off, raised_at, sent_at) = (0, Instant::now(), None);
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LOOK_AFTER.1);
        }
    }

    async fn send(&self, entry: &JournalEntry) -> Result<Reaction, LedgerError> {
        let envelope = envelope(entry)?;
        let Sent { status, hash, error_result_xdr } = match self.shared.ledger.send(&envelope).await {
            Ok(sent) => sent,
            // It may have arrived all the same.
            Err(error) if error.is_transient() => return Ok(Reaction::Unknown),
            Err(LedgerError::MalformedAnswer { .. }) => return Ok(Reaction::Unknown),
            Err(error) => return Err(error),
        };
        if !entry.hashes.iter().any(|ours| hex::encode(ours) == hash) {
            return Err(LedgerError::malformed("sendTransaction", "it names another transaction"));
        }
        match status {
            SentStatus::Pending | SentStatus::Duplicate => Ok(Reaction::Taken),
            SentStatus::TryAgainLater => Ok(Reaction::PutOff),
            SentStatus::Error => {
                let text = error_result_xdr.unwrap_or_default();
                let result: stellar_xdr::TransactionResult =
                    crate::bounded::decode("sendTransaction", &text)?;
                let code = failure(&result).unwrap_or_else(|| "for no reason".to_owned());
                Ok(self.reaction(entry, code).await)
            }
        }
    }

    /// What a refusal means. A server also refuses what is in the ledger already, or is there with a higher fee.
    async fn reaction(&self, entry: &JournalEntry, code: String) -> Reaction {
        let is_decided = !matches!(self.fate(entry).await, Ok(Fate::Open));
        let was_raised = entry.hashes.len() > 1;
        match code.as_str() {
            _ if is_decided || was_raised => Reaction::Taken,
            "txInsufficientFee" => Reaction::PutOff,
            // Its end is proven by the ledger's clock, and the sequence number by the account: a server that is behind says so too.
            "txTooLate" => Reaction::Taken,
            "txBadSeq" => self.bad_sequence(entry, code).await,
            _ => Reaction::Refused(code),
        }
    }

    /// What it means that a number is not the next one. Where it was used, it was perhaps by this very transaction, in a ledger that the server
    /// does not show yet: that is for its fate to say.
    async fn bad_sequence(&self, entry: &JournalEntry, code: String) -> Reaction {
        let Ok((Some(account), ledger)) = self.shared.ledger.account_as_of(entry.account).await else {
            return Reaction::Taken;
        };
        match account.sequence.checked_add(1) {
            Some(next) if next == entry.sequence => Reaction::PutOff,
            Some(next) if next < entry.sequence && ledger >= entry.from_ledger => Reaction::Refused(code),
            _ => Reaction::Taken,
        }
    }

    /// Offers more for the same transaction, as far as its caller allows; else leaves it as it is.
    async fn raise(&self, entry: JournalEntry) -> Result<JournalEntry, LedgerError> {
        let before = envelope(&entry)?;
        let inner = inner(&before)?;
        let resources = resource_fee(&inner.tx);
        let operations = if entry.hashes.len() > 1 { 2 } else { 1 };
        let offered = fee(&before).saturating_sub(resources).stroops() / operations;
        // The envelope counts as an operation of its own.
        let offer = Stroops::new(offered.saturating_mul(RAISE_TIMES)).unwrap_or(Stroops::MAX);
        let all = offer.checked_mul(2).and_then(|offer| offer.checked_add(resources));
        let Some(all) = all.filter(|all| offer <= MAX_INCLUSION_FEE && *all <= entry.fee_cap) else {
            return Ok(entry);
        };
        let (raised, hash) = bumped(&before, all, &*self.shared.signer, self.shared.ledger.network_id())?;
        let mut hashes = entry.hashes.clone();
        hashes.push(hash);
        self.record(JournalEntry { envelope: crate::bounded::encode(&raised)?, hashes, ..entry }).await
    }

    /// As [`AccountQueue::write`], of something that was sent.
    async fn record(&self, entry: JournalEntry) -> Result<JournalEntry, LedgerError> {
        match self.shared.journal.write(&entry).await {
            Ok(()) => Ok(entry),
            Err(JournalError { reason }) => Err(LedgerError::Unrecorded { reason }),
        }
    }

    async fn write(&self, entry: JournalEntry) -> Result<JournalEntry, LedgerError> {
        self.shared.journal.write(&entry).await?;
        Ok(entry)
    }
}

/// Whether what stands under a key is given up.
enum GivenUp {
    /// It is: hashes of all that was signed under the key.
    Hashes(Vec<[u8; 32]>),
    /// It is not, and its caller is told this.
    Not(Result<Settled, LedgerError>),
}

/// What a server does with what it was sent.
enum Reaction {
    /// It has it, or it is no longer up to it.
    Taken,
    /// Later.
    PutOff,
    /// The answer was lost.
    Unknown,
    /// Never, by its word.
    Refused(String),
}

/// What a decided entry means to its caller; none where there is nothing yet, or never will be.
fn told(entry: &JournalEntry, intent: &Intent) -> Option<Result<Settled, LedgerError>> {
    match &entry.state {
        EntryState::Settled { ledger, fee, returned } => {
            let returned = returned.as_ref().and_then(|bytes| {
                <stellar_xdr::ScVal as stellar_xdr::ReadXdr>::from_xdr(bytes, limits()).ok()
            });
            let hash = entry.hashes.first().copied().unwrap_or_default();
            Some(Ok(Settled { hash, ledger: *ledger, fee: *fee, returned }))
        }
        EntryState::Failed { code, .. } => Some(Err(failed(code, intent))),
        EntryState::Forgotten => {
            Some(Err(LedgerError::Forgotten { hash: entry.hashes.first().copied().unwrap_or_default() }))
        }
        EntryState::Signed | EntryState::Refused { .. } | EntryState::Dead => None,
    }
}

fn failed(code: &str, intent: &Intent) -> LedgerError {
    match intent {
        Intent::Pay(payment) if code.ends_with("paymentNoDestination") => {
            LedgerError::DestinationMerged { account: payment.destination }
        }
        _ => LedgerError::Rejected { code: code.to_owned() },
    }
}

fn envelope(entry: &JournalEntry) -> Result<stellar_xdr::TransactionEnvelope, LedgerError> {
    stellar_xdr::ReadXdr::from_xdr(&entry.envelope, limits()).map_err(|error| LedgerError::Journal {
        reason: format!("an envelope in it cannot be read ({error})"),
    })
}

impl From<JournalError> for LedgerError {
    fn from(error: JournalError) -> Self {
        Self::Journal { reason: error.reason }
    }
}
