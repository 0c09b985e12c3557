//! Measures one host over the real network while four owners upload to it at full speed; each is a process of its own.
//!
//! `host_bench [--gib N] [--streams N]` prints one JSON document a line: figure, unit, value, goal. Run it in release mode; it
//! needs N GiB in the temporary directory. `--streams` is per owner; an owner's node has at most a handful to one host.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot be made must stop, and its figures need no 53 bits"
)]

#[path = "../measuring/node.rs"]
mod node;
#[path = "../measuring/process.rs"]
mod process;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use layr_codec::{ShardHasher, ShardRoot};
use layr_keys::{CertificateSubject, DeviceCertificate, DeviceKey, OwnerKeys, RecoveryPhrase};
use layr_net::Role as NetRole;
use layr_node::clock::{Entropy, SystemEntropy};
use layr_node::net::libp2p::{Libp2pNet, Libp2pOptions};
use layr_node::net::{Net, Route};
use layr_node::network_file::NetworkFile;
use layr_node::wire::{PutTrailer, Request, Response, read_frame, write_frame};
use tokio::io::AsyncWriteExt;

use crate::node::{lend_all, secrets, serve, start_node};
use crate::process::{Role, cpu_s, peak_bytes, tell};

const OWNERS: u64 = 4;
const SHARD_BYTES: usize = 4 << 20;
const MIB: f64 = 1024.0 * 1024.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match words.as_slice() {
        ["--as-host", dir] => runtime.block_on(host(Path::new(dir))),
        ["--as-owner", dir, peer, address, shards, streams] => {
            let load = (shards.parse().unwrap(), streams.parse().unwrap());
            runtime.block_on(owner(Path::new(dir), peer, address, load));
        }
        options => measure(options),
    }
}

fn measure(options: &[&str]) {
    let option = |name: &str, default: u64| {
        options.chunks(2).find(|pair| pair[0] == name).map_or(default, |pair| pair[1].parse().unwrap())
    };
    let (gib, streams) = (option("--gib", 4), option("--streams", 8));
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    let host = Role::start(&["--as-host", &path("host")]);
    let (peer, address) = host.ready.split_once(' ').unwrap();
    let (began, cpu_before) = (Instant::now(), cpu_s(host.pid()));
    let (shards, streams) = ((gib * 256 / OWNERS).to_string(), streams.to_string());
    let start = |number: u64| {
        let dir = path(&format!("owner-{number}"));
        Role::start(&["--as-owner", &dir, peer, address, &shards, &streams])
    };
    let mut owners: Vec<Role> = (0..OWNERS).map(start).collect();
    for owner in &mut owners {
        assert!(owner.child.wait().unwrap().success(), "an owner failed");
    }
    let (elapsed_s, cpu) = (began.elapsed().as_secs_f64(), cpu_s(host.pid()) - cpu_before);
    tell("host_store_cpu_four_owners", "CPU s/GiB", cpu / gib as f64, Some(4.0));
    tell("host_store_rate_four_owners", "MiB/s", gib as f64 * 1024.0 / elapsed_s, None);
    tell("host_peak_resident_four_owners", "MiB", peak_bytes(host.pid()) as f64 / MIB, Some(128.0));
}

fn loopback() -> Vec<String> {
    vec!["/ip4/127.0.0.1/tcp/0".to_owned()]
}

async fn host(dir: &Path) {
    let node = start_node(dir, &NetworkFile::local(), loopback(), lend_all(dir)).await;
    let address = node.status().await.unwrap().listening[0].clone();
    serve(&format!("{} {address}", node.peer_id())).await;
    node.stop().await;
}

async fn owner(dir: &Path, peer: &str, address: &str, (shards, streams): (u64, u64)) {
    let secrets = secrets();
    let keys = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&secrets.entropy));
    let device = DeviceKey::from_bytes(&secrets.device_secret).peer_id();
    let subject = CertificateSubject { device, serial: 1, issued_at_unix_s: 0, name: None };
    let certificate = DeviceCertificate::issue(&keys, subject).unwrap().encode();
    let options = Libp2pOptions {
        device_secret: secrets.device_secret.clone(),
        network: NetworkFile::local(),
        role: NetRole::Node,
        listen: loopback(),
        state_dir: dir.to_owned(),
    };
    let attached = Libp2pNet::start(options).await.unwrap();
    println!("ready");
    let mut noise = vec![0; SHARD_BYTES];
    SystemEntropy.fill(&mut noise).unwrap();
    let upload = Arc::new(Upload {
        net: attached.net,
        host: peer.parse().unwrap(),
        address: [address.to_owned()],
        certificate,
        noise,
        next: AtomicU64::new(0),
        shards,
    });
    let lanes: Vec<_> = (0..streams).map(|_| tokio::spawn(Arc::clone(&upload).run())).collect();
    for lane in lanes {
        lane.await.unwrap();
    }
}

struct Upload {
    net: Arc<dyn Net>,
    host: layr_keys::PeerId,
    address: [String; 1],
    certificate: Vec<u8>,
    noise: Vec<u8>,
    next: AtomicU64,
    shards: u64,
}

impl Upload {
    async fn run(self: Arc<Self>) {
        let mut shard = self.noise.clone();
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.shards {
                return;
            }
            shard[..8].copy_from_slice(&number.to_be_bytes());
            self.put(&shard, root_of(&shard)).await;
        }
    }

    async fn put(&self, shard: &[u8], root: ShardRoot) {
        let deadline = Duration::from_secs(20);
        let mut stream = self.net.open(self.host, &self.address, Route::Direct, deadline).await.unwrap();
        let size_bytes = u32::try_from(shard.len()).unwrap();
        let request = Request::Put { certificate: self.certificate.clone(), size_bytes };
        write_frame(&mut stream, &request).await.unwrap();
        assert_eq!(read_frame::<Response>(&mut stream).await.unwrap(), Response::Accepted);
        stream.write_all(shard).await.unwrap();
        write_frame(&mut stream, &PutTrailer { root: root.into() }).await.unwrap();
        stream.shutdown().await.unwrap();
        assert_eq!(read_frame::<Response>(&mut stream).await.unwrap(), Response::Stored);
    }
}

fn root_of(shard: &[u8]) -> ShardRoot {
    let mut hasher = ShardHasher::default();
    hasher.update(shard);
    ShardRoot::from_bytes(hasher.finish().unwrap().0.hash)
}
