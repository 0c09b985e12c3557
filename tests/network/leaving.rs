//! A host leaves: its owner brings what lies there to another, and it stops by itself.

use std::time::{Duration, Instant};

use layr_suites::{Devnet, Node, sample};
use serde_json::Value;

use crate::PROGRAM;

/// From the moment in which the owner hears of it. A look for copies at hosts that leave comes each five minutes otherwise.
const LEFT_WITHIN: Duration = Duration::from_mins(1);

/// Asks the host until it lends nothing any more.
fn wait_until_stopped(host: &Node) -> Value {
    let deadline = Instant::now() + LEFT_WITHIN;
    loop {
        let show = host.layr.ok(&["host", "show"]);
        if show["hosting"] == false {
            return show;
        }
        assert!(Instant::now() < deadline, "the host has not left: {show}");
    }
}

/// Who holds the file's shards, by their index; all of them must be healthy.
fn holders(net: &Devnet) -> Vec<usize> {
    let info = net.owner.layr.ok(&["info", "/a.bin"]);
    let shards = info["segments"][0]["shards"].as_array().unwrap();
    assert!(shards.iter().all(|shard| shard["state"] == "healthy"), "{info}");
    let place =
        |peer: &Value| net.hosts.iter().position(|host| host.peer_id == peer.as_str().unwrap()).unwrap();
    shards.iter().map(|shard| place(&shard["host"])).collect()
}

#[test]
fn a_host_that_leaves_is_emptied_as_soon_as_its_owner_hears_of_it_and_stops_by_itself() {
    let mut net = Devnet::start(PROGRAM, 3);
    let owner = net.owner.layr.clone();
    let file = net.dir().join("a.bin");
    std::fs::write(&file, sample::noise(2, 900_000)).unwrap();
    owner.ok(&["put", file.to_str().unwrap(), "--redundancy", "1/2"]);
    let before = holders(&net);
    let (leaver, stays) = (before[0], before[1]);
    let leaving = net.hosts[leaver].layr.ok(&["host", "leave"]);
    assert_eq!((&leaving["hosting"], &leaving["shards"]), (&Value::from(true), &Value::from(1)), "{leaving}");
    assert!(leaving["leaves_at"].is_string(), "{leaving}");
    assert_eq!(net.hosts[leaver].bodies().len(), 1, "nobody has heard of it yet");

    owner.ok(&["audit"]);
    let stopped = wait_until_stopped(&net.hosts[leaver]);
    assert_eq!((&stopped["shards"], &stopped["leaves_at"]), (&Value::from(0), &Value::Null), "{stopped}");
    assert_eq!(net.hosts[leaver].bodies().len(), 0);
    let after = holders(&net);
    assert!(after[0] != leaver && after[0] != stays && after[1] == stays, "{before:?}, then {after:?}");
    assert_eq!(owner.ok(&["audit"])["passed"], 2);
    let history = owner.ok(&["info", "/a.bin"])["history"].clone();
    let told = history["events"].as_array().unwrap();
    assert_eq!((told.len(), &told[0]["event"]), (1, &Value::from("moved")), "{history}");
    assert_eq!(told[0]["host"], net.hosts[after[0]].peer_id);
    assert_eq!(told[0]["from"], net.hosts[leaver].peer_id);

    // The copy that was moved is enough.
    net.hosts[leaver].kill();
    net.hosts[stays].kill();
    let back = net.dir().join("back.bin");
    owner.ok(&["get", "/a.bin", "-o", back.to_str().unwrap()]);
    assert!(std::fs::read(back).unwrap() == std::fs::read(file).unwrap());
}

#[test]
fn a_host_with_nothing_of_anybody_has_left_at_once() {
    let net = Devnet::start(PROGRAM, 1);
    let left = net.hosts[0].layr.ok(&["host", "leave"]);
    assert_eq!((&left["hosting"], &left["quota_bytes"]), (&Value::from(false), &Value::from(0)), "{left}");
    assert!(left["leaves_at"].is_null(), "{left}");
    net.hosts[0].layr.fails(2, &["host", "leave"]);
}
