//! A node of somebody else agrees to look after the owner's files.

use std::time::{Duration, Instant};

use layr_suites::{Devnet, Layr, sample};
use serde_json::Value;

use crate::PROGRAM;

/// A visit comes within a second of the word that asks for it.
const VISITED_WITHIN: Duration = Duration::from_secs(30);

fn wait_for(layr: &Layr, is_there: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + VISITED_WITHIN;
    loop {
        let report = layr.ok(&["delegate", "ls"]);
        if is_there(&report) {
            return report;
        }
        assert!(Instant::now() < deadline, "it does not come: {report}");
    }
}

#[test]
fn a_delegate_is_given_the_list_once_its_person_agrees_and_forgets_it_when_it_is_revoked() {
    let net = Devnet::start(PROGRAM, 3);
    let (owner, server) = (&net.owner.layr, &net.hosts[0]);
    let file = net.dir().join("a.bin");
    std::fs::write(&file, sample::noise(3, 300_000)).unwrap();
    owner.ok(&["put", file.to_str().unwrap()]);

    owner.fails(2, &["delegate", "create", "somebody"]);
    owner.fails(2, &["delegate", "accept", "somebody"]);
    owner.fails(3, &["delegate", "revoke", &server.peer_id]);
    let made = owner.ok(&["delegate", "create", &server.peer_id, "--name", "server"]);
    let us = made["owner"].as_str().unwrap();
    assert_eq!(made["delegates"][0]["peer_id"], server.peer_id);
    let waits = wait_for(owner, |report| report["delegates"][0]["problem"].is_string());
    assert!(waits["delegates"][0]["problem"].as_str().unwrap().contains("layr delegate accept"), "{waits}");

    assert_eq!(server.layr.ok(&["delegate", "accept", us])["owners"][0]["segments"], 0);
    // Said once more it is asked at once, and within a minute otherwise.
    owner.ok(&["delegate", "create", &server.peer_id, "--name", "server"]);
    let given = wait_for(&server.layr, |report| report["owners"][0]["segments"] == 1);
    assert!(
        given["owners"][0]["expires"].is_string() && given["owners"][0]["last_heard"].is_string(),
        "{given}"
    );
    let heard = wait_for(owner, |report| report["delegates"][0]["last_heard"].is_string());
    let delegate = &heard["delegates"][0];
    for key in ["since", "expires", "heard", "placed", "refuted", "name"] {
        assert!(!delegate[key].is_null(), "{key} is missing in {delegate}");
    }
    assert!(server.layr.home().join("delegated").join(us).is_dir());

    owner.ok(&["delegate", "revoke", &server.peer_id]);
    let left = server.layr.ok(&["delegate", "ls"]);
    assert_eq!((&left["owners"], &left["delegates"]), (&Value::Array(Vec::new()), &Value::Array(Vec::new())));
    assert!(!server.layr.home().join("delegated").join(us).exists());
}
