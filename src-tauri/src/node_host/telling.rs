//! What the page is told of the node unasked, and the tray of what moves.

use std::sync::Arc;
use std::time::Duration;

use layr_node::api::TransfersReport;
use layr_node::node::{Node, NodeEvent};
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{broadcast, watch};
use tokio::task::block_in_place;
use tokio::time::sleep;

use super::{LOOK_PAUSE, LOOK_PAUSE_HIDDEN};
use crate::MAIN_WINDOW;
use crate::ipc::PageEvent;
use crate::view::NodeView;

/// Least time between two looks at what could not be read.
const UNREAD_PAUSE: Duration = Duration::from_secs(2);

/// What the tray shows beside the node's state, as last looked at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outlook {
    /// The queue.
    pub(crate) transfers: TransfersReport,
    /// Whether anything that happened waits for the person.
    pub(crate) needs_person: bool,
    /// Whether agreements are to be renewed, or money is missing for them.
    pub(crate) renewals_due: bool,
}

/// None before the first look at a node.
pub(crate) type Moving = Option<Arc<Outlook>>;

pub(super) type Tell = Arc<Teller>;

/// Tells the page something.
pub(super) struct Teller {
    send: Box<dyn Fn(PageEvent) + Send + Sync>,
    /// Whether anybody can see the window: what moves fast is not told to one that is hidden.
    is_seen: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Teller {
    /// Tells it, also a page that nobody can see.
    pub(super) fn tell(&self, event: PageEvent) {
        (self.send)(event);
    }
}

/// Tells the page in the window of this app.
pub(super) fn teller<R: Runtime>(app: &AppHandle<R>) -> Teller {
    let (to_page, window) = (app.clone(), app.clone());
    let is_seen = move || {
        // The main thread answers; the node's tasks do not wait for it on this one.
        block_in_place(|| {
            window.get_webview_window(MAIN_WINDOW).is_some_and(|window| {
                window.is_visible().unwrap_or(true) && !window.is_minimized().unwrap_or(false)
            })
        })
    };
    Teller { send: Box::new(move |event| event.send(&to_page)), is_seen: Box::new(is_seen) }
}

/// Hands each new view to the page, while somebody can see it. Ends with the supervisor.
pub(super) async fn tell_views(
    tell: Tell,
    mut view: watch::Receiver<NodeView>,
    mut is_shown_again: watch::Receiver<()>,
) {
    loop {
        tokio::select! {
            changed = view.changed() => if changed.is_err() { return },
            shown = is_shown_again.changed() => if shown.is_err() { return },
        }
        if (tell.is_seen)() {
            let latest = view.borrow_and_update().clone();
            (tell.send)(PageEvent::NodeView(Box::new(latest)));
        }
    }
}

/// Tells the page that what it has listed may be out of date, and page and tray what moves; what happens within a pause is
/// told once. A page that nobody can see is told when it is shown again. Ends with the node.
pub(super) async fn tell_changes(
    tell: Tell,
    node: Node,
    mut events: broadcast::Receiver<NodeEvent>,
    moves: Arc<watch::Sender<Moving>>,
    mut is_shown_again: watch::Receiver<()>,
) {
    // What an earlier node of this app left to say is not known here.
    let (mut is_library, mut is_queue, mut is_activity) = (false, true, false);
    let mut is_person_asked = true;
    let mut outlook = Outlook::default();
    loop {
        let is_seen = (tell.is_seen)();
        if is_library && is_seen {
            (tell.send)(PageEvent::LibraryChanged(()));
            is_library = false;
        }
        if is_activity && is_seen {
            (tell.send)(PageEvent::ActivityChanged(()));
            is_activity = false;
        }
        let before = (is_queue, is_person_asked);
        if is_person_asked && let Ok(counts) = node.activity_counts().await {
            outlook.needs_person = counts.open_actions > 0;
            outlook.renewals_due = counts.renewals_due;
            is_person_asked = false;
        }
        if is_queue && let Ok(report) = node.transfers().await {
            outlook.transfers = report.clone();
            if is_seen {
                (tell.send)(PageEvent::Transfers(report));
            }
            is_queue = false;
        }
        // What could not be read is asked for again, and nothing is told of a node before all of it was read once.
        let is_read = !is_queue && !is_person_asked;
        if is_read && before != (false, false) {
            moves.send_replace(Some(Arc::new(outlook.clone())));
        }
        let mut next = tokio::select! {
            event = events.recv() => event,
            () = sleep(UNREAD_PAUSE), if !is_read => continue,
            // The page asks for what moves by itself then.
            shown = is_shown_again.changed() => if shown.is_ok() { continue } else { return },
        };
        sleep(if is_seen { LOOK_PAUSE } else { LOOK_PAUSE_HIDDEN }).await;
        loop {
            match next {
                Ok(NodeEvent::LibraryChanged) => is_library = true,
                Ok(NodeEvent::TransfersChanged) => is_queue = true,
                Ok(NodeEvent::WorkersChanged) => is_activity = true,
                Ok(NodeEvent::ActivityChanged) => (is_activity, is_person_asked) = (true, true),
                // A reader that lags has lost events, which may have been these.
                Err(RecvError::Lagged(_)) => {
                    (is_library, is_queue, is_activity, is_person_asked) = (true, true, true, true);
                }
                Ok(_) => {}
                Err(RecvError::Closed) => return,
            }
            next = match events.try_recv() {
                Ok(event) => Ok(event),
                Err(TryRecvError::Lagged(lost)) => Err(RecvError::Lagged(lost)),
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            };
        }
    }
}
