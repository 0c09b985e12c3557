//! The page in a browser, for tests: an HTTP server on the loopback address that hands out the page of the app and takes
//! its calls.
//!
//! A call goes to the handler that the window has, with the window's permissions, so every command of the registry is
//! there and nothing else. What only a desktop can do is handed in by the test: answers of file dialogs and drops, under
//! `/hand/`. Nothing but the page's own files is given to one who does not know the token; a page from elsewhere is refused
//! even if it does. See `docs/adr/0017-test-bridge.md`.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use layr_node::error::{ErrorCode, NodeError};
use tauri::test::MockRuntime;
use tauri::{AppHandle, Listener, Manager, WebviewWindow};
use tokio::net::TcpListener;
use tokio::sync::broadcast;

use crate::dialogs::FakeDialogs;
use crate::ipc::PageEvent;
use crate::selections::random_id;

mod guard;
mod page;
mod server;
#[cfg(test)]
pub(crate) mod tests;

/// Events that a slow browser may be behind; the node tells of a few a second.
const MAX_EVENTS_BEHIND: usize = 1024;

/// What the server works on.
pub(crate) struct Bridge {
    app: AppHandle<MockRuntime>,
    window: WebviewWindow<MockRuntime>,
    dialogs: FakeDialogs,
    /// Every event of the page as a JSON document.
    events: broadcast::Sender<String>,
    address: SocketAddr,
    token: String,
}

impl Bridge {
    /// Where a browser finds the page.
    #[cfg(feature = "test-bridge")]
    pub(crate) fn url(&self) -> String {
        format!("http://{}/?token={}", self.address, self.token)
    }

    /// The app of `window` on a free port, and the listener for it.
    ///
    /// # Errors
    /// Without a free port or randomness.
    pub(crate) async fn bind(
        window: WebviewWindow<MockRuntime>,
        dialogs: FakeDialogs,
    ) -> Result<(Arc<Self>, TcpListener), NodeError> {
        let of_system = |error: std::io::Error| NodeError::new(ErrorCode::Internal, error.to_string());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(of_system)?;
        let bridge = Self {
            app: window.app_handle().clone(),
            window,
            dialogs,
            events: broadcast::Sender::new(MAX_EVENTS_BEHIND),
            address: listener.local_addr().map_err(of_system)?,
            token: random_id()?,
        };
        bridge.pass_events_on();
        Ok((Arc::new(bridge), listener))
    }

    /// Every event from now on.
    pub(crate) fn events(&self) -> broadcast::Receiver<String> {
        self.events.subscribe()
    }

    fn pass_events_on(&self) {
        for name in PageEvent::NAMES {
            let events = self.events.clone();
            self.app.listen_any(*name, move |event| {
                // No browser looks at the page yet, or none any more.
                let _ = events.send(format!(r#"{{"event":"{name}","payload":{}}}"#, event.payload()));
            });
        }
    }
}

/// Runs the app of the home that the command line names, until a signal or its node ends it. `ready` is told where a
/// browser finds it.
#[cfg(feature = "test-bridge")]
pub fn run(ready: impl FnOnce(&str)) -> std::process::ExitCode {
    crate::start_log();
    let start = match crate::asked() {
        Ok(start) => start,
        Err(refused) => return refused,
    };
    match serve(start, ready) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("the bridge cannot be opened: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(feature = "test-bridge")]
fn serve(
    crate::home::Start { home, opens, .. }: crate::home::Start,
    ready: impl FnOnce(&str),
) -> Result<(), Box<dyn std::error::Error>> {
    let (quit, quitting) = std::sync::mpsc::sync_channel(1);
    // A full channel means that the end is under way.
    let quit: crate::node_host::Quit = Arc::new(move || {
        let _ = quit.try_send(());
    });
    let start = crate::node_host::HostStart {
        home,
        environment: Box::new(|name| std::env::var_os(name)),
        quit: Arc::clone(&quit),
    };
    let mut fakes = crate::windowless::Fakes::default();
    fakes.desktop.on_quit = Some(quit);
    let (app, window) = crate::windowless::open(start, opens, &fakes)?;
    let (bridge, listener) = tauri::async_runtime::block_on(Bridge::bind(window, fakes.dialogs))?;
    let url = bridge.url();
    tauri::async_runtime::spawn(server::serve(bridge, listener));
    ready(&url);
    quitting.recv()?;
    app.state::<crate::shell::Shell>().host.stop();
    Ok(())
}
