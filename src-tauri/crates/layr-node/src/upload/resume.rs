//! Finishing what an earlier run began.
//!
//! A planned segment is sealed again from its sources with the nonces that were planned. Only if that gives the very same
//! bytes is anything sent: then hosts are asked which shards they have, and the rest is sent. If a source changed, the
//! segment is given up and its id never used again, so that no nonce ever covers two contents.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use layr_codec::{CodecSecrets, Profile, SegmentId, ShardRoot, seal_chunk};
use layr_keys::PeerId;
use layr_library::{PlannedChunk, SegmentPlan, StoredShard, UnfinishedSegment};
use tokio_util::sync::CancellationToken;

use super::UploadError;
use super::lane::SegmentContent;
use super::pack::segment_capacity;
use super::segment::{Shipment, roots_of, ship};
use super::source::open_source;
use crate::background::TaskReport;
use crate::discovery::Candidate;
use crate::owner::Owner;

/// Wait between two looks for safe segments that some hosts still miss.
const COMPLETE_EVERY: Duration = Duration::from_mins(10);

/// What to do with segments of an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    /// Those that are not safe: files cannot be committed before them.
    Unsafe {
        /// Whether one may be given up when its code needs more hosts than there are: what it holds is then planned anew
        /// in a smaller code.
        may_replan: bool,
    },
    /// Those that are safe and lack shards: worth a try, never worth waiting for.
    Safe,
}

/// What became of segments of an earlier run.
#[derive(Debug, Default)]
pub(super) struct Finished {
    /// Bytes that hosts store now and did not before.
    pub new_stored_bytes: u64,
    /// Why some are left, if for want of hosts. What does not rely on them need not care.
    pub shortage: Option<UploadError>,
}

/// Finishes all segments that are not safe and that nobody sends, oldest first, as far as there are hosts. With
/// `may_replan`, a segment for which there are too few is given up.
pub(super) async fn finish_unsafe(
    owner: &Owner,
    may_replan: bool,
    cancel: &CancellationToken,
) -> Result<Finished, UploadError> {
    let unsafe_segments = owner.library_job(layr_library::Library::summary).await??.unsafe_segments;
    if unsafe_segments == 0 {
        return Ok(Finished::default());
    }
    finish_all(owner, Which::Unsafe { may_replan }, cancel).await
}

/// Brings missing shards of safe segments to hosts, in the background, until cancelled.
pub(crate) async fn complete_in_background(owner: Owner, cancel: CancellationToken, task: TaskReport) {
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(COMPLETE_EVERY) => {}
        }
        task.working();
        let outcome = finish_all(&owner, Which::Safe, &cancel).await;
        task.ended(&outcome);
        match outcome {
            Ok(Finished { new_stored_bytes: 0, .. }) | Err(UploadError::Interrupted) => {}
            Ok(Finished { new_stored_bytes, .. }) => {
                tracing::info!(new_stored_bytes, "missing shards were brought to hosts");
            }
            Err(error) => tracing::warn!(%error, "missing shards could not be brought to hosts"),
        }
    }
}

