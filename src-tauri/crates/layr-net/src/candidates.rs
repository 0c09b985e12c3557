//! Which of our addresses, as others see them, are candidates for being reachable.
//!
//! Two behaviours. [`Observed`] cures a fault of libp2p 0.57: its identify replaces the observed port by the local listening
//! port, so behind a NAT that changes ports the hole punch is told a port that does not exist. The raw observation is
//! reported as well. [`Probes`] keeps the reachability client from collecting junk: any peer may "observe" anything.

use std::collections::{HashMap, HashSet, VecDeque};
use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::Duration;

use libp2p::autonat::v2::client;
use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::swarm::dummy::ConnectionHandler;
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent, THandlerOutEvent,
    ToSwarm,
};
use libp2p::{Multiaddr, PeerId};
use rand::rngs::StdRng;

use crate::address::{self, Carrier};

/// Observed addresses reported per transport. A NAT shows one or two; more is a symmetric NAT, for which none works.
const OBSERVED_PER_CARRIER: usize = 4;
/// Candidates that are ever probed.
const MAX_PROBED: usize = 32;
/// Time between probes of untested candidates.
const PROBE_INTERVAL: Duration = Duration::from_secs(2);

/// See the module.
#[derive(Default)]
pub(crate) struct Observed {
    seen: HashMap<Carrier, VecDeque<Multiaddr>>,
    report: VecDeque<Multiaddr>,
}

impl Observed {
    /// A relay saw us at `address` on a connection that we dialled from our listening port.
    pub(crate) fn add(&mut self, address: &Multiaddr) {
        let Some(shape) = address::shape(address) else {
            return;
        };
        if shape.carrier == Carrier::Circuit {
            return;
        }
        let seen = self.seen.entry(shape.carrier).or_default();
        if seen.contains(address) {
            return;
        }
        if seen.len() >= OBSERVED_PER_CARRIER {
            seen.pop_front();
        }
        seen.push_back(address.clone());
        self.report.push_back(address.clone());
    }
}

impl NetworkBehaviour for Observed {
    type ConnectionHandler = ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(ConnectionHandler)
    }

    fn on_swarm_event(&mut self, _: FromSwarm<'_>) {}

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        // The swarm task polls again after each call of `add`, so no waker is kept.
        self.report
            .pop_front()
            .map_or(Poll::Pending, |address| Poll::Ready(ToSwarm::NewExternalAddrCandidate(address)))
    }
}

/// The reachability client behind a filter.
pub(crate) struct Probes {
    client: client::Behaviour<StdRng>,
    candidates: HashSet<Multiaddr>,
}

impl Default for Probes {
    fn default() -> Self {
        let config = client::Config::default().with_probe_interval(PROBE_INTERVAL);
        Self { client: client::Behaviour::new(rand::make_rng(), config), candidates: HashSet::new() }
    }
}

impl Probes {
    fn admits(&mut self, address: &Multiaddr) -> bool {
        let direct = address::shape(address)
            .is_some_and(|shape| shape.carrier != Carrier::Circuit && shape.scope.is_some());
        if !direct {
            return false;
        }
        if self.candidates.len() < MAX_PROBED {
            self.candidates.insert(address.clone());
        }
        self.candidates.contains(address)
    }
}

impl NetworkBehaviour for Probes {
    type ConnectionHandler = THandler<client::Behaviour<StdRng>>;
    type ToSwarm = client::Event;

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.client.handle_established_inbound_connection(id, peer, local, remote)
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        remote: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.client.handle_established_outbound_connection(id, peer, remote, role, port_use)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        if let FromSwarm::NewExternalAddrCandidate(candidate) = &event
            && !self.admits(candidate.addr)
        {
            return;
        }
        self.client.on_swarm_event(event);
    }

    fn on_connection_handler_event(&mut self, peer: PeerId, id: ConnectionId, event: THandlerOutEvent<Self>) {
        self.client.on_connection_handler_event(peer, id, event);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.client.poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::addr;

    #[test]
    fn each_observation_is_reported_once_with_its_own_port() {
        let mut observed = Observed::default();
        let mapped = addr("/ip4/203.0.113.11/udp/24100/quic-v1");
        observed.add(&mapped);
        observed.add(&mapped);
        observed.add(&addr("/p2p-circuit"));
        assert_eq!(observed.report, [mapped]);
    }

    #[test]
    fn junk_is_never_probed_and_candidates_are_bounded() {
        let mut probes = Probes::default();
        assert!(!probes.admits(&addr("/ip4/203.0.113.11/udp/24100")));
        assert!(!probes.admits(&addr("/dns4/example.org/tcp/4100")));
        let admitted = (0..1000u16)
            .filter(|port| probes.admits(&addr(&format!("/ip4/203.0.113.11/tcp/{}", 2000 + port))))
            .count();
        assert_eq!(admitted, MAX_PROBED);
        assert!(probes.admits(&addr("/ip4/203.0.113.11/tcp/2000")), "known ones still count");
    }
}
