//! A whole network in one process: real nodes with real vaults and libraries in temporary homes, over a [`SimNet`].

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use layr_keys::{
    CertificateSubject, DeviceCertificate, DeviceKey, OwnerKeys, PeerId, RecoveryPhrase, StoredSecrets,
};
use layr_node::agreements::spending::SpendingConfig;
use layr_node::audit::AuditsConfig;
use layr_node::bandwidth::BandwidthConfig;
use layr_node::error::NodeError;
use layr_node::home::{Home, HomeConfig, HostingConfig, KeyStoreKind};
use layr_node::net::Attached;
use layr_node::network_file::{LedgerKind, NetworkFile};
use layr_node::node::{NetworkChoice, Node, NodeStart};
use tempfile::TempDir;

use crate::clock::{VirtualClock, surroundings};
use crate::liar::{self, LateDeletes, Lie, Witness};
use crate::light_host::{LightHost, Tally};
use crate::sim_net::{Failure, SimNet};

/// Memory that is a directory: a node's library syncs each change, some a minute, which takes a disk hours for a simulated year.
const MEMORY: &str = "/dev/shm";

/// A network of real nodes. Drop it and its homes are gone.
#[derive(Debug)]
pub struct SimNetwork {
    seed: u64,
    net: SimNet,
    clock: Arc<VirtualClock>,
    dir: TempDir,
    nodes: u64,
    ledger: LedgerKind,
}

/// One node of a [`SimNetwork`], running or not.
pub struct SimNode {
    home: Home,
    entropy: [u8; 32],
    device_secret: [u8; 32],
    seed: u64,
    /// Each start draws other random bytes, as a real one does: ids and nonces never repeat.
    starts: u64,
    clock: Arc<VirtualClock>,
    running: Option<Node>,
}

impl std::fmt::Debug for SimNode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SimNode({})", self.peer())
    }
}

impl Deref for SimNode {
    type Target = Node;

    /// The running node.
    fn deref(&self) -> &Node {
        self.running.as_ref().expect("the node was killed and not revived")
    }
}

impl SimNode {
    /// Its home directory.
    pub fn home(&self) -> &Path {
        self.home.dir()
    }

    /// Its calendar, which it shares with the network until [`SimNode::get_own_clock`].
    pub fn clock(&self) -> &Arc<VirtualClock> {
        &self.clock
    }

    /// Gives it a calendar of its own from its next start on.
    pub fn get_own_clock(&mut self) {
        self.clock = self.clock.twin();
    }

    /// Its identity on the network.
    pub fn peer(&self) -> PeerId {
        self.device().peer_id()
    }

    /// Its device key, to speak for it.
    pub fn device(&self) -> DeviceKey {
        DeviceKey::from_bytes(&self.device_secret)
    }

    /// The keys of whose node it is.
    pub fn owner_keys(&self) -> OwnerKeys {
        OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&self.entropy))
    }

    /// A certificate of its owner for any device.
    pub fn certify(&self, device: PeerId) -> Vec<u8> {
        let subject = CertificateSubject { device, serial: 1, issued_at_unix_s: 0, name: None };
        DeviceCertificate::issue(&self.owner_keys(), subject).expect("a certificate without a name").encode()
    }

    fn secrets(&self) -> StoredSecrets {
        StoredSecrets {
            entropy: self.entropy.into(),
            device_secret: self.device_secret.into(),
            account_secret: None,
        }
    }
}

impl SimNetwork {
    /// An empty network. Must be called inside a tokio runtime, best one with paused time.
    pub fn new(seed: u64) -> Self {
        Self::in_directory(seed, tempfile::tempdir())
    }

    /// As [`SimNetwork::new`], with the homes in memory where the system has a directory there.
    pub fn in_memory(seed: u64) -> Self {
        if !Path::new(MEMORY).is_dir() {
            return Self::new(seed);
        }
        Self::in_directory(seed, tempfile::tempdir_in(MEMORY))
    }

