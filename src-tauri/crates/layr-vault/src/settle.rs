//! Finding out how a body really is. The one place where a shard's state changes after it was stored, so that all
//! ways of noticing damage agree.

use std::{
    collections::BTreeMap,
    io,
    time::{Duration, Instant},
};

use layr_codec::ShardRoot;
use layr_proof::Node;

use crate::{
    Vault,
    bodies::BodyStore,
    error::StoreError,
    hashing::hash_file,
    ledger::{self, ShardState},
    vault::Inner,
};

/// What a close look at a body found.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It hashes to its root; these are its blocks.
    Good(Vec<Node>),
    Missing,
    /// Other bytes, fewer or more bytes.
    Bad,
    /// The medium can't be read: for now, or for ever.
    Unreadable(StoreError),
}

/// Bodies that could not be read, each with the time of the first failure. In memory only: a restart forgets it and thereby puts a
/// verdict off, which loses nothing.
#[derive(Debug, Default)]
pub(crate) struct UnreadableBodies {
    since: BTreeMap<ShardRoot, Instant>,
}

/// A body that can't be read is damaged once it failed at two times so far apart: a cable, a bridge or a disk that is just coming
/// back has been seen to by then. An owner believes for good what it is told, and a body that isn't answered for has a day.
pub(crate) const READ_AGAIN_AFTER: Duration = Duration::from_hours(3);
/// A failure is no part of one so much later: two that passed are not one that stays. An owner who got no answer asks again within
/// this time, and the scrub reads again.
pub(crate) const LAPSES_AFTER: Duration = Duration::from_hours(24);
/// Most bodies remembered, some hundred KiB. Of a disk with more of them the verdicts come later. Failures that lapsed make room.
const MAX_UNREADABLE: usize = 4096;

impl UnreadableBodies {
    /// Takes that a body could not be read; answers whether that is so for long enough.
    pub(crate) fn note(&mut self, root: &ShardRoot, now: Instant) -> bool {
        match self.since.get(root).map(|since| now.saturating_duration_since(*since)) {
            Some(failed_for) if failed_for < LAPSES_AFTER => return failed_for >= READ_AGAIN_AFTER,
            Some(_) => self.forget(root),
            None => {}
        }
        if self.since.len() >= MAX_UNREADABLE {
            self.since.retain(|_, since| now.saturating_duration_since(*since) < LAPSES_AFTER);
        }
        if self.since.len() < MAX_UNREADABLE {
            self.since.insert(*root, now);
        }
        false
    }

    /// Bodies that failed long enough ago for a second failure to count.
    pub(crate) fn to_read_again(&self, now: Instant) -> Vec<ShardRoot> {
        let failed_for = |since: &Instant| now.saturating_duration_since(*since);
        let counts = |since: &Instant| (READ_AGAIN_AFTER..LAPSES_AFTER).contains(&failed_for(since));
        self.since.iter().filter(|(_, since)| counts(since)).map(|(root, _)| *root).collect()
    }

    /// Takes that a body could be read, that more is known of it than that it could not, or that it is gone.
    pub(crate) fn forget(&mut self, root: &ShardRoot) {
        self.since.remove(root);
    }
}

impl Vault {
    /// What is known about each shard, after a look at the directory: a body that vanished or was cut is noticed.
    /// A body that was gone or damaged and is in its place again is read and, if good, stored again.
    pub fn states(&self, roots: &[ShardRoot]) -> Result<Vec<ShardState>, StoreError> {
        self.inner.ready()?;
        roots.iter().map(|root| self.inner.state(root)).collect()
    }
}

impl Inner {
    pub(crate) fn state(&self, root: &ShardRoot) -> Result<ShardState, StoreError> {
        let Some(row) = self.ledger.read(|connection| ledger::body(connection, root))? else {
            return Ok(ShardState::Unknown);
        };
        let on_disk_bytes = self.bodies.size_bytes(root)?;
        match (row.state, on_disk_bytes) {
            (ShardState::Stored, Some(size_bytes)) if size_bytes == row.size_bytes => Ok(ShardState::Stored),
            (ShardState::Missing | ShardState::Corrupt, None) => Ok(row.state),
            _ => self.settle(root, None),
        }
    }

