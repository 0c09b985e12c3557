//! The contract on Stellar: tested on the ledger's host, and built so that everybody gets the same bytes.
//!
//! The built file lies beside its sources, with a record of its digest and of what built it: nodes refuse a network whose
//! contract is not this one, and that shall not depend on who compiled them.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::layout;
use crate::shell::{Failure, Program, section};
use crate::{tools, window};

const TARGET: &str = "wasm32v1-none";
/// The smallest code for the features that the ledger's interpreter has; what it stores is paid for by its size in memory.
const OPTIMISE: &[&str] = &[
    "-Oz",
    "--converge",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    "--mvp-features",
    "--enable-mutable-globals",
    "--enable-bulk-memory",
];

/// `cargo xtask contract`: builds it and compares; `--write`: builds it and records what came out.
pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    match rest {
        [] => compare(),
        [word] if word == "--write" => write(),
        [word, ..] => Err(Failure::usage(format!("unexpected argument {word:?}"))),
    }
}

/// Lints and tests.
pub(crate) fn test() -> Result<(), Failure> {
    cargo("fmt", &["--check"]).run()?;
    cargo("clippy", &["--locked", "--all-targets", "--", "-D", "warnings"]).run()?;
    let nextest = tools::cargo_nextest()?;
    Program::new(nextest)
        .args(["nextest", "run", "--locked"])
        .dir(&directory())
        .env("CARGO_TARGET_DIR", target())
        .run()?;
    match obstacle() {
        None => compare(),
        Some(reason) => {
            eprintln!("xtask: the build is not compared: {reason}");
            Ok(())
        }
    }
}

/// Why a build here cannot be compared with the recorded one.
fn obstacle() -> Option<String> {
    let (here, recorded) = (rustc().ok()?, recorded_rustc().ok()?);
    if here != recorded {
        return Some(format!("it was built by {recorded}, and here is {here}"));
    }
    add_target().err().map(|failure| failure.to_string())
}

fn compare() -> Result<(), Failure> {
    let built = build()?;
    let stored = fs::read(wasm()).map_err(Failure::at(&wasm()))?;
    let record = fs::read_to_string(record()).map_err(Failure::at(&record()))?;
    if built != stored || record != record_of(&stored)? {
        return Err(Failure::new(format!(
            "the contract that is built here is not the recorded one ({} bytes against {}); after a change of its sources \
             record it with `cargo xtask contract --write`",
            built.len(),
            stored.len()
        )));
    }
    eprintln!("  the same {} bytes, SHA-256 {}", stored.len(), digest(&stored));
    Ok(())
}

fn write() -> Result<(), Failure> {
    let built = build()?;
    fs::write(wasm(), &built).map_err(Failure::at(&wasm()))?;
    fs::write(record(), record_of(&built)?).map_err(Failure::at(&record()))?;
    eprintln!("  {} bytes, SHA-256 {}", built.len(), digest(&built));
    Ok(())
}

/// The optimised WebAssembly of the sources here.
fn build() -> Result<Vec<u8>, Failure> {
    section("contract");
    add_target()?;
    let stage = stage()?;
    Program::cargo()
        .args(["build", "--release", "--locked", "--target", TARGET])
        .dir(&stage)
        .env("CARGO_TARGET_DIR", target())
        // The SDK asks for this where its own command-line tool does not build.
        .env("SOROBAN_SDK_BUILD_SYSTEM_SUPPORTS_SPEC_SHAKING_V2", "1")
        .env("CARGO_ENCODED_RUSTFLAGS", flags(&stage)?.join("\u{1f}"))
        .run()?;
    let packages = layout::root().join("src-tauri/contracts");
    window::install_packages(&packages)?;
    let plain = target().join(TARGET).join("release/storage_agreement.wasm");
    let small = target().join("storage_agreement.wasm");
    tools::with_node(Program::new(packages.join("node_modules/.bin/wasm-opt")))?
        .args(OPTIMISE)
        .args([plain.as_os_str(), "-o".as_ref(), small.as_os_str()])
        .dir(&packages)
        .run()?;
    fs::read(&small).map_err(Failure::at(&small))
}

