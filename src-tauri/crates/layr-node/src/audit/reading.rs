//! Every shard read whole without being asked, one at a time, so that each has its turn within 90 days.
//!
//! When a copy is due the library knows, so that a restart forgets nothing and a sleep leaves nothing to catch up with. A host that
//! cannot be read from is passed over for a while, and nothing is recorded of that: the daily samples say whether it is there.

use std::collections::BTreeMap;
use std::time::Duration;

use layr_keys::PeerId;
use layr_library::{AskedShard, CopyToRead, FailedCopy, HeldBytes, Library};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::schedule::tell;
use crate::activity::Activity;
use crate::api::CheckResult;
use crate::background::TaskReport;
use crate::check::{CheckError, Evidence, Findings, Looked, Told};
use crate::client::Verdict;
use crate::owner::Owner;
use crate::whole::{Keep, read_whole};

/// Time between two looks whether a copy is due, and before the first.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// How long a host is passed over that could not be read from.
const HOST_RESTS: Duration = Duration::from_hours(1);
/// After so many hosts that sent nothing a look ends: it may be our own line, and the others need not be called for it.
const SILENT_HOSTS: u32 = 3;

/// Hosts that rest, and until when.
type Resting = BTreeMap<PeerId, Instant>;

/// What hosts held after so many changes of the library.
struct Held {
    changes: u64,
    bytes: HeldBytes,
}

/// Reads what is due, until cancelled.
pub(crate) async fn read_in_background(
    owner: Owner,
    activity: Activity,
    cancel: CancellationToken,
    task: TaskReport,
) {
    let (mut resting, mut held) = (Resting::new(), None);
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        task.working();
        let read = tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            read = read_due(&owner, &mut resting, &mut held) => read,
        };
        task.ended(&read);
        match read {
            Ok(failed) if failed.is_empty() => {}
            Ok(failed) => tell(&activity, &failed).await,
            Err(error) => tracing::warn!(%error, "shards could not be read whole"),
        }
    }
}

/// Reads copies while they are due and the budget has bytes for them. Returns early with one that failed.
async fn read_due(
    owner: &Owner,
    resting: &mut Resting,
    known: &mut Option<Held>,
) -> Result<Vec<FailedCopy>, CheckError> {
    let budget = owner.audit_budget();
    let held = held(owner, known).await?;
    budget.note_held(&held);
    // A pause is meant for now, and a shard on a slow line takes minutes.
    let mut silent = 0;
    while silent < SILENT_HOSTS && budget.is_enabled() && !owner.library_job(Library::is_paused).await?? {
        resting.retain(|_, until| Instant::now() < *until);
        let passed_over = resting.keys().copied().collect();
        let due = move |library: &Library| library.copy_to_read(held.bytes, &passed_over);
        let Some(copy) = owner.library_job(due).await?? else { break };
        if !budget.has(copy.shard_bytes) {
            break;
        }
        let Some(failed) = read(owner, &copy).await? else {
            resting.insert(copy.host, Instant::now() + HOST_RESTS);
            silent += 1;
            continue;
        };
        let shard_bytes = copy.shard_bytes;
        owner.library_job(move |library| library.note_reading(shard_bytes, held.bytes)).await??;
        if !failed.is_empty() {
            return Ok(failed);
        }
    }
    Ok(Vec::new())
}

/// What hosts hold; every segment is looked at for it, so that it is asked for once after each change.
async fn held(owner: &Owner, known: &mut Option<Held>) -> Result<HeldBytes, CheckError> {
    let changes = owner.library().changes();
    if let Some(held) = known.as_ref().filter(|held| held.changes == changes) {
        return Ok(held.bytes);
    }
    let bytes = owner.library_job(Library::held_bytes).await??;
    *known = Some(Held { changes, bytes });
    Ok(bytes)
}

/// Reads a copy and records what came of it; none if its host sent nothing that says how the copy is.
async fn read(owner: &Owner, copy: &CopyToRead) -> Result<Option<Vec<FailedCopy>>, CheckError> {
    let host = owner.hosts().contact(copy.host, &copy.addresses);
    let shard = (copy.root, u32::try_from(copy.shard_bytes).unwrap_or(u32::MAX));
    let mut received_bytes = 0;
    let whole = read_whole(owner, &host, shard, Keep::Nothing, |bytes| received_bytes += bytes).await?;
    owner.audit_budget().spend(received_bytes);
    let (result, evidence) = match whole {
        Ok(whole) => {
            owner.hosts().note_alive(copy.host);
            let is_right = whole.root == Some(copy.root);
            (if is_right { CheckResult::Passed } else { CheckResult::Corrupt }, Evidence::Proof)
        }
        Err(error) => {
            tracing::debug!(root = %copy.root, host = %copy.host, %error, "a shard could not be read whole");
            owner.hosts().note_failure(copy.host, &error);
            match error.verdict() {
                Verdict::Missing => (CheckResult::Missing, Evidence::Hearsay),
                Verdict::Corrupt => (CheckResult::Corrupt, Evidence::Hearsay),
                Verdict::Unreachable | Verdict::Busy | Verdict::NoRoom => return Ok(None),
            }
        }
    };
    let mut findings = Findings::new(Told::Counts);
    let looked = Looked {
        segment: copy.segment,
        index: copy.index,
        host: Some(copy.host),
        shard: Some(AskedShard { root: copy.root, shard_bytes: copy.shard_bytes }),
    };
    findings.add(looked, result, evidence);
    findings.record(owner).await?;
    Ok((evidence == Evidence::Proof).then(|| findings.failed().to_vec()))
}
