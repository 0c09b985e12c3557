//! Where things lie.

use std::path::{Path, PathBuf};

/// The checkout.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
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
