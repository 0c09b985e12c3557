//! The few stripes between one encoder and many streams.
//!
//! Streams take pieces at their own pace. The encoder waits while most of them are busy with the oldest stripe; a minority
//! that stays behind loses the stripe after a while and makes its pieces itself. So a slow host neither holds up the others
//! nor grows a queue.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use layr_codec::Stripe;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// How long the encoder waits for the slower half once the faster one is through with a stripe. Making a piece again
/// costs a stream about 0.2 ms of processor time; a quarter of a second is worth a thousand of them, so only streams that
/// are really slower end up doing it.
const LAG_PATIENCE: Duration = Duration::from_millis(250);

/// What a stream gets.
#[derive(Debug)]
pub(super) enum Piece {
    /// The stripe with its piece. Drop it as soon as it is sent.
    Ready(Arc<Stripe>),
    /// The stripe is gone: make the piece from the segment.
    Gone,
}

/// Stripes made and not yet taken by all streams.
#[derive(Debug)]
pub(super) struct Ring {
    state: Mutex<State>,
    capacity: usize,
    /// Wakes the encoder: a stream went on.
    taken: Notify,
    /// Wakes the streams that are ahead: a stripe came, or none will.
    offered: Notify,
}

#[derive(Debug)]
struct State {
    stripes: VecDeque<Arc<Stripe>>,
    /// Number of the first stripe in `stripes`.
    first: u32,
    /// Next stripe of each stream.
    lanes: BTreeMap<u64, u32>,
    next_lane: u64,
    /// Nothing more comes: everything from here on is gone.
    closed: bool,
    spare: Vec<Stripe>,
}

/// A stream's place at the ring; dropping it gives the place up.
#[derive(Debug)]
pub(super) struct Lane {
    ring: Arc<Ring>,
    number: u64,
}

impl Ring {
    /// A ring for at most `capacity` stripes.
    pub(super) fn new(capacity: usize) -> Arc<Self> {
        let state = State {
            stripes: VecDeque::new(),
            first: 0,
            lanes: BTreeMap::new(),
            next_lane: 0,
            closed: false,
            spare: Vec::new(),
        };
        Arc::new(Self {
            state: Mutex::new(state),
            capacity: capacity.max(1),
            taken: Notify::new(),
            offered: Notify::new(),
        })
    }

    /// A ring that has nothing and will get nothing: every stream makes its pieces itself.
    pub(super) fn closed() -> Arc<Self> {
        let ring = Self::new(1);
        ring.close();
        ring
    }

    /// A place for a stream that starts with stripe 0.
    pub(super) fn join(self: &Arc<Self>) -> Lane {
        let mut state = self.state.lock();
        let number = state.next_lane;
        state.next_lane += 1;
        state.lanes.insert(number, 0);
        Lane { ring: Arc::clone(self), number }
    }

    /// Waits for room and returns memory to make the next stripe in.
    pub(super) async fn room(&self) -> Stripe {
        let mut waited_since: Option<Instant> = None;
        loop {
            {
                let mut state = self.state.lock();
                state.drop_taken();
                if state.stripes.len() < self.capacity {
                    return state.spare.pop().unwrap_or_default();
                }
                waited_since =
                    if state.is_majority_through() { waited_since.or(Some(Instant::now())) } else { None };
                if waited_since.is_some_and(|since| since.elapsed() >= LAG_PATIENCE) {
                    state.drop_first();
                    continue;
                }
            }
            match waited_since {
                Some(since) => drop(timeout_at(since + LAG_PATIENCE, self.taken.notified()).await),
                None => self.taken.notified().await,
            }
        }
    }

    /// Offers a stripe to the streams.
    pub(super) fn push(&self, stripe: Stripe) {
        self.state.lock().stripes.push_back(Arc::new(stripe));
        self.offered.notify_waiters();
    }

    /// Ends it: no more stripes come, however far the encoder got.
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.offered.notify_waiters();
    }
}

impl State {
    /// Lets go of what all have taken who are not behind for good.
    fn drop_taken(&mut self) {
        while !self.stripes.is_empty() && !self.lanes.values().any(|next| *next == self.first) {
            self.drop_first();
        }
    }

