//! A tidy tree: short files, names that say what a thing is, no leftovers.

use std::path::Path;

use crate::tree::{assert_none, read, texts, tracked};

const MAX_RUST_LINES: usize = 500;
const MAX_PAGE_LINES: usize = 300;
/// Written by a test of the shell, a line or two for each command: there is nothing to split.
const GENERATED: &str = "ui/src/ipc/bindings.ts";

/// Names that say nothing about what is inside. `mod` is the old file style.
const EMPTY_NAMES: &[&str] =
    &["mod", "util", "utils", "helper", "helpers", "common", "manager", "types", "misc"];

#[test]
fn files_are_short() {
    let mut findings = Vec::new();
    for (extension, limit) in
        [("rs", MAX_RUST_LINES), ("ts", MAX_PAGE_LINES), ("tsx", MAX_PAGE_LINES), ("mjs", MAX_PAGE_LINES)]
    {
        for (path, text) in texts(extension) {
            let lines = text.lines().count();
            if lines > limit && path != GENERATED {
                findings.push(format!("{path} has {lines} lines, at most {limit} are allowed"));
            }
        }
    }
    assert_none("files that are too long; split them by what they do", &findings);
}

#[test]
fn names_say_what_a_thing_is() {
    let named_emptily = |path: &&String| {
        let is_source =
            Path::new(path).extension().is_some_and(|found| found == "rs" || found == "ts" || found == "tsx");
        let mut parts = path.split('/').map(|part| part.split('.').next().unwrap_or_default());
        is_source && parts.any(|part| EMPTY_NAMES.contains(&part))
    };
    let findings: Vec<String> = tracked().iter().filter(named_emptily).cloned().collect();
    assert_none("files or folders with empty names", &findings);
}

#[test]
fn libraries_do_not_print() {
    let marks = ["println!", "eprint!(", "print!(", "dbg!("];
    let mut findings = Vec::new();
    for (path, text) in texts("rs").into_iter().filter(|(path, _)| is_library(path)) {
        for (number, line) in text.lines().enumerate() {
            let code = line.trim_start();
            if !code.starts_with("//") && marks.iter().any(|mark| code.contains(mark)) {
                findings.push(format!("{path}:{}", number + 1));
            }
        }
    }
    assert_none("printing in libraries; use tracing or return it", &findings);
}

/// Sources of the crates and of the shell, without the terminal program, examples, tests and build scripts.
fn is_library(path: &str) -> bool {
    let in_crate = path.strip_prefix("src-tauri/crates/").and_then(|rest| rest.split_once('/'));
    let in_sources = in_crate.is_some_and(|(name, rest)| name != "layr-cli" && rest.starts_with("src/"));
    in_sources && !path.contains("/tests") && !path.contains("/bin/") || path.starts_with("src-tauri/src/")
}

#[test]
fn nothing_is_left_to_do_in_the_tree() {
    // Split, so that this file does not find itself.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
    ];
    assert_none("leftovers; do it, or write an issue", &found_in_texts(&marks));
}

#[test]
fn no_file_names_a_registry_host_or_a_machine() {
    // Split, so that this file does not find itself. Cargo.lock names its index, which no setting changes.
    let marks = [
        concat!("registry.", "npmjs"),
        concat!("static.", "crates.io"),
        concat!("index.", "crates.io"),
        concat!("pypi", ".org"),
        concat!("deb.", "debian.org"),
        concat!("/work/", "main"),
        concat!("/work/", "shared"),
        concat!("/tmp/", "target"),
        concat!("/root", "/."),
    ];
    assert_none("hosts of registries or paths of a machine", &found_in_texts(&marks));
}

fn found_in_texts(marks: &[&str]) -> Vec<String> {
    let mut findings = Vec::new();
    for path in tracked() {
        for (number, line) in read(path).lines().enumerate() {
            if let Some(mark) = marks.iter().find(|mark| line.contains(**mark)) {
                findings.push(format!("{path}:{}: {mark}", number + 1));
            }
        }
    }
    findings
}

#[test]
fn build_products_are_not_tracked() {
    let products = ["target/", "gen/", "permissions/", "ui/dist/", "ui/node_modules/"];
    let is_product = |path: &&String| products.iter().any(|product| path.starts_with(product));
    let findings: Vec<String> = tracked().iter().filter(is_product).cloned().collect();
    assert_none("build products in the repository", &findings);
}
