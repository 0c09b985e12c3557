//! Renders the icons from their drawing.

use std::path::{Path, PathBuf};

use crate::debian;
use crate::layout;
use crate::shell::{Failure, Program, no_arguments};

/// Edge lengths in pixels: those in which desktops look for icons.
const SIZES: &[u32] = &[16, 24, 32, 48, 64, 128, 256, 512];

/// The rendered icons.
pub(crate) fn files() -> impl Iterator<Item = PathBuf> {
    SIZES.iter().map(|pixels| layout::root().join("icons").join(name_of(*pixels)))
}

fn name_of(pixels: u32) -> String {
    format!("{pixels}x{pixels}.png")
}

/// The states of the tray, as drawings in `icons/tray`.
const TRAY_STATES: &[&str] = &["action", "renewal", "paused", "offline", "syncing", "idle", "safe"];

/// Edge lengths for the tray: what panels show at their usual sizes and scales.
const TRAY_SIZES: &[u32] = &[22, 24, 32];

pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    no_arguments(rest)?;
    debian::install(debian::ICONS)?;
    let icons = layout::root().join("icons");
    for pixels in SIZES {
        render(&icons, "layr.svg", &name_of(*pixels), *pixels)?;
    }
    for state in TRAY_STATES {
        for pixels in TRAY_SIZES {
            render(&icons.join("tray"), &format!("{state}.svg"), &format!("{state}-{pixels}.png"), *pixels)?;
        }
    }
    Ok(())
}

fn render(dir: &Path, drawing: &str, picture: &str, pixels: u32) -> Result<(), Failure> {
    let edge = pixels.to_string();
    Program::new("rsvg-convert")
        .args(["--width", &edge, "--height", &edge, "--output", picture, drawing])
        .dir(dir)
        .run()
}
