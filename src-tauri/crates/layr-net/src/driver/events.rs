//! Reactions to what the swarm reports.

use libp2p::core::ConnectedPoint;
use libp2p::swarm::{ConnectionId, DialError, SwarmEvent};
use libp2p::{Multiaddr, PeerId, autonat, dcutr, identify, mdns, ping, relay};
use tokio::time::Instant;

use super::setup::Event;
use super::{Driver, LinkInfo};
use crate::address::{self, Scope};
use crate::behaviour::BehaviourEvent;
use crate::event::NetEvent;
use crate::identity;
use crate::protocol;

/// Pings that may be lost in a row before a connection is given up.
const LOST_PINGS: u8 = 3;
/// Protocol by which a relay is known.
const RELAY_HOP: &str = "/libp2p/circuit/relay/0.2.0/hop";

impl Driver {
    pub(super) fn on_swarm_event(&mut self, event: Event) {
        match event {
            SwarmEvent::Behaviour(event) => self.on_behaviour_event(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                self.on_established(peer_id, connection_id, &endpoint);
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, num_established, .. } => {
                let relayed = self.links.remove(&connection_id).is_some_and(|link| link.relayed);
                if let Some(peer) = identity::from_libp2p(&peer_id) {
                    self.tell(NetEvent::ConnectionClosed { peer, relayed });
                    if num_established == 0 {
                        self.tell(NetEvent::Disconnected { peer });
                    }
                }
                self.advance(peer_id);
            }
            SwarmEvent::OutgoingConnectionError { peer_id, connection_id, error } => {
                self.on_dial_error(peer_id, connection_id, &error);
            }
            SwarmEvent::NewListenAddr { address, .. } => self.on_listening(address),
            SwarmEvent::ListenerClosed { listener_id, .. } => {
                self.reach.listener_closed(listener_id, Instant::now());
            }
            SwarmEvent::ExpiredListenAddr { address, .. } => self.on_moved(&address),
            SwarmEvent::ExternalAddrConfirmed { address } => {
                self.tell(NetEvent::ExternalAddress { address: address.to_string() });
            }
            _ => {}
        }
    }

    fn on_listening(&mut self, address: Multiaddr) {
        if address::is_circuit(&address) {
            return;
        }
        let useful = self.listens_here_only || address::scope_of(&address) != Some(Scope::Loopback);
        if self.assume_reachable && useful && address::shape(&address).is_some() {
            self.swarm.add_external_address(address.clone());
        }
        let local = *self.swarm.local_peer_id();
        let address = address.with_p2p(local).unwrap_or_else(|unchanged| unchanged);
        self.tell(NetEvent::Listening { address: address.to_string() });
    }

    /// An interface lost its address: what others confirmed about this node may no longer hold.
    fn on_moved(&mut self, lost: &Multiaddr) {
        if address::is_circuit(lost) || self.assume_reachable {
            return;
        }
        let confirmed: Vec<Multiaddr> = self.swarm.external_addresses().cloned().collect();
        for address in confirmed.iter().filter(|address| !address::is_circuit(address)) {
            self.swarm.remove_external_address(address);
        }
        self.reach.forget(Instant::now());
        self.tell(NetEvent::Reachability(self.reach.state()));
    }

    fn on_established(&mut self, peer: PeerId, id: ConnectionId, endpoint: &ConnectedPoint) {
        let remote = endpoint.get_remote_address().clone();
        let relayed = endpoint.is_relayed();
        let dialled = match endpoint {
            ConnectedPoint::Dialer { address, .. } => Some(address.clone()),
            ConnectedPoint::Listener { .. } => None,
        };
        if let Some(address) = &dialled {
            self.seeds.met(peer, address);
        }
        if let Some(ours) = identity::from_libp2p(&peer) {
            self.tell(NetEvent::Connected {
                peer: ours,
                address: remote.to_string(),
                relayed,
                outbound: dialled.is_some(),
            });
            if self.seeds.contains(&peer) {
                self.registry.pin(ours, true);
            }
        }
        if !relayed {
            self.contacts.reached_directly(&peer);
            self.failed_punches.forget(&peer);
        }
        let since = Instant::now();
        let info = LinkInfo { peer, remote, dialled: dialled.clone(), relayed, since, lost_pings: 0 };
        self.links.insert(id, info);
        self.on_vetted(peer, id, dialled);
        self.advance(peer);
    }

    fn on_dial_error(&mut self, peer: Option<PeerId>, id: ConnectionId, error: &DialError) {
        if let DialError::LocalPeerId { address } = error {
            self.seeds.is_ourselves(address);
        }
        let Some(peer) = peer else {
            return;
        };
        let ours = identity::from_libp2p(&peer);
        if ours.is_some_and(|peer| !self.registry.is_connected(peer))
            && !matches!(error, DialError::DialPeerConditionFalse(_) | DialError::Aborted)
        {
            self.contacts.failed(&peer);
        }
        self.membership.dial_failed(id);
        self.on_dial_failed(peer, id, error);
    }

