//! The clock by which questions without an answer age.
//!
//! It is the library's own without the time in which our network was in doubt, and without that in which nobody looked: while
//! this computer slept or the node was off no host could answer. So no absence of ours ends a copy.

use rusqlite::{Connection, params};

use crate::clock::{self, ObservedClock};
use crate::error::StoreError;
use crate::library::Library;

/// Most that counts from one look to the next. Looks come once a minute, and one with all its questions takes ten; what is longer
/// was a sleep, a stop, or a jump of the calendar.
const MAX_LOOK_S: i64 = 15 * 60;

impl Library {
    /// Lets the sure clock go on to now, without the time since the last look if our network was in doubt meanwhile. To be called
    /// once a minute.
    pub fn note_look(&self, now_unix_s: u64, was_in_doubt: bool) -> Result<(), StoreError> {
        self.write_down(|transaction| {
            ObservedClock::load(transaction)?.tick(now_unix_s).store(transaction)?;
            let now_s = clock::observed(transaction)?;
            let counted_s = if was_in_doubt { 0 } else { MAX_LOOK_S };
            // Before the first look nothing is open.
            transaction
                .prepare_cached(
                    "UPDATE upkeep SET looked_s = ?1, read_until_s = coalesce(read_until_s, ?1 - doubtful_s),
                        doubtful_s = doubtful_s + iif(looked_s > 0, max(?1 - looked_s - ?2, 0), 0)",
                )?
                .execute(params![now_s, counted_s])?;
            Ok(((), false))
        })
    }
}

/// The sure clock now, as the engine's integer of seconds.
pub(crate) fn sure(connection: &Connection) -> Result<i64, StoreError> {
    let (looked_s, doubtful_s): (i64, i64) = connection
        .prepare_cached("SELECT looked_s, doubtful_s FROM upkeep WHERE only_row = 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let now_s = clock::observed(connection)?;
    // As the next look will count it, or a question that is put before it would seem to be put after the sleep.
    let until_s = if looked_s > 0 { now_s.min(looked_s.saturating_add(MAX_LOOK_S)) } else { now_s };
    Ok(until_s.saturating_sub(doubtful_s))
}
