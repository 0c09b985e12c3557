//! Where things lie.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The checkout that cargo runs this from. Not the one that it was built in: cargo takes a program from a shared build
/// directory as fresh though another checkout, which may be gone, has built it.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let package =
            std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        Path::new(&package).parent().unwrap_or(Path::new(".")).to_owned()
    })
}

/// Cargo's build directory.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) if !dir.is_empty() => root().join(dir),
        _ => root().join("target"),
    }
}

/// A program that cargo built, `debug` or `release`.
pub(crate) fn program(profile: &str, name: &str) -> PathBuf {
    target().join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The web page's package.
pub(crate) fn ui() -> PathBuf {
    root().join("ui")
}

/// Where screenshots of test runs go.
pub(crate) fn screenshots() -> PathBuf {
    root().join("target/screenshots")
}

/// Outlives a checkout: tools that were built from source. `LAYR_CI_CACHE`, else the user's cache directory, else the
/// build directory.
pub(crate) fn cache() -> PathBuf {
    let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    from("LAYR_CI_CACHE")
        .or_else(|| from("XDG_CACHE_HOME").map(|dir| dir.join("layr")))
        .or_else(|| from("HOME").map(|dir| dir.join(".cache/layr")))
        .unwrap_or_else(|| target().join("layr-cache"))
}