    fn in_directory(seed: u64, dir: std::io::Result<TempDir>) -> Self {
        Self {
            seed,
            net: SimNet::new(seed),
            clock: VirtualClock::start(),
            dir: dir.expect("a temporary directory"),
            nodes: 0,
            ledger: LedgerKind::None,
        }
    }

    /// Nodes that are added from now on pay and are paid on this ledger. It answers in real time: the runtime's clock must not be paused.
    pub fn pay_by(&mut self, ledger: LedgerKind) {
        self.ledger = ledger;
    }

    /// The network below, for faults and counters.
    pub fn net(&self) -> &SimNet {
        &self.net
    }

    /// The calendar of all nodes.
    pub fn clock(&self) -> &Arc<VirtualClock> {
        &self.clock
    }

    /// A directory for a test's own files, beside the homes.
    pub fn scratch(&self) -> std::path::PathBuf {
        let scratch = self.dir.path().join("scratch");
        std::fs::create_dir_all(&scratch).expect("a scratch directory");
        scratch
    }

    /// Starts a node that lends `quota_bytes`.
    pub async fn add_host(&mut self, quota_bytes: u64) -> SimNode {
        let hosting = HostingConfig { enabled: true, quota_bytes, ..HostingConfig::default() };
        self.add(hosting).await
    }

    /// Starts a node that lends nothing.
    pub async fn add_owner(&mut self) -> SimNode {
        self.add(HostingConfig::default()).await
    }

    /// Starts `count` hosts.
    pub async fn add_hosts(&mut self, count: usize, quota_bytes: u64) -> Vec<SimNode> {
        let mut hosts = Vec::with_capacity(count);
        for _ in 0..count {
            hosts.push(self.add_host(quota_bytes).await);
        }
        hosts
    }

    /// A device without a node, to speak the protocol by hand: its identity and its end of the network.
    pub fn add_stranger(&mut self) -> (DeviceKey, Attached) {
        self.nodes += 1;
        let device = DeviceKey::from_bytes(&secret(self.seed, self.nodes, 0xD0));
        let attached = self.net.attach(device.peer_id());
        (device, attached)
    }

    /// A host without a disk, whose requests are counted in `tally`.
    pub fn add_light_host(&mut self, tally: &Tally) -> LightHost {
        let (device, attached) = self.add_stranger();
        let address = self.net.address_of(device.peer_id()).expect("it was attached");
        LightHost::serve(device, &NetworkFile::local().name, address, attached, tally)
    }

    async fn add(&mut self, hosting: HostingConfig) -> SimNode {
        self.nodes += 1;
        let home = Home::new(self.dir.path().join(format!("node-{}", self.nodes)));
        home.create().expect("a home");
        let config = HomeConfig {
            home_id: format!("{:032x}", self.nodes),
            key_store: KeyStoreKind::File,
            listen: Vec::new(),
            bandwidth: BandwidthConfig::default(),
            audits: AuditsConfig::default(),
            hosting,
            spending: SpendingConfig::default(),
        };
        let network = NetworkFile { ledger: self.ledger.clone(), ..NetworkFile::local() };
        home.write_network(&network).expect("a network file");
        home.write_config(&config).expect("a configuration");
        let mut node = SimNode {
            home,
            entropy: secret(self.seed, self.nodes, 0xE0),
            device_secret: secret(self.seed, self.nodes, 0xD0),
            seed: self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(self.nodes),
            starts: 0,
            clock: Arc::clone(&self.clock),
            running: None,
        };
        self.start(&mut node).await.expect("a new node starts");
        node
    }

    async fn start(&self, node: &mut SimNode) -> Result<(), NodeError> {
        node.starts += 1;
        let start = NodeStart {
            home: node.home.clone(),
            lock: node.home.lock().expect("the home is free"),
            secrets: node.secrets(),
            surroundings: surroundings(&node.clock, node.seed.wrapping_add(node.starts << 32)),
            network: NetworkChoice::Attached(self.net.attach(node.peer())),
        };
        node.running = Some(Node::start(start).await?);
        Ok(())
    }

