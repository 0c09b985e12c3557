//! The tray's menu: the same entries in the same order always, and what each of them does.

use std::time::Duration;

use layr_node::error::NodeError;
use tauri::menu::{Menu, MenuBuilder, MenuEvent, MenuItem, MenuItemBuilder, Submenu, SubmenuBuilder};
use tauri::{AppHandle, Manager, Runtime};

use super::content::{Content, Recent};
use crate::dialogs::Question;
use crate::ipc::{NavigateEvent, PageEvent, RefusedAction, RefusedEvent};
use crate::shell::Shell;
use crate::{closing, drops, window};

const STATUS: &str = "status";
const PROGRESS: &str = "progress";
const OPEN: &str = "open";
const UPLOAD: &str = "upload";
const PAUSE: &str = "pause";
const PAUSE_SHORT: &str = "pause-short";
const PAUSE_LONG: &str = "pause-long";
const RESUME: &str = "resume";
const RENEW: &str = "renew";
const SETTINGS: &str = "settings";
const QUIT: &str = "quit";
/// Before the route of a recent transfer.
const RECENT: &str = "recent:";

const SHORT_PAUSE: Duration = Duration::from_mins(30);
const LONG_PAUSE: Duration = Duration::from_hours(2);

/// The menu with the lines whose text changes.
pub(super) struct TrayMenu<R: Runtime> {
    menu: Menu<R>,
    status: MenuItem<R>,
    progress: Option<MenuItem<R>>,
}

impl<R: Runtime> TrayMenu<R> {
    pub(super) fn build(app: &AppHandle<R>, content: &Content) -> tauri::Result<Self> {
        let line = |id: &str, text: &str| MenuItemBuilder::with_id(id, text).enabled(false).build(app);
        let status = line(STATUS, &content.status)?;
        let progress = content.progress.as_ref().map(|text| line(PROGRESS, text)).transpose()?;
        let entry = |id, text, is_enabled| MenuItemBuilder::with_id(id, text).enabled(is_enabled).build(app);
        let has_node = content.shape.has_node;
        let mut menu = MenuBuilder::new(app).item(&status);
        if let Some(progress) = &progress {
            menu = menu.item(progress);
        }
        menu = menu.separator().text(OPEN, "Open Layr").item(&entry(UPLOAD, "Upload files…", has_node)?);
        menu = if content.shape.is_paused {
            menu.text(RESUME, "Resume")
        } else {
            menu.item(&pauses(app, has_node)?)
        };
        let menu = menu
            .item(&recent(app, &content.shape.recent)?)
            .item(&entry(RENEW, "Renewals due…", content.shape.renewals_due)?)
            .separator()
            // Until a node runs the page has nothing but what keeps it from running.
            .item(&entry(SETTINGS, "Settings", has_node)?)
            .text(QUIT, "Quit")
            .build()?;
        Ok(Self { menu, status, progress })
    }

    pub(super) fn menu(&self) -> &Menu<R> {
        &self.menu
    }

    /// Changes the text of the lines; the entries stay.
    pub(super) fn relabel(&self, content: &Content) -> tauri::Result<()> {
        self.status.set_text(&content.status)?;
        match (&self.progress, &content.progress) {
            (Some(line), Some(text)) => line.set_text(text),
            _ => Ok(()),
        }
    }
}

fn pauses<R: Runtime>(app: &AppHandle<R>, is_enabled: bool) -> tauri::Result<Submenu<R>> {
    SubmenuBuilder::new(app, "Pause for…")
        .enabled(is_enabled)
        .text(PAUSE_SHORT, "30 minutes")
        .text(PAUSE_LONG, "2 hours")
        .text(PAUSE, "Until I resume")
        .build()
}

fn recent<R: Runtime>(app: &AppHandle<R>, recent: &[Recent]) -> tauri::Result<Submenu<R>> {
    let mut menu = SubmenuBuilder::new(app, "Recent").enabled(!recent.is_empty());
    for Recent { name, to } in recent {
        menu = menu.text(format!("{RECENT}{to}"), name);
    }
    menu.build()
}

/// Somebody chose an entry.
#[expect(clippy::needless_pass_by_value, reason = "the shape of a menu's handler")]
pub(super) fn chosen<R: Runtime>(app: &AppHandle<R>, event: MenuEvent) {
    match event.id().as_ref() {
        OPEN => window::raise(app),
        QUIT => closing::quit(app),
        SETTINGS => go_to(app, "/settings"),
        RENEW => go_to(app, "/agreements?renew=all"),
        id @ (UPLOAD | PAUSE | PAUSE_SHORT | PAUSE_LONG | RESUME) => {
            let (app, id) = (app.clone(), id.to_owned());
            tauri::async_runtime::spawn(async move {
                if let Err(error) = act(&app, &id).await {
                    tracing::warn!("{id} from the tray: {error}");
                    // The menu has no place for a sentence.
                    window::raise(&app);
                    PageEvent::Refused(RefusedEvent { action: wanted(&id), error }).send(&app);
                }
            });
        }
        id => {
            if let Some(route) = id.strip_prefix(RECENT) {
                go_to(app, route);
            }
        }
    }
}

/// What the page calls an entry that was chosen.
fn wanted(id: &str) -> RefusedAction {
    match id {
        UPLOAD => RefusedAction::Upload,
        RESUME => RefusedAction::Resume,
        _ => RefusedAction::Pause,
    }
}

async fn act<R: Runtime>(app: &AppHandle<R>, id: &str) -> Result<(), NodeError> {
    let Some(shell) = app.try_state::<Shell>() else { return Ok(()) };
    let node = shell.host.node()?;
    match id {
        PAUSE => node.transfer_pause(None).await,
        PAUSE_SHORT => node.transfers_pause_for(SHORT_PAUSE).await,
        PAUSE_LONG => node.transfers_pause_for(LONG_PAUSE).await,
        RESUME => node.transfer_resume(None).await,
        _ => {
            window::raise(app);
            let paths = shell.dialogs.ask(Question::Files).await?;
            if !paths.is_empty() {
                // As if they had been dropped onto the window: the page shows the same review.
                PageEvent::Drop(drops::dropped(&shell, paths)).send(app);
            }
            Ok(())
        }
    }
}

fn go_to<R: Runtime>(app: &AppHandle<R>, route: &str) {
    window::raise(app);
    PageEvent::Navigate(NavigateEvent { to: route.to_owned() }).send(app);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_has_its_name() {
        for pause in [PAUSE, PAUSE_SHORT, PAUSE_LONG] {
            assert_eq!(wanted(pause), RefusedAction::Pause);
        }
        assert_eq!((wanted(RESUME), wanted(UPLOAD)), (RefusedAction::Resume, RefusedAction::Upload));
    }
}
