//! The queue of transfers that a person asked for in a window: durable, in order, one upload and one download at a time.
//!
//! The queue itself is a table of the library (`layr_library::TransferRow`): what was asked for, and what the person decided
//! about it. In memory is only what a crash may forget: what runs, how fast, and what rests after a failure.
//!
//! | task | bound | ends by | lost if it dies |
//! |---|---|---|---|
//! | lane, one for uploads and one for downloads | one transfer at a time each | cancel; its transfer parks like any operation | nothing: the next start goes on |
//! | announcer | one | cancel | events; readers look at the state |
//! | end of a pause | one, asleep while no pause ends by itself | cancel | nothing: the end is in the library |
//!
//! Bounds: [`layr_library::MAX_UNFINISHED_TRANSFERS`] in the queue, [`layr_library::KEPT_FINISHED_TRANSFERS`] finished ones,
//! [`MAX_PATHS`] paths a transfer.
//!
//! - A *pause* cancels the operation; to resume is to repeat it, and a repeated upload sends nothing that was acknowledged.
//! - A failure that may pass by itself is repeated with growing rests; any other waits for the person.
//! - A download gets its target when it is queued, and the target must be new. What is about to get that name is noted first,
//!   so that a repeat after a crash at that very moment finds its own work and neither fails nor writes it twice.
//! - What a person decides is in the library before anything acts on it, so a crash forgets no decision.

mod lane;
mod meter;
mod news;
mod pause;
mod report;
mod stored;
mod target;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use layr_keys::atomic::Existing;
use layr_library::{Library, NewTransfer, TransferError, TransferState};
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

use self::lane::Lane;
use self::stored::Request;
use crate::api::{GetRequest, PutRequest, TransferKind, TransfersReport};
use crate::error::{ErrorCode, NodeError};
use crate::node::{Node, NodeEvent};
use crate::{catalogue, upload};
pub use pause::MAX_PAUSE;

/// Most paths of one upload: what a person selects; a directory counts as one.
pub const MAX_PATHS: usize = 10_000;
/// Shortest time between two announcements: ten a second is as much as a person can see.
const ANNOUNCE_EVERY: Duration = Duration::from_millis(100);

/// What runs and rests. Cheap to clone; all clones are the same queue.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queue {
    shared: Arc<Shared>,
}

/// One transfer of each kind at a time: a single one fills the line already, uploads share the memory for segments, and in
/// this order people understand what is next. The two directions do not wait for each other.
#[derive(Debug, Default)]
struct Shared {
    uploads: Lane,
    downloads: Lane,
    changed: Notify,
    /// A pause that ends by itself began or was replaced.
    pause_set: Notify,
}

impl Queue {
    fn lane(&self, kind: TransferKind) -> &Lane {
        match kind {
            TransferKind::Upload => &self.shared.uploads,
            TransferKind::Download => &self.shared.downloads,
        }
    }

    fn lanes(&self) -> [&Lane; 2] {
        [&self.shared.uploads, &self.shared.downloads]
    }

    /// Something that a window shows is different now.
    fn changed(&self) {
        self.shared.changed.notify_one();
    }

    /// Lets the lanes look at the queue again. Without an id, for all transfers; rests end.
    fn go_on(&self, id: Option<u64>) {
        for lane in self.lanes() {
            lane.end_rest(id);
            lane.wake();
        }
        self.changed();
    }

    /// Stops what runs, if it is the transfer of this id, or whatever runs.
    fn interrupt(&self, id: Option<u64>) {
        for lane in self.lanes() {
            lane.end_rest(id);
            lane.interrupt(id);
        }
        self.changed();
    }
}

impl Node {
    /// Queues an upload; durable when this returns.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] for what makes no sense or does not fit, [`ErrorCode::NotFound`] for a path that is not
    /// there, [`ErrorCode::Conflict`] while too many transfers are unfinished; what the database says.
    pub async fn enqueue_put(&self, request: PutRequest) -> Result<u64, NodeError> {
        if request.dry_run {
            return Err(invalid("A dry run sends nothing and is not queued.".to_owned()));
        }
        if request.paths.is_empty() || request.paths.len() > MAX_PATHS {
            let message = format!("An upload has 1 to {MAX_PATHS} paths; put them into a directory.");
            return Err(invalid(message).with("paths", request.paths.len()));
        }
        if let Some(path) = request.paths.iter().find(|path| !path.is_absolute()) {
            return Err(relative(path));
        }
        let filled = upload::check_request(self.owner(), &request)
            .await
            .map_err(upload::UploadError::before_anything_was_sent)?;
        let name = match request.paths.as_slice() {
            [path] => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            paths => format!("{} items", paths.len()),
        };
        only(&self.enqueue(TransferKind::Upload, vec![(name, Request::Put(request, filled))]).await?)
    }

