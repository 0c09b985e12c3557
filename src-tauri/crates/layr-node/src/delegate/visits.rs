//! The owner's side: visits to delegates, which hear what became of the files and bring the list up to date.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use layr_codec::CodecSecrets;
use layr_keys::{
    Delegation, DelegationSubject, LogEntry, LogError, MAX_DELEGATION_S, OwnerId, OwnerKeys, PeerId,
};
use layr_library::{DelegateRecord, DelegateVisit, Library, SegmentRecord, WatchedSegment, WatchedShard};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::claims::{Judgement, judge};
use crate::activity::{Activity, words};
use crate::background::TaskReport;
use crate::check::{CheckError, Walk};
use crate::client::{ClientError, HostContact, ListStream};
use crate::owner::Owner;
use crate::repair::RepairError;
use crate::wire::{
    FrameError, ListItem, LogNews, MAX_LISTED_HOSTS, MAX_LISTED_SEGMENTS, Refusal, decode_body,
};

/// Delegates of one owner: each costs every host the same audits once more.
pub(crate) const MAX_DELEGATES: usize = 8;
/// Time between two visits, a quarter of that after which a delegate takes the owner for asleep.
const VISIT_EVERY: Duration = Duration::from_mins(15);
/// The first one after a start: a computer that has just woken up finds its network first. And the next one while a delegate was
/// never heard: its person is about to agree.
const SOON: Duration = Duration::from_mins(1);
/// A list that changed is given at most this often: it takes 30 MB for a TB of files.
const LIST_EVERY: Duration = Duration::from_hours(1);
/// A delegation is renewed when it ends within so many seconds, 20 days: who sleeps for less leaves nobody without.
const RENEWED_BEFORE_S: u64 = 20 * 24 * 60 * 60;
/// Visits at which a claim is put off whose hosts are not there, two days of them. Then it is passed over.
const MAX_WAITS: u32 = 192;
/// Claims that may prove false in a day. Then nothing more is heard until the next: each costs questions, and a shard to be read.
const MAX_REFUTED_A_DAY: u64 = 16;
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
struct Known {
    /// The library's changes when it was given the list last, and when that was.
    given: Option<(u64, Instant)>,
    /// The entry that is put off, and how often it was.
    waits: Option<(u64, u32)>,
    /// False claims since then.
    refuted: Option<(u64, Instant)>,
    problem: Option<String>,
}

/// Why a visit failed.
#[derive(Debug, thiserror::Error)]
enum VisitError {
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
}

