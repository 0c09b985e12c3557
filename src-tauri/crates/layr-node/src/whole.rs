//! A shard read whole from its host, and hashed on the way.

use layr_codec::{PIECE_BYTES, ShardHasher, ShardRoot};

use crate::client::{ClientError, HostContact};
use crate::owner::Owner;
use crate::wire::ByteRange;
use crate::workers::WorkerLost;

/// Bytes received before they are hashed: few jobs, little memory.
const HASHED_BYTES: usize = 4 * PIECE_BYTES;

/// What a host sent for a shard.
pub(crate) struct Whole {
    /// The root of it, whatever was asked for.
    pub(crate) root: Option<ShardRoot>,
    /// The bytes, where they are to be kept.
    pub(crate) bytes: Vec<u8>,
}

/// Whether the bytes are needed when they are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Bytes,
    Nothing,
}

/// Reads a shard of `shard_bytes`; `received` hears of bytes as they come.
pub(crate) async fn read_whole(
    owner: &Owner,
    host: &HostContact,
    (root, shard_bytes): (ShardRoot, u32),
    keep: Keep,
    mut received: impl FnMut(u64),
) -> Result<Result<Whole, ClientError>, WorkerLost> {
    let range = vec![ByteRange { offset: 0, len: shard_bytes }];
    let mut stream = match owner.client().get_patiently(host, root, range, shard_bytes).await {
        Ok(stream) => stream,
        Err(error) => return Ok(Err(error)),
    };
    let mut left = usize::try_from(shard_bytes).unwrap_or(usize::MAX);
    let mut kept = Vec::new();
    if keep == Keep::Bytes {
        kept.reserve_exact(left);
    }
    let mut hasher = ShardHasher::new();
    while left > 0 {
        let bytes = match stream.receive(left.min(HASHED_BYTES)).await {
            Ok(bytes) => bytes,
            Err(error) => return Ok(Err(error)),
        };
        left -= bytes.len();
        received(bytes.len() as u64);
        if keep == Keep::Bytes {
            kept.extend_from_slice(&bytes);
        }
        let job = move || {
            hasher.update(&bytes);
            hasher
        };
        hasher = owner.workers().run(job).await?;
    }
    let finished = owner.workers().run(move || hasher.finish()).await?;
    Ok(Ok(Whole { root: finished.map(|(root, _)| root.into()), bytes: kept }))
}
