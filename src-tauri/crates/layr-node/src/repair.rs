//! Making lost shards again from k others and bringing them to hosts that have none of the segment.
//!
//! A repair makes nothing worse. What is read is hashed to its root; what is rebuilt has the very root of what was lost, since
//! coding and blinding are deterministic; a new copy counts when its host has proven leaves of it, and only then the old
//! one is let go of. Nothing is recorded before that, so a crash costs traffic alone, and what hosts took by then is found
//! and not sent again. One segment at a time, the most endangered first: memory holds k shards and [`REBUILT_AT_ONCE`] more,
//! 80 MiB at 10 of 30.

mod background;
mod bring;
mod gather;
mod leavers;
mod plan;
mod rebuild;
mod traffic;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use layr_codec::{DecodeError, SegmentBlindKey, SegmentId, ShardRebuilder, ShardRoot};
use layr_keys::PeerId;
use layr_library::{
    Health, HealthState, JournalError, Library, SegmentRecord, ShardMark, ShardRecord, ShardState,
    StoreError, StoredShard,
};
use tokio::time::Instant;

pub(crate) use self::background::{Resting, repair_due, repair_in_background};
pub(crate) use self::bring::proven;
use self::bring::{Brought, Rebuilt, bring};
pub(crate) use self::gather::look_up;
use self::gather::{Silence, by_hope};
pub(crate) use self::leavers::move_in_background;
pub use self::plan::plan;
use self::rebuild::rebuild;
pub use self::traffic::RepairTraffic;
use self::wanted::{Trigger, blinding, wanted};
use crate::api::{PlacedShard, RepairReport, RepairedSegment, WaitReason, WaitingSegment};
use crate::audit::ask_again;
use crate::catalogue;
use crate::check::{CheckError, Walk};
use crate::error::{ErrorCode, NodeError};
use crate::operation::Operation;
use crate::owner::Owner;
use crate::upload::sentence;
use crate::workers::WorkerLost;

/// Answers of hosts older than this are asked for again: they count for a minute.
const LOOK_AGAIN: Duration = Duration::from_secs(45);
/// Shards rebuilt at once: 40 MiB of them.
const REBUILT_AT_ONCE: usize = 10;

/// When something lost is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Once a segment has less than a fresh upload brings to hosts, and what cannot be reached is waited for while enough is there.
    Due,
    /// At once, and what cannot be reached is taken for lost.
    Now,
}

/// Why a repair could not be made. Segments that have to wait are no error: they are in the report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RepairError {
    /// As of every look at shards.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// What was placed could not be recorded.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Shards that hash to their roots cannot be put together: the database is damaged.
    #[error("segment {segment} cannot be put together: {source}")]
    Decode {
        /// The segment.
        segment: SegmentId,
        /// What the codec says.
        source: DecodeError,
    },
    /// A rebuilt shard is another than the lost one: the database is damaged.
    #[error("shard {index} of segment {segment} comes out as another than it was")]
    OtherShard {
        /// The segment.
        segment: SegmentId,
        /// The shard.
        index: u8,
    },
}

impl RepairError {
    /// Whether other segments can be repaired all the same: it speaks of what is recorded of this one, and neither of the database as
    /// a whole nor of this computer.
    fn is_of_one_segment(&self) -> bool {
        match self {
            Self::Decode { .. } | Self::OtherShard { .. } => true,
            Self::Journal(error) => !matches!(error, JournalError::Store(_)),
            Self::Check(error) => matches!(error, CheckError::Layout(_)),
        }
    }
}

impl From<StoreError> for RepairError {
    fn from(source: StoreError) -> Self {
        CheckError::from(source).into()
    }
}

impl From<WorkerLost> for RepairError {
    fn from(source: WorkerLost) -> Self {
        CheckError::from(source).into()
    }
}

impl From<RepairError> for NodeError {
    fn from(error: RepairError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            RepairError::Check(error) => error.into(),
            RepairError::Journal(JournalError::Store(error)) => catalogue::store_error(&error),
            RepairError::Journal(_) => Self::new(ErrorCode::Internal, text),
            RepairError::Decode { .. } | RepairError::OtherShard { .. } => {
                Self::new(ErrorCode::DatabaseUnusable, text)
            }
        }
    }
}

/// Repairs what is due of these files and directories; of everything when `names` is empty.
///
/// # Errors
/// [`RepairError`]. What was repaired by then stays.
pub async fn repair(
    owner: &Owner,
    names: &[String],
    when: When,
    operation: &Operation,
) -> Result<RepairReport, RepairError> {
    operation.stage("scanning");
    let names = names.to_vec();
    let trigger = Trigger::read(owner, when).await?;
    let due = owner.library_job(move |library| due(library, &names, trigger)).await??;
    let mut run = Run::begin(owner, trigger, &due, operation);
    for DueSegment { segment, .. } in due {
        run.go_on(segment).await?;
    }
    Ok(run.end())
}

