//! The real network, `layr-net`, behind the node's seam.

mod moved;

use std::net::{Ipv6Addr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::future::{Either, select};
use layr_keys::{PeerId, RecordKind, SignedRecord};
use layr_net::{Inbound, Limits, NetConfig, Role, SHARD, StartError};
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

use self::moved::Lookups;
use super::{
    Attached, BoxStream, Incoming, LIMITED_PATIENCE, Net, NetStatus, OpenError, PeerContact, Reachability,
    RecordError, Route,
};
use crate::error::{ErrorCode, NodeError};
use crate::network_file::NetworkFile;

/// Streams between the network's own bounded queue and the host's accept task: only a hand-over, so a few suffice.
const HANDOVER_STREAMS: usize = 16;

/// A peer that has not answered at its known addresses by then is looked up while the dialling goes on: two round trips to
/// the far side of the earth.
const LOOK_UP_AFTER: Duration = Duration::from_millis(1200);

/// What the real network is started with.
pub struct Libp2pOptions {
    /// The device's secret key.
    pub device_secret: Zeroizing<[u8; 32]>,
    /// The network to join.
    pub network: NetworkFile,
    /// An ordinary node or a seed.
    pub role: Role,
    /// Multiaddresses to listen on; empty is [`default_listen`].
    pub listen: Vec<String>,
    /// Where caches of the network lie.
    pub state_dir: PathBuf,
}

/// A running libp2p network.
#[derive(Debug)]
pub struct Libp2pNet {
    net: layr_net::Net,
    lookups: Lookups,
    pump: Mutex<Option<JoinHandle<()>>>,
}

/// All interfaces, TCP and QUIC, ports of the system's choice.
fn default_listen() -> Vec<String> {
    let mut listen = vec!["/ip4/0.0.0.0/tcp/0".to_owned(), "/ip4/0.0.0.0/udp/0/quic-v1".to_owned()];
    // Not every machine has IPv6, and an address that cannot be bound would keep the node from starting.
    if TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)).is_ok() {
        listen.extend(["/ip6/::/tcp/0".to_owned(), "/ip6/::/udp/0/quic-v1".to_owned()]);
    }
    listen
}

impl Libp2pNet {
    /// Starts listening and joins the network.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] for an address that is none, [`ErrorCode::LocalFile`] for one that cannot be bound and
    /// for a state that cannot be used, [`ErrorCode::NetworkUnreachable`].
    pub async fn start(options: Libp2pOptions) -> Result<Attached, NodeError> {
        let Libp2pOptions { device_secret, network, role, listen, state_dir } = options;
        let is_seed = role == Role::Seed;
        let config = NetConfig {
            device_secret,
            network: network.name,
            role,
            listen: if listen.is_empty() { default_listen() } else { listen },
            bootstrap: network.bootstrap,
            accept: if is_seed { Vec::new() } else { vec![SHARD] },
            // Within one machine or lab everybody has the seeds' addresses, and no router stands in between.
            enable_mdns: !network.private_addresses && !is_seed,
            enable_upnp: !network.private_addresses && !is_seed,
            assume_reachable: network.private_addresses || is_seed,
            state_dir: Some(state_dir),
            limits: if is_seed { Limits::seed() } else { Limits::default() },
        };
        let (net, inbound) = layr_net::Net::start(config).await.map_err(|error| of_start(&error))?;
        let (sender, incoming) = mpsc::channel(HANDOVER_STREAMS);
        let pump = tokio::spawn(pump(inbound, sender));
        let running = Self { net, lookups: Lookups::new(), pump: Mutex::new(Some(pump)) };
        Ok(Attached { net: Arc::new(running), incoming })
    }

    /// Opens a stream at the addresses that the peer's record gives, if they are others than `known`.
    async fn open_where_it_moved(
        &self,
        peer: PeerId,
        known: &[String],
        route: layr_net::Route,
        until: Instant,
    ) -> Option<BoxStream> {
        let left = || until.saturating_duration_since(Instant::now());
        let addresses = self.lookups.find(&self.net, peer, known, left()).await?;
        self.net.open(peer, &addresses, SHARD, route, left()).await.ok().map(boxed)
    }
}

/// Hands streams over until either side has stopped. A full queue holds back the network's own, which resets what does not
/// fit.
async fn pump(mut inbound: Inbound, sender: mpsc::Sender<Incoming>) {
    while let Some(stream) = inbound.next().await {
        let incoming =
            Incoming { peer: stream.peer, relayed: stream.relayed, stream: Box::new(stream.stream) };
        if sender.send(incoming).await.is_err() {
            return;
        }
    }
}

