//! A lane: runs the transfers of one kind, one after the other, oldest first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use layr_library::{Library, PlacedFile, TransferEnd, TransferRow, TransferState, TransferTask};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::meter::{Meter, Reading};
use super::news;
use super::stored::{self, Outcome, Request};
use crate::activity::words;
use crate::api::{Progress, TransferKind};
use crate::background::TaskReport;
use crate::catalogue::store_error;
use crate::download::{self, Queued};
use crate::error::{ErrorCode, NodeError, Retry};
use crate::node::Node;
use crate::operation::{Operation, OperationKind};
use crate::upload;

/// Rest after the first failure that may pass by itself; doubled after each further one.
const FIRST_REST: Duration = Duration::from_secs(5);
/// Longest rest: a network that is back is noticed within it.
const LONGEST_REST: Duration = Duration::from_mins(5);
/// Rest when the library cannot be asked what to do.
const LIBRARY_REST: Duration = Duration::from_secs(30);
/// While something runs its speed changes even if nothing moves.
const ANNOUNCE_RUNNING_EVERY: Duration = Duration::from_secs(1);

/// What runs and what rests in one lane.
#[derive(Debug, Default)]
pub(super) struct Lane {
    wake: Notify,
    running: Mutex<Option<Running>>,
    /// Transfers that failed and will be tried again; at most as many as wait.
    rests: Mutex<BTreeMap<u64, Rest>>,
}

#[derive(Debug)]
struct Running {
    id: u64,
    operation: Operation,
    meter: Meter,
}

#[derive(Debug)]
struct Rest {
    until: Instant,
    failures: u32,
    /// Whether what the person should know about it is among what happened.
    is_told: bool,
    error: NodeError,
}

/// What a window shows of a running transfer.
pub(super) struct View {
    pub progress: Progress,
    pub reading: Reading,
}

impl Lane {
    /// Lets the lane look at the queue again.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Stops what runs, if it is the transfer of this id, or whatever runs.
    pub(super) fn interrupt(&self, id: Option<u64>) {
        if let Some(running) = &*self.running.lock()
            && id.is_none_or(|id| id == running.id)
        {
            running.operation.cancel().cancel();
        }
    }

    /// Forgets that a transfer failed before; all of them without an id.
    pub(super) fn end_rest(&self, id: Option<u64>) {
        match id {
            Some(id) => drop(self.rests.lock().remove(&id)),
            None => self.rests.lock().clear(),
        }
    }

    /// The running transfer, if it is the one of this id.
    pub(super) fn view(&self, id: u64, now: Instant) -> Option<View> {
        let running = self.running.lock();
        let running = running.as_ref().filter(|running| running.id == id)?;
        let progress = running.operation.progress().borrow().clone();
        let left = progress.total_bytes.checked_sub(progress.done_bytes);
        let left = left.filter(|_| progress.total_bytes > 0);
        Some(View { reading: running.meter.read(now, left), progress })
    }

    /// What a transfer failed with last and when it is tried again.
    pub(super) fn rest_of(&self, id: u64, now: Instant) -> Option<(NodeError, Duration)> {
        let rests = self.rests.lock();
        rests.get(&id).map(|rest| (rest.error.clone(), rest.until.saturating_duration_since(now)))
    }

    fn is_running(&self, id: u64) -> bool {
        self.running.lock().as_ref().is_some_and(|running| running.id == id)
    }

    /// Lets a transfer rest; longer after each failure, unless it ran well for long. Tells whether the person knows of it.
    fn rest(&self, id: u64, ran_for: Duration, error: NodeError) -> bool {
        let mut rests = self.rests.lock();
        let before = rests.get(&id).filter(|_| ran_for <= LONGEST_REST);
        let (failures, is_told) =
            before.map_or((1, false), |rest| (rest.failures.saturating_add(1), rest.is_told));
        let length = FIRST_REST.saturating_mul(1 << (failures - 1).min(16)).min(LONGEST_REST);
        rests.insert(id, Rest { until: Instant::now() + length, failures, is_told, error });
        is_told
    }

    /// The person can read now what this transfer rests for.
    fn told(&self, id: u64) {
        if let Some(rest) = self.rests.lock().get_mut(&id) {
            rest.is_told = true;
        }
    }

