//! Checking shards whole: each is downloaded and hashed to its root, and the library learns the outcome. Memory holds the ids of
//! the files and segments and some segments at a time; a report that names every shard grows with their number.

mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::stream;
use futures::{Stream, StreamExt, TryStreamExt};
use layr_codec::{LayoutError, PIECE_BYTES, SegmentId, SegmentLayout, ShardHasher, ShardRoot};
use layr_keys::PeerId;
use layr_library::{Library, NameError, SegmentRecord, ShardMark, ShardRecord, ShardState, StoreError};
use parking_lot::Mutex;
use tokio::time::Instant;

use self::walk::Walk;
use crate::api::{CheckPlan, CheckReport, CheckResult, CheckSize, CheckedShard};
use crate::client::{ClientError, HostContact, Verdict};
use crate::error::{ErrorCode, NodeError};
use crate::operation::Operation;
use crate::owner::Owner;
use crate::upload::sentence;
use crate::wire::ByteRange;
use crate::workers::WorkerLost;

/// Shards checked at once. Each holds a few pieces and one stream; more would not go faster on a home line.
const CHECKED_AT_ONCE: usize = 16;
/// Bytes received before they are hashed: few jobs, little memory.
const HASHED_BYTES: usize = 4 * PIECE_BYTES;
/// Outcomes recorded in one transaction.
const MARKED_AT_ONCE: usize = 256;

/// Why a check could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// No such file.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The library failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Impossible geometry: the database is damaged.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The person or a signal stopped it.
    #[error("the check was interrupted")]
    Interrupted,
    /// A worker was lost.
    #[error(transparent)]
    Worker(#[from] WorkerLost),
}

impl From<VerifyError> for NodeError {
    fn from(error: VerifyError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            VerifyError::Name(error) => crate::catalogue::name_error(error),
            VerifyError::Store(error) => crate::catalogue::store_error(&error),
            VerifyError::Layout(_) => Self::new(ErrorCode::DatabaseUnusable, text),
            VerifyError::Interrupted => Self::new(ErrorCode::Interrupted, text),
            VerifyError::Worker(_) => Self::new(ErrorCode::Internal, text),
        }
    }
}

/// One shard to check.
#[derive(Debug, Clone)]
struct Task {
    segment: SegmentId,
    index: u8,
    /// None for one that no host ever took: it is missing without asking.
    place: Option<Place>,
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

/// How much a report tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Every shard that was checked. Takes memory for each.
    Shards,
    /// How many of each kind.
    Counts,
}

/// What [`verify`] of these would read. Asks nobody.
///
/// # Errors
/// [`VerifyError`].
pub async fn plan(owner: &Owner, names: Vec<String>) -> Result<CheckPlan, VerifyError> {
    Ok(look(owner, names).await?.0)
}

