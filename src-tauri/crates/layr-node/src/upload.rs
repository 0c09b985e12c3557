//! Storing files and trees on hosts.
//!
//! ```text
//! Scan → Reader → Packer ──full segment──→ plan (durable) → ship ──safe──→ commit versions
//!          └── unchanged or known: nothing to send ───────────────────────────┘
//! ```
//! Reading and sealing one segment overlaps with encoding and sending another. Memory is bounded by permits: one for each
//! segment. A crash at any instant loses nothing that a host acknowledged: the journal knows each segment before its first
//! byte leaves, and [`resume`] finishes what was begun.

mod counting;
mod error;
mod filled;
mod in_flight;
mod lane;
mod pack;
mod progress;
mod resume;
mod ring;
mod scan;
mod segment;
mod settle;
mod source;

use std::path::PathBuf;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use layr_codec::{FEWEST_HOSTS, Profile, SegmentLayout};
use layr_library::LibraryPath;
use parking_lot::Mutex;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::counting::count_in_background;
pub(crate) use self::counting::most;
pub use self::error::UploadError;
pub(crate) use self::error::sentence;
pub(crate) use self::filled::Filled;
pub use self::in_flight::InFlight;
use self::lane::SegmentContent;
use self::pack::{Buffer, FullSegment, Next, PackContext, PackError, Packer};
use self::progress::SegmentProgress;
use self::resume::Finished;
pub(crate) use self::resume::{complete_in_background, find_stored, give_up_below};
use self::scan::Scan;
use self::segment::{Delivered, Shipment, ship};
use self::settle::{Settled, Settling};
use crate::agreements::forecast::{Forecast, Weight};
use crate::api::{PutReport, PutRequest};
use crate::operation::Operation;
use crate::owner::Owner;
use crate::workers::WorkerLost;

/// How often files are read again because a segment of another upload, on which they relied, was not stored.
const ROUNDS: u32 = 3;

/// Stores files and trees; returns when every segment is safe and every version committed.
///
/// # Errors
/// [`UploadError`]. Whatever was committed before stays, and a repeat goes on from there.
pub async fn put(
    owner: &Owner,
    request: &PutRequest,
    operation: &Operation,
) -> Result<PutReport, UploadError> {
    put_chosen(owner, request, Filled::default(), operation).await.map(|(report, _)| report)
}

/// As [`put`], of what was chosen a while ago, when the directories `filled` held something. With what a dry run would be to hosts.
pub(crate) async fn put_chosen(
    owner: &Owner,
    request: &PutRequest,
    filled: Filled,
    operation: &Operation,
) -> Result<(PutReport, Weight), UploadError> {
    let began = Instant::now();
    let cancel = operation.cancel();
    let (to, redundancy) = check(request)?;
    operation.stage("scanning");
    let (scan, filled) = begin_scan(owner, request.paths.clone(), to.clone(), filled).await?;
    let _counting = count_in_background(owner, request.paths.clone(), to, operation.clone());
    let may_replan = redundancy.is_none();
    let Finished { new_stored_bytes, shortage } = if request.dry_run {
        Finished::default()
    } else {
        resume::finish_unsafe(owner, may_replan, &cancel).await?
    };
    let in_flight = if request.dry_run { InFlight::default() } else { owner.in_flight().clone() };
    let context = PackContext {
        library: owner.library().clone(),
        secrets: Arc::clone(owner.secrets()),
        in_flight,
        surroundings: owner.surroundings().clone(),
    };
    let upload = Upload {
        owner,
        operation,
        cancel,
        redundancy,
        profile: None,
        dry_run: request.dry_run,
        sending: JoinSet::new(),
        settling: if request.dry_run { Settling::dry() } else { Settling::default() },
        memory: Arc::default(),
        stored: Weight { bytes: new_stored_bytes, shards: 0 },
        shortage,
        claims: Vec::new(),
    };
    operation.stage("reading");
    let settled = upload.run(Box::new(Packer::new(context, scan))).await;
    let (Settled { files, skipped, other_entries }, stored) = settled?;
    if !skipped.is_empty()
        && let Some(gone) = source_gone(owner, request.paths.clone(), filled).await?
    {
        return Err(gone);
    }
    operation.stage("finishing");
    operation.publish();
    let dry_run = request.dry_run;
    let forecast = Forecast::of(stored, &owner.hosts().asked(), 0);
    let report = PutReport {
        files,
        skipped,
        other_entries,
        stored_bytes: stored.bytes,
        dry_run,
        cost_xlm_per_month: dry_run.then(|| forecast.month.to_string()),
        cost: dry_run.then(|| forecast.report(None)),
        duration_s: began.elapsed().as_secs_f64(),
    };
    Ok((report, stored))
}

