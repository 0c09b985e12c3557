//! The encoder of one segment: a stripe at a time on a worker, into the ring.

use std::sync::Arc;

use layr_codec::{EncodeError, EncodedShard, SegmentEncoder, ShardRoot, Stripe};
use tokio::sync::watch;

use super::super::UploadError;
use super::super::lane::SegmentContent;
use super::super::progress::SegmentProgress;
use super::super::ring::Ring;
use crate::workers::Workers;

/// Encodes all stripes as the ring has room, then tells the roots.
pub(super) async fn encode(
    workers: &Workers,
    content: &Arc<SegmentContent>,
    ring: &Ring,
    roots: &watch::Sender<Option<Arc<[ShardRoot]>>>,
    progress: Option<Arc<SegmentProgress>>,
) -> Result<(), UploadError> {
    let layout = content.layout;
    let mut encoder = SegmentEncoder::new(layout.profile(), &content.blind_key, layout.len_bytes())?;
    for stripe in 0..layout.stripes() {
        let memory = ring.room().await;
        let content = Arc::clone(content);
        let bytes = content.stripe(stripe).len() as u64;
        let made;
        (encoder, made) = workers.run(move || encode_stripe(&content, encoder, stripe, memory)).await??;
        ring.push(made);
        if let Some(progress) = &progress {
            progress.encoded(bytes);
        }
    }
    let shards = workers.run(move || encoder.finish()).await??;
    roots.send_replace(Some(shards.iter().map(|shard: &EncodedShard| shard.root).collect()));
    Ok(())
}

/// The roots of a segment, without keeping any of its pieces.
pub(crate) async fn roots_of(
    workers: &Workers,
    content: &Arc<SegmentContent>,
) -> Result<Arc<[ShardRoot]>, UploadError> {
    let content = Arc::clone(content);
    let job = move || -> Result<Arc<[ShardRoot]>, EncodeError> {
        let layout = content.layout;
        let mut encoder = SegmentEncoder::new(layout.profile(), &content.blind_key, layout.len_bytes())?;
        let mut memory = Stripe::new();
        for stripe in 0..layout.stripes() {
            encoder.encode_stripe(content.stripe(stripe), &mut memory)?;
        }
        Ok(encoder.finish()?.iter().map(|shard| shard.root).collect())
    };
    Ok(workers.run(job).await??)
}

fn encode_stripe(
    content: &SegmentContent,
    mut encoder: SegmentEncoder,
    stripe: u32,
    mut memory: Stripe,
) -> Result<(SegmentEncoder, Stripe), EncodeError> {
    encoder.encode_stripe(content.stripe(stripe), &mut memory)?;
    Ok((encoder, memory))
}