/// A segment of which something is to be made again: what its place in the order takes, and not all that is known of it, since a
/// library may have any number of them. They sort by it, the most endangered first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct DueSegment {
    rank: (HealthState, i64),
    segment: SegmentId,
    shards: u64,
}

/// The segments of these files of which something is to be made again.
fn due(library: &Library, names: &[String], trigger: Trigger) -> Result<Vec<DueSegment>, CheckError> {
    let mut walk = Walk::new(library, names)?;
    let mut due = Vec::new();
    loop {
        let segments = walk.next(library)?;
        if segments.is_empty() {
            due.sort();
            return Ok(due);
        }
        due.extend(due_of(&segments, trigger));
    }
}

/// Those of these segments of which something is to be made again. What somebody else stored is theirs to repair.
fn due_of(segments: &[SegmentRecord], trigger: Trigger) -> impl Iterator<Item = DueSegment> {
    let ours = segments.iter().filter(|segment| segment.is_ours);
    let due = ours.map(move |segment| DueSegment {
        rank: health(segment).rank(),
        segment: segment.id,
        shards: wanted(segment, trigger).len() as u64,
    });
    due.filter(|due| due.shards > 0)
}

fn health(segment: &SegmentRecord) -> Health {
    let alive = segment.shards.iter().filter(|shard| shard.state == ShardState::Healthy).count();
    Health {
        alive: u32::try_from(alive).unwrap_or(u32::MAX),
        needed: segment.profile.k().into(),
        total: segment.profile.n().into(),
        // A repair goes by what is on record, however old.
        is_stale: false,
    }
}

/// One repair of any number of segments.
struct Run<'a> {
    owner: &'a Owner,
    trigger: Trigger,
    operation: &'a Operation,
    began: Instant,
    /// When more hosts were looked for: it takes seconds, and their answers count for a minute.
    looked_at: Option<Instant>,
    /// Hosts that did not answer when they were asked once more: not for every segment that they hold again.
    silent: BTreeSet<PeerId>,
    report: RepairReport,
}

impl<'a> Run<'a> {
    fn begin(owner: &'a Owner, trigger: Trigger, due: &[DueSegment], operation: &'a Operation) -> Self {
        operation.update(|progress| progress.total_shards = due.iter().map(|due| due.shards).sum());
        operation.stage("repairing");
        let (began, report) = (Instant::now(), RepairReport::default());
        Self { owner, trigger, operation, began, looked_at: None, silent: BTreeSet::new(), report }
    }

