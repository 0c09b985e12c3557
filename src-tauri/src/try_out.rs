//! A network to try Layr out on, inside the app: a ledger, a seed and a few hosts as nodes of this process, each with a home below
//! the owner's, over the real network stack on this machine's loopback addresses. Hosts ask for a price in that ledger's lumens, which are worth
//! nothing, so that paying can be tried out, too.
//!
//! They start before the owner's node and end with it, while its home is still held: whoever opens that next finds theirs
//! free, too. What is stored there is as safe as this machine's disk, which is
//! what the page says. The hosts' keys lie in files that are not sealed: they belong to nobody, and what the hosts hold is
//! ciphertext.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use layr_keys::StoredSecrets;
use layr_ledger::agreement::keep_on_local_ledger;
use layr_local_ledger::{Clock, LocalLedger, LocalLedgerSettings};
use layr_node::agreements::spending::SpendingConfig;
use layr_node::api::{HostSettings, SpendingSettings};
use layr_node::audit::AuditsConfig;
use layr_node::bandwidth::BandwidthConfig;
use layr_node::clock::{Entropy, Surroundings, SystemEntropy};
use layr_node::error::{ErrorCode, NodeError};
use layr_node::home::{Home, HomeConfig, HomeLock, HostingConfig, KeyStoreKind, replace_file};
use layr_node::network_file::{LedgerKind, NetworkFile, StellarNetwork, TRY_OUT};
use layr_node::node::{NetworkChoice, Node, NodeStart};
use layr_node::seed::Seed;
use tauri::async_runtime::{self, JoinHandle};
use zeroize::Zeroizing;

/// The network's name, by which a home is known to belong to one.
pub(crate) const NAME: &str = TRY_OUT;
/// Hosts: enough for two of six, so that four may be lost; each costs some memory and no time while nothing moves.
const HOSTS: usize = 6;
/// What each host lends: three times redundancy leaves 2 GiB for files, enough to try out and no danger to a disk.
const HOST_QUOTA_BYTES: u64 = 1024 * 1024 * 1024;
/// What each host asks for a GiB and month, in lumens; and what the owner's node pays at most, so that what is tried out works at once.
const HOST_PRICE_XLM: &str = "0.3";
const OWNER_PRICE_XLM: &str = "0.5";
const OWNER_MONTHLY_XLM: &str = "50";
/// A transaction closes a ledger; otherwise time passes by the minute, which is often enough for terms of weeks, and no work for an idle machine.
const CLOSE_EVERY: Duration = Duration::from_mins(1);
/// In the ledger's directory.
const PROVIDED: &str = "limits-are-set";
/// A host's keys, as the key file has them but not sealed.
const KEY_FILE: &str = "host.keys";

/// The running network.
pub(crate) struct TryOut {
    ledger: Purse,
    seed: Seed,
    hosts: Vec<Node>,
}

/// The ledger of the network, and what keeps it going.
struct Purse {
    ledger: LocalLedger,
    /// A file that is there once the owner's limits were set: what a person makes of them later stays.
    provided: PathBuf,
    network: StellarNetwork,
    /// Keeps the contract alive.
    keeping: JoinHandle<()>,
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
        let ledger = Purse::open(&place.join("ledger")).await?;
        let paid = NetworkFile { ledger: LedgerKind::Stellar(ledger.network.clone()), ..network() };
        let seed = match seed(home, lock, paid.clone()).await {
            Ok(seed) => seed,
            Err(error) => {
                ledger.close().await;
                return Err(error);
            }
        };
        let mut started = Self { ledger, seed, hosts: Vec::new() };
        let joined = NetworkFile { bootstrap: started.seed.status().await.listening, ..paid };
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
        self.ledger.close().await;
    }

    /// Gives everybody lumens, and at the first time the owner limits within which they may be spent.
    ///
    /// # Errors
    /// What a node says; what was not given can be had in the wallet.
    pub(crate) async fn provide_for(&self, owner: &Node) -> Result<(), NodeError> {
        if !self.ledger.provided.exists() {
            let limits = SpendingSettings {
                max_price_xlm_per_gib_month: Some(OWNER_PRICE_XLM.to_owned()),
                monthly_cap_xlm: Some(OWNER_MONTHLY_XLM.to_owned()),
                auto_renew: None,
            };
            owner.spending_set(limits).await?;
            replace_file(&self.ledger.provided, b"")?;
        }
        let nodes = self.hosts.iter().chain([owner]);
        futures::future::try_join_all(nodes.map(Node::wallet_fund)).await?;
        Ok(())
    }
}

impl Purse {
    async fn open(directory: &Path) -> Result<Self, NodeError> {
        let failed = |error: &dyn std::fmt::Display| {
            NodeError::new(ErrorCode::LocalFile, format!("The ledger to try out does not start: {error}."))
        };
        let settings = LocalLedgerSettings {
            directory: directory.to_owned(),
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            closes_at_once: true,
            close_every: Some(CLOSE_EVERY),
            clock: Clock::system(),
        };
        let ledger = LocalLedger::start(settings).await.map_err(|error| failed(&error))?;
        let network = StellarNetwork::on_local_ledger(&ledger.url(), ledger.network_passphrase()).await;
        let network = network.map_err(|error| failed(&error))?;
        let kept = network.settings();
        let keeping = async_runtime::spawn(async move {
            let Err(error) = keep_on_local_ledger(kept).await;
            tracing::warn!(%error, "the agreement contract is not kept alive");
        });
        Ok(Self { ledger, provided: directory.join(PROVIDED), network, keeping })
    }

    async fn close(self) {
        self.keeping.abort();
        self.ledger.stop().await;
    }
}

async fn seed(home: Home, lock: HomeLock, network: NetworkFile) -> Result<Seed, NodeError> {
    Seed::start(home, lock, network, vec![free_address()?]).await
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
    hosting.apply(&HostSettings {
        quota_bytes: Some(HOST_QUOTA_BYTES),
        price_xlm_per_gib_month: Some(HOST_PRICE_XLM.to_owned()),
        ..HostSettings::default()
    })?;
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