    /// Whether a transfer other than this one rests for want of hosts.
    fn others_lack_hosts(&self, id: u64) -> bool {
        let lacks =
            |(other, rest): (&u64, &Rest)| *other != id && rest.error.code == ErrorCode::NotEnoughHosts;
        self.rests.lock().iter().any(lacks)
    }

    /// The first of these that does not rest, or when the first rest ends.
    fn choose(&self, waiting: &[u64]) -> Next {
        let now = Instant::now();
        let mut rests = self.rests.lock();
        rests.retain(|id, _| waiting.binary_search(id).is_ok());
        let is_ready = |id: &&u64| rests.get(*id).is_none_or(|rest| rest.until <= now);
        match waiting.iter().find(is_ready) {
            Some(id) => Next::Run(*id),
            None => Next::Wait(rests.values().map(|rest| rest.until).min()),
        }
    }

    fn begin(&self, id: u64, operation: Operation) -> RunningGuard<'_> {
        *self.running.lock() = Some(Running { id, operation, meter: Meter::default() });
        RunningGuard { lane: self }
    }

    fn measure(&self, progress: &Progress) {
        let mut running = self.running.lock();
        let Some(running) = running.as_mut() else { return };
        match progress.stage.as_str() {
            "sending" | "receiving" => running.meter.note(Instant::now(), progress.done_bytes),
            // What is only found to be there already is no movement.
            _ => running.meter.restart(),
        }
    }
}

enum Next {
    Run(u64),
    Wait(Option<Instant>),
}

/// While it lives a transfer runs.
struct RunningGuard<'a> {
    lane: &'a Lane,
}

impl Drop for RunningGuard<'_> {
    fn drop(&mut self) {
        *self.lane.running.lock() = None;
    }
}

/// Runs transfers until the node stops.
pub(super) async fn run(node: Node, kind: TransferKind, task: TaskReport) {
    let lane = node.queue().lane(kind);
    let mut is_unreadable = false;
    while !node.stopping().is_cancelled() {
        tidy(&node, kind).await;
        let activity = node.happenings().clone();
        let waiting = node
            .library(move |library| {
                let waiting =
                    library.waiting_transfers(library_kind(kind)).map_err(|error| store_error(&error))?;
                // After the look at the queue: what an earlier run of a transfer said is over before it runs again, also
                // where a crash came between a decision and the end of the entry about it.
                activity.change_here(news::follow);
                Ok(waiting)
            })
            .await;
        let next = match waiting {
            Ok(waiting) => {
                let next = lane.choose(&waiting);
                // What a run failed with stays until the next run.
                if is_unreadable && matches!(next, Next::Wait(_)) {
                    task.resting();
                }
                is_unreadable = false;
                next
            }
            Err(error) => {
                tracing::warn!(%error, "the queue cannot be read");
                task.failed(&error);
                is_unreadable = true;
                Next::Wait(Some(Instant::now() + LIBRARY_REST))
            }
        };
        match next {
            Next::Run(id) => {
                let began = Instant::now();
                task.working();
                match run_one(&node, kind, id).await {
                    Ok(()) => task.resting(),
                    Err(error) => {
                        tracing::warn!(id, %error, "a transfer cannot be kept track of");
                        task.failed(&error);
                        lane.rest(id, began.elapsed(), error);
                    }
                }
                node.queue().changed();
            }
            Next::Wait(until) => {
                let rested = async {
                    match until {
                        Some(until) => sleep_until(until).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    biased;
                    () = node.stopping().cancelled() => {}
                    () = lane.wake.notified() => {}
                    () = rested => {}
                }
            }
        }
    }
}

async fn run_one(node: &Node, kind: TransferKind, id: u64) -> Result<(), NodeError> {
    let task = node.library(move |library| library.transfer_task(id).map_err(|error| store_error(&error)));
    let Some(TransferTask { name, request, placed, .. }) = task.await? else { return Ok(()) };
    let operation = node.operation(operation_kind(kind), &name);
    let lane = node.queue().lane(kind);
    let _running = lane.begin(id, operation.clone());
    // From here on a pause or a cancellation finds the operation; one that came before is seen now.
    let state = node.library(move |library| library.transfer_state(id).map_err(|error| store_error(&error)));
    if state.await? != Some(TransferState::Waiting) {
        return Ok(());
    }
    node.queue().changed();
    let began = Instant::now();
    let outcome = match stored::decode(&request) {
        Ok(request) => {
            let work = perform(node, id, request, placed, &operation).boxed();
            accompany(node, lane, &operation, work).await
        }
        Err(error) => Err(NodeError::new(ErrorCode::Internal, format!("{error}."))),
    };
    settle(node, kind, id, began, &operation, outcome).await
}

/// Does what was asked for. Tells what became of it, and whether the operation counted it: a download that an earlier run
/// finished moves nothing any more.
async fn perform(
    node: &Node,
    id: u64,
    request: Request,
    placed: Option<PlacedFile>,
    operation: &Operation,
) -> Result<(Outcome, bool), NodeError> {
    match request {
        Request::Put(put, filled) => {
            let folder = upload::target(&put)?.to_string();
            Ok((Outcome::stored(node.put_queued(put, filled, operation).await?, folder), true))
        }
        Request::Get(get, _) if is_placed(get.output.clone(), placed).await => {
            Ok((Outcome::default(), false))
        }
        Request::Get(get, gives_way) => {
            node.get_queued(&get, Queued { transfer: id, gives_way }, operation).await?;
            Ok((Outcome::default(), true))
        }
    }
}

/// Whether what lies at the target is what an earlier run of the transfer put there.
async fn is_placed(target: PathBuf, placed: Option<PlacedFile>) -> bool {
    let Some(placed) = placed else { return false };
    let look = move || download::identity(&target).is_ok_and(|found| found == placed);
    crate::threads::spawn_blocking(look).await.unwrap_or(false)
}

/// Does the work, measures it and announces that it moves.
async fn accompany<T>(
    node: &Node,
    lane: &Lane,
    operation: &Operation,
    mut work: BoxFuture<'_, Result<T, NodeError>>,
) -> Result<T, NodeError> {
    let mut progress = operation.progress();
    let mut ticks = interval(ANNOUNCE_RUNNING_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            outcome = &mut work => return outcome,
            Ok(()) = progress.changed() => lane.measure(&progress.borrow_and_update()),
            _ = ticks.tick() => {}
        }
        node.queue().changed();
    }
}

