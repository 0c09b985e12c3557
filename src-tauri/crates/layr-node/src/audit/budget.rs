//! What audits that nobody asks for may receive, and whether that suffices.
//!
//! Bytes come evenly, those of an hour are kept at most. Leaves may go on while any are left, as a look cannot know what it will
//! receive; what it takes too much of comes out of what follows. Shards are read whole from what leaves do not need. A start has
//! nothing yet, so that no number of restarts makes more of it.

use std::time::Duration;

use layr_codec::MAX_SHARD_BYTES;
use layr_library::{HeldBytes, READING_DAYS};
use parking_lot::Mutex;
use serde::{Deserialize, Deserializer, Serialize, de};
use tokio::time::Instant;

use super::schedule::{DAYS_PER_LEAF, SAMPLE_LEAVES};
use crate::api::AuditsBehind;

const MS_PER_DAY: i128 = 24 * 60 * 60 * 1000;
const HOURS_PER_DAY: i128 = 24;
/// A leaf, its path and its frames in a shard of full size, rounded up: what an answer takes on the line.
const ANSWER_BYTES: u64 = 1640;

/// Fewest bytes that audits may receive a day: a shard of full size each hour, or hardly anything would ever be read whole.
const MIN_DAILY_BYTES: u64 = 24 * MAX_SHARD_BYTES as u64;
/// Most of them: a line of 1 Gbit/s brings no more.
const MAX_DAILY_BYTES: u64 = 10_000_000_000_000;

/// `audits` in `config.toml`: audits that nobody asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditsConfig {
    /// Whether there are any. Without them health goes stale, and what hosts lose is found by chance.
    pub enabled: bool,
    /// Bytes that they receive a day at most, a 24th of it an hour; 24 × 4 MiB to 10 TB.
    #[serde(deserialize_with = "daily_bytes")]
    pub daily_bytes: u64,
}

impl Default for AuditsConfig {
    fn default() -> Self {
        Self { enabled: true, daily_bytes: 2_000_000_000 }
    }
}

fn daily_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let daily_bytes = u64::deserialize(deserializer)?;
    if (MIN_DAILY_BYTES..=MAX_DAILY_BYTES).contains(&daily_bytes) {
        return Ok(daily_bytes);
    }
    Err(de::Error::custom(format!(
        "audits.daily_bytes is {daily_bytes}; it is at least {MIN_DAILY_BYTES} and at most {MAX_DAILY_BYTES}"
    )))
}

/// The budget of one node.
#[derive(Debug)]
pub(crate) struct AuditBudget {
    config: AuditsConfig,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// In parts of a byte, [`MS_PER_DAY`] of them each: what a millisecond brings is less than a byte.
    left_parts: i128,
    counted_at: Instant,
    behind: Option<AuditsBehind>,
}

impl AuditBudget {
    /// As the person set it.
    pub(crate) fn new(config: AuditsConfig) -> Self {
        let state = State { left_parts: 0, counted_at: Instant::now(), behind: None };
        Self { config, state: Mutex::new(state) }
    }

    /// Whether anything is audited that nobody asks for.
    pub(crate) fn is_enabled(&self) -> bool {
        self.config.enabled
    }

    /// Whether leaves may be asked for.
    pub(super) fn has_any(&self) -> bool {
        self.left_parts() > 0
    }

    /// Whether a shard of this size may be read; one that is larger than the budget of an hour takes all of that.
    pub(super) fn has(&self, shard_bytes: u64) -> bool {
        self.left_parts() >= (i128::from(shard_bytes) * MS_PER_DAY).min(self.hourly_parts())
    }

    /// Takes that so much was received.
    pub(super) fn spend(&self, received_bytes: u64) {
        let mut state = self.state.lock();
        self.count(&mut state);
        state.left_parts = state.left_parts.saturating_sub(i128::from(received_bytes) * MS_PER_DAY);
    }

    /// Takes what hosts hold.
    pub(super) fn note_held(&self, held: &HeldBytes) {
        self.state.lock().behind = behind(&self.config, held);
    }

    /// What the budget covers, where that is not all; nothing before the first look.
    pub(crate) fn behind(&self) -> Option<AuditsBehind> {
        self.state.lock().behind
    }

    fn hourly_parts(&self) -> i128 {
        i128::from(self.config.daily_bytes) * MS_PER_DAY / HOURS_PER_DAY
    }

    fn left_parts(&self) -> i128 {
        let mut state = self.state.lock();
        self.count(&mut state);
        state.left_parts
    }