/// What became of the first of these paths, if none of them is there any more: what was left out is then not the files' fault,
/// and nobody should hear that the rest is stored. A disk that was unplugged looks like this.
async fn source_gone(
    owner: &Owner,
    paths: Vec<PathBuf>,
    filled: Filled,
) -> Result<Option<UploadError>, WorkerLost> {
    let look = move || {
        let fate = |(position, path): (usize, PathBuf)| {
            if filled.is_emptied(position, &path) {
                return Some(UploadError::Emptied { path });
            }
            let look = path.symlink_metadata();
            look.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
                .then_some(UploadError::NoSuchPath { path })
        };
        let fates: Option<Vec<_>> = paths.into_iter().enumerate().map(fate).collect();
        fates?.into_iter().next()
    };
    owner.workers().run(look).await
}

/// The library directory that takes what a request names.
pub(crate) fn target(request: &PutRequest) -> Result<LibraryPath, UploadError> {
    let to = request.to.as_deref().unwrap_or("/");
    LibraryPath::parse(to).map_err(|source| UploadError::BadTarget { to: to.to_owned(), source })
}

/// What a request asks for, if it makes sense, as far as its words go.
fn check(request: &PutRequest) -> Result<(LibraryPath, Option<Profile>), UploadError> {
    let to = target(request)?;
    let redundancy = request
        .redundancy
        .map(|(k, n)| Profile::new(k, n).map_err(|_| UploadError::BadRedundancy { k, n }))
        .transpose()?;
    Ok((to, redundancy))
}

/// Whether a request makes sense and what it names is there; and which directories hold something.
///
/// # Errors
/// What [`put`] would say before it reads anything.
pub(crate) async fn check_request(owner: &Owner, request: &PutRequest) -> Result<Filled, UploadError> {
    let (to, _) = check(request)?;
    let (_, filled) = begin_scan(owner, request.paths.clone(), to, Filled::default()).await?;
    Ok(filled)
}

/// The walk, and which directories hold something now or did when they were chosen.
async fn begin_scan(
    owner: &Owner,
    paths: Vec<PathBuf>,
    to: LibraryPath,
    filled: Filled,
) -> Result<(Scan, Filled), UploadError> {
    let begin = move || {
        let filled = filled.or(&Filled::now(&paths));
        Scan::new(&paths, &to, &filled).map(|scan| (scan, filled))
    };
    owner.workers().run(begin).await?
}

/// One upload under way.
struct Upload<'a> {
    owner: &'a Owner,
    operation: &'a Operation,
    cancel: CancellationToken,
    redundancy: Option<Profile>,
    profile: Option<Profile>,
    dry_run: bool,
    sending: JoinSet<Result<Delivered, UploadError>>,
    settling: Settling,
    /// Memory of segments that were sent.
    memory: Arc<Mutex<Vec<Vec<u8>>>>,
    stored: Weight,
    /// Why segments of earlier uploads are not finished, if some are left.
    shortage: Option<UploadError>,
    /// What a dry run would have sent: its chunks stay known until the end.
    claims: Vec<in_flight::Claim>,
}

type Step = Result<(Box<Packer>, Result<Next, PackError>), UploadError>;

