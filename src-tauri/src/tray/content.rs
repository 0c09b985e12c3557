//! What the tray's menu says, as a value: compared with what is shown, so that only changes reach the desktop.

use jiff::tz::TimeZone;
use layr_node::api::{TransferKind, TransferState, TransfersReport};
use serde_json::Value;
use url::form_urlencoded;

use super::progress::{menu_name, progress_line};
use super::state::{Needs, Status, TrayState, status};
use crate::view::NodeView;

/// Most recent transfers in the menu.
const RECENT: usize = 5;

/// Icon and menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) state: TrayState,
    /// Where the node stands.
    pub(super) status: String,
    /// What moves, once it is measured.
    pub(super) progress: Option<String>,
    pub(super) shape: Shape,
}

/// What decides which entries there are; the rest of a [`Content`] is only their text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each decides about entries of its own")]
pub(super) struct Shape {
    pub(super) has_progress: bool,
    /// Whether a node is there to be asked for anything.
    pub(super) has_node: bool,
    /// Whether everything is paused: then the menu offers to resume.
    pub(super) is_paused: bool,
    /// Whether the menu leads to agreements that are to be renewed.
    pub(super) renewals_due: bool,
    /// What was finished last, newest first.
    pub(super) recent: Vec<Recent>,
}

/// Something that was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recent {
    pub(super) name: String,
    /// Its place in the page.
    pub(super) to: String,
}

pub(super) fn content(
    view: &NodeView,
    report: Option<&TransfersReport>,
    waiting: Needs,
    zone: &TimeZone,
) -> Content {
    let Status { state, line } = status(view, report, waiting, zone);
    let report = report.filter(|_| matches!(view, NodeView::Running { .. }));
    let progress = report.and_then(progress_line);
    let shape = Shape {
        has_progress: progress.is_some(),
        has_node: report.is_some(),
        is_paused: report.is_some_and(|report| report.paused_all),
        renewals_due: report.is_some() && waiting.renewals_due,
        recent: report.map(recent).unwrap_or_default(),
    };
    Content { state, status: line, progress, shape }
}

fn recent(report: &TransfersReport) -> Vec<Recent> {
    let mut done: Vec<_> =
        report.transfers.iter().filter(|transfer| transfer.state == TransferState::Done).collect();
    // Times are written so that their order is that of their text.
    done.sort_by(|a, b| (&b.finished, b.id).cmp(&(&a.finished, a.id)));
    done.into_iter()
        .take(RECENT)
        .map(|transfer| {
            let to = match transfer.kind {
                TransferKind::Upload => library_place(transfer.folder.as_deref()),
                TransferKind::Download => "/transfers".to_owned(),
            };
            Recent { name: menu_name(&transfer.name), to }
        })
        .collect()
}

/// The page's place for a directory of the library. Its router reads values of an address as JSON.
fn library_place(folder: Option<&str>) -> String {
    match folder.filter(|folder| *folder != "/") {
        Some(folder) => {
            let dir = Value::from(folder).to_string();
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("dir", &dir).finish();
            format!("/library?{query}")
        }
        None => "/library".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{report, running, transfer};
    use super::*;

    #[test]
    fn recent_are_the_five_that_ended_last() {
        let mut all = report(&[TransferState::Running]);
        for id in 0..7_u64 {
            let mut one = transfer(TransferState::Done);
            (one.id, one.name) = (id, format!("file {id}"));
            // The last but one ended first.
            one.finished = Some(format!("2026-01-01T00:00:0{}Z", if id == 5 { 0 } else { id }));
            all.transfers.push(one);
        }
        all.transfers[7].kind = TransferKind::Download;
        let shape = content(&running(1, 1), Some(&all), Needs::default(), &TimeZone::UTC).shape;
        let names: Vec<_> =
            shape.recent.iter().map(|recent| (recent.name.as_str(), recent.to.as_str())).collect();
        assert_eq!(
            names,
            [
                ("file 6", "/transfers"),
                ("file 4", "/library"),
                ("file 3", "/library"),
                ("file 2", "/library"),
                ("file 1", "/library")
            ]
        );
    }

    #[test]
    fn an_upload_leads_to_where_it_lies() {
        let place = |folder| library_place(Some(folder));
        assert_eq!(place("/"), "/library");
        assert_eq!(library_place(None), "/library");
        // The page's tests follow this one.
        assert_eq!(place("/Fotos Müller/50% & \"mehr\"+"), EXAMPLE);
    }

    const EXAMPLE: &str = "/library?dir=%22%2FFotos+M%C3%BCller%2F50%25+%26+%5C%22mehr%5C%22%2B%22";

    #[test]
    fn without_a_node_nothing_of_it_is_offered() {
        let old = TransfersReport { paused_all: true, ..report(&[TransferState::Done]) };
        let due = Needs { renewals_due: true, ..Needs::default() };
        let shape = content(&NodeView::Starting, Some(&old), due, &TimeZone::UTC).shape;
        assert_eq!(
            shape,
            Shape {
                has_progress: false,
                has_node: false,
                is_paused: false,
                renewals_due: false,
                recent: Vec::new()
            }
        );
        let shape = content(&running(1, 1), Some(&old), due, &TimeZone::UTC).shape;
        assert!(shape.is_paused && shape.renewals_due);
    }
}
