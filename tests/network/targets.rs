//! Where `get` writes when nobody says where, and what it leaves alone there.

use std::path::Path;

use layr_suites::{Devnet, Layr, sample};

use crate::PROGRAM;

/// `layr get` in `here`: its exit code and what it said.
fn get_in(layr: &Layr, here: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = layr.command(&[&["get"], arguments].concat());
    let output = command.current_dir(here).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn without_a_target_things_get_their_own_names_here() {
    let net = Devnet::start(PROGRAM, 3);
    let owner = &net.owner.layr;
    let [docs, here, there] = ["docs", "here", "there"].map(|name| net.dir().join(name));
    for directory in [&docs, &here, &there] {
        std::fs::create_dir(directory).unwrap();
    }
    std::fs::write(docs.join("a.txt"), sample::noise(9, 200_000)).unwrap();
    owner.ok(&["put", docs.to_str().unwrap()]);
    let listed = owner.ok(&["ls", "-r"]);
    let ids = listed["files"].as_array().unwrap();
    let id = ids.iter().find(|file| file["name"] == "/docs/a.txt").unwrap()["id"].as_str().unwrap();

    for _ in 0..2 {
        assert_eq!(get_in(owner, &here, &["/docs"]).0, Some(0));
        sample::assert_same(&docs, &here.join("docs"));
        assert_eq!(get_in(owner, &here, &["/"]).0, Some(0));
        sample::assert_same(&docs, &here.join("library/docs"));
        assert_eq!(get_in(owner, &here, &[id]).0, Some(0));
    }
    assert!(!here.join(id).exists());
    assert_eq!(std::fs::read(here.join("a.txt")).unwrap(), std::fs::read(docs.join("a.txt")).unwrap());

    // The names in a link or a file are somebody else's.
    let link = owner.ok(&["share", "/docs"])["link"].as_str().unwrap().to_owned();
    let file = net.dir().join("other name.layr");
    owner.ok(&["export", "/docs", "-o", file.to_str().unwrap()]);
    std::fs::write(here.join("docs/a.txt"), "mine").unwrap();
    for source in [link.as_str(), file.to_str().unwrap()] {
        let (code, said) = get_in(owner, &here, &[source]);
        assert!(code == Some(1) && said.contains("docs") && !said.contains("layr://"), "{said}");
        assert_eq!(std::fs::read_to_string(here.join("docs/a.txt")).unwrap(), "mine");
        assert_eq!(get_in(owner, &there, &[source]).0, Some(0));
        sample::assert_same(&docs, &there.join("docs"));
        std::fs::remove_dir_all(there.join("docs")).unwrap();
    }
}