    /// Repairs one segment.
    async fn go_on(&mut self, segment: SegmentId) -> Result<(), RepairError> {
        let cancel = self.operation.cancel();
        let before = self.moved_bytes();
        let repaired = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(CheckError::Interrupted.into()),
            repaired = self.repair(segment) => repaired,
        };
        self.count_moved(before);
        self.note(segment, repaired)?;
        self.owner.library_changed();
        Ok(())
    }

    fn end(mut self) -> RepairReport {
        self.report.duration_s = self.began.elapsed().as_secs_f64();
        self.operation.publish();
        self.report
    }

    async fn repair(&mut self, id: SegmentId) -> Result<(), RepairError> {
        let owner = self.owner;
        let Some(_claim) = owner.in_flight().claim(id) else {
            self.leave(id, WaitReason::Busy, 0);
            return Ok(());
        };
        let Some((segment, addresses)) = look_up(owner, id).await? else { return Ok(()) };
        // Things may have changed since the segments were looked through.
        let Some((segment, wanted)) = self.still_wanted(segment, &addresses).await? else { return Ok(()) };
        let (blind_key, wanted) = blinding(owner, &segment, wanted).await?;
        let holders: BTreeSet<PeerId> = segment.shards.iter().map(|shard| shard.host).collect();
        if self.hosts_beyond(&holders, wanted.len()).await? == 0 {
            self.leave(id, WaitReason::NotEnoughHosts, wanted.len());
            return Ok(());
        }
        let _permit = owner.segment_permits().acquire().await.map_err(|_| CheckError::Interrupted)?;
        let needed = usize::from(segment.profile.k());
        let sources = (by_hope(owner, &segment), needed);
        let shards = self.read(&segment, &addresses, sources, Silence::Counts).await?;
        if shards.len() < needed {
            self.leave(id, WaitReason::TooFewShards, wanted.len());
            return Ok(());
        }
        // What just answered is there after all, unless its copy had failed.
        let failed =
            |index: &u8| segment.shards.iter().any(|shard| shard.index == *index && shard.failed.is_some());
        let is_wanted = |index: &u8| failed(index) || !shards.contains_key(index);
        let wanted: Vec<u8> = wanted.into_iter().filter(is_wanted).collect();
        // Gathering may have taken longer than the hosts' answers count.
        self.hosts_beyond(&holders, wanted.len()).await?;
        let shard_bytes = shards.values().next().map_or(0, Vec::len);
        let mut job =
            Job { owner, segment, taken: holders, shards: Arc::new(shards), operation: self.operation };
        let mut placed = 0;
        for (round, some) in wanted.chunks(REBUILT_AT_ONCE).enumerate() {
            placed += job.round(some.to_vec(), &blind_key, &mut self.report).await?;
            // Where one found no host, the next finds none either.
            if placed < (round * REBUILT_AT_ONCE) + some.len() {
                break;
            }
        }
        self.count_least(needed, placed, shard_bytes);
        if placed < wanted.len() {
            self.leave(id, WaitReason::NotEnoughHosts, wanted.len() - placed);
        }
        if let Some(segment) = owner.library_job(move |library| library.own_segment(&id)).await?? {
            let health = catalogue::health(health(&segment));
            self.report.health.push(RepairedSegment { segment: id.to_string(), health });
        }
        Ok(())
    }

    /// What of a segment is to be made again; none if nothing is. Hosts are not always asked when they are back: where nothing is
    /// waited for any more, those that are away are asked once more before others do their work.
    async fn still_wanted(
        &mut self,
        segment: SegmentRecord,
        addresses: &BTreeMap<PeerId, Vec<String>>,
    ) -> Result<Option<(SegmentRecord, Vec<u8>)>, RepairError> {
        let mut segment = segment;
        if self.trigger.is_cut_short(&segment) {
            ask_again(self.owner, &segment, addresses, &mut self.silent).await?;
            let id = segment.id;
            let Some(now) = self.owner.library_job(move |library| library.own_segment(&id)).await?? else {
                return Ok(None);
            };
            segment = now;
        }
        let wanted = wanted(&segment, self.trigger);
        Ok((!wanted.is_empty()).then_some((segment, wanted)))
    }

    /// A segment that cannot be repaired keeps no other from being repaired.
    fn note(&mut self, id: SegmentId, repaired: Result<(), RepairError>) -> Result<(), RepairError> {
        match repaired {
            Err(error) if error.is_of_one_segment() => {
                tracing::error!(segment = %id, %error, "a segment cannot be repaired");
                self.leave(id, WaitReason::Damaged, 0);
                Ok(())
            }
            other => other,
        }
    }

    fn leave(&mut self, id: SegmentId, reason: WaitReason, shards: usize) {
        let waiting = WaitingSegment { segment: id.to_string(), reason, shards: shards as u64 };
        self.report.waiting.push(waiting);
    }

    /// How many hosts could take a shard beside `holders`. Looks for more while these are fewer than wanted.
    async fn hosts_beyond(
        &mut self,
        holders: &BTreeSet<PeerId>,
        wanted: usize,
    ) -> Result<usize, RepairError> {
        let count = || {
            let eligible = self.owner.hosts().eligible();
            eligible.iter().filter(|host| !holders.contains(&host.contact.peer)).count()
        };
        let is_recent = self.looked_at.is_some_and(|at| at.elapsed() < LOOK_AGAIN);
        if count() < wanted && !is_recent {
            self.owner.hosts().refresh().await?;
            self.looked_at = Some(Instant::now());
        }
        Ok(count())
    }
}

/// One segment whose shards are together.
struct Job<'a> {
    owner: &'a Owner,
    segment: SegmentRecord,
    /// Hosts that hold a shard of it, good or bad: none gets a second one.
    taken: BTreeSet<PeerId>,
    shards: Arc<BTreeMap<u8, Vec<u8>>>,
    operation: &'a Operation,
}

