//! How fast a transfer moves, and when it will be through: measured, never guessed.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Movement before anything is said: the first seconds tell about connections, not about the transfer.
const MEASURE_FIRST: Duration = Duration::from_secs(3);
/// The speed is that of the last so many seconds: segments are sent in bursts, and a person wants one calm number.
const WINDOW: Duration = Duration::from_secs(10);
/// Without movement for so long a transfer stalls; afterwards it is measured anew.
const STALLED: Duration = Duration::from_secs(5);
/// Shortest time between two samples; with [`WINDOW`] it bounds how many are kept.
const SAMPLE_EVERY: Duration = Duration::from_millis(250);

/// Samples of one transfer's progress; at most `WINDOW / SAMPLE_EVERY` and two more.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// When bytes were how many, oldest first; the first is the beginning of the movement or of the window.
    samples: VecDeque<(Instant, u64)>,
    /// When the movement began.
    moves_since: Option<Instant>,
    /// The last count and when it last grew.
    last: Option<(Instant, u64)>,
}

/// What a meter says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// Bytes a second.
    pub rate_bytes_per_s: Option<u64>,
    /// Seconds left.
    pub eta_s: Option<u64>,
}

impl Meter {
    /// Notes that `done_bytes` are done at `now`. Counts that shrink begin anew.
    pub(super) fn note(&mut self, now: Instant, done_bytes: u64) {
        let Some((moved_at, before)) = self.last else {
            self.last = Some((now, done_bytes));
            return;
        };
        if done_bytes == before {
            return;
        }
        self.last = Some((now, done_bytes));
        if done_bytes < before || now.duration_since(moved_at) >= STALLED || self.moves_since.is_none() {
            self.samples.clear();
            self.moves_since = Some(now);
        }
        if self.samples.back().is_none_or(|(at, _)| now.duration_since(*at) >= SAMPLE_EVERY) {
            self.samples.push_back((now, done_bytes));
        }
        // One sample before the window stays: it is where the window's first step began.
        while self.samples.get(1).is_some_and(|(at, _)| now.duration_since(*at) >= WINDOW) {
            self.samples.pop_front();
        }
    }

    /// Forgets all samples: what was counted so far was not moved.
    pub(super) fn restart(&mut self) {
        *self = Self::default();
    }

    /// The speed at `now`, and the time that `left_bytes` take at it.
    pub(super) fn read(&self, now: Instant, left_bytes: Option<u64>) -> Reading {
        let rate = self.rate(now);
        let eta_s = rate.zip(left_bytes).map(|(rate, left)| left.div_ceil(rate));
        Reading { rate_bytes_per_s: rate, eta_s }
    }

    fn rate(&self, now: Instant) -> Option<u64> {
        let (moved_at, done) = self.last?;
        let (first_at, first) = *self.samples.front()?;
        let is_measured = now.duration_since(self.moves_since?) >= MEASURE_FIRST;
        if !is_measured || now.duration_since(moved_at) >= STALLED {
            return None;
        }
        // Up to now and not to the last step: a pause between two steps slows down too.
        let elapsed_ms = now.duration_since(first_at).as_millis().max(1);
        let rate = u128::from(done.saturating_sub(first)) * 1000 / elapsed_ms;
        u64::try_from(rate).ok().filter(|rate| *rate > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Meter, Reading, SAMPLE_EVERY, WINDOW};
    use std::time::Duration;
    use tokio::time::Instant;

    const TICK: Duration = Duration::from_millis(100);

    /// Moves on at `bytes_per_s` for so many ticks.
    fn run(meter: &mut Meter, now: &mut Instant, done: &mut u64, bytes_per_s: u64, ticks: u32) {
        for _ in 0..ticks {
            *now += TICK;
            *done += bytes_per_s / 10;
            meter.note(*now, *done);
        }
    }

    #[test]
    fn nothing_is_said_before_three_seconds_of_movement() {
        let (mut meter, mut now, mut done) = (Meter::default(), Instant::now(), 0);
        meter.note(now, done);
        // Waiting is no movement.
        now += Duration::from_secs(30);
        run(&mut meter, &mut now, &mut done, 1000, 30);
        assert_eq!(meter.read(now, Some(500)), Reading::default());
        run(&mut meter, &mut now, &mut done, 1000, 1);
        let reading = meter.read(now, Some(500));
        assert_eq!(reading, Reading { rate_bytes_per_s: Some(1000), eta_s: Some(1) });
        assert_eq!(meter.read(now, None).eta_s, None);
    }

    #[test]
    fn a_stalled_transfer_has_neither_speed_nor_end_and_is_measured_anew() {
        let (mut meter, mut now, mut done) = (Meter::default(), Instant::now(), 0);
        run(&mut meter, &mut now, &mut done, 1000, 100);
        assert!(meter.read(now + Duration::from_millis(4900), Some(1)).eta_s.is_some());
        now += Duration::from_secs(5);
        assert_eq!(meter.read(now, Some(1)), Reading::default());
        run(&mut meter, &mut now, &mut done, 9000, 20);
        assert_eq!(meter.read(now, Some(1)), Reading::default());
        run(&mut meter, &mut now, &mut done, 9000, 20);
        assert_eq!(
            meter.read(now, None).rate_bytes_per_s,
            Some(9000),
            "the time before the stall counts no more"
        );
    }

    #[test]
    fn the_speed_is_smooth_and_follows_within_the_window() {
        let (mut meter, mut now, mut done) = (Meter::default(), Instant::now(), 0);
        let mut readings = Vec::new();
        for step in 0_u64..400 {
            // All of a second's bytes in its first tenth.
            now += TICK;
            done += if step % 10 == 0 { 10_000 } else { 0 };
            meter.note(now, done);
            readings.extend(meter.read(now, None).rate_bytes_per_s.filter(|_| step > 120));
        }
        let (least, most) = (*readings.iter().min().unwrap(), *readings.iter().max().unwrap());
        assert!(least >= 8500 && most <= 11_500, "{least} to {most}");
        run(&mut meter, &mut now, &mut done, 2000, 120);
        let rate = meter.read(now, None).rate_bytes_per_s.unwrap();
        assert!((1900..=2100).contains(&rate), "{rate}");
        assert!(meter.samples.len() as u128 <= WINDOW.as_millis() / SAMPLE_EVERY.as_millis() + 2);
    }
}
