//! A limit on the leaves that each peer has proven in the long run.

use std::time::Duration;

use layr_keys::PeerId;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::peer_moments::PeerMoments;

/// Leaves a second in the long run. Each may cost reading and hashing a block of 1 MiB; an owner with a million shards here
/// asks for two leaves of every shard within three hours.
const LEAVES_PER_S: u64 = 256;
/// Time between two leaves at that rate.
const INTERVAL: Duration = Duration::from_nanos(1_000_000_000 / LEAVES_PER_S);
/// Leaves that may be asked at once after a pause: four full requests.
pub const BURST_LEAVES: u32 = 4096;

/// Buckets of the peers that asked lately.
#[derive(Debug, Default)]
pub(crate) struct LeafRate {
    full_at: Mutex<PeerMoments>,
}

impl LeafRate {
    /// How many of `wanted` leaves of `peer` are within its rate; they are counted.
    pub(crate) fn take(&self, peer: PeerId, wanted: usize) -> usize {
        let now = Instant::now();
        let mut moments = self.full_at.lock();
        let full_at = moments.of(peer, now);
        let used = (*full_at).max(now) - now;
        let free = (INTERVAL * BURST_LEAVES).saturating_sub(used).as_nanos() / INTERVAL.as_nanos();
        let granted =
            u32::try_from(free).unwrap_or(BURST_LEAVES).min(u32::try_from(wanted).unwrap_or(u32::MAX));
        *full_at = now + used + INTERVAL * granted;
        granted as usize
    }
}

#[cfg(test)]
mod tests {
    use layr_keys::PeerId;
    use tokio::time::advance;

    use super::{BURST_LEAVES, INTERVAL, LeafRate};

    #[tokio::test(start_paused = true)]
    async fn a_peer_has_its_burst_and_then_its_rate() {
        let rate = LeafRate::default();
        let (one, other) = (PeerId::from_bytes([1; 32]), PeerId::from_bytes([2; 32]));
        assert_eq!(rate.take(one, 1000), 1000);
        assert_eq!(rate.take(one, 4000), BURST_LEAVES as usize - 1000);
        assert_eq!(rate.take(one, 1), 0);
        assert_eq!(rate.take(other, 7), 7);
        advance(INTERVAL * 100).await;
        assert_eq!(rate.take(one, 1000), 100);
        advance(INTERVAL * 3 * BURST_LEAVES).await;
        assert_eq!(
            rate.take(one, usize::MAX),
            BURST_LEAVES as usize,
            "a pause saves up no more than a burst"
        );
    }
}
