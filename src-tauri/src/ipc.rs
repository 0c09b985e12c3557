//! The door of the page: each command of the registry as a function that the window's bridge serves.
//!
//! What is written here is the same for all of them: the request is read and checked ([`Request`]), the number of calls
//! at a time is bounded, and what goes wrong leaves as one kind of error. What a command does lies in `commands`.

use layr_node::error::NodeError;
use tauri::ipc::Invoke;
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::Semaphore;

#[macro_use]
mod registry;
#[cfg(test)]
mod agreement;
#[cfg(test)]
mod bindings;
mod events;
mod request;

use crate::commands;
use crate::shell::Shell;
pub(crate) use events::{DropEvent, DropPhase, NavigateEvent, PageEvent, RefusedAction, RefusedEvent};
pub(crate) use request::{Check, Request, at_most, one_id, one_name, some_names};

/// What every command answers with when it fails; on the page `UiError`.
pub(crate) type UiError = NodeError;

/// Most commands at work at a time; further ones wait. A page shows a dozen things at once, a hostile one asks for more.
const MAX_CALLS: usize = 32;

/// The places for commands at work.
pub(crate) struct Calls(Semaphore);

impl Default for Calls {
    fn default() -> Self {
        Self(Semaphore::new(MAX_CALLS))
    }
}

macro_rules! served {
    ($($(#[$doc:meta])* $module:ident::$name:ident($($request:ty)?) -> $answer:ty,)*) => {
        $(served!(@one $(#[$doc])* $module $name ($($request)?) $answer);)*
    };
    (@one $(#[$doc:meta])* $module:ident $name:ident () $answer:ty) => {
        $(#[$doc])*
        #[tauri::command]
        pub(super) async fn $name<R: Runtime>(app: AppHandle<R>) -> Result<$answer, UiError> {
            let shell = app.state::<Shell>();
            let _place = shell.calls.0.acquire().await;
            commands::$module::$name(&shell).await
        }
    };
    (@one $(#[$doc:meta])* $module:ident $name:ident ($request:ty) $answer:ty) => {
        $(#[$doc])*
        #[tauri::command]
        pub(super) async fn $name<R: Runtime>(
            app: AppHandle<R>,
            request: Request<$request>,
        ) -> Result<$answer, UiError> {
            let shell = app.state::<Shell>();
            let _place = shell.calls.0.acquire().await;
            commands::$module::$name(&shell, request.into_inner()).await
        }
    };
}

#[allow(clippy::wildcard_imports, reason = "the registry names the types")]
mod served {
    use super::*;
    use crate::commands::shapes::*;

    registry!(served);
}

macro_rules! handler_of {
    ($($(#[$doc:meta])* $module:ident::$name:ident($($request:ty)?) -> $answer:ty,)*) => {
        tauri::generate_handler![$(served::$name),*]
    };
}

/// Serves the registry's commands and no other.
pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    registry!(handler_of)
}
