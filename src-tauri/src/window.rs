//! The one window: shown, hidden, and put where the person had it.

use tauri::{AppHandle, Manager, PhysicalPosition, PhysicalSize, Runtime, WebviewWindow};
use tauri_plugin_window_state::{AppHandleExt, StateFlags};

use tokio::sync::watch;

use crate::remembered::ZOOMS;
use crate::shell::Shell;
use crate::view::NodeView;
use crate::{MAIN_WINDOW, page_process};

/// What is remembered of the window. Not whether it was visible: that is decided by how the app is started.
const REMEMBERED: StateFlags = StateFlags::SIZE.union(StateFlags::POSITION).union(StateFlags::MAXIMIZED);

/// Most of the title bar that may be out of sight, in pixels, so that it can still be taken hold of.
const TITLE_BAR: i32 = 40;

/// Remembers where the window was and puts it there again.
pub(crate) fn state_plugin<R: Runtime>() -> tauri::plugin::TauriPlugin<R> {
    tauri_plugin_window_state::Builder::new().with_state_flags(REMEMBERED).build()
}

/// Shows the window in front of the others; not that of an app on its way out.
pub(crate) fn raise<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(MAIN_WINDOW) else { return };
    if app.try_state::<Shell>().is_some_and(|shell| shell.closing.is_quitting()) {
        return;
    }
    let raised = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(error) = raised {
        tracing::warn!("cannot raise the window: {error}");
    }
    page_process::wanted(app);
    if let Some(shell) = app.try_state::<Shell>() {
        shell.host.shown();
    }
}

/// Takes the window off the screen; what it shows lives on.
pub(crate) fn hide<R: Runtime>(app: &AppHandle<R>) {
    let here = app.clone();
    if let Some(shell) = app.try_state::<Shell>() {
        shell.host.hidden();
    }
    // The plugin waits for the main thread with its own state locked: anywhere else it could wait for ever.
    let hidden = app.run_on_main_thread(move || {
        if let Some(window) = here.get_webview_window(MAIN_WINDOW)
            && window.is_visible().unwrap_or(true)
        {
            if let Err(error) = here.save_window_state(REMEMBERED) {
                tracing::warn!("where the window was is not remembered: {error}");
            }
            if let Err(error) = window.hide() {
                tracing::warn!("cannot hide the window: {error}");
            }
        }
    });
    if let Err(error) = hidden {
        tracing::warn!("cannot hide the window: {error}");
    }
}

/// Shows the page in this size, as a browser does: what does not fit is laid out anew.
pub(crate) fn zoom<R: Runtime>(app: &AppHandle<R>, percent: u16) {
    let Some(window) = app.get_webview_window(MAIN_WINDOW) else { return };
    // What is remembered is a file, in which anything may stand.
    let percent = percent.clamp(*ZOOMS.start(), *ZOOMS.end());
    if let Err(error) = window.set_zoom(f64::from(percent) / 100.0) {
        tracing::warn!("the size of the page cannot be changed: {error}");
    }
}

/// Shows a window that was hidden while the node was on its way, or from the start, when the outcome needs the person: nobody
/// else would tell them. Ends with the supervisor.
pub(crate) async fn raise_when_needed<R: Runtime>(app: AppHandle<R>, mut views: watch::Receiver<NodeView>) {
    let mut outcome = Outcome::default();
    loop {
        let needs_person = outcome.needs_person(&views.borrow_and_update());
        if needs_person && app.try_state::<Shell>().is_some_and(|shell| shell.host.is_hidden()) {
            raise(&app);
        }
        if views.changed().await.is_err() {
            return;
        }
    }
}

/// Whether the node was on its way when it was last looked at.
#[derive(Default)]
struct Outcome {
    is_known: bool,
}

impl Outcome {
    /// Whether a start has just come to an end that waits for the person.
    fn needs_person(&mut self, view: &NodeView) -> bool {
        let was_known = std::mem::replace(&mut self.is_known, !matches!(view, NodeView::Starting));
        !was_known && !view.is_node_there()
    }
}

/// Brings a window that was put where no screen is any more, or is larger than all of them, back into sight.
pub(crate) fn bring_into_sight<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    let screens: Vec<Area> = window
        .available_monitors()?
        .iter()
        .map(|screen| Area::new(*screen.position(), *screen.size()))
        .collect();
    let is = Area::new(window.outer_position()?, window.inner_size()?);
    let wanted = is.in_sight(&screens);
    if wanted.size != is.size {
        window.set_size(wanted.size)?;
    }
    if wanted.at != is.at {
        window.set_position(wanted.at)?;
    }
    Ok(())
}