async fn finish_all(
    owner: &Owner,
    which: Which,
    cancel: &CancellationToken,
) -> Result<Finished, UploadError> {
    let unfinished = owner.library_job(layr_library::Library::unfinished_segments).await??;
    let mut finished = Finished::default();
    for segment in unfinished {
        if cancel.is_cancelled() {
            return Err(UploadError::Interrupted);
        }
        match finish(owner, segment, which, finished.shortage.is_some(), cancel).await {
            Ok(new_stored_bytes) => finished.new_stored_bytes += new_stored_bytes,
            Err(error @ (UploadError::NotEnoughHosts { .. } | UploadError::NotEnoughSpace { .. })) => {
                tracing::info!(%segment, %error, "an unfinished segment is left as it is");
                finished.shortage.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(finished)
}

/// With `looked_in_vain`, nobody looks for hosts once more, which takes seconds.
async fn finish(
    owner: &Owner,
    segment: SegmentId,
    which: Which,
    looked_in_vain: bool,
    cancel: &CancellationToken,
) -> Result<u64, UploadError> {
    let Some(claim) = owner.in_flight().claim(segment) else { return Ok(0) };
    let Some(unfinished) = owner.library_job(move |library| library.unfinished_segment(&segment)).await??
    else {
        return Ok(0);
    };
    let UnfinishedSegment { plan, mut stored, is_safe } = unfinished;
    if is_safe != (which == Which::Safe) {
        return Ok(0);
    }
    owner.hosts().keep_fresh(usize::from(plan.profile.n())).await?;
    let holders: BTreeSet<PeerId> = stored.iter().map(|shard| shard.host).collect();
    let mut others: Vec<Candidate> = owner.hosts().eligible();
    others.retain(|candidate| !holders.contains(&candidate.contact.peer));
    if is_safe && others.is_empty() {
        return Ok(0);
    }
    let possible = stored.len() + others.len();
    let needed = usize::from(plan.profile.success_threshold());
    let count = owner.hosts().count();
    let can_replan = Profile::for_hosts(count.eligible).is_some();
    if possible < needed && can_replan && which == (Which::Unsafe { may_replan: true }) {
        tracing::info!(%segment, possible, "too few hosts for an unfinished segment: it is planned anew");
        give_up(owner, segment, is_safe).await?;
        return Ok(0);
    }
    if !is_safe && possible < needed && looked_in_vain {
        return Err(UploadError::NotEnoughHosts {
            available: possible,
            needed,
            known: count.known,
            dear: count.dear,
        });
    }
    let _permit = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(UploadError::Interrupted),
        permit = owner.segment_permits().acquire() => permit.map_err(|_| UploadError::Interrupted)?,
    };
    let secrets = Arc::clone(owner.secrets());
    let (plan, rebuilt) =
        owner.workers().run(move || (rebuild(&secrets, &plan), plan)).await.map(|(a, b)| (b, a))?;
    let ciphertext = match rebuilt {
        Ok(ciphertext) => ciphertext,
        Err(reason) => {
            tracing::info!(%segment, reason, "an unfinished segment cannot be sealed again");
            give_up(owner, segment, is_safe).await?;
            return Ok(0);
        }
    };
    let blind_key = owner.secrets().segment_blind_key(&segment);
    let content = Arc::new(SegmentContent::new(segment, plan.profile, blind_key, ciphertext)?);
    let roots = roots_of(owner.workers(), &content).await?;
    let known: BTreeSet<u8> = stored.iter().map(|shard| shard.index).collect();
    let missing: Vec<(u8, ShardRoot)> =
        (0_u8..).zip(roots.iter().copied()).filter(|(index, _)| !known.contains(index)).collect();
    let _wanted = owner.letting_go().want(missing.iter().map(|(_, root)| *root).collect()).await;
    let found = find_stored(owner, &missing, &others).await;
    if !found.is_empty() {
        let shards = found.clone();
        owner.library_job(move |library| library.shards_stored(&segment, &shards)).await??;
        stored.extend(found);
    }
    let shipment = Shipment { content, claim, stored, is_safe, roots: Some(roots), progress: None };
    Ok(ship(owner, shipment, cancel).await?.new_stored_bytes)
}

/// Gives up what uploads of `paths` planned, did not finish and nobody sends any more: hosts are asked to drop what they
/// hold of it. What is safe stays; it goes by itself if no file comes to need it. What has a source below one of `others`
/// stays, too: an upload of these goes on with it.
pub(crate) async fn give_up_below(
    owner: &Owner,
    paths: &[PathBuf],
    others: &[PathBuf],
) -> Result<(), UploadError> {
    for segment in owner.library_job(layr_library::Library::unfinished_segments).await?? {
        let Some(_claim) = owner.in_flight().claim(segment) else { continue };
        let unfinished = owner.library_job(move |library| library.unfinished_segment(&segment)).await??;
        let Some(UnfinishedSegment { plan, is_safe: false, .. }) = unfinished else { continue };
        let is_below = |chunk: &PlannedChunk, paths: &[PathBuf]| {
            let source = Path::new(OsStr::from_bytes(&chunk.source.local_path));
            paths.iter().any(|path| source.starts_with(path))
        };
        let is_ours = plan.chunks.iter().all(|chunk| is_below(chunk, paths));
        if is_ours && !plan.chunks.iter().any(|chunk| is_below(chunk, others)) {
            give_up(owner, segment, false).await?;
        }
    }
    Ok(())
}

async fn give_up(owner: &Owner, segment: SegmentId, is_safe: bool) -> Result<(), UploadError> {
    let give_up = move |library: &layr_library::Library| {
        if is_safe { library.finish_segment(&segment) } else { library.abandon_segment(&segment) }
    };
    Ok(owner.library_job(give_up).await??)
}

/// Asks hosts for shards that they stored without our having noted their answer. One shard a host: that is how they were
/// placed.
pub(crate) async fn find_stored(
    owner: &Owner,
    missing: &[(u8, ShardRoot)],
    hosts: &[Candidate],
) -> Vec<StoredShard> {
    if missing.is_empty() {
        return Vec::new();
    }
    let asked: Vec<ShardRoot> = missing.iter().map(|(_, root)| *root).collect();
    let mut answers: FuturesUnordered<_> = hosts
        .iter()
        .map(|host| async {
            let answer = owner.client().has(&host.contact, &asked).await;
            (host.contact.peer, answer)
        })
        .collect();
    let mut found: BTreeMap<u8, StoredShard> = BTreeMap::new();
    while let Some((host, answer)) = answers.next().await {
        let bits = match answer {
            Ok(bits) => bits,
            Err(error) => {
                // Or it would be waited for again with every segment.
                owner.hosts().note_failure(host, &error);
                continue;
            }
        };
        let holds = missing.iter().zip(bits).filter(|(_, has)| *has).map(|(shard, _)| *shard);
        if let Some((index, root)) = holds.into_iter().find(|(index, _)| !found.contains_key(index)) {
            found.insert(index, StoredShard { index, root, host });
        }
    }
    found.into_values().collect()
}

/// Seals a planned segment again.
fn rebuild(secrets: &CodecSecrets, plan: &SegmentPlan) -> Result<Vec<u8>, &'static str> {
    let mut ciphertext = Vec::with_capacity(segment_capacity(plan.profile));
    let mut plaintext = Vec::new();
    let mut last: Option<(&[u8], File)> = None;
    for chunk in &plan.chunks {
        let path = chunk.source.local_path.as_slice();
        if last.as_ref().is_none_or(|(open, _)| *open != path) {
            let (file, _) =
                open_source(Path::new(OsStr::from_bytes(path))).map_err(|_| "a source cannot be opened")?;
            last = Some((path, file));
        }
        let Some((_, file)) = &last else { return Err("a source cannot be opened") };
        plaintext.resize(usize::try_from(chunk.plain_bytes).unwrap_or(0), 0);
        file.read_exact_at(&mut plaintext, chunk.source.offset_bytes)
            .map_err(|_| "a source became shorter")?;
        seal_again(secrets, chunk, &plaintext, &mut ciphertext)?;
    }
    Ok(ciphertext)
}

fn seal_again(
    secrets: &CodecSecrets,
    chunk: &PlannedChunk,
    plaintext: &[u8],
    ciphertext: &mut Vec<u8>,
) -> Result<(), &'static str> {
    if secrets.chunk_id(plaintext) != chunk.chunk_id {
        return Err("a source changed");
    }
    let key = secrets.chunk_key(&chunk.chunk_id);
    let sealed = seal_chunk(&key, &chunk.chunk_id, plaintext, chunk.nonce, ciphertext)
        .map_err(|_| "a chunk cannot be sealed")?;
    let same = sealed.tag == chunk.tag
        && sealed.sealed_bytes == chunk.sealed_bytes
        && sealed.encoding == chunk.encoding;
    if same { Ok(()) } else { Err("a chunk is compressed differently now") }
}
