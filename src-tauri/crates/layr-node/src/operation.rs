//! Long operations: what they are called, how far they are, and how they are stopped.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use layr_library::TransferCounts;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::{Progress, TransferInfo};

/// Shortest time between two published states: ten a second is as much as a person can see.
const PUBLISH_EVERY: Duration = Duration::from_millis(100);

/// What an operation does, as `status` and progress events call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// Store files.
    Put,
    /// Bring files back.
    Get,
    /// Check every shard.
    Verify,
    /// Have hosts prove that they hold theirs.
    Audit,
    /// Make lost shards again.
    Repair,
}

impl OperationKind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Get => "get",
            Self::Verify => "verify",
            Self::Audit => "audit",
            Self::Repair => "repair",
        }
    }
}

/// The operations of one node that are under way. Cheap to clone; all clones are the same table.
#[derive(Debug, Clone, Default)]
pub struct Transfers {
    table: Arc<Table>,
}

#[derive(Debug, Default)]
struct Table {
    next_id: AtomicU64,
    live: Mutex<BTreeMap<u64, Entry>>,
}

#[derive(Debug)]
struct Entry {
    kind: OperationKind,
    progress: watch::Receiver<Progress>,
    cancel: CancellationToken,
}

impl Transfers {
    /// Registers an operation; it is listed until the last clone of it is dropped.
    pub fn begin(&self, kind: OperationKind, name: impl Into<String>) -> Operation {
        let id = self.table.next_id.fetch_add(1, Ordering::Relaxed) + 1;
        let state = Progress {
            operation: id,
            stage: "scanning".to_owned(),
            name: name.into(),
            done_bytes: 0,
            total_bytes: 0,
            done_files: 0,
            total_files: 0,
            done_shards: 0,
            total_shards: 0,
        };
        let (sender, receiver) = watch::channel(state.clone());
        let cancel = CancellationToken::new();
        self.table.live.lock().insert(id, Entry { kind, progress: receiver, cancel: cancel.clone() });
        Operation {
            shared: Arc::new(Shared {
                id,
                kind,
                cancel,
                live: Mutex::new(Live { state, published_at: None }),
                sender,
                table: Arc::clone(&self.table),
            }),
        }
    }

    /// What moves right now, in the order in which it began.
    pub fn list(&self) -> Vec<TransferInfo> {
        let describe = |(id, entry): (&u64, &Entry)| {
            let progress = entry.progress.borrow();
            TransferInfo {
                id: *id,
                kind: entry.kind.name().to_owned(),
                name: progress.name.clone(),
                done_bytes: progress.done_bytes,
                total_bytes: progress.total_bytes,
            }
        };
        self.table.live.lock().iter().map(describe).collect()
    }

    /// Asks everything under way to stop: the node does.
    pub fn cancel_all(&self) {
        for entry in self.table.live.lock().values() {
            entry.cancel.cancel();
        }
    }
}

/// One long operation. Clones are handles on the same one.
#[derive(Debug, Clone)]
pub struct Operation {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    id: u64,
    kind: OperationKind,
    cancel: CancellationToken,
    live: Mutex<Live>,
    sender: watch::Sender<Progress>,
    table: Arc<Table>,
}

#[derive(Debug)]
struct Live {
    state: Progress,
    published_at: Option<Instant>,
}

impl Operation {
    /// Number of the operation in this node.
    pub fn id(&self) -> u64 {
        self.shared.id
    }

    /// What it does.
    pub fn kind(&self) -> OperationKind {
        self.shared.kind
    }

    /// Where it stands; changes at most ten times a second, and once more when it ends.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.shared.sender.subscribe()
    }

    /// How far it is at this moment, published or not.
    pub(crate) fn counts(&self) -> TransferCounts {
        let live = self.shared.live.lock();
        TransferCounts {
            done_bytes: live.state.done_bytes,
            total_bytes: live.state.total_bytes,
            done_files: live.state.done_files,
            total_files: live.state.total_files,
        }
    }

    /// Cancelling this stops the operation as soon as what it does may be left.
    pub fn cancel(&self) -> CancellationToken {
        self.shared.cancel.clone()
    }

    /// Changes the state and publishes it if the last publication is long enough ago or the stage changed.
    pub fn update(&self, change: impl FnOnce(&mut Progress)) {
        let mut live = self.shared.live.lock();
        let stage_before = live.state.stage.clone();
        change(&mut live.state);
        let now = Instant::now();
        let due = live.published_at.is_none_or(|at| now.duration_since(at) >= PUBLISH_EVERY);
        if due || live.state.stage != stage_before {
            live.published_at = Some(now);
            self.shared.sender.send_replace(live.state.clone());
        }
    }

    /// Enters a stage.
    pub fn stage(&self, stage: &str) {
        self.update(|progress| {
            if progress.stage != stage {
                stage.clone_into(&mut progress.stage);
            }
        });
    }

    /// Publishes the state as it is, however short ago the last publication was.
    pub fn publish(&self) {
        let mut live = self.shared.live.lock();
        live.published_at = Some(Instant::now());
        self.shared.sender.send_replace(live.state.clone());
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.table.live.lock().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{OperationKind, Transfers};

    #[tokio::test(start_paused = true)]
    async fn progress_is_published_ten_times_a_second_at_most() {
        let operation = Transfers::default().begin(OperationKind::Put, "/a");
        let mut progress = operation.progress();
        let mut published = 0;
        for _ in 0..1000 {
            operation.update(|progress| progress.done_bytes += 1);
            tokio::time::advance(Duration::from_millis(1)).await;
            if progress.has_changed().unwrap() {
                progress.borrow_and_update();
                published += 1;
            }
        }
        assert!((9..=11).contains(&published), "{published} in one second");
        operation.publish();
        assert_eq!(progress.borrow_and_update().done_bytes, 1000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_stage_is_published_at_once() {
        let operation = Transfers::default().begin(OperationKind::Get, "/a");
        let mut progress = operation.progress();
        operation.stage("receiving");
        operation.stage("finishing");
        assert_eq!(progress.borrow_and_update().stage, "finishing");
    }

    #[test]
    fn an_operation_is_listed_until_its_last_handle_is_gone() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _entered = runtime.enter();
        let transfers = Transfers::default();
        let first = transfers.begin(OperationKind::Put, "/a");
        let second = transfers.begin(OperationKind::Verify, "/b");
        let handle = first.clone();
        drop(first);
        let listed: Vec<_> =
            transfers.list().into_iter().map(|transfer| (transfer.kind, transfer.name)).collect();
        assert_eq!(listed, [("put".to_owned(), "/a".to_owned()), ("verify".to_owned(), "/b".to_owned())]);
        drop((handle, second));
        assert!(transfers.list().is_empty());
    }
}
