//! The one task that owns the swarm: takes commands, reacts to events, keeps house once in a while.

mod connect;
mod events;
mod membership;
mod neighbours;
mod queries;
mod reach;
mod setup;
mod upkeep;

use std::collections::HashMap;
use std::sync::Arc;

use futures::StreamExt as _;
use layr_keys::SignedRecord;
use libp2p::kad::{QueryId, RecordKey};
use libp2p::swarm::ConnectionId;
use libp2p::{Multiaddr, PeerId, StreamProtocol, Swarm};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::Instant;

use crate::behaviour::Behaviour;
use crate::bootstrap::Seeds;
use crate::config::NetConfig;
use crate::contacts::{Contacts, PeerContact};
use crate::dial::DialPolicy;
use crate::error::{OpenError, RecordError, StartError};
use crate::event::{NetEvent, NetStatus};
use crate::identity;
use crate::net::Shared;
use crate::records::disk::WriteBehind;
use crate::stream::InboundStream;
use crate::stream::registry::{Registry, Route};

/// What the handle asks of the task. A dropped reply channel gives the work up.
#[derive(Debug)]
pub(crate) enum Command {
    /// Make sure there is a connection.
    Connect {
        peer: PeerId,
        addresses: Vec<Multiaddr>,
        route: Route,
        reply: oneshot::Sender<Result<(), OpenError>>,
    },
    /// Publish a record.
    PutRecord { record: Box<SignedRecord>, reply: oneshot::Sender<Result<(), RecordError>> },
    /// Look a record up.
    GetRecord { key: RecordKey, reply: oneshot::Sender<Option<SignedRecord>> },
    /// Walk to a random place; answers whether there was anybody to ask.
    Walk { reply: oneshot::Sender<bool> },
    /// Sample the known peers.
    Contacts { protocol: StreamProtocol, count: usize, reply: oneshot::Sender<Vec<PeerContact>> },
    /// The state.
    Status { reply: oneshot::Sender<NetStatus> },
    /// Stop.
    Shutdown { reply: oneshot::Sender<()> },
}

/// Starts the task; returns what the handle needs and the streams that peers open.
pub(crate) async fn start(
    config: NetConfig,
    parallel_queries: usize,
) -> Result<(Shared, mpsc::Receiver<InboundStream>), StartError> {
    let (driver, shared, streams) = setup::prepare(config, parallel_queries).await?;
    tokio::spawn(driver.run());
    Ok((shared, streams))
}

/// See the module.
struct Driver {
    swarm: Swarm<Behaviour>,
    commands: mpsc::Receiver<Command>,
    events: broadcast::Sender<NetEvent>,
    registry: Arc<Registry>,
    policy: DialPolicy,
    network: String,
    assume_reachable: bool,
    /// Whether this node was told to listen on this machine only; else loopback addresses are nobody's business.
    listens_here_only: bool,
    links: HashMap<ConnectionId, LinkInfo>,
    contacts: Contacts,
    seeds: Seeds,
    /// Peers known from an earlier run, tried when there is nobody else.
    saved_peers: Vec<(PeerId, Vec<Multiaddr>)>,
    attempts: HashMap<PeerId, connect::Attempt>,
    failed_punches: connect::FailedPunches,
    queries: HashMap<QueryId, queries::Query>,
    membership: membership::Membership,
    neighbours: neighbours::Neighbours,
    reach: reach::Reach,
    disk: Option<Disk>,
    next_save: Instant,
}

/// What is known about one connection.
struct LinkInfo {
    peer: PeerId,
    remote: Multiaddr,
    /// The address that this node dialled; `None` on inbound ones.
    dialled: Option<Multiaddr>,
    relayed: bool,
    since: Instant,
    lost_pings: u8,
}

struct Disk {
    records: WriteBehind,
    peers: WriteBehind,
}

impl Driver {
    async fn run(mut self) {
        let mut tick = tokio::time::interval(upkeep::TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let stopped = loop {
            tokio::select! {
                event = self.swarm.select_next_some() => self.on_swarm_event(event),
                command = self.commands.recv() => match command {
                    Some(Command::Shutdown { reply }) => break Some(reply),
                    Some(command) => self.on_command(command),
                    // The last handle is gone.
                    None => break None,
                },
                _ = tick.tick() => self.on_tick(Instant::now()),
            }
        };
        Box::pin(self.stop()).await;
        if let Some(reply) = stopped {
            let _ = reply.send(());
        }
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Connect { peer, addresses, route, reply } => {
                self.connect(peer, addresses, route, reply);
            }
            Command::PutRecord { record, reply } => self.put_record(&record, reply),
            Command::GetRecord { key, reply } => self.get_record(key, reply),
            Command::Walk { reply } => self.walk(reply),
            Command::Contacts { protocol, count, reply } => {
                let _ = reply.send(self.contacts.sample(&protocol, count));
            }
            Command::Status { reply } => {
                let _ = reply.send(self.status());
            }
            // Handled in `run`.
            Command::Shutdown { .. } => {}
        }
    }

    fn status(&mut self) -> NetStatus {
        let local = *self.swarm.local_peer_id();
        let full = |address: &Multiaddr| {
            address.clone().with_p2p(local).unwrap_or_else(|unchanged| unchanged).to_string()
        };
        let totals = self.registry.totals();
        NetStatus {
            peer_id: identity::from_libp2p(&local).unwrap_or(layr_keys::PeerId::from_bytes([0; 32])),
            listening: self
                .swarm
                .listeners()
                .filter(|address| !crate::address::is_circuit(address))
                .map(full)
                .collect(),
            external: self.swarm.external_addresses().map(full).collect(),
            reachability: self.reach.state(),
            connected_peers: self.registry.connected().len(),
            relays: self.reach.relays().filter_map(|relay| identity::from_libp2p(&relay)).collect(),
            bytes_in: totals.down.total_bytes(),
            bytes_out: totals.up.total_bytes(),
            streams_dropped: self.registry.dropped(),
            records: self.swarm.behaviour_mut().routing.kad().store_mut().len(),
            routing_peers: self.swarm.behaviour_mut().routing.size(),
        }
    }

    fn tell(&self, event: NetEvent) {
        // Nobody listening is fine.
        let _ = self.events.send(event);
    }
}
