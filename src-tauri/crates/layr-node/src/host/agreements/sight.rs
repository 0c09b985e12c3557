//! Since when this host has been able to look without a break.
//!
//! A window's owner may have been out of the ledger's sight together with this host, and asks late as soon as it sees one. So a window is called
//! missed only when this host itself has looked for a day since. That is kept in memory alone: with a start the day begins anew.

/// So long after a window, and after the first of an unbroken row of looks, its owner is waited for before the window is called missed: one that saw
/// no ledger asks late.
const MISSED_AFTER_S: u64 = 24 * 60 * 60;
/// After a longer time between two looks the row is broken: this host was off, asleep or cut off for as long as a window is waited for.
const BREAK_S: u64 = MISSED_AFTER_S;

/// What this host could see, on the ledger's clock.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// The first look of the row that lasts, and the last one.
    row: Option<(u64, u64)>,
}

impl Sight {
    /// The ledger answered.
    pub(super) fn seen(&mut self, now_s: u64) {
        let since_s = match self.row {
            Some((since_s, last_s)) if now_s <= last_s.saturating_add(BREAK_S) => since_s,
            _ => now_s,
        };
        self.row = Some((since_s, now_s));
    }

    /// It did not.
    pub(super) fn lost(&mut self) {
        self.row = None;
    }

    /// Whether a window that ended then was missed if it does not count by now.
    pub(super) fn is_missed(&self, end_s: u64, now_s: u64) -> bool {
        self.row.is_some_and(|(since_s, _)| now_s >= end_s.max(since_s).saturating_add(MISSED_AFTER_S))
    }
}

#[cfg(test)]
mod tests {
    use super::{BREAK_S, MISSED_AFTER_S, Sight};

    #[test]
    fn a_window_is_missed_a_day_after_its_end_and_after_the_first_look_since_an_outage() {
        let mut sight = Sight::default();
        assert!(!sight.is_missed(0, u64::MAX), "nothing was seen yet");
        sight.seen(1000);
        assert!(!sight.is_missed(500, 1000 + MISSED_AFTER_S - 1));
        assert!(sight.is_missed(500, 1000 + MISSED_AFTER_S));
        assert!(!sight.is_missed(2000, 2000 + MISSED_AFTER_S - 1));
        assert!(sight.is_missed(2000, 2000 + MISSED_AFTER_S));
        // One look that fails begins the day anew, and so does a long time without any.
        sight.seen(1000 + BREAK_S);
        assert!(sight.is_missed(500, 1000 + BREAK_S));
        sight.lost();
        sight.seen(1001 + BREAK_S);
        assert!(!sight.is_missed(500, 1001 + BREAK_S));
        sight.seen(1002 + 2 * BREAK_S);
        assert!(!sight.is_missed(500, 1002 + 2 * BREAK_S));
    }
}
