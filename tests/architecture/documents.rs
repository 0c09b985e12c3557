//! Every document can be found from the README, and every link between documents leads somewhere.

use std::collections::{BTreeSet, VecDeque};

use crate::tree::{assert_none, read, root, tracked};

#[test]
fn links_between_documents_lead_somewhere() {
    let mut findings = Vec::new();
    for path in documents() {
        for target in links(path) {
            if !root().join(&target).exists() {
                findings.push(format!("{path} points to {target}, which does not exist"));
            }
        }
    }
    assert_none("broken links", &findings);
}

#[test]
fn every_document_can_be_found_from_the_readme() {
    let mut reached = BTreeSet::from(["README.md".to_owned()]);
    let mut pending = VecDeque::from(["README.md".to_owned()]);
    while let Some(path) = pending.pop_front() {
        for target in links(&path).into_iter().filter(|target| is_document(target)) {
            if tracked().contains(&target) && reached.insert(target.clone()) {
                pending.push_back(target);
            }
        }
    }
    let findings: Vec<String> = documents()
        .filter(|path| path.starts_with("docs/") || !path.contains('/'))
        .filter(|path| !reached.contains(*path))
        .map(str::to_owned)
        .collect();
    assert_none("documents that no chain of links from README.md reaches", &findings);
}

fn documents() -> impl Iterator<Item = &'static str> {
    tracked().iter().map(String::as_str).filter(|path| is_document(path))
}

fn is_document(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|extension| extension == "md")
}

/// Local targets of `](target)` links, relative to the checkout, without their fragments.
fn links(path: &str) -> Vec<String> {
    let text = read(path);
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut targets = Vec::new();
    for rest in text.split("](").skip(1) {
        let target = rest.split([')', '#', ' ']).next().unwrap_or_default();
        if !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:") {
            targets.push(resolve(folder, target));
        }
    }
    targets
}

fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            name => parts.push(name),
        }
    }
    parts.join("/")
}
