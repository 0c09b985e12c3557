//! Random operations against a model that is simple enough to be believed.
//!
//! The model keeps paths in a map instead of a tree in tables. After every operation both must say the same about every
//! path, every version and the trash.

use std::collections::BTreeMap;

use layr_library::{LibraryPath, ListOptions, NewContent, NewVersion, VersionNumber};
use proptest::prelude::*;

use crate::kit::{DAY_S, Kit, NOW_S, PLAIN_BYTES, assert_consistent, chunk, path};

/// Days for which versions and deleted entries are kept.
const KEEP_DAYS: u64 = 30;

#[derive(Debug, Clone)]
enum Op {
    Put { path: String, content: u64 },
    MakeDirectory { path: String },
    Move { from: String, to: String },
    Remove { path: String },
    Restore { path: String, version: Option<u64> },
    EmptyTrash,
    Wait { days: u64 },
}

#[derive(Debug, Clone, PartialEq)]
struct Version {
    content: u64,
    /// Day on which it was superseded; none for the current one.
    superseded: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Directory,
    File { versions: BTreeMap<u64, Version>, next: u64 },
}

impl Node {
    fn version(&self, number: Option<u64>) -> Option<u64> {
        let Self::File { versions, .. } = self else { return None };
        match number {
            Some(number) => versions.contains_key(&number).then_some(number),
            None => {
                versions.iter().find(|(_, version)| version.superseded.is_none()).map(|(number, _)| *number)
            }
        }
    }

    fn supersede(&mut self, day: u64) {
        let Self::File { versions, .. } = self else { return };
        for version in versions.values_mut().filter(|version| version.superseded.is_none()) {
            version.superseded = Some(day);
        }
    }

    fn make_current(&mut self, number: u64, day: u64) {
        self.supersede(day);
        let Self::File { versions, .. } = self else { return };
        versions.get_mut(&number).unwrap().superseded = None;
    }
}

/// A deleted subtree: the path of its top and, below it, relative paths ("" for the top itself).
#[derive(Debug, Clone)]
struct Trashed {
    top: String,
    nodes: BTreeMap<String, Node>,
    day: u64,
    /// Tells those of one day apart: the entry's age, as the library orders by its row.
    born: u64,
}

#[derive(Debug, Default)]
struct Model {
    live: BTreeMap<String, (Node, u64)>,
    trash: Vec<Trashed>,
    day: u64,
    births: u64,
}

type Refused = ();

impl Model {
    fn born(&mut self) -> u64 {
        self.births += 1;
        self.births
    }

