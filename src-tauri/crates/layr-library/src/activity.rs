//! What happened that a person should know: kept until it is resolved, and bounded.
//!
//! What a kind or a subject means is the caller's own. An open problem is one entry, known by its kind and subject: when
//! it is met again the entry counts up and says the newest words. Information is resolved from the start, as it waits for
//! nobody. A state that lasts is told once, until it ends: see [`Library::tell_state`].

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::error::{StoreError, signed, unsigned};
use crate::library::Library;
use crate::transfer::{TransferRow, transfer_rows};

/// Entries kept besides those that the person is needed for; resolved ones go first, older ones before newer ones.
pub const KEPT_ACTIVITY: usize = 500;
/// Entries kept that the person is needed for: twice as many as there can be failed transfers, as each may make one.
pub const MAX_NEEDED_ACTIVITY: usize = 2000;
/// Longest text of an entry in bytes; each of its other words is shorter. The whole list stays below 12 MiB.
pub const MAX_ACTIVITY_BYTES: usize = 4096;

/// How much an entry matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActivityLevel {
    /// Good to know.
    Info,
    /// Something is not as it should be, and may pass by itself.
    Warning,
    /// Nothing goes on before the person did something.
    Action,
}

impl ActivityLevel {
    fn code(self) -> i64 {
        match self {
            Self::Info => 0,
            Self::Warning => 1,
            Self::Action => 2,
        }
    }

    fn from_code(code: i64) -> Result<Self, StoreError> {
        match code {
            0 => Ok(Self::Info),
            1 => Ok(Self::Warning),
            2 => Ok(Self::Action),
            _ => Err(StoreError::damaged(format!("no such level of an entry: {code}"))),
        }
    }
}

/// Something to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewActivity {
    /// How much it matters.
    pub level: ActivityLevel,
    /// What sort of thing happened.
    pub kind: String,
    /// What it happened to; empty where there is only one.
    pub subject: String,
    /// A few words.
    pub title: String,
    /// What happened, what is safe, what to do next.
    pub text: String,
    /// Where a window shows more about it.
    pub opens: Option<String>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityRow {
    /// Its number; never used twice.
    pub id: u64,
    /// What it says.
    pub entry: NewActivity,
    /// How often it was met.
    pub times: u64,
    /// When it was met last.
    pub noted_unix_s: u64,
    /// When it was resolved.
    pub resolved_unix_s: Option<u64>,
}

/// How many entries are not resolved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenActivity {
    /// Of level [`ActivityLevel::Warning`].
    pub warnings: u64,
    /// Of level [`ActivityLevel::Action`].
    pub actions: u64,
}

impl Library {
    /// Notes an entry; durable when this returns. Tells its number.
    pub fn note_activity(&self, new: &NewActivity, now_unix_s: u64) -> Result<u64, StoreError> {
        self.write(|transaction| note(transaction, new, now_unix_s))
    }

    /// All entries, the newest first.
    pub fn activity(&self) -> Result<Vec<ActivityRow>, StoreError> {
        self.read(|connection| rows(connection, "SELECT * FROM activity ORDER BY noted_unix_s DESC, id DESC"))
    }

