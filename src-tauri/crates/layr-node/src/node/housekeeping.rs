//! What a node does by itself for its owner: the library's clock and its purge.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::Node;
use super::backups::Backups;
use crate::activity::{ActivityKind, words};
use crate::api::HealthState;
use crate::background::TaskReport;
use crate::catalogue::{self, OverallHealth};
use crate::error::NodeError;
use crate::{audit, remove, repair, upload};

/// The library's own clock wants a look about once a minute.
const TICK: Duration = Duration::from_mins(1);
/// Looks between two rounds of maintenance: about an hour.
const TICKS_PER_MAINTENANCE: u32 = 60;
/// A node that reaches nobody for this long says so: a laptop that wakes up or changes its network needs less.
const ALONE_FOR: Duration = Duration::from_mins(10);
/// How many strangers, and for how long, a node looks for that has no connection, before it calls itself alone.
const STRANGERS: usize = 1;
const STRANGERS_DEADLINE: Duration = Duration::from_secs(5);
/// Health is counted over all files; `status` does so at most this often, and only after a change.
const HEALTH_LIFETIME: Duration = Duration::from_secs(10);
/// And without a change at least this often: what nobody looks at is safe for 14 days and no longer.
const HEALTH_AGES: Duration = Duration::from_hours(1);

/// The health of all files as last counted.
#[derive(Debug, Default)]
pub(super) struct LastHealth {
    last: Mutex<Option<Counted>>,
}

#[derive(Debug, Clone, Copy)]
struct Counted {
    at: Instant,
    /// Changes of the library before it was counted.
    changes: u64,
    health: OverallHealth,
}

/// Since when a node reaches nobody, and what was told last about it; at the start nothing is known.
#[derive(Debug, Default)]
struct Alone {
    since: Option<Instant>,
    is_told: Option<bool>,
}

impl LastHealth {
    /// Count again at the next question.
    pub(super) fn forget(&self) {
        *self.last.lock() = None;
    }
}

impl Node {
    pub(super) fn start_housekeeping(&self) {
        let node = self.clone();
        let cancel = self.inner.cancel.clone();
        let background = self.background();
        let task = background.task(
            "Housekeeping",
            "Lets go of what was in the trash for 30 days, backs the library up, and looks whether the network is there.",
        );
        self.inner.tasks.spawn(cancel.run_until_cancelled_owned(async move { node.keep_house(&task).await }));
        let (owner, cancel) = (&self.inner.owner, &self.inner.cancel);
        let task = background
            .task("Deleting at hosts", "Asks hosts to delete what none of your files needs any more.");
        self.inner.tasks.spawn(remove::collect_garbage(owner.clone(), cancel.clone(), task));
        let task = background.task(
            "Completing uploads",
            "Brings the last pieces of safe files to hosts that could not take them yet.",
        );
        self.inner.tasks.spawn(upload::complete_in_background(owner.clone(), cancel.clone(), task));
        let task = background.task(
            "Checking hosts",
            "Has every host prove each day, unforeseeably, that it still keeps your files.",
        );
        let happenings = self.happenings().clone();
        self.inner.tasks.spawn(audit::check_hosts(owner.clone(), happenings, cancel.clone(), task));
        let task = background.task(
            "Reading parts",
            "Reads every part at its host in full, one at a time, so that each has its turn within 90 days.",
        );
        let happenings = self.happenings().clone();
        self.inner.tasks.spawn(audit::read_in_background(owner.clone(), happenings, cancel.clone(), task));
        let task = background.task(
            "Repairing",
            "Makes lost parts of your files again from the others, and brings them to other hosts.",
        );
        let (transfers, happenings) = (self.inner.transfers.clone(), self.happenings().clone());
        self.inner.tasks.spawn(repair::repair_in_background(
            owner.clone(),
            transfers,
            happenings,
            cancel.clone(),
            task,
        ));
        let task = background.task(
            "Moving off leaving hosts",
            "Brings parts of your files away from hosts that said that they leave, to others.",
        );
        let (transfers, happenings) = (self.inner.transfers.clone(), self.happenings().clone());
        self.inner.tasks.spawn(repair::move_in_background(
            owner.clone(),
            transfers,
            happenings,
            cancel.clone(),
            task,
        ));
        self.start_delegates();
    }

