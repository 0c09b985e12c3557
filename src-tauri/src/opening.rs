//! What comes from outside to an app that runs already.

use std::ffi::OsString;
use std::path::Path;

use tauri::{AppHandle, Runtime};

use crate::home::HIDDEN;
use crate::window;

/// A second start of the app hands over its arguments, without the program's name, and its working directory. Shows the window,
/// but not for a start that shall show none: the app is there already.
pub(crate) fn arguments<R: Runtime>(app: &AppHandle<R>, arguments: &[OsString], _directory: &Path) {
    if !arguments.iter().any(|argument| argument == HIDDEN) {
        window::raise(app);
    }
}
