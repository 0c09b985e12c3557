//! Who gets a place in the routing table, and so is named to others: peers of this network that answered where they said.
//!
//! A peer that this node dialled has proven its address. One that dialled us only claims addresses, so it is dialled back
//! once, from a fresh port (a NAT lets answers to its own packets in, but not these), before others are sent there.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use libp2p::multiaddr::Protocol;
use libp2p::swarm::ConnectionId;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::{Multiaddr, PeerId};
use tokio::time::Instant;

use super::Driver;
use crate::address::{self, Scope};

/// Dial-backs at a time.
const PARALLEL: usize = 8;
/// Peers that wait for theirs; later ones are left out until they identify themselves again.
const QUEUE: usize = 256;
/// A peer is not dialled back again before this has passed.
const PAUSE: Duration = Duration::from_mins(5);
/// Peers whose last dial-back is remembered.
const REMEMBERED: usize = 4096;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Membership {
    queue: VecDeque<(PeerId, Vec<Multiaddr>)>,
    dialling: HashMap<ConnectionId, PeerId>,
    last: HashMap<PeerId, (Instant, Vec<Multiaddr>)>,
}

impl Membership {
    fn is_due(&self, peer: PeerId, claims: &[Multiaddr], now: Instant) -> bool {
        let waiting = self.queue.iter().any(|(queued, _)| *queued == peer)
            || self.dialling.values().any(|dialled| *dialled == peer);
        // New claims are a new chance, old ones are not tried again so soon.
        let recent = self
            .last
            .get(&peer)
            .is_some_and(|(at, tried)| tried == claims && now.duration_since(*at) < PAUSE);
        !waiting && !recent && self.queue.len() < QUEUE
    }

    fn note(&mut self, peer: PeerId, claims: Vec<Multiaddr>, now: Instant) {
        if self.last.len() >= REMEMBERED {
            self.last.retain(|_, (at, _)| now.duration_since(*at) < PAUSE);
        }
        if self.last.len() < REMEMBERED {
            self.last.insert(peer, (now, claims));
        }
    }

    pub(super) fn dial_failed(&mut self, id: ConnectionId) {
        self.dialling.remove(&id);
    }
}

impl Driver {
    /// A peer of this network says that it serves the DHT.
    pub(super) fn consider_member(
        &mut self,
        peer: PeerId,
        id: ConnectionId,
        dialled: Option<Multiaddr>,
        claims: Vec<Multiaddr>,
    ) {
        // The connection that checks a claim identifies itself as well.
        if self.membership.dialling.contains_key(&id) {
            return;
        }
        if let Some(address) = dialled {
            self.admit(peer, address);
            return;
        }
        if self.swarm.behaviour_mut().routing.holds(peer) {
            return;
        }
        let direct: Vec<Multiaddr> =
            claims.into_iter().filter(|address| !address::is_circuit(address)).collect();
        if let Some(claim) = self.links.get(&id).and_then(|link| proven_by(&link.remote, &direct)) {
            self.admit(peer, claim);
            return;
        }
        if !direct.is_empty() && self.membership.is_due(peer, &direct, Instant::now()) {
            self.membership.queue.push_back((peer, direct));
            self.dial_back();
        }
    }

    fn admit(&mut self, peer: PeerId, address: Multiaddr) {
        let Some(bare) = address::without_peer(address, peer) else {
            return;
        };
        // A configured name or low port works for us, but nobody would believe it from us.
        if address::is_acceptable_claim(&bare, self.policy.narrowest()) || self.seeds.contains(&peer) {
            self.swarm.behaviour_mut().routing.kad().add_address(&peer, bare);
        }
    }

