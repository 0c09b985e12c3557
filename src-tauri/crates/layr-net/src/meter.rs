//! Byte counters and rate limits of all streams together.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, Sleep};

/// What may pass at once after a pause.
const BURST: Duration = Duration::from_millis(250);
/// What a stream moves at a turn: small, so that many streams all keep moving.
const QUANTUM_BYTES: u64 = 16 * 1024;
/// What passes of a stream, each way, before it waits for turns.
const FREE_BYTES: usize = 8 * 1024;
/// A stream that waits looks at the limit this often at least: one that is lifted is felt within a second.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// A year: more than this no number of bytes is waited for.
const LONGEST_COST_US: u64 = 365 * 86_400 * 1_000_000;

/// Byte rates in both directions; `None` is unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// Bytes a second that this node sends.
    pub up_bytes_per_s: Option<u64>,
    /// Bytes a second that this node receives.
    pub down_bytes_per_s: Option<u64>,
}

/// Counters and limits of all streams of a node together.
#[derive(Debug, Default)]
pub struct Meter {
    pub(crate) up: Flow,
    pub(crate) down: Flow,
}

impl Meter {
    /// Whether any limit is set.
    pub fn is_limited(&self) -> bool {
        self.up.is_limited() || self.down.is_limited()
    }

    /// Changes both limits; running transfers follow within a second.
    pub fn set_rates(&self, rates: Rates) {
        self.up.set_rate(rates.up_bytes_per_s);
        self.down.set_rate(rates.down_bytes_per_s);
    }
}

/// One direction: how much has passed, and when what was promised so far will have.
///
/// Streams get turns in the order in which they ask, each of one [`QUANTUM_BYTES`], so that none starves the others. What
/// passes at a turn may be more or less: the difference moves the turns that are given next.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    total_bytes: AtomicU64,
    /// 0 is unlimited; read on every poll, so that unlimited costs one relaxed load.
    rate_bytes_per_s: AtomicU64,
    turns: Mutex<Turns>,
}

#[derive(Debug, Default)]
struct Turns {
    /// When the next turn may be; none is at once.
    free_at: Option<Instant>,
    /// Counts the limits: turns under another one are void.
    limit: u64,
}

/// When a stream may move its next bytes.
#[derive(Debug, Clone, Copy)]
struct Turn {
    at: Instant,
    limit: u64,
}

impl Flow {
    /// Bytes so far.
    pub(crate) fn total_bytes(&self) -> u64 {
        self.total_bytes.load(Ordering::Relaxed)
    }

    /// Whether a limit is set.
    pub(crate) fn is_limited(&self) -> bool {
        self.rate_bytes_per_s.load(Ordering::Relaxed) != 0
    }

    fn set_rate(&self, rate: Option<u64>) {
        let mut turns = self.turns.lock();
        // A limit of zero would stop everything for ever; one byte a second is as good as stopped and still ends.
        self.rate_bytes_per_s.store(rate.map_or(0, |rate| rate.max(1)), Ordering::Relaxed);
        *turns = Turns { free_at: None, limit: turns.limit.wrapping_add(1) };
    }

    /// Counts bytes that passed; `at_turn` where a turn was waited for.
    pub(crate) fn spend(&self, bytes: usize, at_turn: bool) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.total_bytes.fetch_add(bytes, Ordering::Relaxed);
        let rate = self.rate_bytes_per_s.load(Ordering::Relaxed);
        if rate == 0 {
            return;
        }
        let promised = if at_turn { QUANTUM_BYTES } else { 0 };
        let mut turns = self.turns.lock();
        let free_at = turns.free_at.unwrap_or_else(Instant::now);
        turns.free_at = Some(if bytes >= promised {
            free_at + time_for(bytes - promised, rate)
        } else {
            free_at.checked_sub(time_for(promised - bytes, rate)).unwrap_or(free_at)
        });
    }

    /// The turn that this stream has, or a new one; `None` where nothing is limited.
    fn turn(&self, held: Option<Turn>, now: Instant) -> Option<Turn> {
        let rate = self.rate_bytes_per_s.load(Ordering::Relaxed);
        if rate == 0 {
            return None;
        }
        let mut turns = self.turns.lock();
        if let Some(turn) = held.filter(|turn| turn.limit == turns.limit) {
            return Some(turn);
        }
        let at = turns.free_at.unwrap_or(now).max(now.checked_sub(BURST).unwrap_or(now));
        turns.free_at = Some(at + time_for(QUANTUM_BYTES, rate));
        Some(Turn { at, limit: turns.limit })
    }
}

/// How long so many bytes take. Beyond years it is no time that anything waits for.
fn time_for(bytes: u64, rate_bytes_per_s: u64) -> Duration {
    let micros = u128::from(bytes) * 1_000_000 / u128::from(rate_bytes_per_s.max(1));
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX).min(LONGEST_COST_US))
}