    /// Entries that are not resolved, by how much they matter.
    pub fn open_activity(&self) -> Result<OpenActivity, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT count(*) FILTER (WHERE level = ?1), count(*) FILTER (WHERE level = ?2) FROM activity
                 WHERE resolved_unix_s IS NULL",
            )?;
            let levels = params![ActivityLevel::Warning.code(), ActivityLevel::Action.code()];
            let (warnings, actions) = statement.query_row(levels, |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(OpenActivity { warnings: unsigned(warnings)?, actions: unsigned(actions)? })
        })
    }

    /// Whether an entry of one of these kinds is not resolved.
    pub fn has_open_activity(&self, kinds: &[&str]) -> Result<bool, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM activity WHERE kind = ?1 AND resolved_unix_s IS NULL)",
            )?;
            for kind in kinds {
                if statement.query_row([kind], |row| row.get(0))? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// Resolves an entry; whether there is such an entry.
    pub fn resolve_activity(&self, id: u64, now_unix_s: u64) -> Result<bool, StoreError> {
        let Ok(id) = i64::try_from(id) else { return Ok(false) };
        let now = signed("the time", now_unix_s)?;
        self.write(|transaction| {
            let is_there = resolve(transaction, id, now)?;
            prune(transaction)?;
            Ok(is_there)
        })
    }

    /// Resolves the open entries that are over, judged by the queue in the same change: no transfer ends or begins between
    /// the look at it and the end of the entry. Tells whether there were any.
    pub fn settle_activity(
        &self,
        now_unix_s: u64,
        is_over: impl Fn(&NewActivity, &[TransferRow]) -> bool,
    ) -> Result<bool, StoreError> {
        const OPEN: &str = "SELECT * FROM activity WHERE resolved_unix_s IS NULL";
        if self.read(|connection| rows(connection, OPEN))?.is_empty() {
            return Ok(false);
        }
        let now = signed("the time", now_unix_s)?;
        self.write(|transaction| {
            let transfers = transfer_rows(transaction)?;
            let mut is_changed = false;
            for open in rows(transaction, OPEN)? {
                if is_over(&open.entry, &transfers) {
                    is_changed |= resolve(transaction, signed("an entry", open.id)?, now)?;
                }
            }
            prune(transaction)?;
            Ok(is_changed)
        })
    }

    /// Resolves the open entry of this kind and subject; whether there was one. Writes nothing where there was none.
    pub fn resolve_activity_of(
        &self,
        kind: &str,
        subject: &str,
        now_unix_s: u64,
    ) -> Result<bool, StoreError> {
        match self.read(|connection| open_entry(connection, kind, subject))? {
            Some(id) => self.resolve_activity(unsigned(id)?, now_unix_s),
            None => Ok(false),
        }
    }

    /// Tells of a state that lasts, such as a danger: one entry of this kind and subject until [`Library::end_state`]. An open
    /// entry gets the newest words; it counts nothing and keeps its time. One that the person resolved stays as it is while
    /// the state lasts. Where that one was cleared, or gave way to newer entries, nothing is known of it: the next call tells
    /// the state anew. Whether any entry is another now.
    ///
    /// # Errors
    /// [`StoreError::OutOfRange`] for words above [`MAX_ACTIVITY_BYTES`]; what the database says.
    pub fn tell_state(&self, new: &NewActivity, now_unix_s: u64) -> Result<bool, StoreError> {
        check_lengths(new)?;
        let now = signed("the time", now_unix_s)?;
        self.write(|transaction| match lasting(transaction, &new.kind, &new.subject)? {
            None => insert(transaction, new, now).map(|_| true),
            Some(told) if told.resolved_unix_s.is_some() || told.entry == *new => Ok(false),
            Some(told) => {
                transaction
                    .prepare_cached(
                        "UPDATE activity SET level = ?2, title = ?3, text = ?4, opens = ?5 WHERE id = ?1",
                    )?
                    .execute(params![
                        signed("an entry", told.id)?,
                        new.level.code(),
                        new.title,
                        new.text,
                        new.opens
                    ])?;
                Ok(true)
            }
        })
    }

    /// Ends a state: its entry is over, and resolved if it was not. Whether there was one. Writes nothing where there was none.
    ///
    /// # Errors
    /// What the database says.
    pub fn end_state(&self, kind: &str, subject: &str, now_unix_s: u64) -> Result<bool, StoreError> {
        if self.read(|connection| lasting(connection, kind, subject))?.is_none() {
            return Ok(false);
        }
        let now = signed("the time", now_unix_s)?;
        self.write(|transaction| {
            let ended = transaction
                .prepare_cached(
                    "UPDATE activity SET is_over = 1, resolved_unix_s = coalesce(resolved_unix_s, ?3)
                     WHERE kind = ?1 AND subject = ?2 AND is_over = 0",
                )?
                .execute(params![kind, subject, now])?;
            prune(transaction)?;
            Ok(ended > 0)
        })
    }

    /// Forgets what is resolved.
    pub fn clear_activity(&self) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM activity WHERE resolved_unix_s IS NOT NULL", [])?;
            Ok(())
        })
    }
}