    /// Kills a node: connections break at once, its tasks end, its files stay as they are.
    pub async fn kill(&self, node: &mut SimNode) {
        self.net.fail(node.peer(), Failure::Dead);
        if let Some(running) = node.running.take() {
            running.stop().await;
        }
    }

    /// Ends a node as a power cut does: what its home holds at this instant is all that is left of it there. What it still
    /// writes elsewhere while its tasks end stays.
    pub async fn crash(&self, node: &mut SimNode) {
        self.net.fail(node.peer(), Failure::Dead);
        let left = self.snapshot(node);
        if let Some(running) = node.running.take() {
            running.stop().await;
        }
        self.restore(node, &left);
    }

    /// A copy of a node's home as it is at this instant.
    pub fn snapshot(&self, node: &SimNode) -> TempDir {
        let copy = tempfile::tempdir_in(self.dir.path()).expect("a temporary directory");
        let database = node.home.library();
        // Until no thread wrote to the database in between: what a disk holds is of one moment.
        loop {
            let before = look(&database);
            copy_tree(node.home(), copy.path());
            if look(&database) == before {
                return copy;
            }
        }
    }

    /// Puts a copy of its home in the place of a stopped node's.
    pub fn restore(&self, node: &SimNode, copy: &TempDir) {
        assert!(node.running.is_none(), "the node runs");
        std::fs::remove_dir_all(node.home()).expect("the home can be removed");
        copy_tree(copy.path(), node.home());
    }

    /// Starts a killed node again from what is on its disk.
    pub async fn revive(&self, node: &mut SimNode) {
        self.try_revive(node).await.expect("the node starts");
    }

    /// As [`SimNetwork::revive`], where the node may refuse to start from what it finds.
    ///
    /// # Errors
    /// What the node says.
    pub async fn try_revive(&self, node: &mut SimNode) -> Result<(), NodeError> {
        self.net.heal(node.peer());
        self.start(node).await
    }

    /// Lets a host lie from now on.
    pub fn lie(&self, node: &SimNode, kind: Lie) {
        liar::lie(&self.net, node.peer(), kind);
    }

    /// Lets another host answer in the name of this one from now on; see [`liar::relay`].
    pub fn relay(&self, node: &SimNode, keeper: &SimNode) {
        liar::relay(&self.net, node.peer(), keeper.peer());
    }

    /// Listens to what a host is asked from now on.
    pub fn witness(&self, node: &SimNode) -> Witness {
        liar::witness(&self.net, node.peer())
    }

    /// Holds up the deletes that a host is asked for from now on.
    pub fn delay_deletes(&self, node: &SimNode, delay: Duration) -> LateDeletes {
        liar::delay_deletes(&self.net, node.peer(), delay)
    }

    /// Lets it be honest again.
    pub fn be_honest(&self, node: &SimNode) {
        liar::be_honest(&self.net, node.peer());
    }
}

/// When a database and its journal were written last, and how long they are.
fn look(database: &Path) -> Vec<Option<(std::time::SystemTime, u64)>> {
    let journal = database.with_extension("sqlite-wal");
    let written =
        |path: &Path| path.metadata().ok().and_then(|found| Some((found.modified().ok()?, found.len())));
    vec![written(database), written(&journal)]
}

fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("a directory to copy") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &target);
        } else if entry.path().is_file() {
            std::fs::copy(entry.path(), target).expect("a file that can be copied");
        }
    }
}

/// A secret that belongs to a node of a seed; `purpose` tells its secrets apart.
fn secret(seed: u64, node: u64, purpose: u8) -> [u8; 32] {
    let mut secret = [purpose; 32];
    secret[..8].copy_from_slice(&seed.to_be_bytes());
    secret[8..16].copy_from_slice(&node.to_be_bytes());
    secret
}
