//! What a host does by itself: gives back space whose bytes never came, reads everything again in time, and follows the
//! schedule of its limits. One that leaves is looked at as well.

use std::time::Duration;

use layr_codec::MAX_SHARD_BYTES;
use layr_vault::{StoreError, Vault};
use tokio::time::{Instant, MissedTickBehavior};

use super::Service;
use super::watch::Watch;
use crate::activity::words;
use crate::background::TaskReport;

/// Pause between rounds. Reservations end by their streams' watchdogs long before; this is the net below them.
const ROUND: Duration = Duration::from_secs(30);
/// Bytes that the scrubber reads in a round at most: 2 MiB/s, which no disk feels.
const SCRUB_ROUND_BYTES: u64 = 64 * 1024 * 1024;
/// A debt of reading below this waits, since the scrubber reads whole shards.
const SCRUB_MIN_BYTES: u64 = MAX_SHARD_BYTES as u64;
/// A debt below [`SCRUB_MIN_BYTES`] waits this long at most: a small vault is read too.
const SCRUB_MAX_WAIT: Duration = Duration::from_hours(24);
/// A node that has just started owes this much: one that runs for some hours a day still reads everything in time.
const OWED_AT_START_S: u64 = 12 * 3600;

/// How much reading is due.
struct ScrubDebt {
    owed_bytes: u64,
    counted_at: Instant,
    counted_s: u64,
    paid_at: Option<Instant>,
}

impl ScrubDebt {
    fn new() -> Self {
        Self { owed_bytes: 0, counted_at: Instant::now(), counted_s: OWED_AT_START_S, paid_at: None }
    }

    /// Seconds for which reading has to be made up now.
    fn count_s(&mut self) -> u64 {
        let passed_s = self.counted_at.elapsed().as_secs();
        self.counted_at += Duration::from_secs(passed_s);
        std::mem::take(&mut self.counted_s) + passed_s
    }

    /// The budget of this round; `None` when nothing is due.
    fn due_bytes(&self) -> Option<u64> {
        let waited_long = self.paid_at.is_none_or(|paid_at| paid_at.elapsed() >= SCRUB_MAX_WAIT);
        let due = self.owed_bytes >= SCRUB_MIN_BYTES || (waited_long && self.owed_bytes > 0);
        due.then(|| self.owed_bytes.min(SCRUB_ROUND_BYTES))
    }

    fn pay(&mut self, read_bytes: u64) {
        self.owed_bytes = self.owed_bytes.saturating_sub(read_bytes);
        self.paid_at = Some(Instant::now());
    }
}

impl Service {
    /// Runs rounds until the task is cancelled.
    pub(super) async fn maintain(&self, task: &TaskReport) {
        let mut rounds = tokio::time::interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut debt = ScrubDebt::new();
        let mut watch = Watch::default();
        let found = self.found_at_start.lock().take();
        if let Some(found) = found {
            self.tell_damage(found.newly_missing, found.newly_corrupt).await;
        }
        loop {
            rounds.tick().await;
            task.working();
            self.follow_schedule();
            self.watch_space(&mut watch).await;
            self.end_leaving().await;
            let Some(vault) = self.vault() else {
                task.resting();
                continue;
            };
            self.release_expired(vault.clone()).await;
            task.ended(&self.scrub(vault, &mut debt).await);
        }
    }

    async fn release_expired(&self, vault: Vault) {
        let now = self.clock.now_unix_s();
        if let Ok(released @ 1..) = self.blocking(move || vault.release_expired(now)).await {
            tracing::info!(released, "space was given back whose bytes never came");
            self.space_changed();
        }
    }

    async fn scrub(&self, vault: Vault, debt: &mut ScrubDebt) -> Result<(), StoreError> {
        let elapsed_s = debt.count_s();
        let pace = {
            let vault = vault.clone();
            self.blocking(move || vault.scrub_pace_bytes(elapsed_s)).await
        };
        // A disk that is busy is no failure: the debt stays.
        let Ok(pace) = pace else { return Ok(()) };
        let pace_bytes = pace?;
        debt.owed_bytes = debt.owed_bytes.saturating_add(pace_bytes);
        let Some(budget_bytes) = debt.due_bytes() else { return Ok(()) };
        let now = self.clock.now_unix_s();
        match self.blocking(move || vault.scrub_next(budget_bytes, now)).await {
            Ok(Ok(report)) => {
                debt.pay(report.read_bytes);
                if !report.newly_missing.is_empty() || !report.newly_corrupt.is_empty() {
                    tracing::warn!(?report, "the scrub found damaged shards");
                    self.space_changed();
                    let (missing, corrupt) = (report.newly_missing.len(), report.newly_corrupt.len());
                    self.tell_damage(missing as u64, corrupt as u64).await;
                }
                Ok(())
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the scrub could not run");
                Err(error)
            }
            Err(_) => Ok(()),
        }
    }

    pub(super) async fn tell_damage(&self, missing: u64, corrupt: u64) {
        if missing > 0 || corrupt > 0 {
            self.activity.note(words::vault_damaged(missing, corrupt)).await;
        }
    }
}
