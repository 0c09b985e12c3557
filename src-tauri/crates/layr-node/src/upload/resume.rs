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
use std::path::Path;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use layr_codec::{CodecSecrets, SegmentId, ShardRoot, seal_chunk};
use layr_keys::PeerId;
use layr_library::{PlannedChunk, SegmentPlan, StoredShard, UnfinishedSegment};
use tokio_util::sync::CancellationToken;

use super::UploadError;
use super::lane::SegmentContent;
use super::pack::segment_capacity;
use super::segment::{Shipment, roots_of, ship};
use super::source::open_regular;
use crate::discovery::Candidate;
use crate::owner::Owner;

/// Finishes all segments that nobody sends, oldest first. Returns the bytes that hosts store now and did not before.
pub(super) async fn finish_unfinished(owner: &Owner, cancel: &CancellationToken) -> Result<u64, UploadError> {
    let unfinished = owner.library_job(layr_library::Library::unfinished_segments).await??;
    let mut new_stored_bytes = 0;
    let mut refreshed = false;
    for segment in unfinished {
        if cancel.is_cancelled() {
            return Err(UploadError::Interrupted);
        }
        if owner.in_flight().is_claimed(segment) {
            continue;
        }
        if !std::mem::replace(&mut refreshed, true) {
            owner.hosts().refresh().await?;
        }
        new_stored_bytes += finish(owner, segment, cancel).await?;
    }
    Ok(new_stored_bytes)
}

async fn finish(owner: &Owner, segment: SegmentId, cancel: &CancellationToken) -> Result<u64, UploadError> {
    let Some(claim) = owner.in_flight().claim(segment) else { return Ok(0) };
    let Some(unfinished) = owner.library_job(move |library| library.unfinished_segment(&segment)).await??
    else {
        return Ok(0);
    };
    let UnfinishedSegment { plan, mut stored, is_safe } = unfinished;
    let holders: BTreeSet<PeerId> = stored.iter().map(|shard| shard.host).collect();
    let others: Vec<Candidate> = owner.hosts().eligible();
    let others: Vec<Candidate> =
        others.into_iter().filter(|candidate| !holders.contains(&candidate.contact.peer)).collect();
    if is_safe && others.is_empty() {
        return Ok(0);
    }
    let _permit = tokio::select! {
        permit = owner.segment_permits().acquire() => permit.map_err(|_| UploadError::Interrupted)?,
        () = cancel.cancelled() => return Err(UploadError::Interrupted),
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
    let found = find_stored(owner, &roots, &stored, &others).await;
    if !found.is_empty() {
        let shards = found.clone();
        owner.library_job(move |library| library.shards_stored(&segment, &shards)).await??;
        stored.extend(found);
    }
    let shipment =
        Shipment { content, claim, stored, is_safe, roots: Some(roots), progress: Arc::new(|_| {}) };
    Ok(ship(owner, shipment, cancel).await?.new_stored_bytes)
}

async fn give_up(owner: &Owner, segment: SegmentId, is_safe: bool) -> Result<(), UploadError> {
    let give_up = move |library: &layr_library::Library| {
        if is_safe { library.finish_segment(&segment) } else { library.abandon_segment(&segment) }
    };
    Ok(owner.library_job(give_up).await??)
}

/// Asks hosts for shards that they stored without our having noted their answer. One shard a host: that is how they were
/// placed.
async fn find_stored(
    owner: &Owner,
    roots: &[ShardRoot],
    stored: &[StoredShard],
    hosts: &[Candidate],
) -> Vec<StoredShard> {
    let known: BTreeSet<u8> = stored.iter().map(|shard| shard.index).collect();
    let missing: Vec<(u8, ShardRoot)> =
        (0_u8..).zip(roots.iter().copied()).filter(|(index, _)| !known.contains(index)).collect();
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
        let Ok(bits) = answer else { continue };
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
                open_regular(Path::new(OsStr::from_bytes(path))).map_err(|_| "a source cannot be opened")?;
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
