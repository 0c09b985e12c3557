//! The handle through which a node uses its network.

use std::sync::Arc;
use std::time::Duration;

use layr_keys::{PeerId, RecordKind, SignedRecord};
use libp2p::{Multiaddr, StreamProtocol};
use tokio::sync::{Semaphore, broadcast, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::address;
use crate::config::NetConfig;
use crate::contacts::PeerContact;
use crate::driver::{self, Command};
use crate::error::{OpenError, RecordError, StartError};
use crate::event::{NetEvent, NetStatus};
use crate::identity;
use crate::meter::Rates;
use crate::protocol::{self, StreamName};
use crate::records;
use crate::stream::registry::{OpenFailure, OpenOrder, Opener, Registry, Route};
use crate::stream::{InboundStream, NetStream};

/// Queries in flight; further ones wait.
const PARALLEL_QUERIES: usize = 16;
/// Connections tried for one stream before it counts as refused: each may close between being chosen and being asked.
const OPEN_ATTEMPTS: usize = 3;
/// Rounds of random walks without a new peer after which sampling ends.
const FRUITLESS_ROUNDS: usize = 2;
/// Walks per round.
const WALKS_PER_ROUND: usize = 3;
/// How long a round waits for peers that were met to introduce themselves.
const INTRODUCTION: Duration = Duration::from_millis(250);
/// Longest time that a shutdown may take.
const SHUTDOWN: Duration = Duration::from_millis(1500);

/// Streams that peers open to this node. Bounded; what does not fit is reset.
#[derive(Debug)]
pub struct Inbound {
    pub(crate) streams: mpsc::Receiver<InboundStream>,
}

impl Inbound {
    /// The next stream; `None` after the network has stopped.
    pub async fn next(&mut self) -> Option<InboundStream> {
        self.streams.recv().await
    }
}

/// A running network. Cheap to clone; the network stops with [`Net::shutdown`] or with the last clone.
///
/// Every method may be called from many tasks at once and is cancel safe.
#[derive(Debug, Clone)]
pub struct Net {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) local: PeerId,
    pub(crate) network: String,
    pub(crate) registry: Arc<Registry>,
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) events: broadcast::Sender<NetEvent>,
    pub(crate) queries: Semaphore,
}

impl Net {
    /// Starts listening, dials the seeds, and returns as soon as the listening addresses are open.
    pub async fn start(config: NetConfig) -> Result<(Self, Inbound), StartError> {
        // Boxed: the swarm is large, and callers should not carry it in their own futures.
        let (started, streams) = Box::pin(driver::start(config, PARALLEL_QUERIES)).await?;
        Ok((Self { shared: Arc::new(started) }, Inbound { streams }))
    }

    /// This node.
    pub fn local_peer(&self) -> PeerId {
        self.shared.local
    }

    /// A fresh stream to `peer` within `deadline`, over a living connection if there is one that `route` allows, else after
    /// dialling `addresses` and what the network knows about the peer.
    ///
    /// With [`Route::DirectOnly`] a peer behind a NAT is reached through a hole punch, for which up to 20 s are taken.
    pub async fn open(
        &self,
        peer: PeerId,
        addresses: &[String],
        protocol: StreamName,
        route: Route,
        deadline: Duration,
    ) -> Result<NetStream, OpenError> {
        let until = Instant::now() + deadline;
        let name = protocol.on(&self.shared.network);
        let wire = protocol::stream_protocol(name.clone())
            .ok_or_else(|| OpenError::UnsupportedProtocol { peer, protocol: name.clone() })?;
        let timeout = || OpenError::Timeout { peer, limit: deadline };
        let mut reason = String::new();
        for _ in 0..OPEN_ATTEMPTS {
            let mut opener = self.shared.registry.pick(peer, route);
            if opener.is_none() {
                timeout_at(until, self.connect(peer, addresses, route)).await.map_err(|_| timeout())??;
                opener = self.shared.registry.pick(peer, route);
            }
            let Some(opener) = opener else {
                continue;
            };
            let slot = timeout_at(until, Arc::clone(&opener.link.peer.outbound).acquire_owned())
                .await
                .map_err(|_| OpenError::Busy { peer, limit: self.shared.registry.streams_out_per_peer() })?
                .map_err(|_| OpenError::Closed)?;
            match timeout_at(until, ask(&opener, wire.clone(), slot)).await.map_err(|_| timeout())? {
                Some(Ok(stream)) => return Ok(stream),
                Some(Err(OpenFailure::Unsupported)) => {
                    return Err(OpenError::UnsupportedProtocol { peer, protocol: name });
                }
                Some(Err(OpenFailure::Refused(why))) => reason = why,
                // The connection ended; the swarm task may not have said so yet.
                None => self.shared.registry.remove(peer, opener.link.id),
            }
        }
        if reason.is_empty() {
            reason.push_str("the connection closed");
        }
        Err(OpenError::Refused { peer, reason })
    }

    async fn connect(&self, peer: PeerId, addresses: &[String], route: Route) -> Result<(), OpenError> {
        let to = identity::to_libp2p(peer)
            .ok_or_else(|| OpenError::Unreachable { peer, reason: "not a valid peer id".into() })?;
        if peer == self.shared.local {
            return Err(OpenError::Unreachable { peer, reason: "this is this node".into() });
        }
        let addresses: Vec<Multiaddr> = addresses
            .iter()
            .take(address::MAX_ADDRESSES_PER_PEER)
            .filter_map(|text| address::parse(text))
            .collect();
        self.ask_driver(|reply| Command::Connect { peer: to, addresses, route, reply })
            .await
            .unwrap_or(Err(OpenError::Closed))
    }

