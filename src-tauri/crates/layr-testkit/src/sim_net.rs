//! A network in memory under the runtime's clock: the testkit's implementation of `layr_node::net::Net`.
//!
//! All streams of all nodes pass through one [`SimNet`]. With the runtime's time paused, latency, bandwidth and timeouts
//! cost nothing, and one seed gives one course of events. Faults are calls on the [`SimNet`], see [`faults`].

mod faults;
mod pipe;
mod stream;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use layr_keys::{PeerId, RecordKind, SignedRecord};
use layr_net::{Meter, Rates};
use layr_node::net::{
    Attached, BoxStream, Incoming, LIMITED_PATIENCE, Net, NetStatus, OpenError, PeerContact, Reachability,
    RecordError, Route,
};
use parking_lot::Mutex;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use tokio::sync::mpsc;

pub use self::faults::Failure;
use self::pipe::{Line, Pipe, Shape, WINDOW_BYTES};
use self::stream::{SimStream, Wire};

/// Streams that wait to be accepted at one node, as the real network bounds them.
const INBOX_STREAMS: usize = 64;
/// A node's list of streams is swept when it has grown to this.
const SWEEP_AT_STREAMS: usize = 128;

/// What the network has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Streams opened.
    pub opens: u64,
    /// Attempts to open a stream that failed.
    pub failed_opens: u64,
    /// Questions to the DHT: records, samples, and addresses that the caller did not have.
    pub lookups: u64,
    /// Records published.
    pub records_put: u64,
}

/// A network of simulated nodes. Cheap to clone; all clones are the same network.
#[derive(Debug, Clone)]
pub struct SimNet {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    generator: StdRng,
    latency: Duration,
    /// By how much samples of the network overrun their deadline; none, and they take no time.
    sample_overrun: Option<Duration>,
    peers: BTreeMap<PeerId, Peer>,
    cut_pairs: BTreeSet<(PeerId, PeerId)>,
    records: BTreeMap<(RecordKind, [u8; 32]), SignedRecord>,
    counters: Counters,
}

#[derive(Debug)]
struct Peer {
    address: String,
    /// Streams to this node arrive here; gone while the node is not attached.
    inbox: Option<mpsc::Sender<Incoming>>,
    /// A liar that answers in the node's place.
    interposed: Option<mpsc::Sender<Incoming>>,
    failure: Option<Failure>,
    relayed_only: bool,
    /// Streams that others tried to open to it.
    calls: u64,
    reset_streams_after_bytes: Option<u64>,
    /// Bytes that may wait for it on a stream.
    window_bytes: usize,
    up: Arc<Mutex<Line>>,
    down: Arc<Mutex<Line>>,
    /// What the node lets itself use of its line.
    meter: Arc<Meter>,
    wires: Vec<Weak<Wire>>,
}

impl SimNet {
    /// An empty network whose chances follow `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            state: Arc::new(Mutex::new(State {
                generator: StdRng::seed_from_u64(seed),
                latency: Duration::ZERO,
                sample_overrun: None,
                peers: BTreeMap::new(),
                cut_pairs: BTreeSet::new(),
                records: BTreeMap::new(),
                counters: Counters::default(),
            })),
        }
    }

    /// Connects a node, new or come back, and gives it its end of the network.
    pub fn attach(&self, peer: PeerId) -> Attached {
        let (inbox, incoming) = mpsc::channel(INBOX_STREAMS);
        let mut state = self.state.lock();
        let number = state.peers.len() + 1;
        let entry = state.peers.entry(peer).or_insert_with(|| Peer::new(number));
        entry.inbox = Some(inbox);
        // Limits are the process's own.
        entry.meter = Arc::default();
        let meter = Arc::clone(&entry.meter);
        Attached { net: Arc::new(SimEndpoint { network: self.clone(), local: peer, meter }), incoming }
    }

    /// What the network has done so far.
    pub fn counters(&self) -> Counters {
        self.state.lock().counters
    }

    /// Streams that others tried to open to a node, whatever came of it.
    pub fn calls_to(&self, peer: PeerId) -> u64 {
        self.state.lock().peers.get(&peer).map_or(0, |entry| entry.calls)
    }

    /// Where a peer can be reached.
    pub fn address_of(&self, peer: PeerId) -> Option<String> {
        self.state.lock().peers.get(&peer).map(|entry| entry.address.clone())
    }

    /// A stream past any liar and any fault, to the node itself.
    pub(crate) fn open_behind(&self, opener: PeerId, acceptor: PeerId) -> Option<BoxStream> {
        let mut state = self.state.lock();
        let inbox = state.peers.get(&acceptor)?.inbox.clone()?;
        state.connect(opener, acceptor, &inbox).ok()
    }
}

