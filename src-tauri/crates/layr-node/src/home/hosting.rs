//! `[hosting]` of a home's configuration.

use serde::{Deserialize, Serialize};

use crate::agreements::DEFAULT_COLLATERAL_PERCENT;
use crate::agreements::price::MonthlyPrice;
use crate::api::HostSettings;
use crate::bandwidth::{check_rate, of_person};
use crate::error::{ErrorCode, NodeError};
use crate::schedule::Schedule;

/// Longest term that a host offers unless told otherwise: the default term, 13 windows of 7 days.
const DEFAULT_MAX_TERM_DAYS: u32 = 13 * 7;
/// Most collateral in hundredths of the rent of a term: all of it, which a term can earn back.
const MAX_COLLATERAL_PERCENT: u8 = 100;
/// Hosting, as the person set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HostingConfig {
    /// Whether this node lends space.
    pub enabled: bool,
    /// Whether the person paused it.
    pub paused: bool,
    /// Whether a vault was made here. If it is gone then, its disk is away, and no new one takes its place.
    pub has_vault: bool,
    /// Bytes lent at most.
    pub quota_bytes: u64,
    /// Bytes a second sent to others for hosting; 0 is no limit.
    pub up_bytes_per_s: u64,
    /// Bytes a second received from others for hosting; 0 is no limit.
    pub down_bytes_per_s: u64,
    /// Bytes a second sent to each other computer for hosting; 0 is no limit.
    pub peer_up_bytes_per_s: u64,
    /// Bytes a second received from each other computer for hosting; 0 is no limit.
    pub peer_down_bytes_per_s: u64,
    /// When these limits hold.
    pub schedule: Schedule,
    /// Longest term in days.
    pub max_term_days: u32,
    /// What it asks for, in lumens for a GiB and month.
    pub price_xlm_per_gib_month: MonthlyPrice,
    /// Collateral that it puts in, in hundredths of the rent of a term.
    pub collateral_percent: u8,
    /// When this host stops, while it leaves; and also then, as long as something lies here that nobody fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaves_unix_s: Option<u64>,
}

impl Default for HostingConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            paused: false,
            has_vault: false,
            quota_bytes: 0,
            up_bytes_per_s: 0,
            down_bytes_per_s: 0,
            peer_up_bytes_per_s: 0,
            peer_down_bytes_per_s: 0,
            schedule: Schedule::default(),
            max_term_days: DEFAULT_MAX_TERM_DAYS,
            price_xlm_per_gib_month: MonthlyPrice::FREE,
            collateral_percent: DEFAULT_COLLATERAL_PERCENT,
            leaves_unix_s: None,
        }
    }
}

impl HostingConfig {
    /// Takes over what `settings` names. Setting a quota switches hosting on, a quota of nothing switches it off. Who had left and lends
    /// again stays.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] for a schedule or price that is none, a limit that cannot be kept, or a collateral above the whole rent;
    /// nothing is taken over then.
    pub fn apply(&mut self, settings: &HostSettings) -> Result<(), NodeError> {
        let rates = [
            settings.up_bytes_per_s,
            settings.down_bytes_per_s,
            settings.peer_up_bytes_per_s,
            settings.peer_down_bytes_per_s,
        ];
        rates.into_iter().try_for_each(check_rate)?;
        let price = settings.price_xlm_per_gib_month.as_deref().map(price_of_person).transpose()?;
        let collateral = settings.collateral_percent.map(check_collateral).transpose()?;
        if let Some(text) = &settings.schedule {
            self.schedule = of_person(text)?;
        }
        if let Some(quota_bytes) = settings.quota_bytes {
            // Who stops at once, or lends anew, leaves no more.
            if quota_bytes == 0 || !self.enabled {
                self.leaves_unix_s = None;
            }
            self.enabled = quota_bytes > 0;
            self.quota_bytes = quota_bytes;
        }
        for (limit, asked) in [
            (&mut self.up_bytes_per_s, settings.up_bytes_per_s),
            (&mut self.down_bytes_per_s, settings.down_bytes_per_s),
            (&mut self.peer_up_bytes_per_s, settings.peer_up_bytes_per_s),
            (&mut self.peer_down_bytes_per_s, settings.peer_down_bytes_per_s),
        ] {
            *limit = asked.unwrap_or(*limit);
        }
        self.max_term_days = settings.max_term_days.unwrap_or(self.max_term_days);
        self.price_xlm_per_gib_month = price.unwrap_or(self.price_xlm_per_gib_month);
        self.collateral_percent = collateral.unwrap_or(self.collateral_percent);
        Ok(())
    }
}

fn price_of_person(text: &str) -> Result<MonthlyPrice, NodeError> {
    text.parse().map_err(|error| {
        let message = format!("{error}. A price is in lumens for a GiB and month; 0 lends for free.");
        NodeError::new(ErrorCode::InvalidRequest, message).with("price_xlm_per_gib_month", text)
    })
}

fn check_collateral(percent: u8) -> Result<u8, NodeError> {
    if percent <= MAX_COLLATERAL_PERCENT {
        return Ok(percent);
    }
    let message = format!(
        "The collateral is 0 to {MAX_COLLATERAL_PERCENT} hundredths of the rent of a term, not {percent}: more could not be earned back."
    );
    Err(NodeError::new(ErrorCode::InvalidRequest, message).with("collateral_percent", percent))
}
