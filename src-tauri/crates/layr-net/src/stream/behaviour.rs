//! Ties stream handlers to the lives of connections.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent, THandlerOutEvent,
    ToSwarm,
};
use libp2p::{Multiaddr, PeerId};
use tokio::sync::mpsc;

use super::InboundStream;
use super::handler::{Accepted, Handler};
use super::registry::Registry;
use crate::address::{self, Carrier};
use crate::identity;

/// See the module.
pub(crate) struct Behaviour {
    registry: Arc<Registry>,
    accepted: Accepted,
    inbound: mpsc::Sender<InboundStream>,
    /// Connections being established, to clean up when another behaviour refuses them.
    pending: HashMap<ConnectionId, layr_keys::PeerId>,
}

/// The peer's key is not Ed25519.
#[derive(Debug, thiserror::Error)]
#[error("peers of this network have Ed25519 keys")]
struct ForeignKey;

impl Behaviour {
    pub(crate) fn new(
        registry: Arc<Registry>,
        accepted: Accepted,
        inbound: mpsc::Sender<InboundStream>,
    ) -> Self {
        Self { registry, accepted, inbound, pending: HashMap::new() }
    }

    fn handler(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        carrier: Carrier,
    ) -> Result<Handler, ConnectionDenied> {
        let peer = identity::from_libp2p(&peer).ok_or_else(|| ConnectionDenied::new(ForeignKey))?;
        let (link, orders) = self.registry.prepare(peer, id, carrier);
        self.pending.insert(id, peer);
        Ok(Handler::new(
            link,
            Arc::clone(&self.registry),
            Arc::clone(&self.accepted),
            orders,
            self.inbound.clone(),
        ))
    }
}

/// How a connection between these two addresses runs.
pub(crate) fn carrier_between(local: &Multiaddr, remote: &Multiaddr) -> Carrier {
    if address::is_circuit(local) || address::is_circuit(remote) {
        return Carrier::Circuit;
    }
    // An accepted connection's remote address has the same transport as its local one.
    address::shape(remote).or_else(|| address::shape(local)).map_or(Carrier::Tcp, |shape| shape.carrier)
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.handler(id, peer, carrier_between(local, remote))
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        remote: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.handler(id, peer, carrier_between(&Multiaddr::empty(), remote))
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(event) => {
                if let Some(peer) = self.pending.remove(&event.connection_id) {
                    self.registry.activate(peer, event.connection_id);
                }
            }
            FromSwarm::ConnectionClosed(event) => {
                if let Some(peer) = identity::from_libp2p(&event.peer_id) {
                    self.registry.remove(peer, event.connection_id);
                }
            }
            FromSwarm::DialFailure(event) => self.forget(event.connection_id),
            FromSwarm::ListenFailure(event) => self.forget(event.connection_id),
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

impl Behaviour {
    fn forget(&mut self, id: ConnectionId) {
        if let Some(peer) = self.pending.remove(&id) {
            self.registry.remove(peer, id);
        }
    }
}
