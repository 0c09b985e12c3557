//! The requests of one frame each way, and the fan-out to those that carry bulk.

use layr_codec::ShardRoot;
use layr_keys::{OwnerId, PeerId};
use layr_vault::{Deleted, PieceProof, ReadError, StoreError, Vault};

use super::agreements::{self, Deleting};
use super::{Ended, Service, answer, audit, entrust, get, put, refusal};
use crate::net::BoxStream;
use crate::wire::{MAX_PROVEN_PIECES, MAX_ROOTS, Refusal, Request, Response, WireBytes, WireRoot};

/// Deletes of one request that run at once.
const DELETE_LANES: usize = 8;

impl Service {
    /// Answers one request. Bulk requests write their own frames, the others return theirs here.
    pub(super) async fn dispatch(
        &self,
        peer: PeerId,
        relayed: bool,
        stream: &mut BoxStream,
        request: Request,
    ) -> Result<(), Ended> {
        let response = match request {
            Request::Put { .. }
            | Request::Get { .. }
            | Request::Audit { .. }
            | Request::Entrust { .. }
            | Request::Agree { .. }
            | Request::Window { .. }
                if relayed =>
            {
                return Err(Refusal::RelayedStream.into());
            }
            Request::Put { certificate, size_bytes } => {
                let now = self.clock.now_unix_s();
                let owner = self.certificates.owner_stored_for(peer, &certificate, now)?;
                return put::serve(self, stream, peer, owner, size_bytes).await;
            }
            Request::Get { root, ranges } => {
                return get::serve(self, stream, peer, root.into(), &ranges).await;
            }
            Request::Audit { questions } => return audit::serve(self, stream, peer, questions).await,
            Request::Offer => Response::Offer { record: self.offer().await?.encode() },
            Request::Prove { root, first_piece, count } => {
                self.prove(root.into(), first_piece, count).await?
            }
            Request::Has { roots } => self.has(roots).await?,
            Request::Delete { certificate, roots } => {
                let owner = self.certificates.owner_behind(peer, &certificate)?;
                let response = self.delete(owner, roots).await?;
                let answered = answer(stream, &response).await;
                // That may have been the last of what a host that leaves waits for.
                self.end_leaving().await;
                return answered;
            }
            Request::Entrust { certificate, delegation } => {
                let owner = self.certificates.owner_behind(peer, &certificate)?;
                return entrust::serve(self, stream, owner, delegation).await;
            }
            Request::Report { certificate, after } => {
                let owner = self.certificates.owner_behind(peer, &certificate)?;
                self.keeping.report(owner, after).await?
            }
            Request::Release { certificate } => {
                let owner = self.certificates.owner_behind(peer, &certificate)?;
                self.keeping.release(owner).await.map_err(|_| Refusal::DiskUnusable)?;
                Response::Released
            }
            Request::Agree { .. }
            | Request::Opened { .. }
            | Request::Window { .. }
            | Request::Close { .. }
            | Request::Revise { .. } => {
                return agreements::serve(self, stream, peer, request).await;
            }
        };
        answer(stream, &response).await
    }

    async fn prove(&self, root: ShardRoot, first_piece: u32, count: u32) -> Result<Response, Refusal> {
        if count == 0 || count > MAX_PROVEN_PIECES {
            return Err(Refusal::BadRequest);
        }
        let vault = self.stored_vault()?.ok_or(Refusal::NotFound)?;
        let _turn = self.admission.proof().await.ok_or(Refusal::Busy)?;
        let proofs = self.blocking(move || prove_all(&vault, &root, first_piece, count)).await?;
        let proofs = proofs.map_err(|error| refusal::of_read(&error))?;
        let paths = proofs.iter().map(|proof| WireBytes(proof.path.encode())).collect();
        Ok(Response::Proofs { paths })
    }

    async fn has(&self, roots: Vec<WireRoot>) -> Result<Response, Refusal> {
        let roots = bounded(roots)?;
        let Some(vault) = self.stored_vault()? else {
            return Ok(Response::Has { bits: bits(roots.iter().map(|_| false)) });
        };
        let stored = self.stored_for_owners(vault, roots).await?;
        Ok(Response::Has { bits: bits(stored.into_iter()) })
    }

    async fn delete(&self, owner: OwnerId, roots: Vec<WireRoot>) -> Result<Response, Refusal> {
        let roots = bounded(roots)?;
        let Some(vault) = self.stored_vault()? else {
            return Ok(Response::Deleted { bits: bits(roots.iter().map(|_| false)) });
        };
        let _bodies = self.bodies().await;
        let Deleting { free, staying } = self.begin_delete(vault.clone(), owner, roots).await?;
        // In lanes, since all deletes that wait at the vault at the same time share one transaction.
        let lane_roots = free.len().div_ceil(DELETE_LANES).max(1);
        let lanes = free.chunks(lane_roots).map(|lane| {
            let (vault, lane) = (vault.clone(), lane.to_vec());
            self.blocking(move || {
                lane.iter().map(|root| vault.delete(owner, root)).collect::<Result<Vec<_>, StoreError>>()
            })
        });
        let gone = futures::future::join_all(lanes).await;
        self.space_changed();
        let mut removed = Vec::with_capacity(free.len());
        for lane in gone {
            let lane = lane?.map_err(|error| refusal::of_store(&error))?;
            removed.extend(lane.into_iter().map(|outcome| matches!(outcome, Deleted::Removed { .. })));
        }
        let mut removed = removed.into_iter();
        let answers = staying.into_iter().map(|stays| stays.unwrap_or_else(|| removed.next() == Some(true)));
        Ok(Response::Deleted { bits: bits(answers) })
    }
}

/// Asks the vault, which answers for a block at a time, until all pieces are proven.
fn prove_all(
    vault: &Vault,
    root: &ShardRoot,
    first_piece: u32,
    count: u32,
) -> Result<Vec<PieceProof>, ReadError> {
    let mut proofs = Vec::new();
    let mut next = first_piece;
    let end = first_piece.saturating_add(count);
    while next < end {
        let part = vault.prove_pieces(root, next, end - next)?;
        next = next.saturating_add(u32::try_from(part.len()).unwrap_or(u32::MAX).max(1));
        proofs.extend(part);
    }
    Ok(proofs)
}

fn bounded(roots: Vec<WireRoot>) -> Result<Vec<ShardRoot>, Refusal> {
    if roots.is_empty() || roots.len() > MAX_ROOTS {
        return Err(Refusal::BadRequest);
    }
    Ok(roots.into_iter().map(ShardRoot::from).collect())
}

/// Packs answers into bits, most significant first.
fn bits(answers: impl ExactSizeIterator<Item = bool>) -> Vec<u8> {
    let mut packed = vec![0_u8; answers.len().div_ceil(8)];
    for (index, _) in answers.enumerate().filter(|(_, answer)| *answer) {
        if let Some(byte) = packed.get_mut(index / 8) {
            *byte |= 0x80 >> (index % 8);
        }
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::bits;

    #[test]
    fn bits_go_from_the_most_significant_on() {
        assert_eq!(bits([].into_iter()), Vec::<u8>::new());
        assert_eq!(bits([true, false, false].into_iter()), [0x80]);
        let nine = [false, true, false, false, false, false, false, true, true];
        assert_eq!(bits(nine.into_iter()), [0x41, 0x80]);
    }
}
