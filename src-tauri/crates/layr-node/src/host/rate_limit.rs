//! A limit on bytes a second that many streams share, in all and for each peer, and that can be changed while they run.

use std::time::Duration;

use layr_keys::PeerId;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::peer_moments::PeerMoments;

/// Bytes that may pass at once after a pause, so that short requests are not delayed.
const BURST: Duration = Duration::from_millis(100);
/// Bytes that a stream moves at once where a limit may hold it back: few, so that many streams all keep moving and no caller's
/// deadline passes between two of them.
pub(crate) const SLICE_BYTES: usize = 16 * 1024;
/// With more than this ahead of it, a new request is told "busy": its caller has spare hosts, and would give up waiting.
pub(crate) const MAX_BACKLOG: Duration = Duration::from_secs(2);

/// Bytes a second; 0 is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ByteRates {
    /// For everybody together.
    pub(crate) total_bytes_per_s: u64,
    /// For each peer.
    pub(crate) peer_bytes_per_s: u64,
}

/// A shared rate limit in one direction. Callers are served in the order in which they ask.
#[derive(Debug, Default)]
pub(crate) struct RateLimit {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    rates: ByteRates,
    /// When everything promised so far has passed; none is long ago.
    free_at: Option<Instant>,
    /// The same for each peer.
    peers: PeerMoments,
}

impl RateLimit {
    /// Changes the rates. What older requests have promised is forgotten, and those that wait go on, so that a lifted limit
    /// is felt at once; after a change one block of each stream may pass too early.
    pub(crate) fn set(&self, rates: ByteRates) {
        let mut state = self.state.lock();
        if state.rates == rates {
            return;
        }
        state.rates = rates;
        state.free_at = None;
        state.peers.clear();
        self.changed.notify_waiters();
    }

    /// How long whoever asks now would wait for a turn.
    pub(crate) fn backlog(&self, peer: PeerId) -> Duration {
        let now = Instant::now();
        let mut state = self.state.lock();
        let total = state.free_at.unwrap_or(now);
        let free_at =
            if state.rates.peer_bytes_per_s > 0 { total.max(*state.peers.of(peer, now)) } else { total };
        free_at.saturating_duration_since(now)
    }

    /// This limit as one stream of `peer` meets it.
    pub(crate) fn of(&self, peer: PeerId) -> PeerRate<'_> {
        PeerRate { limit: self, peer }
    }

    /// When `len_bytes` more of `peer` may pass.
    fn take(&self, peer: PeerId, len_bytes: usize) -> Option<Instant> {
        let mut state = self.state.lock();
        let ByteRates { total_bytes_per_s, peer_bytes_per_s } = state.rates;
        if total_bytes_per_s == 0 && peer_bytes_per_s == 0 {
            return None;
        }
        let now = Instant::now();
        let mut free_at = now;
        if total_bytes_per_s > 0 {
            free_at = spend(state.free_at.get_or_insert(now), now, len_bytes, total_bytes_per_s);
        }
        if peer_bytes_per_s > 0 {
            free_at = free_at.max(spend(state.peers.of(peer, now), now, len_bytes, peer_bytes_per_s));
        }
        (free_at > now).then_some(free_at)
    }
}

/// A [`RateLimit`] and the peer whose bytes pass it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PeerRate<'a> {
    limit: &'a RateLimit,
    peer: PeerId,
}

impl PeerRate<'_> {
    /// Waits until `len_bytes` may pass. Cancelled callers keep their turn's cost: the limit errs to the slow side.
    pub(crate) async fn pass(self, len_bytes: usize) {
        let changed = self.limit.changed.notified();
        let Some(free_at) = self.limit.take(self.peer, len_bytes) else { return };
        tokio::select! {
            biased;
            () = tokio::time::sleep_until(free_at) => {}
            () = changed => {}
        }
    }
}

/// Puts `len_bytes` behind what was promised before, and says when they have passed.
fn spend(free_at: &mut Instant, now: Instant, len_bytes: usize, bytes_per_s: u64) -> Instant {
    let start = (*free_at).max(now.checked_sub(BURST).unwrap_or(now));
    let cost_us = (len_bytes as u64).saturating_mul(1_000_000) / bytes_per_s;
    *free_at = start + Duration::from_micros(cost_us);
    *free_at
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::time::Duration;

    use layr_keys::PeerId;
    use tokio::time::Instant;

    use super::{ByteRates, RateLimit};

    const FIRST: PeerId = PeerId::from_bytes([1; 32]);
    const SECOND: PeerId = PeerId::from_bytes([2; 32]);

    fn limit(total_bytes_per_s: u64, peer_bytes_per_s: u64) -> RateLimit {
        let limit = RateLimit::default();
        limit.set(ByteRates { total_bytes_per_s, peer_bytes_per_s });
        limit
    }

    async fn pass_a_megabyte(limit: &RateLimit, peer: PeerId) {
        for _ in 0..10 {
            limit.of(peer).pass(100_000).await;
        }
    }

    async fn seconds(work: impl Future) -> f64 {
        let started = Instant::now();
        work.await;
        started.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_holds_over_many_callers_and_no_limit_costs_nothing() {
        let limit = limit(1_000_000, 0);
        let callers = (0..4).map(|_| pass_a_megabyte(&limit, FIRST));
        let elapsed = seconds(futures::future::join_all(callers)).await;
        assert!((3.85..4.05).contains(&elapsed), "{elapsed}");
        limit.set(ByteRates::default());
        assert!(seconds(limit.of(FIRST).pass(usize::MAX)).await < f64::EPSILON);
    }

    #[tokio::test(start_paused = true)]
    async fn each_peer_has_a_rate_of_its_own_however_many_streams_it_opens() {
        let limit = limit(0, 500_000);
        let both = async { tokio::join!(pass_a_megabyte(&limit, FIRST), pass_a_megabyte(&limit, SECOND)) };
        let elapsed = seconds(both).await;
        assert!((1.85..2.05).contains(&elapsed), "{elapsed}");
        let streams = (0..3).map(|_| pass_a_megabyte(&limit, FIRST));
        let elapsed = seconds(futures::future::join_all(streams)).await;
        assert!((5.85..6.05).contains(&elapsed), "{elapsed}");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_feels_a_lifted_limit_at_once_and_the_same_limit_set_again_lifts_nothing() {
        let limit = limit(1000, 0);
        let waiting = limit.of(FIRST).pass(1_000_000);
        let change = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            limit.set(ByteRates { total_bytes_per_s: 1000, peer_bytes_per_s: 0 });
            tokio::time::sleep(Duration::from_secs(5)).await;
            limit.set(ByteRates::default());
        };
        let elapsed = seconds(async { tokio::join!(waiting, change) }).await;
        assert!((9.9..10.1).contains(&elapsed), "{elapsed}");
    }
}
