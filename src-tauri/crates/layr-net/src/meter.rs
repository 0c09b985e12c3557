//! Byte counters and rate limits of all streams together.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, Sleep};

/// How much of a second's allowance may be sent at once after a pause.
const BURST: Duration = Duration::from_millis(250);
/// Smallest burst, so that a low rate still moves whole buffers.
const MIN_BURST_BYTES: f64 = 65_536.0;
/// A stream that waits looks at the limit this often at least: one that is lifted is felt within a second.
const LONGEST_SLEEP_S: f64 = 1.0;

/// Byte rates in both directions; `None` is unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// Bytes a second that this node sends.
    pub up_bytes_per_s: Option<u64>,
    /// Bytes a second that this node receives.
    pub down_bytes_per_s: Option<u64>,
}

/// Counters and limits.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    pub(crate) up: Flow,
    pub(crate) down: Flow,
}

impl Meter {
    /// Changes both limits; running transfers follow within a second.
    pub(crate) fn set_rates(&self, rates: Rates) {
        self.up.set_rate(rates.up_bytes_per_s);
        self.down.set_rate(rates.down_bytes_per_s);
    }
}

/// One direction: how much has passed, and a token bucket that may run into debt by one buffer.
///
/// Debt instead of splitting keeps large writes whole: the next one waits until the debt is paid.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    total_bytes: AtomicU64,
    /// 0 is unlimited; read on every poll, so that unlimited costs one relaxed load.
    rate_bytes_per_s: AtomicU64,
    bucket: Mutex<Option<Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Flow {
    /// Bytes so far.
    pub(crate) fn total_bytes(&self) -> u64 {
        self.total_bytes.load(Ordering::Relaxed)
    }

    fn set_rate(&self, rate: Option<u64>) {
        // A limit of zero would stop everything for ever; one byte a second is as good as stopped and still ends.
        self.rate_bytes_per_s.store(rate.map_or(0, |rate| rate.max(1)), Ordering::Relaxed);
        *self.bucket.lock() = None;
    }

    /// Counts bytes that passed.
    pub(crate) fn spend(&self, bytes: usize) {
        let counted = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.total_bytes.fetch_add(counted, Ordering::Relaxed);
        if self.rate_bytes_per_s.load(Ordering::Relaxed) == 0 {
            return;
        }
        if let Some(bucket) = self.bucket.lock().as_mut() {
            #[expect(clippy::cast_precision_loss, reason = "a buffer's length is far below 2^52")]
            {
                bucket.tokens -= bytes as f64;
            }
        }
    }

    /// How long to wait before the next byte may pass; `None` is now.
    fn wait(&self, now: Instant) -> Option<Duration> {
        let rate = self.rate_bytes_per_s.load(Ordering::Relaxed);
        if rate == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "rates beyond 2^52 bytes a second do not exist")]
        let rate = rate as f64;
        let burst = (rate * BURST.as_secs_f64()).max(MIN_BURST_BYTES);
        let mut guard = self.bucket.lock();
        let bucket = guard.get_or_insert(Bucket { tokens: burst, at: now });
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * rate).min(burst);
        bucket.at = now;
        // A millisecond is tokio's timer resolution; anything shorter would spin.
        (bucket.tokens <= 0.0)
            .then(|| Duration::from_secs_f64((-bucket.tokens / rate).clamp(0.001, LONGEST_SLEEP_S)))
    }
}

/// A stream's place in the queue of a flow.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Pacer {
    /// Ready when the flow has tokens.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, flow: &Flow) -> Poll<()> {
        loop {
            if let Some(sleep) = self.sleep.as_mut() {
                std::task::ready!(sleep.as_mut().poll(cx));
                self.sleep = None;
            }
            if flow.rate_bytes_per_s.load(Ordering::Relaxed) == 0 {
                return Poll::Ready(());
            }
            match flow.wait(Instant::now()) {
                None => return Poll::Ready(()),
                Some(wait) => self.sleep = Some(Box::pin(tokio::time::sleep(wait))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    async fn move_bytes(meter: &Meter, total: usize, buffer: usize) -> Duration {
        let start = Instant::now();
        let mut pacer = Pacer::default();
        let mut moved = 0;
        while moved < total {
            poll_fn(|cx| pacer.poll(cx, &meter.up)).await;
            meter.up.spend(buffer);
            moved += buffer;
        }
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_holds_over_time() {
        let meter = Meter::default();
        meter.set_rates(Rates { up_bytes_per_s: Some(1_000_000), down_bytes_per_s: None });
        let took = move_bytes(&meter, 10_000_000, 65_536).await.as_secs_f64();
        assert!((9.0..=10.2).contains(&took), "{took}");
        assert!(meter.up.total_bytes() >= 10_000_000);
    }

    #[tokio::test(start_paused = true)]
    async fn unlimited_never_waits() {
        assert_eq!(move_bytes(&Meter::default(), 100_000_000, 1 << 20).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_that_is_lifted_lets_go() {
        let meter = Meter::default();
        meter.set_rates(Rates { up_bytes_per_s: Some(0), down_bytes_per_s: None });
        meter.up.wait(Instant::now());
        meter.up.spend(1 << 20);
        meter.set_rates(Rates::default());
        assert_eq!(move_bytes(&meter, 1 << 20, 1 << 16).await, Duration::ZERO);
    }
}