    fn make_directories(&mut self, path: &str) -> Result<(), Refused> {
        let mut at = String::new();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            at = format!("{at}/{part}");
            match self.live.get(&at) {
                Some((Node::Directory, _)) => {}
                Some(_) => return Err(()),
                None => {
                    let born = self.born();
                    self.live.insert(at.clone(), (Node::Directory, born));
                }
            }
        }
        Ok(())
    }

    fn put(&mut self, path: &str, content: u64) -> Result<(), Refused> {
        self.make_directories(parent(path))?;
        let day = self.day;
        if !self.live.contains_key(path) {
            let born = self.born();
            let node = Node::File { versions: BTreeMap::new(), next: 1 };
            self.live.insert(path.to_owned(), (node, born));
        }
        let (node, _) = self.live.get_mut(path).unwrap();
        let current = node.version(None);
        let Node::File { versions, .. } = node else { return Err(()) };
        if current.is_some_and(|current| versions[&current].content == content) {
            return Ok(());
        }
        node.supersede(day);
        let Node::File { versions, next } = node else { return Err(()) };
        versions.insert(*next, Version { content, superseded: None });
        *next += 1;
        Ok(())
    }

    fn take(&mut self, path: &str) -> BTreeMap<String, (Node, u64)> {
        let below = format!("{path}/");
        let taken: Vec<String> =
            self.live.keys().filter(|name| *name == path || name.starts_with(&below)).cloned().collect();
        taken
            .into_iter()
            .map(|name| (name[path.len()..].to_owned(), self.live.remove(&name).unwrap()))
            .collect()
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), Refused> {
        if from == "/" || !self.live.contains_key(from) {
            return Err(());
        }
        let name = from.rsplit('/').next().unwrap();
        let into = to == "/" || matches!(self.live.get(to), Some((Node::Directory, _)));
        let to = match () {
            () if from == to => return Ok(()),
            () if to == "/" => format!("/{name}"),
            () if into => format!("{to}/{name}"),
            () => to.to_owned(),
        };
        if to == from {
            return Ok(());
        }
        if to.starts_with(&format!("{from}/")) || self.live.contains_key(&to) {
            return Err(());
        }
        self.make_directories(parent(&to))?;
        for (rest, node) in self.take(from) {
            self.live.insert(format!("{to}{rest}"), node);
        }
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Result<(), Refused> {
        let Some((_, born)) = self.live.get(path) else { return Err(()) };
        let (born, day) = (*born, self.day);
        let nodes = self.take(path).into_iter().map(|(rest, (node, _))| (rest, node)).collect();
        self.trash.push(Trashed { top: path.to_owned(), nodes, day, born });
        Ok(())
    }

    /// Index into the trash and relative path of what was deleted last at `path`.
    fn find_trashed(&self, path: &str, version: Option<u64>) -> Option<(usize, String)> {
        let mut best: Option<(u64, usize, u64, usize, String)> = None;
        for (index, trashed) in self.trash.iter().enumerate() {
            let Some(rest) = path.strip_prefix(&trashed.top) else { continue };
            let Some(node) = trashed.nodes.get(rest) else { continue };
            if version.is_some() && node.version(version).is_none() {
                continue;
            }
            // The newest; of one day the nearest top, then the youngest.
            let rank = (trashed.day, trashed.top.len(), trashed.born, index, rest.to_owned());
            if best.as_ref().is_none_or(|best| rank > *best) {
                best = Some(rank);
            }
        }
        best.map(|(_, _, _, index, rest)| (index, rest))
    }

    fn restore(&mut self, path: &str, version: Option<u64>) -> Result<(), Refused> {
        let day = self.day;
        if let (Some((node, _)), Some(number)) = (self.live.get_mut(path), version)
            && node.version(Some(number)).is_some()
        {
            node.make_current(number, day);
            return Ok(());
        }
        let Some((index, rest)) = self.find_trashed(path, version) else {
            return if version.is_none() && self.live.contains_key(path) { Ok(()) } else { Err(()) };
        };
        if self.live.contains_key(path) {
            self.join(path, version, index, &rest)?;
        } else {
            self.bring_back(path, version, index, &rest)?;
        }
        if rest.is_empty() {
            self.trash.remove(index);
        }
        Ok(())
    }

    /// The deleted file's versions go to the file that is there.
    fn join(&mut self, path: &str, version: Option<u64>, index: usize, rest: &str) -> Result<(), Refused> {
        let day = self.day;
        let came_back = self.trash[index].nodes[rest].clone();
        let (there, _) = self.live.get_mut(path).unwrap();
        let wanted = came_back.version(version).ok_or(())?;
        let Node::File { versions: old, .. } = came_back else { return Err(()) };
        let Node::File { versions, next } = there else { return Err(()) };
        let mut current = 0;
        for (number, mut version) in old {
            version.superseded = version.superseded.or(Some(day));
            if number == wanted {
                current = *next;
            }
            versions.insert(*next, version);
            *next += 1;
        }
        there.make_current(current, day);
        self.trash[index].nodes.remove(rest);
        Ok(())
    }

    fn bring_back(
        &mut self,
        path: &str,
        version: Option<u64>,
        index: usize,
        rest: &str,
    ) -> Result<(), Refused> {
        let day = self.day;
        self.make_directories(parent(path))?;
        let below = format!("{rest}/");
        let nodes = self.trash[index].nodes.keys();
        let names: Vec<String> =
            nodes.filter(|name| *name == rest || name.starts_with(&below)).cloned().collect();
        for name in names {
            let mut node = self.trash[index].nodes.remove(&name).unwrap();
            if let (true, Some(number)) = (name == rest, version) {
                node.make_current(number, day);
            }
            let born = self.born();
            self.live.insert(format!("{path}{}", &name[rest.len()..]), (node, born));
        }
        Ok(())
    }

    fn wait(&mut self, days: u64) {
        self.day += days;
        let day = self.day;
        let live = self.live.values_mut().map(|(node, _)| node);
        for node in live.chain(self.trash.iter_mut().flat_map(|trashed| trashed.nodes.values_mut())) {
            if let Node::File { versions, .. } = node {
                versions.retain(|_, version| version.superseded.is_none_or(|since| since + KEEP_DAYS > day));
            }
        }
        self.trash.retain(|trashed| trashed.day + KEEP_DAYS > day);
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn apply(kit: &Kit, model: &mut Model, op: &Op) -> Result<(), TestCaseError> {
    let (real, expected) = match op {
        Op::Put { path: name, content } => {
            (commit(kit, name, file_content(*content)), attempt(model, |model| model.put(name, *content)))
        }
        Op::MakeDirectory { path: name } => {
            (commit(kit, name, NewContent::Directory), attempt(model, |model| model.make_directories(name)))
        }
        Op::Move { from, to } => (
            kit.library.rename(&path(from), &path(to)).is_ok(),
            attempt(model, |model| model.rename(from, to)),
        ),
        Op::Remove { path: name } => {
            (kit.library.remove(&path(name), NOW_S).is_ok(), attempt(model, |model| model.remove(name)))
        }
        Op::Restore { path: name, version } => (
            kit.library.restore(&path(name), version.map(VersionNumber)).is_ok(),
            attempt(model, |model| model.restore(name, *version)),
        ),
        Op::EmptyTrash => {
            model.trash.clear();
            (kit.library.empty_trash(None).is_ok(), true)
        }
        Op::Wait { days } => {
            for day in 1..=*days {
                kit.library.maintain(NOW_S + (model.day + day) * DAY_S).unwrap();
            }
            model.wait(*days);
            (true, true)
        }
    };
    prop_assert_eq!(real, expected, "{:?}", op);
    Ok(())
}

/// What is refused changes nothing.
fn attempt(model: &mut Model, change: impl FnOnce(&mut Model) -> Result<(), Refused>) -> bool {
    let before = (model.live.clone(), model.trash.clone());
    let done = change(model).is_ok();
    if !done {
        (model.live, model.trash) = before;
    }
    done
}

fn commit(kit: &Kit, name: &str, content: NewContent) -> bool {
    let new = NewVersion { path: path(name), content, mtime_ns: 0, mode: None, source: None };
    kit.library.commit_versions(&[new], NOW_S).is_ok()
}

/// As many chunks as the content's number, so that its size tells it.
fn file_content(content: u64) -> NewContent {
    NewContent::File {
        size_bytes: content * u64::from(PLAIN_BYTES),
        chunks: (0..content).map(chunk).collect(),
    }
}

/// Both say the same of every path and version and of the trash.
fn compare(kit: &Kit, model: &Model) -> Result<(), TestCaseError> {
    let options = ListOptions { is_recursive: true, with_versions: true };
    let mut real = Vec::new();
    let mut after: Option<LibraryPath> = None;
    loop {
        let page = kit.library.ls(&path("/"), options, after.as_ref(), 3).unwrap();
        real.extend(page.rows.into_iter().map(|row| {
            let number = row.version.map_or(0, |version| version.0);
            (row.path.as_str().to_owned(), number, row.size_bytes / u64::from(PLAIN_BYTES), row.is_current)
        }));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut expected = Vec::new();
    for (name, (node, _)) in &model.live {
        match node {
            Node::Directory => expected.push((name.clone(), 0, 0, true)),
            Node::File { versions, .. } => expected.extend(versions.iter().map(|(number, version)| {
                (name.clone(), *number, version.content, version.superseded.is_none())
            })),
        }
    }
    real.sort();
    expected.sort();
    prop_assert_eq!(real, expected);
    let real = kit.library.trash(None, 100).unwrap();
    let mut real: Vec<_> =
        real.into_iter().map(|row| (row.path.as_str().to_owned(), row.files, row.kept_for_s)).collect();
    let mut expected: Vec<_> = model
        .trash
        .iter()
        .map(|trashed| {
            let files =
                trashed.nodes.values().filter(|node| matches!(node, Node::File { .. })).count() as u64;
            (trashed.top.clone(), files, (trashed.day + KEEP_DAYS - model.day) * DAY_S)
        })
        .collect();
    real.sort();
    expected.sort();
    prop_assert_eq!(real, expected);
    Ok(())
}

fn some_path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "b"]), 1..4)
        .prop_map(|parts| format!("/{}", parts.join("/")))
}

fn some_op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (some_path(), 0_u64..5).prop_map(|(path, content)| Op::Put { path, content }),
        1 => some_path().prop_map(|path| Op::MakeDirectory { path }),
        3 => (some_path(), some_path()).prop_map(|(from, to)| Op::Move { from, to }),
        3 => some_path().prop_map(|path| Op::Remove { path }),
        4 => (some_path(), prop::option::of(1_u64..5)).prop_map(|(path, version)| Op::Restore { path, version }),
        1 => Just(Op::EmptyTrash),
        2 => (1_u64..20).prop_map(|days| Op::Wait { days }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 2000, ..ProptestConfig::default() })]
    #[test]
    fn the_library_and_the_model_agree(ops in prop::collection::vec(some_op(), 1..50)) {
        let kit = Kit::new();
        kit.upload(1, &[0, 1, 2, 3, 4]);
        // A file that nobody touches keeps the chunks alive over long waits.
        let mut model = Model::default();
        commit(&kit, "/keep", file_content(4));
        model.put("/keep", 4).unwrap();
        for op in &ops {
            apply(&kit, &mut model, op)?;
            compare(&kit, &model)?;
        }
        assert_consistent(&kit.file());
    }
}
