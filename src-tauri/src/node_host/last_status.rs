//! The status of a running node as the window shows it: the last one that could be read, and why there is no newer one.

use std::time::Duration;

use futures::future::BoxFuture;
use layr_node::api::StatusReport;
use layr_node::error::{ErrorCode, NodeError};
use tokio::time::timeout;

use crate::home::ChosenHome;
use crate::view::NodeView;

/// Looks at the status in a row that may fail before the window says so: a database can be busy for a moment.
const FAILURES: u32 = 3;

/// Longest wait for a node to say how it is. What it takes is in memory or a question to its database; a disk that hangs
/// shall not leave the window with what was true before.
const DEADLINE: Duration = Duration::from_secs(10);
/// The same before it has ever said so: a large library on a slow disk is read through for the first answer, and the window shows
/// meanwhile that the node starts, which is true.
const FIRST_DEADLINE: Duration = Duration::from_secs(30);

type Status = Result<StatusReport, NodeError>;

/// Looks at a node, one at a time: one that hangs is waited for again and not doubled, as each may hold a thread.
pub(super) struct Look {
    deadline: Duration,
    ask: Box<dyn Fn() -> BoxFuture<'static, Status> + Send>,
    under_way: Option<BoxFuture<'static, Status>>,
}

impl Look {
    pub(super) fn new(ask: impl Fn() -> BoxFuture<'static, Status> + Send + 'static) -> Self {
        Self { deadline: FIRST_DEADLINE, ask: Box::new(ask), under_way: None }
    }

    /// How the node is; an error where it does not say so in time. Whoever stops waiting goes on with the same look.
    pub(super) async fn take(&mut self) -> Status {
        let under_way = self.under_way.get_or_insert_with(|| (self.ask)());
        let Ok(status) = timeout(self.deadline, under_way).await else {
            let message = "The node does not say how it is. A disk may be slow or away.";
            return Err(NodeError::new(ErrorCode::LocalFile, message));
        };
        self.under_way = None;
        self.deadline = self.deadline.min(DEADLINE);
        status
    }
}

/// What the looks at one node have brought.
#[derive(Debug, Default)]
pub(super) struct LastStatus {
    last: Option<StatusReport>,
    failures: u32,
}

impl LastStatus {
    /// What is shown after this look, if anything is to be changed. A node that has once said how it is stays there, however
    /// many looks fail: it serves, and closing the window keeps it.
    pub(super) fn looked(
        &mut self,
        home: &ChosenHome,
        looked: Result<StatusReport, NodeError>,
    ) -> Option<NodeView> {
        match looked {
            Ok(status) => {
                self.failures = 0;
                self.last = Some(status.clone());
                Some(NodeView::running(home, status))
            }
            Err(error) if self.failures < FAILURES => {
                tracing::warn!(%error, "the node's status cannot be read");
                self.failures += 1;
                None
            }
            Err(error) => Some(match &self.last {
                Some(status) => NodeView::running_unread(home, status.clone(), error),
                None => NodeView::failed(home, error),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use serde_json::Value;
    use tokio::sync::watch;

    use super::*;

    #[test]
    fn a_node_that_cannot_say_how_it_is_is_still_there() {
        let home = ChosenHome::named("/srv/layr".into());
        let examples: Value =
            serde_json::from_str(include_str!("../../../ui/src/ipc/node-views.json")).unwrap();
        let status: StatusReport = serde_json::from_value(examples["running"]["status"].clone()).unwrap();
        let failure = || Err(NodeError::new(ErrorCode::HomeInUse, "the database is busy"));
        // Also one that never said how it is: its own database is busy, and no other node has its home.
        let mut looks = LastStatus::default();
        let never = (0..=FAILURES).find_map(|_| looks.looked(&home, failure())).unwrap();
        assert!(matches!(never, NodeView::Failed { .. }), "{never:?}");
        let mut looks = LastStatus::default();
        let first = looks.looked(&home, Ok(status.clone())).unwrap();
        assert_eq!(serde_json::to_value(&first).unwrap()["status_error"], Value::Null);
        for _ in 0..FAILURES {
            assert!(looks.looked(&home, failure()).is_none(), "busy for a moment");
        }
        let unread = looks.looked(&home, failure()).unwrap();
        assert!(unread.is_node_there());
        let told = serde_json::to_value(&unread).unwrap();
        assert_eq!(told["phase"], "running");
        assert_eq!(told["status"]["peer_id"], Value::from(status.peer_id.clone()));
        assert_eq!(told["status_error"]["message"], "the database is busy");
        let again = looks.looked(&home, Ok(status)).unwrap();
        assert!(again.looks_like(&first), "as if nothing had been");
    }

    #[tokio::test]
    async fn a_look_that_hangs_is_an_error_in_time_and_is_not_doubled() {
        let asked = Arc::new(AtomicU32::new(0));
        let (answer, hangs) = watch::channel(false);
        let count = Arc::clone(&asked);
        let mut look = Look::new(move || {
            let (count, mut hangs) = (Arc::clone(&count), hangs.clone());
            Box::pin(async move {
                count.fetch_add(1, Ordering::Relaxed);
                let _ = hangs.wait_for(|is_over| *is_over).await;
                Err(NodeError::new(ErrorCode::Internal, "over"))
            })
        });
        look.deadline = Duration::from_millis(5);
        for _ in 0..3 {
            assert_eq!(look.take().await.unwrap_err().code, ErrorCode::LocalFile);
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        answer.send_replace(true);
        for looks in [1, 2] {
            assert_eq!(look.take().await.unwrap_err().message, "over");
            assert_eq!(asked.load(Ordering::Relaxed), looks);
        }
    }
}
