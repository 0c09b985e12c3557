//! The library's own clock, by which ages are measured.
//!
//! A person's clock may be wrong by years in both directions and be corrected later. Whatever it does, nothing may be
//! deleted before its time, and nothing may be kept for ever. So ages are measured on an *observed clock*: it moves
//! forward with the wall clock, by at most a day between two looks, and never backwards. A wall clock that goes back
//! leaves a debt of at most a day, which is paid before the observed clock moves on, since a jump that is now taken
//! back had moved it by at most a day: hence a clock that flips to and fro does not age anything either. A machine
//! that was off for a month ages by a day.

use rusqlite::Connection;

use crate::error::{StoreError, signed, unsigned};

/// A day in seconds.
pub(crate) const DAY_S: u64 = 24 * 60 * 60;

/// Most that one look at the wall clock moves the observed clock.
pub(crate) const MAX_STEP_S: u64 = DAY_S;

/// State of the observed clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "units come last in names")]
pub(crate) struct ObservedClock {
    /// Seconds that decide ages. Starts as unix time, then falls behind where the machine is off for long.
    pub(crate) observed_s: u64,
    /// The wall clock at the last look, unix seconds.
    pub(crate) wall_s: u64,
    /// How much forward movement is still to be ignored.
    pub(crate) debt_s: u64,
}

impl ObservedClock {
    /// The state after a look at the wall clock that shows `now_unix_s`.
    pub(crate) fn tick(self, now_unix_s: u64) -> Self {
        if let Some(step_s) = now_unix_s.checked_sub(self.wall_s) {
            let step_s = step_s.min(MAX_STEP_S);
            let paid_s = step_s.min(self.debt_s);
            let gained_s = step_s.saturating_sub(paid_s);
            Self {
                observed_s: self.observed_s.saturating_add(gained_s),
                wall_s: now_unix_s,
                debt_s: self.debt_s.saturating_sub(paid_s),
            }
        } else {
            let back_s = self.wall_s.saturating_sub(now_unix_s);
            let debt_s = self.debt_s.saturating_add(back_s).min(MAX_STEP_S);
            Self { observed_s: self.observed_s, wall_s: now_unix_s, debt_s }
        }
    }

    /// Reads the recorded state.
    pub(crate) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let mut statement =
            connection.prepare_cached("SELECT observed_s, wall_s, debt_s FROM clock WHERE only_row = 1")?;
        let (observed_s, wall_s, debt_s) =
            statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(Self { observed_s: unsigned(observed_s)?, wall_s: unsigned(wall_s)?, debt_s: unsigned(debt_s)? })
    }

    /// Records the state.
    pub(crate) fn store(self, connection: &Connection) -> Result<(), StoreError> {
        connection
            .prepare_cached("UPDATE clock SET observed_s = ?1, wall_s = ?2, debt_s = ?3 WHERE only_row = 1")?
            .execute([
                signed("the observed time", self.observed_s)?,
                signed("the time", self.wall_s)?,
                signed("the clock's debt", self.debt_s)?,
            ])?;
        Ok(())
    }
}

/// The observed time now, as the engine's integer.
pub(crate) fn observed(connection: &Connection) -> Result<i64, StoreError> {
    signed("the observed time", ObservedClock::load(connection)?.observed_s)
}

/// A number of days as the engine's integer of seconds.
pub(crate) const fn days(count: u32) -> i64 {
    count as i64 * 86_400
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const YEAR_S: u64 = 365 * DAY_S;
    const START_S: u64 = 1_800_000_000;

    fn fresh() -> ObservedClock {
        ObservedClock { observed_s: START_S, wall_s: START_S, debt_s: 0 }
    }

    #[test]
    fn runs_with_the_wall_clock() {
        let clock = (1..=100).fold(fresh(), |clock, minute| clock.tick(START_S + minute * 60));
        assert_eq!(clock.observed_s, START_S + 6000);
    }

    #[test]
    fn a_year_ahead_and_back_costs_nothing_in_the_end() {
        let ahead = fresh().tick(START_S + YEAR_S);
        assert_eq!(ahead.observed_s, START_S + DAY_S);
        let back = ahead.tick(START_S + 60);
        assert_eq!(back.observed_s, START_S + DAY_S);
        // The day that was gained too early is paid back, then time goes on.
        let day_later = back.tick(START_S + 60 + DAY_S);
        assert_eq!(day_later.observed_s, START_S + DAY_S);
        assert_eq!(day_later.tick(START_S + 60 + 2 * DAY_S).observed_s, START_S + 2 * DAY_S);
    }

    #[test]
    fn a_clock_that_flips_to_and_fro_ages_by_one_day_only() {
        let mut clock = fresh();
        for _ in 0..1000 {
            clock = clock.tick(START_S + YEAR_S).tick(START_S);
        }
        assert_eq!(clock.observed_s, START_S + DAY_S);
    }

    #[test]
    fn a_year_back_stops_it_for_a_day_at_most() {
        let mut clock = fresh().tick(START_S - YEAR_S);
        for day in 1..=10 {
            clock = clock.tick(START_S - YEAR_S + day * DAY_S);
        }
        assert_eq!(clock.observed_s, START_S + 9 * DAY_S);
    }

    proptest! {
        #[test]
        fn never_goes_back_and_never_jumps(looks in prop::collection::vec(any::<u64>(), 0..50)) {
            let mut clock = fresh();
            for look in looks {
                let next = clock.tick(look);
                prop_assert!(next.observed_s >= clock.observed_s);
                prop_assert!(next.observed_s - clock.observed_s <= MAX_STEP_S);
                prop_assert!(next.debt_s <= MAX_STEP_S);
                clock = next;
            }
        }
    }
}
