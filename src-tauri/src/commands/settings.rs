//! How the app behaves in this home, and its end.
//!
//! Whether the app starts with the desktop is the desktop's to know, so it is asked each time; the rest is remembered.

use layr_node::error::ErrorCode;
use serde::{Deserialize, Serialize};

use crate::ipc::{Check, UiError};
use crate::remembered::{Remembered, Theme, ZOOMS};
use crate::shell::Shell;

/// What the person may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Settings {
    /// Whether closing the window keeps the node running.
    close_to_tray: bool,
    /// Whether the app starts, without its window, when the person logs in.
    autostart: bool,
    /// Whether the desktop shows what happens.
    notifications: bool,
    theme: Theme,
    /// How large the page is shown, in percent.
    zoom_percent: u16,
    /// Whether a character alone may be a shortcut of the page.
    single_key_shortcuts: bool,
}

/// What of it shall change. What is absent stays as it is: two places of the page may save at the same time, and the desktop
/// has a say in some of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(optional_fields))]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsChange {
    close_to_tray: Option<bool>,
    autostart: Option<bool>,
    notifications: Option<bool>,
    theme: Option<Theme>,
    zoom_percent: Option<u16>,
    single_key_shortcuts: Option<bool>,
}

/// What closing the window means from now on.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseDecision {
    keep_running: bool,
}

impl Check for SettingsChange {
    fn check(&self) -> Result<(), UiError> {
        if self.zoom_percent.is_none_or(|zoom| ZOOMS.contains(&zoom)) {
            return Ok(());
        }
        let message = format!("The size must be from {} to {} percent.", ZOOMS.start(), ZOOMS.end());
        Err(UiError::new(ErrorCode::InvalidRequest, message))
    }
}

impl Check for CloseDecision {
    fn check(&self) -> Result<(), UiError> {
        Ok(())
    }
}

pub(crate) async fn settings(shell: &Shell) -> Result<Settings, UiError> {
    let Remembered { close_to_tray, notifications, theme, zoom_percent, single_key_shortcuts, .. } =
        shell.memory.read();
    let autostart = shell.desktop.starts_with_session().unwrap_or_else(|error| {
        tracing::warn!("whether the app starts with the desktop cannot be told: {error}");
        false
    });
    Ok(Settings { close_to_tray, autostart, notifications, theme, zoom_percent, single_key_shortcuts })
}

pub(crate) async fn settings_set(shell: &Shell, request: SettingsChange) -> Result<Settings, UiError> {
    // They are those of a home; without an identity there is none yet.
    shell.host.keys().home().config()?;
    let before = settings(shell).await?;
    let autostart = request.autostart.filter(|starts| *starts != before.autostart);
    if let Some(starts) = autostart {
        shell.desktop.start_with_session(starts)?;
    }
    if let Err(error) = shell.memory.change(|remembered| apply(request, remembered)) {
        if autostart.is_some()
            && let Err(error) = shell.desktop.start_with_session(before.autostart)
        {
            tracing::warn!("the start with the desktop stays changed: {error}");
        }
        return Err(error);
    }
    if let Some(zoom) = request.zoom_percent.filter(|zoom| *zoom != before.zoom_percent) {
        shell.desktop.zoom(zoom);
    }
    settings(shell).await
}

fn apply(change: SettingsChange, remembered: &mut Remembered) {
    fn set<T>(kept: &mut T, wanted: Option<T>) {
        if let Some(wanted) = wanted {
            *kept = wanted;
        }
    }
    // Who changes it has decided; who saves another switch has not.
    let before = remembered.close_to_tray;
    set(&mut remembered.close_to_tray, change.close_to_tray);
    remembered.close_decided |= remembered.close_to_tray != before;
    set(&mut remembered.notifications, change.notifications);
    set(&mut remembered.theme, change.theme);
    set(&mut remembered.zoom_percent, change.zoom_percent);
    set(&mut remembered.single_key_shortcuts, change.single_key_shortcuts);
}

pub(crate) async fn close_decided(shell: &Shell, request: CloseDecision) -> Result<(), UiError> {
    shell.closing.answered();
    // The person wants the window gone: a choice that cannot be kept is asked for again and stops nothing.
    let kept = shell.memory.change(|remembered| {
        remembered.close_decided = true;
        remembered.close_to_tray = request.keep_running;
    });
    if let Err(error) = kept {
        tracing::warn!("what closing means was not kept: {error}");
    }
    if request.keep_running {
        shell.desktop.hide_window();
    } else {
        shell.desktop.quit();
    }
    Ok(())
}

pub(crate) async fn close_dismissed(shell: &Shell) -> Result<(), UiError> {
    shell.closing.answered();
    Ok(())
}

pub(crate) async fn quit(shell: &Shell) -> Result<(), UiError> {
    shell.desktop.quit();
    Ok(())
}