/// Writes down how a run ended. `outcome` comes with whether its counts are news.
async fn settle(
    node: &Node,
    kind: TransferKind,
    id: u64,
    began: Instant,
    operation: &Operation,
    outcome: Result<(Outcome, bool), NodeError>,
) -> Result<(), NodeError> {
    let (counts, now) = (operation.counts(), node.owner().now_unix_s());
    let was_stopped = operation.cancel().is_cancelled();
    let (end, outcome, counts) = match outcome {
        Ok((outcome, has_counts)) => (TransferEnd::Done, outcome, has_counts.then_some(counts)),
        Err(error) if error.retry == Retry::Automatic => {
            if !was_stopped {
                rest(node, kind, id, began.elapsed(), error).await;
            }
            let keep = move |library: &Library| {
                library.transfer_progress(id, counts).map_err(|error| store_error(&error))
            };
            return node.library(keep).await;
        }
        Err(error) => (TransferEnd::Failed, Outcome::failed(&error), Some(counts)),
    };
    let activity = node.happenings().clone();
    // One that had nothing to send says nothing about hosts for the others.
    let has_hosts = end == TransferEnd::Done && !node.queue().lane(kind).others_lack_hosts(id);
    let keep = move |library: &Library| {
        let outcome = outcome.encode();
        let mut is_news = false;
        let news = |row: &TransferRow| {
            let news = news::of_end(row);
            is_news = !news.is_empty();
            news
        };
        library
            .end_transfer_telling(id, end, counts, Some(&outcome), now, news)
            .map_err(|error| store_error(&error))?;
        activity.change_here(|library, now| {
            let found = has_hosts && news::hosts_found(library, kind, now)?;
            Ok(is_news || found)
        });
        Ok(())
    };
    node.library(keep).await
}

/// Lets a transfer rest, and says once when it lacks hosts.
async fn rest(node: &Node, kind: TransferKind, id: u64, ran_for: Duration, error: NodeError) {
    let lacks_hosts = error.code == ErrorCode::NotEnoughHosts;
    let reason = error.message.clone();
    let lane = node.queue().lane(kind);
    let is_told = lane.rest(id, ran_for, error);
    if lacks_hosts && !is_told && node.happenings().note(words::too_few_hosts(kind, &reason)).await {
        lane.told(id);
    }
}