/// Notes an entry as a part of a larger change.
pub(crate) fn note(
    transaction: &Transaction<'_>,
    new: &NewActivity,
    now_unix_s: u64,
) -> Result<u64, StoreError> {
    check_lengths(new)?;
    let now = signed("the time", now_unix_s)?;
    if let Some(id) = open_entry(transaction, &new.kind, &new.subject)? {
        transaction
            .prepare_cached(
                "UPDATE activity SET level = ?2, title = ?3, text = ?4, opens = ?5, times = times + 1, noted_unix_s = ?6
                 WHERE id = ?1",
            )?
            .execute(params![id, new.level.code(), new.title, new.text, new.opens, now])?;
        return unsigned(id);
    }
    insert(transaction, new, now)
}

fn check_lengths(new: &NewActivity) -> Result<(), StoreError> {
    let words = [&new.kind, &new.subject, &new.title, &new.text];
    for word in words.into_iter().chain(&new.opens) {
        if word.len() > MAX_ACTIVITY_BYTES {
            return Err(StoreError::OutOfRange { what: "a text's length", value: word.len() as u64 });
        }
    }
    Ok(())
}

/// Adds an entry of which there is no open one; its number.
fn insert(transaction: &Transaction<'_>, new: &NewActivity, now: i64) -> Result<u64, StoreError> {
    let level = new.level.code();
    let resolved = (new.level == ActivityLevel::Info).then_some(now);
    transaction
        .prepare_cached(
            "INSERT INTO activity (level, kind, subject, title, text, opens, noted_unix_s, resolved_unix_s)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![level, new.kind, new.subject, new.title, new.text, new.opens, now, resolved])?;
    let id = unsigned(transaction.last_insert_rowid())?;
    prune(transaction)?;
    Ok(id)
}

fn open_entry(connection: &Connection, kind: &str, subject: &str) -> Result<Option<i64>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT id FROM activity WHERE kind = ?1 AND subject = ?2 AND resolved_unix_s IS NULL",
        )?
        .query_row([kind, subject], |row| row.get(0))
        .optional()?)
}

/// The newest entry of a state that has not ended, resolved or not.
fn lasting(connection: &Connection, kind: &str, subject: &str) -> Result<Option<ActivityRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM activity WHERE kind = ?1 AND subject = ?2 AND is_over = 0 ORDER BY id DESC LIMIT 1",
    )?;
    let mut found = statement.query([kind, subject])?;
    found.next()?.map(activity_row).transpose()
}

fn resolve(transaction: &Transaction<'_>, id: i64, now_unix_s: i64) -> Result<bool, StoreError> {
    let changed = transaction
        .prepare_cached("UPDATE activity SET resolved_unix_s = coalesce(resolved_unix_s, ?2) WHERE id = ?1")?
        .execute([id, now_unix_s])?;
    Ok(changed > 0)
}

fn rows(connection: &Connection, query: &str) -> Result<Vec<ActivityRow>, StoreError> {
    let mut statement = connection.prepare_cached(query)?;
    let mut found = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        all.push(activity_row(row)?);
    }
    Ok(all)
}

fn activity_row(row: &Row<'_>) -> Result<ActivityRow, StoreError> {
    Ok(ActivityRow {
        id: unsigned(row.get("id")?)?,
        entry: NewActivity {
            level: ActivityLevel::from_code(row.get("level")?)?,
            kind: row.get("kind")?,
            subject: row.get("subject")?,
            title: row.get("title")?,
            text: row.get("text")?,
            opens: row.get("opens")?,
        },
        times: unsigned(row.get("times")?)?,
        noted_unix_s: unsigned(row.get("noted_unix_s")?)?,
        resolved_unix_s: row.get::<_, Option<i64>>("resolved_unix_s")?.map(unsigned).transpose()?,
    })
}

/// Keeps the list bounded. What the person is needed for has a room of its own, so that no flood of news pushes it out.
fn prune(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    for (is_needed, kept) in [(false, KEPT_ACTIVITY), (true, MAX_NEEDED_ACTIVITY)] {
        transaction
            .prepare_cached(
                "DELETE FROM activity WHERE id IN (
                    SELECT id FROM activity WHERE (level = 2 AND resolved_unix_s IS NULL) = ?1
                    ORDER BY resolved_unix_s IS NULL DESC, id DESC LIMIT -1 OFFSET ?2)",
            )?
            .execute(params![is_needed, i64::try_from(kept).unwrap_or(i64::MAX)])?;
    }
    Ok(())
}
