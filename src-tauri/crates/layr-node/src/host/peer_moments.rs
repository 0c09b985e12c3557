//! A moment for each of the peers that asked lately, in bounded memory.
//!
//! A bucket that fills at a steady rate is one moment: when it will be full again. Whoever is full needs no memory.

use std::collections::HashMap;

use layr_keys::PeerId;
use tokio::time::Instant;

/// Peers remembered: far more than hold connections at once. Any further ones share a moment, so that new names neither
/// take memory nor get around a limit.
pub(super) const MAX_PEERS: usize = 4096;

/// When the bucket of each peer will be full again.
#[derive(Debug, Default)]
pub(super) struct PeerMoments {
    by_peer: HashMap<PeerId, Instant>,
    of_others: Option<Instant>,
}

impl PeerMoments {
    /// The moment of `peer`; `now` for one that is not remembered.
    pub(super) fn of(&mut self, peer: PeerId, now: Instant) -> &mut Instant {
        if self.by_peer.len() >= MAX_PEERS && !self.by_peer.contains_key(&peer) {
            self.by_peer.retain(|_, full_at| *full_at > now);
        }
        if self.by_peer.len() >= MAX_PEERS && !self.by_peer.contains_key(&peer) {
            return self.of_others.get_or_insert(now);
        }
        self.by_peer.entry(peer).or_insert(now)
    }

    /// Forgets everybody.
    pub(super) fn clear(&mut self) {
        self.by_peer.clear();
        self.of_others = None;
    }

    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.by_peer.len()
    }
}
