//! The tray's icons, rendered from `icons/tray/*.svg` by `cargo xtask icons`.

use tauri::image::Image;
use tauri::include_image;

use super::state::TrayState;

/// Edge of a tray icon in pixels where nothing is scaled.
const EDGE: f64 = if cfg!(windows) { 16.0 } else { 22.0 };

macro_rules! pictures {
    ($scale:expr, $small:tt, $middle:tt, $large:tt) => {{
        let edge = EDGE * $scale;
        if edge <= 22.0 {
            include_image!($small)
        } else if edge <= 24.0 {
            include_image!($middle)
        } else {
            include_image!($large)
        }
    }};
}

/// The icon of a state on a screen of this scale.
pub(super) fn picture(state: TrayState, scale: f64) -> Image<'static> {
    match state {
        TrayState::ActionNeeded => pictures!(
            scale,
            "icons/tray/action-22.png",
            "icons/tray/action-24.png",
            "icons/tray/action-32.png"
        ),
        TrayState::Renewal => pictures!(
            scale,
            "icons/tray/renewal-22.png",
            "icons/tray/renewal-24.png",
            "icons/tray/renewal-32.png"
        ),
        TrayState::Paused => pictures!(
            scale,
            "icons/tray/paused-22.png",
            "icons/tray/paused-24.png",
            "icons/tray/paused-32.png"
        ),
        TrayState::Offline => pictures!(
            scale,
            "icons/tray/offline-22.png",
            "icons/tray/offline-24.png",
            "icons/tray/offline-32.png"
        ),
        TrayState::Syncing => pictures!(
            scale,
            "icons/tray/syncing-22.png",
            "icons/tray/syncing-24.png",
            "icons/tray/syncing-32.png"
        ),
        TrayState::Idle => {
            pictures!(scale, "icons/tray/idle-22.png", "icons/tray/idle-24.png", "icons/tray/idle-32.png")
        }
        TrayState::Safe => {
            pictures!(scale, "icons/tray/safe-22.png", "icons/tray/safe-24.png", "icons/tray/safe-32.png")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_picture_of_its_own_in_every_size() {
        use TrayState::{ActionNeeded, Idle, Offline, Paused, Renewal, Safe, Syncing};
        for (scale, edge) in [(1.0, 22), (1.05, 24), (2.0, 32)] {
            let states = [ActionNeeded, Renewal, Paused, Offline, Syncing, Idle, Safe];
            let all = states.map(|state| picture(state, scale));
            for (index, one) in all.iter().enumerate() {
                assert_eq!((one.width(), one.height()), (edge, edge));
                assert!(all[..index].iter().all(|other| other.rgba() != one.rgba()));
            }
        }
    }
}
