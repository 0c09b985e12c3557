//! Renders the icons from their drawing.

use std::path::PathBuf;

use crate::debian;
use crate::layout;
use crate::shell::{Failure, Program, no_arguments};

/// Edge lengths in pixels: those in which desktops look for icons.
const SIZES: &[u32] = &[16, 24, 32, 48, 64, 128, 256, 512];

/// The rendered icons.
pub(crate) fn files() -> impl Iterator<Item = PathBuf> {
    SIZES.iter().map(|edge| layout::root().join("icons").join(format!("{edge}x{edge}.png")))
}

pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    no_arguments(rest)?;
    debian::install(debian::ICONS)?;
    for (edge, file) in SIZES.iter().map(u32::to_string).zip(files()) {
        Program::new("rsvg-convert")
            .args(["--width", &edge, "--height", &edge, "--output"])
            .args([file, layout::root().join("icons/layr.svg")])
            .run()?;
    }
    Ok(())
}
