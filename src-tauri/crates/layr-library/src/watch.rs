//! A delegate's library: what an owner gave it to look after, and what became of that, for the owner to hear.
//!
//! It has the tables of every library and one file without content, which stands for the list: segments, shards and hosts are those
//! of the owner, so that audits and repairs work on it as on one's own. There are no chunks in it and no keys but those that blind.

use layr_codec::{LayoutError, Profile, SegmentBlindKey, SegmentId, SegmentLayout, ShardRoot};
use layr_keys::{LogHead, PeerId};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::audited::Failure;
use crate::commit::{CommitError, NewContent, NewVersion};
use crate::error::{StoreError, from_engine, narrow, signed, unsigned};
use crate::library::Library;
use crate::manifest::LibraryKey;
use crate::path::LibraryPath;
use crate::seal::{LABEL_WATCHED, Seal};
use crate::shard::recount;
use crate::{clock, health, host, journal};

/// The file that stands for the list.
const LIST_NAME: &str = "/watched";
/// What the owner was not told yet: 8 MiB of it. Beyond that nothing must be repaired; half of it may be failures.
pub const MAX_UNTOLD: u64 = 65_536;
/// Largest database of a list, whatever an owner sends: five million shards.
const MAX_WATCH_BYTES: i64 = 1 << 30;
/// A segment of the list is whole at its hosts; nothing is still to be uploaded.
const FINISHED: i64 = 2;

/// One copy on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchedShard {
    /// The shard's index.
    pub index: u8,
    /// The shard.
    pub root: ShardRoot,
    /// Who holds it.
    pub host: PeerId,
    /// Why it does not count, by the owner's own evidence.
    pub failure: Option<Failure>,
}

/// One segment on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedSegment {
    /// Its id.
    pub id: SegmentId,
    /// Its code.
    pub profile: Profile,
    /// Its length in bytes.
    pub len_bytes: u32,
    /// What its shards are blinded with: it rebuilds them, and opens nothing.
    pub blind_key: SegmentBlindKey,
    /// Its copies, by index, each index once.
    pub shards: Vec<WatchedShard>,
}

/// What a delegate's library knows of its own work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// The encoded delegation; none before the owner's first visit.
    pub delegation: Option<Vec<u8>>,
    /// When the owner was last here.
    pub heard_unix_s: Option<u64>,
    /// Segments on the list.
    pub segments: u64,
    /// What the owner has taken of the log.
    pub told: LogHead,
    /// Entries that it has not taken.
    pub untold: u64,
}

/// What became of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyFate {
    /// It failed.
    Failed(Failure),
    /// It is a new one.
    Placed,
    /// It was stored, and is not needed: its segment and index say nothing.
    Spare,
}

/// A row of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyNews {
    /// Its number, from 1, without gaps.
    pub number: u64,
    /// What happened.
    pub fate: CopyFate,
    /// The segment.
    pub segment: SegmentId,
    /// The shard's index.
    pub index: u8,
    /// The shard.
    pub root: ShardRoot,
    /// Its host.
    pub host: PeerId,
    /// When.
    pub at_unix_s: u64,
}

/// A list could not be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// It contradicts itself.
    #[error("segment {segment} is not one: {reason}")]
    BadSegment {
        /// The segment.
        segment: SegmentId,
        /// What is wrong.
        reason: &'static str,
    },
    /// The list, with what came before, is larger than any that is looked after.
    #[error("the list takes more than {MAX_WATCH_BYTES} bytes on disk")]
    TooMuch,
    /// A key could not be sealed.
    #[error("a key could not be sealed")]
    Seal,
    /// The file that stands for the list could not be made.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_engine!(WatchError);

impl Library {
    /// A list comes in: returns its number. What it names is taken step by step, and what it does not name goes at its end; where it
    /// breaks off, everything that came counts and nothing goes.
    pub fn begin_watch(&self, delegation: &[u8], now_unix_s: u64) -> Result<u64, WatchError> {
        let path: LibraryPath =
            LIST_NAME.parse().map_err(|_| StoreError::damaged("the list has a bad name"))?;
        let content = NewContent::File { size_bytes: 0, chunks: Vec::new() };
        let list = NewVersion { path, content, mtime_ns: 0, mode: None, source: None };
        self.commit_versions(&[list], now_unix_s)?;
        self.write(|transaction| {
            let number = transaction.query_row(
                "INSERT INTO watch (only_row, delegation, list, heard_unix_s) VALUES (1, ?1, 1, ?2)
                 ON CONFLICT DO UPDATE SET delegation = ?1, list = list + 1, heard_unix_s = ?2 RETURNING list",
                params![delegation, signed("the time", now_unix_s)?],
                |row| row.get::<_, i64>(0),
            )?;
            Ok(unsigned(number)?)
        })
    }

