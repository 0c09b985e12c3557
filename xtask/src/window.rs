//! The page and the app around it: building both, and testing the whole in a window.

use std::io::IsTerminal;
use std::path::Path;

use crate::layout;
use crate::shell::{Failure, Program};
use crate::{debian, tools};

/// Installs the page's packages when the lock file has changed since the last time.
pub(crate) fn install_page() -> Result<(), Failure> {
    install_packages(&layout::ui())
}

/// The same for another package of the npm kind.
pub(crate) fn install_packages(dir: &Path) -> Result<(), Failure> {
    let installed = modified(&dir.join("node_modules/.package-lock.json"));
    let wanted = modified(&dir.join("package-lock.json"));
    if installed.is_some() && installed >= wanted {
        return Ok(());
    }
    tools::npm(&["ci", "--no-fund", "--no-audit"])?.dir(dir).run()
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// Builds the page into `ui/dist`.
pub(crate) fn build_page() -> Result<(), Failure> {
    tools::npm(&["run", "build"])?.run()
}

/// The app carries the page, so nothing of the app compiles before the page is built.
pub(crate) fn page_for_the_binary() -> Result<(), Failure> {
    if layout::ui().join("dist/index.html").exists() {
        return Ok(());
    }
    install_page()?;
    build_page()
}

/// Builds the page, the app and the `layr` command.
pub(crate) fn build_all(rest: &[String]) -> Result<(), Failure> {
    let profile = profile(rest)?;
    debian::install(debian::BUILD)?;
    install_page()?;
    build_page()?;
    let release: &[&str] = if profile == "release" { &["--release"] } else { &[] };
    Program::cargo()
        .args(["build", "--locked", "-p", "layr", "-p", "layr-cli"])
        .args(release)
        .dir(layout::root())
        .run()
}

/// The cargo profile that the arguments ask for.
pub(crate) fn profile(rest: &[String]) -> Result<&'static str, Failure> {
    match rest {
        [] => Ok("debug"),
        [flag] if flag == "--release" => Ok("release"),
        [other, ..] => Err(Failure::usage(format!("unexpected argument {other:?}"))),
    }
}

/// After so many seconds what runs in a window is ended with all its processes: four times what the longest took. A test
/// that failed may leave an app that holds the runner's output open, and then nobody would learn which test it was.
/// Not at a terminal, where a person sees it and Ctrl-C would no longer reach it.
const NODE_LIMIT_S: &str = "2700";

/// Runs the window tests on the programs that the build step made.
pub(crate) fn test() -> Result<(), Failure> {
    build_with_tests()?;
    node_tests("tests/desktop/")?.run()
}

/// The tests of a directory, one at a time: they share one screen.
pub(crate) fn node_tests(dir: &str) -> Result<Program, Failure> {
    node(&["--test", "--test-force-exit", "--test-concurrency=1", "--test-reporter=spec", dir])
}

/// Builds everything that tests start.
pub(crate) fn build_with_tests() -> Result<(), Failure> {
    build_page()?;
    Program::cargo().args(["build", "--workspace", "--locked", "--all-targets"]).dir(layout::root()).run()
}

/// Node on an X server without a screen and a session bus of its own, with the programs of a debug build.
pub(crate) fn node(node_args: &[&str]) -> Result<Program, Failure> {
    node_with("debug", node_args)
}

/// The same with the programs of a profile.
pub(crate) fn node_with(profile: &str, node_args: &[&str]) -> Result<Program, Failure> {
    debian::install(debian::WINDOW_TEST)?;
    let program = if std::io::stdin().is_terminal() {
        Program::new("xvfb-run")
    } else {
        Program::new("timeout").args(["--kill-after=30", NODE_LIMIT_S, "xvfb-run"])
    };
    let program = program
        .args(["--auto-servernum", "--server-args=-screen 0 1400x1000x24 -nolisten tcp"])
        // With a window manager, as on a desktop: it is who closes windows and gives them the focus.
        .args(["dbus-run-session", "--", "sh", "-c", "openbox & exec node \"$@\"", "node"])
        .args(node_args);
    Ok(tools::with_node(program)?
        .env("LAYR_DESKTOP_BIN", layout::program(profile, "layr-desktop"))
        .env("LAYR_BIN", layout::program(profile, "layr"))
        .env("LAYR_SCREENSHOTS", layout::screenshots())
        .dir(layout::root()))
}