impl Peer {
    fn new(number: usize) -> Self {
        Self {
            address: format!("/memory/{number}"),
            inbox: None,
            interposed: None,
            failure: None,
            relayed_only: false,
            calls: 0,
            reset_streams_after_bytes: None,
            window_bytes: WINDOW_BYTES,
            up: Arc::default(),
            down: Arc::default(),
            meter: Arc::default(),
            wires: Vec::new(),
        }
    }

    /// Drops the streams that have ended from the list and adds up what they carried.
    fn sweep(&mut self) {
        if self.wires.len() >= SWEEP_AT_STREAMS {
            self.wires.retain(|wire| wire.strong_count() > 0);
        }
    }
}

impl State {
    /// Lays a wire between two nodes and hands its far end to `inbox`.
    fn connect(
        &mut self,
        opener: PeerId,
        acceptor: PeerId,
        inbox: &mpsc::Sender<Incoming>,
    ) -> Result<BoxStream, OpenError> {
        let refused = |reason: &str| OpenError::Refused { peer: acceptor, reason: reason.to_owned() };
        let slot = inbox.try_reserve().map_err(|_| refused("it takes no more streams now"))?;
        let (Some(from), Some(to)) = (self.peers.get(&opener), self.peers.get(&acceptor)) else {
            return Err(OpenError::Closed);
        };
        let there = Shape { latency: self.latency, up: Arc::clone(&from.up), down: Arc::clone(&to.down) };
        let back = Shape { latency: self.latency, up: Arc::clone(&to.up), down: Arc::clone(&from.down) };
        let reset_after = to.reset_streams_after_bytes;
        let meters = [Arc::clone(&from.meter), Arc::clone(&to.meter)];
        let relayed = to.relayed_only || from.relayed_only;
        let wire = Arc::new(Wire {
            opener,
            acceptor,
            there: Pipe::new(there, to.window_bytes, reset_after),
            back: Pipe::new(back, from.window_bytes, reset_after),
        });
        for peer in [opener, acceptor] {
            if let Some(entry) = self.peers.get_mut(&peer) {
                entry.sweep();
                entry.wires.push(Arc::downgrade(&wire));
            }
        }
        let (near, far) = SimStream::pair(&wire, meters);
        slot.send(Incoming { peer: opener, relayed, stream: Box::new(far) });
        Ok(Box::new(near))
    }

    /// What an attempt to reach `acceptor` meets, before any waiting.
    fn way_to(&mut self, opener: PeerId, acceptor: PeerId, addresses: &[String]) -> Way {
        let pair_cut =
            self.cut_pairs.contains(&(opener, acceptor)) || self.cut_pairs.contains(&(acceptor, opener));
        let from = self.peers.get(&opener);
        let opener_down = from.is_none_or(|entry| entry.failure.is_some());
        let opener_relayed = from.is_some_and(|entry| entry.relayed_only);
        let Some(entry) = self.peers.get_mut(&acceptor) else { return Way::Silent };
        entry.calls += 1;
        let is_known = |address: &String| address.split("/p2p/").next() == Some(entry.address.as_str());
        if !addresses.iter().any(is_known) {
            self.counters.lookups += 1;
        }
        if pair_cut || opener_down {
            return Way::Silent;
        }
        match entry.failure {
            Some(Failure::Silent) => return Way::Silent,
            Some(Failure::Dead) => return Way::Dead,
            Some(Failure::Refusing) => return Way::Refused,
            None => {}
        }
        match entry.interposed.as_ref().or(entry.inbox.as_ref()) {
            Some(inbox) => Way::Open { inbox: inbox.clone(), relayed: entry.relayed_only || opener_relayed },
            None => Way::Dead,
        }
    }
}

/// What lies between two nodes.
enum Way {
    Open {
        inbox: mpsc::Sender<Incoming>,
        relayed: bool,
    },
    /// Packets get no answer: the caller waits its deadline out.
    Silent,
    /// The machine answers that nobody listens.
    Dead,
    Refused,
}

/// One node's end of a [`SimNet`].
#[derive(Debug)]
struct SimEndpoint {
    network: SimNet,
    local: PeerId,
    meter: Arc<Meter>,
}

