//! Tools that come neither with Rust nor with Debian: a recent Node, and cargo's helpers.

use std::path::PathBuf;

use crate::debian;
use crate::layout;
use crate::shell::{Failure, Program, section};

/// The oldest Node that the page's build tool runs on.
const NODE_OLDEST: (u32, u32) = (20, 19);
/// Taken from the npm registry where the machine's own is missing or older.
const NODE_PACKAGE: &str = "node@22";
/// Known to read this workspace's lock file and `deny.toml`.
const CARGO_DENY: &str = "0.20.2";
const CARGO_NEXTEST: &str = "0.9.143";
const CARGO_FUZZ: &str = "0.13.1";

/// `npm` with its arguments, in `ui/`, with a Node that is new enough.
pub(crate) fn npm(args: &[&str]) -> Result<Program, Failure> {
    Ok(with_node(Program::new("npm"))?.args(args).dir(&layout::ui()))
}

/// `program` with a Node that is new enough on its search path.
pub(crate) fn with_node(program: Program) -> Result<Program, Failure> {
    let own = layout::cache().join("node/node_modules/node/bin");
    if is_new_enough(Program::new("node")) {
        return Ok(program);
    }
    if !is_new_enough(Program::new(own.join("node"))) {
        section("Node");
        debian::install(&["npm"])?;
        let dir = layout::cache().join("node");
        std::fs::create_dir_all(&dir).map_err(Failure::at(&dir))?;
        Program::new("npm").args(["install", "--no-save", NODE_PACKAGE]).dir(&dir).run()?;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let joined = std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&path)));
    Ok(program.env("PATH", joined.map_err(|error| Failure::new(error.to_string()))?))
}

fn is_new_enough(node: Program) -> bool {
    let Some(version) = node.args(["--version"]).probe() else { return false };
    let mut numbers =
        version.trim().trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= NODE_OLDEST
}

/// `cargo deny`, built once into the cache.
pub(crate) fn cargo_deny() -> Result<PathBuf, Failure> {
    // Unoptimised: it runs for a second, and building it optimised takes many minutes.
    from_source("cargo-deny", CARGO_DENY, &["--debug", "--no-default-features"])
}

/// `cargo nextest`: the machine's own, else built once into the cache.
pub(crate) fn cargo_nextest() -> Result<PathBuf, Failure> {
    let own = Program::new("cargo-nextest").args(["nextest", "--version"]).probe();
    if own.is_some() {
        return Ok(PathBuf::from("cargo-nextest"));
    }
    from_source("cargo-nextest", CARGO_NEXTEST, &[])
}

/// `cargo fuzz`: the machine's own, else built once into the cache.
pub(crate) fn cargo_fuzz() -> Result<PathBuf, Failure> {
    if Program::new("cargo-fuzz").args(["--version"]).probe().is_some() {
        return Ok(PathBuf::from("cargo-fuzz"));
    }
    from_source("cargo-fuzz", CARGO_FUZZ, &[])
}

fn from_source(name: &str, version: &str, flags: &[&str]) -> Result<PathBuf, Failure> {
    let dir = layout::cache().join("tools").join(format!("{name}-{version}"));
    let program = dir.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if program.exists() {
        return Ok(program);
    }
    section(&format!("{name} {version}, built once into {}", dir.display()));
    let install = ["install", name, "--quiet", "--locked", "--version", version, "--root"];
    Program::cargo()
        .args(install)
        .args([&dir])
        .args(flags)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        // Its build directory would otherwise mix with ours.
        .env("CARGO_TARGET_DIR", dir.join("build"))
        .run()?;
    let build = dir.join("build");
    std::fs::remove_dir_all(&build).map_err(Failure::at(&build))?;
    Ok(program)
}
