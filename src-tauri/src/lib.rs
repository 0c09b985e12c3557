//! The desktop shell: a window on the node that runs in this process.
//!
//! The node does the work and the page shows it; what lies here is the assembly. Nothing that the page sends is trusted:
//! it may call the commands of `commands.rs` and nothing else, and it cannot leave the app (`navigation.rs`).

use std::io::IsTerminal;
use std::process::ExitCode;

use tauri::{AppHandle, Manager, RunEvent, WindowEvent};
use tracing_subscriber::EnvFilter;

mod commands;
mod home;
mod navigation;
mod node_host;
mod passphrase;
mod view;

use node_host::NodeHost;

/// Label of the one window, as in `tauri.conf.json`.
const MAIN_WINDOW: &str = "main";

/// Exit code for a command line that makes no sense, as in the `layr` command.
const EXIT_USAGE: u8 = 2;

/// Runs the app until its window is closed.
pub fn run() -> ExitCode {
    start_log();
    let home = match home::chosen(std::env::args_os().skip(1), |name| std::env::var_os(name)) {
        Ok(home) => home,
        Err(error) => {
            tracing::error!("{error}");
            return ExitCode::from(EXIT_USAGE);
        }
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
        .invoke_handler(tauri::generate_handler![commands::node_view, commands::retry_start])
        .on_window_event(|window, event| {
            if let (WindowEvent::Focused(in_front), Some(host)) = (event, window.try_state::<NodeHost>()) {
                host.focused(*in_front);
            }
        })
        .setup(move |app| {
            app.manage(node_host::start(app.handle(), home));
            Ok(())
        })
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(|app, event| {
                if let (RunEvent::Exit, Some(host)) = (event, app.try_state::<NodeHost>()) {
                    host.stop();
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