impl VisitError {
    fn is_not_accepted(&self) -> bool {
        matches!(self, Self::Client(ClientError::Refused { reason: Refusal::NotAccepted, .. }))
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

    /// Forgets what is known of a delegate, and asks it to forget us. Where it cannot be reached its delegation ends by itself.
    pub(crate) async fn release(&self, delegate: &DelegateRecord) -> Result<(), ClientError> {
        self.shared.known.lock().remove(&delegate.peer);
        self.shared.owner.client().release(&contact(delegate)).await
    }

    fn with<T>(&self, peer: PeerId, change: impl FnOnce(&mut Known) -> T) -> T {
        change(self.shared.known.lock().entry(peer).or_default())
    }

    /// Visits all of them, one after the other; tells whether one was never heard. Fails where the library does.
    async fn visit_all(&self) -> Result<bool, CheckError> {
        let (owner, mut is_waited_for) = (&self.shared.owner, false);
        for delegate in owner.library_job(Library::delegates).await?? {
            let visited = self.visit(&delegate).await;
            if let Err(error) = &visited {
                tracing::info!(delegate = %delegate.peer, %error, "a delegate could not be visited");
            }
            is_waited_for |= visited.is_err() && delegate.heard_unix_s.is_none();
            let problem = visited.as_ref().err().map(|error| self.problem_of(error));
            self.with(delegate.peer, |known| {
                known.problem = problem;
                // Who agrees again has nothing of ours any more.
                if visited.is_err_and(|error| error.is_not_accepted()) {
                    known.given = None;
                }
            });
        }
        Ok(is_waited_for)
    }

    fn problem_of(&self, error: &VisitError) -> String {
        match error {
            error if error.is_not_accepted() => {
                format!("It has not agreed yet: there, run `layr delegate accept {}`", self.owner_id())
            }
            VisitError::Log(LogError::Chain { .. })
            | VisitError::Client(ClientError::Refused { reason: Refusal::NotFound, .. }) => {
                "What it tells does not go on from what it told before, as after a loss of its data. Revoke it, and make it a delegate anew"
                    .to_owned()
            }
            other => crate::upload::sentence(&other.to_string()),
        }
    }

    async fn visit(&self, delegate: &DelegateRecord) -> Result<(), VisitError> {
        self.hear(delegate).await?;
        let now_unix_s = self.shared.owner.now_unix_s();
        let ends = delegate.expires_unix_s.unwrap_or(0);
        let is_ending = ends < now_unix_s.saturating_add(RENEWED_BEFORE_S);
        let changes = self.shared.owner.library().changes();
        let is_due = self.with(delegate.peer, |known| {
            known.given.is_none_or(|(before, at)| before != changes && at.elapsed() >= LIST_EVERY)
        });
        if is_due || is_ending {
            self.give(delegate, now_unix_s).await?;
            self.with(delegate.peer, |known| known.given = Some((changes, Instant::now())));
        }
        Ok(())
    }

    /// Hears the log to its end, or to a claim that has to wait.
    async fn hear(&self, delegate: &DelegateRecord) -> Result<(), VisitError> {
        let Shared { owner, activity, .. } = &*self.shared;
        let (peer, mut head, mut placed) = (delegate.peer, delegate.log, 0);
        loop {
            let report = owner.client().report(&contact(delegate), head.number).await?;
            let hints: BTreeMap<_, _> =
                report.hosts.iter().filter_map(crate::wire::HostHint::bounded).collect();
            let (mut visit, mut has_to_wait) =
                (DelegateVisit { log: head, ..DelegateVisit::default() }, false);
            let mut outcome = Ok(());
            for entry in &report.entries {
                let judged = self.judge_entry(delegate, &entry.0, &mut visit, &hints).await;
                match judged {
                    Ok(Judgement::Waits) => has_to_wait = true,
                    Ok(_) => continue,
                    Err(error) => outcome = Err(error),
                }
                break;
            }
            head = visit.log;
            placed += visit.placed;
            let now_unix_s = owner.now_unix_s();
            owner.library_job(move |library| library.delegate_heard(&peer, &visit, now_unix_s)).await??;
            if visit.placed > 0 {
                owner.library_changed();
            }
            if outcome.is_err() || has_to_wait || report.is_last || report.entries.is_empty() {
                if placed > 0 {
                    activity.note(words::delegate_helped(placed)).await;
                }
                return outcome;
            }
        }
    }

    async fn judge_entry(
        &self,
        delegate: &DelegateRecord,
        entry: &[u8],
        visit: &mut DelegateVisit,
        hints: &BTreeMap<PeerId, Vec<String>>,
    ) -> Result<Judgement, VisitError> {
        let peer = delegate.peer;
        let entry = LogEntry::decode_next(entry, visit.log, self.owner_id(), peer)?;
        let news: LogNews = decode_body(entry.payload())?;
        if self.with(peer, Known::is_too_wrong) {
            return Err(VisitError::Refuted);
        }
        let mut judged = judge(&self.shared.owner, &news, hints).await?;
        if judged == Judgement::Waits {
            let number = entry.head().number;
            if !self.with(peer, |known| known.has_waited_enough(number)) {
                return Ok(judged);
            }
            judged = Judgement::Heard;
        }
        visit.log = entry.head();
        match judged {
            Judgement::Placed => visit.placed += 1,
            Judgement::Refuted => {
                tracing::warn!(delegate = %peer, ?news, "a delegate says what is not so");
                visit.refuted += 1;
                self.with(peer, Known::note_refuted);
                self.shared.activity.note(words::delegate_refuted(&shown(delegate))).await;
            }
            Judgement::Heard | Judgement::Waits => {}
        }
        Ok(judged)
    }

    /// Gives the list, with a delegation that holds for as long as one may.
    async fn give(&self, delegate: &DelegateRecord, now_unix_s: u64) -> Result<(), VisitError> {
        let Shared { owner, keys, .. } = &*self.shared;
        let subject = DelegationSubject {
            delegate: delegate.peer,
            serial: delegate.serial.saturating_add(1),
            issued_at_unix_s: now_unix_s,
            expires_at_unix_s: now_unix_s.saturating_add(MAX_DELEGATION_S),
        };
        let delegation = Delegation::issue(keys, &subject)?;
        let DelegationSubject { delegate: peer, serial, expires_at_unix_s, .. } = subject;
        let record = move |library: &Library| library.delegation_given(&peer, serial, expires_at_unix_s);
        owner.library_job(record).await??;
        let stream = owner.client().entrust(&contact(delegate), delegation.encode()).await?;
        let mut giving = Giving { owner, stream, places: BTreeMap::new(), segments: 0 };
        let mut walk = owner.library_job(|library| Walk::new(library, &[])).await??;
        loop {
            let step = move |library: &Library| walk.next(library).map(|segments| (segments, walk));
            let (segments, rest) = owner.library_job(step).await??;
            walk = rest;
            if segments.is_empty() {
                let segments = giving.segments;
                giving.stream.finish(segments).await?;
                return Ok(());
            }
            for segment in segments.into_iter().filter(|segment| segment.is_ours) {
                giving.segment(segment, owner.secrets()).await?;
            }
        }
    }
}

impl Known {
    fn is_too_wrong(&mut self) -> bool {
        self.refuted = self.refuted.filter(|(_, since)| since.elapsed() < A_DAY);
        self.refuted.is_some_and(|(count, _)| count >= MAX_REFUTED_A_DAY)
    }

