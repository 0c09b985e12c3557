//! Getting a connection to a peer that somebody wants a stream to.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use libp2p::kad::QueryId;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, DialError};
use libp2p::{Multiaddr, PeerId};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Driver;
use super::queries::Query;
use crate::address;
use crate::error::OpenError;
use crate::event::NetEvent;
use crate::identity;
use crate::stream::registry::Route;

/// Peers that are being connected to at a time.
const MAX_ATTEMPTS: usize = 256;
/// Askers that wait for one peer.
const MAX_WAITING: usize = 256;
/// How long a hole punch may take. libp2p tells only the listening side that it gave up, so the dialling side has a clock.
const PUNCH_TIMEOUT: Duration = Duration::from_secs(20);

/// After a hole punch failed, the peer counts as reachable by relay only for this long; trying costs 20 s each time.
const PUNCH_PAUSE: Duration = Duration::from_mins(10);
/// Failed hole punches remembered.
const MAX_REMEMBERED_PUNCHES: usize = 1024;

/// Peers that could not be reached by a hole punch lately.
#[derive(Debug, Default)]
pub(super) struct FailedPunches(HashMap<PeerId, Instant>);

impl FailedPunches {
    fn note(&mut self, peer: PeerId, now: Instant) {
        if self.0.len() >= MAX_REMEMBERED_PUNCHES {
            self.0.retain(|_, at| now.duration_since(*at) < PUNCH_PAUSE);
        }
        if self.0.len() < MAX_REMEMBERED_PUNCHES {
            self.0.insert(peer, now);
        }
    }

    /// A direct connection came about after all.
    pub(super) fn forget(&mut self, peer: &PeerId) {
        self.0.remove(peer);
    }

    fn is_recent(&self, peer: &PeerId, now: Instant) -> bool {
        self.0.get(peer).is_some_and(|at| now.duration_since(*at) < PUNCH_PAUSE)
    }
}

/// One peer that is being connected to, and everybody who waits for it.
#[derive(Debug, Default)]
pub(super) struct Attempt {
    waiting: Vec<Waiting>,
    tried: HashSet<Multiaddr>,
    untried: Vec<Multiaddr>,
    dial: Option<ConnectionId>,
    lookup: Option<QueryId>,
    looked_up: bool,
    /// Since when only a relayed connection exists.
    relayed_since: Option<Instant>,
    punch_failed: bool,
    reason: String,
}

#[derive(Debug)]
struct Waiting {
    route: Route,
    reply: oneshot::Sender<Result<(), OpenError>>,
}

impl Driver {
    pub(super) fn connect(
        &mut self,
        peer: PeerId,
        addresses: Vec<Multiaddr>,
        route: Route,
        reply: oneshot::Sender<Result<(), OpenError>>,
    ) {
        let Some(ours) = identity::from_libp2p(&peer) else {
            return;
        };
        if self.registry.pick(ours, route).is_some() {
            let _ = reply.send(Ok(()));
            return;
        }
        let crowded = self.attempts.get(&peer).map_or_else(
            || self.attempts.len() >= MAX_ATTEMPTS,
            |attempt| attempt.waiting.len() >= MAX_WAITING,
        );
        if crowded {
            let reason = "too many connections are being made".into();
            let _ = reply.send(Err(OpenError::Unreachable { peer: ours, reason }));
            return;
        }
        let claims = addresses.into_iter().chain(self.contacts.addresses(&peer));
        let claims = address::sanitize(claims, peer, self.policy.narrowest());
        let attempt = self.attempts.entry(peer).or_default();
        for claim in claims {
            if !attempt.tried.contains(&claim) && !attempt.untried.contains(&claim) {
                attempt.untried.push(claim);
            }
        }
        attempt.waiting.push(Waiting { route, reply });
        self.advance(peer);
    }

    /// Takes the next step for a peer after anything about it changed.
    pub(super) fn advance(&mut self, peer: PeerId) {
        let Some(attempt) = self.attempts.get_mut(&peer) else {
            return;
        };
        let Some(ours) = identity::from_libp2p(&peer) else {
            return;
        };
        attempt.waiting.retain(|waiting| !waiting.reply.is_closed());
        let mut still = Vec::new();
        for waiting in attempt.waiting.drain(..) {
            if self.registry.pick(ours, waiting.route).is_some() {
                let _ = waiting.reply.send(Ok(()));
            } else {
                still.push(waiting);
            }
        }
        attempt.waiting = still;
        if attempt.waiting.is_empty() {
            self.attempts.remove(&peer);
            return;
        }
        let relayed = self.registry.is_connected(ours);
        if relayed {
            attempt.relayed_since.get_or_insert_with(Instant::now);
        } else {
            attempt.relayed_since = None;
        }
        attempt.punch_failed = self.failed_punches.is_recent(&peer, Instant::now());
        if attempt.dial.is_some() || attempt.lookup.is_some() {
            return;
        }
        self.next_way(peer, relayed);
    }

