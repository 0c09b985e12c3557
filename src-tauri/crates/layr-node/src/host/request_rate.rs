//! A limit on the requests of each peer in the long run.

use std::time::Duration;

use layr_keys::PeerId;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::peer_moments::PeerMoments;

/// What a peer may ask in the long run, in requests a second: more than 2 GB/s of whole shards, and a small part of what
/// requests that cost their sender nothing would take of a processor.
const REQUESTS_PER_S: u64 = 512;
/// Time between two requests at that rate.
const INTERVAL: Duration = Duration::from_nanos(1_000_000_000 / REQUESTS_PER_S);
/// Requests that may come at once after a pause: a check of thousands of small shards does not notice the limit.
pub const BURST_REQUESTS: u32 = 4096;

/// Buckets of the peers that asked lately.
#[derive(Debug, Default)]
pub(crate) struct RequestRate {
    full_at: Mutex<PeerMoments>,
}

impl RequestRate {
    /// Whether a request of `peer` is within its rate; if so it is counted.
    pub(crate) fn allows(&self, peer: PeerId) -> bool {
        let now = Instant::now();
        take(self.full_at.lock().of(peer, now), now)
    }
}

fn take(full_at: &mut Instant, now: Instant) -> bool {
    let after = (*full_at).max(now) + INTERVAL;
    let is_allowed = after - now <= INTERVAL * BURST_REQUESTS;
    if is_allowed {
        *full_at = after;
    }
    is_allowed
}

#[cfg(test)]
mod tests {
    use layr_keys::PeerId;
    use tokio::time::advance;

    use super::super::peer_moments::MAX_PEERS;
    use super::{BURST_REQUESTS, INTERVAL, RequestRate};

    fn peer(number: usize) -> PeerId {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        PeerId::from_bytes(bytes)
    }

    fn allowed(rate: &RequestRate, of: PeerId) -> u32 {
        (0..2 * BURST_REQUESTS).map(|_| u32::from(rate.allows(of))).sum()
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_has_its_burst_and_then_its_rate() {
        let rate = RequestRate::default();
        assert_eq!(allowed(&rate, peer(1)), BURST_REQUESTS);
        assert_eq!(allowed(&rate, peer(2)), BURST_REQUESTS);
        advance(INTERVAL * 100).await;
        assert_eq!(allowed(&rate, peer(1)), 100);
        advance(INTERVAL * 3 * BURST_REQUESTS).await;
        assert_eq!(allowed(&rate, peer(1)), BURST_REQUESTS, "a pause saves up no more than a burst");
    }

    #[tokio::test(start_paused = true)]
    async fn new_names_take_no_memory_and_get_nobody_around_the_limit() {
        let rate = RequestRate::default();
        let allowed =
            (0..MAX_PEERS + 2 * BURST_REQUESTS as usize).filter(|number| rate.allows(peer(*number)));
        assert_eq!(allowed.count(), MAX_PEERS + BURST_REQUESTS as usize);
        assert!(rate.allows(peer(0)), "whoever is known has its own bucket");
        assert_eq!(rate.full_at.lock().remembered(), MAX_PEERS);
        advance(INTERVAL * 2).await;
        assert!(rate.allows(peer(usize::MAX)));
        assert_eq!(rate.full_at.lock().remembered(), 1, "whoever is quiet is forgotten");
    }
}