fn of_start(error: &StartError) -> NodeError {
    let code = match error {
        StartError::NetworkName { .. } | StartError::Address { .. } => ErrorCode::InvalidRequest,
        // A port that is taken is this machine's matter.
        StartError::State { .. } | StartError::Listen { .. } => ErrorCode::LocalFile,
        _ => ErrorCode::NetworkUnreachable,
    };
    let cause = std::error::Error::source(error).map(|source| format!(" ({source})")).unwrap_or_default();
    NodeError::new(code, format!("The network cannot be started: {error}{cause}."))
}

#[async_trait]
impl Net for Libp2pNet {
    fn local_peer(&self) -> PeerId {
        self.net.local_peer()
    }

    async fn open(
        &self,
        peer: PeerId,
        addresses: &[String],
        route: Route,
        deadline: Duration,
    ) -> Result<BoxStream, OpenError> {
        let route = match route {
            Route::Direct => layr_net::Route::DirectOnly,
            Route::Any => layr_net::Route::PreferDirect,
        };
        let until = Instant::now() + deadline;
        let addresses = &self.lookups.with_found(peer, addresses);
        let mut direct = Box::pin(self.net.open(peer, addresses, SHARD, route, deadline));
        let early = timeout(LOOK_UP_AFTER, &mut direct).await;
        let moved = Box::pin(self.open_where_it_moved(peer, addresses, route, until));
        let outcome = match early {
            Ok(Err(error @ layr_net::OpenError::Unreachable { .. })) => moved.await.ok_or(error),
            Ok(outcome) => outcome.map(boxed),
            Err(_) => match select(direct, moved).await {
                Either::Left((Err(error), moved)) => moved.await.ok_or(error),
                Either::Left((Ok(stream), _)) => Ok(boxed(stream)),
                Either::Right((None, direct)) => direct.await.map(boxed),
                Either::Right((Some(stream), _)) => Ok(stream),
            },
        };
        outcome.map_err(of_open)
    }

    async fn sample_peers(&self, count: usize, deadline: Duration) -> Vec<PeerContact> {
        let found = self.net.sample_peers(SHARD, count, deadline).await;
        let contact = |contact: layr_net::PeerContact| PeerContact {
            peer: contact.peer,
            addresses: contact.addresses,
            relayed_only: contact.relayed_only,
        };
        found.into_iter().map(contact).collect()
    }

    async fn put_record(&self, record: SignedRecord) -> Result<(), RecordError> {
        self.net.put_record(record).await.map_err(of_record)
    }

    async fn get_record(
        &self,
        kind: RecordKind,
        key: [u8; 32],
        deadline: Duration,
    ) -> Result<Option<SignedRecord>, RecordError> {
        self.net.get_record(kind, key, deadline).await.map_err(of_record)
    }

    fn set_rates(&self, up_bytes_per_s: Option<u64>, down_bytes_per_s: Option<u64>) {
        self.net.set_rates(layr_net::Rates { up_bytes_per_s, down_bytes_per_s });
    }

    fn patience(&self) -> u32 {
        if self.net.is_limited() { LIMITED_PATIENCE } else { 1 }
    }

    async fn status(&self) -> NetStatus {
        let Some(status) = self.net.status().await else { return NetStatus::default() };
        NetStatus {
            listening: status.listening,
            external: status.external,
            reachability: match status.reachability {
                layr_net::Reachability::Public => Reachability::Public,
                layr_net::Reachability::Private => Reachability::Private,
                layr_net::Reachability::Unknown => Reachability::Unknown,
            },
            connected_peers: status.connected_peers as u64,
            bytes_in: status.bytes_in,
            bytes_out: status.bytes_out,
        }
    }

    async fn shutdown(&self) {
        self.lookups.stop().await;
        self.net.shutdown().await;
        let pump = self.pump.lock().take();
        if let Some(pump) = pump {
            pump.abort();
            let _ = pump.await;
        }
    }
}

fn boxed(stream: layr_net::NetStream) -> BoxStream {
    Box::new(stream)
}

fn of_open(error: layr_net::OpenError) -> OpenError {
    use layr_net::OpenError as Theirs;
    let reason = error.to_string();
    match error {
        Theirs::UnsupportedProtocol { peer, .. }
        | Theirs::Refused { peer, .. }
        | Theirs::Busy { peer, .. } => OpenError::Refused { peer, reason },
        Theirs::Unreachable { peer, reason } => OpenError::Unreachable { peer, reason },
        Theirs::Timeout { peer, .. } => OpenError::Unreachable { peer, reason },
        Theirs::OnlyRelayed { peer } => OpenError::RelayOnly { peer },
        _ => OpenError::Closed,
    }
}

fn of_record(error: layr_net::RecordError) -> RecordError {
    match error {
        layr_net::RecordError::Closed => RecordError::Closed,
        other => RecordError::NotStored { reason: other.to_string() },
    }
}