    async fn keep_house(&self, task: &TaskReport) {
        let mut alone = Alone::default();
        let mut told_health = None;
        let mut backups = Backups::default();
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut until_maintenance = 0;
        loop {
            ticks.tick().await;
            task.working();
            self.inner.bandwidth.follow_schedule();
            self.watch_network(&mut alone).await;
            let health = self.watch_health(&mut told_health).await;
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
            match &outcome {
                Ok(Some(done)) => {
                    tracing::debug!(?done, "the library was maintained");
                    if done.trash_purged > 0 || done.versions_purged > 0 {
                        self.library_changed();
                    }
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the library could not be maintained"),
            }
            let copied = self.back_up_when_due(&mut backups).await;
            if let Err(error) = &copied {
                tracing::warn!(%error, "the library could not be backed up");
            }
            task.ended(&outcome.and(copied).and(health));
        }
    }

    /// Says once that nobody can be reached, and once that somebody can.
    async fn watch_network(&self, alone: &mut Alone) {
        if self.inner.net.status().await.connected_peers > 0 {
            return self.not_alone(alone).await;
        }
        let alone_for = alone.since.get_or_insert_with(Instant::now).elapsed();
        if alone_for < ALONE_FOR {
            return;
        }
        // Idle connections are closed: without one, others may be there all the same.
        if !self.inner.net.sample_peers(STRANGERS, STRANGERS_DEADLINE).await.is_empty() {
            return self.not_alone(alone).await;
        }
        let problem = words::network_away(alone_for.as_secs() / 60);
        self.happenings().follow(&mut alone.is_told, ActivityKind::NetworkAway, Some(problem)).await;
    }

    async fn not_alone(&self, alone: &mut Alone) {
        alone.since = None;
        self.happenings().follow(&mut alone.is_told, ActivityKind::NetworkAway, None).await;
    }

    /// Says once which files are in danger and how many, and once that no file is any more. Knows what uploads, downloads,
    /// audits and checks have met. `told` is what was kept last: how many of each sort; at the start nothing is known.
    async fn watch_health(&self, told: &mut Option<[u64; 3]>) -> Result<(), NodeError> {
        let OverallHealth { worst, at_risk, lost, theirs } = self.overall_health().await?;
        let now = [at_risk, lost, theirs];
        if *told == Some(now) {
            return Ok(());
        }
        let dangers = [
            (at_risk, words::files_at_risk(at_risk)),
            (lost, words::files_lost(lost)),
            (theirs, words::files_of_others_in_danger(theirs)),
        ];
        // Of a library without files nobody needs to hear that they are well.
        let are_safe = worst.is_some_and(|worst| worst.state == HealthState::Safe) && now == [0; 3];
        let noted = self.happenings().change(move |library, now_unix_s| {
            let (mut is_changed, mut has_ended) = (false, false);
            for (files, danger) in &dangers {
                if *files > 0 {
                    is_changed |= library.tell_state(danger, now_unix_s)?;
                } else {
                    has_ended |= library.end_state(&danger.kind, &danger.subject, now_unix_s)?;
                }
            }
            // Who was never told of a danger need not hear that it has passed.
            if has_ended && are_safe {
                library.note_activity(&words::files_safe_again(), now_unix_s)?;
            }
            Ok(is_changed || has_ended)
        });
        if noted.await {
            *told = Some(now);
        }
        Ok(())
    }

    /// How all files are, at most [`HEALTH_LIFETIME`] behind the last change.
    pub(super) async fn overall_health(&self) -> Result<OverallHealth, NodeError> {
        let known = *self.inner.last_health.last.lock();
        // Read before counting, so that what was counted is never taken for newer than it is.
        let changes = self.inner.library.changes();
        let still_holds = |counted: &Counted| {
            let lifetime = if counted.changes == changes { HEALTH_AGES } else { HEALTH_LIFETIME };
            counted.at.elapsed() < lifetime
        };
        if let Some(counted) = known.filter(still_holds) {
            return Ok(counted.health);
        }
        let health = self.library(catalogue::overall_health).await?;
        *self.inner.last_health.last.lock() = Some(Counted { at: Instant::now(), changes, health });
        Ok(health)
    }
}
