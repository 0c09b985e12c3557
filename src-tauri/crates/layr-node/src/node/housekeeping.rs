//! What a node does by itself for its owner: the library's clock and its purge.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::Node;
use crate::api::Health;
use crate::catalogue;
use crate::error::NodeError;
use crate::{remove, upload};

/// The library's own clock wants a look about once a minute.
const TICK: Duration = Duration::from_mins(1);
/// Looks between two rounds of maintenance: about an hour.
const TICKS_PER_MAINTENANCE: u32 = 60;
/// The worst health is counted over all files; `status` does so at most this often.
const HEALTH_LIFETIME: Duration = Duration::from_secs(10);

/// The worst health as last counted.
#[derive(Debug, Default)]
pub(super) struct WorstHealth {
    last: Mutex<Option<(Instant, Option<Health>)>>,
}

impl WorstHealth {
    /// Count again at the next question.
    pub(super) fn forget(&self) {
        *self.last.lock() = None;
    }
}

impl Node {
    pub(super) fn start_housekeeping(&self) {
        let node = self.clone();
        let cancel = self.inner.cancel.clone();
        self.inner.tasks.spawn(cancel.run_until_cancelled_owned(async move { node.keep_house().await }));
        let garbage = remove::collect_garbage(self.inner.owner.clone(), self.inner.cancel.clone());
        self.inner.tasks.spawn(garbage);
        let rest = upload::complete_in_background(self.inner.owner.clone(), self.inner.cancel.clone());
        self.inner.tasks.spawn(rest);
    }

    async fn keep_house(&self) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut until_maintenance = 0;
        loop {
            ticks.tick().await;
            let now = self.inner.surroundings.clock.now_unix_s();
            let is_due = until_maintenance == 0;
            until_maintenance = if is_due { TICKS_PER_MAINTENANCE } else { until_maintenance - 1 };
            let outcome = self
                .library(move |library| {
                    let outcome = if is_due {
                        library.maintain(now).map(Some)
                    } else {
                        library.tick(now).map(|()| None)
                    };
                    outcome.map_err(|error| catalogue::store_error(&error))
                })
                .await;
            match outcome {
                Ok(Some(done)) => tracing::debug!(?done, "the library was maintained"),
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the library could not be maintained"),
            }
        }
    }

    /// The worst health of all files, at most [`HEALTH_LIFETIME`] old.
    pub(super) async fn worst_health(&self) -> Result<Option<Health>, NodeError> {
        let known = *self.inner.worst_health.last.lock();
        if let Some((counted_at, health)) = known.filter(|(at, _)| at.elapsed() < HEALTH_LIFETIME) {
            tracing::trace!(age_ms = counted_at.elapsed().as_millis(), "the health is known");
            return Ok(health);
        }
        let health = self.library(catalogue::worst_health).await?;
        *self.inner.worst_health.last.lock() = Some((Instant::now(), health));
        Ok(health)
    }
}
