//! Proving leaves to an owner that asks for them.
//!
//! Guarded like a `Get`: a watchdog over the writing, the limits of the line, and few proofs in memory. One audit of a peer runs at a
//! time, so that nobody takes both turns at proving with many streams.

use std::collections::HashSet;
use std::sync::Arc;

use layr_codec::{MAX_SHARD_BYTES, ShardRoot};
use layr_keys::PeerId;
use layr_vault::{LeafProof, ProvenLeaves, ReadError, Vault};
use parking_lot::Mutex;

use super::progress::Watchdog;
use super::rate_limit::MAX_BACKLOG;
use super::{Ended, Service, answer};
use crate::net::BoxStream;
use crate::wire::{LeafAnswer, Question, Refusal, Response, encode_frame, is_well_formed};

/// Leaves proven before they are sent: 100 KiB of answers in memory.
const PROVEN_AT_ONCE: usize = 64;

/// The peers whose audits run now.
#[derive(Debug, Clone, Default)]
pub(super) struct Auditing(Arc<Mutex<HashSet<PeerId>>>);

/// A peer's place among them, until it is dropped.
pub(super) struct Place {
    auditing: Auditing,
    peer: PeerId,
}

impl Auditing {
    pub(super) fn enter(&self, peer: PeerId) -> Option<Place> {
        self.0.lock().insert(peer).then(|| Place { auditing: self.clone(), peer })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.auditing.0.lock().remove(&self.peer);
    }
}

/// Serves one `Audit`. What cannot be said about one shard says nothing about the others.
pub(super) async fn serve(
    service: &Service,
    stream: &mut BoxStream,
    peer: PeerId,
    questions: Vec<Question>,
) -> Result<(), Ended> {
    if !is_well_formed(&questions) {
        return Err(Refusal::BadRequest.into());
    }
    let vault = service.stored_vault()?;
    let _place = service.auditing.enter(peer).ok_or(Refusal::Busy)?;
    if service.up.backlog(peer) > MAX_BACKLOG {
        return Err(Refusal::Busy.into());
    }
    let mut watchdog = Watchdog::new(service.net.patience());
    let mut is_begun = false;
    for question in questions {
        for leaves in question.leaves.chunks(PROVEN_AT_ONCE) {
            let granted = service.leaf_rate.take(peer, leaves.len());
            if !is_begun {
                if granted == 0 {
                    return Err(Refusal::Busy.into());
                }
                answer(stream, &Response::Auditing { leaves_in_s: service.leaves_in_s() }).await?;
                is_begun = true;
            }
            let granted_leaves = leaves.get(..granted).unwrap_or_default();
            let answers = match &vault {
                Some(vault) if granted > 0 => {
                    let proven = prove(service, vault.clone(), question.root.into(), granted_leaves.to_vec());
                    let (answers, read_bytes) = proven.await;
                    service.leaf_rate.charge(peer, read_bytes);
                    answers
                }
                Some(_) => Vec::new(),
                None => vec![LeafAnswer::Missing; leaves.len()],
            };
            let beyond = std::iter::repeat_n(LeafAnswer::Later, leaves.len().saturating_sub(answers.len()));
            for each in answers.into_iter().chain(beyond) {
                let frame = encode_frame(&each)?;
                service.up.of(peer).pass(frame.len()).await;
                watchdog.write(stream, &frame).await?;
            }
        }
    }
    Ok(())
}

/// One answer a leaf, and the bytes that were read for them. The turn is held while the shard is read and hashed, never while
/// anybody is written to.
pub(super) async fn prove(
    service: &Service,
    vault: Vault,
    root: ShardRoot,
    leaves: Vec<u32>,
) -> (Vec<LeafAnswer>, u64) {
    let same = |answer: LeafAnswer| (vec![answer; leaves.len()], 0);
    let Some(turn) = service.admission.proof().await else { return same(LeafAnswer::Later) };
    let asked = leaves.clone();
    let proven = service.blocking(move || vault.prove_leaves(&root, &asked)).await;
    drop(turn);
    match proven {
        Ok(Ok(ProvenLeaves { proofs, read_bytes })) => {
            let told = |proof: LeafProof| LeafAnswer::Proven { leaf: proof.leaf, path: proof.path.encode() };
            (proofs.into_iter().map(told).collect(), read_bytes)
        }
        Ok(Err(ReadError::Unknown | ReadError::Missing)) => same(LeafAnswer::Missing),
        Ok(Err(ReadError::Corrupt)) => same(LeafAnswer::Corrupt),
        // A disk that is away or failed has lost nothing yet; nor does a leaf say anything that no shard of this root has.
        Ok(Err(error)) => {
            tracing::warn!(%root, %error, "a shard could not be proven");
            let was_read = matches!(error, ReadError::Changing | ReadError::Store(_));
            (same(LeafAnswer::Later).0, if was_read { MAX_SHARD_BYTES as u64 } else { 0 })
        }
        Err(busy) => {
            tracing::debug!(%root, %busy, "a shard could not be proven");
            same(LeafAnswer::Later)
        }
    }
}
