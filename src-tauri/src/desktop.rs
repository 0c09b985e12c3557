//! The desktop around the app, as far as commands reach for it.

use layr_node::error::{ErrorCode, NodeError};
use tauri::{AppHandle, Manager, Runtime};

use crate::MAIN_WINDOW;

/// What commands ask of the desktop; a trait, so that tests of the commands need none.
pub(crate) trait Desktop: Send + Sync {
    /// Opens the print dialog on what the page shows, and does not wait for it.
    ///
    /// # Errors
    /// What the system says.
    fn print(&self) -> Result<(), NodeError>;
}

/// The desktop that the app runs on.
pub(crate) struct RealDesktop<R: Runtime> {
    pub(crate) app: AppHandle<R>,
}

impl<R: Runtime> Desktop for RealDesktop<R> {
    fn print(&self) -> Result<(), NodeError> {
        let Some(window) = self.app.get_webview_window(MAIN_WINDOW) else { return Ok(()) };
        window.print().map_err(|error| {
            NodeError::new(ErrorCode::LocalFile, format!("The print dialog cannot be opened: {error}."))
        })
    }
}

/// A desktop that notes what it was asked for. Used by tests only.
#[cfg(test)]
#[derive(Clone, Default)]
pub(crate) struct FakeDesktop {
    /// What happened, in order.
    pub(crate) done: std::sync::Arc<parking_lot::Mutex<Vec<&'static str>>>,
}

#[cfg(test)]
impl Desktop for FakeDesktop {
    fn print(&self) -> Result<(), NodeError> {
        self.done.lock().push("printed");
        Ok(())
    }
}
