//! Sending ranges of a shard, with one block read ahead.

use layr_codec::{MAX_SHARD_BYTES, ShardRoot};
use layr_keys::PeerId;
use layr_vault::ShardReader;

use super::blocks::{BLOCK_BYTES, Block};
use super::progress::Watchdog;
use super::rate_limit::{MAX_BACKLOG, PeerRate, SLICE_BYTES};
use super::{Ended, FRAME_TIMEOUT, Service, answer, refusal};
use crate::net::BoxStream;
use crate::wire::{ByteRange, MAX_RANGES, Refusal, Response};

/// Bytes read from disk and sent at once.
#[expect(clippy::cast_possible_truncation, reason = "256 KiB")]
const PART_BYTES: u32 = BLOCK_BYTES as u32;

/// Serves one `Get`.
pub(super) async fn serve(
    service: &Service,
    stream: &mut BoxStream,
    peer: PeerId,
    root: ShardRoot,
    ranges: &[ByteRange],
) -> Result<(), Ended> {
    let total_bytes = check(ranges)?;
    let vault = service.stored_vault()?.ok_or(Refusal::NotFound)?;
    if service.up.backlog(peer) > MAX_BACKLOG {
        return Err(Refusal::Busy.into());
    }
    let memory = service.admission.blocks.take(total_bytes, FRAME_TIMEOUT).await.ok_or(Refusal::Busy)?;
    let mut parts: Vec<ByteRange> = ranges.iter().flat_map(|range| split(*range)).collect();
    let reader =
        service.blocking(move || vault.reader(&root)).await?.map_err(|error| refusal::of_read(&error))?;
    let shard_bytes = u32::try_from(reader.size_bytes()).map_err(|_| Refusal::Corrupt)?;
    // A range beyond the end is tried first: it is the caller's mistake or a body that was cut, and the vault finds out.
    if let Some(beyond) = parts.iter().position(|part| part.offset.saturating_add(part.len) > shard_bytes) {
        parts.swap(0, beyond);
    }
    send(service, stream, service.up.of(peer), reader, parts, memory, shard_bytes).await
}

/// The first part is read before `Found` is said: a body that is gone or damaged is answered as such. Whatever fails after
/// that can only be told by ending the stream early.
async fn send(
    service: &Service,
    stream: &mut BoxStream,
    rate: PeerRate<'_>,
    reader: ShardReader,
    parts: Vec<ByteRange>,
    (first, mut spare): (Block, Option<Block>),
    shard_bytes: u32,
) -> Result<(), Ended> {
    let mut parts = parts.into_iter();
    let mut watchdog = Watchdog::new(service.net.patience());
    let Some(part) = parts.next() else { return Err(Refusal::BadRequest.into()) };
    let (mut reader, mut block) = read(service, reader, first, part).await?;
    answer(stream, &Response::Found { shard_bytes }).await?;
    for part in parts {
        let ahead = if let Some(next) = spare.take() {
            let ahead = read(service, reader, next, part);
            let (sent, ahead) = tokio::join!(send_block(rate, stream, &mut watchdog, &block), ahead);
            sent?;
            spare = Some(block);
            ahead
        } else {
            send_block(rate, stream, &mut watchdog, &block).await?;
            read(service, reader, block, part).await
        };
        (reader, block) = ahead.map_err(|_| Ended::Stalled)?;
    }
    send_block(rate, stream, &mut watchdog, &block).await
}

async fn send_block(
    rate: PeerRate<'_>,
    stream: &mut BoxStream,
    watchdog: &mut Watchdog,
    block: &[u8],
) -> Result<(), Ended> {
    for slice in block.chunks(SLICE_BYTES) {
        rate.pass(slice.len()).await;
        watchdog.write(stream, slice).await?;
    }
    Ok(())
}

async fn read(
    service: &Service,
    mut reader: ShardReader,
    mut block: Block,
    part: ByteRange,
) -> Result<(ShardReader, Block), Ended> {
    let start = u64::from(part.offset);
    let outcome = service.blocking(move || {
        block.clear();
        reader.read_into(start..start + u64::from(part.len), &mut block)?;
        Ok((reader, block))
    });
    outcome.await?.map_err(|error| refusal::of_read(&error).into())
}

/// Bounds a request; a caller who asks for one range many times gets no more than one shard's bytes for it.
fn check(ranges: &[ByteRange]) -> Result<usize, Refusal> {
    let total: u64 = ranges.iter().map(|range| u64::from(range.len)).sum();
    let fits = !ranges.is_empty()
        && ranges.len() <= MAX_RANGES
        && ranges.iter().all(|range| range.len > 0)
        && total <= MAX_SHARD_BYTES as u64;
    usize::try_from(total).ok().filter(|_| fits).ok_or(Refusal::BadRequest)
}

fn split(range: ByteRange) -> impl Iterator<Item = ByteRange> {
    (0..range.len).step_by(BLOCK_BYTES).map(move |start| ByteRange {
        offset: range.offset.saturating_add(start),
        len: (range.len - start).min(PART_BYTES),
    })
}

#[cfg(test)]
mod tests {
    use super::{PART_BYTES, check, split};
    use crate::wire::{ByteRange, MAX_RANGES, Refusal};

    #[test]
    fn a_request_costs_at_most_a_shard() {
        let whole = ByteRange { offset: 0, len: 4 * 1024 * 1024 };
        assert_eq!(check(&[whole]), Ok(4 * 1024 * 1024));
        assert_eq!(check(&[whole, ByteRange { offset: 0, len: 1 }]), Err(Refusal::BadRequest));
        assert_eq!(check(&[]), Err(Refusal::BadRequest));
        assert_eq!(check(&[ByteRange { offset: 7, len: 0 }]), Err(Refusal::BadRequest));
        assert_eq!(check(&vec![ByteRange { offset: 0, len: 1 }; MAX_RANGES + 1]), Err(Refusal::BadRequest));
    }

    #[test]
    fn blocks_cover_a_range_without_a_gap() {
        let range = ByteRange { offset: 5, len: 2 * PART_BYTES + 3 };
        let blocks: Vec<_> = split(range).collect();
        assert_eq!(blocks.len(), 3);
        let mut at = range.offset;
        for block in blocks {
            assert_eq!(block.offset, at);
            at += block.len;
        }
        assert_eq!(at, range.offset + range.len);
        assert!(split(ByteRange { offset: u32::MAX, len: u32::MAX }).count() > 0);
    }
}
