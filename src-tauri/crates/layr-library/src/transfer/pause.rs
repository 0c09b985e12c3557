//! Pausing transfers, and a pause of everything that ends by itself.
//!
//! Such a pause is measured by the library's own clock (`clock.rs`), so that a calendar which is set back cannot make it
//! endless: at no moment is more than [`MAX_PAUSE_S`] left, and the clock stands still for a day at most. Its end lets go on
//! what it had paused; what the person paused by itself waits on.

use rusqlite::{Connection, OptionalExtension as _};

use super::{Library, TransferState, change};
use crate::clock::{DAY_S, ObservedClock};
use crate::error::{StoreError, signed, unsigned};

/// Longest pause that ends by itself, in seconds: whoever wants a longer one decides about its end.
pub const MAX_PAUSE_S: u64 = DAY_S;

/// What a look at the pause that ends by itself has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimedPause {
    /// There is none.
    None,
    /// It lasts on.
    Left {
        /// Seconds until its end.
        left_s: u64,
        /// Its end by the library's own clock, which tells it from any other pause.
        until_s: u64,
    },
    /// Its time was over, and it is over now.
    Ended,
}

impl Library {
    /// Pauses a waiting transfer, or all of them and what will be queued until [`Library::resume_transfers`]. Tells the state
    /// then; none when there is no such transfer, waiting when all were meant.
    pub fn pause_transfers(&self, id: Option<u64>) -> Result<Option<TransferState>, StoreError> {
        self.write(|transaction| {
            if id.is_none() {
                pause_all(transaction, None)?;
                return Ok(Some(TransferState::Waiting));
            }
            // One that waits for the end of the pause of everything waits for its own from now on.
            change(
                transaction,
                id,
                "UPDATE transfer SET state = 1, is_paused_with_all = 0 WHERE state IN (0, 1) AND id = ?1",
            )
        })
    }

    /// Pauses all transfers and what will be queued for `length_s` seconds, at most [`MAX_PAUSE_S`]; instead of the pause that
    /// there was.
    pub fn pause_transfers_for(&self, length_s: u64, now_unix_s: u64) -> Result<(), StoreError> {
        self.write(|transaction| {
            let clock = ObservedClock::load(transaction)?.tick(now_unix_s);
            clock.store(transaction)?;
            pause_all(transaction, Some(clock.observed_s.saturating_add(length_s.min(MAX_PAUSE_S))))
        })
    }

    /// Whether everything is paused.
    pub fn is_paused(&self) -> Result<bool, StoreError> {
        self.read(super::is_paused)
    }

    /// Lets a paused transfer go on, or all of them and what will be queued. Answers as [`Library::pause_transfers`].
    pub fn resume_transfers(&self, id: Option<u64>) -> Result<Option<TransferState>, StoreError> {
        self.write(|transaction| {
            if id.is_none() {
                unpause(transaction)?;
            }
            change(
                transaction,
                id,
                "UPDATE transfer SET state = 0, is_paused_with_all = 0 WHERE state = 1 AND (?1 IS NULL OR id = ?1)",
            )
        })
    }

    /// Seconds until the pause of everything ends by itself; none where it does not.
    pub fn pause_left_s(&self, now_unix_s: u64) -> Result<Option<u64>, StoreError> {
        self.read(|connection| {
            let observed_s = ObservedClock::load(connection)?.tick(now_unix_s).observed_s;
            Ok(paused_until_s(connection)?.map(|until_s| until_s.saturating_sub(observed_s)))
        })
    }

    /// Ends the pause that ends by itself if its time is over.
    pub fn look_at_pause(&self, now_unix_s: u64) -> Result<TimedPause, StoreError> {
        self.write(|transaction| {
            let Some(until_s) = paused_until_s(transaction)? else { return Ok(TimedPause::None) };
            let clock = ObservedClock::load(transaction)?.tick(now_unix_s);
            clock.store(transaction)?;
            match until_s.checked_sub(clock.observed_s) {
                Some(left_s) if left_s > 0 => Ok(TimedPause::Left { left_s, until_s }),
                _ => end(transaction).map(|()| TimedPause::Ended),
            }
        })
    }

    /// Ends the pause that lasts until `until_s`, as [`TimedPause::Left`] told it, whatever the time is. Tells whether it did:
    /// any other pause, or none, stays as it is.
    pub fn end_timed_pause(&self, until_s: u64) -> Result<bool, StoreError> {
        self.write(|transaction| {
            let is_that_one = paused_until_s(transaction)? == Some(until_s);
            if is_that_one {
                end(transaction)?;
            }
            Ok(is_that_one)
        })
    }
}

fn pause_all(connection: &Connection, until_s: Option<u64>) -> Result<(), StoreError> {
    let until_s = until_s.map(|until_s| signed("the end of a pause", until_s)).transpose()?;
    connection.execute("UPDATE transfer_switch SET is_paused = 1, paused_until_s = ?1", [until_s])?;
    connection.execute("UPDATE transfer SET state = 1, is_paused_with_all = 1 WHERE state = 0", [])?;
    Ok(())
}

fn unpause(connection: &Connection) -> Result<(), StoreError> {
    connection.execute("UPDATE transfer_switch SET is_paused = 0, paused_until_s = NULL", [])?;
    Ok(())
}

fn end(connection: &Connection) -> Result<(), StoreError> {
    unpause(connection)?;
    connection.execute(
        "UPDATE transfer SET state = 0, is_paused_with_all = 0 WHERE state = 1 AND is_paused_with_all = 1",
        [],
    )?;
    Ok(())
}

fn paused_until_s(connection: &Connection) -> Result<Option<u64>, StoreError> {
    let until_s: Option<Option<i64>> = connection
        .prepare_cached("SELECT paused_until_s FROM transfer_switch WHERE is_paused = 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    until_s.flatten().map(unsigned).transpose()
}
