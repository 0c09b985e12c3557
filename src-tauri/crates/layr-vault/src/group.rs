//! Group commit: all changes that wait at the same time share one transaction, and their directories one sync each.

use std::collections::HashMap;

use layr_codec::ShardRoot;
use layr_keys::OwnerId;
use layr_proof::Node;
use parking_lot::{Condvar, Mutex};

use crate::{accounts::ReservationId, error::StoreError};

/// What became of a shard that was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// The owner is charged for it from now on.
    New,
    /// The owner had it already; nothing more is charged.
    AlreadyHeld,
}

/// What became of a shard that was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// It is no longer charged to the owner; without other owners its body is gone.
    Removed {
        /// Bytes no longer charged.
        freed_bytes: u64,
    },
    /// The owner has no such shard.
    Unknown,
}

/// A change of the ledger.
#[derive(Debug)]
pub(crate) enum Change {
    /// A body whose temporary is whole and synced.
    Store {
        reservation: ReservationId,
        owner: OwnerId,
        root: ShardRoot,
        size_bytes: u64,
        blocks: Vec<Node>,
        now_unix_s: u64,
    },
    Delete {
        owner: OwnerId,
        root: ShardRoot,
    },
}

impl Change {
    pub(crate) const fn root(&self) -> &ShardRoot {
        match self {
            Self::Store { root, .. } | Self::Delete { root, .. } => root,
        }
    }
}

/// What a change came to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    Stored(Stored),
    Deleted(Deleted),
}

/// Answer to one change.
pub(crate) type Answer = Result<Outcome, StoreError>;

/// Most changes in one transaction: bounds how long the first of them waits, and how many bodies without a row a
/// crash can leave.
pub(crate) const MAX_GROUP: usize = 64;

/// Changes waiting for their turn. Whoever finds nobody at work does the work for all who wait.
#[derive(Debug, Default)]
pub(crate) struct CommitQueue {
    state: Mutex<State>,
    progress: Condvar,
}

#[derive(Debug, Default)]
struct State {
    next_ticket: u64,
    waiting: Vec<(u64, Change)>,
    answers: HashMap<u64, Answer>,
    working: bool,
}

impl CommitQueue {
    /// Hands in a change and waits for its answer. `apply` answers one for one.
    pub(crate) fn submit(&self, change: Change, apply: impl Fn(Vec<Change>) -> Vec<Answer>) -> Answer {
        let mut state = self.state.lock();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting.push((ticket, change));
        loop {
            if let Some(answer) = state.answers.remove(&ticket) {
                return answer;
            }
            if state.working {
                self.progress.wait(&mut state);
                continue;
            }
            let (tickets, changes) = state.take_group();
            state.working = true;
            drop(state);
            let answers = apply(changes);
            state = self.state.lock();
            state.working = false;
            state.answers.extend(tickets.into_iter().zip(answers));
            self.progress.notify_all();
        }
    }
}

#[cfg(test)]
impl CommitQueue {
    /// Changes whose turn has not come.
    pub(crate) fn waiting(&self) -> usize {
        self.state.lock().waiting.len()
    }
}

impl State {
    /// The oldest changes, no two of them about the same root: the order of those would matter.
    fn take_group(&mut self) -> (Vec<u64>, Vec<Change>) {
        let (mut tickets, mut changes): (Vec<u64>, Vec<Change>) = (Vec::new(), Vec::new());
        let mut later = Vec::new();
        for (ticket, change) in self.waiting.drain(..) {
            let is_taken = changes.iter().any(|taken| taken.root() == change.root());
            if changes.len() < MAX_GROUP && !is_taken {
                tickets.push(ticket);
                changes.push(change);
            } else {
                later.push((ticket, change));
            }
        }
        self.waiting = later;
        (tickets, changes)
    }
}
