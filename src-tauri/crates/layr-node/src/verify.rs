//! Checking shards whole: each is downloaded and hashed to its root, and the library learns the outcome. Memory holds the ids of
//! the files and segments and some segments at a time; a report that names every shard grows with their number.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::stream;
use futures::{Stream, StreamExt, TryStreamExt};
use layr_codec::{LayoutError, SegmentLayout, ShardRoot};
use layr_keys::PeerId;
use layr_library::{AskedShard, Library, SegmentRecord, ShardRecord, ShardState};
use parking_lot::Mutex;

use crate::api::{CheckPlan, CheckReport, CheckResult, CheckSize};
use crate::check::{CheckError, Evidence, Findings, Looked, Told, Walk, is_short, result_of, unplaced};
use crate::client::{ClientError, Verdict};
use crate::operation::Operation;
use crate::owner::Owner;
use crate::whole::{Keep, read_whole};
use crate::workers::WorkerLost;

/// Shards checked at once. Each holds a few pieces and one stream; more would not go faster on a home line.
const CHECKED_AT_ONCE: usize = 16;

/// One shard to check.
#[derive(Debug, Clone)]
struct Task {
    looked: Looked,
    /// Where it lies; what is known without asking of one that no host ever took, or whose copy failed before.
    place: Result<Place, CheckResult>,
}

/// Where a shard lies.
#[derive(Debug, Clone)]
struct Place {
    root: ShardRoot,
    host: PeerId,
    shard_bytes: u32,
    /// Where the library says that the hosts are, which many tasks have in common.
    addresses: Arc<BTreeMap<PeerId, Vec<String>>>,
}

/// What [`verify`] of these would read. Asks nobody.
///
/// # Errors
/// [`CheckError`].
pub async fn plan(owner: &Owner, names: Vec<String>) -> Result<CheckPlan, CheckError> {
    Ok(look(owner, names).await?.0)
}

/// What a check of these would read, and of how many segments fewer shards lie anywhere than bring one back.
pub(crate) async fn look(owner: &Owner, names: Vec<String>) -> Result<(CheckPlan, u64), CheckError> {
    let look_up = move |library: &Library| {
        let mut walk = Walk::new(library, &names)?;
        let (mut plan, mut short) = (CheckPlan::default(), 0);
        loop {
            let segments = walk.next(library)?;
            if segments.is_empty() {
                return Ok::<_, CheckError>((plan, short));
            }
            for segment in &segments {
                add(&mut plan.quick, segment, true)?;
                add(&mut plan.thorough, segment, false)?;
                short += u64::from(is_short(segment));
            }
        }
    };
    owner.library_job(look_up).await?
}

fn add(size: &mut CheckSize, segment: &SegmentRecord, quick: bool) -> Result<(), LayoutError> {
    let layout = SegmentLayout::new(segment.profile, u64::from(segment.len_bytes))?;
    let shards = chosen(segment, quick).len() as u64;
    size.shards += shards;
    size.bytes += shards * layout.shard_bytes();
    Ok(())
}

/// The shards of a segment that are asked for; with `quick` as many as suffice to read it, the likeliest first.
fn chosen(segment: &SegmentRecord, quick: bool) -> Vec<&ShardRecord> {
    let mut shards: Vec<&ShardRecord> = segment.shards.iter().collect();
    if quick {
        shards.sort_by_key(|shard| (shard.state != ShardState::Healthy, shard.index));
        shards.truncate(usize::from(segment.profile.k()));
    }
    shards
}

/// Checks all shards of these files and directories, of everything when `names` is empty; with `quick` only as many of each
/// segment as suffice to read it.
///
/// # Errors
/// [`CheckError`].
pub async fn verify(
    owner: &Owner,
    names: &[String],
    quick: bool,
    told: Told,
    operation: &Operation,
) -> Result<CheckReport, CheckError> {
    operation.stage("scanning");
    let names = names.to_vec();
    let (plan, short_segments) = look(owner, names.clone()).await?;
    let size = if quick { plan.quick } else { plan.thorough };
    operation.update(|progress| progress.total_bytes = size.bytes);
    operation.stage("checking");
    let walk = owner.library_job(move |library| Walk::new(library, &names)).await??;
    let mut findings = Findings::new(told);
    findings.report().short_segments = short_segments;
    // What was found so far is true all the same.
    let outcome = run(owner, walk, quick, operation, &mut findings).await;
    let report = findings.finish(owner).await?;
    operation.publish();
    outcome.map(|()| report)
}

async fn run(
    owner: &Owner,
    walk: Walk,
    quick: bool,
    operation: &Operation,
    findings: &mut Findings,
) -> Result<(), CheckError> {
    let check = &Check { owner, operation, down: Arc::default() };
    let checked = tasks(owner, walk, quick).map(|task| async move {
        let task = task?;
        let (found, bytes) = match &task.place {
            Ok(place) => check.run(&task, place).await,
            Err(known) => (Ok((*known, Evidence::Known)), 0),
        };
        Ok::<_, CheckError>((task.looked, found?, bytes))
    });
    let mut checked = std::pin::pin!(checked.buffer_unordered(CHECKED_AT_ONCE));
    let cancel = operation.cancel();
    loop {
        let next = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(CheckError::Interrupted),
            next = checked.next() => next,
        };
        let Some(next) = next else { return Ok(()) };
        let (looked, (result, evidence), bytes) = next?;
        findings.report().bytes_received += bytes;
        findings.add(looked, result, evidence);
        findings.record_full(owner).await?;
    }
}

