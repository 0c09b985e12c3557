use std::{env, fs, io, path::Path, process::Command};

use super::{Existing, stage, sweep, write, write_new, write_staged};

/// Names the file that the killed writer was to replace.
const TARGET: &str = "LAYR_ATOMIC_TEST_TARGET";

fn names(directory: &std::path::Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_commit_replaces_the_file_and_leaves_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("file");
    for content in [b"old", b"new"] {
        stage(&target, content).unwrap().commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), content);
        assert_eq!(names(directory.path()), ["file"]);
    }
}

#[test]
fn what_is_not_committed_removes_itself() {
    let directory = tempfile::tempdir().unwrap();
    drop(stage(&directory.path().join("file"), b"new").unwrap());
    assert!(names(directory.path()).is_empty());
}

#[test]
fn a_writer_killed_before_the_rename_leaves_the_old_file_and_the_next_sweep_its_leftover() {
    if let Some(target) = env::var_os(TARGET) {
        let _staged = stage(target.as_ref(), b"new").unwrap();
        std::process::abort();
    }
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("file");
    stage(&target, b"old").unwrap().commit().unwrap();

    let this_test = "atomic::tests::\
        a_writer_killed_before_the_rename_leaves_the_old_file_and_the_next_sweep_its_leftover";
    let killed = Command::new(env::current_exe().unwrap())
        .args(["--exact", this_test, "--nocapture"])
        .env(TARGET, &target)
        .output()
        .unwrap();
    assert!(!killed.status.success());

    assert_eq!(fs::read(&target).unwrap(), b"old");
    let left = names(directory.path());
    assert_eq!(left.len(), 2, "the writer got as far as its temporary file: {left:?}");
    sweep(&target).unwrap();
    assert_eq!(names(directory.path()), ["file"]);
}

#[test]
fn a_sweep_spares_what_is_being_written_and_what_is_not_ours() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("file");
    let others = ["file.2024.tmp", "file.backup", "file.tmp", "file2.0011223344556677.tmp", "other.tmp"];
    for other in others {
        fs::write(directory.path().join(other), b"theirs").unwrap();
    }
    let staged = stage(&target, b"new").unwrap();
    sweep(&target).unwrap();
    staged.commit().unwrap();
    assert_eq!(names(directory.path()), ["file"].into_iter().chain(others).collect::<Vec<_>>());
}

#[test]
fn a_new_file_is_whole_and_private_and_never_in_the_place_of_another() {
    use std::os::unix::fs::PermissionsExt;

    type Write = fn(&Path, &[u8]) -> io::Result<()>;
    for write in [write_new as Write, write_staged] {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("file");
        std::os::unix::fs::symlink("nowhere", directory.path().join("dangling")).unwrap();
        write(&target, b"new").unwrap();
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
        for taken in ["file", "dangling"] {
            let error = write(&directory.path().join(taken), b"other").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "{taken}");
        }
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(names(directory.path()), ["dangling", "file"]);
        let nowhere = directory.path().join("missing/file");
        assert_eq!(write(&nowhere, b"new").unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_new_file_has_no_name_before_it_is_whole() {
    if let Some(target) = env::var_os(TARGET) {
        // Larger than the limit below, so that the system ends this process in the middle of its write.
        write_new(target.as_ref(), &vec![7; 1 << 20]).unwrap();
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let this_test = "atomic::tests::a_new_file_has_no_name_before_it_is_whole";
    let killed = Command::new("sh")
        .args(["-c", "ulimit -f 64 && exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap())
        .args(["--exact", this_test, "--nocapture"])
        .env(TARGET, directory.path().join("file"))
        .output()
        .unwrap();
    assert!(!killed.status.success());
    assert!(names(directory.path()).is_empty());
}

#[test]
fn a_file_gives_way_where_somebody_said_so_and_nothing_else_does() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("words");
    fs::write(&target, b"old").unwrap();
    let refused = write(&target, b"new", Existing::Stays).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&target).unwrap(), b"old");
    write(&target, b"new", Existing::GivesWay).unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"new");
    let free = dir.path().join("free");
    write(&free, b"new", Existing::GivesWay).unwrap();
    let directory = dir.path().join("directory");
    fs::create_dir(&directory).unwrap();
    assert!(write(&directory, b"new", Existing::GivesWay).is_err() && directory.is_dir());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3, "nothing is left beside them");
}
