//! The processes of the network.

use std::path::Path;

use layr_keys::PeerId;
use layr_node::home::{Home, HostingConfig};
use layr_node::network_file::NetworkFile;
use layr_node::node::Node;
use layr_node::seed::Seed;

use crate::node::{lend_all, serve};

pub(crate) fn network_file(bootstrap: &str) -> NetworkFile {
    let bootstrap = if bootstrap.is_empty() { Vec::new() } else { vec![bootstrap.to_owned()] };
    NetworkFile { name: "bench".to_owned(), bootstrap, private_addresses: true, ..NetworkFile::local() }
}

pub(crate) fn listen() -> Vec<String> {
    vec!["/ip4/127.0.0.1/tcp/0".to_owned(), "/ip4/127.0.0.1/udp/0/quic-v1".to_owned()]
}

pub(crate) async fn run_seed(dir: &Path) {
    let home = Home::new(dir);
    home.create().unwrap();
    let lock = home.lock().unwrap();
    let seed = Seed::start(home, lock, network_file(""), listen()).await.unwrap();
    let address = loop {
        match seed.status().await.listening.into_iter().find(|address| address.contains("/tcp/")) {
            Some(address) => break address,
            None => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    };
    serve(&address).await;
    seed.stop().await;
}

pub(crate) async fn run_host(dir: &Path, bootstrap: &str) {
    let node = start_node(dir, bootstrap, lend_all(dir)).await;
    serve(&node.peer_id().to_string()).await;
    node.stop().await;
}

pub(crate) async fn start_node(dir: &Path, bootstrap: &str, hosting: HostingConfig) -> Node {
    crate::node::start_node(dir, &network_file(bootstrap), listen(), hosting).await
}

/// Waits until the owner knows an offer of every host.
pub(crate) async fn meet(owner: &Node, hosts: &[PeerId]) {
    for _ in 0..120 {
        let known = owner.hosts(true).await.unwrap();
        let met = hosts.iter().filter(|peer| {
            known.hosts.iter().any(|host| host.peer_id == peer.to_string() && host.offer.is_some())
        });
        if met.count() == hosts.len() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    panic!("the owner did not find all hosts");
}
