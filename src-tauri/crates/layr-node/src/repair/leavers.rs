//! Bringing the copies of hosts that leave to others before they stop.
//!
//! Such a copy is read whole, once, and hashed to the remembered root, where a repair reads k shards; from there on it is a
//! repair: the same hosts, the same proof of the new copy, the same records. The old copy counts until the row changes its host in
//! one step, so a segment never has a shard less; then it is let go of. What cannot be read as it was is a finding, and a
//! repair's to mend. One copy at a time: memory holds one shard, and a pause is meant for now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use layr_keys::PeerId;
use layr_library::{LeavingCopy, Library, ShardRecord};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::bring::Rebuilt;
use super::gather::{Silence, look_up};
use super::wanted::Trigger;
use super::{Job, RepairError, Run, When};
use crate::activity::{Activity, ActivityKind, words};
use crate::background::TaskReport;
use crate::check::CheckError;
use crate::operation::{OperationKind, Transfers};
use crate::owner::Owner;

/// Time between two looks for copies at hosts that leave, where nothing is heard meanwhile: who is just found to leave is looked at
/// at once. A look is one question to the library.
const LOOK_EVERY: Duration = Duration::from_mins(5);
/// Copies taken at a time, those of the most endangered segments first.
const COPIES_AT_ONCE: usize = 256;
/// How long a copy rests that could not be brought elsewhere: hosts that leave are there for a day at least.
const REST: Duration = Duration::from_hours(1);

/// What became of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Another host has proven that it holds it.
    Moved,
    /// No other host fits.
    NoHost,
    /// Its host did not send it.
    NotSent,
    /// None of those that fit took it, something else is at work on it, or nobody is there.
    NotNow,
}

/// What was not moved: until when it rests, and why.
#[derive(Default)]
struct Resting {
    copies: BTreeMap<LeavingCopy, (Instant, Outcome)>,
    /// Hosts that did not send one: the copies of those that are awake do not wait for them.
    hosts: BTreeMap<PeerId, Instant>,
}

/// Brings copies away from hosts that leave, until cancelled.
pub(crate) async fn move_in_background(
    owner: Owner,
    transfers: Transfers,
    activity: Activity,
    cancel: CancellationToken,
    task: TaskReport,
) {
    let (mut resting, mut told, mut moved_shards) = (Resting::default(), None, 0);
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            () = owner.hosts().somebody_leaves() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        task.working();
        let moved = tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            moved = move_away(&owner, &transfers, &mut resting) => moved,
        };
        task.ended(&moved);
        match moved {
            // Told once nothing more is moved, and not with each of the hundred looks that many copies take.
            Ok(0) if moved_shards > 0 => {
                activity.note(words::copies_moved(std::mem::take(&mut moved_shards))).await;
            }
            Ok(0) => {}
            Ok(shards) => {
                tracing::info!(shards, "copies were brought away from hosts that leave");
                // Their hosts wait for nothing else.
                owner.letting_go().look_now();
                moved_shards += shards;
            }
            Err(error) => tracing::warn!(%error, "copies could not be brought away from hosts that leave"),
        }
        let lacks_hosts = resting.copies.values().any(|(_, outcome)| *outcome == Outcome::NoHost);
        activity.follow(&mut told, ActivityKind::CopiesStay, lacks_hosts.then(words::copies_stay)).await;
    }
}

/// One look. Returns how many copies were brought to other hosts.
async fn move_away(owner: &Owner, transfers: &Transfers, resting: &mut Resting) -> Result<u64, RepairError> {
    if owner.library_job(Library::is_paused).await?? {
        return Ok(0);
    }
    let now = Instant::now();
    resting.copies.retain(|_, (until, _)| now < *until);
    resting.hosts.retain(|_, until| now < *until);
    let rest: BTreeSet<LeavingCopy> = resting.copies.keys().copied().collect();
    let rest_hosts: BTreeSet<PeerId> = resting.hosts.keys().copied().collect();
    let look_up = move |library: &Library| library.leaving_copies(&rest, &rest_hosts, COPIES_AT_ONCE);
    let copies = owner.library_job(look_up).await??;
    if copies.is_empty() {
        return Ok(0);
    }
    let trigger = Trigger::read(owner, When::Due).await?;
    let operation = transfers.begin(OperationKind::Repair, "/");
    let mut run = Run::begin(owner, trigger, &[], &operation);
    operation.update(|progress| progress.total_shards = copies.len() as u64);
    for copy in copies {
        if resting.hosts.contains_key(&copy.host) {
            continue;
        }
        if owner.library_job(Library::is_paused).await?? {
            break;
        }
        let cancel = operation.cancel();
        let outcome = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(CheckError::Interrupted.into()),
            moved = run.move_copy(copy) => moved,
        };
        let outcome = match outcome {
            Err(error) if error.is_of_one_segment() => {
                tracing::error!(segment = %copy.segment, %error, "a copy cannot be brought elsewhere");
                Outcome::NotNow
            }
            other => other?,
        };
        let until = Instant::now() + REST;
        match outcome {
            Outcome::Moved => owner.library_changed(),
            Outcome::NotSent => drop(resting.hosts.insert(copy.host, until)),
            Outcome::NoHost | Outcome::NotNow => drop(resting.copies.insert(copy, (until, outcome))),
        }
    }
    Ok(run.end().rebuilt)
}

impl Run<'_> {
    /// Copies one shard to another host, and lets go of it where it was.
    async fn move_copy(&mut self, copy: LeavingCopy) -> Result<Outcome, RepairError> {
        let owner = self.owner;
        let Some(_claim) = owner.in_flight().claim(copy.segment) else { return Ok(Outcome::NotNow) };
        let Some((segment, addresses)) = look_up(owner, copy.segment).await? else {
            return Ok(Outcome::NotNow);
        };
        // Things may have changed since the copies were looked up.
        let is_it = |shard: &&ShardRecord| {
            shard.index == copy.index && shard.host == copy.host && shard.failed.is_none()
        };
        let Some(shard) = segment.shards.iter().find(is_it).copied() else { return Ok(Outcome::NotNow) };
        let holders: BTreeSet<PeerId> = segment.shards.iter().map(|shard| shard.host).collect();
        if self.hosts_beyond(&holders, 1).await? == 0 {
            // Where nobody answers it is our own network that is away.
            let is_anybody_there = owner.hosts().count().alive > 0;
            return Ok(if is_anybody_there { Outcome::NoHost } else { Outcome::NotNow });
        }
        let _permit = owner.segment_permits().acquire().await.map_err(|_| CheckError::Interrupted)?;
        let mut read = self.read(&segment, &addresses, (vec![&shard], 1), Silence::SaysNothing).await?;
        let Some(bytes) = read.remove(&copy.index) else { return Ok(Outcome::NotSent) };
        // Reading may have taken longer than the hosts' answers count.
        self.hosts_beyond(&holders, 1).await?;
        let whole = Rebuilt { index: shard.index, root: shard.root, bytes: Arc::new(bytes) };
        let mut job =
            Job { owner, segment, taken: holders, shards: Arc::default(), operation: self.operation };
        let placed = job.place(vec![whole], Some(copy.host), &mut self.report).await?;
        Ok(if placed > 0 { Outcome::Moved } else { Outcome::NotNow })
    }
}