    fn next_way(&mut self, peer: PeerId, relayed: bool) {
        let Some(attempt) = self.attempts.get_mut(&peer) else {
            return;
        };
        let mut addresses = std::mem::take(&mut attempt.untried);
        attempt.tried.extend(addresses.iter().cloned());
        if relayed {
            addresses.retain(|address| !address::is_circuit(address));
        }
        if !addresses.is_empty() {
            self.dial_for(peer, addresses, relayed);
        } else if !relayed && !attempt.looked_up && self.swarm.behaviour_mut().routing.size() > 0 {
            attempt.looked_up = true;
            let query = self.swarm.behaviour_mut().routing.kad().get_closest_peers(peer);
            attempt.lookup = Some(query);
            self.queries.insert(query, Query::Find(peer));
        } else if relayed && !attempt.punch_failed {
            // The hole punch is under way; its end or the clock decides.
        } else {
            self.give_up(peer, relayed);
        }
    }

    fn dial_for(&mut self, peer: PeerId, addresses: Vec<Multiaddr>, relayed: bool) {
        let condition = if relayed { PeerCondition::Always } else { PeerCondition::Disconnected };
        let options = DialOpts::peer_id(peer)
            .addresses(addresses)
            .extend_addresses_through_behaviour()
            .condition(condition)
            .build();
        let id = options.connection_id();
        let failed = self.swarm.dial(options).err();
        let Some(attempt) = self.attempts.get_mut(&peer) else {
            return;
        };
        match failed {
            None => attempt.dial = Some(id),
            Some(error) => {
                attempt.reason = describe(&error);
                self.advance(peer);
            }
        }
    }

    /// A lookup for a peer ended; found addresses are already known to the routing layer, which adds them to the dial.
    pub(super) fn on_found(&mut self, peer: PeerId, addresses: Vec<Multiaddr>) {
        let narrowest = self.policy.narrowest();
        if let Some(attempt) = self.attempts.get_mut(&peer) {
            attempt.lookup = None;
            for address in address::sanitize(addresses, peer, narrowest) {
                if !attempt.tried.contains(&address) {
                    attempt.untried.push(address);
                }
            }
        }
        self.advance(peer);
    }

    pub(super) fn on_dial_failed(&mut self, peer: PeerId, id: ConnectionId, error: &DialError) {
        if let Some(attempt) = self.attempts.get_mut(&peer) {
            if attempt.dial == Some(id) {
                attempt.dial = None;
                attempt.reason = describe(error);
            }
            self.advance(peer);
        }
    }

    pub(super) fn on_punch_failed(&mut self, peer: PeerId, reason: &str) {
        if let Some(ours) = identity::from_libp2p(&peer) {
            self.tell(NetEvent::PunchFailed { peer: ours, reason: reason.to_owned() });
        }
        self.failed_punches.note(peer, Instant::now());
        self.advance(peer);
    }

    /// Ends hole punches that take too long, and forgets attempts that nobody waits for.
    pub(super) fn check_attempts(&mut self, now: Instant) {
        let peers: Vec<PeerId> = self.attempts.keys().copied().collect();
        for peer in peers {
            let expired = self.attempts.get(&peer).is_some_and(|attempt| {
                attempt.relayed_since.is_some_and(|since| now.duration_since(since) >= PUNCH_TIMEOUT)
                    && !attempt.punch_failed
            });
            if expired {
                self.on_punch_failed(peer, "no direct connection came about in time");
            } else {
                self.advance(peer);
            }
        }
    }

    fn give_up(&mut self, peer: PeerId, relayed: bool) {
        let (Some(attempt), Some(peer)) = (self.attempts.remove(&peer), identity::from_libp2p(&peer)) else {
            return;
        };
        let reason =
            if attempt.reason.is_empty() { "no address is known".to_owned() } else { attempt.reason };
        for waiting in attempt.waiting {
            let error = if relayed {
                OpenError::OnlyRelayed { peer }
            } else {
                OpenError::Unreachable { peer, reason: reason.clone() }
            };
            let _ = waiting.reply.send(Err(error));
        }
    }

    /// Dials a peer at addresses that this node was told from outside the DHT.
    pub(super) fn dial_known(&mut self, peer: PeerId, addresses: Vec<Multiaddr>) {
        let options = DialOpts::peer_id(peer)
            .addresses(addresses)
            .condition(PeerCondition::DisconnectedAndNotDialing)
            .build();
        if let Err(error) = self.swarm.dial(options) {
            tracing::debug!(%peer, %error, "not dialled");
        }
    }
}

/// The first cause, in words; libp2p's own text names every address at length.
fn describe(error: &DialError) -> String {
    match error {
        DialError::Transport(errors) => errors.last().map_or_else(
            || "no way in".to_owned(),
            |(address, error)| {
                let mut cause: &dyn std::error::Error = error;
                while let Some(source) = cause.source() {
                    cause = source;
                }
                format!("{address}: {cause}")
            },
        ),
        DialError::WrongPeerId { obtained, .. } => format!("somebody else ({obtained}) answered"),
        DialError::NoAddresses => "no address is known".to_owned(),
        DialError::Denied { cause } => format!("refused by this node's limits: {cause}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::peer;

    #[test]
    fn a_failed_punch_is_remembered_for_a_while_and_within_bounds() {
        let (who, now) = (peer(), Instant::now());
        let mut failed = FailedPunches::default();
        failed.note(who, now);
        assert!(failed.is_recent(&who, now + PUNCH_PAUSE / 2));
        assert!(!failed.is_recent(&who, now + PUNCH_PAUSE));
        failed.forget(&who);
        assert!(!failed.is_recent(&who, now));
        for _ in 0..MAX_REMEMBERED_PUNCHES + 5 {
            failed.note(peer(), now);
        }
        assert_eq!(failed.0.len(), MAX_REMEMBERED_PUNCHES);
    }
}
