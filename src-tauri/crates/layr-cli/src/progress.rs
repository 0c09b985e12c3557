//! The progress line on standard error: bytes, rate, ETA; only where a person looks at a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use layr_node::api::Progress;

use crate::quantity::printable;

/// Redraws a second: enough for the eye.
const REDRAWS_PER_S: u8 = 8;
/// The spinner shows that the program lives while there is nothing to count.
const SPINNER_STEP: Duration = Duration::from_millis(250);

/// A progress line that appears with the first report and disappears when dropped.
pub(crate) struct ProgressLine {
    bar: Option<ProgressBar>,
}

impl ProgressLine {
    /// A line where standard error is a terminal, nothing elsewhere.
    pub(crate) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(REDRAWS_PER_S));
            bar.set_style(spinner());
            bar.enable_steady_tick(SPINNER_STEP);
            bar
        });
        Self { bar }
    }

    /// Shows where the operation stands.
    pub(crate) fn show(&self, progress: &Progress) {
        let Some(bar) = &self.bar else { return };
        if progress.total_bytes > 0 && bar.length() != Some(progress.total_bytes) {
            bar.set_style(measured());
            bar.set_length(progress.total_bytes);
        }
        bar.set_position(progress.done_bytes);
        let files = if progress.total_files > 1 {
            format!(" {}/{} files", progress.done_files, progress.total_files)
        } else {
            String::new()
        };
        bar.set_message(format!("{}{files} {}", progress.stage, shortened(&printable(&progress.name))));
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn spinner() -> ProgressStyle {
    style("{spinner} {bytes} {wide_msg}")
}

fn measured() -> ProgressStyle {
    style("{bar:24} {bytes}/{total_bytes} {binary_bytes_per_sec} ETA {eta} {wide_msg}")
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// The end of a long name says more than its start.
fn shortened(name: &str) -> String {
    const LONGEST: usize = 40;
    let length = name.chars().count();
    if length <= LONGEST {
        name.to_owned()
    } else {
        format!("…{}", name.chars().skip(length - LONGEST).collect::<String>())
    }
}
