//! The DHT's routing table, with a curb on what its answers can make this node dial.
//!
//! Wraps libp2p's Kademlia. Every dial of the swarm asks this behaviour for addresses, so here is the one place that sees all
//! addresses of a dial together: it cleans those that came from other peers' answers and sets the dial's order.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::task::{Context, Poll};
use std::time::Duration;

use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::kad::{self, BucketInserts, Caching, Mode};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent, THandlerOutEvent,
    ToSwarm,
};
use libp2p::{Multiaddr, PeerId, StreamProtocol};

use crate::address;
use crate::dial::{self, DialPolicy};
use crate::records::store::{RECORD_TTL, Records};

type Kademlia = kad::Behaviour<Records>;

/// A peer that refuses a record makes us wait this long, so it is short.
const SUBSTREAM_TIMEOUT: Duration = Duration::from_secs(3);
/// A whole query.
const QUERY_TIMEOUT: Duration = Duration::from_secs(30);
/// Peers asked in parallel, each on a path of its own.
const PARALLELISM: NonZeroUsize = NonZeroUsize::new(3).unwrap();

/// See the module.
pub(crate) struct Routing {
    kad: Kademlia,
    policy: DialPolicy,
    connected: HashSet<PeerId>,
}

impl Routing {
    pub(crate) fn new(
        local: PeerId,
        protocol: StreamProtocol,
        store: Records,
        policy: DialPolicy,
        mode: Option<Mode>,
    ) -> Self {
        let mut config = kad::Config::new(protocol);
        config
            .set_query_timeout(QUERY_TIMEOUT)
            .set_parallelism(PARALLELISM)
            .disjoint_query_paths(true)
            .set_kbucket_inserts(BucketInserts::Manual)
            .set_caching(Caching::Disabled)
            .set_record_ttl(Some(RECORD_TTL))
            .set_provider_publication_interval(None)
            .set_substreams_timeout(SUBSTREAM_TIMEOUT);
        let mut kad = Kademlia::with_config(local, store, config);
        kad.set_mode(mode);
        Self { kad, policy, connected: HashSet::new() }
    }

    /// The wrapped behaviour.
    pub(crate) fn kad(&mut self) -> &mut Kademlia {
        &mut self.kad
    }

    /// Whether the peer has a place in the table.
    pub(crate) fn holds(&mut self, peer: PeerId) -> bool {
        self.kad
            .kbucket(peer)
            .is_some_and(|bucket| bucket.iter().any(|entry| *entry.node.key.preimage() == peer))
    }

    /// Peers in the table.
    pub(crate) fn size(&mut self) -> usize {
        self.kad.kbuckets().map(|bucket| bucket.num_entries()).sum()
    }
}

impl NetworkBehaviour for Routing {
    type ConnectionHandler = THandler<Kademlia>;
    type ToSwarm = kad::Event;

    fn handle_pending_inbound_connection(
        &mut self,
        id: ConnectionId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.kad.handle_pending_inbound_connection(id, local, remote)
    }

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.kad.handle_established_inbound_connection(id, peer, local, remote)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: Option<PeerId>,
        given: &[Multiaddr],
        role: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        let known = self.kad.handle_pending_outbound_connection(id, peer, given, role)?;
        let known =
            peer.map_or_else(Vec::new, |peer| address::sanitize(known, peer, self.policy.narrowest()));
        // A dial to a connected peer is a hole punch or a probe: both sides must send now, not by rank.
        if role == Endpoint::Listener || peer.is_some_and(|peer| self.connected.contains(&peer)) {
            self.policy.set_plan([]);
        } else {
            let all: Vec<Multiaddr> = given.iter().chain(&known).cloned().collect();
            self.policy.set_plan(dial::order(&all));
        }
        Ok(known)
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        remote: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.kad.handle_established_outbound_connection(id, peer, remote, role, port_use)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match &event {
            FromSwarm::ConnectionEstablished(event) => {
                self.connected.insert(event.peer_id);
            }
            FromSwarm::ConnectionClosed(event) if event.remaining_established == 0 => {
                self.connected.remove(&event.peer_id);
            }
            _ => {}
        }
        self.kad.on_swarm_event(event);
    }

    fn on_connection_handler_event(&mut self, peer: PeerId, id: ConnectionId, event: THandlerOutEvent<Self>) {
        self.kad.on_connection_handler_event(peer, id, event);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.kad.poll(cx)
    }
}
