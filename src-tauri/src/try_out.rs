//! A network to try Layr out on, inside the app: a seed and a few hosts as nodes of this process, each with a home below
//! the owner's, over the real network stack on this machine's loopback addresses.
//!
//! They start before the owner's node and end with it, while its home is still held: whoever opens that next finds theirs
//! free, too. What is stored there is as safe as this machine's disk, which is
//! what the page says. The hosts' keys lie in files that are not sealed: they belong to nobody, and what the hosts hold is
//! ciphertext.

use std::net::TcpListener;

use layr_keys::StoredSecrets;
use layr_node::agreements::spending::SpendingConfig;
use layr_node::api::HostSettings;
use layr_node::audit::AuditsConfig;
use layr_node::bandwidth::BandwidthConfig;
use layr_node::clock::{Entropy, Surroundings, SystemEntropy};
use layr_node::error::{ErrorCode, NodeError};
use layr_node::home::{Home, HomeConfig, HostingConfig, KeyStoreKind, replace_file};
use layr_node::network_file::{LedgerKind, NetworkFile, TRY_OUT};
use layr_node::node::{NetworkChoice, Node, NodeStart};
use layr_node::seed::Seed;
use zeroize::Zeroizing;

/// The network's name, by which a home is known to belong to one.
pub(crate) const NAME: &str = TRY_OUT;
/// Hosts: enough for two of six, so that four may be lost; each costs some memory and no time while nothing moves.
const HOSTS: usize = 6;
/// What each host lends: three times redundancy leaves 2 GiB for files, enough to try out and no danger to a disk.
const HOST_QUOTA_BYTES: u64 = 1024 * 1024 * 1024;
/// A host's keys, as the key file has them but not sealed.
const KEY_FILE: &str = "host.keys";

/// The running network.
pub(crate) struct TryOut {
    seed: Seed,
    hosts: Vec<Node>,
}

/// The network as a new home joins it. Where its seed is, is written at each start.
pub(crate) fn network() -> NetworkFile {
    NetworkFile {
        name: NAME.to_owned(),
        bootstrap: Vec::new(),
        ledger: LedgerKind::None,
        private_addresses: true,
    }
}

/// Whether a home of this network needs the hosts in this process.
pub(crate) fn is_one(network: &NetworkFile) -> bool {
    network.name == NAME
}

impl TryOut {
    /// Starts the network of this owner's home, made at the first time, and tells the home where the seed is.
    ///
    /// # Errors
    /// [`ErrorCode::LocalFile`], [`ErrorCode::DiskFull`], [`ErrorCode::HomeInUse`]; what a node says that cannot start.
    pub(crate) async fn start(owner: &Home) -> Result<Self, NodeError> {
        let place = owner.dir().join(NAME);
        let home = Home::new(place.join("seed"));
        home.create()?;
        let lock = home.lock()?;
        let seed = Seed::start(home, lock, network(), vec![free_address()?]).await?;
        let mut started = Self { seed, hosts: Vec::new() };
        let joined = NetworkFile { bootstrap: started.seed.status().await.listening, ..network() };
        match started.start_hosts(owner, &joined).await {
            Ok(()) => Ok(started),
            Err(error) => {
                started.stop().await;
                Err(error)
            }
        }
    }

    async fn start_hosts(&mut self, owner: &Home, joined: &NetworkFile) -> Result<(), NodeError> {
        for number in 1..=HOSTS {
            let home = Home::new(owner.dir().join(NAME).join(format!("host-{number:02}")));
            self.hosts.push(start_host(home, joined).await?);
        }
        Ok(owner.write_network(joined)?)
    }

    /// Stops all of them at once.
    pub(crate) async fn stop(self) {
        tokio::join!(futures::future::join_all(self.hosts.iter().map(Node::stop)), self.seed.stop());
    }
}

async fn start_host(home: Home, joined: &NetworkFile) -> Result<Node, NodeError> {
    home.create()?;
    let lock = home.lock()?;
    let secrets = host_secrets(&home)?;
    home.write_network(joined)?;
    let mut config = if home.has_identity() { home.config()? } else { new_config()? };
    // A host keeps its address where it can, so that what the owner's library knows stays true.
    if !config.listen.iter().all(|address| is_free(address)) {
        config.listen = vec![free_address()?];
    }
    home.write_config(&config)?;
    let network = NetworkChoice::Libp2p { listen: config.listen };
    Node::start(NodeStart { home, lock, secrets, surroundings: Surroundings::default(), network }).await
}

fn new_config() -> Result<HomeConfig, NodeError> {
    let mut hosting = HostingConfig::default();
    hosting.apply(&HostSettings { quota_bytes: Some(HOST_QUOTA_BYTES), ..HostSettings::default() })?;
    let listen = vec![free_address()?];
    Ok(HomeConfig {
        home_id: NAME.to_owned(),
        key_store: KeyStoreKind::File,
        listen,
        bandwidth: BandwidthConfig::default(),
        audits: AuditsConfig::default(),
        hosting,
        spending: SpendingConfig::default(),
    })
}

/// The stored keys of a host, or new ones.
fn host_secrets(home: &Home) -> Result<StoredSecrets, NodeError> {
    let path = home.dir().join(KEY_FILE);
    let failed = |what: String| {
        let message =
            format!("{} cannot be used: {what}. Delete {NAME} in your home to start over.", path.display());
        NodeError::new(ErrorCode::LocalFile, message)
    };
    match std::fs::read(&path).map(Zeroizing::new) {
        Ok(bytes) => StoredSecrets::decode(&bytes).map_err(|error| failed(error.to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let (mut entropy, mut device_secret) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
            for secret in [&mut entropy, &mut device_secret] {
                SystemEntropy.fill(secret.as_mut_slice()).map_err(|error| failed(error.to_string()))?;
            }
            let secrets = StoredSecrets { entropy, device_secret, account_secret: None };
            replace_file(&path, &secrets.encode())?;
            Ok(secrets)
        }
        Err(error) => Err(failed(error.to_string())),
    }
}

fn free_address() -> Result<String, NodeError> {
    let port =
        TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr()).map_err(|error| {
            NodeError::new(
                ErrorCode::LocalFile,
                format!("No free port can be found on this machine: {error}."),
            )
        })?;
    Ok(format!("/ip4/127.0.0.1/tcp/{}", port.port()))
}

/// Whether nobody listens at this address, which [`free_address`] made.
fn is_free(address: &str) -> bool {
    let port = address.rsplit('/').next().and_then(|port| port.parse::<u16>().ok());
    port.is_some_and(|port| TcpListener::bind(("127.0.0.1", port)).is_ok())
}
