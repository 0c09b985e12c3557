//! What a repair did, and what it left.

use serde::{Deserialize, Serialize};

use super::Health;

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
