use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use layr_library::RelativePath;

use super::{Attributes, Existing, Stage, StageError};
use crate::clock::SystemEntropy;
use crate::look::Look;
use crate::temporaries::Temporaries;

const PLAIN: Attributes = Attributes { mode: None, mtime_ns: None };

struct Scene {
    dir: tempfile::TempDir,
    temporaries: Temporaries,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("home")).unwrap();
        std::fs::create_dir(dir.path().join("out")).unwrap();
        let temporaries = Temporaries::open(&dir.path().join("home")).unwrap();
        Self { dir, temporaries }
    }

    fn out(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join("out").join(name)
    }

    fn directory(&self, name: &str) -> Result<Stage, StageError> {
        Stage::for_directory(&self.out(name), &self.temporaries, &SystemEntropy)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(self.dir.path().join("out"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

fn path(text: &str) -> RelativePath {
    RelativePath::parse(text).unwrap()
}

fn write(stage: &mut Stage, name: &str, content: &[u8], attributes: Attributes) -> Result<(), StageError> {
    let mut file = stage.file(&path(name), attributes)?;
    file.append(content)?;
    file.finish(false)
}

#[test]
fn nothing_is_at_the_target_before_everything_is() {
    let scene = Scene::new();
    let mut stage = scene.directory("tree").unwrap();
    write(&mut stage, "a/b", b"content", PLAIN).unwrap();
    assert!(!scene.out("tree").exists());
    drop(stage);
    assert!(scene.names().is_empty(), "a dropped stage leaves {:?}", scene.names());
    let mut stage = scene.directory("tree").unwrap();
    write(&mut stage, "a/b", b"content", PLAIN).unwrap();
    stage.finish().unwrap();
    assert_eq!(scene.names(), ["tree"]);
    assert_eq!(std::fs::read(scene.out("tree/a/b")).unwrap(), b"content");
}

#[test]
fn a_single_file_replaces_another_only_when_whole() {
    let scene = Scene::new();
    std::fs::write(scene.out("file"), b"old").unwrap();
    let stage = Stage::for_file(&scene.out("file"), &scene.temporaries, &SystemEntropy).unwrap();
    let mut file = stage
        .single_file(Attributes { mode: Some(0o640), mtime_ns: Some(1_234_567_890_123_456_789) })
        .unwrap();
    file.append(b"new").unwrap();
    assert_eq!(std::fs::read(scene.out("file")).unwrap(), b"old");
    file.finish(true).unwrap();
    stage.finish().unwrap();
    let metadata = std::fs::metadata(scene.out("file")).unwrap();
    assert_eq!(std::fs::read(scene.out("file")).unwrap(), b"new");
    assert_eq!(metadata.permissions().mode() & 0o7777, 0o640);
    assert_eq!((metadata.mtime(), metadata.mtime_nsec()), (1_234_567_890, 123_456_789));
}

#[test]
fn a_yes_to_replace_a_file_is_for_that_one_until_the_last_step() {
    let scene = Scene::new();
    let finish = |meanwhile: &dyn Fn(&Path)| {
        let target = scene.out("file");
        std::fs::write(&target, b"old").unwrap();
        let look = Look::of_file(&target).unwrap();
        let mut stage = Stage::for_file(&target, &scene.temporaries, &SystemEntropy).unwrap();
        stage.keep(Existing::GivesWayAs(look));
        let mut file = stage.single_file(PLAIN).unwrap();
        file.append(b"new").unwrap();
        file.finish(true).unwrap();
        meanwhile(&target);
        let outcome = stage.finish();
        (outcome.is_ok(), std::fs::read_to_string(&target).unwrap())
    };
    assert_eq!(finish(&|_| {}), (true, "new".to_owned()));
    assert_eq!(finish(&|target| std::fs::remove_file(target).unwrap()), (true, "new".to_owned()));
    let edit = |target: &Path| std::fs::write(target, b"mine").unwrap();
    assert_eq!(finish(&edit), (false, "mine".to_owned()));
    let replace = |target: &Path| {
        std::fs::write(scene.out("other"), b"old").unwrap();
        std::fs::rename(scene.out("other"), target).unwrap();
    };
    assert_eq!(finish(&replace), (false, "old".to_owned()));
    assert_eq!(scene.names(), ["file"]);
}

#[test]
fn modes_that_forbid_writing_and_set_user_id() {
    let scene = Scene::new();
    let mut stage = scene.directory("tree").unwrap();
    stage
        .directory(&path("locked"), Attributes { mode: Some(0o555), mtime_ns: Some(1_000_000_000) })
        .unwrap();
    write(&mut stage, "locked/suid", b"x", Attributes { mode: Some(0o6755), mtime_ns: None }).unwrap();
    stage.finish().unwrap();
    let mode = |name: &str| std::fs::metadata(scene.out(name)).unwrap().mode() & 0o7777;
    assert_eq!((mode("tree/locked"), mode("tree/locked/suid")), (0o555, 0o755));
    assert_eq!(std::fs::metadata(scene.out("tree/locked")).unwrap().mtime(), 1);
}

/// What the system says happened to a directory and in the one that holds the target, in order: whether it was a rename.
#[cfg(target_os = "linux")]
fn renames_among_changes(scene: &Scene, locked: &Path, work: impl FnOnce()) -> Vec<bool> {
    use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init};
    let queue = init(CreateFlags::NONBLOCK).unwrap();
    add_watch(&queue, scene.out(""), WatchFlags::MOVED_TO).unwrap();
    add_watch(&queue, locked, WatchFlags::ATTRIB).unwrap();
    work();
    let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
    let mut reader = Reader::new(queue, &mut buffer);
    let mut renames = Vec::new();
    while let Ok(event) = reader.next() {
        renames.push(event.events().contains(ReadFlags::MOVED_TO));
    }
    renames
}

#[cfg(target_os = "linux")]
#[test]
fn a_fresh_tree_has_its_attributes_when_it_gets_its_name() {
    let scene = Scene::new();
    let mut stage = scene.directory("tree").unwrap();
    let locked = Attributes { mode: Some(0o500), mtime_ns: Some(1_000_000_000) };
    stage.top(locked);
    stage.directory(&path("locked"), locked).unwrap();
    write(&mut stage, "locked/a", b"x", PLAIN).unwrap();
    let staged = stage.temporary.path().join("locked");
    let renames = renames_among_changes(&scene, &staged, || stage.finish().unwrap());
    assert!(renames.len() > 1 && renames.iter().position(|is_rename| *is_rename) == Some(renames.len() - 1));
    for name in ["tree", "tree/locked"] {
        let metadata = std::fs::metadata(scene.out(name)).unwrap();
        assert_eq!((metadata.mode() & 0o7777, metadata.mtime()), (0o500, 1), "{name}");
    }
    assert_eq!(scene.names(), ["tree"]);
}

#[test]
fn a_settled_tree_still_goes_into_a_directory_that_came_meanwhile() {
    for (existing, expected) in
        [(Existing::GivesWay, "x"), (Existing::StaysBeside, "x"), (Existing::Stays, "")]
    {
        let scene = Scene::new();
        let mut stage = scene.directory("tree").unwrap();
        stage.keep(existing);
        let locked = Attributes { mode: Some(0o100), mtime_ns: Some(1_000_000_000) };
        stage.directory(&path("locked/deep"), locked).unwrap();
        stage.directory(&path("locked"), locked).unwrap();
        write(&mut stage, "locked/deep/a", b"x", PLAIN).unwrap();
        let root = stage.root.take().unwrap();
        stage.tree(&root).settle().unwrap();
        std::fs::create_dir(scene.out("tree")).unwrap();
        stage.tree(&root).open_up().unwrap();
        stage.root = Some(root);
        let outcome = stage.finish();
        assert_eq!(outcome.is_ok(), !expected.is_empty(), "{existing:?}: {outcome:?}");
        let content = std::fs::read_to_string(scene.out("tree/locked/deep/a")).unwrap_or_default();
        assert_eq!(content, expected, "{existing:?}");
        if !expected.is_empty() {
            let metadata = std::fs::metadata(scene.out("tree/locked/deep")).unwrap();
            assert_eq!((metadata.mode() & 0o7777, metadata.mtime()), (0o100, 1), "{existing:?}");
        }
        assert_eq!(scene.names(), ["tree"], "no temporary stays");
    }
}

#[test]
fn a_manifest_cannot_write_through_its_own_link() {
    let scene = Scene::new();
    let outside = scene.out("outside");
    std::fs::create_dir(&outside).unwrap();
    let mut stage = scene.directory("tree").unwrap();
    stage.link(&path("way-out"), outside.to_str().unwrap(), PLAIN);
    write(&mut stage, "way-out/stolen", b"x", PLAIN).unwrap();
    let error = stage.finish().unwrap_err();
    assert!(matches!(error, StageError::Contradiction { .. }), "{error:?}");
    assert!(std::fs::read_dir(&outside).unwrap().next().is_none());
    assert_eq!(scene.names(), ["outside"]);
}

#[test]
fn a_manifest_that_names_a_path_twice_is_refused() {
    let scene = Scene::new();
    let mut stage = scene.directory("tree").unwrap();
    write(&mut stage, "a", b"x", PLAIN).unwrap();
    assert!(matches!(write(&mut stage, "a", b"y", PLAIN), Err(StageError::Contradiction { .. })));
    assert!(matches!(write(&mut stage, "a/b", b"y", PLAIN), Err(StageError::Contradiction { .. })));
}

#[test]
fn zeros_become_holes_and_sizes_stay() {
    let scene = Scene::new();
    let mut stage = scene.directory("tree").unwrap();
    let content = [vec![0; 4 << 20], b"end".to_vec(), vec![0; 1 << 20]].concat();
    let mut file = stage.file(&path("sparse"), PLAIN).unwrap();
    for part in content.chunks(1 << 20) {
        file.append(part).unwrap();
    }
    file.finish(false).unwrap();
    stage.finish().unwrap();
    assert!(std::fs::read(scene.out("tree/sparse")).unwrap() == content);
    let blocks = std::fs::metadata(scene.out("tree/sparse")).unwrap().blocks();
    assert!(blocks * 512 <= 2 << 20, "{blocks} blocks");
}

#[test]
fn a_deep_tree_with_long_names() {
    let scene = Scene::new();
    let mut stage = scene.directory("tree").unwrap();
    // Longer than one system call could name.
    let deep = vec!["n".repeat(255); 40].join("/");
    stage.directory(&path(&deep), PLAIN).unwrap();
    write(&mut stage, &format!("{deep}/leaf"), b"x", PLAIN).unwrap();
    stage.finish().unwrap();
    let mut directory =
        rustix::fs::open(scene.out("tree"), rustix::fs::OFlags::RDONLY, rustix::fs::Mode::empty()).unwrap();
    for _ in 0..40 {
        directory = rustix::fs::openat(
            &directory,
            "n".repeat(255),
            rustix::fs::OFlags::RDONLY,
            rustix::fs::Mode::empty(),
        )
        .unwrap();
    }
    assert!(rustix::fs::statat(&directory, "leaf", rustix::fs::AtFlags::empty()).is_ok());
}

#[test]
fn a_target_without_a_directory_to_hold_it() {
    let scene = Scene::new();
    let missing = scene.out("missing/tree");
    let error = Stage::for_directory(&missing, &scene.temporaries, &SystemEntropy).unwrap_err();
    assert!(matches!(error, StageError::NoDirectory { .. }));
    assert!(!Path::new(&missing).exists());
}
