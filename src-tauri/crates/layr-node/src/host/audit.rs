//! Proving leaves to an owner that asks for them.

use layr_codec::ShardRoot;
use layr_keys::PeerId;
use layr_vault::{ReadError, Vault};
use tokio::time::timeout;

use super::{Ended, FRAME_TIMEOUT, Service, answer};
use crate::net::BoxStream;
use crate::wire::{LeafAnswer, Question, Refusal, Response, is_well_formed, write_frame};

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
    let mut is_begun = false;
    for question in questions {
        let asked = question.leaves.len();
        let granted = service.leaf_rate.take(peer, asked);
        if !is_begun && granted == 0 {
            return Err(Refusal::Busy.into());
        }
        let mut leaves = question.leaves;
        leaves.truncate(granted);
        let answers = match &vault {
            Some(vault) if granted > 0 => prove(service, vault.clone(), question.root.into(), leaves).await?,
            Some(_) => Vec::new(),
            None => vec![LeafAnswer::Missing; asked],
        };
        if !is_begun {
            answer(stream, &Response::Auditing).await?;
            is_begun = true;
        }
        let beyond = std::iter::repeat_n(LeafAnswer::Later, asked.saturating_sub(answers.len()));
        for each in answers.into_iter().chain(beyond) {
            timeout(FRAME_TIMEOUT, write_frame(stream, &each)).await.map_err(|_| Ended::Stalled)??;
        }
    }
    Ok(())
}

/// One answer a leaf. The turn is held while the shard is read and hashed, never while anybody is written to.
async fn prove(
    service: &Service,
    vault: Vault,
    root: ShardRoot,
    leaves: Vec<u32>,
) -> Result<Vec<LeafAnswer>, Ended> {
    let asked = leaves.len();
    let turn = service.admission.proof().await.ok_or(Refusal::Busy)?;
    let proven = service.blocking(move || vault.prove_leaves(&root, &leaves)).await?;
    drop(turn);
    let same = |answer: LeafAnswer| Ok(vec![answer; asked]);
    match proven {
        Ok(proofs) => Ok(proofs
            .into_iter()
            .map(|proof| LeafAnswer::Proven { leaf: proof.leaf, path: proof.path.encode() })
            .collect()),
        Err(ReadError::Unknown | ReadError::Missing) => same(LeafAnswer::Missing),
        Err(ReadError::Corrupt) => same(LeafAnswer::Corrupt),
        // A leaf that no shard of this root has: the caller's mistake.
        Err(ReadError::OutOfRange { .. }) => Err(Refusal::BadRequest.into()),
        // A disk that is away or failed has lost nothing yet.
        Err(error) => {
            tracing::warn!(%root, %error, "a shard could not be proven");
            same(LeafAnswer::Later)
        }
    }
}