impl Job<'_> {
    /// Rebuilds, places and records some shards; returns how many found a host.
    async fn round(
        &mut self,
        wanted: Vec<u8>,
        blind_key: &SegmentBlindKey,
        report: &mut RepairReport,
    ) -> Result<usize, RepairError> {
        let rebuilt = self.rebuild(wanted, blind_key.clone()).await?;
        self.place(rebuilt, None, report).await
    }

    /// Places and records some shards, of which `from` keeps good copies until then; returns how many found a host.
    async fn place(
        &mut self,
        rebuilt: Vec<Rebuilt>,
        from: Option<PeerId>,
        report: &mut RepairReport,
    ) -> Result<usize, RepairError> {
        let id = self.segment.id;
        let is_going = |peer: &PeerId| {
            let is_failed = |shard: &ShardRecord| shard.host == *peer && shard.failed.is_some();
            from == Some(*peer) || self.segment.shards.iter().any(is_failed)
        };
        let held = self.owner.hosts().held_by(self.taken.iter().filter(|peer| !is_going(peer)));
        let profile = self.segment.profile;
        // A host that is to drop one of them may have it still, and is told to keep it with the record.
        let _wanted = self.owner.letting_go().want(rebuilt.iter().map(|shard| shard.root).collect()).await;
        let turn = self.owner.turn_to_send().await.map_err(|_| CheckError::Interrupted)?;
        let Brought { stored, spare_copies, sent_bytes } =
            bring(self.owner, rebuilt, &self.taken, (&held, profile), self.operation).await?;
        drop(turn);
        self.taken.extend(stored.iter().chain(&spare_copies).map(|shard| shard.host));
        report.bytes_sent += sent_bytes;
        report.rebuilt += stored.len() as u64;
        report.placed.extend(stored.iter().map(|shard| PlacedShard {
            segment: id.to_string(),
            index: u32::from(shard.index),
            host: shard.host.to_string(),
        }));
        let placed = stored.len();
        let now_unix_s = self.owner.now_unix_s();
        let record = move |library: &Library| -> Result<(), JournalError> {
            let mark = |shard: &StoredShard| ShardMark {
                segment: id,
                index: shard.index,
                host: shard.host,
                shard: None,
                state: ShardState::Healthy,
            };
            let marks: Vec<ShardMark> = stored.iter().map(mark).collect();
            match from {
                Some(from) => library.shards_moved(&id, &from, &stored)?,
                None => library.shards_stored(&id, &stored)?,
            }
            // Copies that were not proven were never recorded.
            library.discard(&spare_copies)?;
            library.mark_shards(&marks, now_unix_s)?;
            Ok(())
        };
        self.owner.library_job(record).await??;
        Ok(placed)
    }

    async fn rebuild(
        &self,
        wanted: Vec<u8>,
        blind_key: SegmentBlindKey,
    ) -> Result<Vec<Rebuilt>, RepairError> {
        let id = self.segment.id;
        let remembered: BTreeMap<u8, ShardRoot> =
            self.segment.shards.iter().map(|shard| (shard.index, shard.root)).collect();
        let (profile, len_bytes) = (self.segment.profile, u64::from(self.segment.len_bytes));
        let shards = Arc::clone(&self.shards);
        let job = move || {
            let rebuilder = ShardRebuilder::new(profile, &blind_key, len_bytes, &wanted)?;
            rebuild(rebuilder, &wanted, &shards)
        };
        let rebuilt = self.owner.workers().run(job).await?;
        let rebuilt = rebuilt.map_err(|source| RepairError::Decode { segment: id, source })?;
        match rebuilt
            .iter()
            .find(|shard| remembered.get(&shard.index).is_some_and(|root| *root != shard.root))
        {
            Some(other) => Err(RepairError::OtherShard { segment: id, index: other.index }),
            None => Ok(rebuilt),
        }
    }
}

#[cfg(test)]
mod tests {
    use layr_codec::{LayoutError, SegmentId};
    use layr_library::{JournalError, StoreError};

    use super::RepairError;
    use crate::check::CheckError;
    use crate::clock::EntropyError;
    use crate::workers::WorkerLost;

    /// One damaged row must not keep all other files from being repaired, for ever.
    #[test]
    fn only_what_concerns_all_segments_ends_a_repair() {
        let segment = SegmentId::from_bytes([1; 16]);
        let of_one: [RepairError; 4] = [
            CheckError::from(LayoutError::Empty).into(),
            JournalError::UnknownSegment { segment }.into(),
            JournalError::NoSuchShard { segment, index: 30 }.into(),
            RepairError::OtherShard { segment, index: 3 },
        ];
        let of_all: [RepairError; 5] = [
            StoreError::DiskFull.into(),
            JournalError::Store(StoreError::DiskFull).into(),
            WorkerLost { reason: String::new() }.into(),
            CheckError::from(EntropyError { reason: String::new() }).into(),
            CheckError::Interrupted.into(),
        ];
        for error in of_one {
            assert!(error.is_of_one_segment(), "{error}");
        }
        for error in of_all {
            assert!(!error.is_of_one_segment(), "{error}");
        }
    }
}
