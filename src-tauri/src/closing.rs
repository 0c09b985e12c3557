//! What closing the window means (docs/adr/0015), and how the app ends.
//!
//! 1. Where no node runs and none is on its way, there is nothing to keep: the app ends.
//! 2. Else what the person decided counts: the window is hidden and the node runs on, or the app ends.
//! 3. Who has not decided is asked by the page, once. A second close before the answer means "away with it", whether the page
//!    is deaf or the person impatient: then the window is hidden, nothing is recorded, and the next close asks again.
//!
//! A start that is handed over to an app on its way out is neither shown a window nor lost: it is started anew at the end.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tauri::{AppHandle, CloseRequestApi, Manager, Runtime, Window};
use tokio::time::{sleep, timeout};

use crate::clipboard;
use crate::home::ChosenHome;
use crate::ipc::PageEvent;
use crate::remembered::Remembered;
use crate::shell::Shell;
use crate::window;

/// How long a question to the page stands: a close after it is a new one, and asked about again.
const QUESTION_STANDS: Duration = Duration::from_secs(30);

/// Longest wait for the session bus: one that does not answer must not keep the app alive.
const BUS_ANSWERS: Duration = Duration::from_secs(1);

/// Longest wait for the main thread to end the app: a dialog of the toolkit, such as the one for printing, runs a loop of its
/// own there and hears of nothing else.
const MAIN_LEAVES: Duration = Duration::from_secs(2);

/// When the page was asked, while it has not answered; and whether the app is on its way out.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    asked_at: Mutex<Option<Instant>>,
    is_quitting: AtomicBool,
    successor: Mutex<Option<Successor>>,
}

/// A start of the app that begins when this one ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Successor {
    /// Without the program's name.
    pub(crate) arguments: Vec<OsString>,
    /// Where it was asked for.
    pub(crate) directory: PathBuf,
}

/// What a close leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Close {
    /// The window goes, the node stays.
    Hide,
    /// Both go.
    Quit,
    /// The page asks the person.
    Ask,
}

impl Closing {
    /// The page has answered, or the person has put the question away.
    pub(crate) fn answered(&self) {
        *self.asked_at.lock() = None;
    }

    /// Whether the app is on its way out.
    pub(crate) fn is_quitting(&self) -> bool {
        self.is_quitting.load(Ordering::Relaxed)
    }

    /// Lets this start begin when the app has ended; a later one takes its place.
    pub(crate) fn followed_by(&self, successor: Successor) {
        *self.successor.lock() = Some(successor);
    }

    /// What begins when the app has ended.
    pub(crate) fn take_successor(&self) -> Option<Successor> {
        self.successor.lock().take()
    }

    /// Whether this is the first that wants the app to end.
    pub(crate) fn begins(&self) -> bool {
        !self.is_quitting.swap(true, Ordering::Relaxed)
    }

    fn decide(&self, is_node_there: bool, remembered: &Remembered, now: Instant) -> Close {
        let mut asked_at = self.asked_at.lock();
        let is_asked =
            asked_at.take().is_some_and(|asked_at| now.saturating_duration_since(asked_at) < QUESTION_STANDS);
        match (is_node_there, remembered.close_decided) {
            (true, true) if remembered.close_to_tray => Close::Hide,
            (false, _) | (true, true) => Close::Quit,
            (true, false) if is_asked => Close::Hide,
            (true, false) => {
                *asked_at = Some(now);
                Close::Ask
            }
        }
    }
}

/// The person, or whoever acts for them, closes the window.
pub(crate) fn requested<R: Runtime>(window: &Window<R>, api: &CloseRequestApi) {
    // Without a state the app has only begun, or is ending.
    let Some(shell) = window.try_state::<Shell>() else { return };
    api.prevent_close();
    let app = window.app_handle();
    match shell.closing.decide(shell.host.view().is_node_there(), &shell.memory.read(), Instant::now()) {
        Close::Hide => window::hide(app),
        Close::Quit => quit(app),
        Close::Ask => PageEvent::CloseAsked(()).send(app),
    }
}