/// What the packer is doing.
enum Packing {
    /// It works, as a job.
    Stepping(BoxFuture<'static, Step>),
    /// It waits for memory.
    Waiting(Box<Packer>),
    /// It waits for segments: no more files that depend on them fit into memory.
    Held(Box<Packer>),
    /// It has read everything.
    Done(Box<Packer>),
}

impl Packing {
    /// The end of its step; never returns while there is none.
    async fn stepped(&mut self) -> Step {
        match self {
            Self::Stepping(job) => job.await,
            _ => std::future::pending().await,
        }
    }
}

impl Upload<'_> {
    async fn run(mut self, packer: Box<Packer>) -> Result<(Settled, Weight), UploadError> {
        if let Err(error) = self.drive(packer).await {
            self.sending.shutdown().await;
            // What is safe already is worth keeping, whatever stopped the rest.
            if let Err(commit) = self.commit().await {
                tracing::warn!(%commit, "files that were safe could not be committed");
            }
            return Err(error);
        }
        let settled =
            if self.dry_run { self.settling.finish_dry() } else { self.settling.finish(self.owner).await? };
        Ok((settled, self.stored))
    }

    async fn drive(&mut self, packer: Box<Packer>) -> Result<(), UploadError> {
        let mut packer = packer;
        for round in 1.. {
            packer = self.pack_and_send(packer).await?;
            let again = self.settling.take_again();
            if again.is_empty() || self.dry_run {
                break;
            }
            // Files that rely on what could not be finished a moment ago.
            if let Some(error) = self.shortage.take() {
                return Err(error);
            }
            if round == ROUNDS {
                let reason = "another upload of the same content failed meanwhile; repeat the command";
                for found in &again {
                    self.settling.skip(found, reason);
                }
                break;
            }
            let finished = resume::finish_unsafe(self.owner, self.redundancy.is_none(), &self.cancel).await?;
            self.stored.bytes += finished.new_stored_bytes;
            self.shortage = finished.shortage;
            for found in again {
                packer.read_again(found);
            }
        }
        Ok(())
    }

