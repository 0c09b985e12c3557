//! Whether others can reach this node, and the relays that stand in when they cannot.

use std::collections::HashMap;
use std::time::Duration;

use libp2p::core::transport::ListenerId;
use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};
use tokio::time::Instant;

use super::Driver;
use crate::config::Role;
use crate::event::Reachability;

/// Relays that keep a place for us: one may fail.
const WANTED_RELAYS: usize = 2;
/// Relays remembered as possible ones.
const MAX_KNOWN_RELAYS: usize = 32;
/// Failed probes, with no success, that make a node private.
const FAILURES_TO_BE_PRIVATE: u32 = 1;
/// A node that nobody has probed by then takes a relay all the same.
const PATIENCE: Duration = Duration::from_secs(12);
/// A relay that refused or was lost is not asked again before this.
const RELAY_PAUSE: Duration = Duration::from_secs(30);

/// See the module.
#[derive(Debug)]
pub(super) struct Reach {
    always_public: bool,
    confirmed: bool,
    failures: u32,
    started: Instant,
    relays: HashMap<PeerId, Relay>,
}

#[derive(Debug)]
struct Relay {
    address: Multiaddr,
    listener: Option<ListenerId>,
    reserved: bool,
    not_before: Instant,
}

impl Reach {
    pub(super) fn new(role: Role, assume_reachable: bool, now: Instant) -> Self {
        Self {
            always_public: role == Role::Seed || assume_reachable,
            confirmed: false,
            failures: 0,
            started: now,
            relays: HashMap::new(),
        }
    }

    pub(super) fn state(&self) -> Reachability {
        if self.always_public || self.confirmed {
            Reachability::Public
        } else if self.failures >= FAILURES_TO_BE_PRIVATE {
            Reachability::Private
        } else {
            Reachability::Unknown
        }
    }

    /// A peer tried to dial one of our addresses.
    pub(super) fn probed(&mut self, reached: bool) {
        if reached {
            self.confirmed = true;
        } else {
            self.failures = self.failures.saturating_add(1);
        }
    }

    /// The node has moved: what probes found counts no more.
    pub(super) fn forget(&mut self, now: Instant) {
        self.confirmed = false;
        self.failures = 0;
        self.started = now;
    }

    /// A peer that relays was dialled at `address`.
    pub(super) fn relay_met(&mut self, peer: PeerId, address: Multiaddr) {
        if self.relays.len() < MAX_KNOWN_RELAYS || self.relays.contains_key(&peer) {
            let not_before = self.started;
            let relay = self.relays.entry(peer).or_insert(Relay {
                address: address.clone(),
                listener: None,
                reserved: false,
                not_before,
            });
            relay.address = address;
        }
    }

    pub(super) fn reserved(&mut self, peer: PeerId) {
        if let Some(relay) = self.relays.get_mut(&peer) {
            relay.reserved = true;
        }
    }

    pub(super) fn listener_closed(&mut self, listener: ListenerId, now: Instant) {
        for relay in self.relays.values_mut() {
            if relay.listener == Some(listener) {
                relay.listener = None;
                relay.reserved = false;
                relay.not_before = now + RELAY_PAUSE;
            }
        }
    }

    /// Relays that keep a place for us now.
    pub(super) fn relays(&self) -> impl Iterator<Item = PeerId> {
        self.relays.iter().filter(|(_, relay)| relay.reserved).map(|(peer, _)| *peer)
    }

    /// Relays to ask for a place now.
    fn wanted(&self, now: Instant) -> Vec<(PeerId, Multiaddr)> {
        let needs_relay = match self.state() {
            Reachability::Public => false,
            Reachability::Private => true,
            Reachability::Unknown => now.duration_since(self.started) >= PATIENCE,
        };
        let held = self.relays.values().filter(|relay| relay.listener.is_some()).count();
        if !needs_relay || held >= WANTED_RELAYS {
            return Vec::new();
        }
        self.relays
            .iter()
            .filter(|(_, relay)| relay.listener.is_none() && relay.not_before <= now)
            .take(WANTED_RELAYS - held)
            .map(|(peer, relay)| (*peer, relay.address.clone()))
            .collect()
    }

    /// Listeners on relays that are no longer needed.
    fn unneeded(&self) -> Vec<ListenerId> {
        if self.state() != Reachability::Public {
            return Vec::new();
        }
        self.relays.values().filter_map(|relay| relay.listener).collect()
    }
}

impl Driver {
    /// Asks for places at relays, or gives them back.
    pub(super) fn keep_relays(&mut self, now: Instant) {
        for listener in self.reach.unneeded() {
            self.swarm.remove_listener(listener);
        }
        for (peer, address) in self.reach.wanted(now) {
            let circuit = address.with_p2p(peer).map(|address| address.with(Protocol::P2pCircuit));
            let listener = circuit.ok().and_then(|circuit| self.swarm.listen_on(circuit).ok());
            if let Some(relay) = self.reach.relays.get_mut(&peer) {
                relay.listener = listener;
                relay.not_before = now + RELAY_PAUSE;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::peer;

    fn address() -> Multiaddr {
        "/ip4/203.0.113.1/tcp/4100".parse().unwrap()
    }

    #[test]
    fn a_private_node_wants_two_relays_and_a_public_one_none() {
        let start = Instant::now();
        let mut reach = Reach::new(Role::Node, false, start);
        for _ in 0..5 {
            reach.relay_met(peer(), address());
        }
        assert_eq!(reach.state(), Reachability::Unknown);
        assert!(reach.wanted(start).is_empty(), "still hoping");
        assert_eq!(reach.wanted(start + PATIENCE).len(), WANTED_RELAYS);
        reach.probed(false);
        assert_eq!(reach.state(), Reachability::Private);
        assert_eq!(reach.wanted(start).len(), WANTED_RELAYS);
        reach.probed(true);
        assert_eq!(reach.state(), Reachability::Public);
        assert!(reach.wanted(start + PATIENCE).is_empty());
        reach.forget(start + PATIENCE);
        assert_eq!(reach.state(), Reachability::Unknown, "moved");
        assert_eq!(reach.wanted(start + 2 * PATIENCE).len(), WANTED_RELAYS);
    }

    #[test]
    fn a_lost_relay_is_replaced_and_rests() {
        let start = Instant::now();
        let mut reach = Reach::new(Role::Node, false, start);
        reach.probed(false);
        let lost = peer();
        reach.relay_met(lost, address());
        let listener = ListenerId::next();
        reach.relays.get_mut(&lost).unwrap().listener = Some(listener);
        reach.reserved(lost);
        assert_eq!(reach.relays().count(), 1);
        reach.listener_closed(listener, start);
        assert_eq!(reach.relays().count(), 0);
        assert!(reach.wanted(start).is_empty());
        assert_eq!(reach.wanted(start + RELAY_PAUSE).len(), 1);
    }

    #[test]
    fn seeds_and_servers_are_public_by_word() {
        let now = Instant::now();
        assert_eq!(Reach::new(Role::Seed, false, now).state(), Reachability::Public);
        assert_eq!(Reach::new(Role::Node, true, now).state(), Reachability::Public);
    }
}