    fn note_refuted(&mut self) {
        let (count, since) = self.refuted.unwrap_or((0, Instant::now()));
        self.refuted = Some((count + 1, since));
    }

    fn has_waited_enough(&mut self, number: u64) -> bool {
        let waits = self.waits.filter(|(waiting, _)| *waiting == number).map_or(1, |(_, waits)| waits + 1);
        self.waits = Some((number, waits));
        waits >= MAX_WAITS
    }
}

/// A list on its way.
struct Giving<'a> {
    owner: &'a Owner,
    stream: ListStream,
    places: BTreeMap<PeerId, u32>,
    segments: u64,
}

impl Giving<'_> {
    async fn segment(&mut self, segment: SegmentRecord, secrets: &CodecSecrets) -> Result<(), VisitError> {
        if self.segments >= MAX_LISTED_SEGMENTS {
            return Ok(());
        }
        let new: std::collections::BTreeSet<PeerId> = segment
            .shards
            .iter()
            .map(|shard| shard.host)
            .filter(|host| !self.places.contains_key(host))
            .collect();
        if !new.is_empty() {
            let asked = new.clone();
            let addresses = self.owner.library_job(move |library| library.host_addresses(&asked)).await??;
            for host in new {
                if self.places.len() >= MAX_LISTED_HOSTS {
                    break;
                }
                let place = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
                let recorded = addresses.get(&host).map(Vec::as_slice).unwrap_or_default();
                let known = self.owner.hosts().contact(host, recorded);
                self.stream.send(&ListItem::host(host, &known.addresses)).await?;
                self.places.insert(host, place);
            }
        }
        let shards = segment.shards.iter().filter(|shard| self.places.contains_key(&shard.host));
        let watched = WatchedSegment {
            id: segment.id,
            profile: segment.profile,
            len_bytes: segment.len_bytes,
            blind_key: secrets.segment_blind_key(&segment.id),
            shards: shards
                .map(|shard| WatchedShard {
                    index: shard.index,
                    root: shard.root,
                    host: shard.host,
                    failure: shard.failed,
                })
                .collect(),
        };
        if let Some(item) = ListItem::segment(&watched, |host| self.places.get(host).copied())
            && !watched.shards.is_empty()
        {
            self.stream.send(&item).await?;
            self.segments += 1;
        }
        Ok(())
    }
}

fn contact(delegate: &DelegateRecord) -> HostContact {
    HostContact::new(delegate.peer, delegate.addresses.clone())
}

/// What to call a delegate.
pub(crate) fn shown(delegate: &DelegateRecord) -> String {
    if delegate.name.is_empty() { delegate.peer.to_string() } else { delegate.name.clone() }
}

/// Visits delegates until cancelled.
pub(crate) async fn visit_in_background(delegating: Delegating, cancel: CancellationToken, task: TaskReport) {
    let mut wait = SOON;
    loop {
        let work = async {
            tokio::select! {
                biased;
                () = delegating.shared.wanted.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
            task.working();
            delegating.visit_all().await
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            visited = work => {
                task.ended(&visited);
                wait = if visited.unwrap_or(false) { SOON } else { VISIT_EVERY };
            }
        }
    }
}