/// What a check of these would read, and of how many segments fewer shards lie anywhere than bring one back.
async fn look(owner: &Owner, names: Vec<String>) -> Result<(CheckPlan, u64), VerifyError> {
    let look_up = move |library: &Library| {
        let mut walk = Walk::new(library, &names)?;
        let (mut plan, mut short) = (CheckPlan::default(), 0);
        loop {
            let segments = walk.next(library)?;
            if segments.is_empty() {
                return Ok::<_, VerifyError>((plan, short));
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

/// Whether fewer shards of it lie anywhere than bring it back.
fn is_short(segment: &SegmentRecord) -> bool {
    segment.shards.len() < usize::from(segment.profile.k())
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
/// [`VerifyError`]. Bad shards are no error: they are in the report.
pub async fn verify(
    owner: &Owner,
    names: &[String],
    quick: bool,
    told: Told,
    operation: &Operation,
) -> Result<CheckReport, VerifyError> {
    let began = Instant::now();
    operation.stage("scanning");
    let names = names.to_vec();
    let (plan, short_segments) = look(owner, names.clone()).await?;
    let size = if quick { plan.quick } else { plan.thorough };
    operation.update(|progress| progress.total_bytes = size.bytes);
    operation.stage("checking");
    let walk = owner.library_job(move |library| Walk::new(library, &names)).await??;
    let check = Check { owner, operation, down: Arc::default() };
    let cancel = operation.cancel();
    let mut report = CheckReport { short_segments, ..CheckReport::default() };
    let mut marks = Vec::new();
    {
        let check = &check;
        let checked = tasks(owner, walk, quick).map(|task| async move {
            let task = task?;
            let (result, bytes) = match &task.place {
                Some(place) => check.run(&task, place).await,
                None => (Ok(CheckResult::Missing), 0),
            };
            Ok((task, result?, bytes))
        });
        let mut checked = std::pin::pin!(checked.buffer_unordered(CHECKED_AT_ONCE));
        loop {
            let next = tokio::select! {
                biased;
                () = cancel.cancelled() => Err(VerifyError::Interrupted),
                next = checked.next() => match next {
                    Some(next) => next,
                    None => break,
                },
            };
            let (task, result, bytes) = match next {
                Ok(next) => next,
                Err(error) => {
                    // What was found so far is true all the same.
                    record(owner, marks).await?;
                    return Err(error);
                }
            };
            report.bytes_received += bytes;
            let host = task.place.as_ref().map(|place| place.host);
            if let Some(host) = host {
                marks.push(ShardMark {
                    segment: task.segment,
                    index: task.index,
                    host,
                    state: state(result),
                });
            }
            count(&mut report, result);
            if told == Told::Shards {
                let host = host.map(|host| host.to_string()).unwrap_or_default();
                let (segment, index) = (task.segment.to_string(), u32::from(task.index));
                report.shards.push(CheckedShard { segment, index, host, result });
            }
            if marks.len() >= MARKED_AT_ONCE {
                record(owner, std::mem::take(&mut marks)).await?;
            }
        }
    }
    record(owner, marks).await?;
    report.shards.sort_by(|left, right| (&left.segment, left.index).cmp(&(&right.segment, right.index)));
    report.duration_s = began.elapsed().as_secs_f64();
    operation.publish();
    Ok(report)
}

/// The shards along a walk, which goes on when those before it are being checked.
fn tasks(owner: &Owner, walk: Walk, quick: bool) -> impl Stream<Item = Result<Task, VerifyError>> {
    let pages = stream::try_unfold(walk, move |mut walk| async move {
        let step = move |library: &Library| {
            let segments = walk.next(library)?;
            let hosts = segments.iter().flat_map(|segment| &segment.shards).map(|shard| shard.host).collect();
            let addresses = Arc::new(library.host_addresses(&hosts)?);
            let mut tasks = Vec::new();
            for segment in &segments {
                note_segment(segment, quick, &addresses, &mut tasks)?;
            }
            Ok::<_, VerifyError>((!segments.is_empty()).then_some((tasks, walk)))
        };
        let step = owner.library_job(step).await??;
        Ok::<_, VerifyError>(step.map(|(tasks, walk)| (stream::iter(tasks.into_iter().map(Ok)), walk)))
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
        let placed: BTreeSet<u8> = segment.shards.iter().map(|shard| shard.index).collect();
        let unplaced = (0..segment.profile.n()).filter(|index| !placed.contains(index));
        tasks.extend(unplaced.map(|index| Task { segment: segment.id, index, place: None }));
    }
    tasks.extend(chosen(segment, quick).into_iter().map(|shard| {
        let place =
            Place { root: shard.root, host: shard.host, shard_bytes, addresses: Arc::clone(addresses) };
        Task { segment: segment.id, index: shard.index, place: Some(place) }
    }));
    Ok(())
}

fn count(report: &mut CheckReport, result: CheckResult) {
    match result {
        CheckResult::Passed => report.passed += 1,
        CheckResult::Missing => report.failed += 1,
        CheckResult::Corrupt => {
            report.failed += 1;
            report.corrupt += 1;
        }
        CheckResult::Unreachable => report.unreachable += 1,
    }
}

fn state(result: CheckResult) -> ShardState {
    match result {
        CheckResult::Passed => ShardState::Healthy,
        CheckResult::Missing => ShardState::Missing,
        CheckResult::Corrupt => ShardState::Corrupt,
        CheckResult::Unreachable => ShardState::Unreachable,
    }
}

async fn record(owner: &Owner, marks: Vec<ShardMark>) -> Result<(), VerifyError> {
    if marks.is_empty() {
        return Ok(());
    }
    let now_unix_s = owner.now_unix_s();
    owner.library_job(move |library| library.mark_shards(&marks, now_unix_s)).await??;
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
    async fn run(&self, task: &Task, place: &Place) -> (Result<CheckResult, WorkerLost>, u64) {
        let mut bytes = 0;
        // A stream that breaks in the middle says nothing about the shard: once more.
        for attempt in 1.. {
            if self.down.lock().contains(&place.host) {
                return (Ok(CheckResult::Unreachable), bytes);
            }
            let error = match self.hash(place, &mut bytes).await {
                Ok(Ok(root)) => {
                    self.owner.hosts().note_alive(place.host);
                    let result =
                        if root == Some(place.root) { CheckResult::Passed } else { CheckResult::Corrupt };
                    return (Ok(result), bytes);
                }
                Ok(Err(error)) => error,
                Err(lost) => return (Err(lost), bytes),
            };
            tracing::debug!(segment = %task.segment, index = task.index, host = %place.host, %error, "a check failed");
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
            return (Ok(result), bytes);
        }
        (Ok(CheckResult::Unreachable), bytes)
    }

    /// The root of what the host sends for the shard.
    async fn hash(
        &self,
        place: &Place,
        received: &mut u64,
    ) -> Result<Result<Option<ShardRoot>, ClientError>, WorkerLost> {
        let recorded = place.addresses.get(&place.host).map(Vec::as_slice).unwrap_or_default();
        let host: HostContact = self.owner.hosts().contact(place.host, recorded);
        let shard_bytes = place.shard_bytes;
        let whole = vec![ByteRange { offset: 0, len: shard_bytes }];
        let mut stream = match self.owner.client().get_patiently(&host, place.root, whole, shard_bytes).await
        {
            Ok(stream) => stream,
            Err(error) => return Ok(Err(error)),
        };
        let mut hasher = ShardHasher::new();
        let mut left = usize::try_from(shard_bytes).unwrap_or(usize::MAX);
        while left > 0 {
            let bytes = match stream.receive(left.min(HASHED_BYTES)).await {
                Ok(bytes) => bytes,
                Err(error) => return Ok(Err(error)),
            };
            left -= bytes.len();
            *received += bytes.len() as u64;
            let more = bytes.len() as u64;
            self.operation.update(|progress| progress.done_bytes += more);
            let job = move || {
                hasher.update(&bytes);
                hasher
            };
            hasher = self.owner.workers().run(job).await?;
        }
        let finished = self.owner.workers().run(move || hasher.finish()).await?;
        Ok(Ok(finished.map(|(root, _)| ShardRoot::from(root))))
    }
}
