//! Time and randomness, handed in so that a test owns both.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Wall-clock time of a node. Waiting goes through `tokio::time`, which tests pause; the calendar goes through this.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Seconds since 1970-01-01T00:00:00Z. May jump in both directions: nothing may be deleted on its word alone.
    fn now_unix_s(&self) -> u64;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_unix_s(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
    }
}

/// Source of unpredictable bytes (nonces, segment ids, challenges).
pub trait Entropy: Send + Sync + std::fmt::Debug {
    /// Fills `out`.
    ///
    /// # Errors
    /// The operating system has none to give; nothing may be encrypted then.
    fn fill(&self, out: &mut [u8]) -> Result<(), EntropyError>;
}

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes: {reason}")]
pub struct EntropyError {
    /// What it said instead.
    pub reason: String,
}

/// The operating system's generator.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(out).map_err(|source| EntropyError { reason: source.to_string() })
    }
}

/// What a node takes its time and randomness from.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Calendar time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) }
    }
}
