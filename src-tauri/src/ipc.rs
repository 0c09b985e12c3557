//! The door of the page: each command of the registry as a function that the window's bridge serves.
//!
//! What is written here is the same for all of them: the request is read and checked ([`Request`]), the number of calls
//! at a time is bounded, and what goes wrong leaves as one kind of error. What a command does lies in `commands`.

use layr_node::error::NodeError;
use tauri::ipc::Invoke;
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::{Semaphore, SemaphorePermit};

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

/// Commands that need no place, as they do next to nothing: with all places taken, the window can still be closed, the app
/// ended or locked, a check or repair stopped, and the page shown.
const WITHOUT_PLACE: [&str; 7] =
    ["node_view", "close_decided", "close_dismissed", "quit", "lock", "check_cancel", "repair_cancel"];
/// Commands that wait for something for long and work for a moment: they have places of their own, as many.
const WAITING: [&str; 1] = ["phrase_copy_end"];

/// The places for commands at work, and for those that wait.
pub(crate) struct Calls {
    at_work: Semaphore,
    waiting: Semaphore,
}

impl Default for Calls {
    fn default() -> Self {
        Self { at_work: Semaphore::new(MAX_CALLS), waiting: Semaphore::new(MAX_CALLS) }
    }
}

impl Calls {
    /// A place for this command, once there is one; none for those that need none.
    async fn place(&self, command: &str) -> Option<SemaphorePermit<'_>> {
        if WITHOUT_PLACE.contains(&command) {
            return None;
        }
        let places = if WAITING.contains(&command) { &self.waiting } else { &self.at_work };
        // They are never closed.
        places.acquire().await.ok()
    }
}

#[cfg(test)]
impl Calls {
    /// Takes all places for work.
    pub(crate) fn all(&self) -> SemaphorePermit<'_> {
        self.at_work.try_acquire_many(u32::try_from(MAX_CALLS).unwrap()).unwrap()
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
            let _place = shell.calls.place(stringify!($name)).await;
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
            let _place = shell.calls.place(stringify!($name)).await;
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
