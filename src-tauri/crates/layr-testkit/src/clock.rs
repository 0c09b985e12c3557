//! Time and randomness that a test owns.

use std::sync::Arc;

use layr_node::clock::{Clock, Entropy, EntropyError, Surroundings};
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::time::Instant;

/// 2026-01-01T00:00:00Z: every simulation starts there unless it says otherwise.
const SIMULATION_START_UNIX_S: u64 = 1_767_225_600;

/// A calendar that follows the runtime's (usually paused) clock and can be set wrong on purpose.
#[derive(Debug)]
pub struct VirtualClock {
    started: Instant,
    /// Seconds by which this machine's calendar is off.
    skew_s: Mutex<i64>,
}

impl VirtualClock {
    /// A calendar that starts now. Must be called inside a tokio runtime.
    pub fn start() -> Arc<Self> {
        Arc::new(Self { started: Instant::now(), skew_s: Mutex::new(0) })
    }

    /// The calendar of another machine, which shows the same until one of them is set.
    #[must_use]
    pub fn twin(&self) -> Arc<Self> {
        Arc::new(Self { started: self.started, skew_s: Mutex::new(*self.skew_s.lock()) })
    }

    /// Sets the calendar forward or back; waiting is not affected, just as on a real machine.
    pub fn jump(&self, seconds: i64) {
        *self.skew_s.lock() += seconds;
    }
}

impl Clock for VirtualClock {
    fn now_unix_s(&self) -> u64 {
        let elapsed = Instant::now().saturating_duration_since(self.started).as_secs();
        (SIMULATION_START_UNIX_S + elapsed).saturating_add_signed(*self.skew_s.lock())
    }
}

/// Randomness from a seed.
#[derive(Debug)]
pub struct SeededEntropy {
    generator: Mutex<StdRng>,
}

impl SeededEntropy {
    /// The stream of bytes that belongs to `seed`.
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self { generator: Mutex::new(StdRng::seed_from_u64(seed)) })
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<(), EntropyError> {
        self.generator.lock().fill_bytes(out);
        Ok(())
    }
}

/// Surroundings of one simulated node.
pub fn surroundings(clock: &Arc<VirtualClock>, seed: u64) -> Surroundings {
    let clock: Arc<dyn Clock> = Arc::<VirtualClock>::clone(clock);
    Surroundings { clock, entropy: SeededEntropy::new(seed) }
}
