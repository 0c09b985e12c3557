//! How well something is stored: the one definition of what is safe, at risk and lost, and the one order from worst to best.
//!
//! It is here twice, for values and for the database, which sorts and filters whole libraries without handing out their
//! rows; a test holds the two against each other.
//!
//! What is safe was seen to be so within [`FRESH_S`] on the wall clock. Older results tell how it was: nobody says *safe* of
//! that, and it is *waiting* for a look. A clock that is as far behind them knows no better.

use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, Transaction};

use crate::clock::{DAY_S, ObservedClock};
use crate::error::{StoreError, signed};

/// How long a result counts: twice the week in which each copy has its turn, so that only looks that stay out make it old.
const FRESH_S: u64 = 14 * DAY_S;

/// Shards of a segment; of a file, of its most endangered segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Shards healthy at the last look.
    pub alive: u32,
    /// Shards that suffice.
    pub needed: u32,
    /// Shards that were meant to exist.
    pub total: u32,
    /// Whether what makes it safe was shown more than 14 days ago. Of what is not safe it does not matter.
    pub is_stale: bool,
}

/// What that means, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HealthState {
    /// Fewer shards live than it takes.
    Lost,
    /// Less than a third of its parity lives.
    AtRisk,
    /// More lived when it was last looked at, which is more than 14 days ago.
    Waiting,
    /// The rest: an upload counts as stored from two thirds of its parity on, so what has just become safe is no risk.
    Safe,
}

impl Health {
    /// What these shards mean.
    pub fn state(self) -> HealthState {
        match self.alive.checked_sub(self.needed) {
            None => HealthState::Lost,
            Some(spare) if u64::from(spare) * 3 < u64::from(self.total.saturating_sub(self.needed)) => {
                HealthState::AtRisk
            }
            Some(_) if self.is_stale => HealthState::Waiting,
            Some(_) => HealthState::Safe,
        }
    }

    /// Orders from worst to best: the state first, since one spare shard of many is worse than two of few; then the shards to
    /// spare.
    pub fn rank(self) -> (HealthState, i64) {
        (self.state(), i64::from(self.alive) - i64::from(self.needed))
    }
}

/// Whether the segment in the row `s` is [`HealthState::AtRisk`] or [`HealthState::Lost`], for the database.
macro_rules! is_in_danger_sql {
    () => {
        "3 * (s.alive - s.k) < s.n - s.k"
    };
}
/// Whether the segment in the row `s` is [`HealthState::Lost`]; one whose upload is on its way is not, for the database.
macro_rules! is_lost_sql {
    () => {
        "(s.state >= 1 AND s.alive < s.k)"
    };
}
/// [`Health::is_stale`] of the segment in the row `s`, for the database: safe by results older than [`FRESH_S`], or as far ahead.
macro_rules! is_stale_sql {
    () => {
        "(3 * (s.alive - s.k) >= s.n - s.k AND layr_is_stale((SELECT wall_s FROM clock), s.shown_unix_s))"
    };
}
/// [`Health::rank`] of the segment in the row `s` as one number, for the database: no segment has 1000 shards.
macro_rules! rank_sql {
    () => {
        concat!(
            "(CASE WHEN s.alive < s.k THEN 0 WHEN 3 * (s.alive - s.k) < s.n - s.k THEN 1 WHEN ",
            crate::health::is_stale_sql!(),
            " THEN 2 ELSE 3 END * 1000 + s.alive - s.k)"
        )
    };
}
pub(crate) use {is_in_danger_sql, is_lost_sql, is_stale_sql, rank_sql};

/// Whether what was shown at a time of the wall clock is old, for the database; its other argument is the library's last look at
/// that clock. A library that only reads makes none: its last look may be weeks old, and the system's clock says so.
pub(crate) fn add_functions(connection: &Connection, reads_only: bool) -> Result<(), StoreError> {
    let is_stale = move |context: &Context<'_>| {
        let looked_s: i64 = context.get(0)?;
        let now_s = if reads_only { looked_s.max(system_now_s()) } else { looked_s };
        let shown_s: Option<i64> = context.get(1)?;
        Ok(shown_s.is_none_or(|shown_s| now_s.abs_diff(shown_s) > FRESH_S))
    };
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    Ok(connection.create_scalar_function("layr_is_stale", 2, flags, is_stale)?)
}