/// A rectangle of the desktop, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Area {
    at: PhysicalPosition<i32>,
    size: PhysicalSize<u32>,
}

impl Area {
    fn new(at: PhysicalPosition<i32>, size: PhysicalSize<u32>) -> Self {
        Self { at, size }
    }

    fn right(self) -> i32 {
        self.at.x.saturating_add_unsigned(self.size.width)
    }

    fn bottom(self) -> i32 {
        self.at.y.saturating_add_unsigned(self.size.height)
    }

    /// Pixels that both have.
    fn shared_with(self, other: Self) -> u64 {
        let span = |from: i32, to: i32| u64::try_from(i64::from(to) - i64::from(from)).unwrap_or(0);
        span(self.at.x.max(other.at.x), self.right().min(other.right()))
            * span(self.at.y.max(other.at.y), self.bottom().min(other.bottom()))
    }

    /// The same window, no larger than the screen that it is on and with its title bar there; where it is on none, on the
    /// first.
    fn in_sight(self, screens: &[Self]) -> Self {
        let Some(screen) = screens.iter().copied().max_by_key(|screen| screen.shared_with(self)) else {
            return self;
        };
        let is_lost = screen.shared_with(self) == 0;
        let screen = if is_lost { screens.first().copied().unwrap_or(screen) } else { screen };
        let size = PhysicalSize::new(
            self.size.width.min(screen.size.width),
            self.size.height.min(screen.size.height),
        );
        if is_lost {
            return Self { at: screen.at, size };
        }
        let lowest = screen.bottom().saturating_sub(TITLE_BAR);
        let furthest = screen.right().saturating_sub(TITLE_BAR);
        let nearest = screen.at.x.saturating_add(TITLE_BAR).saturating_sub_unsigned(size.width);
        let at = PhysicalPosition::new(
            self.at.x.max(nearest).min(furthest),
            self.at.y.max(screen.at.y).min(lowest),
        );
        Self { at, size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn area(x: i32, y: i32, width: u32, height: u32) -> Area {
        Area { at: PhysicalPosition { x, y }, size: PhysicalSize { width, height } }
    }

    const SCREENS: [Area; 2] = [area(0, 0, 1920, 1080), area(1920, 0, 1280, 1024)];

    #[test]
    fn the_person_is_needed_once_where_a_start_fails() {
        let (starting, home) = (NodeView::Starting, crate::home::ChosenHome::named("/srv/layr".into()));
        let error = |code| layr_node::error::NodeError::new(code, "");
        let failed = NodeView::of_node_error(&home, error(layr_node::error::ErrorCode::DatabaseUnusable));
        let mut outcome = Outcome::default();
        assert!(!outcome.needs_person(&starting));
        assert!(outcome.needs_person(&failed));
        assert!(!outcome.needs_person(&failed), "who put it away knows");
        assert!(!outcome.needs_person(&starting) && outcome.needs_person(&failed), "another start");
        assert!(Outcome::default().needs_person(&failed), "sooner than anybody looked");
    }

    #[test]
    fn a_window_in_sight_stays_where_it_is() {
        for window in [area(100, 100, 1000, 720), area(0, 0, 1920, 1080), area(1800, 50, 1000, 720)] {
            assert_eq!(window.in_sight(&SCREENS), window);
        }
        assert_eq!(area(7, 7, 9, 9).in_sight(&[]), area(7, 7, 9, 9), "nothing is known of the screens");
    }

    #[test]
    fn a_window_out_of_sight_or_too_large_is_brought_back() {
        assert_eq!(area(5000, 3000, 1000, 720).in_sight(&SCREENS), area(0, 0, 1000, 720));
        assert_eq!(area(-9000, 10, 1000, 720).in_sight(&SCREENS), area(0, 0, 1000, 720));
        assert_eq!(area(10, 10, 9000, 9000).in_sight(&SCREENS), area(10, 10, 1920, 1080));
        // The title bar can be taken hold of.
        assert_eq!(area(100, -500, 1000, 720).in_sight(&SCREENS), area(100, 0, 1000, 720));
        assert_eq!(area(100, 1075, 1000, 720).in_sight(&SCREENS), area(100, 1040, 1000, 720));
        assert_eq!(area(-990, 100, 1000, 720).in_sight(&SCREENS), area(-960, 100, 1000, 720));
        for window in [area(i32::MAX, i32::MIN, u32::MAX, u32::MAX), area(i32::MIN, i32::MAX, 1, 1)] {
            let back = window.in_sight(&SCREENS);
            assert!(back.size.width <= 1920 && SCREENS.iter().any(|screen| screen.shared_with(back) > 0));
        }
    }
}