    /// Sends a command and awaits its answer; `None` when the network has stopped.
    async fn ask_driver<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.shared.commands.send(command(reply)).await.ok()?;
        answer.await.ok()
    }

    /// Publishes a record: keeps it here, republishes it while this node runs, and hands it to the nearest peers. Succeeds
    /// when at least one other peer took it.
    pub async fn put_record(&self, record: SignedRecord) -> Result<(), RecordError> {
        let Ok(_permit) = self.shared.queries.acquire().await else {
            return Err(RecordError::Closed);
        };
        self.ask_driver(|reply| Command::PutRecord { record: Box::new(record), reply })
            .await
            .unwrap_or(Err(RecordError::Closed))
    }

    /// The newest record that the network holds under a key, verified; `None` if nobody has one.
    pub async fn get_record(
        &self,
        kind: RecordKind,
        key: [u8; 32],
        deadline: Duration,
    ) -> Result<Option<SignedRecord>, RecordError> {
        let query = async {
            let Ok(_permit) = self.shared.queries.acquire().await else {
                return Err(RecordError::Closed);
            };
            let key = records::key_of(kind, &key);
            self.ask_driver(|reply| Command::GetRecord { key, reply }).await.ok_or(RecordError::Closed)
        };
        tokio::time::timeout(deadline, query).await.unwrap_or(Err(RecordError::Timeout { limit: deadline }))
    }

    /// Up to `count` living peers that speak `protocol`, found by walking the DHT to random places until nothing new turns
    /// up; random order, never this node itself, never more time than `deadline`.
    pub async fn sample_peers(
        &self,
        protocol: StreamName,
        count: usize,
        deadline: Duration,
    ) -> Vec<PeerContact> {
        let until = Instant::now() + deadline;
        let mut found = Vec::new();
        let mut fruitless = 0;
        let mut events = self.shared.events.subscribe();
        while found.len() < count && fruitless < FRUITLESS_ROUNDS {
            let walks = (0..WALKS_PER_ROUND).map(|_| self.walk());
            let Ok(walked) = timeout_at(until, futures::future::join_all(walks)).await else {
                return self.contacts(protocol, count).await.unwrap_or(found);
            };
            // Peers that were met on the way introduce themselves a moment later.
            let listen_until = until.min(Instant::now() + INTRODUCTION);
            while let Ok(Ok(_) | Err(broadcast::error::RecvError::Lagged(_))) =
                timeout_at(listen_until, events.recv()).await
            {}
            let Some(now_found) = self.contacts(protocol, count).await else {
                return found;
            };
            // Without anybody to ask, a walk shows nothing: this node is not connected yet.
            if walked.iter().any(|asked| *asked) && now_found.len() <= found.len() {
                fruitless += 1;
            } else {
                fruitless = 0;
            }
            found = now_found;
            if Instant::now() >= until {
                break;
            }
        }
        found
    }

    async fn contacts(&self, protocol: StreamName, count: usize) -> Option<Vec<PeerContact>> {
        let protocol = protocol::stream_protocol(protocol.on(&self.shared.network))?;
        self.ask_driver(|reply| Command::Contacts { protocol, count, reply }).await
    }

    /// One random walk; whether there was anybody to ask.
    async fn walk(&self) -> bool {
        let Ok(_permit) = self.shared.queries.acquire().await else {
            return false;
        };
        self.ask_driver(|reply| Command::Walk { reply }).await.unwrap_or(false)
    }

    /// The state at this moment; `None` when the network has stopped.
    pub async fn status(&self) -> Option<NetStatus> {
        self.ask_driver(|reply| Command::Status { reply }).await
    }

    /// Events from here on.
    pub fn events(&self) -> broadcast::Receiver<NetEvent> {
        self.shared.events.subscribe()
    }

    /// Whether any connection with the peer lives.
    pub fn is_connected(&self, peer: PeerId) -> bool {
        self.shared.registry.is_connected(peer)
    }

    /// Keeps idle connections with a connected peer open, or no longer does.
    pub fn pin(&self, peer: PeerId, pinned: bool) {
        self.shared.registry.pin(peer, pinned);
    }

    /// Limits what all streams together may send and receive; those under way follow within a second.
    pub fn set_rates(&self, rates: Rates) {
        self.shared.registry.totals().set_rates(rates);
    }

    /// Whether a limit of this node holds streams back.
    pub fn is_limited(&self) -> bool {
        self.shared.registry.totals().is_limited()
    }

    /// Ends all streams and connections, saves the state, and returns when the task has ended, within two seconds.
    pub async fn shutdown(&self) {
        let stop = self.ask_driver(|reply| Command::Shutdown { reply });
        // The task saves its state first, so running into the limit loses nothing but manners.
        let _ = tokio::time::timeout(SHUTDOWN, stop).await;
    }
}

/// Asks one connection's task for a stream; `None` if the connection is gone.
async fn ask(
    opener: &Opener,
    protocol: StreamProtocol,
    slot: tokio::sync::OwnedSemaphorePermit,
) -> Option<Result<NetStream, OpenFailure>> {
    let (reply, answer) = oneshot::channel();
    opener.orders.send(OpenOrder { protocol, slot, reply }).await.ok()?;
    answer.await.ok()
}
