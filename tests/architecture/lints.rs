//! The lints hold everywhere, and unsafe code lives in one listed place.

use crate::tree::{assert_none, packages, texts};

/// The crates that may contain unsafe code: hashing with the CPU's own instructions.
const UNSAFE_CRATES: &[&str] = &["layr-sha256"];

#[test]
fn every_package_takes_the_workspace_lints() {
    let mut findings = Vec::new();
    for package in packages().iter().filter(|package| !UNSAFE_CRATES.contains(&package.name.as_str())) {
        let manifest = std::fs::read_to_string(&package.manifest).unwrap();
        let lints = manifest.split("\n[lints]\n").nth(1).unwrap_or_default();
        if !lints.starts_with("workspace = true") {
            findings.push(package.name.clone());
        }
    }
    assert_none("packages without `[lints] workspace = true`", &findings);
}

#[test]
fn unsafe_code_lies_in_the_listed_crates_only() {
    // Split, so that this file does not find itself.
    let marks = [
        concat!("unsafe", " {"),
        concat!("unsafe", " fn"),
        concat!("unsafe", " impl"),
        concat!("allow(", "unsafe_code"),
    ];
    let listed =
        |path: &str| UNSAFE_CRATES.iter().any(|name| path.starts_with(&format!("src-tauri/crates/{name}/")));
    let mut findings = Vec::new();
    for (path, text) in texts("rs") {
        for (number, line) in text.lines().enumerate() {
            if !listed(path) && marks.iter().any(|mark| line.contains(mark)) {
                findings.push(format!("{path}:{}", number + 1));
            }
        }
    }
    assert_none("unsafe code outside the listed crates", &findings);
}
