//! Brings the page back when the process that draws it dies, which leaves a blank window: the node runs on, and nothing in the
//! page is worth keeping. A page that dies again and again is left alone, so that it does not burn the processor for ever;
//! then it gets another chance when the person shows the window anew.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tauri::{AppHandle, Manager, Runtime};

use crate::MAIN_WINDOW;
use crate::shell::Shell;

/// Deaths that are held against the page: who works through an hour with two of them lost little.
const REMEMBERED: Duration = Duration::from_mins(10);
/// Times within that in which it is brought back unasked.
const MOST: u32 = 5;
/// Wait before the first of them; each further one takes twice as long.
const PAUSE: Duration = Duration::from_millis(250);

/// How often the page has died of late.
#[derive(Debug, Default)]
pub(crate) struct PageProcess {
    deaths: Mutex<Vec<Instant>>,
    is_left_alone: AtomicBool,
}

impl PageProcess {
    /// How long after this death the page is brought back; not at all after too many.
    fn died(&self, now: Instant) -> Option<Duration> {
        let mut deaths = self.deaths.lock();
        deaths.retain(|death| now.saturating_duration_since(*death) < REMEMBERED);
        let before = u32::try_from(deaths.len()).unwrap_or(u32::MAX);
        if before >= MOST {
            self.is_left_alone.store(true, Ordering::Relaxed);
            return None;
        }
        deaths.push(now);
        Some(PAUSE * 2_u32.saturating_pow(before))
    }

    /// The person wants to see the window: whether its page has to be brought back for that.
    fn is_wanted(&self) -> bool {
        let is_gone = self.is_left_alone.swap(false, Ordering::Relaxed);
        if is_gone {
            self.deaths.lock().clear();
        }
        is_gone
    }
}

/// Watches over the process of the page, as long as there is a window.
///
/// # Errors
/// What the window says; then nobody watches.
#[cfg(target_os = "linux")]
pub(crate) fn watch<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    use webkit2gtk::WebViewExt;

    let Some(window) = app.get_webview_window(MAIN_WINDOW) else { return Ok(()) };
    let app = app.clone();
    window.with_webview(move |view| {
        view.inner().connect_web_process_terminated(move |_, reason| {
            tracing::error!("the process that draws the page ended: {reason:?}");
            has_died(&app);
        });
    })
}

/// Brings the page back where it was left alone.
pub(crate) fn wanted<R: Runtime>(app: &AppHandle<R>) {
    if app.try_state::<Shell>().is_some_and(|shell| shell.page.is_wanted()) {
        reload(app);
    }
}

#[cfg(target_os = "linux")]
fn has_died<R: Runtime>(app: &AppHandle<R>) {
    let Some(shell) = app.try_state::<Shell>() else { return };
    shell.page_is_gone();
    let Some(pause) = shell.page.died(Instant::now()) else {
        tracing::error!("the page ended too often; it is loaded again when the window is shown anew");
        return;
    };
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(pause).await;
        reload(&app);
    });
}

fn reload<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(MAIN_WINDOW)
        && let Err(error) = window.reload()
    {
        tracing::error!("the page cannot be loaded again: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_comes_back_ever_later_and_not_for_ever() {
        let (page, now) = (PageProcess::default(), Instant::now());
        let pauses: Vec<_> = (0..7).filter_map(|_| page.died(now)).map(|pause| pause.as_millis()).collect();
        assert_eq!(pauses, [250, 500, 1000, 2000, 4000]);
        assert!(page.is_wanted(), "who looks at the window finds it");
        assert!(!page.is_wanted(), "it is on its way");
        assert_eq!(page.died(now), Some(PAUSE));
    }

    #[test]
    fn what_was_long_ago_is_forgotten() {
        let (page, now) = (PageProcess::default(), Instant::now());
        for _ in 0..MOST {
            page.died(now);
        }
        assert_eq!(page.died(now + REMEMBERED), Some(PAUSE));
        assert!(!page.is_wanted());
    }
}
