//! Checking shards whole: each is downloaded and hashed to its root, in constant memory, and the library learns the outcome.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::StreamExt;
use futures::stream;
use layr_codec::{LayoutError, PIECE_BYTES, SegmentId, SegmentLayout, ShardHasher, ShardRoot};
use layr_keys::PeerId;
use layr_library::{
    EntryKind, FileId, Library, LibraryPath, ListOptions, NameError, SegmentRecord, ShardMark, ShardRecord,
    ShardState, StoreError,
};
use parking_lot::Mutex;
use tokio::time::Instant;

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
/// Rows and segments asked of the library at a time.
const PAGE: usize = 500;
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
    layout: SegmentLayout,
    index: u8,
    root: ShardRoot,
    host: PeerId,
}

/// What [`verify`] of these would read. Asks nobody.
///
/// # Errors
/// [`VerifyError`].
pub async fn plan(owner: &Owner, names: Vec<String>) -> Result<CheckPlan, VerifyError> {
    let look_up = move |library: &Library| {
        let segments = segments_of(library, &names)?;
        Ok::<_, VerifyError>(CheckPlan {
            quick: size_of(&segments, true)?,
            thorough: size_of(&segments, false)?,
        })
    };
    owner.library_job(look_up).await?
}

fn size_of(segments: &BTreeMap<SegmentId, SegmentRecord>, quick: bool) -> Result<CheckSize, LayoutError> {
    let mut size = CheckSize::default();
    for segment in segments.values() {
        let mut tasks = Vec::new();
        note_segment(segment, quick, &mut tasks, &mut CheckReport::default())?;
        size.shards += tasks.len() as u64;
        size.bytes += tasks.iter().map(|task| task.layout.shard_bytes()).sum::<u64>();
    }
    Ok(size)
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
    operation: &Operation,
) -> Result<CheckReport, VerifyError> {
    let began = Instant::now();
    operation.stage("scanning");
    let names = names.to_vec();
    let look_up = move |library: &Library| {
        let segments = segments_of(library, &names)?;
        let hosts = segments.values().flat_map(|segment| &segment.shards).map(|shard| shard.host).collect();
        Ok::<_, VerifyError>((segments, library.host_addresses(&hosts)?))
    };
    let (segments, addresses) = owner.library_job(look_up).await??;
    let mut report = CheckReport::default();
    let mut tasks = Vec::new();
    for segment in segments.values() {
        note_segment(segment, quick, &mut tasks, &mut report)?;
    }
    operation.update(|progress| {
        progress.total_bytes = tasks.iter().map(|task| task.layout.shard_bytes()).sum();
    });
    operation.stage("checking");
    let check = Check { owner, operation, addresses, down: Arc::default() };
    let cancel = operation.cancel();
    let mut marks = Vec::new();
    {
        let check = &check;
        let checked = stream::iter(tasks).map(|task| async move {
            let (result, bytes) = check.run(&task).await;
            (task, result, bytes)
        });
        let mut checked = std::pin::pin!(checked.buffer_unordered(CHECKED_AT_ONCE));
        loop {
            let (task, result, bytes) = tokio::select! {
                biased;
                () = cancel.cancelled() => {
                    // What was found so far is true all the same.
                    record(owner, marks).await?;
                    return Err(VerifyError::Interrupted);
                }
                next = checked.next() => match next {
                    Some((task, result, bytes)) => (task, result?, bytes),
                    None => break,
                },
            };
            report.bytes_received += bytes;
            marks.push(ShardMark {
                segment: task.segment,
                index: task.index,
                host: task.host,
                state: state(result),
            });
            count(&mut report, &task.segment, task.index, task.host.to_string(), result);
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

/// The segments of everything named, each once.
fn segments_of(library: &Library, names: &[String]) -> Result<BTreeMap<SegmentId, SegmentRecord>, NameError> {
    let mut files: BTreeSet<FileId> = BTreeSet::new();
    if names.is_empty() {
        files_below(library, &LibraryPath::root(), &mut files)?;
    }
    for name in names {
        let row = library.resolve(name)?;
        match row.kind {
            EntryKind::Directory => files_below(library, &row.path, &mut files)?,
            EntryKind::File | EntryKind::Symlink => drop(files.insert(row.file)),
        }
    }
    let mut segments = BTreeMap::new();
    for file in files {
        let mut after = None;
        loop {
            let page = library.segments(file, None, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.cursor);
            segments.extend(page.into_iter().map(|segment| (segment.id, segment)));
        }
    }
    Ok(segments)
}

fn files_below(library: &Library, dir: &LibraryPath, files: &mut BTreeSet<FileId>) -> Result<(), NameError> {
    let options = ListOptions { is_recursive: true, with_versions: false };
    let mut after = None;
    loop {
        let page = library.ls(dir, options, after.as_ref(), PAGE)?;
        files.extend(page.rows.iter().filter(|row| row.kind == EntryKind::File).map(|row| row.file));
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Queues a segment's shards; those that no host ever took are missing without asking.
fn note_segment(
    segment: &SegmentRecord,
    quick: bool,
    tasks: &mut Vec<Task>,
    report: &mut CheckReport,
) -> Result<(), LayoutError> {
    let layout = SegmentLayout::new(segment.profile, u64::from(segment.len_bytes))?;
    let mut shards: Vec<&ShardRecord> = segment.shards.iter().collect();
    if quick {
        shards.sort_by_key(|shard| (shard.state != ShardState::Healthy, shard.index));
        shards.truncate(usize::from(segment.profile.k()));
    } else {
        let placed: BTreeSet<u8> = shards.iter().map(|shard| shard.index).collect();
        for index in (0..segment.profile.n()).filter(|index| !placed.contains(index)) {
            count(report, &segment.id, index, String::new(), CheckResult::Missing);
        }
    }
    tasks.extend(shards.into_iter().map(|shard| Task {
        segment: segment.id,
        layout,
        index: shard.index,
        root: shard.root,
        host: shard.host,
    }));
    Ok(())
}

fn count(report: &mut CheckReport, segment: &SegmentId, index: u8, host: String, result: CheckResult) {
    match result {
        CheckResult::Passed => report.passed += 1,
        CheckResult::Missing | CheckResult::Corrupt => report.failed += 1,
        CheckResult::Unreachable => report.unreachable += 1,
    }
    report.shards.push(CheckedShard { segment: segment.to_string(), index: u32::from(index), host, result });
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
    /// Where the library says that the hosts are.
    addresses: BTreeMap<PeerId, Vec<String>>,
    /// Hosts that did not answer: nobody waits for them twice.
    down: Arc<Mutex<BTreeSet<PeerId>>>,
}

impl Check<'_> {
    async fn run(&self, task: &Task) -> (Result<CheckResult, WorkerLost>, u64) {
        let mut bytes = 0;
        // A stream that breaks in the middle says nothing about the shard: once more.
        for attempt in 1.. {
            if self.down.lock().contains(&task.host) {
                return (Ok(CheckResult::Unreachable), bytes);
            }
            let error = match self.hash(task, &mut bytes).await {
                Ok(Ok(root)) => {
                    self.owner.hosts().note_alive(task.host);
                    let result =
                        if root == Some(task.root) { CheckResult::Passed } else { CheckResult::Corrupt };
                    return (Ok(result), bytes);
                }
                Ok(Err(error)) => error,
                Err(lost) => return (Err(lost), bytes),
            };
            tracing::debug!(segment = %task.segment, index = task.index, host = %task.host, %error, "a check failed");
            let interrupted = matches!(error, ClientError::Broken { .. } | ClientError::Truncated { .. });
            if attempt == 1 && interrupted {
                continue;
            }
            self.owner.hosts().note_failure(task.host, &error);
            let result = match error.verdict() {
                Verdict::Missing => CheckResult::Missing,
                Verdict::Corrupt => CheckResult::Corrupt,
                Verdict::Unreachable | Verdict::Busy | Verdict::NoRoom => {
                    self.down.lock().insert(task.host);
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
        task: &Task,
        received: &mut u64,
    ) -> Result<Result<Option<ShardRoot>, ClientError>, WorkerLost> {
        let recorded = self.addresses.get(&task.host).map(Vec::as_slice).unwrap_or_default();
        let host: HostContact = self.owner.hosts().contact(task.host, recorded);
        let shard_bytes = u32::try_from(task.layout.shard_bytes()).unwrap_or(u32::MAX);
        let whole = vec![ByteRange { offset: 0, len: shard_bytes }];
        let mut stream = match self.owner.client().get_patiently(&host, task.root, whole, shard_bytes).await {
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
