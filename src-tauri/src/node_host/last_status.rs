//! The status of a running node as the window shows it: the last one that could be read, and why there is no newer one.

use layr_node::api::StatusReport;
use layr_node::error::NodeError;

use crate::home::ChosenHome;
use crate::view::NodeView;

/// Looks at the status in a row that may fail before the window says so: a database can be busy for a moment.
const FAILURES: u32 = 3;

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
                None => NodeView::of_node_error(home, error),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use layr_node::error::ErrorCode;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_node_that_cannot_say_how_it_is_is_still_there() {
        let home = ChosenHome::named("/srv/layr".into());
        let examples: Value =
            serde_json::from_str(include_str!("../../../ui/src/ipc/node-views.json")).unwrap();
        let status: StatusReport = serde_json::from_value(examples["running"]["status"].clone()).unwrap();
        let failure = || Err(NodeError::new(ErrorCode::HomeInUse, "the database is busy"));
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
}