    /// Adds what came since the last count.
    fn count(&self, state: &mut State) {
        let passed_ms = u64::try_from(state.counted_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        // What is less than a millisecond is counted the next time.
        state.counted_at += Duration::from_millis(passed_ms);
        let gained = i128::from(self.config.daily_bytes) * i128::from(passed_ms);
        state.left_parts = state.left_parts.saturating_add(gained).min(self.hourly_parts());
    }
}

/// What a budget covers of this, where that is not all.
fn behind(config: &AuditsConfig, held: &HeldBytes) -> Option<AuditsBehind> {
    if held.bytes == 0 {
        return None;
    }
    let leaves = held.hosts * u64::from(SAMPLE_LEAVES) + held.shards.div_ceil(DAYS_PER_LEAF);
    let left_bytes = config.daily_bytes.saturating_sub(leaves.saturating_mul(ANSWER_BYTES));
    if !config.enabled || left_bytes == 0 {
        return Some(AuditsBehind { covered_percent: 0, days: None });
    }
    let days = held.bytes.div_ceil(left_bytes);
    let round_days = u64::from(READING_DAYS);
    let covered = u128::from(left_bytes) * u128::from(round_days) * 100 / u128::from(held.bytes);
    let covered_percent = u32::try_from(covered).unwrap_or(u32::MAX);
    (days > round_days).then_some(AuditsBehind { covered_percent, days: Some(days) })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use layr_library::HeldBytes;
    use tokio::time::sleep;

    use super::{AuditBudget, AuditsConfig, behind};
    use crate::api::AuditsBehind;

    const MIB: u64 = 1024 * 1024;

    fn config(daily_bytes: u64) -> AuditsConfig {
        AuditsConfig { enabled: true, daily_bytes }
    }

    #[tokio::test(start_paused = true)]
    async fn an_hour_has_a_share_of_the_day_and_keeps_no_more() {
        let budget = AuditBudget::new(config(240 * MIB));
        assert!(!budget.has_any(), "a start has nothing");
        sleep(Duration::from_mins(24)).await;
        assert!(budget.has(4 * MIB) && !budget.has(4 * MIB + 1));
        // Asked often it has no less, and a night of it is no more than an hour.
        for _ in 0..36 * 60 {
            sleep(Duration::from_secs(1)).await;
            budget.has_any();
        }
        assert!(budget.has(10 * MIB));
        sleep(Duration::from_hours(9)).await;
        budget.spend(10 * MIB + 1);
        assert!(!budget.has_any());
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_look_took_too_much_of_is_missing_later() {
        let budget = AuditBudget::new(config(240 * MIB));
        sleep(Duration::from_hours(1)).await;
        budget.spend(30 * MIB);
        sleep(Duration::from_mins(119)).await;
        assert!(!budget.has_any());
        sleep(Duration::from_mins(2)).await;
        assert!(budget.has_any());
        // What is larger than an hour's share takes all of that, and is not left out for ever.
        sleep(Duration::from_hours(1)).await;
        assert!(budget.has(11 * MIB));
    }

    #[test]
    fn what_is_left_out_of_the_settings_has_its_default_and_nothing_is_out_of_bounds() {
        let read =
            |text: &str| toml::from_str::<AuditsConfig>(text).map_err(|error| error.message().to_owned());
        assert_eq!(read(""), Ok(config(2_000_000_000)));
        let off = AuditsConfig { enabled: false, ..config(2_000_000_000) };
        assert_eq!(read("enabled = false"), Ok(off));
        assert_eq!(read("daily_bytes = 100663296"), Ok(config(100_663_296)));
        for bad in ["daily_bytes = 100663295", "daily_bytes = 10000000000001", "daily_byte = 200000000"] {
            assert!(read(bad).unwrap_err().contains("daily_byte"), "{bad}");
        }
    }

    #[test]
    fn a_budget_that_does_not_suffice_says_what_it_covers() {
        let held = |shards: u64| HeldBytes { hosts: 100, shards, bytes: shards * 4 * MIB };
        assert_eq!(behind(&config(2_000_000_000), &held(0)), None);
        assert_eq!(behind(&config(2_000_000_000), &held(25_000)), None, "100 GiB of shards in 53 days");
        let half = behind(&config(2_000_000_000), &held(50_000)).unwrap();
        assert_eq!(half, AuditsBehind { covered_percent: 56, days: Some(106) });
        // Leaves come first: here they take everything.
        let none = AuditsBehind { covered_percent: 0, days: None };
        assert_eq!(behind(&config(100_000_000), &held(400_000)), Some(none));
        let off = AuditsConfig { enabled: false, ..config(2_000_000_000) };
        assert_eq!(behind(&off, &held(1)), Some(none));
    }
}
