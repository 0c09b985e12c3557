//! The owner's side: visits to delegates, which hear what became of the files and bring the list up to date.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use layr_keys::{LogEntry, LogError, OwnerId, OwnerKeys, PeerId};
use layr_library::{DelegateRecord, DelegateVisit, Library, PutOff};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::claims::{Court, Judgement, discard};
use super::giving::Given;
use crate::activity::{Activity, ActivityKind, words};
use crate::background::TaskReport;
use crate::check::CheckError;
use crate::client::{ClientError, HostContact};
use crate::owner::Owner;
use crate::repair::RepairError;
use crate::wire::{FrameError, LogNews, Refusal, decode_body};

/// Delegates of one owner: each costs every host the same audits once more.
pub(crate) const MAX_DELEGATES: usize = 8;
/// Time between two visits, a quarter of that after which a delegate takes the owner for asleep.
const VISIT_EVERY: Duration = Duration::from_mins(15);
/// Time between two looks whether a visit is due, and before the first: a computer that has just woken up finds its network first. One
/// that was never heard is visited at each: its person is about to agree.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Entries heard in one visit: who never comes to an end must not keep others from being visited.
const MAX_HEARD: u64 = 2048;
/// Claims that waited which are judged again in one visit.
const REJUDGED: usize = 256;
/// How long a claim waits for a host that is away, by the library's own clock. Then its copy is let go of.
const MAX_WAIT_S: u64 = 3 * 24 * 60 * 60;
/// Claims that may prove false in a day. Then nothing more is heard until the next: each costs questions, and a shard to be read.
const MAX_REFUTED_A_DAY: u32 = 16;
const A_DAY: Duration = Duration::from_hours(24);

/// An owner's delegates. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Delegating {
    shared: Arc<Shared>,
}

struct Shared {
    owner: Owner,
    /// Sign delegations; wiped with the last clone.
    keys: OwnerKeys,
    activity: Activity,
    wanted: Notify,
    known: Mutex<BTreeMap<PeerId, Known>>,
}

/// What is known of a delegate since the start.
#[derive(Debug, Default)]
pub(super) struct Known {
    visited_at: Option<Instant>,
    pub(super) given: Given,
    /// False claims by the hosts that they were about, and since when.
    refuted: Option<(BTreeMap<PeerId, u32>, Instant)>,
    problem: Option<String>,
    /// Ends the visit that is under way.
    revoked: CancellationToken,
}

