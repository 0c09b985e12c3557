//! The processes of the network.

use std::io::Read;
use std::path::Path;

use layr_keys::{PeerId, StoredSecrets};
use layr_node::clock::{Entropy, Surroundings, SystemEntropy};
use layr_node::home::{Home, HomeConfig, HostingConfig, KeyStoreKind};
use layr_node::network_file::NetworkFile;
use layr_node::node::{NetworkChoice, Node, NodeStart};
use layr_node::seed::Seed;

const HOST_QUOTA_BYTES: u64 = 1 << 40;

pub(crate) fn network_file(bootstrap: &str) -> NetworkFile {
    let bootstrap = if bootstrap.is_empty() { Vec::new() } else { vec![bootstrap.to_owned()] };
    NetworkFile { name: "bench".to_owned(), bootstrap, private_addresses: true, ..NetworkFile::local() }
}

fn listen() -> Vec<String> {
    vec!["/ip4/127.0.0.1/tcp/0".to_owned(), "/ip4/127.0.0.1/udp/0/quic-v1".to_owned()]
}

/// Prints a ready line and waits for the end of the input.
async fn serve(ready: &str) {
    println!("{ready}");
    tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0; 1])).await.unwrap().unwrap();
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
    let hosting = HostingConfig { enabled: true, quota_bytes: free_quota(dir), ..HostingConfig::default() };
    let node = start_node(dir, bootstrap, hosting).await;
    serve(&node.peer_id().to_string()).await;
    node.stop().await;
}

/// As much as the disk allows a single host to promise; the hosts of a bench share it.
fn free_quota(dir: &Path) -> u64 {
    std::fs::create_dir_all(dir).unwrap();
    let disk = rustix::fs::statvfs(dir).unwrap();
    (disk.f_bavail * disk.f_frsize / 2).min(HOST_QUOTA_BYTES)
}

pub(crate) async fn start_node(dir: &Path, bootstrap: &str, hosting: HostingConfig) -> Node {
    let home = Home::new(dir);
    home.create().unwrap();
    home.write_network(&network_file(bootstrap)).unwrap();
    let config =
        HomeConfig { home_id: "bench".to_owned(), key_store: KeyStoreKind::File, listen: listen(), hosting };
    home.write_config(&config).unwrap();
    let lock = home.lock().unwrap();
    let (mut entropy, mut device_secret) = ([0; 32], [0; 32]);
    SystemEntropy.fill(&mut entropy).unwrap();
    SystemEntropy.fill(&mut device_secret).unwrap();
    let secrets = StoredSecrets { entropy: entropy.into(), device_secret: device_secret.into() };
    let network = NetworkChoice::Libp2p { listen: listen() };
    Node::start(NodeStart { home, lock, secrets, surroundings: Surroundings::default(), network })
        .await
        .unwrap()
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