    /// Takes a part of list `list`, all of it or nothing. What is known of copies that lie where they lay is kept, but for the owner's
    /// word that they failed or did not: the owner's evidence is newer, as it has heard ours.
    pub fn watch(
        &self,
        list: u64,
        hosts: &[(PeerId, Vec<String>)],
        segments: &[WatchedSegment],
        key: &LibraryKey,
    ) -> Result<(), WatchError> {
        self.watch_within(list, (hosts, segments), key, MAX_WATCH_BYTES)
    }

    /// As [`Library::watch`], for a database of at most `limit_bytes`. A part that adds nothing to a list that is too large is taken all
    /// the same: how else could it become smaller?
    fn watch_within(
        &self,
        list: u64,
        (hosts, segments): (&[(PeerId, Vec<String>)], &[WatchedSegment]),
        key: &LibraryKey,
        limit_bytes: i64,
    ) -> Result<(), WatchError> {
        let seal = Seal::new(key, LABEL_WATCHED).map_err(|_| WatchError::Seal)?;
        let list = signed("a list's number", list)?;
        self.write(|transaction| {
            let version = list_version(transaction)?;
            let mut is_more = false;
            for (peer, addresses) in hosts {
                is_more |= put_host(transaction, peer, addresses)?;
            }
            for segment in segments {
                let shard_bytes = check(segment)?;
                let nonce = self.inner.entropy.bytes()?;
                let sealed = seal.seal(nonce, segment.id.as_bytes(), segment.blind_key.as_bytes());
                let sealed = sealed.map_err(|_| WatchError::Seal)?;
                let (row, is_new) = segment_row(transaction, segment, shard_bytes, version)?;
                transaction
                    .prepare_cached(
                        "INSERT INTO watched (segment, sealed_blind_key, list) VALUES (?1, ?2, ?3)
                         ON CONFLICT DO UPDATE SET sealed_blind_key = ?2, list = ?3",
                    )?
                    .execute(params![row, sealed, list])?;
                is_more |= put_shards(transaction, row, &segment.shards)? || is_new;
                recount(transaction, row)?;
            }
            if is_more && database_bytes(transaction)? > limit_bytes {
                return Err(WatchError::TooMuch);
            }
            Ok(())
        })
    }

    /// List `list` has come whole: what it did not name is no longer looked after. Returns how many segments are.
    pub fn end_watch(&self, list: u64) -> Result<u64, StoreError> {
        let list = signed("a list's number", list)?;
        self.write(|transaction| {
            for statement in [
                "DELETE FROM shard WHERE segment IN (SELECT segment FROM watched WHERE list <> ?1)",
                "DELETE FROM version_segment WHERE segment IN (SELECT segment FROM watched WHERE list <> ?1)",
                "DELETE FROM segment WHERE id IN (SELECT segment FROM watched WHERE list <> ?1)",
                "DELETE FROM watched WHERE list <> ?1",
            ] {
                transaction.execute(statement, [list])?;
            }
            count(transaction, "SELECT count(*) FROM watched")
        })
    }

