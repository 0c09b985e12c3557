//! The notices of the libraries that the programs contain: who wrote them, where they are from, under which terms.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::layout;
use crate::shell::{Failure, Program};

/// How files with terms begin, in lower case.
const TERMS: &[&str] = &["license", "licence", "copying", "copyright", "notice", "unlicense"];

/// A library by others.
struct Library {
    /// Name, version, licence and address.
    title: String,
    dir: PathBuf,
}

/// One text: each library, then each text once with those that it belongs to.
pub(crate) fn collect() -> Result<String, Failure> {
    let mut libraries = crates()?;
    libraries.extend(page()?);
    libraries.sort_by(|a, b| a.title.cmp(&b.title));
    let mut text = "Layr contains these libraries by others. Their terms follow.\n\n".to_owned();
    let mut terms: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for library in &libraries {
        let _ = writeln!(text, "{}", library.title);
        for found in terms_in(&library.dir)? {
            terms.entry(found).or_default().push(&library.title);
        }
    }
    for (terms, titles) in terms {
        let _ = write!(text, "\n{}\n{}\n\n{}\n", "-".repeat(80), titles.join("\n"), terms.trim());
    }
    Ok(text)
}

/// The crates in the two programs, without those that only build or test them.
fn crates() -> Result<Vec<Library>, Failure> {
    let cargo = |args: &[&str]| Program::cargo().args(args).dir(layout::root()).output();
    let linked = cargo(&[
        "tree",
        "--locked",
        "-p",
        "layr",
        "-p",
        "layr-cli",
        "--edges",
        "normal,no-proc-macro",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ])?;
    // `name v1.2.3`, for our own with a path behind it.
    let linked: BTreeSet<(&str, &str)> =
        linked.lines().filter_map(|line| line.split(" (").next()?.split_once(" v")).collect();
    let metadata = cargo(&["metadata", "--locked", "--format-version", "1"])?;
    let metadata: Value =
        serde_json::from_str(&metadata).map_err(|error| Failure::new(format!("cargo metadata: {error}")))?;
    let packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
    Ok(packages
        .filter(|package| {
            let key = (text(package, "name"), text(package, "version"));
            // Without a source it is ours.
            linked.contains(&key) && package.get("source").is_some_and(Value::is_string)
        })
        .map(|package| library(package, Path::new(text(package, "manifest_path"))))
        .collect())
}

/// The packages in the page.
fn page() -> Result<Vec<Library>, Failure> {
    let lock = read(&layout::ui().join("package-lock.json"))?;
    let lock = lock.get("packages").and_then(Value::as_object);
    let shipped = lock.into_iter().flatten().filter(|(path, package)| {
        let is_for_work = ["dev", "optional", "peer"].iter().any(|kind| package.get(kind).is_some());
        !path.is_empty() && !is_for_work
    });
    shipped
        .map(|(path, _)| {
            let manifest = layout::ui().join(path).join("package.json");
            Ok(library(&read(&manifest)?, &manifest))
        })
        .collect()
}

fn library(package: &Value, manifest: &Path) -> Library {
    let repository = package.get("repository");
    let address = repository
        .and_then(|repository| repository.as_str().or_else(|| repository.get("url")?.as_str()))
        .unwrap_or_default();
    let (name, version, license) =
        (text(package, "name"), text(package, "version"), text(package, "license"));
    Library {
        title: format!("{name} {version}, {license}, {address}"),
        dir: manifest.parent().unwrap_or(manifest).to_owned(),
    }
}

fn terms_in(dir: &Path) -> Result<BTreeSet<String>, Failure> {
    let entries = std::fs::read_dir(dir).map_err(Failure::at(dir))?;
    let is_terms = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        path.is_file() && TERMS.iter().any(|start| name.starts_with(start))
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_terms);
    paths
        .map(|path| {
            let bytes = std::fs::read(&path).map_err(Failure::at(&path))?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        })
        .collect()
}

fn read(path: &Path) -> Result<Value, Failure> {
    let text = std::fs::read_to_string(path).map_err(Failure::at(path))?;
    serde_json::from_str(&text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

fn text<'a>(package: &'a Value, field: &str) -> &'a str {
    package.get(field).and_then(Value::as_str).unwrap_or_default()
}