/// Clears up after cancelled transfers that do not run any more. What fails is tried again later.
pub(super) async fn tidy(node: &Node, kind: TransferKind) {
    let lane = node.queue().lane(kind);
    let untidy = node.library(move |library| {
        library.untidy_transfers(library_kind(kind)).map_err(|error| store_error(&error))
    });
    let untidy = match untidy.await {
        Ok(untidy) => untidy,
        Err(error) => return tracing::warn!(%error, "the queue cannot be read"),
    };
    for id in untidy.into_iter().filter(|id| !lane.is_running(*id)) {
        if let Err(error) = tidy_one(node, id).await {
            tracing::warn!(id, %error, "a cancelled transfer cannot be cleared up after yet");
        }
    }
}

async fn tidy_one(node: &Node, id: u64) -> Result<(), NodeError> {
    let task = node.library(move |library| library.transfer_task(id).map_err(|error| store_error(&error)));
    let Some(task) = task.await? else { return Ok(()) };
    // Downloads take away their temporaries themselves, and a start those of a crash.
    if let Ok(Request::Put(put, _)) = stored::decode(&task.request) {
        let paths = put.paths.clone();
        let others = node.library(move |library| others_below(library, &put.paths));
        upload::give_up_below(node.owner(), &paths, &others.await?).await?;
    }
    let (queue, now) = (node.queue().clone(), node.owner().now_unix_s());
    node.library(move |library| {
        library.transfer_tidied(id, now).map_err(|error| store_error(&error))?;
        queue.changed();
        Ok(())
    })
    .await
}

/// Paths of unfinished uploads that overlap with `paths`.
fn others_below(library: &Library, paths: &[PathBuf]) -> Result<Vec<PathBuf>, NodeError> {
    let kind = layr_library::TransferKind::Upload;
    let paths: BTreeSet<&Path> = paths.iter().map(PathBuf::as_path).collect();
    // Paths are ordered part by part: what is below one follows it at once.
    let overlaps = |other: &PathBuf| {
        let below = paths.range(other.as_path()..).next().is_some_and(|path| path.starts_with(other));
        below || other.ancestors().any(|above| paths.contains(above))
    };
    let mut others = Vec::new();
    // One request at a time: each may have thousands of paths.
    for id in library.unfinished_transfers(kind).map_err(|error| store_error(&error))? {
        let task = library.transfer_task(id).map_err(|error| store_error(&error))?;
        let request = task.map(|task| stored::decode(&task.request));
        if let Some(Ok(Request::Put(put, _))) = request {
            others.extend(put.paths.into_iter().filter(overlaps));
        }
    }
    Ok(others)
}

/// The library's word for a kind.
pub(super) fn library_kind(kind: TransferKind) -> layr_library::TransferKind {
    match kind {
        TransferKind::Upload => layr_library::TransferKind::Upload,
        TransferKind::Download => layr_library::TransferKind::Download,
    }
}

/// The report's word for a kind.
pub(super) fn api_kind(kind: layr_library::TransferKind) -> TransferKind {
    match kind {
        layr_library::TransferKind::Upload => TransferKind::Upload,
        layr_library::TransferKind::Download => TransferKind::Download,
    }
}

fn operation_kind(kind: TransferKind) -> OperationKind {
    match kind {
        TransferKind::Upload => OperationKind::Put,
        TransferKind::Download => OperationKind::Get,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{LONGEST_REST, Lane};
    use crate::error::{ErrorCode, NodeError};

    #[tokio::test(start_paused = true)]
    async fn a_rest_is_told_until_that_is_kept_and_again_after_a_long_run() {
        let lane = Lane::default();
        let rest = |ran_for| lane.rest(1, ran_for, NodeError::new(ErrorCode::NotEnoughHosts, "Few."));
        assert!(!rest(Duration::ZERO) && !rest(Duration::ZERO));
        lane.told(1);
        assert!(rest(Duration::ZERO));
        assert!(!rest(LONGEST_REST + Duration::from_secs(1)));
    }
}
