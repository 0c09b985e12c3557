//! Everything about one file: its segments, where their shards lie, and what happened to them.

use serde::{Deserialize, Serialize};

use super::{DurabilityModel, Health, ListedFile};

/// State of one shard as last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ShardState {
    /// Stored and not known to be bad.
    Healthy,
    /// The host says that it has it no more, or it was never placed.
    Missing,
    /// The host returned other bytes.
    Corrupt,
    /// The host does not answer.
    Unreachable,
}

/// Why a copy counts for nothing any more, whatever its host says later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ShardFailure {
    /// Its host said in an audit that it does not have it.
    Missing,
    /// Its host returned other bytes.
    Corrupt,
    /// Its host was out of reach for longer than is waited.
    WrittenOff,
}

/// One shard in `info`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ShardInfo {
    /// Index, 0 to n−1.
    pub index: u32,
    /// Shard root in hex; absent while it is not placed.
    pub root: Option<String>,
    /// The host's peer id; absent while it is not placed.
    pub host: Option<String>,
    /// As last seen.
    pub state: ShardState,
    /// When it was last checked, RFC 3339 UTC.
    pub last_audit: Option<String>,
    /// When it was last shown to be there, by its host's acknowledgement, a leaf or all of it, RFC 3339 UTC; null if never.
    #[serde(default)]
    pub last_proven: Option<String>,
    /// When all of it was last read and hashed, or sent and acknowledged, RFC 3339 UTC; null where that is not known.
    #[serde(default)]
    pub last_read: Option<String>,
    /// Why this copy failed for good; absent while it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub failed: Option<ShardFailure>,
    /// Whether its host was asked for a piece of it and has not answered yet: it counts as unreachable until then.
    #[serde(default)]
    pub question_open: bool,
}

/// One segment in `info`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct SegmentInfo {
    /// Segment id in hex.
    pub id: String,
    /// Shards that suffice.
    pub k: u8,
    /// Shards in all.
    pub n: u8,
    /// How many live, and what that means.
    pub health: Health,
    /// Its shards, by index.
    pub shards: Vec<ShardInfo>,
}

/// Result of `info`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct InfoReport {
    /// The file.
    #[serde(flatten)]
    pub file: ListedFile,
    /// What its durability rests on.
    pub model: DurabilityModel,
    /// Its segments, in the order of the file.
    pub segments: Vec<SegmentInfo>,
    /// What happened to its parts.
    #[serde(default)]
    pub history: PartHistory,
}

/// A segment in [`FileDetails`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct WeakSegment {
    /// Its place in the file, from 1 on.
    pub position: u64,
    /// What there is to know about it.
    #[serde(flatten)]
    pub segment: SegmentInfo,
}

/// What a window shows of one file: a large one has thousands of segments, and its weakest decide.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct FileDetails {
    /// The file.
    #[serde(flatten)]
    pub file: ListedFile,
    /// What its durability rests on.
    pub model: DurabilityModel,
    /// Segments in all.
    pub segment_count: u64,
    /// The few that are nearest to being lost, the worst first.
    pub weakest: Vec<WeakSegment>,
    /// What happened to the parts of all its segments.
    #[serde(default)]
    pub history: PartHistory,
}

/// What happened to a part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PartEventKind {
    /// Its host said in an audit that it does not have it.
    Missing,
    /// Its host returned other bytes.
    Corrupt,
    /// Its host was out of reach for longer than is waited.
    WrittenOff,
    /// A copy at another host took the place of one that had failed or was away.
    Renewed,
    /// It was brought away from a host that leaves.
    Moved,
}

/// One happening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct PartEvent {
    /// When, RFC 3339 UTC.
    pub at: String,
    /// The place of its segment in the file, from 1 on.
    pub segment: u64,
    /// The shard's index, 0 to n−1.
    pub shard: u32,
    /// What happened.
    pub event: PartEventKind,
    /// Peer id of who lost the copy, or has the new one.
    pub host: String,
    /// Peer id of who had the copy before; absent where none took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub from: Option<String>,
}

/// What happened to the parts of a file. Checks that were passed are not in it: each part says when it was last proven.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct PartHistory {
    /// The newest first.
    pub events: Vec<PartEvent>,
    /// How many older ones are on record besides.
    pub older: u64,
}
