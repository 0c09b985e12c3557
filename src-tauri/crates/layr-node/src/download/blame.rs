//! Reading a chunk with proofs, after its tag was found wrong: every piece is checked against its shard's root, and who sent
//! something else is named.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use layr_codec::{SegmentDecoder, SegmentLayout, ShardRoot, piece_node};
use layr_library::ShardState;
use layr_proof::Path;

use super::DownloadError;
use super::lane::{PieceRange, merged};
use super::source::{Findings, SegmentSource, ShardSource};
use crate::client::ClientError;
use crate::owner::Owner;

/// Leaves of a full piece.
const PIECE_LEAVES: u64 = (layr_codec::PIECE_BYTES / layr_codec::LEAF_BYTES) as u64;

/// What a verified read came to.
pub(super) struct Verified {
    /// The ciphertext asked for.
    pub ciphertext: Vec<u8>,
    /// Shards whose hosts failed the proof.
    pub liars: BTreeSet<u8>,
}

/// What a host's answer was worth.
enum Answer {
    /// Pieces by stripe, proven.
    Proven(Vec<Vec<u8>>),
    /// It sent something that is not in the shard.
    Lie,
    /// It could not be had.
    Failed(ClientError),
}

/// Reads a range of the ciphertext from shards that prove what they send.
///
/// # Errors
/// [`DownloadError::Unavailable`] when fewer than k do.
pub(super) async fn read_verified(
    owner: &Owner,
    source: &Arc<SegmentSource>,
    ciphertext: Range<u64>,
    findings: &Findings,
) -> Result<Verified, DownloadError> {
    let stripes = source.layout.stripes_of(&ciphertext);
    let wanted: BTreeSet<u8> = source.layout.map(ciphertext.clone()).map(|extent| extent.shard).collect();
    let k = usize::from(source.layout.profile().k());
    // Those that hold the bytes themselves first: if they are honest, nothing must be decoded.
    let mut waiting: Vec<u8> =
        wanted.iter().copied().filter(|shard| source.shards.contains_key(shard)).collect();
    waiting.extend(source.order.iter().copied().filter(|shard| !wanted.contains(shard)));
    let mut waiting = waiting.into_iter();
    let mut asked: FuturesUnordered<_> = FuturesUnordered::new();
    let mut proven: BTreeMap<u8, Vec<Vec<u8>>> = BTreeMap::new();
    let mut liars = BTreeSet::new();
    let (mut missing, mut unreachable) = (0, 0);
    let ask = |shard: u8| {
        let source = Arc::clone(source);
        let stripes = stripes.clone();
        async move { (shard, ask_with_proof(owner, &source, shard, stripes).await) }
    };
    asked.extend(waiting.by_ref().take(wanted.len().max(1)).map(ask));
    loop {
        let direct = wanted.iter().all(|shard| proven.contains_key(shard));
        if direct || proven.len() >= k {
            break;
        }
        while proven.len() + asked.len() < k {
            let Some(next) = waiting.next() else { break };
            asked.push(ask(next));
        }
        let Some((shard, answer)) = asked.next().await else {
            return Err(DownloadError::Unavailable {
                segment: source.id,
                needed: k,
                available: proven.len(),
                total: source.shards.len(),
                unreachable,
                missing,
                corrupt: liars.len(),
            });
        };
        let host = source.shards.get(&shard).map(|source| source.host.peer);
        match (answer, host) {
            (Answer::Proven(pieces), _) => drop(proven.insert(shard, pieces)),
            (Answer::Lie, Some(host)) => {
                tracing::warn!(segment = %source.id, shard, %host, "a host sent bytes that are not in the shard");
                findings.note(source, shard, host, ShardState::Corrupt);
                liars.insert(shard);
            }
            (Answer::Failed(error), Some(host)) => {
                findings.note_failure(owner, source, shard, host, &error);
                match error.verdict() {
                    crate::client::Verdict::Missing => missing += 1,
                    crate::client::Verdict::Corrupt => drop(liars.insert(shard)),
                    _ => unreachable += 1,
                }
            }
            (_, None) => {}
        }
    }
    drop(asked);
    let ciphertext = assemble(source, &stripes, ciphertext, proven)?;
    Ok(Verified { ciphertext, liars })
}