    /// What a segment on the list is blinded with; none of a segment that is not on it.
    pub fn watched_blind_key(
        &self,
        segment: &SegmentId,
        key: &LibraryKey,
    ) -> Result<Option<SegmentBlindKey>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT w.sealed_blind_key FROM watched w JOIN segment s ON s.id = w.segment WHERE s.segment_id = ?1",
            )?;
            let sealed: Option<Vec<u8>> =
                statement.query_row([segment.as_bytes()], |row| row.get(0)).optional()?;
            let Some(sealed) = sealed else { return Ok(None) };
            let opened =
                Seal::new(key, LABEL_WATCHED).and_then(|seal| seal.open_key(segment.as_bytes(), &sealed));
            let opened = opened.map_err(|_| StoreError::damaged("a blind key cannot be opened"))?;
            Ok(Some(SegmentBlindKey::from_bytes(*opened)))
        })
    }

    /// What this library knows of a delegate's work.
    pub fn watch_state(&self) -> Result<Watch, StoreError> {
        self.read(|connection| {
            let segments = count(connection, "SELECT count(*) FROM watched")?;
            let untold = count(connection, "SELECT count(*) FROM watch_log")?;
            let mut statement = connection
                .prepare_cached("SELECT delegation, heard_unix_s, log_number, log_digest FROM watch")?;
            let mut rows = statement.query([])?;
            let Some(row) = rows.next()? else {
                let told = LogHead::default();
                return Ok(Watch { delegation: None, heard_unix_s: None, segments, told, untold });
            };
            Ok(Watch {
                delegation: row.get(0)?,
                heard_unix_s: row.get::<_, Option<i64>>(1)?.map(unsigned).transpose()?,
                segments,
                told: LogHead { number: unsigned(row.get(2)?)?, digest: row.get(3)? },
                untold,
            })
        })
    }

    /// The owner is here.
    pub fn owner_heard(&self, now_unix_s: u64) -> Result<(), StoreError> {
        let now = signed("the time", now_unix_s)?;
        self.write_down(|transaction| {
            transaction.execute("UPDATE watch SET heard_unix_s = ?1 WHERE heard_unix_s IS NOT ?1", [now])?;
            Ok(((), false))
        })
    }

    /// What the owner was not told yet, in order, at most `limit`.
    pub fn untold(&self, limit: usize) -> Result<Vec<CopyNews>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, kind, segment_id, shard_index, root, peer, at_unix_s FROM watch_log ORDER BY id LIMIT ?1",
            )?;
            let mut rows = statement.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
            let mut news = Vec::new();
            while let Some(row) = rows.next()? {
                let fate = match row.get(1)? {
                    PLACED => CopyFate::Placed,
                    SPARE => CopyFate::Spare,
                    failure => CopyFate::Failed(Failure::from_code(failure)?),
                };
                news.push(CopyNews {
                    number: unsigned(row.get(0)?)?,
                    fate,
                    segment: SegmentId::from_bytes(row.get(2)?),
                    index: narrow(row.get(3)?)?,
                    root: ShardRoot::from_bytes(row.get(4)?),
                    host: PeerId::from_bytes(row.get(5)?),
                    at_unix_s: unsigned(row.get(6)?)?,
                });
            }
            Ok(news)
        })
    }

    /// The owner has taken the log up to here.
    pub fn log_taken(&self, told: LogHead) -> Result<(), StoreError> {
        let number = signed("an entry's number", told.number)?;
        self.write_down(|transaction| {
            transaction.execute("DELETE FROM watch_log WHERE id <= ?1", [number])?;
            transaction
                .execute("UPDATE watch SET log_number = ?1, log_digest = ?2", params![number, told.digest])?;
            Ok(((), false))
        })
    }
}

const PLACED: i64 = 4;
const SPARE: i64 = 5;

/// Writes down what became of a copy, where the segment is on a list.
pub(crate) fn note(
    transaction: &Transaction<'_>,
    segment: i64,
    (index, root, host): (u8, &ShardRoot, &PeerId),
    fate: CopyFate,
) -> Result<(), StoreError> {
    let kind = match fate {
        CopyFate::Failed(failure) => failure.code(),
        CopyFate::Placed => PLACED,
        CopyFate::Spare => SPARE,
    };
    // What was placed and is not told would be there for nobody; a repair stops in time.
    let most = if matches!(fate, CopyFate::Failed(_)) { MAX_UNTOLD / 2 } else { u64::MAX >> 1 };
    transaction
        .prepare_cached(
            "INSERT INTO watch_log (kind, segment_id, shard_index, root, peer, at_unix_s)
             SELECT ?2, s.segment_id, ?3, ?4, ?5, ?6 FROM watched w JOIN segment s ON s.id = w.segment
             WHERE w.segment = ?1 AND coalesce((SELECT max(id) FROM watch_log), 0) - (SELECT log_number FROM watch) < ?7",
        )?
        .execute(params![
            segment,
            kind,
            index,
            root.as_bytes(),
            host.as_bytes(),
            health::now_unix_s(transaction)?,
            signed("a bound", most)?
        ])?;
    Ok(())
}

/// Where this library is a delegate's, writes down that a copy is not needed, for the owner to have it deleted: a delegate may not.
/// Tells whether it is one.
pub(crate) fn note_spare(
    transaction: &Transaction<'_>,
    root: &ShardRoot,
    host: &PeerId,
) -> Result<bool, StoreError> {
    let noted = transaction
        .prepare_cached(
            "INSERT INTO watch_log (kind, segment_id, shard_index, root, peer, at_unix_s)
             SELECT ?1, zeroblob(16), 0, ?2, ?3, ?4 FROM watch",
        )?
        .execute(params![SPARE, root.as_bytes(), host.as_bytes(), health::now_unix_s(transaction)?])?;
    Ok(noted > 0)
}

fn count(connection: &Connection, question: &str) -> Result<u64, StoreError> {
    unsigned(connection.prepare_cached(question)?.query_row([], |row| row.get(0))?)
}

