//! Hosts that the owner knows.

use std::collections::{BTreeMap, BTreeSet};

use layr_keys::PeerId;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::clock;
use crate::error::{StoreError, from_engine, signed, unsigned};
use crate::evidence::{self, HostEvidence};
use crate::library::Library;

/// Most addresses kept of a host; a peer that lists more is hiding something or broken.
pub const MAX_ADDRESSES: usize = 8;
/// Longest address in bytes.
pub const MAX_ADDRESS_BYTES: usize = 256;
/// Longest offer in bytes: a signed record of the DHT, with room for its frame.
pub const MAX_OFFER_BYTES: usize = 4096;

/// A host's signed terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The encoded record.
    pub record: Vec<u8>,
    /// Its sequence number: an older one never replaces a newer one.
    pub sequence: u64,
}

/// News of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostUpdate {
    /// Which host.
    pub peer: PeerId,
    /// Where it can be dialled; when empty, the known addresses stay.
    pub addresses: Vec<String>,
    /// Its offer, when it came with one.
    pub offer: Option<Offer>,
    /// When it was seen.
    pub seen_unix_s: u64,
}

/// A host as recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct HostRecord {
    /// Which host.
    pub peer: PeerId,
    /// Where it was last dialled.
    pub addresses: Vec<String>,
    /// Its newest offer.
    pub offer: Option<Offer>,
    /// When it was last seen.
    pub seen_unix_s: u64,
    /// Shards of ours that it holds, as far as we know.
    pub shards: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What it has shown of itself.
    pub evidence: HostEvidence,
    /// When it stops, as it said when it was last heard; none of one that stays.
    pub leaves_unix_s: Option<u64>,
    /// Seconds since it last said that it leaves, on the library's own clock; none if it never did.
    pub leaving_said_ago_s: Option<u64>,
}

/// News of a host could not be recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// Too many addresses, or one that is empty, too long or has control characters.
    #[error(
        "the addresses of host {peer} break the limits ({MAX_ADDRESSES} of at most {MAX_ADDRESS_BYTES} bytes)"
    )]
    BadAddresses {
        /// Which host.
        peer: PeerId,
    },
    /// The offer is too long.
    #[error("the offer of host {peer} is {len_bytes} bytes long; the limit is {MAX_OFFER_BYTES}")]
    OfferTooLong {
        /// Which host.
        peer: PeerId,
        /// Its length.
        len_bytes: usize,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_engine!(HostError);

/// Whether the addresses keep the limits.
pub(crate) fn are_addresses_fine(addresses: &[String]) -> bool {
    let fine = |address: &String| {
        (1..=MAX_ADDRESS_BYTES).contains(&address.len()) && !address.chars().any(char::is_control)
    };
    addresses.len() <= MAX_ADDRESSES && addresses.iter().all(fine)
}

/// Row number of the host, made when it is new.
pub(crate) fn row_of(
    connection: &Connection,
    peer: &PeerId,
    addresses: &[String],
) -> Result<i64, StoreError> {
    let known = connection
        .prepare_cached("SELECT id FROM host WHERE peer = ?1")?
        .query_row([peer.as_bytes()], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    connection
        .prepare_cached("INSERT INTO host (peer, addresses, seen_unix_s, seen_s) VALUES (?1, ?2, 0, ?3)")?
        .execute(params![peer.as_bytes(), addresses.join("\n"), clock::observed(connection)?])?;
    Ok(connection.last_insert_rowid())
}

/// Addresses as recorded.
pub(crate) fn split_addresses(text: &str) -> Vec<String> {
    text.split('\n').filter(|address| !address.is_empty()).map(str::to_owned).collect()
}

impl Library {
    /// Records news of hosts, all or none.
    pub fn upsert_hosts(&self, updates: &[HostUpdate]) -> Result<(), HostError> {
        for update in updates {
            if !are_addresses_fine(&update.addresses) {
                return Err(HostError::BadAddresses { peer: update.peer });
            }
            let len_bytes = update.offer.as_ref().map_or(0, |offer| offer.record.len());
            if len_bytes > MAX_OFFER_BYTES {
                return Err(HostError::OfferTooLong { peer: update.peer, len_bytes });
            }
        }
        self.write(|transaction| {
            let seen_s = clock::observed(transaction)?;
            for update in updates {
                let row = row_of(transaction, &update.peer, &update.addresses)?;
                transaction
                    .prepare_cached(
                        "UPDATE host SET seen_unix_s = max(seen_unix_s, ?2), seen_s = ?3,
                            addresses = CASE WHEN ?4 = '' THEN addresses ELSE ?4 END WHERE id = ?1",
                    )?
                    .execute(params![
                        row,
                        signed("a time", update.seen_unix_s)?,
                        seen_s,
                        update.addresses.join("\n")
                    ])?;
                if let Some(offer) = &update.offer {
                    transaction
                        .prepare_cached(
                            "UPDATE host SET offer = ?2, offer_sequence = ?3
                             WHERE id = ?1 AND (offer IS NULL OR offer_sequence <= ?3)",
                        )?
                        .execute(params![
                            row,
                            offer.record,
                            signed("an offer's sequence", offer.sequence)?
                        ])?;
                }
            }
            Ok(())
        })
    }

    /// All known hosts with what they hold of ours, in the order in which they became known.
    pub fn hosts(&self) -> Result<Vec<HostRecord>, StoreError> {
        self.read(|connection| read_hosts(connection, "TRUE", "h.id", usize::MAX))
    }

    /// At most `limit` hosts that may be asked to store more: those that hold shards of ours first, then those that made offers,
    /// last seen first. Whom only a manifest of somebody else names is not among them, as that is a stranger's choice.
    pub fn hosts_to_ask(&self, limit: usize) -> Result<Vec<HostRecord>, StoreError> {
        self.read(|connection| {
            let is_met = "(held.shards > 0 OR h.offer IS NOT NULL)";
            read_hosts(connection, is_met, "held.shards IS NULL, h.seen_s DESC, h.id", limit)
        })
    }

    /// Where these hosts can be dialled, as recorded; those that are not known are left out.
    pub fn host_addresses(
        &self,
        peers: &BTreeSet<PeerId>,
    ) -> Result<BTreeMap<PeerId, Vec<String>>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT addresses FROM host WHERE peer = ?1")?;
            let mut found = BTreeMap::new();
            for peer in peers {
                let addresses: Option<String> =
                    statement.query_row([peer.as_bytes()], |row| row.get(0)).optional()?;
                found.extend(addresses.map(|addresses| (*peer, split_addresses(&addresses))));
            }
            Ok(found)
        })
    }

    /// What is known of one host.
    pub fn host(&self, peer: &PeerId) -> Result<Option<HostRecord>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT h.peer, h.addresses, h.offer, h.offer_sequence, h.seen_unix_s, count(segment.id),
                        coalesce(sum(segment.shard_bytes), 0), {LEAVING_COLUMNS}, {}
                 FROM host h LEFT JOIN evidence e ON e.host = h.id LEFT JOIN shard ON shard.host = h.id AND shard.state IN (0, 3) AND shard.failed IS NULL
                    LEFT JOIN segment ON segment.id = shard.segment AND segment.origin = 0
                 WHERE h.peer = ?1 GROUP BY h.id",
                evidence::COLUMNS
            ))?;
            let mut rows = statement.query([peer.as_bytes()])?;
            rows.next()?.map(read_host).transpose()
        })
    }
}

