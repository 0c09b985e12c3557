//! Hosts whose bytes rot, vanish, shrink or are swapped; a library that is damaged.

use std::path::PathBuf;

use layr_suites::{Devnet, sample};
use serde_json::Value;

use crate::PROGRAM;

/// The result that `verify` gives for one host's shards.
fn results_of<'a>(verify: &'a Value, peer_id: &str) -> Vec<&'a str> {
    let shards = verify["shards"].as_array().unwrap();
    shards
        .iter()
        .filter(|shard| shard["host"] == peer_id)
        .map(|shard| shard["result"].as_str().unwrap())
        .collect()
}

#[test]
fn rotten_bytes_are_named_and_worked_around() {
    let net = Devnet::start(PROGRAM, 6);
    let owner = &net.owner.layr;
    let file = net.dir().join("file");
    std::fs::write(&file, sample::noise(11, 3 << 20)).unwrap();
    owner.ok(&["put", file.to_str().unwrap()]);
    let body =
        |host: usize| -> PathBuf { net.hosts[host].bodies().first().expect("a body at each host").clone() };

    let mut flipped = std::fs::read(body(0)).unwrap();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    std::fs::write(body(0), &flipped).unwrap();
    std::fs::remove_file(body(1)).unwrap();
    let half = std::fs::metadata(body(2)).unwrap().len() / 2;
    std::fs::OpenOptions::new().write(true).open(body(2)).unwrap().set_len(half).unwrap();
    std::fs::copy(body(4), body(3)).unwrap();

    let back = net.dir().join("back");
    owner.ok(&["get", "/file", "-o", back.to_str().unwrap()]);
    sample::assert_same(&file, &back);

    let verify = owner.run(&["verify"]);
    assert_eq!(verify.code, 4, "{}", verify.json);
    assert_eq!(results_of(&verify.json, &net.hosts[0].peer_id), ["corrupt"]);
    assert_eq!(results_of(&verify.json, &net.hosts[1].peer_id), ["missing"]);
    assert!(matches!(results_of(&verify.json, &net.hosts[2].peer_id)[..], ["corrupt" | "missing"]));
    assert_eq!(results_of(&verify.json, &net.hosts[3].peer_id), ["corrupt"]);
    for host in [4, 5] {
        assert_eq!(results_of(&verify.json, &net.hosts[host].peer_id), ["passed"]);
    }
    let info = owner.ok(&["info", "/file"]);
    let healthy =
        info["segments"][0]["shards"].as_array().unwrap().iter().filter(|shard| shard["state"] == "healthy");
    assert_eq!(healthy.count(), 2, "health is never greener than the truth: {info}");
    owner.ok(&["get", "/file", "-o", back.to_str().unwrap()]);
    sample::assert_same(&file, &back);
}

#[test]
fn a_stopped_host_is_unreachable_and_nothing_else() {
    let mut net = Devnet::start(PROGRAM, 3);
    let file = net.dir().join("file");
    std::fs::write(&file, sample::noise(12, 200_000)).unwrap();
    net.owner.layr.ok(&["put", file.to_str().unwrap()]);
    net.hosts[1].kill();
    let verify = net.owner.layr.run(&["verify"]);
    assert_eq!(verify.code, 4);
    assert_eq!(results_of(&verify.json, &net.hosts[1].peer_id), ["unreachable"]);
    assert_eq!(verify.json["passed"], 2);
    net.hosts[1].start(&[]);
    net.owner.layr.ok(&["verify"]);
}

#[test]
fn a_vanished_vault_is_an_answer_and_comes_back() {
    let mut net = Devnet::start(PROGRAM, 3);
    let file = net.dir().join("file");
    std::fs::write(&file, sample::noise(13, 200_000)).unwrap();
    net.owner.layr.ok(&["put", file.to_str().unwrap()]);
    let shards = net.hosts[0].layr.home().join("vault/shards");
    let aside = net.hosts[0].layr.home().join("aside");
    std::fs::rename(&shards, &aside).unwrap();
    let verify = net.owner.layr.run(&["verify"]);
    assert_eq!(verify.code, 4, "{}", verify.json);
    assert_ne!(results_of(&verify.json, &net.hosts[0].peer_id), ["passed"]);
    net.hosts[0].layr.ok(&["host", "show"]);
    net.hosts[0].kill();
    let _ = std::fs::remove_dir_all(&shards);
    std::fs::rename(&aside, &shards).unwrap();
    net.hosts[0].start(&[]);
    net.owner.layr.ok(&["verify"]);
}

#[test]
fn a_damaged_library_is_refused_and_left_as_it_is() {
    let mut net = Devnet::start(PROGRAM, 3);
    let file = net.dir().join("file");
    std::fs::write(&file, "words").unwrap();
    net.owner.layr.ok(&["put", file.to_str().unwrap()]);
    net.owner.kill();
    let library = net.owner.layr.home().join("library.sqlite");
    let garbage = sample::noise(1, usize::try_from(std::fs::metadata(&library).unwrap().len()).unwrap());
    std::fs::write(&library, &garbage).unwrap();
    let error = net.owner.layr.fails(1, &["daemon"]);
    assert_eq!(error["code"], "database_unusable");
    assert!(std::fs::read(&library).unwrap() == garbage, "a damaged library is never overwritten");
}
