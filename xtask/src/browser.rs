//! The page in a browser: the app behind its test bridge, and Playwright with the system's Chromium.

use crate::shell::{Failure, Program};
use crate::{debian, layout, tools, window};

/// Runs the browser tests on the programs that the build step made.
pub(crate) fn test() -> Result<(), Failure> {
    window::install_page()?;
    window::build_with_tests()?;
    // Not with the rest: whatever else is built keeps free of it. The selection of packages is the same, so that what
    // they depend on is built once.
    Program::cargo()
        .args(["build", "--workspace", "--locked", "--example", "bridge", "--features", "layr/test-bridge"])
        .dir(layout::root())
        .run()?;
    playwright("debug", "test")?.run()
}

/// The program that measures the page on a node in release mode, built.
pub(crate) fn figures() -> Result<Program, Failure> {
    debian::install(debian::BUILD)?;
    window::install_page()?;
    window::build_page()?;
    let release = ["build", "--release", "--locked"];
    Program::cargo().args(release).args(["-p", "layr-cli"]).dir(layout::root()).run()?;
    Program::cargo()
        .args(release)
        .args(["-p", "layr", "-p", "layr-library", "--example", "bridge", "--example", "many_files"])
        .args(["--features", "layr/test-bridge"])
        // The one crate that refuses the bridge without them; the others are as people get them.
        .args(["--config", "profile.release.package.layr.debug-assertions=true"])
        .dir(layout::root())
        .run()?;
    playwright("release", "figures")
}

/// A script of the browser tests' package, on programs of this cargo profile.
fn playwright(profile: &str, script: &str) -> Result<Program, Failure> {
    debian::install(debian::BROWSER_TEST)?;
    let dir = layout::root().join("tests/browser");
    window::install_packages(&dir)?;
    let example = |name| layout::program(&format!("{profile}/examples"), name);
    Ok(tools::npm(&["run", "--silent", script])?
        .env("LAYR_BIN", layout::program(profile, "layr"))
        .env("LAYR_DESKTOP_BIN", layout::program(profile, "layr-desktop"))
        .env("LAYR_BRIDGE_BIN", example("bridge"))
        .env("LAYR_MANY_FILES_BIN", example("many_files"))
        .env("LAYR_SCREENSHOTS", layout::screenshots())
        // What Playwright writes about failures.
        .env("LAYR_BROWSER_OUTPUT", layout::root().join("target/browser-tests"))
        .dir(&dir))
}
