//! The tracked files and the dependency graph.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

/// The checkout, named when the test runs: cargo takes a test that another checkout has built as fresh.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the package"));
        package.parent().expect("tests/ lies in the checkout").to_owned()
    })
}

/// Every tracked path that exists, relative to the checkout, with `/` between its parts.
pub(crate) fn tracked() -> &'static [String] {
    static TRACKED: OnceLock<Vec<String>> = OnceLock::new();
    TRACKED.get_or_init(|| {
        let listing = output(Command::new("git").args(["ls-files", "-z"]).current_dir(root()));
        let paths: Vec<String> =
            listing.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
        assert!(!paths.is_empty(), "git lists no files; these tests need a checkout");
        paths.into_iter().filter(|path| root().join(path).is_file()).collect()
    })
}

/// Tracked files with this extension, and their text.
pub(crate) fn texts(extension: &str) -> Vec<(&'static str, String)> {
    let wanted = |path: &&String| Path::new(path).extension().is_some_and(|found| found == extension);
    tracked().iter().filter(wanted).map(|path| (path.as_str(), read(path))).collect()
}

/// The text of a tracked file; empty where it is not text.
pub(crate) fn read(path: &str) -> String {
    let bytes = std::fs::read(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    String::from_utf8(bytes).unwrap_or_default()
}

/// One package of the workspace.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A dependency as its manifest states it.
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `normal`, `dev` or `build`.
    pub(crate) kind: String,
}

/// The packages of the workspace.
pub(crate) fn packages() -> &'static [Package] {
    static PACKAGES: OnceLock<Vec<Package>> = OnceLock::new();
    PACKAGES.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
        let metadata = output(Command::new(cargo).args(arguments).current_dir(root()));
        let metadata: Value = serde_json::from_str(&metadata).expect("cargo metadata prints JSON");
        metadata["packages"].as_array().expect("packages").iter().map(package).collect()
    })
}

fn package(value: &Value) -> Package {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let dependency = |value: &Value| Dependency {
        name: text(&value["name"]),
        kind: value["kind"].as_str().unwrap_or("normal").to_owned(),
    };
    Package {
        name: text(&value["name"]),
        manifest: PathBuf::from(text(&value["manifest_path"])),
        dependencies: value["dependencies"]
            .as_array()
            .expect("dependencies")
            .iter()
            .map(dependency)
            .collect(),
    }
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("the output is text")
}

/// Fails with every finding on a line of its own.
pub(crate) fn assert_none(what: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{what}:\n  {}", findings.join("\n  "));
}
