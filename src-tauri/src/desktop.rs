//! The desktop around the app, as far as commands reach for it.

use layr_node::error::{ErrorCode, NodeError};
use tauri::{AppHandle, Manager, Runtime};
use tauri_plugin_autostart::ManagerExt;

use crate::MAIN_WINDOW;
use crate::home::ChosenHome;
use crate::{autostart, closing, window};

/// What commands ask of the desktop; a trait, so that tests of the commands need none.
pub(crate) trait Desktop: Send + Sync {
    /// Whether the app starts when the person logs in.
    ///
    /// # Errors
    /// What the system says.
    fn starts_with_session(&self) -> Result<bool, NodeError>;

    /// Lets the app start when the person logs in, or no longer.
    ///
    /// # Errors
    /// What the system says; nothing is changed then.
    fn start_with_session(&self, starts: bool) -> Result<(), NodeError>;

    /// Takes the window away; the node runs on.
    fn hide_window(&self);

    /// Opens the print dialog on what the page shows, and does not wait for it.
    ///
    /// # Errors
    /// What the system says.
    fn print(&self) -> Result<(), NodeError>;

    /// Shows the page in this size, in percent.
    fn zoom(&self, percent: u16);

    /// Ends the app in the background.
    fn quit(&self);
}

/// The desktop that the app runs on.
pub(crate) struct RealDesktop<R: Runtime> {
    pub(crate) app: AppHandle<R>,
    pub(crate) home: ChosenHome,
}

impl<R: Runtime> Desktop for RealDesktop<R> {
    fn starts_with_session(&self) -> Result<bool, NodeError> {
        let is_there = self.app.autolaunch().is_enabled().map_err(refused)?;
        let entry = self.app.path().home_dir().ok();
        let entry =
            entry.and_then(|person| autostart::entry(&self.home, &self.app.package_info().name, &person));
        Ok(is_there && !entry.is_some_and(|entry| autostart::is_turned_off(&entry)))
    }

    fn start_with_session(&self, starts: bool) -> Result<(), NodeError> {
        let autolaunch = self.app.autolaunch();
        if !starts {
            return autolaunch.disable().map_err(refused);
        }
        if autostart::arguments(&self.home).is_none() {
            let message =
                "The path of this home cannot be written into the list of what starts when you log in.";
            return Err(NodeError::new(ErrorCode::LocalFile, message));
        }
        autolaunch.enable().map_err(refused)
    }

    fn hide_window(&self) {
        window::hide(&self.app);
    }

    fn print(&self) -> Result<(), NodeError> {
        let Some(window) = self.app.get_webview_window(MAIN_WINDOW) else { return Ok(()) };
        window.print().map_err(|error| {
            NodeError::new(ErrorCode::LocalFile, format!("The print dialog cannot be opened: {error}."))
        })
    }

    fn zoom(&self, percent: u16) {
        window::zoom(&self.app, percent);
    }

    fn quit(&self) {
        closing::quit(&self.app);
    }
}

#[expect(clippy::needless_pass_by_value, reason = "where errors are mapped")]
fn refused(error: tauri_plugin_autostart::Error) -> NodeError {
    let message =
        format!("The system did not change what starts when you log in: {error}. Nothing was changed.");
    NodeError::new(ErrorCode::LocalFile, message)
}

/// A desktop that notes what it was asked for. Used by tests only.
#[cfg(any(test, feature = "test-bridge"))]
#[derive(Clone, Default)]
pub(crate) struct FakeDesktop {
    /// Whether it starts the app with the session.
    pub(crate) starts: std::sync::Arc<std::sync::atomic::AtomicBool>,
    /// Whether it refuses to change that.
    pub(crate) refuses: std::sync::Arc<std::sync::atomic::AtomicBool>,
    /// What happened to the window and the app, in order.
    pub(crate) done: std::sync::Arc<parking_lot::Mutex<Vec<&'static str>>>,
    /// Ends the app in earnest, where there is one.
    pub(crate) on_quit: Option<crate::node_host::Quit>,
}

#[cfg(any(test, feature = "test-bridge"))]
impl Desktop for FakeDesktop {
    fn starts_with_session(&self) -> Result<bool, NodeError> {
        Ok(self.starts.load(std::sync::atomic::Ordering::Relaxed))
    }

    fn start_with_session(&self, starts: bool) -> Result<(), NodeError> {
        if self.refuses.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(NodeError::new(ErrorCode::LocalFile, "No."));
        }
        self.starts.store(starts, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }

    fn hide_window(&self) {
        self.done.lock().push("hidden");
    }

    fn print(&self) -> Result<(), NodeError> {
        self.done.lock().push("printed");
        Ok(())
    }

    fn zoom(&self, _percent: u16) {
        self.done.lock().push("zoomed");
    }

    fn quit(&self) {
        self.done.lock().push("quit");
        if let Some(quit) = &self.on_quit {
            quit();
        }
    }
}