    /// Queues a download; durable when this returns. `output` is a directory to put it into, or the target itself. Whether
    /// something is at the target is looked at when it runs: then the transfer fails and replaces nothing. If `existing` says so,
    /// as the person was asked, a single file takes the place of the very file that is at the target now. It does so when it is
    /// whole, in one step; anything else at the target stays.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] for what is not in the library, otherwise as [`Node::enqueue_put`].
    pub async fn enqueue_get_over(&self, request: GetRequest, existing: Existing) -> Result<u64, NodeError> {
        let settled = self.library(move |library| target::settle(library, vec![request], existing)).await?;
        only(&self.enqueue(TransferKind::Download, settled).await?)
    }

    /// Queues downloads, all of them or none. Of those that go into one directory under equal names each after the first gets a
    /// number: `report (2).pdf`.
    ///
    /// # Errors
    /// As [`Node::enqueue_get_over`].
    pub async fn enqueue_gets(&self, requests: Vec<GetRequest>) -> Result<Vec<u64>, NodeError> {
        let settled = self.library(move |library| target::settle(library, requests, Existing::Stays)).await?;
        self.enqueue(TransferKind::Download, settled).await
    }

    async fn enqueue(
        &self,
        kind: TransferKind,
        requests: Vec<(String, Request)>,
    ) -> Result<Vec<u64>, NodeError> {
        let encode = |(name, request): (String, Request)| {
            let request = stored::encode(&request)
                .map_err(|error| NodeError::new(ErrorCode::Internal, format!("{error}.")))?;
            Ok(NewTransfer { kind: lane::library_kind(kind), name, request })
        };
        let new: Vec<NewTransfer> = requests.into_iter().map(encode).collect::<Result<_, NodeError>>()?;
        let (queue, now) = (self.queue().clone(), self.owner().now_unix_s());
        self.library(move |library| {
            let ids = library.add_transfers(&new, now).map_err(|error| queue_error(&error))?;
            queue.lane(kind).wake();
            queue.changed();
            Ok(ids)
        })
        .await
    }

    /// The queue as it stands.
    ///
    /// # Errors
    /// What the database says.
    pub async fn transfers(&self) -> Result<TransfersReport, NodeError> {
        let (queue, now) = (self.queue().clone(), self.owner().now_unix_s());
        self.library(move |library| {
            let (rows, paused_all) = library.transfers().map_err(|error| catalogue::store_error(&error))?;
            let left_s = library.pause_left_s(now).map_err(|error| catalogue::store_error(&error))?;
            let paused_until = left_s.map(|left_s| catalogue::rfc3339(now.saturating_add(left_s)));
            let transfers = rows.into_iter().map(|row| report::describe(&queue, row, now)).collect();
            Ok(TransfersReport { transfers, paused_all, paused_until })
        })
        .await
    }

    /// Pauses a transfer that waits or runs; all of them, and what will be queued, without an id. What is finished or failed
    /// stays as it is.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when there is no such transfer; what the database says.
    pub async fn transfer_pause(&self, id: Option<u64>) -> Result<(), NodeError> {
        let queue = self.queue().clone();
        self.decide(id, move |library| {
            let state = library.pause_transfers(id)?;
            queue.interrupt(id);
            Ok(state)
        })
        .await
    }

    /// Lets a paused transfer go on; all of them without an id. One that rests after a failure is tried now.
    ///
    /// # Errors
    /// As [`Node::transfer_pause`].
    pub async fn transfer_resume(&self, id: Option<u64>) -> Result<(), NodeError> {
        let queue = self.queue().clone();
        self.decide(id, move |library| {
            let state = library.resume_transfers(id)?;
            queue.go_on(id);
            Ok(state)
        })
        .await
    }

    /// Puts a failed transfer back into the queue; all of them without an id. One that rests after a failure is tried now.
    ///
    /// # Errors
    /// As [`Node::transfer_pause`].
    pub async fn transfer_retry(&self, id: Option<u64>) -> Result<(), NodeError> {
        let queue = self.queue().clone();
        self.decide(id, move |library| {
            let state = library.retry_transfers(id)?;
            queue.go_on(id);
            Ok(state)
        })
        .await
    }

    /// Gives up a transfer that is not finished, or all of them. A download leaves nothing; of an upload stays what was stored, and hosts are
    /// asked to drop the rest.
    ///
    /// # Errors
    /// As [`Node::transfer_pause`].
    pub async fn transfer_cancel(&self, id: Option<u64>) -> Result<(), NodeError> {
        let queue = self.queue().clone();
        self.decide(id, move |library| {
            let state = library.cancel_transfers(id)?;
            queue.interrupt(id);
            Ok(state)
        })
        .await?;
        for kind in [TransferKind::Upload, TransferKind::Download] {
            lane::tidy(self, kind).await;
        }
        Ok(())
    }

