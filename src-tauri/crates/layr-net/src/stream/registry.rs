//! The live connections of every peer, shared between the swarm task, the connections' tasks and everybody who opens streams.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures::task::AtomicWaker;
use layr_keys::PeerId;
use libp2p::StreamProtocol;
use libp2p::swarm::ConnectionId;
use parking_lot::{Mutex, RwLock};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::address::Carrier;
use crate::config::Limits;
use crate::meter::Meter;
use crate::stream::NetStream;

/// Open requests that may wait in one connection's mailbox; as many again may be negotiating.
const ORDERS_PER_LINK: usize = 64;

/// A request to open a stream on one connection.
#[derive(Debug)]
pub(crate) struct OpenOrder {
    pub(crate) protocol: StreamProtocol,
    pub(crate) slot: OwnedSemaphorePermit,
    pub(crate) reply: oneshot::Sender<Result<NetStream, OpenFailure>>,
}

/// Why a connection did not give a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OpenFailure {
    /// The peer's identify message does not name the protocol, or it said no.
    Unsupported,
    /// Anything else.
    Refused(String),
}

/// What is counted and limited per peer, whatever the number of connections with it.
#[derive(Debug)]
pub(crate) struct PeerState {
    pub(crate) id: PeerId,
    pub(crate) totals: Arc<Meter>,
    pub(crate) outbound: Arc<Semaphore>,
    pub(crate) inbound: Arc<Semaphore>,
    /// Whether idle connections with this peer are kept.
    pub(crate) pinned: AtomicBool,
}

/// One live connection.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) id: ConnectionId,
    pub(crate) carrier: Carrier,
    pub(crate) peer: Arc<PeerState>,
    streams: Mutex<LiveStreams>,
}

#[derive(Debug, Default)]
struct LiveStreams {
    wakers: HashMap<u64, Arc<Wakers>>,
    next: u64,
    closed: bool,
}

/// Who sleeps in a stream. yamux wakes nobody when a connection is closed in order, so the connection's end does it here.
#[derive(Debug, Default)]
pub(crate) struct Wakers {
    pub(crate) reader: AtomicWaker,
    pub(crate) writer: AtomicWaker,
    closed: AtomicBool,
}

impl Wakers {
    /// Whether the connection has ended. Ask after registering a waker, so that no end is missed.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.reader.wake();
        self.writer.wake();
    }
}

/// A stream of ours on its connection, counted for as long as it lives.
#[derive(Debug)]
pub(crate) struct LiveMark {
    link: Arc<Link>,
    number: u64,
    pub(crate) wakers: Arc<Wakers>,
}

impl Drop for LiveMark {
    fn drop(&mut self) {
        self.link.streams.lock().wakers.remove(&self.number);
    }
}

impl Link {
    /// Marks one more stream.
    pub(crate) fn mark(self: &Arc<Self>) -> LiveMark {
        let wakers = Arc::<Wakers>::default();
        let mut streams = self.streams.lock();
        let number = streams.next;
        streams.next += 1;
        if streams.closed {
            wakers.close();
        } else {
            streams.wakers.insert(number, Arc::clone(&wakers));
        }
        LiveMark { link: Arc::clone(self), number, wakers }
    }

    /// The connection has ended: everybody who sleeps in one of its streams wakes up.
    pub(crate) fn close(&self) {
        let mut streams = self.streams.lock();
        streams.closed = true;
        let sleeping: Vec<Arc<Wakers>> = streams.wakers.drain().map(|(_, wakers)| wakers).collect();
        drop(streams);
        for wakers in sleeping {
            wakers.close();
        }
    }

    /// Whether it leads through a relay.
    pub(crate) fn is_relayed(&self) -> bool {
        self.carrier == Carrier::Circuit
    }

    /// Streams of ours on it now.
    pub(crate) fn live_streams(&self) -> usize {
        self.streams.lock().wakers.len()
    }
}

/// Which connections a stream may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Direct ones only: bulk data.
    DirectOnly,
    /// Direct ones if there are any, else a relayed one: small control messages.
    PreferDirect,
}

