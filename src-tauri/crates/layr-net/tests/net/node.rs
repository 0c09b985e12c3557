//! Nodes on loopback.

use std::path::Path;
use std::time::Duration;

use layr_keys::{DeviceKey, PeerId};
use layr_net::{Inbound, Limits, Net, NetConfig, NetStream, Role, Route, SHARD};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zeroize::Zeroizing;

pub const LONG: Duration = Duration::from_secs(20);

/// A configuration for a loopback node with its own key.
pub fn config(seed: u8, bootstrap: &[String]) -> NetConfig {
    NetConfig {
        device_secret: secret(seed),
        network: "test".into(),
        role: Role::Node,
        listen: vec!["/ip4/127.0.0.1/tcp/0".into(), "/ip4/127.0.0.1/udp/0/quic-v1".into()],
        bootstrap: bootstrap.to_vec(),
        accept: vec![SHARD],
        enable_mdns: false,
        enable_upnp: false,
        assume_reachable: true,
        state_dir: None,
        limits: Limits::default(),
    }
}

pub fn seed_config(seed: u8) -> NetConfig {
    NetConfig { role: Role::Seed, accept: vec![], ..config(seed, &[]) }
}

pub fn with_state(config: NetConfig, directory: &Path) -> NetConfig {
    NetConfig { state_dir: Some(directory.to_owned()), ..config }
}

pub fn secret(seed: u8) -> Zeroizing<[u8; 32]> {
    Zeroizing::new([seed; 32])
}

pub fn peer(seed: u8) -> PeerId {
    DeviceKey::from_bytes(&secret(seed)).peer_id()
}

pub async fn start(config: NetConfig) -> (Net, Inbound) {
    Net::start(config).await.unwrap()
}

pub async fn listening(net: &Net) -> Vec<String> {
    net.status().await.unwrap().listening
}

/// Addresses of one transport, as a contact has them.
pub async fn addresses(net: &Net, transport: &str) -> Vec<String> {
    let suffix = format!("/p2p/{}", net.local_peer());
    let all = listening(net).await;
    all.iter().filter(|a| a.contains(transport)).map(|a| a.trim_end_matches(&suffix).to_owned()).collect()
}

/// Serves every stream by sending back what it gets.
pub fn echo(mut inbound: Inbound) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        while let Some(incoming) = inbound.next().await {
            tokio::spawn(async move {
                let (mut read, mut write) = tokio::io::split(incoming.stream);
                let _ = tokio::io::copy(&mut read, &mut write).await;
                let _ = write.shutdown().await;
            });
        }
    })
}

/// Sends bytes and ends the sending half, and meanwhile reads until the end.
pub async fn exchange(stream: NetStream, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let (mut read, mut write) = tokio::io::split(stream);
    let send = async {
        write.write_all(bytes).await?;
        write.shutdown().await
    };
    let mut back = Vec::new();
    let receive = read.read_to_end(&mut back);
    let both = async { tokio::try_join!(send, receive) };
    tokio::time::timeout(LONG, both).await??;
    Ok(back)
}

pub async fn open(net: &Net, to: PeerId, addresses: &[String]) -> NetStream {
    net.open(to, addresses, SHARD, Route::PreferDirect, LONG).await.unwrap()
}