/// Why a visit failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum VisitError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("an entry of its log says nothing: {0}")]
    News(#[from] FrameError),
    #[error(transparent)]
    Repair(#[from] RepairError),
    #[error("it said too much that is not so; nothing more is heard of it today")]
    Refuted,
    #[error("the delegation cannot be made: {0}")]
    Delegation(#[from] layr_keys::DelegationError),
    #[error("it was revoked")]
    Revoked,
}

impl VisitError {
    fn is_not_accepted(&self) -> bool {
        matches!(self, Self::Client(ClientError::Refused { reason: Refusal::NotAccepted, .. }))
    }

    /// What it has to tell does not go on from what we have.
    fn is_another_log(&self) -> bool {
        matches!(self, Self::Log(_) | Self::Client(ClientError::Refused { reason: Refusal::NotFound, .. }))
    }

    /// Whether there is any use in giving it something.
    fn is_of_hearing(&self) -> bool {
        self.is_another_log() || matches!(self, Self::Refuted | Self::News(_) | Self::Repair(_))
    }
}

impl<E: Into<CheckError>> From<E> for VisitError {
    fn from(error: E) -> Self {
        Self::Repair(RepairError::from(error.into()))
    }
}

impl Delegating {
    pub(crate) fn new(owner: Owner, keys: OwnerKeys, activity: Activity) -> Self {
        let shared = Shared { owner, keys, activity, wanted: Notify::new(), known: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// Whose delegates they are.
    pub(crate) fn owner_id(&self) -> OwnerId {
        self.shared.keys.owner_id()
    }

    /// Visits all delegates soon.
    pub(crate) fn visit_soon(&self) {
        self.shared.wanted.notify_one();
    }

    /// What stands between us and a delegate, for people.
    pub(crate) fn problem(&self, peer: PeerId) -> Option<String> {
        self.shared.known.lock().get(&peer)?.problem.clone()
    }

    /// Has hosts let go of copies that wait to be judged: nobody will, once their delegate is revoked.
    pub(crate) async fn let_go_of_waiting(&self, peer: PeerId) {
        let let_go = async {
            for waiting in self.owner().library_job(move |library| library.put_off(&peer)).await?? {
                let news: LogNews = decode_body(&waiting.news)?;
                discard(self.owner(), &news, &BTreeMap::from([(news.host(), waiting.addresses)])).await?;
                self.owner().library_job(move |library| library.put_off_done(waiting.id)).await??;
            }
            Ok::<_, VisitError>(())
        };
        if let Err(error) = let_go.await {
            tracing::warn!(%peer, %error, "copies that a revoked delegate made may stay at hosts");
        }
    }

    /// Forgets what is known of a delegate, ends a visit to it, and asks it to forget us. Where it cannot be reached its delegation
    /// ends by itself.
    pub(crate) async fn release(&self, delegate: &DelegateRecord) -> Result<(), ClientError> {
        if let Some(known) = self.shared.known.lock().remove(&delegate.peer) {
            known.revoked.cancel();
        }
        self.is_heard_again(delegate.peer).await;
        self.shared.owner.client().release(&contact(delegate)).await
    }

    pub(super) fn with<T>(&self, peer: PeerId, change: impl FnOnce(&mut Known) -> T) -> T {
        change(self.shared.known.lock().entry(peer).or_default())
    }

    pub(super) fn owner(&self) -> &Owner {
        &self.shared.owner
    }

    pub(super) fn keys(&self) -> &OwnerKeys {
        &self.shared.keys
    }

    /// Visits those who are due, or all, one after the other. Fails where the library does.
    async fn visit_all(&self, is_wanted: bool) -> Result<(), CheckError> {
        for delegate in self.owner().library_job(Library::delegates).await?? {
            let is_due = self.with(delegate.peer, |known| {
                known.visited_at.is_none_or(|at| at.elapsed() >= VISIT_EVERY)
                    || delegate.heard_unix_s.is_none()
                    || is_wanted
            });
            if !is_due {
                continue;
            }
            let (peer, revoked) = (delegate.peer, self.with(delegate.peer, |known| known.revoked.clone()));
            // Who was revoked during the visits before has been told that it is over.
            let is_there = move |library: &Library| {
                library.delegates().map(|known| known.iter().any(|known| known.peer == peer))
            };
            if !self.owner().library_job(is_there).await?? {
                self.shared.known.lock().remove(&peer);
                continue;
            }
            let visited = tokio::select! {
                biased;
                // Nothing is to be known of it any more, not even that the visit failed.
                () = revoked.cancelled() => continue,
                visited = self.visit(&delegate) => visited,
            };
            if let Err(error) = &visited {
                tracing::info!(delegate = %delegate.peer, %error, "a delegate could not be visited");
            }
            match &visited {
                Ok(()) => self.is_heard_again(peer).await,
                Err(error) if error.is_another_log() => {
                    let entry = words::delegate_unheard(peer, &shown(&delegate));
                    self.shared.activity.change(move |library, now| library.tell_state(&entry, now)).await;
                }
                Err(_) => {}
            }
            let problem = visited.as_ref().err().map(|error| self.problem_of(error));
            self.with(delegate.peer, |known| {
                known.visited_at = Some(Instant::now());
                known.problem = problem;
                // Who agrees again has nothing of ours any more.
                if visited.is_err_and(|error| error.is_not_accepted()) {
                    known.given = Given::default();
                }
            });
        }
        Ok(())
    }

    /// Nothing stands in the way of hearing it, or nobody wants to any more.
    async fn is_heard_again(&self, peer: PeerId) {
        let end = move |library: &Library, now| {
            library.end_state(ActivityKind::DelegateUnheard.code(), &peer.to_string(), now)
        };
        self.shared.activity.change(end).await;
    }

    fn problem_of(&self, error: &VisitError) -> String {
        match error {
            error if error.is_not_accepted() => {
                format!("It has not agreed yet: there, run `layr delegate accept {}`", self.owner_id())
            }
            error if error.is_another_log() => {
                "What it tells does not go on from what was heard, as after a loss of its data or of ours. It goes on working, and is \
                 not heard. Revoke it, make it a delegate anew, and let its person accept again"
                    .to_owned()
            }
            other => crate::upload::sentence(&other.to_string()),
        }
    }

    async fn visit(&self, delegate: &DelegateRecord) -> Result<(), VisitError> {
        let heard = self.hear(delegate).await;
        match heard {
            Err(error) if !error.is_of_hearing() => Err(error),
            // Who tells another log has nothing to say that will ever be heard.
            Err(error) => {
                self.give_what_is_due(delegate, error.is_another_log()).await?;
                Err(error)
            }
            Ok(is_all) => self.give_what_is_due(delegate, is_all).await,
        }
    }

    /// Hears the log to its end, or as much as fits a visit; what waited is judged once more before. Tells whether that was all.
    async fn hear(&self, delegate: &DelegateRecord) -> Result<bool, VisitError> {
        let (owner, peer) = (self.owner(), delegate.peer);
        let mut court = Court::after(self.with(peer, Known::refuted));
        let mut placed = self.rejudge(delegate, &mut court).await?;
        let (mut head, end) = (delegate.log, delegate.log.number.saturating_add(MAX_HEARD));
        let outcome = loop {
            let report = match owner.client().report(&contact(delegate), head.number).await {
                Ok(report) => report,
                Err(error) => break Err(error.into()),
            };
            let hints: BTreeMap<_, _> =
                report.hosts.iter().filter_map(crate::wire::HostHint::bounded).collect();
            let mut visit = DelegateVisit { log: head, ..DelegateVisit::default() };
            let (mut put_off, mut outcome) = (Vec::new(), Ok(()));
            for entry in &report.entries {
                match self.judge_entry(delegate, &entry.0, &mut visit, (&mut court, &hints)).await {
                    Ok(waits) => put_off.extend(waits),
                    Err(error) => {
                        outcome = Err(error);
                        break;
                    }
                }
            }
            head = visit.log;
            placed += visit.placed;
            let now_unix_s = owner.now_unix_s();
            let record = move |library: &Library| library.delegate_heard(&peer, &visit, &put_off, now_unix_s);
            if !owner.library_job(record).await?? {
                break Err(VisitError::Revoked);
            }
            let is_all = report.is_last || report.entries.is_empty();
            if outcome.is_err() || is_all || head.number >= end {
                break outcome.map(|()| is_all);
            }
        };
        if placed > 0 {
            owner.library_changed();
            self.shared.activity.note(words::delegate_helped(placed)).await;
        }
        outcome
    }

    /// Judges what waited; what waited for too long is let go of. Returns how many copies were taken over.
    async fn rejudge(&self, delegate: &DelegateRecord, court: &mut Court) -> Result<u64, VisitError> {
        let (owner, peer) = (self.owner(), delegate.peer);
        let mut visit = DelegateVisit { log: delegate.log, ..DelegateVisit::default() };
        for waiting in
            owner.library_job(move |library| library.put_off(&peer)).await??.into_iter().take(REJUDGED)
        {
            // What waited costs a question as well.
            if self.with(peer, Known::is_too_wrong) {
                break;
            }
            let news: LogNews = decode_body(&waiting.news)?;
            let hints = BTreeMap::from([(news.host(), waiting.addresses)]);
            match court.judge(owner, &news, &hints).await? {
                Judgement::Waits if waiting.waits_s < MAX_WAIT_S => continue,
                Judgement::Waits => discard(owner, &news, &hints).await?,
                Judgement::Placed => visit.placed += 1,
                Judgement::Refuted => {
                    visit.refuted += 1;
                    self.note_refuted(delegate, &news).await;
                }
                Judgement::Heard => {}
            }
            owner.library_job(move |library| library.put_off_done(waiting.id)).await??;
        }
        if visit.placed + visit.refuted > 0 {
            let now_unix_s = owner.now_unix_s();
            owner
                .library_job(move |library| library.delegate_heard(&peer, &visit, &[], now_unix_s))
                .await??;
        }
        Ok(visit.placed)
    }

    /// Judges one entry; returns what has to wait.
    async fn judge_entry(
        &self,
        delegate: &DelegateRecord,
        entry: &[u8],
        visit: &mut DelegateVisit,
        (court, hints): (&mut Court, &BTreeMap<PeerId, Vec<String>>),
    ) -> Result<Option<PutOff>, VisitError> {
        let peer = delegate.peer;
        let entry = LogEntry::decode_next(entry, visit.log, self.owner_id(), peer)?;
        let news: LogNews = decode_body(entry.payload())?;
        if self.with(peer, Known::is_too_wrong) {
            return Err(VisitError::Refuted);
        }
        let judged = court.judge(self.owner(), &news, hints).await?;
        visit.log = entry.head();
        match judged {
            Judgement::Placed => visit.placed += 1,
            Judgement::Refuted => {
                visit.refuted += 1;
                self.note_refuted(delegate, &news).await;
            }
            Judgement::Heard => {}
            Judgement::Waits => {
                let addresses = hints.get(&news.host()).cloned().unwrap_or_default();
                return Ok(Some(PutOff { id: 0, news: entry.payload().to_vec(), addresses, waits_s: 0 }));
            }
        }
        Ok(None)
    }

    async fn note_refuted(&self, delegate: &DelegateRecord, news: &LogNews) {
        tracing::warn!(delegate = %delegate.peer, ?news, "a delegate says what is not so");
        self.with(delegate.peer, |known| known.note_refuted(news.host()));
        self.shared.activity.note(words::delegate_refuted(&shown(delegate))).await;
    }
}

impl Known {
    /// False claims of the last day, by the hosts that they were about.
    fn refuted(&mut self) -> BTreeMap<PeerId, u32> {
        self.refuted.take_if(|(_, since)| since.elapsed() >= A_DAY);
        self.refuted.as_ref().map(|(by_host, _)| by_host.clone()).unwrap_or_default()
    }

    fn is_too_wrong(&mut self) -> bool {
        self.refuted().values().sum::<u32>() >= MAX_REFUTED_A_DAY
    }

    fn note_refuted(&mut self, host: PeerId) {
        let (by_host, _) = self.refuted.get_or_insert_with(|| (BTreeMap::new(), Instant::now()));
        *by_host.entry(host).or_default() += 1;
    }
}

pub(super) fn contact(delegate: &DelegateRecord) -> HostContact {
    HostContact::new(delegate.peer, delegate.addresses.clone())
}

/// What to call a delegate.
fn shown(delegate: &DelegateRecord) -> String {
    if delegate.name.is_empty() { delegate.peer.to_string() } else { delegate.name.clone() }
}

/// Visits delegates until cancelled.
pub(crate) async fn visit_in_background(delegating: Delegating, cancel: CancellationToken, task: TaskReport) {
    loop {
        let work = async {
            let is_wanted = tokio::select! {
                biased;
                () = delegating.shared.wanted.notified() => true,
                () = tokio::time::sleep(LOOK_EVERY) => false,
            };
            let _round = task.round();
            delegating.visit_all(is_wanted).await
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            visited = work => task.ended(&visited),
        }
    }
}
