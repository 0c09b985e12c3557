//! What a look for shards at their hosts finds, and how much it reads.

use serde::{Deserialize, Serialize};

/// Outcome of checking one shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    /// The host has it, whole.
    Passed,
    /// The host does not have it.
    Missing,
    /// The host returned other bytes.
    Corrupt,
    /// The host did not answer.
    Unreachable,
}

/// One checked shard.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckedShard {
    /// Segment id in hex.
    pub segment: String,
    /// Index in the segment.
    pub index: u32,
    /// The host's peer id.
    pub host: String,
    /// What came out.
    pub result: CheckResult,
}

/// Result of `verify` and `audit`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CheckReport {
    /// Every shard that was checked.
    pub shards: Vec<CheckedShard>,
    /// Shards that passed.
    pub passed: u64,
    /// Shards missing or corrupt.
    pub failed: u64,
    /// Of them, those whose host returned other bytes.
    #[serde(default)]
    pub corrupt: u64,
    /// Shards whose host did not answer.
    pub unreachable: u64,
    /// Whether no host at all answered: then our own connection may be away, and nothing of it is recorded.
    #[serde(default)]
    pub nobody_answered: bool,
    /// Segments of which fewer shards lie anywhere than bring one back: it does not help that those pass.
    #[serde(default)]
    pub short_segments: u64,
    /// Leaves that hosts proved; none where shards are read whole.
    #[serde(default)]
    pub leaves: u64,
    /// Bytes received for it.
    pub bytes_received: u64,
    /// Seconds it took.
    pub duration_s: f64,
}

/// What a check of everything named would read, told without reading it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct CheckPlan {
    /// Of as many shards of each segment as suffice to read it.
    pub quick: CheckSize,
    /// Of all of them.
    pub thorough: CheckSize,
}

/// How much a check reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct CheckSize {
    /// Shards.
    pub shards: u64,
    /// Their bytes, which hosts send over the line.
    pub bytes: u64,
}

/// Audits that are switched off, or whose budget does not suffice to read every shard whole in its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct AuditsBehind {
    /// Percent of the bytes at hosts that are read whole in 60 days awake.
    pub covered_percent: u32,
    /// Days awake until all of them are; absent where that never comes to be.
    pub days: Option<u64>,
}
