//! Hosting, as it is set and reported.

use serde::{Deserialize, Serialize};

use super::OfferInfo;

/// Space that this node lends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct HostingSpace {
    /// Bytes stored for others.
    pub used_bytes: u64,
    /// Bytes promised to uploads under way.
    pub reserved_bytes: u64,
    /// Bytes lent at most.
    pub quota_bytes: u64,
}

/// `host set`: absent fields stay as they are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(optional_fields))]
#[serde(deny_unknown_fields)]
pub struct HostSettings {
    /// Bytes lent at most; setting it switches hosting on, and 0 off: what is stored then stays and is served.
    #[serde(default)]
    pub quota_bytes: Option<u64>,
    /// Upload limit in bytes a second; 0 lifts it.
    #[serde(default)]
    pub up_bytes_per_s: Option<u64>,
    /// Download limit in bytes a second; 0 lifts it.
    #[serde(default)]
    pub down_bytes_per_s: Option<u64>,
    /// Upload limit for each other computer in bytes a second; 0 lifts it.
    #[serde(default)]
    pub peer_up_bytes_per_s: Option<u64>,
    /// Download limit for each other computer in bytes a second; 0 lifts it.
    #[serde(default)]
    pub peer_down_bytes_per_s: Option<u64>,
    /// Longest term in days.
    #[serde(default)]
    pub max_term_days: Option<u32>,
    /// Price in lumens for a GiB and month, as a decimal; `"0"` lends for free.
    #[serde(default)]
    pub price_xlm_per_gib_month: Option<String>,
    /// Collateral in hundredths of the rent of a term, 0 to 100.
    #[serde(default)]
    pub collateral_percent: Option<u8>,
    /// When the limits hold, as a [`Schedule`](crate::host::Schedule) reads it.
    #[serde(default)]
    pub schedule: Option<String>,
}

/// `host leave`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(optional_fields))]
#[serde(deny_unknown_fields)]
pub struct LeaveRequest {
    /// Seconds until it stops, whatever lies here then: a day to 90 days, two weeks when absent.
    #[serde(default)]
    pub until_s: Option<u32>,
}

/// Result of `host show`, `host set` and the other `host` commands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct HostReport {
    /// Whether this node lends space: now, or from its next start where none runs.
    pub hosting: bool,
    /// Whether the person paused it.
    pub paused: bool,
    /// When it stops by itself, in RFC 3339; absent while it stays. Until then, or until nothing of others lies here, it takes nothing new
    /// and serves on, so that owners bring what lies here to other hosts. Then `hosting` is false, and this stays for as long as something
    /// is left that nobody fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub leaves_at: Option<String>,
    /// The terms it offers; absent when hosting is off and while no node runs.
    pub offer: Option<OfferInfo>,
    /// Bytes stored for others.
    pub used_bytes: u64,
    /// Bytes promised to uploads under way.
    pub reserved_bytes: u64,
    /// Bytes lent at most.
    pub quota_bytes: u64,
    /// Bytes that are accepted now: what quota and disk leave, 0 while the disk is away and while no node runs.
    pub free_bytes: u64,
    /// Bytes that the disk leaves for others; absent while it is away.
    pub disk_left_bytes: Option<u64>,
    /// Free disk that is never lent.
    pub disk_floor_bytes: u64,
    /// Whether the disk with what others stored is not there.
    pub is_disk_away: bool,
    /// Why what others stored cannot be used though it is there; absent while it can. Nothing of it is lost or changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub unusable: Option<String>,
    /// Shards stored.
    pub shards: u64,
    /// Owners who store here.
    pub owners: u64,
    /// Lumens earned, also those that are still in escrow; `"0"` where hosting is free, and while no node runs.
    pub earned_xlm: String,
    /// Collateral at risk in lumens; `"0"` where hosting is free, and while no node runs.
    pub at_risk_xlm: String,
    /// What the person limits.
    pub limits: HostLimits,
}

/// Limits of hosting, in [`HostReport`]. A rate of 0 is no limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct HostLimits {
    /// Upload, in bytes a second.
    pub up_bytes_per_s: u64,
    /// Download, in bytes a second.
    pub down_bytes_per_s: u64,
    /// Upload to each other computer, in bytes a second.
    pub peer_up_bytes_per_s: u64,
    /// Download from each other computer, in bytes a second.
    pub peer_down_bytes_per_s: u64,
    /// When they hold: `always`, or hours of local time.
    pub schedule: String,
    /// Whether they hold at this moment.
    pub in_force: bool,
    /// Longest term in days.
    pub max_term_days: u32,
    /// Price in lumens for a GiB and month; `"0"` is free.
    pub price_xlm_per_gib_month: String,
    /// Collateral in hundredths of the rent of a term.
    pub collateral_percent: u8,
}