/// Takes the window away, stops the node, which parks what moves, and ends the app. Whoever asks again while that goes on
/// changes nothing: a second end would not wait for the node.
pub(crate) fn quit<R: Runtime>(app: &AppHandle<R>) {
    match app.try_state::<Shell>() {
        Some(shell) if !shell.closing.begins() => return,
        _ => {}
    }
    window::hide(app);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let shell = app.try_state::<Shell>();
        let ended = async {
            if let Some(shell) = &shell {
                take_words_away(shell).await;
                shell.host.end().await;
            }
        };
        tokio::join!(let_go_of_name(&app), ended);
        if let Some(successor) = shell.as_ref().and_then(|shell| shell.closing.take_successor()) {
            start_anew(&app, shell.as_ref().map(|shell| shell.host.home()), successor);
        }
        app.exit(0);
        sleep(MAIN_LEAVES).await;
        tracing::warn!("the window does not let the app end; it ends all the same");
        if let Some(shell) = &shell {
            let copied = Arc::clone(&shell.copied);
            let _ = tauri::async_runtime::spawn_blocking(move || clipboard::end_with_the_app(&copied)).await;
        }
        std::process::exit(0);
    });
}

/// While the node can still keep in Activity that they are left.
pub(crate) async fn take_words_away(shell: &Shell) {
    let copied = Arc::clone(&shell.copied);
    let _ = tauri::async_runtime::spawn_blocking(move || clipboard::end_with_the_app(&copied)).await;
    if shell.copied.are_left()
        && let Ok(node) = shell.host.node()
    {
        node.phrase_left_on_clipboard(true).await;
    }
}

/// From here on another start is an app of its own, which waits for the home, instead of a word to one that is going. The
/// session bus is asked, which blocks.
async fn let_go_of_name<R: Runtime>(app: &AppHandle<R>) {
    let here = app.clone();
    let let_go = tauri::async_runtime::spawn_blocking(move || tauri_plugin_single_instance::destroy(&here));
    if !matches!(timeout(BUS_ANSWERS, let_go).await, Ok(Ok(()))) {
        tracing::warn!("another start may still be handed over to this one");
    }
}

/// In the same home, whatever the arguments and the environment of the one or the other start say: the last `--home` counts.
fn start_anew<R: Runtime>(
    app: &AppHandle<R>,
    home: Option<&ChosenHome>,
    Successor { arguments, directory }: Successor,
) {
    let started = tauri::process::current_binary(&app.env()).and_then(|program| {
        let mut start = Command::new(program);
        start.args(arguments).current_dir(directory).stdin(Stdio::null());
        match home {
            Some(home) if home.is_platforms() => start.env_remove("LAYR_HOME"),
            Some(home) => start.arg("--home").arg(home.dir()),
            None => &mut start,
        };
        start.spawn()
    });
    if let Err(error) = started {
        tracing::error!("the app could not start anew: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(close_to_tray: bool) -> Remembered {
        Remembered { close_decided: true, close_to_tray, ..Remembered::default() }
    }

    #[test]
    fn what_was_decided_counts_while_there_is_a_node_to_keep() {
        let (closing, now) = (Closing::default(), Instant::now());
        assert_eq!(closing.decide(true, &decided(true), now), Close::Hide);
        assert_eq!(closing.decide(true, &decided(false), now), Close::Quit);
        for remembered in [decided(true), decided(false), Remembered::default()] {
            assert_eq!(closing.decide(false, &remembered, now), Close::Quit, "{remembered:?}");
        }
    }

    #[test]
    fn the_app_ends_once() {
        let closing = Closing::default();
        assert!(closing.begins());
        assert!(!closing.begins() && !closing.begins());
    }

    #[test]
    fn who_has_not_decided_is_asked_and_never_trapped() {
        let (closing, now) = (Closing::default(), Instant::now());
        let close = |after| closing.decide(true, &Remembered::default(), now + after);
        assert_eq!(close(Duration::ZERO), Close::Ask);
        assert_eq!(close(Duration::from_secs(2)), Close::Hide, "a page that does not answer");
        assert_eq!(close(Duration::from_secs(4)), Close::Ask, "nothing was decided by that");
        assert_eq!(close(QUESTION_STANDS * 2), Close::Ask, "the question was put away long ago");
        closing.answered();
        assert_eq!(close(QUESTION_STANDS * 2), Close::Ask);
    }
}
