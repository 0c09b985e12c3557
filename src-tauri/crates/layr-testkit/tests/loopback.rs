//! The same nodes over the real network, on loopback in one process: what the simulation leaves out must hold too.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use layr_keys::RecoveryPhrase;
use layr_node::api::{GetRequest, HostSettings, PutRequest};
use layr_node::clock::{Surroundings, SystemEntropy};
use layr_node::error::ErrorCode;
use layr_node::home::{Home, KeyStoreKind};
use layr_node::identity::{self, Setup};
use layr_node::network_file::NetworkFile;
use layr_node::node::{NetworkChoice, Node, NodeStart};
use layr_node::operation::OperationKind;
use layr_node::seed::Seed;
use layr_node::wire::{Refusal, Request, Response, read_frame, write_frame};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use zeroize::Zeroizing;

const MIB: usize = 1024 * 1024;
/// A clean stop is promised in less.
const STOP_LIMIT: Duration = Duration::from_secs(5);

struct Loopback {
    dir: TempDir,
    seed: Seed,
    network: NetworkFile,
}

impl Loopback {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path().join("seed"));
        home.create().unwrap();
        let lock = home.lock().unwrap();
        let alone = NetworkFile { name: "loopback-test".to_owned(), ..NetworkFile::local() };
        let listen = vec!["/ip4/127.0.0.1/tcp/0".to_owned()];
        let seed = Seed::start(home, lock, alone.clone(), listen).await.unwrap();
        let network = NetworkFile { bootstrap: seed.status().await.listening, ..alone };
        Self { dir, seed, network }
    }

    /// An identity of its own in a home of its own, and a node on it.
    async fn node(&self, name: &str) -> (Home, Node) {
        let home = Home::new(self.dir.path().join(name));
        let setup = Setup {
            home: home.clone(),
            network: self.network.clone(),
            key_store: KeyStoreKind::File,
            passphrase: passphrase(),
        };
        let _: (_, RecoveryPhrase) = identity::create(setup, &SystemEntropy).await.unwrap();
        let node = start(&home).await;
        (home, node)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as the API takes it")]
fn passphrase() -> Option<Zeroizing<String>> {
    Some(Zeroizing::new("loopback".to_owned()))
}

async fn start(home: &Home) -> Node {
    let secrets = identity::open(home, passphrase()).await.unwrap();
    let listen = vec!["/ip4/127.0.0.1/tcp/0".to_owned(), "/ip4/127.0.0.1/udp/0/quic-v1".to_owned()];
    let start = NodeStart {
        home: home.clone(),
        lock: home.lock().unwrap(),
        secrets,
        surroundings: Surroundings::default(),
        network: NetworkChoice::Libp2p { listen },
    };
    Node::start(start).await.unwrap()
}

async fn stop(node: Node) {
    let began = Instant::now();
    node.stop().await;
    assert!(began.elapsed() < STOP_LIMIT, "a clean stop took {:?}", began.elapsed());
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    })
    .take(len)
    .collect()
}

async fn put(node: &Node, path: &Path) {
    let request = PutRequest { paths: vec![path.to_owned()], to: None, redundancy: None, dry_run: false };
    let report = node.put(request, &node.operation(OperationKind::Put, "test")).await.unwrap();
    assert!(report.skipped.is_empty());
}

async fn get(node: &Node, name: &str, output: PathBuf) -> Result<Vec<u8>, ErrorCode> {
    let request = GetRequest { name: name.to_owned(), output: output.clone(), range: None, version: None };
    match node.get(request, &node.operation(OperationKind::Get, "test")).await {
        Ok(_) => Ok(std::fs::read(output).unwrap()),
        Err(error) => Err(error.code),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_goes_out_to_real_hosts_and_comes_back_when_most_are_gone() {
    let loopback = Loopback::new().await;
    let mut hosts = Vec::new();
    for number in 0..4 {
        let (home, node) = loopback.node(&format!("host-{number}")).await;
        let quota = HostSettings { quota_bytes: Some(256 * MIB as u64), ..HostSettings::default() };
        node.host_set(quota).await.unwrap();
        hosts.push((home, node));
    }
    let (owner_home, owner) = loopback.node("owner").await;
    let (content, file) = (noise(9 * MIB + 12_345), loopback.dir.path().join("file.bin"));
    std::fs::write(&file, &content).unwrap();
    put(&owner, &file).await;
    assert_eq!(get(&owner, "/file.bin", loopback.dir.path().join("first")).await.unwrap(), content);

    // Four hosts are 1 of 4: any one suffices.
    let (last_home, last) = hosts.pop().unwrap();
    for (_, host) in hosts.drain(..) {
        stop(host).await;
    }
    assert_eq!(get(&owner, "/file.bin", loopback.dir.path().join("second")).await.unwrap(), content);

    // A host that restarts comes back under its old name on a new port, with all it had.
    stop(last).await;
    let last = start(&last_home).await;
    assert!(last.host_show().await.unwrap().used_bytes > 9 * MIB as u64);
    stop(owner).await;
    let owner = start(&owner_home).await;
    let third = loopback.dir.path().join("third");
    let patience = Instant::now() + Duration::from_mins(1);
    let found = loop {
        // Until the host has published where it is now.
        match get(&owner, "/file.bin", third.clone()).await {
            Err(ErrorCode::NotEnoughHosts) if Instant::now() < patience => {}
            outcome => break outcome.unwrap(),
        }
    };
    assert_eq!(found, content);

    stop(last).await;
    let gone = get(&owner, "/file.bin", loopback.dir.path().join("fourth")).await;
    assert_eq!(gone, Err(ErrorCode::NotEnoughHosts));
    assert!(!loopback.dir.path().join("fourth").exists());
    stop(owner).await;
    loopback.seed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_reaches_the_caller_while_it_still_sends() {
    let loopback = Loopback::new().await;
    let (_, host) = loopback.node("host").await;
    let (caller_home, caller) = loopback.node("caller").await;
    // A second connection to the same network, to speak by hand: the node's own device keeps its home.
    caller.stop().await;
    drop(caller);
    let secrets = identity::open(&caller_home, passphrase()).await.unwrap();
    let attached = layr_node::net::libp2p::Libp2pNet::start(layr_node::net::libp2p::Libp2pOptions {
        device_secret: secrets.device_secret.clone(),
        network: loopback.network.clone(),
        role: layr_net::Role::Node,
        listen: vec!["/ip4/127.0.0.1/tcp/0".to_owned()],
        state_dir: caller_home.network_cache(),
    })
    .await
    .unwrap();
    let addresses = host.status().await.unwrap().listening;
    let deadline = Duration::from_secs(10);
    let route = layr_node::net::Route::Direct;
    let mut stream = attached.net.open(host.peer_id(), &addresses, route, deadline).await.unwrap();
    let put = Request::Put { certificate: vec![0; 16], size_bytes: 1024 };
    write_frame(&mut stream, &put).await.unwrap();
    // More than any window holds, sent without waiting for the answer.
    let _ = stream.write_all(&vec![0; 256 * 1024]).await;
    let answer: Response = read_frame(&mut stream).await.unwrap();
    assert_eq!(answer, Response::Refused { reason: Refusal::BadCertificate });
    attached.net.shutdown().await;
    stop(host).await;
    loopback.seed.stop().await;
}