fn system_now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// When a copy counts as shown that was acknowledged or imported just now.
pub(crate) fn now_unix_s(connection: &Connection) -> Result<i64, StoreError> {
    signed("the time", ObservedClock::load(connection)?.wall_s)
}

/// [`Health::is_stale`] of a segment.
pub(crate) fn is_stale(connection: &Connection, segment: i64) -> Result<bool, StoreError> {
    let sql = concat!("SELECT ", is_stale_sql!(), " FROM segment s WHERE s.id = ?1");
    Ok(connection.prepare_cached(sql)?.query_row([segment], |row| row.get(0))?)
}

/// Keeps since when a segment's health is known, after its shards. Returns whether it was stale, and is not any more.
pub(crate) fn note_shown(transaction: &Transaction<'_>, segment: i64) -> Result<bool, StoreError> {
    let was_stale = is_stale(transaction, segment)?;
    transaction
        .prepare_cached(
            "UPDATE segment SET shown_unix_s = (SELECT shown_unix_s FROM
                (SELECT shown_unix_s, row_number() OVER (ORDER BY shown_unix_s DESC) AS place FROM shard
                 WHERE shard.segment = ?1 AND state = 0) WHERE place = k + (n - k + 2) / 3) WHERE id = ?1",
        )?
        .execute([segment])?;
    Ok(was_stale && !is_stale(transaction, segment)?)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{FRESH_S, Health, HealthState, add_functions};

    #[test]
    fn a_state_is_of_shards_to_spare_against_parity() {
        for (alive, needed, total, state) in [
            (9, 10, 30, HealthState::Lost),
            (10, 10, 30, HealthState::AtRisk),
            (16, 10, 30, HealthState::AtRisk),
            (17, 10, 30, HealthState::Safe),
            (0, 1, 3, HealthState::Lost),
            (1, 1, 3, HealthState::AtRisk),
            (2, 1, 3, HealthState::Safe),
            (1, 1, 1, HealthState::Safe),
        ] {
            let fresh = Health { alive, needed, total, is_stale: false };
            assert_eq!(fresh.state(), state, "{alive} {needed} {total}");
            // Age makes nothing better, and what is safe no worse than it was.
            let old = if state == HealthState::Safe { HealthState::Waiting } else { state };
            assert_eq!(Health { is_stale: true, ..fresh }.state(), old);
        }
    }

    #[test]
    fn the_database_judges_and_orders_alike() {
        let connection = Connection::open_in_memory().unwrap();
        add_functions(&connection, false).unwrap();
        connection.execute_batch("CREATE TABLE clock (wall_s); INSERT INTO clock VALUES (5000000)").unwrap();
        let sql = concat!(
            "SELECT ",
            rank_sql!(),
            ", ",
            is_in_danger_sql!(),
            ", ",
            is_stale_sql!(),
            " FROM (SELECT ?1 AS alive, ?2 AS k, ?3 AS n, ?4 AS shown_unix_s) s"
        );
        let mut statement = connection.prepare(sql).unwrap();
        let (mut all, fresh_s) = (Vec::new(), i64::try_from(FRESH_S).unwrap());
        for (needed, total) in [(1, 1), (1, 3), (2, 6), (4, 12), (8, 24), (10, 30), (1, 255), (254, 255)] {
            for (alive, age_s) in (0..=total).flat_map(|alive| {
                [0, fresh_s, fresh_s + 1, -fresh_s, -fresh_s - 1].map(|age_s| (alive, age_s))
            }) {
                let health = Health { alive, needed, total, is_stale: age_s.abs() > fresh_s };
                let (rank, is_in_danger, is_stale): (i64, bool, bool) = statement
                    .query_row(
                        [i64::from(alive), i64::from(needed), i64::from(total), 5_000_000 - age_s],
                        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                    )
                    .unwrap();
                assert_eq!(is_in_danger, health.state() < HealthState::Waiting, "{health:?}");
                assert_eq!(is_stale, health.state() == HealthState::Waiting, "{health:?}, {age_s} s old");
                all.push((health, rank));
            }
        }
        for (left, left_rank) in &all {
            for (right, right_rank) in &all {
                assert_eq!(left.rank().cmp(&right.rank()), left_rank.cmp(right_rank), "{left:?} {right:?}");
            }
        }
    }
}