/// How one stream keeps to its node's limits, each way.
///
/// The first bytes wait for no turn, but count: questions and their answers pass beside bulk data, however low a limit is.
#[derive(Debug, Default)]
pub struct Pacing {
    sending: Paced,
    receiving: Paced,
}

#[derive(Debug, Default)]
struct Paced {
    pacer: Pacer,
    passed_bytes: usize,
}

impl Pacing {
    /// Ready when the stream may send, which it keeps until [`Pacing::sent`].
    pub fn poll_send(&mut self, cx: &mut Context<'_>, meter: &Meter) -> Poll<()> {
        self.sending.poll(cx, &meter.up)
    }

    /// Counts what was sent.
    pub fn sent(&mut self, meter: &Meter, bytes: usize) {
        self.sending.passed(&meter.up, bytes);
    }

    /// Ready when the stream may receive, which it keeps until [`Pacing::received`].
    pub fn poll_receive(&mut self, cx: &mut Context<'_>, meter: &Meter) -> Poll<()> {
        self.receiving.poll(cx, &meter.down)
    }

    /// Counts what was received.
    pub fn received(&mut self, meter: &Meter, bytes: usize) {
        self.receiving.passed(&meter.down, bytes);
    }
}

impl Paced {
    fn poll(&mut self, cx: &mut Context<'_>, flow: &Flow) -> Poll<()> {
        if self.passed_bytes < FREE_BYTES { Poll::Ready(()) } else { self.pacer.poll(cx, flow) }
    }

    fn passed(&mut self, flow: &Flow, bytes: usize) {
        self.passed_bytes = self.passed_bytes.saturating_add(bytes);
        self.pacer.passed(flow, bytes);
    }
}

/// A stream's place in the queue of a flow.
#[derive(Debug, Default)]
struct Pacer {
    turn: Option<Turn>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Pacer {
    /// Ready when it is this stream's turn, which it keeps until [`Pacer::passed`].
    fn poll(&mut self, cx: &mut Context<'_>, flow: &Flow) -> Poll<()> {
        loop {
            if !flow.is_limited() {
                (self.turn, self.sleep) = (None, None);
                return Poll::Ready(());
            }
            if let Some(sleep) = self.sleep.as_mut() {
                std::task::ready!(sleep.as_mut().poll(cx));
                self.sleep = None;
            }
            let now = Instant::now();
            self.turn = flow.turn(self.turn, now);
            match self.turn {
                Some(turn) if turn.at > now => {
                    // A millisecond is tokio's timer resolution; anything shorter would spin.
                    let wait = (turn.at - now).clamp(Duration::from_millis(1), LONGEST_SLEEP);
                    self.sleep = Some(Box::pin(tokio::time::sleep(wait)));
                }
                _ => return Poll::Ready(()),
            }
        }
    }

    /// Counts what passed, and gives the turn up.
    fn passed(&mut self, flow: &Flow, bytes: usize) {
        flow.spend(bytes, self.turn.take().is_some());
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
            pacer.passed(&meter.up, buffer);
            moved += buffer;
        }
        start.elapsed()
    }

    fn limited(up_bytes_per_s: u64) -> Meter {
        let meter = Meter::default();
        meter.set_rates(Rates { up_bytes_per_s: Some(up_bytes_per_s), down_bytes_per_s: None });
        meter
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_holds_over_time_whatever_the_buffers() {
        for buffer in [1000, 16_384, 65_536] {
            let meter = limited(1_000_000);
            let took = move_bytes(&meter, 10_000_000, buffer).await.as_secs_f64();
            assert!((9.0..=10.2).contains(&took), "{took} with buffers of {buffer}");
            assert!(meter.up.total_bytes() >= 10_000_000);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_streams_all_move_and_hold_the_rate_together() {
        let meter = limited(1_000_000);
        let streams = (0..30).map(|_| move_bytes(&meter, 1_000_000, 65_536));
        let took = futures::future::join_all(streams).await;
        let seconds = |took: &Duration| took.as_secs_f64();
        let last = took.iter().map(seconds).fold(0.0, f64::max);
        let first = took.iter().map(seconds).fold(f64::MAX, f64::min);
        assert!((29.0..=33.0).contains(&last), "30 MB at 1 MB/s took {last} s");
        assert!(first > 0.8 * last, "one was through after {first} s, another after {last} s");
    }

    #[tokio::test(start_paused = true)]
    async fn unlimited_never_waits() {
        assert_eq!(move_bytes(&Meter::default(), 100_000_000, 1 << 20).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_that_is_lifted_lets_go_within_a_second() {
        let meter = limited(0);
        assert!(meter.is_limited());
        meter.up.spend(1 << 20, false);
        let lift = async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            meter.set_rates(Rates::default());
        };
        let (took, ()) = tokio::join!(move_bytes(&meter, 1 << 20, 1 << 16), lift);
        assert!((Duration::from_secs(10)..=Duration::from_secs(11)).contains(&took), "{took:?}");
    }
}
