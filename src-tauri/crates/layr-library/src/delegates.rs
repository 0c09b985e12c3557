//! The owner's delegates: who they are, what they were given, and how much of what they say was heard.

use layr_codec::SegmentId;
use layr_keys::{LogHead, PeerId};
use rusqlite::{Row, params};

use crate::clock;
use crate::error::{StoreError, signed, unsigned};
use crate::host::split_addresses;
use crate::journal::JournalError;
use crate::library::Library;
use crate::shard::StoredShard;

/// A delegate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegateRecord {
    /// Its device.
    pub peer: PeerId,
    /// What the owner calls it; may be empty.
    pub name: String,
    /// Where to reach it; none where the network is asked.
    pub addresses: Vec<String>,
    /// Since when.
    pub added_unix_s: u64,
    /// Number of the delegation given last; 0 before the first one.
    pub serial: u64,
    /// When that one ends.
    pub expires_unix_s: Option<u64>,
    /// What was taken of its log.
    pub log: LogHead,
    /// When it last answered.
    pub heard_unix_s: Option<u64>,
    /// New copies of its making that were taken over.
    pub placed: u64,
    /// Claims of it that proved false.
    pub refuted: u64,
}

/// What a visit brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DelegateVisit {
    /// Where its log stands for us now.
    pub log: LogHead,
    /// New copies taken over.
    pub placed: u64,
    /// False claims.
    pub refuted: u64,
}

/// What a delegate said of a host that was not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutOff {
    /// Its number; 0 before it is on record.
    pub id: u64,
    /// What was said, encoded.
    pub news: Vec<u8>,
    /// Where the host can be reached.
    pub addresses: Vec<String>,
    /// For how long it has waited, in seconds of the library's own clock.
    pub waits_s: u64,
}

/// Claims of one delegate that wait, at most: more hosts than that are not away at once.
const MAX_PUT_OFF: i64 = 4096;

