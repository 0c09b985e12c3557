//! Hosts at home, with the real program: who can be reached gets shards, and who cannot gets none.

use std::path::Path;

use layr_suites::devnet::{text, wait_until_known, wait_until_listed};
use layr_suites::{Layr, Node, sample};
use serde_json::Value;

use crate::PROGRAM;
use crate::lab::{Home, Lab, PORT, RELAY, Router};

/// A seed in the open, a host in home a, an owner in home b.
struct Network {
    host: Node,
    owner: Node,
    _seed: Node,
    dir: tempfile::TempDir,
    /// Last, because fields are dropped in order: first the nodes end.
    _lab: Lab,
}

impl Network {
    fn new(host_home: Router, owner_home: Router) -> Self {
        let lab = Lab::new(host_home, owner_home);
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("passphrase"), "correct horse\n").unwrap();
        let seed = start_seed(&lab, dir.path());
        let node = |home: Home, name: &str| {
            let layr = layr_on(&lab, home.host(), dir.path(), name);
            let network = dir.path().join("network.toml");
            let made = layr.ok(&["init", "--network", network.to_str().unwrap(), "--key-store", "file"]);
            Node::new(layr, &made)
        };
        let (mut host, mut owner) = (node(Home::A, "host"), node(Home::B, "owner"));
        host.layr.ok(&["host", "set", "--quota", "100MB"]);
        let listen = listen();
        let listen: Vec<&str> = listen.iter().flat_map(|address| ["--listen", address]).collect();
        host.start(&[&["--host"], &listen[..]].concat());
        owner.start(&listen);
        Self { host, owner, _seed: seed, dir, _lab: lab }
    }

    fn file(&self) -> String {
        let file = self.dir.path().join("file");
        std::fs::write(&file, sample::noise(1, 300_000)).unwrap();
        file.display().to_string()
    }

    /// What `hosts` says of the host.
    fn listed(&self) -> Value {
        let report = self.owner.layr.ok(&["hosts"]);
        let hosts = report["hosts"].as_array().unwrap();
        hosts.iter().find(|host| host["peer_id"] == self.host.peer_id.as_str()).unwrap().clone()
    }
}

fn listen() -> [String; 2] {
    [format!("/ip4/0.0.0.0/tcp/{PORT}"), format!("/ip4/0.0.0.0/udp/{PORT}/quic-v1")]
}

fn layr_on(lab: &Lab, member: &str, dir: &Path, home: &str) -> Layr {
    Layr::new(PROGRAM.as_ref(), &dir.join(home), &dir.join("passphrase")).run_by(&lab.runner(member))
}

/// Starts the seed and writes the network file that names it.
fn start_seed(lab: &Lab, dir: &Path) -> Node {
    let file = dir.join("network.toml");
    std::fs::write(&file, "name = \"natlab\"\n").unwrap();
    let [tcp, quic] = listen();
    let layr = layr_on(lab, "relay", dir, "seed");
    let words = ["seed", "--network", file.to_str().unwrap(), "--listen", &tcp, "--listen", &quic];
    let seed = Node::serving(layr, &words);
    let id = &seed.peer_id;
    let outside = |address: &str| address.replace("0.0.0.0", RELAY);
    let content = format!(
        "name = \"natlab\"\nbootstrap = [\"{}/p2p/{id}\", \"{}/p2p/{id}\"]\n",
        outside(&tcp),
        outside(&quic)
    );
    std::fs::write(&file, content).unwrap();
    seed
}

#[test]
fn a_host_that_nobody_can_reach_gets_no_shards_and_is_named() {
    let network = Network::new(Router::Symmetric, Router::PortPreserving);
    wait_until_known(&network.owner.layr, &network.host.peer_id);
    let error = network.owner.layr.fails(5, &["put", &network.file(), "--redundancy", "1/1"]);
    assert_eq!(text(&error, "code"), "not_enough_hosts", "{error}");
    assert_eq!(network.listed()["relayed_only"], true, "{}", network.listed());
    let show = network.host.layr.ok(&["host", "show"]);
    assert_eq!((&show["used_bytes"], &show["reserved_bytes"]), (&0.into(), &0.into()), "{show}");
    assert!(network.host.bodies().is_empty());
}

#[test]
fn a_host_behind_a_router_that_lets_itself_be_passed_gets_shards() {
    for router in [Router::PortPreserving, Router::PortChanging] {
        let network = Network::new(router, Router::PortPreserving);
        let owner = &network.owner.layr;
        wait_until_listed(owner, &network.host.peer_id, |host| host["relayed_only"] == false);
        let file = network.file();
        owner.ok(&["put", &file, "--redundancy", "1/1"]);
        assert_eq!(network.host.bodies().len(), 1);
        let back = network.dir.path().join("back");
        owner.ok(&["get", "/file", "-o", back.to_str().unwrap()]);
        sample::assert_same(Path::new(&file), &back);
    }
}