/// The shards along a walk, which goes on when those before it are being checked.
fn tasks(owner: &Owner, walk: Walk, quick: bool) -> impl Stream<Item = Result<Task, CheckError>> {
    let pages = stream::try_unfold(walk, move |mut walk| async move {
        let step = move |library: &Library| {
            let segments = walk.next(library)?;
            let hosts = segments.iter().flat_map(|segment| &segment.shards).map(|shard| shard.host).collect();
            let addresses = Arc::new(library.host_addresses(&hosts)?);
            let mut tasks = Vec::new();
            for segment in &segments {
                note_segment(segment, quick, &addresses, &mut tasks)?;
            }
            Ok::<_, CheckError>((!segments.is_empty()).then_some((tasks, walk)))
        };
        let step = owner.library_job(step).await??;
        Ok::<_, CheckError>(step.map(|(tasks, walk)| (stream::iter(tasks.into_iter().map(Ok)), walk)))
    });
    pages.try_flatten()
}

/// Queues a segment's shards, those that no host ever took among them unless it is `quick`.
fn note_segment(
    segment: &SegmentRecord,
    quick: bool,
    addresses: &Arc<BTreeMap<PeerId, Vec<String>>>,
    tasks: &mut Vec<Task>,
) -> Result<(), LayoutError> {
    let layout = SegmentLayout::new(segment.profile, u64::from(segment.len_bytes))?;
    let shard_bytes = u32::try_from(layout.shard_bytes()).unwrap_or(u32::MAX);
    if !quick {
        let nowhere = |index| Task {
            looked: Looked { segment: segment.id, index, host: None, shard: None },
            place: Err(CheckResult::Missing),
        };
        tasks.extend(unplaced(segment).map(nowhere));
    }
    tasks.extend(chosen(segment, quick).into_iter().map(|shard| {
        let place =
            Place { root: shard.root, host: shard.host, shard_bytes, addresses: Arc::clone(addresses) };
        let looked = Looked {
            segment: segment.id,
            index: shard.index,
            host: Some(shard.host),
            shard: Some(AskedShard { root: shard.root, shard_bytes: layout.shard_bytes() }),
        };
        Task { looked, place: shard.failed.map_or(Ok(place), |failure| Err(result_of(failure))) }
    }));
    Ok(())
}

/// One run of checks.
struct Check<'a> {
    owner: &'a Owner,
    operation: &'a Operation,
    /// Hosts that did not answer: nobody waits for them twice.
    down: Arc<Mutex<BTreeSet<PeerId>>>,
}

impl Check<'_> {
    async fn run(&self, task: &Task, place: &Place) -> (Result<(CheckResult, Evidence), WorkerLost>, u64) {
        const AWAY: (CheckResult, Evidence) = (CheckResult::Unreachable, Evidence::Hearsay);
        let mut bytes = 0;
        // A stream that breaks in the middle says nothing about the shard: once more.
        for attempt in 1.. {
            if self.down.lock().contains(&place.host) {
                return (Ok(AWAY), bytes);
            }
            let error = match self.hash(place, &mut bytes).await {
                Ok(Ok(root)) => {
                    self.owner.hosts().note_alive(place.host);
                    let result =
                        if root == Some(place.root) { CheckResult::Passed } else { CheckResult::Corrupt };
                    return (Ok((result, Evidence::Proof)), bytes);
                }
                Ok(Err(error)) => error,
                Err(lost) => return (Err(lost), bytes),
            };
            let Looked { segment, index, .. } = task.looked;
            tracing::debug!(%segment, index, host = %place.host, %error, "a check failed");
            let interrupted = matches!(error, ClientError::Broken { .. } | ClientError::Truncated { .. });
            if attempt == 1 && interrupted {
                continue;
            }
            self.owner.hosts().note_failure(place.host, &error);
            let result = match error.verdict() {
                Verdict::Missing => CheckResult::Missing,
                Verdict::Corrupt => CheckResult::Corrupt,
                Verdict::Unreachable | Verdict::Busy | Verdict::NoRoom => {
                    self.down.lock().insert(place.host);
                    CheckResult::Unreachable
                }
            };
            return (Ok((result, Evidence::Hearsay)), bytes);
        }
        (Ok(AWAY), bytes)
    }

    /// The root of what the host sends for the shard.
    async fn hash(
        &self,
        place: &Place,
        received: &mut u64,
    ) -> Result<Result<Option<ShardRoot>, ClientError>, WorkerLost> {
        let recorded = place.addresses.get(&place.host).map(Vec::as_slice).unwrap_or_default();
        let host = self.owner.hosts().contact(place.host, recorded);
        let count = |bytes| {
            *received += bytes;
            self.operation.update(|progress| progress.done_bytes += bytes);
        };
        let shard = (place.root, place.shard_bytes);
        let whole = read_whole(self.owner, &host, shard, Keep::Nothing, count).await?;
        Ok(whole.map(|whole| whole.root))
    }
}