    /// Starts dial-backs as far as their number allows.
    pub(super) fn dial_back(&mut self) {
        while self.membership.dialling.len() < PARALLEL {
            let Some((peer, claims)) = self.membership.queue.pop_front() else {
                return;
            };
            let options = DialOpts::peer_id(peer)
                .addresses(claims.clone())
                .condition(PeerCondition::Always)
                .allocate_new_port()
                .build();
            let id = options.connection_id();
            self.membership.note(peer, claims, Instant::now());
            if self.swarm.dial(options).is_ok() {
                self.membership.dialling.insert(id, peer);
            }
        }
    }

    /// A connection is established: if it was a dial-back, the claim is true.
    pub(super) fn on_vetted(&mut self, peer: PeerId, id: ConnectionId, dialled: Option<Multiaddr>) {
        if self.membership.dialling.remove(&id).is_none() {
            return;
        }
        if let Some(address) = dialled {
            self.admit(peer, address);
        }
        let has_another = self.links.iter().any(|(other, link)| *other != id && link.peer == peer);
        if has_another {
            self.swarm.close_connection(id);
        }
        self.dial_back();
    }

    /// A peer that nobody can dial holds a reservation here: it can be found through us.
    pub(super) fn on_reservation_granted(&mut self, peer: PeerId) {
        let local = *self.swarm.local_peer_id();
        let Some(own) =
            self.swarm.external_addresses().find(|address| !address::is_circuit(address)).cloned()
        else {
            return;
        };
        let Ok(own) = own.with_p2p(local) else {
            return;
        };
        self.swarm.behaviour_mut().routing.kad().add_address(&peer, own.with(Protocol::P2pCircuit));
    }
}

/// The claim that an accepted connection already proves: on one machine there is no NAT, so a peer whose packets come from
/// the address it claims listens there. Spares a network of many processes half its connections.
fn proven_by(remote: &Multiaddr, claims: &[Multiaddr]) -> Option<Multiaddr> {
    let here = address::scope_of(remote) == Some(Scope::Loopback);
    claims.iter().find(|claim| here && *claim == remote).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::peer;

    #[test]
    fn a_claim_is_checked_once_in_a_while_and_a_new_one_at_once() {
        let mut members = Membership::default();
        let (who, now) = (peer(), Instant::now());
        let claim: Vec<Multiaddr> = vec!["/ip4/203.0.113.1/tcp/4100".parse().unwrap()];
        let moved: Vec<Multiaddr> = vec!["/ip4/203.0.113.2/tcp/4100".parse().unwrap()];
        assert!(members.is_due(who, &claim, now));
        members.note(who, claim.clone(), now);
        assert!(!members.is_due(who, &claim, now));
        assert!(members.is_due(who, &moved, now));
        assert!(members.is_due(who, &claim, now + PAUSE));
        members.queue.push_back((who, moved.clone()));
        assert!(!members.is_due(who, &claim, now + PAUSE), "already waiting");
    }

    #[test]
    fn only_on_one_machine_does_a_source_address_prove_a_claim() {
        let claim: Multiaddr = "/ip4/127.0.0.1/tcp/4100".parse().unwrap();
        let other: Multiaddr = "/ip4/127.0.0.1/tcp/4101".parse().unwrap();
        let mapped: Multiaddr = "/ip4/203.0.113.11/tcp/4100".parse().unwrap();
        assert_eq!(proven_by(&claim, &[other.clone(), claim.clone()]), Some(claim.clone()));
        assert_eq!(proven_by(&claim, &[other]), None);
        assert_eq!(proven_by(&mapped, std::slice::from_ref(&mapped)), None, "a NAT may stand before it");
    }

    #[test]
    fn the_queue_and_the_memory_are_bounded() {
        let mut members = Membership::default();
        let now = Instant::now();
        for _ in 0..QUEUE {
            members.queue.push_back((peer(), vec![]));
        }
        assert!(!members.is_due(peer(), &[], now));
        for _ in 0..REMEMBERED + 10 {
            members.note(peer(), vec![], now);
        }
        assert_eq!(members.last.len(), REMEMBERED);
        members.note(peer(), vec![], now + PAUSE);
        assert_eq!(members.last.len(), 1);
    }
}
