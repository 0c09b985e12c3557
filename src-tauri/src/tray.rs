//! The tray: an icon for the state of the node, and a menu that repeats what the window can do.
//!
//! Nothing depends on it. Where the desktop has no place for such icons nobody sees it, and the app works the same; where it
//! cannot be made there is a warning. Icon and menu are changed only when they would look different, at most once a second.

use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use jiff::tz::TimeZone;
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Runtime};
use tokio::sync::watch;
use tokio::task::block_in_place;

use crate::home::ChosenHome;
use crate::node_host::{Moving, NodeHost};
use crate::view::NodeView;
use content::{Content, content};
use menu::TrayMenu;
use state::Needs;

mod content;
#[cfg(test)]
mod examples;
mod menu;
mod pictures;
mod progress;
mod state;

/// Least time between two changes: what moves is shown in words.
const CHANGE_PAUSE: Duration = Duration::from_secs(1);

/// Puts an icon into the tray and lets it follow the node. On the main thread.
pub(crate) fn start<R: Runtime>(app: &AppHandle<R>, home: &ChosenHome, host: &NodeHost) {
    let (views, moving) = (host.views(), host.moving());
    let id = format!("layr-{}", home.fingerprint());
    let first = content(&views.borrow(), None, Needs::default(), &TimeZone::system());
    // The library that draws the icon is looked for only now, and what looks for it panics where it is missing.
    let made = catch_unwind(AssertUnwindSafe(|| Tray::make(app, &id, first)));
    match made {
        Ok(Ok(tray)) => drop(tauri::async_runtime::spawn(tray.follow(views, moving))),
        Ok(Err(error)) => tracing::warn!("there is no icon in the tray: {error}"),
        Err(_) => tracing::warn!("there is no icon in the tray: libayatana-appindicator3 is not installed"),
    }
}

struct Tray<R: Runtime> {
    app: AppHandle<R>,
    icon: TrayIcon<R>,
    menu: TrayMenu<R>,
    scale: f64,
    shown: Content,
}

impl<R: Runtime> Tray<R> {
    fn make(app: &AppHandle<R>, id: &str, first: Content) -> tauri::Result<Self> {
        let scale = app.primary_monitor()?.map_or(1.0, |monitor| monitor.scale_factor());
        let menu = TrayMenu::build(app, &first)?;
        let icon = TrayIconBuilder::with_id(id)
            .icon(pictures::picture(first.state, scale))
            .tooltip(&first.status)
            .menu(menu.menu())
            .on_menu_event(menu::chosen)
            .build(app)?;
        Ok(Self { app: app.clone(), icon, menu, scale, shown: first })
    }

    /// Ends with the supervisor. The icon is never dropped: it belongs to the main thread, and the process takes it along.
    async fn follow(self, mut views: watch::Receiver<NodeView>, mut moving: watch::Receiver<Moving>) {
        let mut tray = ManuallyDrop::new(self);
        loop {
            tokio::select! {
                changed = views.changed() => if changed.is_err() { return },
                changed = moving.changed() => if changed.is_err() { return },
            }
            let new = {
                let (view, outlook) = (views.borrow_and_update(), moving.borrow_and_update());
                let waiting = outlook.as_ref().map(|outlook| Needs {
                    needs_action: outlook.needs_person,
                    renewals_due: outlook.renewals_due,
                });
                let report = outlook.as_ref().map(|outlook| &outlook.transfers);
                content(&view, report, waiting.unwrap_or_default(), &TimeZone::system())
            };
            if new == tray.shown {
                continue;
            }
            // The main thread answers; the node's tasks do not wait for it on this one.
            if let Err(error) = block_in_place(|| tray.show(new)) {
                tracing::warn!("the tray cannot be changed: {error}");
            }
            tokio::time::sleep(CHANGE_PAUSE).await;
        }
    }

    fn show(&mut self, new: Content) -> tauri::Result<()> {
        if new.state != self.shown.state {
            self.icon.set_icon(Some(pictures::picture(new.state, self.scale)))?;
        }
        if new.status != self.shown.status {
            self.icon.set_tooltip(Some(&new.status))?;
        }
        if new.shape == self.shown.shape {
            self.menu.relabel(&new)?;
        } else {
            self.menu = TrayMenu::build(&self.app, &new)?;
            self.icon.set_menu(Some(self.menu.menu().clone()))?;
        }
        self.shown = new;
        Ok(())
    }
}
