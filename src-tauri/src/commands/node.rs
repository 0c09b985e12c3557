//! The node itself.

use crate::ipc::UiError;
use crate::shell::Shell;
use crate::view::NodeView;

pub(crate) async fn node_view(shell: &Shell) -> Result<NodeView, UiError> {
    Ok(shell.host.view())
}

pub(crate) async fn retry_start(shell: &Shell) -> Result<(), UiError> {
    shell.host.retry_start().await;
    Ok(())
}
