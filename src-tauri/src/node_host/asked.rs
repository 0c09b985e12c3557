//! What the supervisor is asked for.

use tokio::sync::{mpsc, oneshot};

/// Dropped when what was asked for is over.
pub(super) type Answer = oneshot::Sender<()>;

/// What the supervisor is asked for.
pub(super) enum Asked {
    /// Another attempt to start the node.
    Start(Option<Answer>),
    /// The node's end, and not the app's.
    Lock(Answer),
}

impl Asked {
    /// Whom to answer.
    pub(super) fn answer(self) -> Option<Answer> {
        match self {
            Self::Start(answer) => answer,
            Self::Lock(answer) => Some(answer),
        }
    }
}

/// Waits until the app is locked. A node that runs has been started: attempts are over.
pub(super) async fn lock(asked: &mut mpsc::Receiver<Asked>) -> Answer {
    loop {
        match asked.recv().await {
            Some(Asked::Lock(answer)) => return answer,
            Some(Asked::Start(_)) => {}
            // Nobody is left who could ask.
            None => std::future::pending().await,
        }
    }
}
