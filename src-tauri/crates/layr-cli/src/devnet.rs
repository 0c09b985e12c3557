//! `layr devnet`: a whole network on this machine, each node a process of its own with a home of its own.
//!
//! The children stop when their standard input ends, so they never outlive this process, however it ends.

mod child;
mod ledger;

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use layr_control::{Client, HostsParams};
use layr_local_ledger::LocalLedger;
use layr_node::api::{HostSettings, HostsReport};
use layr_node::clock::{Entropy, SystemEntropy};
use layr_node::error::{ErrorCode, NodeError};
use layr_node::home::{Home, KeyStoreKind};
use layr_node::identity::{self, Setup};
use layr_node::network_file::NetworkFile;
use layr_node::shutdown::terminated;
use serde::Serialize;
use tokio::task::JoinHandle;

use crate::args::DevnetArgs;
use crate::failure::{self, Outcome, local};
use crate::output::{stderr_line, stdout_line};
use crate::session::{Session, absolute};

pub(crate) use child::Child;

/// Time until the owner has heard of every host.
/// Who failed one question is not asked again for a minute.
const DISCOVERY_DEADLINE: Duration = Duration::from_mins(2);
/// Pause between two questions to the owner.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// What `devnet` prints when the network serves; a contract with scripts.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DevnetReady {
    pub(crate) network_file: String,
    /// The local ledger's address.
    pub(crate) ledger: String,
    /// Where the homes' passphrase lies.
    pub(crate) passphrase_file: String,
    pub(crate) seed: NodeReady,
    pub(crate) hosts: Vec<NodeReady>,
    pub(crate) owner: OwnerReady,
}

/// One process of the network.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct NodeReady {
    pub(crate) home: String,
    pub(crate) pid: u32,
    pub(crate) peer_id: String,
    pub(crate) listen: Vec<String>,
}

/// The owner's process, with the words that are its identity: this network is for trying out.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct OwnerReady {
    #[serde(flatten)]
    pub(crate) node: NodeReady,
    pub(crate) phrase: Vec<String>,
}

/// A running network.
pub(crate) struct Devnet {
    pub(crate) ready: DevnetReady,
    pub(crate) owner: Child,
    pub(crate) hosts: Vec<Child>,
    seed: Child,
    ledger: LocalLedger,
    keeper: JoinHandle<()>,
    pub(crate) passphrase_file: PathBuf,
    pub(crate) network: NetworkFile,
    dir: Directory,
}

/// The homes' directory: a temporary one goes with the network.
enum Directory {
    Kept(PathBuf),
    Temporary(tempfile::TempDir),
}

impl Directory {
    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Temporary(dir) => dir.path(),
        }
    }
}

pub(crate) async fn run(session: &Session, args: DevnetArgs) -> Outcome<()> {
    let devnet = tokio::select! {
        devnet = Devnet::start(&args) => devnet?,
        () = terminated() => return Err(interrupted()),
    };
    let ready = serde_json::to_string(&devnet.ready).map_err(|error| internal(&error))?;
    if let Err(error) = stdout_line(&ready) {
        devnet.stop().await;
        return Err(error);
    }
    if !session.json {
        stderr_line(&format!(
            "The network runs. Try: LAYR_HOME={} layr put FILE. Ctrl-C stops it.",
            devnet.ready.owner.node.home
        ));
    }
    terminated().await;
    devnet.stop().await;
    Ok(())
}

impl Devnet {
    /// Starts ledger, seed, hosts and owner; returns when the owner knows every host and all accounts are filled.
    pub(crate) async fn start(args: &DevnetArgs) -> Outcome<Self> {
        let dir = directory(args.dir.as_deref())?;
        let root = dir.path().to_path_buf();
        let passphrase_file = write_passphrase(&root)?;
        let mut ports = Ports { next: args.base_port, held: Vec::new() };

        let ledger = ledger::start(&root.join("ledger")).await?;

        let seed_home = Home::new(root.join("seed"));
        let mut network = NetworkFile {
            name: "devnet".to_owned(),
            bootstrap: Vec::new(),
            ledger: ledger::named(&ledger).await?,
            private_addresses: true,
        };
        let network_path = root.join("network.toml");
        write_network(&network, &network_path)?;
        let network_text = network_path.display().to_string();
        let seed_arguments = ["seed", "--network", &network_text, "--listen", &ports.listen()?];
        // Its own it shall have.
        ports.held.clear();
        let seed = Child::start(&seed_home, &seed_arguments, &passphrase_file).await?;
        network.bootstrap.clone_from(&seed.ready().listen);
        write_network(&network, &network_path)?;

        let homes = create_homes(&root, args, &network, &passphrase_file, ports).await?;
        let mut hosts = Vec::new();
        for home in &homes.hosts {
            hosts.push(Child::start(home, &["daemon", "--host"], &passphrase_file).await?);
        }
        let owner = Child::start(&homes.owner, &["daemon"], &passphrase_file).await?;
        let keeper = ledger::keep_contract(&network.ledger);
        wait_for_hosts(&homes.owner, hosts.len()).await?;
        ledger::fund(homes.hosts.iter().chain([&homes.owner])).await?;

        let ready = DevnetReady {
            network_file: network_text,
            ledger: ledger.url(),
            passphrase_file: passphrase_file.display().to_string(),
            seed: seed.report(),
            hosts: hosts.iter().map(Child::report).collect(),
            owner: OwnerReady { node: owner.report(), phrase: homes.owner_phrase },
        };
        Ok(Self { ready, owner, hosts, seed, ledger, keeper, passphrase_file, network, dir })
    }

