//! How well something is stored: the one definition of what is safe, at risk and lost, and the one order from worst to best.
//!
//! It is here twice, for values and for the database, which sorts and filters whole libraries without handing out their
//! rows; a test holds the two against each other.

/// Shards of a segment; of a file, of its most endangered segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Shards healthy at the last look.
    pub alive: u32,
    /// Shards that suffice.
    pub needed: u32,
    /// Shards that were meant to exist.
    pub total: u32,
}

/// What that means, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HealthState {
    /// Fewer shards live than it takes.
    Lost,
    /// Less than a third of its parity lives.
    AtRisk,
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
            Some(_) => HealthState::Safe,
        }
    }

    /// Orders from worst to best: the state first, since one spare shard of many is worse than two of few; then the shards to
    /// spare.
    pub fn rank(self) -> (HealthState, i64) {
        (self.state(), i64::from(self.alive) - i64::from(self.needed))
    }
}

/// Whether the segment in the row `s` is not [`HealthState::Safe`], for the database.
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
/// [`Health::rank`] of the segment in the row `s` as one number, for the database: no segment has 1000 shards.
macro_rules! rank_sql {
    () => {
        "(CASE WHEN s.alive < s.k THEN 0 WHEN 3 * (s.alive - s.k) < s.n - s.k THEN 1 ELSE 2 END * 1000 + s.alive - s.k)"
    };
}
pub(crate) use {is_in_danger_sql, is_lost_sql, rank_sql};

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{Health, HealthState};

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
            assert_eq!(Health { alive, needed, total }.state(), state, "{alive} {needed} {total}");
        }
    }

    #[test]
    fn the_database_judges_and_orders_alike() {
        let connection = Connection::open_in_memory().unwrap();
        let sql = concat!(
            "SELECT ",
            rank_sql!(),
            ", ",
            is_in_danger_sql!(),
            " FROM (SELECT ?1 AS alive, ?2 AS k, ?3 AS n) s"
        );
        let mut statement = connection.prepare(sql).unwrap();
        let mut all = Vec::new();
        for (needed, total) in [(1, 1), (1, 3), (2, 6), (4, 12), (8, 24), (10, 30), (1, 255), (254, 255)] {
            for alive in 0..=total {
                let health = Health { alive, needed, total };
                let (rank, is_in_danger): (i64, bool) = statement
                    .query_row([alive, needed, total], |row| Ok((row.get(0)?, row.get(1)?)))
                    .unwrap();
                assert_eq!(is_in_danger, health.state() != HealthState::Safe, "{health:?}");
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
