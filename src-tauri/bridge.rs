//! Runs the app for a browser instead of in a window, for tests (`docs/adr/0017-test-bridge.md`). Prints one JSON
//! document once it is ready: `url`, where the page is.

use std::io::Write as _;

fn main() -> std::process::ExitCode {
    layr_desktop::run_bridge(|url| {
        let mut output = std::io::stdout();
        // Whoever started it and does not listen has the log.
        let _ = writeln!(output, "{{\"url\":\"{url}\"}}").and_then(|()| output.flush());
    })
}
