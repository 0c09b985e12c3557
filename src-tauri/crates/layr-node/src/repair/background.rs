//! Repairs without being asked.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use layr_codec::SegmentId;
use layr_library::{Library, SegmentRecord};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::wanted::{Trigger, wanted};
use super::{DueSegment, RepairError, Run, When, due_of};
use crate::activity::{Activity, words};
use crate::api::RepairReport;
use crate::background::TaskReport;
use crate::operation::{OperationKind, Transfers};
use crate::owner::Owner;

/// Time between two looks for segments of which copies failed. A look is one question to the library.
const LOOK_EVERY: Duration = Duration::from_mins(5);
/// Segments taken at a time, the most endangered first.
const SEGMENTS_AT_ONCE: usize = 256;
/// How long a segment rests that could not be repaired, the first time; it doubles.
const FIRST_REST: Duration = Duration::from_hours(1);
const LONGEST_REST: Duration = Duration::from_hours(24);

/// Segments that rest, and for how long.
pub(crate) type Resting = BTreeMap<SegmentId, (Instant, Duration)>;

/// Repairs what is due, until cancelled.
pub(crate) async fn repair_in_background(
    owner: Owner,
    transfers: Transfers,
    activity: Activity,
    cancel: CancellationToken,
    task: TaskReport,
) {
    let mut resting = Resting::new();
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        task.working();
        let repaired = tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            repaired = repair_due(&owner, &transfers, &mut resting, SEGMENTS_AT_ONCE) => repaired,
        };
        task.ended(&repaired);
        match repaired {
            Ok(Some(report)) if report.rebuilt > 0 => {
                tracing::info!(
                    shards = report.rebuilt,
                    segments = report.health.len(),
                    "lost shards were made again"
                );
                activity.note(words::repaired(report.rebuilt)).await;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "lost shards could not be made again"),
        }
    }
}

/// Repairs what is due and does not rest, at most `limit` segments; what could not be made whole rests from then on. None where nothing is
/// due.
///
/// # Errors
/// [`RepairError`].
pub(crate) async fn repair_due(
    owner: &Owner,
    transfers: &Transfers,
    resting: &mut Resting,
    limit: usize,
) -> Result<Option<RepairReport>, RepairError> {
    if owner.library_job(Library::is_paused).await?? {
        return Ok(None);
    }
    let now = Instant::now();
    let resting_now: BTreeSet<SegmentId> =
        resting.iter().filter(|(_, (until, _))| now < *until).map(|(segment, _)| *segment).collect();
    let trigger = Trigger::read(owner, When::Due).await?;
    let may_be_due = move |profile, standing| trigger.is_due(profile, standing);
    let is_due = move |segment: &SegmentRecord| !wanted(segment, trigger).is_empty();
    let look_up =
        move |library: &Library| library.segments_to_repair(&resting_now, may_be_due, is_due, limit);
    let due = owner.library_job(look_up).await??;
    let mut due: Vec<DueSegment> = due_of(&due, trigger).collect();
    if due.is_empty() {
        return Ok(None);
    }
    due.sort();
    let operation = transfers.begin(OperationKind::Repair, "/");
    let mut run = Run::begin(owner, trigger, &due, &operation);
    let mut tried = Vec::new();
    for DueSegment { segment, .. } in due {
        // A segment on a slow line takes minutes, and a pause is meant for now.
        if owner.library_job(Library::is_paused).await?? {
            break;
        }
        run.go_on(segment).await?;
        tried.push(segment);
    }
    let report = run.end();
    // What was not made whole rests, also what turned out not to be due after all.
    let placed: BTreeSet<&str> = report.placed.iter().map(|shard| shard.segment.as_str()).collect();
    let waiting: BTreeSet<&str> = report.waiting.iter().map(|waits| waits.segment.as_str()).collect();
    for segment in tried {
        let rested = resting.remove(&segment).map(|(_, rest)| rest * 2);
        let name = segment.to_string();
        if waiting.contains(name.as_str()) || !placed.contains(name.as_str()) {
            let rest = rested.unwrap_or(FIRST_REST).min(LONGEST_REST);
            resting.insert(segment, (now + rest, rest));
        }
    }
    // What nobody needs any more is not due again.
    resting.retain(|_, (until, rest)| now < *until + *rest);
    Ok(Some(report))
}
