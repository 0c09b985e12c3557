//! The desktop shell: a window on the node that runs in this process.
//!
//! The node does the work and the page shows it; what lies here is the assembly. Nothing that the page sends is trusted:
//! it may call the commands of `ipc/registry.rs` and nothing else, and it cannot leave the app (`navigation.rs`).

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use tauri::{AppHandle, Context, Manager, RunEvent, Runtime, WindowEvent};
use tracing_subscriber::EnvFilter;

#[cfg(any(test, feature = "test-bridge"))]
mod bridge;
#[cfg(test)]
mod calls;
mod commands;
mod dialogs;
mod drops;
mod home;
mod ipc;
mod keys;
mod navigation;
mod node_host;
mod passphrase;
mod remembered;
mod rendering;
mod selections;
mod shell;
mod try_out;
mod view;
#[cfg(any(test, feature = "test-bridge"))]
mod windowless;

#[cfg(feature = "test-bridge")]
pub use bridge::run as run_bridge;
use dialogs::Native;
use home::ChosenHome;
use node_host::HostStart;
use shell::Shell;

/// Label of the one window, as in `tauri.conf.json`.
const MAIN_WINDOW: &str = "main";

/// Exit code for a command line that makes no sense, as in the `layr` command.
const EXIT_USAGE: u8 = 2;

// Without a debugger's checks is how the app is built for people: whoever lists the feature there learns it at once.
#[cfg(all(feature = "test-bridge", not(debug_assertions)))]
compile_error!("the feature `test-bridge` is for tests; no build for people may have it");

/// Runs the app until its window is closed.
pub fn run() -> ExitCode {
    start_log();
    if let Err(error) = rendering::prepare() {
        tracing::warn!("the window may stay blank with this graphics driver: {error}");
    }
    let home = match chosen_home() {
        Ok(home) => home,
        Err(refused) => return refused,
    };
    if !has_display() {
        tracing::error!("there is no display to open a window on; `layr daemon` runs the node without one");
        return ExitCode::FAILURE;
    }
    let single_instance = tauri_plugin_single_instance::Builder::new()
        .dbus_id(home.instance_name())
        .callback(|app, _arguments, _directory| raise_window(app))
        .build();
    let app = tauri::Builder::default()
        // First, so that a second start ends before it has touched anything.
        .plugin(single_instance)
        .plugin(navigation::guard())
        .invoke_handler(ipc::handler())
        .plugin(tauri_plugin_dialog::init())
        .on_window_event(|window, event| match (event, window.try_state::<Shell>()) {
            (WindowEvent::Focused(in_front), Some(shell)) => shell.host.focused(*in_front),
            (WindowEvent::DragDrop(event), _) => drops::tell(window.app_handle(), event),
            _ => {}
        })
        .setup(move |app| {
            let exit = app.handle().clone();
            let start = HostStart {
                home,
                environment: Box::new(|name| std::env::var_os(name)),
                quit: Arc::new(move || exit.exit(0)),
            };
            app.manage(Shell::new(
                node_host::start(app.handle(), start),
                Box::new(Native(app.handle().clone())),
            ));
            Ok(())
        })
        .build(context());
    match app {
        Ok(app) => {
            app.run(|app, event| {
                if let (RunEvent::Exit, Some(shell)) = (event, app.try_state::<Shell>()) {
                    shell.host.stop();
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!("the window cannot be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The home that the command line names; the exit code where it makes no sense.
fn chosen_home() -> Result<ChosenHome, ExitCode> {
    home::chosen(std::env::args_os().skip(1), |name| std::env::var_os(name)).map_err(|error| {
        tracing::error!("{error}");
        ExitCode::from(EXIT_USAGE)
    })
}

/// Configuration, page, permissions and icons, as they were when the app was built.
fn context<R: Runtime>() -> Context<R> {
    tauri::generate_context!()
}

/// The window toolkit ends the process with a panic where neither X11 nor Wayland is there to draw on.
fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

fn raise_window(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN_WINDOW) {
        let raised = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
        if let Err(error) = raised {
            tracing::warn!("cannot raise the window: {error}");
        }
    }
}

/// Messages go to standard error; `LAYR_LOG` chooses them in the syntax of `tracing` filters.
fn start_log() {
    let filter = EnvFilter::try_from_env("LAYR_LOG").unwrap_or_else(|_| EnvFilter::new("warn,layr=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
