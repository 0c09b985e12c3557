//! What the page may ask for. Each command is a wrapper: it hands over to the node's host and answers.

use tauri::State;

use crate::node_host::NodeHost;
use crate::view::NodeView;

/// Where the node stands right now; changes arrive as `node-view` events.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "the shell hands its state over by value")]
pub(crate) fn node_view(host: State<'_, NodeHost>) -> NodeView {
    host.view()
}

/// Tries again to start a node that could not start. Without effect on one that runs or is starting.
#[tauri::command]
pub(crate) async fn retry_start(host: State<'_, NodeHost>) -> Result<(), ()> {
    host.retry_start().await;
    Ok(())
}
