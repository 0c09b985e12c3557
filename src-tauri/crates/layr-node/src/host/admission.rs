//! Who may have how much of this host at once.
//!
//! ```text
//! streams in total ─ MAX_STREAMS          one peer ─ MAX_STREAMS_PER_PEER, and see `request_rate`
//! memory ─ see `blocks`                   blocking jobs ─ BLOCKING_JOBS    proofs ─ PROOF_JOBS
//! ```

use std::collections::HashMap;
use std::sync::Arc;

use layr_keys::PeerId;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::blocks::BlockPool;
use super::request_rate::RequestRate;

/// Requests served at once; beyond them callers hear "busy".
pub const MAX_STREAMS: usize = 256;
/// Requests of one peer at once: several segments of 10 of 30 in flight put a handful of shards on one host.
pub const MAX_STREAMS_PER_PEER: usize = 64;
/// Vault calls that may run at once. Enough for commits to share one sync; each holds a thread while it runs.
pub(crate) const BLOCKING_JOBS: usize = 12;
/// Proofs made at once: each may rehash a whole shard, so strangers could otherwise take every core.
pub(crate) const PROOF_JOBS: usize = 2;
/// Callers who are told "busy" at once; beyond that their streams are just dropped.
const MAX_TURNED_AWAY: usize = 64;

/// Counts and permits of one host's service.
#[derive(Debug)]
pub(crate) struct Admission {
    streams: Arc<Semaphore>,
    turned_away: Arc<Semaphore>,
    pub(crate) blocks: BlockPool,
    blocking: Arc<Semaphore>,
    proofs: Arc<Semaphore>,
    rate: RequestRate,
    by_peer: Arc<Mutex<HashMap<PeerId, usize>>>,
}

/// What becomes of a stream that has just come in.
pub(crate) enum Verdict {
    /// It is served while the permit lives.
    Serve(StreamPermit),
    /// It is told "busy" while the permit lives.
    TurnAway(OwnedSemaphorePermit),
    /// It is dropped.
    Drop,
}

/// One stream's place. Dropping it makes room for the next stream of the peer and of everybody.
#[derive(Debug)]
pub(crate) struct StreamPermit {
    peer: PeerId,
    by_peer: Arc<Mutex<HashMap<PeerId, usize>>>,
    _stream: OwnedSemaphorePermit,
}

impl Drop for StreamPermit {
    fn drop(&mut self) {
        let mut by_peer = self.by_peer.lock();
        if let Some(count) = by_peer.get_mut(&self.peer) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                by_peer.remove(&self.peer);
            }
        }
    }
}

impl Admission {
    pub(crate) fn new() -> Self {
        Self {
            streams: Arc::new(Semaphore::new(MAX_STREAMS)),
            turned_away: Arc::new(Semaphore::new(MAX_TURNED_AWAY)),
            blocks: BlockPool::new(),
            blocking: Arc::new(Semaphore::new(BLOCKING_JOBS)),
            proofs: Arc::new(Semaphore::new(PROOF_JOBS)),
            rate: RequestRate::default(),
            by_peer: Arc::default(),
        }
    }

    /// Decides about a stream of `peer`.
    pub(crate) fn admit(&self, peer: PeerId) -> Verdict {
        self.place_for(peer).map_or_else(
            || Arc::clone(&self.turned_away).try_acquire_owned().map_or(Verdict::Drop, Verdict::TurnAway),
            Verdict::Serve,
        )
    }

    fn place_for(&self, peer: PeerId) -> Option<StreamPermit> {
        let mut by_peer = self.by_peer.lock();
        if by_peer.get(&peer).is_some_and(|count| *count >= MAX_STREAMS_PER_PEER) {
            return None;
        }
        let stream = Arc::clone(&self.streams).try_acquire_owned().ok()?;
        // Last, so that a request that finds no place costs its peer nothing of its rate.
        if !self.rate.allows(peer) {
            return None;
        }
        *by_peer.entry(peer).or_insert(0) += 1;
        Some(StreamPermit { peer, by_peer: Arc::clone(&self.by_peer), _stream: stream })
    }

    /// Waits for a turn at the vault. `None` never happens: the semaphore is not closed while the host lives.
    pub(crate) async fn blocking(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.blocking).acquire_owned().await.ok()
    }

    /// Waits until no vault call is running, and lets none begin while the answer is held.
    pub(crate) async fn all_blocking(&self) -> Option<OwnedSemaphorePermit> {
        let all = u32::try_from(BLOCKING_JOBS).ok()?;
        Arc::clone(&self.blocking).acquire_many_owned(all).await.ok()
    }

    /// Waits for a turn at making a proof.
    pub(crate) async fn proof(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.proofs).acquire_owned().await.ok()
    }

    /// Streams served now.
    #[cfg(test)]
    pub(crate) fn streams_served(&self) -> usize {
        MAX_STREAMS - self.streams.available_permits()
    }
}

#[cfg(test)]
mod tests {
    use layr_keys::PeerId;

    use super::{Admission, MAX_STREAMS, MAX_STREAMS_PER_PEER, MAX_TURNED_AWAY, Verdict};

    fn peer(number: u8) -> PeerId {
        PeerId::from_bytes([number; 32])
    }

    #[test]
    fn one_peer_cannot_take_all_places_and_gets_its_own_back() {
        let admission = Admission::new();
        let mut held: Vec<_> = (0..MAX_STREAMS_PER_PEER).map(|_| admission.admit(peer(1))).collect();
        assert!(held.iter().all(|verdict| matches!(verdict, Verdict::Serve(_))));
        assert!(matches!(admission.admit(peer(1)), Verdict::TurnAway(_)));
        assert!(matches!(admission.admit(peer(2)), Verdict::Serve(_)));
        held.pop();
        assert!(matches!(admission.admit(peer(1)), Verdict::Serve(_)));
    }

    #[test]
    fn a_flood_from_many_peers_is_told_busy_and_then_dropped() {
        let admission = Admission::new();
        let flood: Vec<_> = (0..=u8::MAX)
            .cycle()
            .take(MAX_STREAMS + MAX_TURNED_AWAY)
            .map(|number| admission.admit(peer(number)))
            .collect();
        assert_eq!(flood.iter().filter(|verdict| matches!(verdict, Verdict::Serve(_))).count(), MAX_STREAMS);
        assert!(matches!(admission.admit(peer(9)), Verdict::Drop));
        assert_eq!(admission.streams_served(), MAX_STREAMS);
        drop(flood);
        assert_eq!(admission.streams_served(), 0);
        assert!(admission.by_peer.lock().is_empty(), "nothing is remembered of peers that left");
    }
}
