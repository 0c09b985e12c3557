//! Looking after what other owners entrusted: hosts are audited as for one's own files, and what is lost is made again while the
//! owner is not heard.
//!
//! Two tasks for all owners together, however many there are. Neither does anything for an owner whose delegation has ended: from
//! then on no host would take a shard, and nobody wants to hear of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use layr_keys::OwnerId;
use layr_library::MAX_UNTOLD;
use tokio_util::sync::CancellationToken;

use super::keeping::{Keeping, Kept, holds};
use crate::audit::{Doubt, look};
use crate::background::TaskReport;
use crate::check::CheckError;
use crate::operation::Transfers;
use crate::owner::Owner;
use crate::repair::{RepairError, Resting, repair_due};

/// Time between two looks at hosts, as at one's own.
const AUDIT_EVERY: Duration = Duration::from_mins(1);
/// Time between two looks for what is to be made again.
const REPAIR_EVERY: Duration = Duration::from_mins(5);
/// Segments of one owner in a look, so that one whose hosts are slow does not keep others waiting for long. They are repaired one by one:
/// a pause, an owner that is back and a delegation's end are meant for now.
const SEGMENTS_A_TURN: usize = 4;
/// An owner that was not heard for so long sleeps: awake it asks four times an hour, and repairs its files itself.
const ASLEEP_AFTER: Duration = Duration::from_hours(1);

/// Audits for other owners until cancelled.
pub(crate) async fn audit_for_others(keeping: Keeping, cancel: CancellationToken, task: TaskReport) {
    let mut doubts: BTreeMap<OwnerId, Doubt> = BTreeMap::new();
    loop {
        let work = async {
            tokio::time::sleep(AUDIT_EVERY).await;
            let kept = keeping.all();
            let cared: Vec<_> = join_all(kept.iter().map(cared_for)).await.into_iter().flatten().collect();
            if cared.is_empty() {
                doubts.clear();
                return Ok(());
            }
            task.working();
            let mut own = Vec::new();
            for (one, carer) in cared {
                let doubt = doubts.remove(&one.owner).unwrap_or_default();
                own.push(audit(one, carer, doubt));
            }
            doubts.clear();
            let mut outcome = Ok(());
            for (owner, doubt, looked) in join_all(own).await {
                doubts.insert(owner, doubt);
                outcome = outcome.and(looked);
            }
            outcome
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            outcome = work => task.ended(&outcome),
        }
    }
}

/// One look at the hosts of one owner.
async fn audit(kept: Arc<Kept>, carer: Owner, mut doubt: Doubt) -> (OwnerId, Doubt, Result<(), CheckError>) {
    let look_once = async {
        let now_unix_s = carer.now_unix_s();
        carer.library_job(move |library| library.tick(now_unix_s)).await??;
        if carer.audit_budget().is_enabled() {
            look(&carer, &mut doubt).await?;
        }
        Ok::<_, CheckError>(())
    };
    let looked = kept.unless_released(look_once).await.unwrap_or(Ok(()));
    if let Err(error) = &looked {
        tracing::warn!(owner = %kept.owner, %error, "hosts could not be audited for an owner");
    }
    (kept.owner, doubt, looked)
}

/// Repairs for other owners until cancelled: one after the other, so that memory holds one repair.
pub(crate) async fn repair_for_others(keeping: Keeping, cancel: CancellationToken, task: TaskReport) {
    let mut resting: BTreeMap<OwnerId, Resting> = BTreeMap::new();
    // Not among this node's own transfers: they are somebody else's files.
    let transfers = Transfers::default();
    loop {
        let work = async {
            tokio::time::sleep(REPAIR_EVERY).await;
            let kept = keeping.all();
            resting.retain(|owner, _| kept.iter().any(|one| one.owner == *owner));
            let mut outcome = Ok(());
            for one in kept {
                for _ in 0..SEGMENTS_A_TURN {
                    let Some((one, carer)) = cared_for(&one).await else { break };
                    // A person's pause is meant for what is done for others as well.
                    let is_paused = keeping.is_paused().await.unwrap_or(true);
                    if is_paused || one.heard_at().elapsed() < ASLEEP_AFTER {
                        break;
                    }
                    task.working();
                    let rest = resting.entry(one.owner).or_default();
                    let repaired = one.unless_released(repair(&one, &carer, &transfers, rest)).await;
                    let is_more = matches!(repaired, Some(Ok(true)));
                    outcome = outcome.and(repaired.map_or(Ok(()), |repaired| repaired.map(drop)));
                    if !is_more {
                        break;
                    }
                }
            }
            outcome
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            outcome = work => task.ended(&outcome),
        }
    }
}

/// Makes one segment whole; tells whether there was one, so that another may be due.
async fn repair(
    kept: &Kept,
    carer: &Owner,
    transfers: &Transfers,
    resting: &mut Resting,
) -> Result<bool, RepairError> {
    // What could not be told to the owner would be for nobody.
    if carer.library_job(layr_library::Library::watch_state).await??.untold >= MAX_UNTOLD {
        return Ok(false);
    }
    let repaired = repair_due(carer, transfers, resting, 1).await;
    match &repaired {
        Ok(Some(report)) if report.rebuilt > 0 => {
            tracing::info!(owner = %kept.owner, shards = report.rebuilt, "lost shards were made again for an owner");
        }
        Ok(_) => {}
        Err(error) => {
            tracing::warn!(owner = %kept.owner, %error, "lost shards could not be made again for an owner");
        }
    }
    repaired.map(|report| report.is_some())
}

/// How an owner's files are looked after, if its delegation holds.
async fn cared_for(kept: &Arc<Kept>) -> Option<(Arc<Kept>, Owner)> {
    let carer = kept.carer()?;
    let watch = carer.library_job(layr_library::Library::watch_state).await.ok()?.ok()?;
    let device = carer.client().local_peer();
    let is_held = holds(&watch.delegation?, device, carer.now_unix_s());
    is_held.then(|| (Arc::clone(kept), carer))
}