impl SimEndpoint {
    async fn reach(
        &self,
        peer: PeerId,
        addresses: &[String],
        route: Route,
        deadline: Duration,
    ) -> Result<BoxStream, OpenError> {
        let unreachable = |reason: &str| OpenError::Unreachable { peer, reason: reason.to_owned() };
        let (way, round_trip) = {
            let mut state = self.network.state.lock();
            (state.way_to(self.local, peer, addresses), state.latency * 2)
        };
        match way {
            Way::Silent => {
                tokio::time::sleep(deadline).await;
                Err(unreachable("no answer"))
            }
            Way::Dead => {
                tokio::time::sleep(round_trip.min(deadline)).await;
                Err(unreachable("connection refused"))
            }
            Way::Refused => {
                tokio::time::sleep(round_trip.min(deadline)).await;
                Err(OpenError::Refused { peer, reason: "it does not speak the protocol".to_owned() })
            }
            Way::Open { relayed: true, .. } if route == Route::Direct => {
                tokio::time::sleep(round_trip.min(deadline)).await;
                Err(OpenError::RelayOnly { peer })
            }
            Way::Open { inbox, .. } => {
                tokio::time::sleep(round_trip.min(deadline)).await;
                self.network.state.lock().connect(self.local, peer, &inbox)
            }
        }
    }
}

#[async_trait]
impl Net for SimEndpoint {
    fn local_peer(&self) -> PeerId {
        self.local
    }

    async fn open(
        &self,
        peer: PeerId,
        addresses: &[String],
        route: Route,
        deadline: Duration,
    ) -> Result<BoxStream, OpenError> {
        let outcome = self.reach(peer, addresses, route, deadline).await;
        let mut state = self.network.state.lock();
        match &outcome {
            Ok(_) => state.counters.opens += 1,
            Err(_) => state.counters.failed_opens += 1,
        }
        outcome
    }

    async fn sample_peers(&self, count: usize, deadline: Duration) -> Vec<PeerContact> {
        let overrun = self.network.state.lock().sample_overrun;
        if let Some(overrun) = overrun {
            tokio::time::sleep(deadline + overrun).await;
        }
        let mut guard = self.network.state.lock();
        let state = &mut *guard;
        state.counters.lookups += 1;
        let alive: Vec<PeerContact> = state
            .peers
            .iter()
            .filter(|(peer, entry)| **peer != self.local && entry.inbox.is_some() && entry.failure.is_none())
            .map(|(peer, entry)| PeerContact {
                peer: *peer,
                addresses: vec![entry.address.clone()],
                relayed_only: entry.relayed_only,
            })
            .collect();
        alive.sample(&mut state.generator, count).cloned().collect()
    }

    async fn put_record(&self, record: SignedRecord) -> Result<(), RecordError> {
        let mut state = self.network.state.lock();
        state.counters.records_put += 1;
        let slot = (record.kind(), *record.key());
        match state.records.get(&slot) {
            Some(held) if *held != record && !record.supersedes(held) => {
                Err(RecordError::NotStored { reason: "a newer record is known".to_owned() })
            }
            _ => {
                state.records.insert(slot, record);
                Ok(())
            }
        }
    }

    async fn get_record(
        &self,
        kind: RecordKind,
        key: [u8; 32],
        _deadline: Duration,
    ) -> Result<Option<SignedRecord>, RecordError> {
        let mut state = self.network.state.lock();
        state.counters.lookups += 1;
        Ok(state.records.get(&(kind, key)).cloned())
    }

    /// As real streams do, beside what the line itself carries at most.
    fn set_rates(&self, up_bytes_per_s: Option<u64>, down_bytes_per_s: Option<u64>) {
        self.meter.set_rates(Rates { up_bytes_per_s, down_bytes_per_s });
    }

    fn patience(&self) -> u32 {
        if self.meter.is_limited() { LIMITED_PATIENCE } else { 1 }
    }

    async fn status(&self) -> NetStatus {
        let state = self.network.state.lock();
        let connected = state.peers.values().filter(|entry| entry.inbox.is_some()).count().saturating_sub(1);
        let own = state.peers.get(&self.local);
        NetStatus {
            listening: own.map(|entry| format!("{}/p2p/{}", entry.address, self.local)).into_iter().collect(),
            external: Vec::new(),
            reachability: Reachability::Public,
            connected_peers: connected as u64,
            bytes_in: own.map_or(0, |entry| entry.down.lock().carried_bytes),
            bytes_out: own.map_or(0, |entry| entry.up.lock().carried_bytes),
        }
    }

    async fn shutdown(&self) {
        self.network.detach(self.local);
    }
}