    fn on_behaviour_event(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Identify(identify::Event::Received { connection_id, peer_id, info }) => {
                self.on_identified(peer_id, connection_id, info);
            }
            BehaviourEvent::Ping(event) => self.on_ping(&event),
            BehaviourEvent::Routing(event) => self.on_kad_event(event),
            BehaviourEvent::Probes(event) => self.on_probe(&event),
            BehaviourEvent::RelayClient(relay::client::Event::ReservationReqAccepted {
                relay_peer_id,
                renewal,
                ..
            }) => {
                self.reach.reserved(relay_peer_id);
                if !renewal && let Some(relay) = identity::from_libp2p(&relay_peer_id) {
                    self.tell(NetEvent::Reserved { relay });
                }
            }
            BehaviourEvent::RelayServer(relay::Event::ReservationReqAccepted { src_peer_id, .. }) => {
                self.on_reservation_granted(src_peer_id);
            }
            BehaviourEvent::Dcutr(dcutr::Event { remote_peer_id, result: Err(error) }) => {
                self.on_punch_failed(remote_peer_id, &error.to_string());
            }
            BehaviourEvent::Mdns(mdns::Event::Discovered(found)) => self.on_neighbours(found),
            BehaviourEvent::Mdns(mdns::Event::Expired(gone)) => self.neighbours.forget(&gone),
            _ => {}
        }
    }

    fn on_ping(&mut self, event: &ping::Event) {
        let Some(link) = self.links.get_mut(&event.connection) else {
            return;
        };
        match event.result {
            Ok(_) | Err(ping::Failure::Unsupported) => link.lost_pings = 0,
            Err(_) => {
                link.lost_pings += 1;
                if link.lost_pings >= LOST_PINGS {
                    tracing::debug!(peer = %event.peer, "pings lost, connection closed");
                    self.swarm.close_connection(event.connection);
                }
            }
        }
    }

    fn on_probe(&mut self, event: &autonat::v2::client::Event) {
        let before = self.reach.state();
        self.reach.probed(event.result.is_ok());
        let after = self.reach.state();
        if before != after {
            self.tell(NetEvent::Reachability(after));
        }
    }

    fn on_identified(&mut self, peer: PeerId, id: ConnectionId, info: identify::Info) {
        let Some(link) = self.links.get(&id) else {
            return;
        };
        if info.protocol_version != protocol::family_name(&self.network) {
            tracing::debug!(%peer, family = %info.protocol_version, "peer of another network, connection closed");
            self.swarm.close_connection(id);
            return;
        }
        let seen_at = address::scope_of(&link.remote).unwrap_or(Scope::Public);
        let is_here = !link.relayed && self.is_here(&link.remote);
        let (relayed, dialled) = (link.relayed, link.dialled.clone());
        if !relayed {
            self.policy.met_at(seen_at);
        }
        // Behind a relay the scope is the relay's, which says nothing about the peer's own network.
        let claims_scope = match (is_here, relayed) {
            (true, _) => Scope::Loopback,
            (false, true) => Scope::Public.min(self.policy.narrowest()),
            (false, false) => seen_at,
        };
        let mut claims = address::sanitize(info.listen_addrs, peer, claims_scope);
        if is_here {
            // These alone: what others say of this machine is believed no more than before.
            for claim in &claims {
                self.policy.allow(claim.clone());
            }
        }
        if !relayed {
            self.add_proven(peer, dialled.as_ref(), &mut claims);
        }
        let is_relay = info.protocols.iter().any(|protocol| protocol.as_ref() == RELAY_HOP);
        if is_relay
            && !relayed
            && let Some(address) = &dialled
        {
            self.swarm.behaviour_mut().observed.add(&info.observed_addr);
            self.reach.relay_met(peer, address.clone());
        }
        self.contacts.learn(peer, claims.clone(), info.protocols.iter().cloned(), !relayed);
        let serves_dht =
            info.protocols.iter().any(|protocol| protocol.as_ref() == protocol::kad_name(&self.network));
        if serves_dht {
            self.consider_member(peer, id, dialled, claims);
        }
        if let Some(peer) = identity::from_libp2p(&peer) {
            self.tell(NetEvent::Identified { peer });
        }
    }

    /// Whether whoever comes from this address is on this machine, wherever it called: it may listen at the loopback alone, and of
    /// two that are connected neither looks for another way.
    fn is_here(&self, remote: &Multiaddr) -> bool {
        self.swarm.listeners().any(|own| address::is_same_ip(own, remote))
    }
}