/// A connection as its opener sees it.
#[derive(Debug, Clone)]
pub(crate) struct Opener {
    pub(crate) link: Arc<Link>,
    pub(crate) orders: mpsc::Sender<OpenOrder>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Registry {
    peers: RwLock<HashMap<PeerId, Entry>>,
    totals: Arc<Meter>,
    streams_out_per_peer: usize,
    streams_in_per_peer: usize,
    dropped: AtomicU64,
}

#[derive(Debug)]
struct Entry {
    state: Arc<PeerState>,
    /// Connections whose establishment another behaviour may still refuse.
    pending: Vec<Opener>,
    live: Vec<Opener>,
}

impl Registry {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            peers: RwLock::default(),
            totals: Arc::default(),
            streams_out_per_peer: limits.streams_out_per_peer,
            streams_in_per_peer: limits.streams_in_per_peer,
            dropped: AtomicU64::new(0),
        }
    }

    /// Counters of all streams.
    pub(crate) fn totals(&self) -> &Meter {
        &self.totals
    }

    /// Inbound streams that were reset because nobody took them in time or the peer had too many.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(crate) fn count_dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Prepares a connection that is being established.
    pub(crate) fn prepare(
        &self,
        peer: PeerId,
        id: ConnectionId,
        carrier: Carrier,
    ) -> (Arc<Link>, mpsc::Receiver<OpenOrder>) {
        let (orders, mailbox) = mpsc::channel(ORDERS_PER_LINK);
        let mut peers = self.peers.write();
        let entry = peers.entry(peer).or_insert_with(|| Entry {
            state: Arc::new(self.new_state(peer)),
            pending: Vec::new(),
            live: Vec::new(),
        });
        let link = Arc::new(Link { id, carrier, peer: Arc::clone(&entry.state), streams: Mutex::default() });
        entry.pending.push(Opener { link: Arc::clone(&link), orders });
        (link, mailbox)
    }

    fn new_state(&self, peer: PeerId) -> PeerState {
        PeerState {
            id: peer,
            totals: Arc::clone(&self.totals),
            outbound: Arc::new(Semaphore::new(self.streams_out_per_peer)),
            inbound: Arc::new(Semaphore::new(self.streams_in_per_peer)),
            pinned: AtomicBool::new(false),
        }
    }

    /// A prepared connection is established.
    pub(crate) fn activate(&self, peer: PeerId, id: ConnectionId) {
        let mut peers = self.peers.write();
        let Some(entry) = peers.get_mut(&peer) else {
            return;
        };
        if let Some(at) = entry.pending.iter().position(|opener| opener.link.id == id) {
            let opener = entry.pending.swap_remove(at);
            entry.live.push(opener);
        }
    }

    /// A connection is gone, or was refused before it was established.
    pub(crate) fn remove(&self, peer: PeerId, id: ConnectionId) {
        let mut peers = self.peers.write();
        if let Some(entry) = peers.get_mut(&peer) {
            entry.pending.retain(|opener| opener.link.id != id);
            entry.live.retain(|opener| opener.link.id != id);
            if entry.pending.is_empty() && entry.live.is_empty() {
                peers.remove(&peer);
            }
        }
    }

    /// The best connection for a stream: direct before relayed, TCP before QUIC (cheaper per byte), then the oldest, which
    /// is least likely to be a probe that is closed again.
    pub(crate) fn pick(&self, peer: PeerId, route: Route) -> Option<Opener> {
        let peers = self.peers.read();
        let rank = |opener: &&Opener| {
            let carrier = match opener.link.carrier {
                Carrier::Tcp => 0u8,
                Carrier::Quic => 1,
                Carrier::Circuit => 2,
            };
            (carrier, opener.link.id)
        };
        peers
            .get(&peer)?
            .live
            .iter()
            .filter(|opener| route == Route::PreferDirect || !opener.link.is_relayed())
            .min_by_key(rank)
            .cloned()
    }

    /// Whether any connection with the peer lives.
    pub(crate) fn is_connected(&self, peer: PeerId) -> bool {
        self.peers.read().get(&peer).is_some_and(|entry| !entry.live.is_empty())
    }

    /// Peers with a live connection.
    pub(crate) fn connected(&self) -> Vec<PeerId> {
        let peers = self.peers.read();
        peers.iter().filter(|(_, entry)| !entry.live.is_empty()).map(|(peer, _)| *peer).collect()
    }

    /// Live connections with one peer.
    pub(crate) fn links(&self, peer: PeerId) -> Vec<Arc<Link>> {
        let peers = self.peers.read();
        peers
            .get(&peer)
            .map(|entry| entry.live.iter().map(|opener| Arc::clone(&opener.link)).collect())
            .unwrap_or_default()
    }

    /// Keeps or no longer keeps idle connections with a connected peer.
    pub(crate) fn pin(&self, peer: PeerId, pinned: bool) {
        if let Some(entry) = self.peers.read().get(&peer) {
            entry.state.pinned.store(pinned, Ordering::Relaxed);
        }
    }

    /// The limit on outgoing streams to one peer.
    pub(crate) fn streams_out_per_peer(&self) -> usize {
        self.streams_out_per_peer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(seed: u8) -> PeerId {
        layr_keys::DeviceKey::from_bytes(&[seed; 32]).peer_id()
    }

    fn connect(registry: &Registry, id: usize, carrier: Carrier) -> mpsc::Receiver<OpenOrder> {
        let id = ConnectionId::new_unchecked(id);
        let (_, mailbox) = registry.prepare(peer(1), id, carrier);
        registry.activate(peer(1), id);
        mailbox
    }

    fn picked(registry: &Registry, route: Route) -> Option<usize> {
        let id = registry.pick(peer(1), route)?.link.id;
        (0..20).find(|number| ConnectionId::new_unchecked(*number) == id)
    }

    /// libp2p's own stream behaviour takes any connection: after a hole punch three of eight streams stayed on the relay.
    #[test]
    fn direct_connections_come_first_and_relayed_ones_never_for_bulk() {
        let registry = Registry::new(&Limits::default());
        assert_eq!(picked(&registry, Route::PreferDirect), None);
        let _relayed = connect(&registry, 1, Carrier::Circuit);
        assert_eq!(picked(&registry, Route::PreferDirect), Some(1));
        assert_eq!(picked(&registry, Route::DirectOnly), None);
        let _quic = connect(&registry, 5, Carrier::Quic);
        assert_eq!(picked(&registry, Route::PreferDirect), Some(5));
        let _tcp = connect(&registry, 9, Carrier::Tcp);
        let _younger = connect(&registry, 12, Carrier::Tcp);
        assert_eq!(picked(&registry, Route::DirectOnly), Some(9), "cheaper, then older");
        registry.remove(peer(1), ConnectionId::new_unchecked(9));
        registry.remove(peer(1), ConnectionId::new_unchecked(12));
        assert_eq!(picked(&registry, Route::DirectOnly), Some(5));
    }

    #[test]
    fn nothing_is_left_of_a_peer_without_connections() {
        let registry = Registry::new(&Limits::default());
        for id in 0..10 {
            let _mailbox = connect(&registry, id, Carrier::Tcp);
            let refused = ConnectionId::new_unchecked(100 + id);
            registry.prepare(peer(1), refused, Carrier::Tcp);
            assert_eq!(picked(&registry, Route::DirectOnly), Some(id), "one being established is not used");
            registry.remove(peer(1), refused);
            registry.remove(peer(1), ConnectionId::new_unchecked(id));
        }
        assert!(registry.peers.read().is_empty());
        assert!(!registry.is_connected(peer(1)));
    }

    #[test]
    fn streams_are_counted_on_their_connection_and_woken_at_its_end() {
        let registry = Registry::new(&Limits::default());
        let (link, _mailbox) = registry.prepare(peer(1), ConnectionId::new_unchecked(1), Carrier::Circuit);
        let (first, second) = (link.mark(), link.mark());
        assert_eq!(link.live_streams(), 2);
        drop(first);
        assert_eq!(link.live_streams(), 1);
        link.close();
        assert!(second.wakers.is_closed());
        assert!(link.mark().wakers.is_closed(), "a latecomer learns it as well");
    }
}
