//! Renders the icons from their drawing.

use crate::debian;
use crate::layout;
use crate::shell::{Failure, Program, no_arguments};

/// Names that the bundler expects, and edge lengths in pixels.
const SIZES: &[(&str, u32)] =
    &[("32x32.png", 32), ("128x128.png", 128), ("128x128@2x.png", 256), ("512x512.png", 512)];

pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    no_arguments(rest)?;
    debian::install(debian::ICONS)?;
    for (name, pixels) in SIZES {
        let edge = pixels.to_string();
        Program::new("rsvg-convert")
            .args(["--width", &edge, "--height", &edge, "--output", name, "layr.svg"])
            .dir(&layout::root().join("icons"))
            .run()?;
    }
    Ok(())
}
