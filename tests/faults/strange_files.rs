//! Trees as people have them.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use layr_suites::{Devnet, sample};

use crate::PROGRAM;

#[test]
fn what_cannot_be_stored_is_named_and_the_rest_is_safe() {
    let net = Devnet::start(PROGRAM, 3);
    let owner = &net.owner.layr;
    let tree = net.dir().join("tree");
    std::fs::create_dir(&tree).unwrap();
    std::fs::write(tree.join("fine"), "fine").unwrap();
    std::fs::write(tree.join(std::ffi::OsStr::from_bytes(b"not \xff utf-8")), "x").unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(tree.join("socket")).unwrap();
    let put = owner.run(&["put", tree.to_str().unwrap()]);
    assert_eq!(put.code, 1, "{}", put.json);
    assert_eq!(put.json["files"].as_array().unwrap().len(), 1);
    let skipped = put.json["skipped"].as_array().unwrap();
    assert_eq!(skipped.len(), 2, "{}", put.json);
    assert!(skipped.iter().all(|path| path["reason"].as_str().unwrap().len() > 5));

    owner.fails(3, &["put", net.dir().join("nothing here").to_str().unwrap()]);
}

#[test]
fn long_names_sparse_files_links_and_newlines_come_back() {
    let net = Devnet::start(PROGRAM, 3);
    let owner = &net.owner.layr;
    let tree = net.dir().join("tree");
    let mut deep = tree.clone();
    for letter in ["a", "ä", "c", "d"] {
        deep.push(letter.repeat(255 / letter.len()));
    }
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(deep.join("bottom"), "deep down").unwrap();
    std::fs::write(tree.join(" leading and trailing "), "spaces").unwrap();
    std::fs::write(tree.join("-rf"), "looks like a flag").unwrap();
    std::fs::write(tree.join("a\\b\n\u{202e}c"), "hostile").unwrap();
    let sparse = std::fs::File::create(tree.join("sparse")).unwrap();
    sparse.set_len(50 << 20).unwrap();
    symlink("nowhere", tree.join("broken link")).unwrap();
    symlink(".", tree.join("loop")).unwrap();
    owner.ok(&["put", tree.to_str().unwrap()]);
    let back = net.dir().join("back");
    std::fs::create_dir(&back).unwrap();
    owner.ok(&["get", "/tree", "-o", back.to_str().unwrap()]);
    sample::assert_same(&tree, &back.join("tree"));
    let again = owner.ok(&["put", tree.to_str().unwrap()]);
    let sent: u64 =
        again["files"].as_array().unwrap().iter().map(|file| file["uploaded_bytes"].as_u64().unwrap()).sum();
    assert_eq!(sent, 0);
}

#[test]
fn a_hostile_manifest_is_refused_and_writes_nothing() {
    let net = Devnet::start(PROGRAM, 3);
    let owner = &net.owner.layr;
    let file = net.dir().join("file");
    std::fs::write(&file, sample::noise(41, 100_000)).unwrap();
    owner.ok(&["put", file.to_str().unwrap()]);
    let good = net.dir().join("good.layr");
    owner.ok(&["export", "/file", "-o", good.to_str().unwrap()]);
    let bytes = std::fs::read(&good).unwrap();
    let bad = net.dir().join("bad.layr");
    let target = net.dir().join("target");
    for cut in [0, 3, 10, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&bad, &bytes[..cut]).unwrap();
        let error = owner.fails(1, &["get", bad.to_str().unwrap(), "-o", target.to_str().unwrap()]);
        assert_eq!(error["code"], "invalid_manifest");
        owner.fails(1, &["import", bad.to_str().unwrap()]);
    }
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 0x40;
    std::fs::write(&bad, &flipped).unwrap();
    owner.fails(1, &["import", bad.to_str().unwrap()]);
    assert!(!target.exists());
}
