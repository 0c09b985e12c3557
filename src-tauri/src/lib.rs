//! The desktop shell: a window on the node that runs in this process.
//!
//! The node does the work and the page shows it; what lies here is the assembly. Nothing that the page sends is trusted:
//! it may call the commands of `ipc/registry.rs` and nothing else, and it cannot leave the app (`navigation.rs`).

use std::io::IsTerminal;
use std::process::ExitCode;

use tauri::{AppHandle, Context, Manager, RunEvent, Runtime, WindowEvent};
use tracing_subscriber::EnvFilter;

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

use dialogs::Native;
use node_host::HostStart;
use shell::Shell;

/// Label of the one window, as in `tauri.conf.json`.
const MAIN_WINDOW: &str = "main";

/// Exit code for a command line that makes no sense, as in the `layr` command.
const EXIT_USAGE: u8 = 2;

/// Runs the app until its window is closed.
pub fn run() -> ExitCode {
    start_log();
    if let Err(error) = rendering::prepare() {
        tracing::warn!("the window may stay blank with this graphics driver: {error}");
    }
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
                on_end: Box::new(move || exit.exit(0)),
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