impl Library {
    /// All delegates, the eldest first.
    pub fn delegates(&self) -> Result<Vec<DelegateRecord>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT peer, name, addresses, added_unix_s, serial, expires_unix_s, log_number, log_digest,
                    heard_unix_s, placed, refuted FROM delegate ORDER BY added_unix_s, peer",
            )?;
            let mut rows = statement.query([])?;
            let mut delegates = Vec::new();
            while let Some(row) = rows.next()? {
                delegates.push(record(row)?);
            }
            Ok(delegates)
        })
    }

    /// Takes a delegate; tells whether it is a new one. One that is known gets the new name and addresses.
    pub fn add_delegate(
        &self,
        peer: &PeerId,
        name: &str,
        addresses: &[String],
        now_unix_s: u64,
    ) -> Result<bool, StoreError> {
        let now = signed("the time", now_unix_s)?;
        self.write(|transaction| {
            let is_known = transaction.execute(
                "UPDATE delegate SET name = ?2, addresses = ?3 WHERE peer = ?1",
                params![peer.as_bytes(), name, addresses.join("\n")],
            )? > 0;
            if !is_known {
                transaction.execute(
                    "INSERT INTO delegate (peer, name, addresses, added_unix_s) VALUES (?1, ?2, ?3, ?4)",
                    params![peer.as_bytes(), name, addresses.join("\n"), now],
                )?;
            }
            Ok(!is_known)
        })
    }

    /// Forgets a delegate; tells whether there was one.
    pub fn remove_delegate(&self, peer: &PeerId) -> Result<bool, StoreError> {
        self.write(|transaction| {
            Ok(transaction.execute("DELETE FROM delegate WHERE peer = ?1", [peer.as_bytes()])? > 0)
        })
    }

    /// A delegation is about to be given: its number, and its end, are on record before anybody can show it. False where the delegate
    /// was revoked meanwhile: then it gets none.
    pub fn delegation_given(
        &self,
        peer: &PeerId,
        serial: u64,
        expires_unix_s: u64,
    ) -> Result<bool, StoreError> {
        let (serial, expires) = (signed("a serial", serial)?, signed("a time", expires_unix_s)?);
        self.write(|transaction| {
            let given = transaction.execute(
                "UPDATE delegate SET serial = ?2, expires_unix_s = ?3 WHERE peer = ?1",
                params![peer.as_bytes(), serial, expires],
            )?;
            Ok(given > 0)
        })
    }

    /// Takes what a visit brought, with what has to wait. What is in the log up to there is not heard again. False where the delegate
    /// was revoked meanwhile.
    pub fn delegate_heard(
        &self,
        peer: &PeerId,
        visit: &DelegateVisit,
        put_off: &[PutOff],
        now_unix_s: u64,
    ) -> Result<bool, StoreError> {
        let DelegateVisit { log, placed, refuted } = *visit;
        let values = params![
            peer.as_bytes(),
            signed("the time", now_unix_s)?,
            signed("an entry's number", log.number)?,
            log.digest,
            signed("a count", placed)?,
            signed("a count", refuted)?
        ];
        self.write_down(|transaction| {
            let heard = transaction.execute(
                "UPDATE delegate SET heard_unix_s = ?2, log_number = ?3, log_digest = ?4, placed = placed + ?5,
                    refuted = refuted + ?6 WHERE peer = ?1",
                values,
            )?;
            let since_s = clock::observed(transaction)?;
            for claim in put_off.iter().filter(|_| heard > 0) {
                transaction
                    .prepare_cached(
                        "INSERT INTO put_off (peer, news, addresses, since_s) SELECT ?1, ?2, ?3, ?4
                         WHERE (SELECT count(*) FROM put_off WHERE peer = ?1) < ?5",
                    )?
                    .execute(params![
                        peer.as_bytes(),
                        claim.news,
                        claim.addresses.join("\n"),
                        since_s,
                        MAX_PUT_OFF
                    ])?;
            }
            // Where files lie and that somebody lies is worth a backup.
            Ok((heard > 0, heard > 0 && placed + refuted > 0))
        })
    }

    /// What waits of a delegate, the oldest first.
    pub fn put_off(&self, peer: &PeerId) -> Result<Vec<PutOff>, StoreError> {
        self.read(|connection| {
            let now_s = clock::observed(connection)?;
            let mut statement = connection.prepare_cached(
                "SELECT id, news, addresses, since_s FROM put_off WHERE peer = ?1 ORDER BY id",
            )?;
            let mut rows = statement.query([peer.as_bytes()])?;
            let mut claims = Vec::new();
            while let Some(row) = rows.next()? {
                let (addresses, since_s): (String, i64) = (row.get(2)?, row.get(3)?);
                claims.push(PutOff {
                    id: unsigned(row.get(0)?)?,
                    news: row.get(1)?,
                    addresses: split_addresses(&addresses),
                    waits_s: unsigned(now_s.saturating_sub(since_s).max(0))?,
                });
            }
            Ok(claims)
        })
    }

    /// What waited was judged.
    pub fn put_off_done(&self, id: u64) -> Result<(), StoreError> {
        self.write_down(|transaction| {
            transaction.execute("DELETE FROM put_off WHERE id = ?1", [id.cast_signed()])?;
            Ok(((), false))
        })
    }

    /// A copy that was proven by some leaves takes the place of one that is lost; nobody has read all of it yet. False where another
    /// stays.
    pub fn take_over(&self, segment: &SegmentId, copy: &StoredShard) -> Result<bool, JournalError> {
        self.shards_stored(segment, &[*copy])?;
        self.write(|transaction| {
            let taken = transaction.execute(
                "UPDATE shard SET whole_s = 0 WHERE shard_index = ?2 AND host = (SELECT id FROM host WHERE peer = ?3)
                    AND segment = (SELECT id FROM segment WHERE segment_id = ?1 AND origin = 0)",
                params![segment.as_bytes(), copy.index, copy.host.as_bytes()],
            )?;
            Ok(taken > 0)
        })
    }
}

fn record(row: &Row<'_>) -> Result<DelegateRecord, StoreError> {
    let addresses: String = row.get(2)?;
    let [expires, heard]: [Option<i64>; 2] = [row.get(5)?, row.get(8)?];
    Ok(DelegateRecord {
        peer: PeerId::from_bytes(row.get(0)?),
        name: row.get(1)?,
        addresses: split_addresses(&addresses),
        added_unix_s: unsigned(row.get(3)?)?,
        serial: unsigned(row.get(4)?)?,
        expires_unix_s: expires.map(unsigned).transpose()?,
        log: LogHead { number: unsigned(row.get(6)?)?, digest: row.get(7)? },
        heard_unix_s: heard.map(unsigned).transpose()?,
        placed: unsigned(row.get(9)?)?,
        refuted: unsigned(row.get(10)?)?,
    })
}
