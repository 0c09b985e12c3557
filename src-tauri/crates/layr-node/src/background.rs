//! What works in the background and how it fares: each long-lived task of a node reports here, and a window shows it.
//!
//! Bounded by construction: a task has one slot for the life of the node, and of its errors only the last one is kept.

use std::fmt::Display;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::broadcast;

use crate::api::{Worker, WorkerState};
use crate::catalogue::rfc3339;
use crate::clock::Clock;
use crate::node::NodeEvent;

/// Letters of an error that are kept: more than a sentence nobody reads in a list.
const MAX_ERROR_CHARS: usize = 400;

/// The tasks of one node. Cheap to clone; all clones are the same list.
#[derive(Debug, Clone)]
pub(crate) struct Background {
    slots: Arc<Mutex<Vec<Arc<Slot>>>>,
    clock: Arc<dyn Clock>,
    events: broadcast::Sender<NodeEvent>,
}

#[derive(Debug)]
struct Slot {
    name: &'static str,
    about: &'static str,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    is: WorkerState,
    since_unix_s: Option<u64>,
    last_error: Option<String>,
}

/// A task's own end: it says here how it fares. Dropped, it says that the task has ended.
#[derive(Debug)]
pub(crate) struct TaskReport {
    slot: Arc<Slot>,
    clock: Arc<dyn Clock>,
    events: broadcast::Sender<NodeEvent>,
}

impl Background {
    /// A list without tasks. What changes in it is told as [`NodeEvent::WorkersChanged`].
    pub(crate) fn new(clock: Arc<dyn Clock>, events: broadcast::Sender<NodeEvent>) -> Self {
        Self { slots: Arc::default(), clock, events }
    }

    /// Lists a task, which rests until it says otherwise. `about` is a sentence for people.
    pub(crate) fn task(&self, name: &'static str, about: &'static str) -> TaskReport {
        let state = State { is: WorkerState::Resting, since_unix_s: None, last_error: None };
        let slot = Arc::new(Slot { name, about, state: Mutex::new(state) });
        self.slots.lock().push(Arc::clone(&slot));
        TaskReport { slot, clock: Arc::clone(&self.clock), events: self.events.clone() }
    }

    /// How all of them fare.
    pub(crate) fn report(&self) -> Vec<Worker> {
        let describe = |slot: &Arc<Slot>| {
            let state = slot.state.lock();
            Worker {
                name: slot.name.to_owned(),
                about: slot.about.to_owned(),
                state: state.is,
                since: state.since_unix_s.map(rfc3339),
                last_error: state.last_error.clone(),
            }
        };
        self.slots.lock().iter().map(describe).collect()
    }
}

impl TaskReport {
    /// A round begins. What the last one failed with stays until this one is through.
    pub(crate) fn working(&self) {
        self.be(WorkerState::Working, |_| {});
    }

    /// A round is through, and nothing is to be done.
    pub(crate) fn resting(&self) {
        self.be(WorkerState::Resting, |error| *error = None);
    }

    /// A round failed.
    pub(crate) fn failed(&self, error: impl Display) {
        let error = error.to_string().chars().take(MAX_ERROR_CHARS).collect();
        self.be(WorkerState::Failed, |last| *last = Some(error));
    }

    /// How a round went that has no more to tell.
    pub(crate) fn ended<T, E: Display>(&self, outcome: &Result<T, E>) {
        match outcome {
            Ok(_) => self.resting(),
            Err(error) => self.failed(error),
        }
    }

    /// A round that may be given up half-way: it rests when this is dropped before anything else was said.
    pub(crate) fn round(&self) -> Round<'_> {
        self.working();
        Round { task: self }
    }

    fn be(&self, is: WorkerState, change: impl FnOnce(&mut Option<String>)) {
        let is_changed = {
            let mut state = self.slot.state.lock();
            let error_before = state.last_error.clone();
            change(&mut state.last_error);
            let is_new = state.is != is || state.since_unix_s.is_none();
            if is_new {
                state.is = is;
                state.since_unix_s = Some(self.clock.now_unix_s());
            }
            is_new || state.last_error != error_before
        };
        if is_changed {
            self.tell();
        }
    }

    /// Nobody listening is fine.
    fn tell(&self) {
        let _ = self.events.send(NodeEvent::WorkersChanged);
    }
}

/// See [`TaskReport::round`].
#[derive(Debug)]
pub(crate) struct Round<'a> {
    task: &'a TaskReport,
}

impl Drop for Round<'_> {
    fn drop(&mut self) {
        if self.task.slot.state.lock().is == WorkerState::Working {
            self.task.be(WorkerState::Resting, |_| {});
        }
    }
}

impl Drop for TaskReport {
    fn drop(&mut self) {
        {
            let mut state = self.slot.state.lock();
            state.is = WorkerState::Failed;
            state.since_unix_s = Some(self.clock.now_unix_s());
            state
                .last_error
                .get_or_insert_with(|| "It has ended, and goes on when Layr is started again.".to_owned());
        }
        self.tell();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::broadcast;

    use super::{Background, MAX_ERROR_CHARS};
    use crate::api::{Worker, WorkerState};
    use crate::clock::Clock;

    #[derive(Debug)]
    struct FakeClock(std::sync::atomic::AtomicU64);

    impl Clock for FakeClock {
        fn now_unix_s(&self) -> u64 {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
        }
    }

    fn only(background: &Background) -> Worker {
        let mut workers = background.report();
        assert_eq!(workers.len(), 1);
        workers.remove(0)
    }

    #[test]
    fn an_error_stays_until_a_round_is_through_and_an_ended_task_says_so() {
        let events = broadcast::Sender::new(16);
        let mut told = events.subscribe();
        let mut is_told = || std::iter::from_fn(|| told.try_recv().ok()).count() > 0;
        let background = Background::new(Arc::new(FakeClock(0.into())), events);
        let task = background.task("Tidying", "Tidies.");
        assert_eq!((only(&background).state, only(&background).since), (WorkerState::Resting, None));
        task.failed("x".repeat(10 * MAX_ERROR_CHARS));
        assert!(is_told());
        task.failed("another");
        assert!(is_told(), "whoever looks at it reads the error");
        task.failed("x".repeat(10 * MAX_ERROR_CHARS));
        task.working();
        assert!(is_told());
        let worker = only(&background);
        assert_eq!((worker.state, worker.last_error.unwrap().len()), (WorkerState::Working, MAX_ERROR_CHARS));
        let since = worker.since.unwrap();
        task.working();
        assert!(!is_told(), "nothing is different");
        assert_eq!(only(&background).since.as_deref(), Some(&*since), "it is the same state");
        drop(task.round());
        assert_eq!(only(&background).state, WorkerState::Resting, "given up");
        assert!(only(&background).last_error.is_some(), "nothing has succeeded");
        task.ended(&Ok::<_, String>(()));
        assert_eq!((only(&background).state, only(&background).last_error), (WorkerState::Resting, None));
        is_told();
        drop(task);
        assert!(is_told());
        assert_eq!(only(&background).state, WorkerState::Failed);
        assert!(only(&background).last_error.is_some());
    }
}
