//! What hosts lose is named exactly, and made again.

use std::collections::BTreeMap;

use layr_suites::{Devnet, sample};
use serde_json::Value;

use crate::PROGRAM;

fn results(report: &Value) -> BTreeMap<u64, (String, String)> {
    let shards = report["shards"].as_array().unwrap().iter();
    let of = |shard: &Value, key: &str| shard[key].as_str().unwrap().to_owned();
    shards.map(|shard| (shard["index"].as_u64().unwrap(), (of(shard, "result"), of(shard, "host")))).collect()
}

#[test]
fn a_lost_body_a_flipped_byte_and_a_dead_host_are_told_apart_and_made_again() {
    let mut net = Devnet::start(PROGRAM, 10);
    let owner = net.owner.layr.clone();
    let file = net.dir().join("a.bin");
    std::fs::write(&file, sample::noise(1, 900_000)).unwrap();
    owner.ok(&["put", file.to_str().unwrap(), "--redundancy", "2/6"]);
    let info = owner.ok(&["info", "/a.bin"]);
    let shards = info["segments"][0]["shards"].as_array().unwrap().clone();
    // Where a shard lies is part of the contract with operators.
    let holder = |net: &Devnet, index: usize| {
        net.hosts.iter().position(|host| host.peer_id == shards[index]["host"].as_str().unwrap()).unwrap()
    };
    let body = |net: &Devnet, index: usize| {
        let root = shards[index]["root"].as_str().unwrap();
        let home = net.hosts[holder(net, index)].layr.home().to_owned();
        home.join("vault/shards").join(&root[..2]).join(&root[2..4]).join(root)
    };

    std::fs::remove_file(body(&net, 1)).unwrap();
    let lost = owner.run(&["audit"]);
    assert_eq!(lost.code, 4, "{}", lost.stderr);
    let found = results(&lost.json);
    assert_eq!((found[&1].0.as_str(), lost.json["passed"].as_u64()), ("missing", Some(5)), "{found:?}");

    let flipped = body(&net, 2);
    let mut bytes = std::fs::read(&flipped).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&flipped, bytes).unwrap();
    let all = owner.run(&["audit", "/a.bin", "--leaves", "all"]);
    assert_eq!((all.code, results(&all.json)[&2].0.as_str()), (4, "corrupt"));

    let dead = holder(&net, 3);
    net.hosts[dead].kill();
    let away = owner.run(&["audit"]);
    let found = results(&away.json);
    let told: Vec<&str> = [1, 2, 3].iter().map(|index| found[index].0.as_str()).collect();
    assert_eq!((away.code, told), (4, vec!["missing", "corrupt", "unreachable"]));

    let repaired = owner.ok(&["repair", "--now"]);
    assert_eq!(repaired["rebuilt"], 3, "{repaired}");
    assert_eq!(repaired["health"][0]["health"]["alive"], 6);
    let whole = owner.ok(&["audit"]);
    assert_eq!(whole["passed"], 6);
    let old: Vec<&str> = [1, 2, 3].map(|index| shards[index]["host"].as_str().unwrap()).to_vec();
    assert!(results(&whole).values().all(|(_, host)| !old.contains(&host.as_str())), "{whole}");
    let back = net.dir().join("back.bin");
    owner.ok(&["get", "/a.bin", "-o", back.to_str().unwrap()]);
    assert!(std::fs::read(back).unwrap() == std::fs::read(file).unwrap());
}
