//! Shards of one segment finding their hosts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use layr_codec::ShardRoot;
use layr_keys::PeerId;
use layr_library::{StoreError, StoredShard};
use rand::rngs::StdRng;
use tokio::task::{AbortHandle, JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::super::UploadError;
use super::super::in_flight::Claim;
use super::super::lane::{LaneContext, LaneError};
use super::super::progress::SegmentProgress;
use super::{Delivered, Shipment};
use crate::client::{HostContact, Verdict};
use crate::discovery::{HostCount, Placement, place};
use crate::owner::Owner;
use crate::workers::WorkerLost;

/// Shortest patience with the slower half: below this, jitter of disks and lines would call spares for nothing.
const MIN_PATIENCE: Duration = Duration::from_secs(2);
/// Longest patience once the segment is safe: the last shards are worth a wait, but not the person's.
const MAX_PATIENCE: Duration = Duration::from_secs(30);
/// Spares that one shard may call on: each costs the shard's bytes again.
const MAX_RACES: u32 = 2;
/// Wait before a host that failed gets a second chance, when there is no spare.
const SECOND_CHANCE_WAIT: Duration = Duration::from_secs(1);

/// The shards of one segment on their way.
pub(super) struct Placing<'a> {
    owner: &'a Owner,
    context: LaneContext,
    claim: Claim,
    progress: Option<Arc<SegmentProgress>>,
    is_safe: bool,
    stored: BTreeSet<u8>,
    unplaced: VecDeque<u8>,
    spares: VecDeque<HostContact>,
    second_chances: VecDeque<HostContact>,
    failed_before: BTreeSet<PeerId>,
    streams: JoinSet<StreamEnd>,
    active: BTreeMap<u8, Vec<(HostContact, AbortHandle)>>,
    to_place: usize,
    placed: usize,
    began: Instant,
    patience: Option<Duration>,
    race_at: Option<Instant>,
    races: u32,
    give_up_at: Option<Instant>,
    no_room: usize,
    /// Everybody who was given to this segment.
    known: BTreeSet<PeerId>,
    /// Those of them that hold shards of it.
    holders: BTreeSet<PeerId>,
    rng: StdRng,
    looked_again: bool,
    /// A look for more hosts that is under way.
    look: Option<AbortOnDropHandle<Result<HostCount, StoreError>>>,
}

/// How a stream ended.
struct StreamEnd {
    index: u8,
    host: HostContact,
    result: Result<ShardRoot, LaneError>,
}

impl<'a> Placing<'a> {
    pub(super) fn new(
        owner: &'a Owner,
        context: LaneContext,
        shipment: Shipment,
        missing: Vec<u8>,
        placement: Placement,
        rng: StdRng,
    ) -> Self {
        let holders: BTreeSet<PeerId> = shipment.stored.iter().map(|shard| shard.host).collect();
        let given = placement.chosen.iter().chain(&placement.spares).map(|host| host.peer);
        let known = holders.iter().copied().chain(given).collect();
        let stored = shipment.stored.iter().map(|shard| shard.index).collect();
        let to_place = missing.len();
        Self {
            owner,
            context,
            claim: shipment.claim,
            progress: shipment.progress,
            is_safe: shipment.is_safe,
            stored,
            unplaced: missing.into(),
            spares: placement.chosen.into_iter().chain(placement.spares).collect(),
            second_chances: VecDeque::new(),
            failed_before: BTreeSet::new(),
            streams: JoinSet::new(),
            active: BTreeMap::new(),
            to_place,
            placed: 0,
            began: Instant::now(),
            patience: None,
            race_at: None,
            races: 0,
            give_up_at: None,
            no_room: 0,
            known,
            holders,
            rng,
            looked_again: false,
            look: None,
        }
    }

    /// Gives every shard without a stream a host, as long as there are hosts.
    pub(super) fn start(&mut self) {
        while let Some(index) = self.unplaced.pop_front() {
            let (host, wait) = if let Some(host) = self.next_spare() {
                (host, Duration::ZERO)
            } else if let Some(host) = self.second_chances.pop_front() {
                (host, SECOND_CHANCE_WAIT)
            } else {
                self.unplaced.push_front(index);
                return;
            };
            self.open(index, host, wait);
        }
    }

