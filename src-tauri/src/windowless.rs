//! The app without a window: the real handler, permissions, state and node on a runtime that draws nothing. For the tests
//! of the commands and for the bridge of the browser tests.

use std::sync::Arc;

use serde_json::Value;
use tauri::ipc::{CallbackFn, InvokeBody, InvokeError, InvokeResponse};
use tauri::test::{INVOKE_KEY, MockRuntime, mock_builder};
use tauri::webview::InvokeRequest;
use tauri::{App, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tokio::sync::oneshot;

use crate::clipboard::FakeClipboard;
use crate::desktop::FakeDesktop;
use crate::dialogs::FakeDialogs;
use crate::node_host::{self, HostStart};
use crate::opening::{self, Named, Opening};
use crate::shell::Shell;
use crate::{MAIN_WINDOW, ipc};

/// What only a desktop can do, handed in by a test. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Fakes {
    pub(crate) dialogs: FakeDialogs,
    pub(crate) desktop: FakeDesktop,
    pub(crate) clipboard: FakeClipboard,
}

/// Starts the node and opens the page's door, as the window has it, with something to open once the node runs.
///
/// # Errors
/// What the runtime says.
pub(crate) fn open(
    start: HostStart,
    opens: Option<Named>,
    fakes: &Fakes,
) -> tauri::Result<(App<MockRuntime>, WebviewWindow<MockRuntime>)> {
    let Fakes { dialogs, desktop, clipboard } = fakes.clone();
    let app = mock_builder().invoke_handler(ipc::handler()).build(crate::context())?;
    let host = node_host::start(app.handle(), start);
    let opening = Arc::new(Opening::default());
    opening::start(app.handle(), &opening, host.views());
    if let Some(named) = opens {
        opening.arrive(named);
    }
    app.manage(Shell::new(host, Box::new(desktop), Box::new(dialogs), Box::new(clipboard), opening));
    let window = WebviewWindowBuilder::new(&app, MAIN_WINDOW, WebviewUrl::default()).build()?;
    Ok((app, window))
}

/// What a call from the page in `window` is answered with, permissions included.
///
/// # Errors
/// What the page would catch: a `UiError`, or a text where the call did not get as far as the command.
pub(crate) async fn answer(
    window: &WebviewWindow<MockRuntime>,
    command: &str,
    arguments: Value,
) -> Result<Value, Value> {
    let url: Url = window.url().map_err(|error| Value::from(error.to_string()))?;
    let request = InvokeRequest {
        cmd: command.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url,
        body: InvokeBody::Json(arguments),
        headers: tauri::http::HeaderMap::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    let (tell, told) = oneshot::channel();
    // Nobody waits any more where the page went away.
    window
        .as_ref()
        .clone()
        .on_message(request, Box::new(move |_, _, response, _, _| drop(tell.send(response))));
    match told.await {
        Ok(InvokeResponse::Ok(body)) => body.deserialize().map_err(|error| Value::from(error.to_string())),
        Ok(InvokeResponse::Err(InvokeError(error))) => Err(error),
        Err(_) => Err(Value::from("the call was not answered")),
    }
}