    /// Lets the packer run to its end, sends what it fills and commits what is safe.
    async fn pack_and_send(&mut self, packer: Box<Packer>) -> Result<Box<Packer>, UploadError> {
        let mut packing = Packing::Stepping(self.step(packer));
        loop {
            if self.settling.is_batch_ready() {
                self.commit().await?;
            }
            let idle = self.sending.is_empty() && (self.dry_run || !self.settling.is_waiting());
            packing = match packing {
                Packing::Done(packer) if idle => {
                    self.commit().await?;
                    return Ok(packer);
                }
                Packing::Held(packer) if !self.settling.is_full() => Packing::Stepping(self.step(packer)),
                other => other,
            };
            let waits_for_memory = matches!(packing, Packing::Waiting(_));
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Err(UploadError::Interrupted),
                Some(delivered) = self.sending.join_next() => self.note_delivered(delivered)?,
                () = self.settling.next_fate() => self.commit().await?,
                permit = Arc::clone(self.owner.segment_permits()).acquire_owned(), if waits_for_memory => {
                    let buffer = self.buffer(permit.map_err(|_| UploadError::Interrupted)?).await?;
                    packing = match packing {
                        Packing::Waiting(mut packer) => {
                            packer.give(buffer);
                            Packing::Stepping(self.step(packer))
                        }
                        other => other,
                    };
                }
                step = packing.stepped() => {
                    let (packer, next) = step?;
                    packing = self.note_step(packer, next?)?;
                }
            }
        }
    }

    async fn commit(&mut self) -> Result<(), UploadError> {
        if self.dry_run { Ok(()) } else { self.settling.commit(self.owner, self.operation).await }
    }

    /// One step of the packer on a worker.
    fn step(&self, mut packer: Box<Packer>) -> BoxFuture<'static, Step> {
        let workers = self.owner.workers().clone();
        let job = move || {
            let next = packer.step();
            (packer, next)
        };
        async move { Ok(workers.run(job).await?) }.boxed()
    }

    fn note_step(&mut self, mut packer: Box<Packer>, next: Next) -> Result<Packing, UploadError> {
        for event in packer.take_events() {
            self.settling.note(event, self.operation);
        }
        Ok(match next {
            Next::Buffer => Packing::Waiting(packer),
            Next::Done => Packing::Done(packer),
            Next::Step if self.settling.is_full() => {
                // What they wait for must be on its way, or they would wait for ever.
                if let Some(segment) = packer.cut_short() {
                    self.send(segment);
                }
                Packing::Held(packer)
            }
            Next::Step => Packing::Stepping(self.step(packer)),
            Next::Full(segment) => {
                if self.dry_run {
                    self.weigh(*segment)?;
                } else {
                    self.send(*segment);
                }
                Packing::Stepping(self.step(packer))
            }
        })
    }

    fn note_delivered(
        &mut self,
        delivered: Result<Result<Delivered, UploadError>, JoinError>,
    ) -> Result<(), UploadError> {
        let delivered = delivered.map_err(|source| WorkerLost { reason: source.to_string() })??;
        self.stored.bytes += delivered.new_stored_bytes;
        Ok(())
    }

    /// Memory and code for the next segment.
    async fn buffer(&mut self, permit: OwnedSemaphorePermit) -> Result<Buffer, UploadError> {
        let profile = match self.profile {
            Some(profile) => profile,
            None => *self.profile.insert(choose_profile(self.owner, self.redundancy).await?),
        };
        self.operation.stage("sending");
        let bytes = self.memory.lock().pop().unwrap_or_default();
        Ok(Buffer { bytes, permit, profile })
    }

    /// What a segment would take, in a dry run.
    fn weigh(&mut self, segment: FullSegment) -> Result<(), UploadError> {
        let layout = SegmentLayout::new(segment.plan.profile, u64::from(segment.plan.len_bytes))?;
        let shards = u64::from(segment.plan.profile.n());
        self.stored.shards += shards;
        self.stored.bytes += layout.shard_bytes() * shards;
        self.memory.lock().push(segment.ciphertext);
        self.claims.push(segment.claim);
        Ok(())
    }

    fn send(&mut self, segment: FullSegment) {
        let FullSegment { plan, ciphertext, plain_bytes, claim, permit } = segment;
        let (owner, cancel, memory) = (self.owner.clone(), self.cancel.clone(), Arc::clone(&self.memory));
        let sealed_bytes = ciphertext.len() as u64;
        let progress =
            SegmentProgress::new(self.operation.clone(), plain_bytes, sealed_bytes, plan.profile.n());
        self.sending.spawn(async move {
            let (id, profile) = (plan.id, plan.profile);
            owner.library_job(move |library| library.plan_segment(&plan)).await??;
            let blind_key = owner.secrets().segment_blind_key(&id);
            let content = Arc::new(SegmentContent::new(id, profile, blind_key, ciphertext)?);
            let shipment = Shipment {
                content: Arc::clone(&content),
                claim,
                stored: Vec::new(),
                is_safe: false,
                roots: None,
                progress: Some(Arc::new(progress)),
            };
            let delivered = ship(&owner, shipment, &cancel).await;
            memory.lock().extend(Arc::into_inner(content).map(|content| content.ciphertext));
            drop(permit);
            delivered
        });
    }
}

/// The code of an upload's segments: as asked, or by the number of hosts that can take data now.
async fn choose_profile(owner: &Owner, redundancy: Option<Profile>) -> Result<Profile, UploadError> {
    let count = owner.hosts().refresh().await?;
    let needed = redundancy.map_or(FEWEST_HOSTS, |profile| usize::from(profile.n()));
    let profile = match redundancy {
        Some(profile) => (count.eligible >= needed).then_some(profile),
        None => Profile::for_hosts(count.eligible),
    };
    profile.ok_or(if count.alive >= needed {
        UploadError::NotEnoughSpace { alive: count.alive, available: count.eligible, needed }
    } else {
        UploadError::NotEnoughHosts {
            available: count.eligible,
            needed,
            known: count.known,
            dear: count.dear,
        }
    })
}