    /// Waits for streams to end and decides what comes next, until everything is stored or nothing more will be.
    pub(super) async fn run(mut self, cancel: &CancellationToken) -> Result<Delivered, UploadError> {
        loop {
            self.settle_threshold().await?;
            self.start();
            self.look_again();
            let over = self.give_up_at.is_some_and(|at| Instant::now() >= at);
            // What has no host yet is all that a look can help with, and what is safe has the time to wait for a later one.
            let waits_for_look = self.look.is_some() && !self.unplaced.is_empty() && !self.is_safe;
            if (self.streams.is_empty() && !waits_for_look) || (self.is_safe && over) {
                break;
            }
            let wake_at = [self.race_at, self.give_up_at].into_iter().flatten().min();
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(UploadError::Interrupted),
                Some(end) = self.streams.join_next() => {
                    let mut ends = vec![end];
                    while let Some(end) = self.streams.try_join_next() {
                        ends.push(end);
                    }
                    // An aborted stream lost its race: there is nothing to learn from it.
                    self.note(ends.into_iter().flatten().collect()).await?;
                }
                looked = ended(&mut self.look) => self.note_look(looked)?,
                () = sleep_until(wake_at) => self.race(),
            }
        }
        if self.is_safe { Ok(self.delivered()) } else { Err(self.shortage()) }
    }

    /// Looks for hosts that nobody thought of when the segment began: a long upload hears only from those that it uses, and
    /// asks nobody else while these are enough. Once a segment, since it takes seconds.
    fn look_again(&mut self) {
        if self.unplaced.is_empty() || self.is_safe || self.looked_again {
            return;
        }
        self.looked_again = true;
        let hosts = self.owner.hosts().clone();
        let look = async move { hosts.refresh().await };
        self.look = Some(AbortOnDropHandle::new(tokio::spawn(look)));
    }

    fn note_look(
        &mut self,
        looked: Result<Result<HostCount, StoreError>, JoinError>,
    ) -> Result<(), UploadError> {
        self.look = None;
        looked.map_err(|source| WorkerLost { reason: source.to_string() })??;
        let layout = &self.context.content.layout;
        let hosts = self.owner.hosts();
        let mut candidates = hosts.eligible();
        candidates.retain(|candidate| !self.known.contains(&candidate.contact.peer));
        let held = hosts.held_by(&self.holders);
        let found =
            place(&candidates, &held, layout.profile(), 0, layout.shard_bytes(), &mut self.rng).spares;
        self.known.extend(found.iter().map(|host| host.peer));
        self.spares.extend(found);
        Ok(())
    }

    fn delivered(&self) -> Delivered {
        Delivered { new_stored_bytes: self.placed as u64 * self.context.content.layout.shard_bytes() }
    }

    /// The next spare that nothing bad has become known of since the segment began.
    fn next_spare(&mut self) -> Option<HostContact> {
        while let Some(host) = self.spares.pop_front() {
            if !self.owner.hosts().is_down(host.peer) {
                return Some(host);
            }
            self.second_chances.push_back(host);
        }
        None
    }

    fn open(&mut self, index: u8, host: HostContact, wait: Duration) {
        let context = self.context.clone();
        let lane = context.ring.join();
        let to = host.clone();
        let stream = self.streams.spawn(async move {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            let result = context.send(index, to.clone(), lane).await;
            StreamEnd { index, host: to, result }
        });
        self.active.entry(index).or_default().push((host, stream));
    }

    /// Takes notice of ended streams; what was stored is in the journal when this returns.
    async fn note(&mut self, ends: Vec<StreamEnd>) -> Result<(), UploadError> {
        let mut stored = Vec::new();
        for end in ends {
            if let Some(streams) = self.active.get_mut(&end.index) {
                streams.retain(|(host, _)| host.peer != end.host.peer);
            }
            match end.result {
                Ok(root) => stored.push(StoredShard { index: end.index, root, host: end.host.peer }),
                Err(error) => self.note_failure(end.index, end.host, error)?,
            }
        }
        if stored.is_empty() {
            return Ok(());
        }
        let segment = self.context.content.id;
        let shards = stored.clone();
        self.owner.library_job(move |library| library.shards_stored(&segment, &shards)).await??;
        for shard in stored {
            self.owner.hosts().note_alive(shard.host);
            self.owner.hosts().note_placed(shard.host, self.context.content.layout.shard_bytes());
            self.holders.insert(shard.host);
            self.note_stored(shard.index);
        }
        Ok(())
    }

    fn note_stored(&mut self, index: u8) {
        if !self.stored.insert(index) {
            return;
        }
        self.placed += 1;
        if let Some(progress) = &self.progress {
            progress.stored();
        }
        for (_, stream) in self.active.remove(&index).unwrap_or_default() {
            stream.abort();
        }
        self.unplaced.retain(|unplaced| *unplaced != index);
        if self.patience.is_none() && self.placed * 2 >= self.to_place {
            let patience = self.began.elapsed().clamp(self.patient(MIN_PATIENCE), self.patient(MAX_PATIENCE));
            self.patience = Some(patience);
            self.race_at = Some(Instant::now() + patience);
        }
    }

    /// Where this node limits itself, all hosts are slower than they are.
    fn patient(&self, patience: Duration) -> Duration {
        self.owner.client().patient(patience)
    }

    fn note_failure(&mut self, index: u8, host: HostContact, error: LaneError) -> Result<(), UploadError> {
        let error = match error {
            LaneError::Client(error) => error,
            LaneError::Encode(error) => return Err(error.into()),
            LaneError::Worker(error) => return Err(error.into()),
            // The encoder's own error says why; this one only follows from it.
            LaneError::NoRoots => return Ok(()),
        };
        tracing::debug!(segment = %self.context.content.id, index, host = %host.peer, %error, "a shard found no home");
        self.owner.hosts().note_failure(host.peer, &error);
        match error.verdict() {
            Verdict::NoRoom => self.no_room += 1,
            // It takes shards and does not keep them whole: every one sent there is sent in vain.
            Verdict::Corrupt => self.owner.hosts().note_spoilt(host.peer),
            _ if self.failed_before.insert(host.peer) => self.second_chances.push_back(host),
            _ => {}
        }
        let on_its_way = self.active.get(&index).is_some_and(|streams| !streams.is_empty());
        if !on_its_way && !self.stored.contains(&index) {
            self.unplaced.push_back(index);
        }
        Ok(())
    }

    /// Records the segment as safe as soon as enough shards are stored.
    async fn settle_threshold(&mut self) -> Result<(), UploadError> {
        let threshold = usize::from(self.context.content.layout.profile().success_threshold());
        if self.stored.len() < threshold || self.give_up_at.is_some() {
            return Ok(());
        }
        if !self.is_safe {
            let segment = self.context.content.id;
            self.owner.library_job(move |library| library.segment_safe(&segment)).await??;
            self.is_safe = true;
        }
        self.claim.safe();
        let rest =
            self.patience.map_or(MAX_PATIENCE, |patience| 2 * patience).min(self.patient(MAX_PATIENCE));
        self.give_up_at = Some(Instant::now() + rest);
        Ok(())
    }

    /// Sends a spare after every shard whose host takes longer than the others did.
    fn race(&mut self) {
        let now = Instant::now();
        if self.race_at.is_none_or(|at| now < at) {
            return;
        }
        let patience = self.patience.unwrap_or_else(|| self.patient(MIN_PATIENCE));
        self.races += 1;
        self.race_at = (self.races < MAX_RACES).then(|| now + patience);
        let late: Vec<(u8, PeerId)> = self
            .active
            .iter()
            .filter_map(|(index, streams)| Some((*index, streams.last()?.0.peer)))
            .collect();
        for (index, slow) in late {
            self.owner.hosts().note_slow(slow);
            let Some(spare) = self.next_spare() else { return };
            self.open(index, spare, Duration::ZERO);
            // A spare gets the time that the first ones had.
            self.give_up_at = self.give_up_at.map(|at| at.max(now + 2 * patience));
        }
    }

    fn shortage(&self) -> UploadError {
        let profile = self.context.content.layout.profile();
        let needed = usize::from(profile.success_threshold());
        let count = self.owner.hosts().count();
        // Hosts that answer and say no are short of space; hosts that do not answer are short of hosts.
        if count.alive >= needed && (self.no_room > 0 || count.eligible < needed) {
            UploadError::NotEnoughSpace { alive: count.alive, available: self.stored.len(), needed }
        } else {
            UploadError::NotEnoughHosts {
                available: self.stored.len(),
                needed,
                known: count.known,
                dear: count.dear,
            }
        }
    }
}

/// The end of a task; waits for ever where there is none.
async fn ended<T>(task: &mut Option<AbortOnDropHandle<T>>) -> Result<T, JoinError> {
    match task {
        Some(task) => task.await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
