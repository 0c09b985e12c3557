//! The desktop shell: a window on the node that runs in this process.
//!
//! The node does the work and the page shows it; what lies here is the assembly. Nothing that the page sends is trusted:
//! it may call the commands of `ipc/registry.rs` and nothing else, and it cannot leave the app (`navigation.rs`).

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use tauri::{AppHandle, Context, Manager, RunEvent, Runtime, WindowEvent};
use tracing_subscriber::EnvFilter;

mod autostart;
#[cfg(test)]
mod calls;
mod clipboard;
mod closing;
mod commands;
mod desktop;
mod dialogs;
mod drops;
mod home;
mod ipc;
mod keys;
mod navigation;
mod node_host;
#[cfg(target_os = "linux")]
mod notices;
mod opening;
mod passphrase;
mod remembered;
mod reveal;
mod selections;
mod shell;
mod tray;
mod try_out;
mod view;
mod window;

use clipboard::NativeClipboard;
use desktop::RealDesktop;
use dialogs::Native;
use home::Start;
use node_host::HostStart;
use shell::Shell;

/// Label of the one window, as in `tauri.conf.json`.
const MAIN_WINDOW: &str = "main";

/// Exit code for a command line that makes no sense, as in the `layr` command.
const EXIT_USAGE: u8 = 2;

/// Runs the app until the person quits it.
pub fn run() -> ExitCode {
    start_log();
    let start = match home::asked(std::env::args_os().skip(1), |name| std::env::var_os(name)) {
        Ok(start) => start,
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
        .dbus_id(start.home.instance_name())
        .callback(|app, arguments, directory| {
            let arguments: Vec<OsString> = arguments.into_iter().skip(1).map(OsString::from).collect();
            opening::arguments(app, &arguments, Path::new(&directory));
        })
        .build();
    let app = tauri::Builder::default()
        // First, so that a second start ends before it has touched anything.
        .plugin(single_instance)
        .plugin(navigation::guard())
        .invoke_handler(ipc::handler())
        .plugin(tauri_plugin_dialog::init())
        .plugin(clipboard::guard())
        .plugin(tauri_plugin_clipboard_manager::init())
        .plugin(autostart::plugin(&start.home))
        .plugin(window::state_plugin())
        .on_window_event(|window, event| match (event, window.try_state::<Shell>()) {
            (WindowEvent::CloseRequested { api, .. }, _) => closing::requested(window, api),
            (WindowEvent::Focused(in_front), Some(shell)) => shell.host.focused(*in_front),
            (WindowEvent::DragDrop(event), _) => drops::tell(window.app_handle(), event),
            _ => {}
        })
        .setup(move |app| {
            assemble(app.handle(), start);
            Ok(())
        })
        .build(context());
    match app {
        Ok(app) => {
            app.run(|app, event| match (event, app.try_state::<Shell>()) {
                (RunEvent::Exit, Some(shell)) => shell.host.stop(),
                // There a link or file comes to a program that runs, not as an argument.
                #[cfg(target_os = "macos")]
                (RunEvent::Opened { urls }, Some(shell)) => shell.opening.arrive_urls(&urls),
                _ => {}
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

/// Starts the node and shows the window, with something to open once the node runs.
fn assemble<R: Runtime>(app: &AppHandle<R>, Start { home, is_hidden, opens }: Start) {
    let quitting = app.clone();
    let desktop = RealDesktop { app: app.clone(), home: home.clone() };
    let start = HostStart {
        home: home.clone(),
        environment: Box::new(|name| std::env::var_os(name)),
        quit: Arc::new(move || closing::quit(&quitting)),
    };
    let host = node_host::start(app, start);
    let views = host.views();
    tray::start(app, &home, &host);
    let opening = opening::start(app, host.views());
    // Who opens something wants to see it.
    let is_hidden = is_hidden && opens.is_none();
    if let Some(named) = opens {
        opening.arrive(named);
    }
    app.manage(Shell::new(
        host,
        Box::new(desktop),
        Box::new(Native(app.clone())),
        Box::new(NativeClipboard(app.clone())),
        opening,
    ));
    #[cfg(target_os = "linux")]
    tauri::async_runtime::spawn(notices::run(app.clone()));
    if let Some(window) = app.get_webview_window(MAIN_WINDOW)
        && let Err(error) = window::bring_into_sight(&window)
    {
        tracing::warn!("where the window is cannot be told: {error}");
    }
    if is_hidden {
        app.state::<Shell>().host.hidden();
        tauri::async_runtime::spawn(window::raise_when_needed(app.clone(), views));
    } else {
        window::raise(app);
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
