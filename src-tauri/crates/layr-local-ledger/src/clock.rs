//! Time as the ledger sees it: seconds since 1970, from a clock it is handed, and never back.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where a ledger takes the time from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(SystemTime::now))
    }

    /// A clock of one's own, for tests and simulations.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Seconds since 1970; 0 for a clock that is set before.
    pub(crate) fn unix_s(&self) -> u64 {
        (self.0)().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}

/// The time of a ledger that was closed at `last`, when the clock shows `clock` and people asked for `ahead` seconds more.
/// A clock that was set back stops it; it goes on when the clock has caught up.
pub(crate) fn ledger_time(last: u64, clock: u64, ahead: u64) -> u64 {
    last.max(clock.saturating_add(ahead))
}

#[cfg(test)]
mod tests {
    use super::ledger_time;

    #[test]
    fn never_goes_back() {
        assert_eq!(ledger_time(100, 90, 0), 100);
        assert_eq!(ledger_time(100, 90, 15), 105);
        assert_eq!(ledger_time(100, 120, 0), 120);
        assert_eq!(ledger_time(100, u64::MAX, 1), u64::MAX);
    }
}
