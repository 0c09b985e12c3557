use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use layr_library::LibraryPath;

use super::{Found, Scan};
use crate::upload::{Filled, UploadError};

fn walk(paths: &[&Path], to: &str) -> Vec<Found> {
    let paths: Vec<_> = paths.iter().map(|path| path.to_path_buf()).collect();
    let mut scan = Scan::new(&paths, &LibraryPath::parse(to).unwrap(), &Filled::default()).unwrap();
    let mut all = Vec::new();
    loop {
        // Small on purpose: the walk must stop and go on anywhere.
        let batch = scan.next_batch(3);
        if batch.is_empty() {
            return all;
        }
        all.extend(batch);
    }
}

fn names(found: &[Found]) -> Vec<String> {
    let name = |found: &Found| match found {
        Found::File(file) => format!("f {}", file.library),
        Found::Directory { library, .. } => format!("d {library}"),
        Found::Symlink { library, target, .. } => format!("l {library} -> {target}"),
        Found::Skipped(skipped) => {
            format!(
                "skip {}: {}",
                Path::new(&skipped.path).file_name().unwrap().to_string_lossy(),
                skipped.reason
            )
        }
    };
    found.iter().map(name).collect()
}

#[test]
fn a_tree_comes_in_order_with_each_directory_before_its_content() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path().join("docs");
    std::fs::create_dir_all(top.join("b/empty")).unwrap();
    for name in ["c.txt", "a.txt", "b/z", "b/new\nline"] {
        std::fs::write(top.join(name), name).unwrap();
    }
    symlink("../c.txt", top.join("b/link")).unwrap();
    symlink(&top, top.join("loop")).unwrap();
    let found = walk(&[&top], "/to");
    let link = format!("l /to/docs/loop -> {}", top.display());
    let expected = [
        "d /to/docs",
        "f /to/docs/a.txt",
        "d /to/docs/b",
        "d /to/docs/b/empty",
        "l /to/docs/b/link -> ../c.txt",
        "f /to/docs/b/new\nline",
        "f /to/docs/b/z",
        "f /to/docs/c.txt",
        &link,
    ];
    assert_eq!(names(&found), expected);
}

#[test]
fn what_has_no_content_or_no_writable_name_is_skipped_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path().join("t");
    std::fs::create_dir(&top).unwrap();
    let _socket = UnixListener::bind(top.join("a-socket")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        top.join("b-pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    std::fs::write(top.join(OsStr::from_bytes(b"c-\xff")), b"x").unwrap();
    std::fs::write(top.join("d-good"), b"x").unwrap();
    let found = names(&walk(&[&top], "/"));
    assert_eq!(found[0], "d /t");
    assert!(found[1].contains("a-socket") && found[1].contains("socket"), "{}", found[1]);
    assert!(found[2].contains("b-pipe") && found[2].contains("named pipe"), "{}", found[2]);
    assert!(found[3].contains("not valid UTF-8"), "{}", found[3]);
    assert_eq!(found[4], "f /t/d-good");
}

#[test]
fn an_unreadable_directory_is_skipped_and_the_rest_goes_on() {
    if rustix::process::geteuid().is_root() {
        return; // root reads everything
    }
    let dir = tempfile::tempdir().unwrap();
    let closed = dir.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    let found = names(&walk(&[&closed], "/"));
    assert!(found[0].contains("may not read"), "{found:?}");
}

#[test]
fn a_path_that_does_not_exist_is_an_error_before_anything_else() {
    let dir = tempfile::tempdir().unwrap();
    let missing = ["missing", "gone/too"].map(|name| dir.path().join(name));
    let error = Scan::new(&missing, &LibraryPath::root(), &Filled::default()).unwrap_err();
    assert!(matches!(&error, UploadError::NoSuchPath { path } if *path == missing[0]), "{error:?}");
    std::fs::write(dir.path().join("here"), "").unwrap();
    let found = names(&walk(&[&missing[0], &dir.path().join("here"), &missing[1]], "/"));
    assert!(found[0].contains("missing") && found[2].contains("too"), "{found:?}");
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn what_cannot_be_looked_at_leaves_the_others_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("here"), "").unwrap();
    let endless = dir.path().join("d/".repeat(5000)).join("end");
    let found = names(&walk(&[&endless, &dir.path().join("here")], "/"));
    assert!(found[0].contains("cannot be read"), "{found:?}");
    assert_eq!(found.len(), 2);
    let error = Scan::new(&[endless], &LibraryPath::root(), &Filled::default()).unwrap_err();
    assert!(matches!(error, UploadError::BadPath { .. }), "{error:?}");
}

#[test]
fn a_directory_that_is_empty_and_was_not_is_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let (stick, empty) = (dir.path().join("stick"), dir.path().join("empty"));
    for path in [&stick, &empty] {
        std::fs::create_dir(path).unwrap();
    }
    std::fs::write(stick.join("picture"), "").unwrap();
    let paths = [stick.clone(), empty];
    let filled = Filled::now(&paths);
    let walk = || Scan::new(&paths, &LibraryPath::root(), &filled).unwrap().next_batch(10);
    assert_eq!(names(&walk()), ["d /stick", "f /stick/picture", "d /empty"]);
    std::fs::remove_file(stick.join("picture")).unwrap();
    let found = names(&walk());
    assert!(found[0].contains("was not when it was chosen"), "{found:?}");
    assert_eq!(found[1..], ["d /empty"]);
}

#[test]
fn two_arguments_cannot_end_at_one_name() {
    let dir = tempfile::tempdir().unwrap();
    for side in ["a", "b"] {
        std::fs::create_dir(dir.path().join(side)).unwrap();
        std::fs::write(dir.path().join(side).join("same"), side).unwrap();
    }
    let paths = [dir.path().join("a/same"), dir.path().join("b/same")];
    assert!(matches!(
        Scan::new(&paths, &LibraryPath::root(), &Filled::default()),
        Err(UploadError::BadPath { .. })
    ));
    let root = [std::path::PathBuf::from("/")];
    assert!(matches!(
        Scan::new(&root, &LibraryPath::root(), &Filled::default()),
        Err(UploadError::BadPath { .. })
    ));
}

#[test]
fn a_path_that_ends_in_dots_gets_its_real_name() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("real/inner")).unwrap();
    let found = walk(&[&dir.path().join("real/inner/..")], "/");
    assert_eq!(names(&found), ["d /real", "d /real/inner"]);
}

#[test]
fn names_of_255_bytes_on_every_level() {
    let dir = tempfile::tempdir().unwrap();
    let name = "n".repeat(255);
    let deep = dir.path().join(&name).join(&name).join(&name);
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(deep.join(&name), b"x").unwrap();
    let found = walk(&[&dir.path().join(&name)], "/");
    assert_eq!(found.len(), 4);
    assert!(matches!(&found[3], Found::File(file) if file.library.as_str().len() == 4 * 256));
}
