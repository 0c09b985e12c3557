//! Shows a file in the system's file manager.

use std::path::PathBuf;
use std::time::Duration;

use layr_node::error::{ErrorCode, NodeError, Retry};
use tokio::time::timeout;

/// Longest wait for a file manager that may have to be started first.
const ANSWER_DEADLINE: Duration = Duration::from_secs(10);

/// Opens the folder of `path` with it selected. The path is one that Rust knows, never one that the page names.
///
/// # Errors
/// [`ErrorCode::LocalFile`] where no file manager answers.
pub(crate) async fn reveal(path: PathBuf) -> Result<(), NodeError> {
    let shown = path.display().to_string();
    // The file manager is asked over the session bus, which blocks.
    let asked = tokio::task::spawn_blocking(move || tauri_plugin_opener::reveal_item_in_dir(path));
    let reason = match timeout(ANSWER_DEADLINE, asked).await {
        Ok(Ok(Ok(()))) => return Ok(()),
        Ok(Ok(Err(error))) => error.to_string(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("it did not answer within {} s", ANSWER_DEADLINE.as_secs()),
    };
    let message = format!(
        "No file manager could be asked to show {shown}: {reason}. The file is there; open its folder by hand."
    );
    Err(NodeError::new(ErrorCode::LocalFile, message).with_retry(Retry::Automatic))
}
