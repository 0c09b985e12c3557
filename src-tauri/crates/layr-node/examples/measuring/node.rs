//! Nodes over the real network, in homes of their own.

use std::io::Read;
use std::path::Path;

use layr_keys::StoredSecrets;
use layr_node::agreements::spending::SpendingConfig;
use layr_node::audit::AuditsConfig;
use layr_node::bandwidth::BandwidthConfig;
use layr_node::clock::{Entropy, Surroundings, SystemEntropy};
use layr_node::home::{Home, HomeConfig, HostingConfig, KeyStoreKind};
use layr_node::network_file::NetworkFile;
use layr_node::node::{NetworkChoice, Node, NodeStart};

const HOST_QUOTA_BYTES: u64 = 1 << 40;

/// A node of somebody new, of this network, in a new home at `dir`.
pub(crate) async fn start_node(
    dir: &Path,
    network: &NetworkFile,
    listen: Vec<String>,
    hosting: HostingConfig,
) -> Node {
    start_node_of(secrets(), dir, network, listen, hosting).await
}

/// A node with these keys, of this network, in a home at `dir`.
pub(crate) async fn start_node_of(
    secrets: StoredSecrets,
    dir: &Path,
    network: &NetworkFile,
    listen: Vec<String>,
    hosting: HostingConfig,
) -> Node {
    let home = Home::new(dir);
    home.create().unwrap();
    home.write_network(network).unwrap();
    let config = HomeConfig {
        home_id: "bench".to_owned(),
        key_store: KeyStoreKind::File,
        listen: listen.clone(),
        bandwidth: BandwidthConfig::default(),
        audits: AuditsConfig::default(),
        hosting,
        spending: SpendingConfig::default(),
    };
    home.write_config(&config).unwrap();
    let lock = home.lock().unwrap();
    let network = NetworkChoice::Libp2p { listen };
    let start = NodeStart { home, lock, secrets, surroundings: Surroundings::default(), network };
    Node::start(start).await.unwrap()
}

/// What a host lends: as much as the disk allows a single host to promise; the hosts of a bench share it.
pub(crate) fn lend_all(dir: &Path) -> HostingConfig {
    std::fs::create_dir_all(dir).unwrap();
    let disk = rustix::fs::statvfs(dir).unwrap();
    let quota_bytes = (disk.f_bavail * disk.f_frsize / 2).min(HOST_QUOTA_BYTES);
    HostingConfig { enabled: true, quota_bytes, ..HostingConfig::default() }
}

/// Keys of somebody new.
pub(crate) fn secrets() -> StoredSecrets {
    let (mut entropy, mut device_secret) = ([0; 32], [0; 32]);
    SystemEntropy.fill(&mut entropy).unwrap();
    SystemEntropy.fill(&mut device_secret).unwrap();
    StoredSecrets { entropy: entropy.into(), device_secret: device_secret.into(), account_secret: None }
}

/// Prints a ready line and waits for the end of the input.
pub(crate) async fn serve(ready: &str) {
    println!("{ready}");
    tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0; 1])).await.unwrap().unwrap();
}
