//! Dependencies go down. Each crate stands on a floor and may use what stands below it.

use crate::tree::{Package, assert_none, packages};

/// The floors, from the ground up. A crate that is missing here fails the test: its place must be decided.
const FLOORS: &[&[&str]] = &[
    &["layr-sha256", "layr-proof", "layr-agreement"],
    &["layr-codec", "layr-keys"],
    &["layr-library", "layr-vault", "layr-net", "layr-ledger", "layr-local-ledger"],
    &["layr-node"],
    &["layr-control"],
    &["layr-cli", "layr"],
];

/// For tests and for building: no product crate may need them.
const OUTSIDE: &[&str] = &["layr-testkit", "layr-suites", "xtask"];

/// Dependencies that one crate hides from all others. A name covers its family (`tauri`, `tauri-plugin-…`).
const HIDDEN: &[(&str, &[&str])] = &[
    ("libp2p", &["layr-net"]),
    ("rusqlite", &["layr-library", "layr-vault", "layr-local-ledger"]),
    ("soroban", &["layr-local-ledger"]),
    ("stellar", &["layr-ledger", "layr-local-ledger"]),
    ("tauri", &["layr"]),
    ("interprocess", &["layr-control"]),
    ("clap", &["layr-cli"]),
];

fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|crates| crates.contains(&name))
}

#[test]
fn every_package_has_its_place() {
    let homeless =
        |package: &&Package| floor(&package.name).is_none() && !OUTSIDE.contains(&package.name.as_str());
    let findings: Vec<String> =
        packages().iter().filter(homeless).map(|package| package.name.clone()).collect();
    assert_none("packages without a floor in tests/architecture/floors.rs", &findings);
}

#[test]
fn dependencies_go_down() {
    let mut findings = Vec::new();
    for package in packages() {
        let Some(own) = floor(&package.name) else { continue };
        for dependency in package.dependencies.iter().filter(|dependency| dependency.kind != "dev") {
            let name = &dependency.name;
            let is_ours = packages().iter().any(|package| package.name == *name);
            if is_ours && floor(name).is_none_or(|below| below >= own) {
                findings.push(format!("{} must not use {name}", package.name));
            }
        }
    }
    assert_none("dependencies that do not go down", &findings);
}

#[test]
fn tests_use_nothing_above_but_the_testkit() {
    let mut findings = Vec::new();
    for package in packages() {
        let Some(own) = floor(&package.name) else { continue };
        for dependency in package.dependencies.iter().filter(|dependency| dependency.kind == "dev") {
            if floor(&dependency.name).is_some_and(|other| other > own) {
                findings.push(format!("the tests of {} must not use {}", package.name, dependency.name));
            }
        }
    }
    assert_none("tests that reach up", &findings);
}

#[test]
fn what_one_crate_hides_no_other_names() {
    let mut findings = Vec::new();
    for package in packages() {
        for dependency in &package.dependencies {
            for (hidden, owners) in HIDDEN {
                let of_family =
                    dependency.name == *hidden || dependency.name.starts_with(&format!("{hidden}-"));
                let named = of_family || dependency.name.starts_with(&format!("{hidden}_"));
                if named && !owners.contains(&package.name.as_str()) {
                    findings.push(format!("{} names {}; only {owners:?} may", package.name, dependency.name));
                }
            }
        }
    }
    assert_none("dependencies that are somebody else's secret", &findings);
}
