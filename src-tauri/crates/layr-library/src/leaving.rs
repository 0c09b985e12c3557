//! Hosts that leave, and the copies that are to be brought to others before they stop.

use std::collections::BTreeSet;

use layr_codec::SegmentId;
use layr_keys::PeerId;
use rusqlite::{OptionalExtension as _, params};

use crate::clock;
use crate::error::{StoreError, narrow, signed};
use crate::health;
use crate::library::Library;

/// A copy at a host that leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeavingCopy {
    /// The segment.
    pub segment: SegmentId,
    /// The shard's index.
    pub index: u8,
    /// The host.
    pub host: PeerId,
}

impl Library {
    /// Records what a host said of its leaving: when it stops, or that it stays. One that is not known is ignored. Tells whether
    /// that is news, which another time of the same leaving is not.
    pub fn note_leaving(&self, peer: &PeerId, leaves_unix_s: Option<u64>) -> Result<bool, StoreError> {
        self.write_down(|transaction| {
            let known: Option<bool> = transaction
                .prepare_cached("SELECT leaves_unix_s IS NOT NULL FROM host WHERE peer = ?1")?
                .query_row([peer.as_bytes()], |row| row.get(0))
                .optional()?;
            let Some(did_leave) = known.filter(|did_leave| *did_leave || leaves_unix_s.is_some()) else {
                return Ok((false, false));
            };
            let leaves = leaves_unix_s.map(|at| signed("a time", at)).transpose()?;
            transaction
                .prepare_cached(
                    "UPDATE host SET leaves_unix_s = ?2,
                        leaving_said_s = CASE WHEN ?2 IS NULL THEN leaving_said_s ELSE ?3 END WHERE peer = ?1",
                )?
                .execute(params![peer.as_bytes(), leaves, clock::observed(transaction)?])?;
            let is_news = did_leave != leaves.is_some();
            Ok((is_news, is_news))
        })
    }

    /// Copies of ours at hosts that leave, that did not fail and that a file needs; at most `limit`, those of the most endangered
    /// segments first. Those that rest are passed over, and all of hosts that rest; so are copies of which something bad was heard,
    /// or nothing when they were asked about: audits find out how they are.
    pub fn leaving_copies(
        &self,
        resting: &BTreeSet<LeavingCopy>,
        resting_hosts: &BTreeSet<PeerId>,
        limit: usize,
    ) -> Result<Vec<LeavingCopy>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(concat!(
                // From the few hosts to their copies: in another order every shard of the library would be read each time.
                "SELECT s.segment_id, c.shard_index, h.peer FROM host h CROSS JOIN shard c ON c.host = h.id
                    CROSS JOIN segment s ON s.id = c.segment
                 WHERE h.leaves_unix_s IS NOT NULL AND c.failed IS NULL AND c.state = 0 AND s.origin = 0 AND s.state > 0
                    AND EXISTS (SELECT 1 FROM version_segment WHERE segment = s.id) ORDER BY ",
                health::rank_sql!()
            ))?;
            let mut rows = statement.query([])?;
            let mut copies = Vec::new();
            while copies.len() < limit
                && let Some(row) = rows.next()?
            {
                let copy = LeavingCopy {
                    segment: SegmentId::from_bytes(row.get(0)?),
                    index: narrow(row.get(1)?)?,
                    host: PeerId::from_bytes(row.get(2)?),
                };
                if !resting.contains(&copy) && !resting_hosts.contains(&copy.host) {
                    copies.push(copy);
                }
            }
            Ok(copies)
        })
    }
}