    /// Where a download of the queue that is through has put its files.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when there is no such transfer, or when nothing is at its target any more;
    /// [`ErrorCode::InvalidRequest`] for an upload or a download that is not through; what the database says.
    pub async fn transfer_target(&self, id: u64) -> Result<PathBuf, NodeError> {
        let find = move |library: &Library| {
            let task = library.transfer_task(id).map_err(|error| catalogue::store_error(&error))?;
            let task = task.ok_or_else(|| no_transfer(id))?;
            let (TransferState::Done, Ok(Request::Get(get, _))) = (task.state, stored::decode(&task.request))
            else {
                return Err(invalid("Only what a finished download brought back can be shown.".to_owned()));
            };
            if get.output.symlink_metadata().is_err() {
                let outlook = match library.resolve(&get.name).map_err(catalogue::name_error) {
                    Ok(_) => "It is still stored; download it again.",
                    Err(error) if error.code == ErrorCode::NotFound => {
                        "It is not in the library any more, either."
                    }
                    Err(error) => return Err(error),
                };
                let path = get.output.display();
                let message =
                    format!("{path} is not there any more: it was moved, renamed or deleted. {outlook}");
                return Err(NodeError::new(ErrorCode::NotFound, message));
            }
            Ok(get.output)
        };
        self.library(find).await
    }

    /// Forgets the transfers that are done or cancelled.
    ///
    /// # Errors
    /// What the database says.
    pub async fn transfers_clear(&self) -> Result<(), NodeError> {
        let queue = self.queue().clone();
        self.library(move |library| {
            library.clear_transfers().map_err(|error| catalogue::store_error(&error))?;
            queue.changed();
            Ok(())
        })
        .await
    }

    /// Writes a decision to the library and acts on it, both on one thread: nobody who stops waiting separates the two. Entries
    /// about what it settles are resolved.
    async fn decide(
        &self,
        id: Option<u64>,
        decision: impl FnOnce(&Library) -> Result<Option<TransferState>, layr_library::StoreError>
        + Send
        + 'static,
    ) -> Result<(), NodeError> {
        let activity = self.happenings().clone();
        let decide = move |library: &Library| {
            let state = decision(library).map_err(|error| catalogue::store_error(&error))?;
            activity.change_here(news::follow);
            Ok(state)
        };
        let state = self.library(decide).await?;
        match (state, id) {
            (None, Some(id)) => Err(no_transfer(id)),
            _ => Ok(()),
        }
    }

    /// Starts the tasks of the queue: what waited or ran when the last process ended goes on.
    pub(crate) fn start_queue(&self, tasks: &TaskTracker) {
        for (kind, name, about) in [
            (
                TransferKind::Upload,
                "Uploads",
                "Sends what is in the queue to hosts, one upload after the other.",
            ),
            (
                TransferKind::Download,
                "Downloads",
                "Brings back what is in the queue, one download after the other.",
            ),
        ] {
            tasks.spawn(lane::run(self.clone(), kind, self.background().task(name, about)));
        }
        let (node, stopping) = (self.clone(), self.stopping().clone());
        tasks.spawn(stopping.run_until_cancelled_owned(async move { announce(&node).await }));
        let (node, stopping) = (self.clone(), self.stopping().clone());
        let task = self
            .background()
            .task("End of a pause", "Lets transfers go on when a pause for a while is over.");
        tasks
            .spawn(stopping.run_until_cancelled_owned(async move { pause::end_in_time(&node, &task).await }));
    }
}

async fn announce(node: &Node) {
    loop {
        node.queue().shared.changed.notified().await;
        node.tell(NodeEvent::TransfersChanged);
        sleep(ANNOUNCE_EVERY).await;
    }
}

fn no_transfer(id: u64) -> NodeError {
    NodeError::new(ErrorCode::NotFound, format!("There is no transfer {id} in the queue.")).with("id", id)
}

/// The number of the one that was queued.
fn only(ids: &[u64]) -> Result<u64, NodeError> {
    ids.first().copied().ok_or_else(|| NodeError::new(ErrorCode::Internal, "Nothing was queued."))
}

fn invalid(message: String) -> NodeError {
    NodeError::new(ErrorCode::InvalidRequest, message)
}

fn relative(path: &Path) -> NodeError {
    invalid(format!("{} is not an absolute path.", path.display())).with("path", path.to_string_lossy())
}

fn queue_error(error: &TransferError) -> NodeError {
    match error {
        TransferError::Full { limit } => {
            let message = format!(
                "The queue holds {limit} unfinished transfers at most; wait for some, or cancel some. Nothing was queued."
            );
            NodeError::new(ErrorCode::Conflict, message).with("limit", *limit)
        }
        TransferError::Store(error) => catalogue::store_error(error),
        other => invalid(format!(
            "{}. Nothing was queued.",
            upload::sentence(&other.to_string()).trim_end_matches('.')
        )),
    }
}