    /// Reads a body whole, under the writer's lock so that nobody replaces it meanwhile, and brings row and disk
    /// in line with what it found. `now_unix_s` is noted as the time of the check.
    pub(crate) fn settle(&self, root: &ShardRoot, now_unix_s: Option<u64>) -> Result<ShardState, StoreError> {
        let writer = self.ledger.writer();
        self.check_present()?;
        let Some(row) = ledger::body(&writer, root)? else { return Ok(ShardState::Unknown) };
        let (state, blocks) = match examine(&self.bodies, root, row.size_bytes)? {
            Verdict::Good(blocks) => (ShardState::Stored, Some(blocks)),
            Verdict::Missing | Verdict::Unreadable(_) if row.state == ShardState::Corrupt => {
                (ShardState::Corrupt, None)
            }
            Verdict::Missing => (ShardState::Missing, None),
            Verdict::Unreadable(error) if !self.unreadable.lock().note(root, Instant::now()) => {
                tracing::warn!(%root, %error, "a shard can't be read, which may pass");
                // To the end of the order, or the scrub would not get past it.
                ledger::mark_checked(&writer, root, row.state, None, now_unix_s)?;
                return Err(error);
            }
            Verdict::Bad | Verdict::Unreadable(_) => {
                // First out of the way, then the row: a crash between the two is recognised by the body's place.
                self.bodies.set_aside(root)?;
                (ShardState::Corrupt, None)
            }
        };
        self.unreadable.lock().forget(root);
        if state != row.state {
            tracing::warn!(%root, from = ?row.state, to = ?state, "a shard's state changed");
        }
        ledger::mark_checked(&writer, root, state, blocks.as_deref(), now_unix_s)?;
        if state == ShardState::Stored && row.state == ShardState::Corrupt {
            self.bodies.remove_damaged(root)?;
        }
        Ok(state)
    }
}

/// Reads and hashes a body.
pub(crate) fn examine(bodies: &BodyStore, root: &ShardRoot, size_bytes: u64) -> Result<Verdict, StoreError> {
    let mut file = match bodies.open_to_examine(root) {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(Verdict::Missing),
        Err(error) => return bad_medium(bodies, error),
    };
    let fail = |error| StoreError::io("read", "a shard", error);
    let actual_bytes = match file.metadata() {
        Ok(metadata) => metadata.len(),
        Err(error) => return bad_medium(bodies, fail(error)),
    };
    if actual_bytes != size_bytes {
        return Ok(Verdict::Bad);
    }
    match hash_file(&mut file, size_bytes) {
        Ok(Some(hashed)) if hashed.root == *root => Ok(Verdict::Good(hashed.blocks)),
        Ok(_) => Ok(Verdict::Bad),
        Err(error) => bad_medium(bodies, fail(error)),
    }
}

/// A medium that can't be read may have lost the body; a want of descriptors or rights has not.
fn bad_medium(bodies: &BodyStore, error: StoreError) -> Result<Verdict, StoreError> {
    bodies.check_present()?;
    match &error {
        StoreError::Io { source, .. } if source.kind() == io::ErrorKind::IsADirectory => Ok(Verdict::Bad),
        StoreError::Io { source, .. } if is_of_medium(source) => Ok(Verdict::Unreadable(error)),
        _ => Err(error),
    }
}

fn is_of_medium(error: &io::Error) -> bool {
    /// EIO, the same number on all Unix systems.
    const INPUT_OUTPUT_ERROR: i32 = 5;
    /// `ERROR_CRC` of Windows.
    const CHECKSUM_ERROR: i32 = 23;
    let code = if cfg!(windows) { CHECKSUM_ERROR } else { INPUT_OUTPUT_ERROR };
    error.raw_os_error() == Some(code) || error.kind() == io::ErrorKind::InvalidData
}
