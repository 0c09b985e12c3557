//! Tells the person outside the window what happened, where the desktop can: news of the node's activity become
//! notifications, few and gathered, and a click on one raises the window on the page it is about. How and why so:
//! `docs/adr/0016-notifications.md`.
//!
//! One task, which ends with the supervisor of the node. A daemon that is missing, silent or gone is no failure of the app: what happened is in
//! the window in any case.

mod daemon;
mod digest;

use std::time::Duration;

use layr_node::node::{Node, NodeEvent};
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep, sleep_until};

use self::daemon::Daemon;
use self::digest::Digest;
use crate::ipc::{NavigateEvent, PageEvent};
use crate::shell::Shell;
use crate::view::NodeView;
use crate::{MAIN_WINDOW, window};

/// Least time between two looks at the list: a hundred transfers that fail at once are one look.
const LOOK_PAUSE: Duration = Duration::from_millis(250);

/// Tells what happens until the supervisor ends.
pub(crate) async fn run<R: Runtime>(app: AppHandle<R>) {
    let shell = app.state::<Shell>();
    let mut views = shell.host.views();
    let mut daemon = None;
    let mut digest = Digest::new(shell.memory.read().told_activity);
    loop {
        if views.wait_for(|view| matches!(view, NodeView::Running { .. })).await.is_err() {
            return;
        }
        if let Ok(node) = shell.host.node() {
            follow(&app, &node, &mut digest, &mut daemon).await;
        }
        if views.changed().await.is_err() {
            return;
        }
    }
}

/// Follows one node until it stops.
async fn follow<R: Runtime>(
    app: &AppHandle<R>,
    node: &Node,
    digest: &mut Digest,
    daemon: &mut Option<Daemon>,
) {
    let mut events = node.events();
    look(app, node, digest).await;
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Ok(NodeEvent::ActivityChanged) | Err(RecvError::Lagged(_)) => {
                    sleep(LOOK_PAUSE).await;
                    events = events.resubscribe();
                    look(app, node, digest).await;
                }
                Ok(NodeEvent::Stopping) | Err(RecvError::Closed) => return,
                Ok(_) => {}
            },
            () = until(digest.due_at()) => tell(app, digest, daemon).await,
            clicked = clicked(daemon) => match clicked {
                Some(to) => {
                    window::raise(app);
                    PageEvent::Navigate(NavigateEvent { to }).send(app);
                }
                None => *daemon = None,
            },
        }
    }
}

async fn look<R: Runtime>(app: &AppHandle<R>, node: &Node, digest: &mut Digest) {
    match node.activity().await {
        Ok(report) => {
            digest.learn(&report.entries, Instant::now());
            remember(app, digest);
        }
        Err(error) => tracing::warn!("what happened cannot be read: {error}"),
    }
}

async fn tell<R: Runtime>(app: &AppHandle<R>, digest: &mut Digest, daemon: &mut Option<Daemon>) {
    let is_held_back = is_in_front(app) || !app.state::<Shell>().memory.read().notifications;
    let notice = digest.take(Instant::now(), is_held_back);
    remember(app, digest);
    let Some(notice) = notice else { return };
    let shown = async {
        let daemon = match daemon {
            Some(daemon) => daemon,
            None => daemon.insert(Daemon::connect().await?),
        };
        daemon.show(&notice).await
    };
    if let Err(error) = shown.await {
        tracing::warn!("the desktop shows no notification: {error}");
        *daemon = None;
    }
}

/// What need not be told after a restart.
fn remember<R: Runtime>(app: &AppHandle<R>, digest: &Digest) {
    let memory = &app.state::<Shell>().memory;
    if memory.read().told_activity == digest.told() {
        return;
    }
    if let Err(error) = memory.change(|remembered| remembered.told_activity = digest.told()) {
        tracing::warn!("it will not be remembered what was told: {error}");
    }
}

/// Whether the person has the window before their eyes.
fn is_in_front<R: Runtime>(app: &AppHandle<R>) -> bool {
    block_in_place(|| {
        app.get_webview_window(MAIN_WINDOW).is_some_and(|window| {
            window.is_visible().unwrap_or(false) && window.is_focused().unwrap_or(false)
        })
    })
}

async fn until(due_at: Option<Instant>) {
    match due_at {
        Some(due_at) => sleep_until(due_at).await,
        None => std::future::pending().await,
    }
}

async fn clicked(daemon: &mut Option<Daemon>) -> Option<String> {
    match daemon {
        Some(daemon) => daemon.clicked().await,
        None => std::future::pending().await,
    }
}