/// The length of its shards, if it is a segment at all.
fn check(segment: &WatchedSegment) -> Result<i64, WatchError> {
    let bad = |reason| WatchError::BadSegment { segment: segment.id, reason };
    let layout = SegmentLayout::new(segment.profile, u64::from(segment.len_bytes))
        .map_err(|_: LayoutError| bad("no segment has this length"))?;
    let ascends = segment.shards.is_sorted_by(|left, right| left.index < right.index);
    if !ascends || segment.shards.iter().any(|shard| shard.index >= segment.profile.n()) {
        return Err(bad("its shards are not in order, or beyond its code"));
    }
    Ok(signed("a shard's length", layout.shard_bytes())?)
}

/// What is in use of it: pages that a shorter list left are written again.
fn database_bytes(connection: &Connection) -> Result<i64, StoreError> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok(pragma("page_count")?.saturating_sub(pragma("freelist_count")?).saturating_mul(pragma("page_size")?))
}

/// A host of the list, where the owner reaches it now. Tells whether it is a new one.
fn put_host(transaction: &Transaction<'_>, peer: &PeerId, addresses: &[String]) -> Result<bool, StoreError> {
    let is_known =
        transaction.prepare_cached("SELECT 1 FROM host WHERE peer = ?1")?.exists([peer.as_bytes()])?;
    let row = host::row_of(transaction, peer, addresses)?;
    if !addresses.is_empty() {
        transaction
            .prepare_cached("UPDATE host SET addresses = ?2 WHERE id = ?1 AND addresses <> ?2")?
            .execute(params![row, addresses.join("\n")])?;
    }
    Ok(!is_known)
}

fn list_version(connection: &Connection) -> Result<i64, StoreError> {
    let version = connection
        .prepare_cached("SELECT id FROM version ORDER BY id LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    version.ok_or_else(|| StoreError::damaged("there is no list"))
}

/// The segment's row, and whether it is a new one; one that has another shape than before is begun anew.
fn segment_row(
    transaction: &Transaction<'_>,
    segment: &WatchedSegment,
    shard_bytes: i64,
    version: i64,
) -> Result<(i64, bool), StoreError> {
    let WatchedSegment { id, profile, len_bytes, .. } = segment;
    let known = journal::own_segment(transaction, id)?;
    let is_new = known.is_none();
    let row = if let Some((row, _)) = known {
        transaction
            .prepare_cached(
                "UPDATE segment SET k = ?2, n = ?3, len_bytes = ?4, shard_bytes = ?5 WHERE id = ?1",
            )?
            .execute(params![row, profile.k(), profile.n(), len_bytes, shard_bytes])?;
        row
    } else {
        transaction
            .prepare_cached(
                "INSERT INTO segment (segment_id, origin, k, n, len_bytes, shard_bytes, state, touched_s)
                 VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                id.as_bytes(),
                profile.k(),
                profile.n(),
                len_bytes,
                shard_bytes,
                FINISHED,
                clock::observed(transaction)?
            ])?;
        transaction.last_insert_rowid()
    };
    transaction
        .prepare_cached(
            "INSERT INTO version_segment (version, segment) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute([version, row])?;
    Ok((row, is_new))
}

/// Makes the segment's copies those of the list. Tells whether there are more of them than before.
fn put_shards(
    transaction: &Transaction<'_>,
    segment: i64,
    shards: &[WatchedShard],
) -> Result<bool, StoreError> {
    let listed: std::collections::BTreeSet<u8> = shards.iter().map(|shard| shard.index).collect();
    let mut known = transaction.prepare_cached("SELECT shard_index FROM shard WHERE segment = ?1")?;
    let known: Vec<u8> = known.query_map([segment], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut remove =
        transaction.prepare_cached("DELETE FROM shard WHERE segment = ?1 AND shard_index = ?2")?;
    let is_more = listed.len() > known.len();
    for index in known.into_iter().filter(|index| !listed.contains(index)) {
        remove.execute(params![segment, index])?;
    }
    let shown_unix_s = health::now_unix_s(transaction)?;
    // What the owner says of a copy is as good as an acknowledgement.
    let mut put = transaction.prepare_cached(
        "INSERT INTO shard (segment, shard_index, root, host, state, failed, shown_unix_s)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (segment, shard_index) DO UPDATE SET root = ?3, host = ?4, state = ?5, failed = ?6,
            checked_unix_s = NULL, proven_s = NULL, open_leaf = NULL, open_since_s = NULL, open_asked_s = NULL,
            open_attempts = 0, open_due_s = 0, shown_unix_s = ?7 WHERE (root, host, failed) IS NOT (?3, ?4, ?6)",
    )?;
    for shard in shards {
        let host = host::row_of(transaction, &shard.host, &[])?;
        let state = shard.failure.map_or(0, |failure| failure.state().code());
        let failed = shard.failure.map(Failure::code);
        put.execute(params![segment, shard.index, shard.root.as_bytes(), host, state, failed, shown_unix_s])?;
    }
    Ok(is_more)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests;
