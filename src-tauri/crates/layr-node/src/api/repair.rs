//! What a repair did, and what it left.

use serde::{Deserialize, Serialize};

use super::Health;

/// What a repair of everything named would do, told before anything is read or sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct RepairPlan {
    /// Segments of which something can be made again now.
    pub segments: u64,
    /// Shards that are made again.
    pub shards: u64,
    /// Bytes of the shards that are read for it: as many of each segment as suffice.
    pub read_bytes: u64,
    /// Bytes of the shards that are made again, which are sent to other hosts.
    pub sent_bytes: u64,
    /// Shards that wait besides: every host that has room and can be reached holds one of their segment already.
    pub shards_without_host: u64,
    /// Segments of which fewer shards are healthy than bring one back: whether enough of the others answer after all is found
    /// out only by trying.
    pub short_segments: u64,
    /// Segments that somebody else stored: theirs to repair.
    pub segments_of_others: u64,
}

/// Result of `repair`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RepairReport {
    /// Shards that were made again and that hosts proved to have.
    pub rebuilt: u64,
    /// Where they are.
    pub placed: Vec<PlacedShard>,
    /// How the segments stand now of which something was made again.
    pub health: Vec<RepairedSegment>,
    /// Segments that have to wait.
    pub waiting: Vec<WaitingSegment>,
    /// Bytes received for it.
    pub bytes_received: u64,
    /// Bytes sent for it.
    pub bytes_sent: u64,
    /// Seconds it took.
    pub duration_s: f64,
}

/// A shard with its new host.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlacedShard {
    /// Segment id in hex.
    pub segment: String,
    /// Index in the segment.
    pub index: u32,
    /// The host's peer id.
    pub host: String,
}

/// A segment after its repair.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RepairedSegment {
    /// Segment id in hex.
    pub segment: String,
    /// Its health now.
    pub health: Health,
}

/// A segment of which shards are lost still.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WaitingSegment {
    /// Segment id in hex.
    pub segment: String,
    /// For what it waits.
    pub reason: WaitReason,
    /// Shards that are to be made again.
    pub shards: u64,
}

/// Why a segment was not repaired, or not wholly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// Every host that can be reached and has room holds a shard of it already.
    NotEnoughHosts,
    /// Fewer of its shards answer than it takes.
    TooFewShards,
    /// It is being sent at this moment.
    Busy,
    /// What answers does not fit together: the library is damaged.
    Damaged,
}