/// A copy of the sources in one folder. Cargo mixes where a package lies into the names of its functions, and so into their
/// order, unless that is within the workspace; what the contract shares with the app is not within the contract's.
fn stage() -> Result<PathBuf, Failure> {
    let stage = target().join("stage");
    if stage.exists() {
        fs::remove_dir_all(&stage).map_err(Failure::at(&stage))?;
    }
    copy(&directory().join("src"), &stage.join("src"))?;
    let manifest = directory().join("Cargo.toml");
    let mut text = fs::read_to_string(&manifest).map_err(Failure::at(&manifest))?;
    text = text.replace("[workspace]\n", "[workspace]\nexclude = [\"layr-proof\", \"layr-agreement\"]\n");
    for (name, dependencies) in SHARED {
        let copied = stage.join(name);
        copy(&layout::root().join("src-tauri/crates").join(name).join("src"), &copied.join("src"))?;
        let package = format!("[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        let manifest = format!("{package}\n[dependencies]\n{dependencies}\n[workspace]\n");
        fs::write(copied.join("Cargo.toml"), manifest).map_err(Failure::at(&copied))?;
        text = text.replace(&format!("../../crates/{name}"), name);
    }
    fs::write(stage.join("Cargo.toml"), text).map_err(Failure::at(&stage))?;
    let lock = directory().join("Cargo.lock");
    fs::copy(&lock, stage.join("Cargo.lock")).map_err(Failure::at(&lock))?;
    Ok(stage)
}

/// What the contract shares with the app, and what each of these needs, without what it inherits from the app's workspace. The
/// contract's lock file holds it to the same versions.
const SHARED: &[(&str, &str)] = &[("layr-proof", "sha2 = \"0.11\"\n"), ("layr-agreement", "")];

/// The files of a flat folder.
fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to).map_err(Failure::at(to))?;
    for file in fs::read_dir(from).map_err(Failure::at(from))?.flatten() {
        fs::copy(file.path(), to.join(file.file_name())).map_err(Failure::at(&file.path()))?;
    }
    Ok(())
}

/// No path of this machine gets into the code: panics name their place. Memory is copied by the interpreter, not by a function
/// that is paid for.
fn flags(stage: &Path) -> Result<Vec<String>, Failure> {
    let mut flags = vec!["-Ctarget-feature=+bulk-memory".to_owned()];
    let mut remap =
        |from: &Path, to: &str| flags.push(format!("--remap-path-prefix={}={to}", from.display()));
    remap(stage, "/layr");
    let sources = cargo_home()?.join("registry/src");
    for registry in fs::read_dir(&sources).map_err(Failure::at(&sources))?.flatten() {
        remap(&registry.path(), "/crates");
    }
    Ok(flags)
}

fn cargo_home() -> Result<PathBuf, Failure> {
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .ok_or_else(|| Failure::new("there is no CARGO_HOME and no home directory"))
}

fn add_target() -> Result<(), Failure> {
    let installed =
        Program::new("rustup").args(["target", "list", "--installed"]).probe().unwrap_or_default();
    if installed.lines().any(|target| target == TARGET) {
        return Ok(());
    }
    Program::new("rustup").args(["target", "add", TARGET]).run()
}

fn rustc() -> Result<String, Failure> {
    Ok(Program::new("rustc").args(["--version"]).output()?.trim().to_owned())
}

fn recorded_rustc() -> Result<String, Failure> {
    let record = fs::read_to_string(record()).map_err(Failure::at(&record()))?;
    let line = record.lines().find_map(|line| line.strip_prefix("rustc = \""));
    let version = line.and_then(|line| line.strip_suffix('"'));
    version.map(str::to_owned).ok_or_else(|| Failure::new("the contract's record names no compiler"))
}

fn record_of(wasm: &[u8]) -> Result<String, Failure> {
    Ok(format!(
        "# What `cargo xtask contract --write` built.\nsha256 = \"{}\"\nsize_bytes = {}\nrustc = \"{}\"\n",
        digest(wasm),
        wasm.len(),
        rustc()?
    ))
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn cargo(task: &str, rest: &[&str]) -> Program {
    Program::cargo().args([task]).args(rest).dir(&directory()).env("CARGO_TARGET_DIR", target())
}

fn directory() -> PathBuf {
    layout::root().join("src-tauri/contracts/storage-agreement")
}

fn wasm() -> PathBuf {
    layout::root().join("src-tauri/contracts/storage_agreement.wasm")
}

fn record() -> PathBuf {
    layout::root().join("src-tauri/contracts/storage_agreement.toml")
}

/// Its own: the same crates with other features would take turns with those of the app.
fn target() -> PathBuf {
    layout::target().join("contract")
}
