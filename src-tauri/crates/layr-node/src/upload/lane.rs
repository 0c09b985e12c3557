//! One shard on its way to one host.

use std::sync::Arc;

use layr_codec::{
    EncodeError, LayoutError, Profile, SegmentBlindKey, SegmentId, SegmentLayout, ShardEncoder, ShardRoot,
};
use tokio::sync::watch;

use super::ring::{Lane, Piece, Ring};
use crate::client::{Client, ClientError, HostContact};
use crate::workers::{WorkerLost, Workers};

/// A segment as its streams see it.
pub(super) struct SegmentContent {
    /// Its id.
    pub id: SegmentId,
    /// Geometry.
    pub layout: SegmentLayout,
    /// Key of the blinding.
    pub blind_key: SegmentBlindKey,
    /// The sealed chunks.
    pub ciphertext: Vec<u8>,
}

impl SegmentContent {
    /// A segment of this content.
    pub(super) fn new(
        id: SegmentId,
        profile: Profile,
        blind_key: SegmentBlindKey,
        ciphertext: Vec<u8>,
    ) -> Result<Self, LayoutError> {
        let layout = SegmentLayout::new(profile, ciphertext.len() as u64)?;
        Ok(Self { id, layout, blind_key, ciphertext })
    }

    /// The ciphertext of one stripe, without padding.
    pub(super) fn stripe(&self, stripe: u32) -> &[u8] {
        let range = self.layout.stripe(stripe).map(|stripe| stripe.ciphertext).unwrap_or_default();
        let index = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        self.ciphertext.get(index(range.start)..index(range.end)).unwrap_or_default()
    }
}

impl std::fmt::Debug for SegmentContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SegmentContent")
            .field("id", &self.id)
            .field("layout", &self.layout)
            .finish_non_exhaustive()
    }
}

/// The roots of all shards, once they are known. The sender is dropped without a value when encoding fails.
pub(super) type Roots = watch::Receiver<Option<Arc<[ShardRoot]>>>;

/// Why a shard did not get to its host.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum LaneError {
    /// The host or the way to it.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Encoding failed; no other host will help.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The encoder ended without roots.
    #[error("the segment could not be encoded")]
    NoRoots,
    /// A worker was lost.
    #[error(transparent)]
    Worker(#[from] WorkerLost),
}

/// What all streams of a segment share.
#[derive(Clone)]
pub(super) struct LaneContext {
    /// Requests to hosts.
    pub client: Client,
    /// Where pieces are made again.
    pub workers: Workers,
    /// The segment.
    pub content: Arc<SegmentContent>,
    /// Stripes as the encoder makes them.
    pub ring: Arc<Ring>,
    /// Roots.
    pub roots: Roots,
}

impl LaneContext {
    /// Sends shard `index` to `host`; returns its root when the host has it on disk.
    pub(super) async fn send(self, index: u8, host: HostContact, lane: Lane) -> Result<ShardRoot, LaneError> {
        let shard_bytes = u32::try_from(self.content.layout.shard_bytes()).unwrap_or(u32::MAX);
        let mut stream = self.client.begin_put_patiently(&host, shard_bytes).await?;
        let mut own = None;
        for stripe in 0..self.content.layout.stripes() {
            match lane.take(stripe).await {
                Piece::Ready(pieces) => stream.send(pieces.piece(index)).await?,
                Piece::Gone => {
                    let piece = self.make_piece(&mut own, index, stripe).await?;
                    stream.send(&piece).await?;
                }
            }
        }
        drop(lane);
        let root = self.root(index).await?;
        stream.finish(root).await?;
        Ok(root)
    }

    /// Makes the piece of one stripe, and those before it that the encoder of a single shard has to pass over.
    async fn make_piece(
        &self,
        own: &mut Option<(ShardEncoder, u32)>,
        index: u8,
        stripe: u32,
    ) -> Result<Vec<u8>, LaneError> {
        let (encoder, next) = if let Some(encoder) = own.take() {
            encoder
        } else {
            let layout = &self.content.layout;
            (ShardEncoder::new(layout.profile(), &self.content.blind_key, layout.len_bytes(), index)?, 0)
        };
        let content = Arc::clone(&self.content);
        let job = move || make_pieces(&content, encoder, next, stripe);
        let (encoder, piece) = self.workers.run(job).await??;
        *own = Some((encoder, stripe + 1));
        Ok(piece)
    }

    async fn root(&self, index: u8) -> Result<ShardRoot, LaneError> {
        let mut roots = self.roots.clone();
        let known = roots.wait_for(Option::is_some).await.map_err(|_| LaneError::NoRoots)?;
        known.as_ref().and_then(|roots| roots.get(usize::from(index)).copied()).ok_or(LaneError::NoRoots)
    }
}

fn make_pieces(
    content: &SegmentContent,
    mut encoder: ShardEncoder,
    next: u32,
    stripe: u32,
) -> Result<(ShardEncoder, Vec<u8>), EncodeError> {
    let mut piece = Vec::new();
    for number in next..=stripe {
        piece.clear();
        encoder.encode_piece(content.stripe(number), &mut piece)?;
    }
    Ok((encoder, piece))
}
