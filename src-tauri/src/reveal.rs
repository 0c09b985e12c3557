//! Shows a file in the system's file manager.

use std::path::PathBuf;

use layr_node::error::{ErrorCode, NodeError, Retry};

/// Opens the folder of `path` with it selected. The path is one that Rust knows, never one that the page names.
///
/// # Errors
/// [`ErrorCode::LocalFile`] where no file manager answers.
pub(crate) async fn reveal(path: PathBuf) -> Result<(), NodeError> {
    let shown = path.display().to_string();
    // The file manager is asked over the session bus, which blocks.
    let asked = tokio::task::spawn_blocking(move || tauri_plugin_opener::reveal_item_in_dir(path)).await;
    let reason = match asked {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    let message = format!(
        "No file manager could be asked to show {shown}: {reason}. The file is there; open its folder by hand."
    );
    Err(NodeError { retry: Retry::Automatic, ..NodeError::new(ErrorCode::LocalFile, message) })
}
