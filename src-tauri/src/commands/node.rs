//! The node itself.

use crate::ipc::UiError;
use crate::shell::Shell;
use crate::view::NodeView;

#[expect(clippy::unused_async, reason = "the registry serves every command alike")]
pub(crate) async fn node_view(shell: &Shell) -> Result<NodeView, UiError> {
    Ok(shell.host.view())
}

pub(crate) async fn retry_start(shell: &Shell) -> Result<(), UiError> {
    shell.host.retry_start().await;
    Ok(())
}
