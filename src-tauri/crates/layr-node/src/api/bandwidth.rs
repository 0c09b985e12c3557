//! The limits of all transfers, as they are set and reported.

use serde::{Deserialize, Serialize};

/// Changes of the limits: absent fields stay as they are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(optional_fields))]
#[serde(deny_unknown_fields)]
pub struct BandwidthSettings {
    /// Upload limit in bytes a second; 0 lifts it.
    #[serde(default)]
    pub up_bytes_per_s: Option<u64>,
    /// Download limit in bytes a second; 0 lifts it.
    #[serde(default)]
    pub down_bytes_per_s: Option<u64>,
    /// When the limits hold, as a [`Schedule`](crate::schedule::Schedule) reads it.
    #[serde(default)]
    pub schedule: Option<String>,
}

/// The limits of all transfers together. A rate of 0 is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct BandwidthReport {
    /// Upload, in bytes a second.
    pub up_bytes_per_s: u64,
    /// Download, in bytes a second.
    pub down_bytes_per_s: u64,
    /// When they hold: `always`, or hours of local time.
    pub schedule: String,
    /// Whether they hold at this moment.
    pub in_force: bool,
}