    fn is_majority_through(&self) -> bool {
        let through = self.lanes.values().filter(|next| **next > self.first).count();
        !self.lanes.is_empty() && through * 2 >= self.lanes.len()
    }

    fn drop_first(&mut self) {
        if let Some(stripe) = self.stripes.pop_front() {
            self.first += 1;
            // Nobody else holds it in the usual case: the memory serves again.
            self.spare.extend(Arc::try_unwrap(stripe));
        }
    }
}

impl Lane {
    /// The stripe `number`, which must not go down from call to call. The stream is through with all before it.
    pub(super) async fn take(&self, number: u32) -> Piece {
        loop {
            let offered = self.ring.offered.notified();
            {
                let mut state = self.ring.state.lock();
                if state.lanes.insert(self.number, number) != Some(number) {
                    // There is one encoder, and a permit waits for it where it is not waiting itself.
                    self.ring.taken.notify_one();
                }
                if number < state.first {
                    return Piece::Gone;
                }
                let index = usize::try_from(number - state.first).unwrap_or(usize::MAX);
                match state.stripes.get(index) {
                    Some(stripe) => return Piece::Ready(Arc::clone(stripe)),
                    None if state.closed => return Piece::Gone,
                    None => {}
                }
            }
            offered.await;
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.ring.state.lock().lanes.remove(&self.number);
        self.ring.taken.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use layr_codec::Stripe;
    use tokio::time::{Instant, timeout};

    use super::{LAG_PATIENCE, Piece, Ring};

    #[tokio::test(start_paused = true)]
    async fn the_encoder_waits_while_all_streams_are_equally_slow() {
        let ring = Ring::new(2);
        let lanes: Vec<_> = (0..4).map(|_| ring.join()).collect();
        for _ in 0..2 {
            ring.room().await;
            ring.push(Stripe::new());
        }
        assert!(timeout(Duration::from_hours(1), ring.room()).await.is_err(), "nobody took anything");
        for lane in &lanes {
            assert!(matches!(lane.take(1).await, Piece::Ready(_)), "nothing was taken away from anybody");
        }
        timeout(Duration::from_millis(1), ring.room()).await.expect("all are through with the first stripe");
    }

    #[tokio::test(start_paused = true)]
    async fn a_minority_that_lags_loses_the_stripe_after_a_while() {
        let ring = Ring::new(1);
        let lanes: Vec<_> = (0..4).map(|_| ring.join()).collect();
        ring.push(Stripe::new());
        let fast = lanes
            .iter()
            .take(3)
            .map(|lane| async { timeout(Duration::from_secs(1), lane.take(1)).await.is_ok() });
        let began = Instant::now();
        let (_, room) = tokio::join!(futures::future::join_all(fast), ring.room());
        drop(room);
        assert!(began.elapsed() >= LAG_PATIENCE);
        assert!(matches!(lanes[3].take(0).await, Piece::Gone));
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_behind_is_waited_for_once() {
        let ring = Ring::new(1);
        let lanes: Vec<_> = (0..4).map(|_| ring.join()).collect();
        let began = Instant::now();
        for number in 0..20 {
            let fast = lanes.iter().take(3).map(|lane| async move {
                assert!(matches!(lane.take(number).await, Piece::Ready(_)));
            });
            let make = async {
                ring.room().await;
                ring.push(Stripe::new());
            };
            tokio::join!(futures::future::join_all(fast), make);
        }
        assert!(began.elapsed() < 2 * LAG_PATIENCE, "{:?} for 20 stripes", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_ends_holds_nobody_up() {
        let ring = Ring::new(1);
        let (stays, leaves) = (ring.join(), ring.join());
        ring.push(Stripe::new());
        drop(leaves);
        tokio::select! {
            _ = stays.take(1) => panic!("nobody made it"),
            room = timeout(LAG_PATIENCE / 2, ring.room()) => drop(room.expect("there is room at once")),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_ring_leaves_no_stream_waiting() {
        let ring = Ring::new(1);
        let lane = ring.join();
        let (taken, ()) = tokio::join!(lane.take(0), async { ring.close() });
        assert!(matches!(taken, Piece::Gone));
        assert!(matches!(Ring::closed().join().take(0).await, Piece::Gone));
    }
}