    /// Where the homes lie.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Stops every process cleanly, then removes what was temporary.
    pub(crate) async fn stop(self) {
        let children = std::iter::once(self.owner).chain(self.hosts).chain(std::iter::once(self.seed));
        futures::future::join_all(children.map(Child::stop)).await;
        self.keeper.abort();
        self.ledger.stop().await;
        drop(self.dir);
    }
}

/// The homes of a network and the owner's words.
struct Homes {
    hosts: Vec<Home>,
    owner: Home,
    owner_phrase: Vec<String>,
}

async fn create_homes(
    root: &Path,
    args: &DevnetArgs,
    network: &NetworkFile,
    passphrase_file: &Path,
    mut ports: Ports,
) -> Outcome<Homes> {
    let passphrase = zeroize::Zeroizing::new(
        std::fs::read_to_string(passphrase_file)
            .map_err(|error| local("cannot read the passphrase", &error))?,
    );
    let create = |name: String, listen: String| {
        let home = Home::new(root.join(name));
        let setup = Setup {
            home: home.clone(),
            network: network.clone(),
            key_store: KeyStoreKind::File,
            passphrase: Some(passphrase.clone()),
        };
        async move {
            let phrase = if home.has_identity() {
                Vec::new()
            } else {
                let (_, phrase) = identity::create(setup, &SystemEntropy).await?;
                phrase.to_text().split_whitespace().map(str::to_owned).collect()
            };
            home.write_network(network)?;
            let mut config = home.config()?;
            config.listen = vec![listen];
            Ok::<_, NodeError>((home, config, phrase))
        }
    };
    let mut hosts = Vec::new();
    for number in 1..=args.hosts {
        let (home, mut config, _) = create(format!("host-{number:02}"), ports.listen()?).await?;
        config.hosting.apply(&HostSettings {
            quota_bytes: Some(args.quota.0),
            price_xlm_per_gib_month: args.price.map(|price| price.to_string()),
            ..HostSettings::default()
        })?;
        home.write_config(&config)?;
        hosts.push(home);
    }
    let (owner, config, owner_phrase) = create("owner".to_owned(), ports.listen()?).await?;
    owner.write_config(&config)?;
    Ok(Homes { hosts, owner, owner_phrase })
}

/// The owner asks the network until every host has answered with its offer.
async fn wait_for_hosts(owner: &Home, expected: usize) -> Outcome<()> {
    let mut client =
        Client::connect(&owner.control_socket()).await.map_err(|error| failure::from_connect(&error))?;
    let deadline = Instant::now() + DISCOVERY_DEADLINE;
    loop {
        let report: HostsReport = client
            .call("hosts", &HostsParams { offers: true }, |_| Ok(()))
            .await
            .map_err(failure::from_call)?;
        let known = report.hosts.iter().filter(|host| host.offer.is_some()).count();
        if known >= expected {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(NodeError::new(
                ErrorCode::NotEnoughHosts,
                format!("only {known} of {expected} hosts of the new network were found in two minutes"),
            ));
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

/// Listening addresses: ports in a row, or free ones. Written into the homes, so a restarted node keeps its own.
struct Ports {
    next: Option<u16>,
    /// Free ones that were given out, held so that none is given out twice.
    held: Vec<TcpListener>,
}

impl Ports {
    fn listen(&mut self) -> Outcome<String> {
        let port = if let Some(port) = self.next {
            self.next = port.checked_add(1);
            port
        } else {
            let failed = |error| local("cannot find a free port", &error);
            let socket = TcpListener::bind(("127.0.0.1", 0)).map_err(failed)?;
            let port = socket.local_addr().map_err(failed)?.port();
            self.held.push(socket);
            port
        };
        Ok(format!("/ip4/127.0.0.1/tcp/{port}"))
    }
}

fn directory(wanted: Option<&Path>) -> Outcome<Directory> {
    let Some(dir) = wanted else {
        let dir = tempfile::Builder::new()
            .prefix("layr-devnet-")
            .tempdir()
            .map_err(|error| local("cannot create a temporary directory", &error))?;
        return Ok(Directory::Temporary(dir));
    };
    let dir = absolute(dir)?;
    std::fs::create_dir_all(&dir)
        .map_err(|error| local(&format!("cannot create {}", dir.display()), &error))?;
    Ok(Directory::Kept(dir))
}

/// A random passphrase for all homes of this network, kept across starts of a kept directory.
fn write_passphrase(root: &Path) -> Outcome<PathBuf> {
    let path = root.join("passphrase");
    if path.exists() {
        return Ok(path);
    }
    let mut random = [0_u8; 16];
    SystemEntropy.fill(&mut random).map_err(|error| internal(&error))?;
    let write = || -> std::io::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)?.write_all(hex::encode(random).as_bytes())
    };
    write().map_err(|error| local("cannot write the passphrase", &error))?;
    Ok(path)
}

fn write_network(network: &NetworkFile, path: &Path) -> Outcome<()> {
    let text = network.to_toml().map_err(|error| internal(&error))?;
    Ok(layr_node::home::replace_file(path, text.as_bytes())?)
}

fn internal(error: &impl ToString) -> NodeError {
    NodeError::new(ErrorCode::Internal, error.to_string())
}

fn interrupted() -> NodeError {
    NodeError::new(ErrorCode::Interrupted, "interrupted; the processes started so far have been stopped")
}
