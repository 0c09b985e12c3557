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
#[cfg(any(test, feature = "test-bridge"))]
mod bridge;
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
mod page_process;
mod passphrase;
mod remembered;
mod rendering;
mod reveal;
mod selections;
mod shell;
mod tray;
mod try_out;
mod view;
mod window;
#[cfg(any(test, feature = "test-bridge"))]
mod windowless;

#[cfg(feature = "test-bridge")]
pub use bridge::run as run_bridge;
use clipboard::NativeClipboard;
use desktop::RealDesktop;
use dialogs::Native;
use home::Start;
use node_host::HostStart;
use opening::Opening;
use shell::Shell;

/// Label of the one window, as in `tauri.conf.json`.
const MAIN_WINDOW: &str = "main";

/// Exit code for a command line that makes no sense, as in the `layr` command.
const EXIT_USAGE: u8 = 2;

// Without a debugger's checks is how the app is built for people: whoever lists the feature there learns it at once.
#[cfg(all(feature = "test-bridge", not(debug_assertions)))]
compile_error!("the feature `test-bridge` is for tests; no build for people may have it");

/// Runs the app until the person quits it.
pub fn run() -> ExitCode {
    start_log();
    if let Err(error) = rendering::prepare() {
        tracing::warn!("the window may stay blank with this graphics driver: {error}");
    }
    let start = match asked() {
        Ok(start) => start,
        Err(refused) => return refused,
    };
    if !has_display() {
        tracing::error!("there is no display to open a window on; `layr daemon` runs the node without one");
        return ExitCode::FAILURE;
    }
    // There before anybody can ask: another start may come while this one assembles the app.
    let opening = Arc::new(Opening::default());
    let arrives_at = Arc::clone(&opening);
    let single_instance = tauri_plugin_single_instance::Builder::new()
        .dbus_id(start.home.instance_name())
        .callback(move |app, arguments, directory| {
            let arguments: Vec<OsString> = arguments.into_iter().skip(1).map(OsString::from).collect();
            opening::arguments(app, &arrives_at, &arguments, Path::new(&directory));
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
            assemble(app.handle(), start, opening);
            Ok(())
        })
        .build(context());
    match app {
        Ok(app) => {
            app.run(|app, event| match event {
                RunEvent::Exit => end(app),
                // There a link or file comes to a program that runs, not as an argument.
                #[cfg(target_os = "macos")]
                RunEvent::Opened { urls } => {
                    if let Some(shell) = app.try_state::<Shell>() {
                        shell.opening.arrive_urls(&urls);
                    }
                }
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

/// Stops what still runs and ends the process from within the event loop. Behind it nobody owns the toolkit's main context
/// any more, and an answer to the page that is under way would touch the web view from whatever thread has it.
fn end<R: Runtime>(app: &AppHandle<R>) -> ! {
    if let Some(shell) = app.try_state::<Shell>() {
        shell.host.stop();
    }
    app.cleanup_before_exit();
    std::process::exit(0)
}

/// What the command line asks for; the exit code where it makes no sense.
fn asked() -> Result<Start, ExitCode> {
    home::asked(std::env::args_os().skip(1), |name| std::env::var_os(name)).map_err(|error| {
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

/// Starts the node and shows the window, with something to open once the node runs.
fn assemble<R: Runtime>(app: &AppHandle<R>, Start { home, is_hidden, opens }: Start, opening: Arc<Opening>) {
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
    opening::start(app, &opening, host.views());
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
    #[cfg(target_os = "linux")]
    if let Err(error) = page_process::watch(app) {
        tracing::warn!("nobody watches over the process of the page: {error}");
    }
    window::zoom(app, app.state::<Shell>().memory.read().zoom_percent);
    if is_hidden {
        app.state::<Shell>().host.hidden();
    } else {
        window::raise(app);
    }
    tauri::async_runtime::spawn(window::raise_when_needed(app.clone(), views));
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
