//! Limits on the leaves that each peer has proven in the long run, and on the bytes that are read for them.
//!
//! A leaf costs an answer of 1.6 KiB, and reading 2 KiB. Where the shard's tree is missing or wrong it costs, the first one of its
//! block, reading and hashing up to 1 MiB: a peer that asks for one leaf of each such block makes its host read a thousand times what
//! it is sent. What was read is counted, so that only such peers meet the second limit.

use std::time::Duration;

use layr_keys::PeerId;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::peer_moments::PeerMoments;

/// Leaves a second in the long run. An owner with a million shards here asks for two leaves of every shard within three hours.
const LEAVES_PER_S: u64 = 256;
/// Time between two leaves at that rate.
const INTERVAL: Duration = Duration::from_nanos(1_000_000_000 / LEAVES_PER_S);
/// Leaves that may be asked at once after a pause: four full requests.
pub const BURST_LEAVES: u32 = 4096;

/// Bytes read a second in the long run: half of what one slow disk gives, so that others are served. A leaf of each of 10 000
/// shards of 4 MiB without trees takes two minutes and a half.
const READ_BYTES_PER_S: u64 = 64 * 1024 * 1024;
/// Bytes that may be read at once after a pause: one full request about as many blocks without trees.
pub const BURST_READ_BYTES: u64 = 1024 * 1024 * 1024;

/// Buckets of the peers that asked lately.
#[derive(Debug, Default)]
pub(crate) struct LeafRate {
    leaves_full_at: Mutex<PeerMoments>,
    reads_full_at: Mutex<PeerMoments>,
}

impl LeafRate {
    /// How many of `wanted` leaves of `peer` are within its rate; they are counted. None while more was read for it than may be.
    pub(crate) fn take(&self, peer: PeerId, wanted: usize) -> usize {
        let now = Instant::now();
        let reading = self.reads_full_at.lock().of(peer, now).saturating_duration_since(now);
        if reading >= reading_time(BURST_READ_BYTES) {
            return 0;
        }
        let mut moments = self.leaves_full_at.lock();
        let full_at = moments.of(peer, now);
        let used = (*full_at).max(now) - now;
        let free = (INTERVAL * BURST_LEAVES).saturating_sub(used).as_nanos() / INTERVAL.as_nanos();
        let granted =
            u32::try_from(free).unwrap_or(BURST_LEAVES).min(u32::try_from(wanted).unwrap_or(u32::MAX));
        *full_at = now + used + INTERVAL * granted;
        granted as usize
    }

    /// Counts what was read for `peer`, which is known afterwards: at most a shard more than its rate.
    pub(crate) fn charge(&self, peer: PeerId, read_bytes: u64) {
        let now = Instant::now();
        let mut moments = self.reads_full_at.lock();
        let full_at = moments.of(peer, now);
        *full_at = (*full_at).max(now) + reading_time(read_bytes);
    }
}

/// What so many bytes take at the rate of the long run.
fn reading_time(bytes: u64) -> Duration {
    Duration::from_nanos(bytes.saturating_mul(1_000_000_000) / READ_BYTES_PER_S)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use layr_keys::PeerId;
    use tokio::time::{Instant, advance};

    use super::{BURST_LEAVES, BURST_READ_BYTES, INTERVAL, LeafRate};

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

    #[tokio::test(start_paused = true)]
    async fn what_is_read_counts_whatever_is_answered() {
        const MIB: u64 = 1024 * 1024;
        let rate = LeafRate::default();
        let (one, other) = (PeerId::from_bytes([1; 32]), PeerId::from_bytes([2; 32]));
        let mut taken = 0;
        while rate.take(one, 1) == 1 {
            rate.charge(one, 4 * MIB);
            taken += 1;
        }
        assert_eq!(taken, BURST_READ_BYTES / (4 * MIB));
        assert_eq!(rate.take(other, 1), 1, "others have their own");
        advance(Duration::from_secs(1)).await;
        assert_eq!(rate.take(one, 1), 1);
        rate.charge(one, 64 * MIB);
        assert_eq!(rate.take(one, 1), 0, "a second is worth 64 MiB");
    }

    /// The largest honest audit: a leaf of each of so many shards, each from a block of its own without a tree.
    #[tokio::test(start_paused = true)]
    async fn a_leaf_of_each_of_ten_thousand_shards_takes_minutes() {
        let (rate, peer, began) = (LeafRate::default(), PeerId::from_bytes([1; 32]), Instant::now());
        for _ in 0..10_000 {
            while rate.take(peer, 1) == 0 {
                advance(Duration::from_millis(250)).await;
            }
            rate.charge(peer, 1024 * 1024);
        }
        assert!(began.elapsed() < Duration::from_mins(3), "{:?}", began.elapsed());
        assert!(began.elapsed() > Duration::from_mins(2), "a disk is not one owner's");
    }
}
