//! When to knock at which seed. A node starts before its seed, a seed restarts, a laptop changes networks: so it is tried
//! for ever, at growing intervals, and at once again after a connection was lost.

use std::time::Duration;

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};
use tokio::time::Instant;

/// First wait after a failed dial.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
/// Longest wait.
const LAST_BACKOFF: Duration = Duration::from_mins(1);

/// The configured seeds.
#[derive(Debug)]
pub(crate) struct Seeds {
    seeds: Vec<Seed>,
}

#[derive(Debug)]
struct Seed {
    address: Multiaddr,
    peer: Option<PeerId>,
    next_at: Instant,
    backoff: Duration,
}

impl Seeds {
    pub(crate) fn new(addresses: Vec<Multiaddr>, local: PeerId, now: Instant) -> Self {
        let seeds = addresses
            .into_iter()
            .map(|address| Seed {
                peer: match address.iter().last() {
                    Some(Protocol::P2p(peer)) => Some(peer),
                    _ => None,
                },
                address,
                next_at: now,
                backoff: FIRST_BACKOFF,
            })
            // One network file serves everybody, the seed itself included.
            .filter(|seed| seed.peer != Some(local))
            .collect();
        Self { seeds }
    }

    /// Seeds to dial now; each is not due again before its back-off has passed.
    pub(crate) fn due(
        &mut self,
        now: Instant,
        is_connected: impl Fn(&PeerId) -> bool,
    ) -> Vec<(Option<PeerId>, Multiaddr)> {
        let mut due = Vec::new();
        for seed in &mut self.seeds {
            if seed.peer.as_ref().is_some_and(&is_connected) {
                seed.backoff = FIRST_BACKOFF;
                seed.next_at = now;
            } else if seed.next_at <= now {
                seed.next_at = now + seed.backoff;
                seed.backoff = (seed.backoff * 2).min(LAST_BACKOFF);
                due.push((seed.peer, seed.address.clone()));
            }
        }
        due
    }

    /// A dial to `address` ended at `peer`: now a seed given without an id has one.
    pub(crate) fn met(&mut self, peer: PeerId, address: &Multiaddr) {
        for seed in &mut self.seeds {
            if seed.peer.is_none() && address.to_string().starts_with(&seed.address.to_string()) {
                seed.peer = Some(peer);
            }
        }
    }

    /// The address leads to this node itself.
    pub(crate) fn is_ourselves(&mut self, address: &Multiaddr) {
        self.seeds.retain(|seed| seed.peer.is_some() || seed.address != *address);
    }

    /// Whether the peer is a configured seed.
    pub(crate) fn contains(&self, peer: &PeerId) -> bool {
        self.seeds.iter().any(|seed| seed.peer.as_ref() == Some(peer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{addr, peer};

    #[test]
    fn intervals_grow_to_a_bound_and_start_over_after_a_connection() {
        let start = Instant::now();
        let seed = peer();
        let address = addr("/ip4/203.0.113.1/tcp/4100").with(Protocol::P2p(seed));
        let mut seeds = Seeds::new(vec![address], peer(), start);
        let mut dials = Vec::new();
        for second in 0..1200 {
            let now = start + Duration::from_millis(second * 500);
            if !seeds.due(now, |_| false).is_empty() {
                dials.push(second * 500);
            }
        }
        assert_eq!(dials[..6], [0, 500, 1500, 3500, 7500, 15500]);
        assert_eq!(dials[dials.len() - 1] - dials[dials.len() - 2], 60_000);
        let later = start + Duration::from_secs(10_000);
        assert!(seeds.due(later, |_| true).is_empty());
        assert_eq!(seeds.due(later, |_| false).len(), 1, "lost: at once again");
    }

    #[test]
    fn ids_are_learnt_and_ourselves_left_out() {
        let now = Instant::now();
        let (me, seed) = (peer(), peer());
        let own = addr("/ip4/203.0.113.7/tcp/4100").with(Protocol::P2p(me));
        let bare = addr("/ip4/203.0.113.1/tcp/4100");
        let mine = addr("/ip4/203.0.113.7/tcp/4200");
        let mut seeds = Seeds::new(vec![own, bare.clone(), mine.clone()], me, now);
        assert_eq!(seeds.due(now, |_| false).len(), 2);
        seeds.is_ourselves(&mine);
        seeds.met(seed, &bare.with(Protocol::P2p(seed)));
        assert!(seeds.contains(&seed));
        assert!(seeds.due(now + LAST_BACKOFF, |peer| *peer == seed).is_empty());
    }
}
