//! Getting one segment to its hosts: shards in parallel, spares for hosts that fail or lag, safe at the threshold.

mod encode;
mod placing;

pub(super) use self::encode::roots_of;

use std::collections::BTreeSet;
use std::sync::Arc;

use layr_codec::ShardRoot;
use layr_keys::PeerId;
use layr_library::StoredShard;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::placing::Placing;
use super::UploadError;
use super::in_flight::Claim;
use super::lane::{LaneContext, SegmentContent};
use super::progress::SegmentProgress;
use super::ring::Ring;
use crate::discovery::place;
use crate::owner::Owner;

/// Bytes of stripes between the encoder and the streams of one segment: four stripes at 10 of 30, so that the encoder
/// works ahead while streams write, and three segments at once stay below 24 MiB.
const RING_BYTES: usize = 8 * 1024 * 1024;

/// A segment to be sent, planned in the journal already.
pub(super) struct Shipment {
    /// The segment.
    pub content: Arc<SegmentContent>,
    /// Its entry in the table of chunks in flight.
    pub claim: Claim,
    /// Shards that hosts have acknowledged.
    pub stored: Vec<StoredShard>,
    /// Whether the journal has it as safe.
    pub is_safe: bool,
    /// Roots, if it was encoded before; then each stream makes its own pieces.
    pub roots: Option<Arc<[ShardRoot]>>,
    /// Told how far it is; an upload that was interrupted is finished without.
    pub progress: Option<Arc<SegmentProgress>>,
}

/// What became of a shipment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Delivered {
    /// Bytes that hosts store for it and did not before.
    pub new_stored_bytes: u64,
}

/// Sends a segment. When this returns `Ok`, it is safe and the journal knows; shards that no host took by then are left to
/// the next upload.
pub(super) async fn ship(
    owner: &Owner,
    mut shipment: Shipment,
    cancel: &CancellationToken,
) -> Result<Delivered, UploadError> {
    let _turn = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(UploadError::Interrupted),
        turn = owner.turn_to_send() => turn.map_err(|_| UploadError::Interrupted)?,
    };
    let content = Arc::clone(&shipment.content);
    let profile = content.layout.profile();
    let done: BTreeSet<u8> = shipment.stored.iter().map(|shard| shard.index).collect();
    let taken: BTreeSet<PeerId> = shipment.stored.iter().map(|shard| shard.host).collect();
    let missing: Vec<u8> = (0..profile.n()).filter(|index| !done.contains(index)).collect();
    let mut seed = <StdRng as SeedableRng>::Seed::default();
    owner.surroundings().entropy.fill(&mut seed).map_err(super::pack::PackError::from)?;
    owner.hosts().keep_fresh(usize::from(profile.n())).await?;
    let mut generator = StdRng::from_seed(seed);
    let shard_bytes = content.layout.shard_bytes();
    let mut candidates = owner.hosts().eligible();
    candidates.retain(|candidate| !taken.contains(&candidate.contact.peer));
    let held = owner.hosts().held_by(&taken);
    let placement = place(&candidates, &held, profile, missing.len(), shard_bytes, &mut generator);
    let ring = match shipment.roots {
        Some(_) => Ring::closed(),
        None => Ring::new(RING_BYTES / (usize::from(profile.n()) * layr_codec::PIECE_BYTES)),
    };
    let (roots_sender, roots) = watch::channel(shipment.roots.take());
    let lanes = LaneContext {
        client: owner.client().clone(),
        workers: owner.workers().clone(),
        content: Arc::clone(&content),
        ring: Arc::clone(&ring),
        roots,
    };
    let already_encoded = roots_sender.borrow().is_some();
    let progress = shipment.progress.clone();
    let mut placing = Placing::new(owner, lanes, shipment, missing, placement, generator);
    // The streams have their places at the ring before the encoder starts: none misses a stripe.
    placing.start();
    let encoding = encode::encode(owner.workers(), &content, &ring, &roots_sender, progress);
    let placed = async {
        let outcome = placing.run(cancel).await;
        ring.close();
        outcome
    };
    if already_encoded {
        return placed.await;
    }
    tokio::pin!(encoding, placed);
    tokio::select! {
        biased;
        encoded = &mut encoding => encoded?,
        // Only an error or a cancelled upload ends before the encoder: streams wait for the roots.
        outcome = &mut placed => return outcome,
    }
    placed.await
}