async fn ask_with_proof(owner: &Owner, source: &SegmentSource, shard: u8, stripes: Range<u32>) -> Answer {
    let Some(shard_source) = source.shards.get(&shard) else { return Answer::Lie };
    match receive_with_proof(owner, source, shard_source, stripes.clone()).await {
        Ok((pieces, paths)) => {
            let is_proven = pieces.len() == paths.len()
                && stripes.zip(pieces.iter().zip(&paths)).all(|(stripe, (piece, path))| {
                    is_in_shard(&source.layout, shard_source.root, stripe, piece, path)
                });
            if is_proven { Answer::Proven(pieces) } else { Answer::Lie }
        }
        Err(error) => Answer::Failed(error),
    }
}

async fn receive_with_proof(
    owner: &Owner,
    source: &SegmentSource,
    shard: &ShardSource,
    stripes: Range<u32>,
) -> Result<(Vec<Vec<u8>>, Vec<Path>), ClientError> {
    let ranges: Vec<PieceRange> = stripes
        .clone()
        .map(|stripe| PieceRange { stripe, columns: 0..source.layout.piece_bytes(stripe) })
        .collect();
    let count = stripes.end.saturating_sub(stripes.start);
    let receive = async {
        let mut stream =
            owner.client().get(&shard.host, shard.root, merged(&ranges), source.shard_bytes()).await?;
        let mut pieces = Vec::with_capacity(ranges.len());
        for range in &ranges {
            pieces.push(stream.receive(range.columns.len()).await?);
        }
        Ok::<_, ClientError>(pieces)
    };
    let prove = owner.client().prove(&shard.host, shard.root, stripes.start, count);
    futures::future::try_join(receive, prove).await
}

/// Whether the piece is the one of this stripe in the shard of this root.
fn is_in_shard(layout: &SegmentLayout, root: ShardRoot, stripe: u32, piece: &[u8], path: &Path) -> bool {
    let Some(node) = piece_node(piece) else { return false };
    path.root(node).is_ok_and(|proven| {
        proven.root.hash == *root.as_bytes()
            && proven.root.leaf_count == layout.shard_leaves()
            && proven.first_leaf == u64::from(stripe) * PIECE_LEAVES
    })
}

/// The ciphertext range out of whole pieces.
fn assemble(
    source: &SegmentSource,
    stripes: &Range<u32>,
    ciphertext: Range<u64>,
    mut proven: BTreeMap<u8, Vec<Vec<u8>>>,
) -> Result<Vec<u8>, DownloadError> {
    let layout = source.layout;
    let mut decoder = SegmentDecoder::new(layout.profile(), &source.blind_key, layout.len_bytes())?;
    let mut whole: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    let mut out = Vec::new();
    for extent in layout.map(ciphertext) {
        let position = usize::try_from(extent.stripe - stripes.start).unwrap_or(0);
        let piece_start = u64::from(extent.stripe) * layr_codec::PIECE_BYTES as u64;
        let column = usize::try_from(extent.shard_range.start - piece_start).unwrap_or(0);
        let length = usize::try_from(extent.ciphertext.end - extent.ciphertext.start).unwrap_or(0);
        let own = proven.get_mut(&extent.shard).and_then(|pieces| pieces.get_mut(position));
        if let Some(piece) = own {
            let start = out.len();
            out.extend_from_slice(piece.get(column..column + length).unwrap_or_default());
            decoder.unblind(
                extent.shard,
                extent.shard_range.start,
                out.get_mut(start..).unwrap_or_default(),
            )?;
            continue;
        }
        if let std::collections::btree_map::Entry::Vacant(e) = whole.entry(extent.stripe) {
            let pieces: Vec<(u8, &[u8])> = proven
                .iter()
                .filter_map(|(shard, pieces)| Some((*shard, pieces.get(position)?.as_slice())))
                .collect();
            let mut data = Vec::new();
            decoder.decode_stripe(extent.stripe, &pieces, &mut data)?;
            e.insert(data);
        }
        let stripe_start = layout.stripe(extent.stripe).map_or(0, |stripe| stripe.ciphertext.start);
        let start = usize::try_from(extent.ciphertext.start - stripe_start).unwrap_or(0);
        let data = whole.get(&extent.stripe).map(Vec::as_slice).unwrap_or_default();
        out.extend_from_slice(data.get(start..start + length).unwrap_or_default());
    }
    Ok(out)
}