/// What a host `h` said of its leaving, as [`read_host`] takes it.
const LEAVING_COLUMNS: &str = "h.leaves_unix_s, max((SELECT observed_s FROM clock) - h.leaving_said_s, 0)";

/// Hosts with what they hold of ours; `held.shards` is null for those that hold nothing.
fn read_hosts(
    connection: &Connection,
    condition: &str,
    order: &str,
    limit: usize,
) -> Result<Vec<HostRecord>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT h.peer, h.addresses, h.offer, h.offer_sequence, h.seen_unix_s, coalesce(held.shards, 0),
                coalesce(held.bytes, 0), {LEAVING_COLUMNS}, {}
         FROM host h LEFT JOIN evidence e ON e.host = h.id LEFT JOIN (
            SELECT shard.host AS host, count(*) AS shards, sum(segment.shard_bytes) AS bytes
            FROM shard JOIN segment ON segment.id = shard.segment
            WHERE segment.origin = 0 AND shard.state IN (0, 3) AND shard.failed IS NULL GROUP BY shard.host
         ) held ON held.host = h.id WHERE {condition} ORDER BY {order} LIMIT ?1",
        evidence::COLUMNS
    ))?;
    let mut rows = statement.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut hosts = Vec::new();
    while let Some(row) = rows.next()? {
        hosts.push(read_host(row)?);
    }
    Ok(hosts)
}

fn read_host(row: &rusqlite::Row<'_>) -> Result<HostRecord, StoreError> {
    let record: Option<Vec<u8>> = row.get(2)?;
    let sequence = unsigned(row.get(3)?)?;
    let addresses: String = row.get(1)?;
    Ok(HostRecord {
        peer: PeerId::from_bytes(row.get(0)?),
        addresses: split_addresses(&addresses),
        offer: record.map(|record| Offer { record, sequence }),
        seen_unix_s: unsigned(row.get(4)?)?,
        shards: unsigned(row.get(5)?)?,
        bytes: unsigned(row.get(6)?)?,
        leaves_unix_s: row.get::<_, Option<i64>>(7)?.map(unsigned).transpose()?,
        leaving_said_ago_s: row.get::<_, Option<i64>>(8)?.map(unsigned).transpose()?,
        evidence: evidence::read(row, 9)?,
    })
}
