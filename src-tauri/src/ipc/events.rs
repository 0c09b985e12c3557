//! What the shell tells the page unasked: every event declared once, as the commands are.

use layr_node::api::TransfersReport;
use serde::Serialize;
use tauri::{AppHandle, Emitter, Runtime};

use super::UiError;
use crate::MAIN_WINDOW;
use crate::view::NodeView;

macro_rules! events {
    ($($(#[doc = $doc:literal])* $variant:ident($payload:ty) = $name:literal,)*) => {
        /// One event with what it carries.
        #[derive(Debug)]
        pub(crate) enum PageEvent {
            $($(#[doc = $doc])* $variant($payload),)*
        }

        impl PageEvent {
            /// Every event's name.
            #[cfg(any(test, feature = "test-bridge"))]
            pub(crate) const NAMES: &[&str] = &[$($name),*];

            /// Hands it to the page in the main window.
            pub(crate) fn send<R: Runtime>(self, app: &AppHandle<R>) {
                let sent = match self {
                    $(Self::$variant(payload) => app.emit_to(MAIN_WINDOW, $name, payload),)*
                };
                if let Err(error) = sent {
                    tracing::warn!("the page was not told of a change: {error}");
                }
            }
        }

        /// Names and payloads for the bindings.
        #[cfg(test)]
        pub(super) fn described(shapes: &mut super::bindings::Shapes) -> Vec<(&'static str, String, String)> {
            vec![$(($name, [$($doc),*].concat().trim().to_owned(), shapes.of::<$payload>())),*]
        }
    };
}

events! {
    /// Where the node of this window stands, after every change.
    NodeView(Box<NodeView>) = "node-view",
    /// The queue of uploads and downloads, at most four times a second and only while the window is visible.
    Transfers(TransfersReport) = "transfers",
    /// Files or their health changed: what was listed may be out of date.
    LibraryChanged(()) = "library-changed",
    /// Something happened that a person should know, or is resolved: `activity` answers anew.
    ActivityChanged(()) = "activity-changed",
    /// What the window remembers of this home changed: `shell_state` answers anew.
    ShellStateChanged(()) = "shell-state-changed",
    /// Files are dragged over the window or were dropped onto it.
    Drop(DropEvent) = "drop",
    /// Something that the person chose outside the window, in the tray's menu, was not done.
    Refused(RefusedEvent) = "refused",
    /// A file or link was opened from outside and waits for a yes; `opened` says what it holds.
    Opened(()) = "opened",
    /// The person closes the window and has not said yet what that means; answered by `close_decided`.
    CloseAsked(()) = "close-asked",
    /// The person asked outside the window for something in it.
    Navigate(NavigateEvent) = "navigate",
}

/// Where to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct NavigateEvent {
    /// A route of the page, such as `/transfers`.
    pub(crate) to: String,
}

/// What was not done, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RefusedEvent {
    pub(crate) action: RefusedAction,
    pub(crate) error: UiError,
}

/// What can be chosen outside the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefusedAction {
    /// To pause all transfers.
    Pause,
    /// To let them go on.
    Resume,
    /// To choose files to store.
    Upload,
}

/// A drag from outside, without its paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct DropEvent {
    pub(crate) phase: DropPhase,
    /// Items dragged; on `enter` and `drop`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub(crate) count: Option<usize>,
    /// On `drop`, what the page may ask a review of; absent where the items were refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub(crate) selection: Option<String>,
    /// On `drop`, why the items were not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub(crate) refused: Option<UiError>,
}

/// How far a drag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum DropPhase {
    /// It came over the window.
    Enter,
    /// It went away again.
    Leave,
    /// It was let go over the window.
    Drop,
}
