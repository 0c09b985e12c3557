//! A limit on bytes a second that many streams share and that can be changed while they run.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// Bytes that may pass at once after a pause, so that short requests are not delayed.
const BURST: Duration = Duration::from_millis(100);

/// A shared rate limit. Callers are served in the order in which they ask.
#[derive(Debug)]
pub(crate) struct RateLimit {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// 0 is no limit.
    bytes_per_s: u64,
    /// When everything promised so far has passed.
    free_at: Instant,
}

impl RateLimit {
    pub(crate) fn new(bytes_per_s: u64) -> Self {
        Self { state: Mutex::new(State { bytes_per_s, free_at: Instant::now() }) }
    }

    /// Changes the rate for everything asked from now on. What older requests have promised is forgotten, so that a
    /// lifted limit is felt at once.
    pub(crate) fn set(&self, bytes_per_s: u64) {
        let mut state = self.state.lock();
        state.bytes_per_s = bytes_per_s;
        state.free_at = Instant::now();
    }

    /// Waits until `len_bytes` may pass. Cancelled callers keep their turn's cost: the limit errs to the slow side.
    pub(crate) async fn pass(&self, len_bytes: usize) {
        let wait_until = {
            let mut state = self.state.lock();
            if state.bytes_per_s == 0 {
                return;
            }
            let now = Instant::now();
            let start = state.free_at.max(now.checked_sub(BURST).unwrap_or(now));
            let cost_us = (len_bytes as u64).saturating_mul(1_000_000) / state.bytes_per_s;
            state.free_at = start + Duration::from_micros(cost_us);
            if state.free_at <= now {
                return;
            }
            state.free_at
        };
        tokio::time::sleep_until(wait_until).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::RateLimit;

    #[tokio::test(start_paused = true)]
    async fn the_rate_holds_over_many_callers_and_no_limit_costs_nothing() {
        let limit = RateLimit::new(1_000_000);
        let started = Instant::now();
        let callers = (0..4).map(|_| async {
            for _ in 0..10 {
                limit.pass(100_000).await;
            }
        });
        futures::future::join_all(callers).await;
        let elapsed = started.elapsed();
        assert!(
            elapsed >= Duration::from_millis(3_850) && elapsed <= Duration::from_millis(4_050),
            "{elapsed:?}"
        );

        limit.set(0);
        let lifted = Instant::now();
        limit.pass(usize::MAX).await;
        assert_eq!(lifted.elapsed(), Duration::ZERO);
    }
}
