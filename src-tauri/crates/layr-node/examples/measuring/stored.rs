//! Files that an owner has stored at hosts of this machine before anything is measured.
//!
//! Another process uploads them with the same keys and ends: so memory and processor time of the measured owner are of what is
//! measured, and its own looks at hosts, of which the first comes after a minute, are not in it.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use futures::{StreamExt, stream};
use layr_keys::{PeerId, StoredSecrets};
use layr_node::api::PutRequest;
use layr_node::home::HostingConfig;
use layr_node::node::Node;
use layr_node::operation::OperationKind;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::network::{listen, meet, network_file};
use crate::node::start_node_of;
use crate::process::{Role, cpu_s};

/// The code of every file.
pub(crate) const REDUNDANCY: (u8, u8) = (10, 30);
/// Files uploaded at once: each is one segment or more of its own, since uploads share none.
const PUTS_AT_ONCE: usize = 4;
/// Half seconds in which the last shards have to reach their hosts.
const HALF_SECONDS_TO_COMPLETE: u32 = 600;

/// How much is stored where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Content {
    pub(crate) hosts: u64,
    pub(crate) files: u64,
    pub(crate) file_bytes: u64,
}

/// An owner whose files are stored whole, and who knows all hosts.
pub(crate) struct Stored {
    pub(crate) owner: Node,
    pub(crate) hosts: Vec<Role>,
    _seed: Role,
    _dir: tempfile::TempDir,
}

/// What was spent until a moment, or between two.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) owner_cpu_s: f64,
    pub(crate) hosts_cpu_s: f64,
    /// What the hosts' calls of `read` and its like returned: bodies and databases, and not what came over the network.
    pub(crate) hosts_read_bytes: f64,
    /// What the owner received and sent on streams for shards, below which there are a muxer and encryption.
    pub(crate) received_bytes: f64,
    pub(crate) sent_bytes: f64,
    /// What passed the loopback interface, with all headers, acknowledgements and whatever else used it: in a network
    /// namespace of its own that is this network alone.
    pub(crate) line_bytes: f64,
}

impl Stored {
    pub(crate) async fn start(content: Content) -> Self {
        let dir = tempfile::Builder::new().prefix("layr-bench").tempdir().unwrap();
        let home = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let seed = Role::start(&["--as-seed", &home("seed")]);
        let start = |index: u64| Role::start(&["--as-host", &home(&format!("host-{index}")), &seed.ready]);
        let hosts: Vec<Role> = (0..content.hosts).map(start).collect();
        let peers: Vec<&str> = hosts.iter().map(|host| host.ready.as_str()).collect();
        let (files, file_bytes) = (content.files.to_string(), content.file_bytes.to_string());
        let (at, known) = (home("owner"), peers.join(","));
        let mut uploader =
            Role::start(&["--as-uploader", &at, &seed.ready, &known, files.as_str(), file_bytes.as_str()]);
        assert_eq!(uploader.ready, "stored");
        assert!(uploader.child.wait().unwrap().success(), "the upload failed");
        let owner = start_owner(Path::new(&at), &seed.ready).await;
        meet(&owner, &peers_of(&known)).await;
        Self { owner, hosts, _seed: seed, _dir: dir }
    }

    pub(crate) async fn spent(&self) -> Spent {
        let traffic = self.owner.status().await.unwrap().traffic;
        let pids = || self.hosts.iter().map(Role::pid);
        Spent {
            owner_cpu_s: cpu_s(std::process::id()),
            hosts_cpu_s: pids().map(cpu_s).sum(),
            hosts_read_bytes: pids().map(read_bytes).sum(),
            received_bytes: traffic.down_bytes as f64,
            sent_bytes: traffic.up_bytes as f64,
            line_bytes: loopback_bytes(),
        }
    }
}

impl Spent {
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            owner_cpu_s: self.owner_cpu_s - before.owner_cpu_s,
            hosts_cpu_s: self.hosts_cpu_s - before.hosts_cpu_s,
            hosts_read_bytes: self.hosts_read_bytes - before.hosts_read_bytes,
            received_bytes: self.received_bytes - before.received_bytes,
            sent_bytes: self.sent_bytes - before.sent_bytes,
            line_bytes: self.line_bytes - before.line_bytes,
        }
    }
}

/// Uploads noise and says so once every shard of it is at its host.
pub(crate) async fn run_uploader(dir: &Path, bootstrap: &str, peers: &str, files: u64, file_bytes: u64) {
    let owner = start_owner(dir, bootstrap).await;
    meet(&owner, &peers_of(peers)).await;
    let puts = (0..files).map(|number| put(&owner, dir, number, file_bytes));
    stream::iter(puts).buffer_unordered(PUTS_AT_ONCE).collect::<Vec<()>>().await;
    for _ in 0..HALF_SECONDS_TO_COMPLETE {
        let health = owner.status().await.unwrap().health.unwrap();
        if health.alive == health.total {
            owner.stop().await;
            println!("stored");
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("some shards reached no host");
}

async fn put(owner: &Node, dir: &Path, number: u64, file_bytes: u64) {
    let path = dir.join(format!("file-{number}"));
    write_noise(&path, file_bytes, number);
    let operation = owner.operation(OperationKind::Put, "bench");
    let request =
        PutRequest { paths: vec![path.clone()], to: None, redundancy: Some(REDUNDANCY), dry_run: false };
    let report = owner.put(request, &operation).await.unwrap();
    assert!(report.skipped.is_empty(), "{:?}", report.skipped);
    std::fs::remove_file(path).unwrap();
}

/// The owner has the same keys in every process.
async fn start_owner(dir: &Path, bootstrap: &str) -> Node {
    let secrets =
        StoredSecrets { entropy: [7; 32].into(), device_secret: [8; 32].into(), account_secret: None };
    start_node_of(secrets, dir, &network_file(bootstrap), listen(), HostingConfig::default()).await
}

fn peers_of(known: &str) -> Vec<PeerId> {
    known.split(',').map(|peer| peer.parse().unwrap()).collect()
}

fn write_noise(path: &Path, size_bytes: u64, seed: u64) {
    let mut generator = StdRng::seed_from_u64(seed);
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    let mut block = [0; 4096];
    let mut left = size_bytes;
    while left > 0 {
        let length = usize::try_from(left.min(4096)).unwrap();
        generator.fill_bytes(&mut block[..length]);
        file.write_all(&block[..length]).unwrap();
        left -= length as u64;
    }
    file.flush().unwrap();
}

fn read_bytes(pid: u32) -> f64 {
    let io = std::fs::read_to_string(format!("/proc/{pid}/io")).unwrap();
    io.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

/// What passed is received as often as it is sent there: one of the two is taken.
fn loopback_bytes() -> f64 {
    let devices = std::fs::read_to_string("/proc/self/net/dev").unwrap();
    let counters = devices.lines().find_map(|line| line.trim_start().strip_prefix("lo:")).unwrap();
    counters.split_whitespace().next().unwrap().parse().unwrap()
}
