//! Renders the icons from their drawing.

use std::path::Path;

use crate::debian;
use crate::layout;
use crate::shell::{Failure, Program, no_arguments};

/// Names that the bundler expects, and edge lengths in pixels.
const SIZES: &[(&str, u32)] =
    &[("32x32.png", 32), ("128x128.png", 128), ("128x128@2x.png", 256), ("512x512.png", 512)];

/// The states of the tray, as drawings in `icons/tray`.
const TRAY_STATES: &[&str] = &["action", "paused", "offline", "syncing", "safe"];

/// Edge lengths for the tray: what panels show at their usual sizes and scales.
const TRAY_SIZES: &[u32] = &[22, 24, 32];

pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    no_arguments(rest)?;
    debian::install(debian::ICONS)?;
    let icons = layout::root().join("icons");
    for (name, pixels) in SIZES {
        render(&icons, "layr.svg", name, *pixels)?;
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
