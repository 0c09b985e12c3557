//! Pieces of one shard on their way from one host.

use std::collections::VecDeque;
use std::ops::Range;

use layr_codec::PIECE_BYTES;
use layr_keys::PeerId;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::source::ShardSource;
use crate::client::{Client, ClientError};
use crate::wire::ByteRange;

/// Pieces that a stream reads ahead: with ten streams of two segments 10 MiB, and at 100 MB/s from each host 5 ms of work for
/// the decoder.
const DEPTH: usize = 8;

/// Some columns of one stripe's piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PieceRange {
    /// The stripe.
    pub stripe: u32,
    /// Bytes of the piece.
    pub columns: Range<usize>,
}

impl PieceRange {
    /// Where it begins in the shard.
    pub(super) fn shard_offset(&self) -> u64 {
        u64::from(self.stripe) * PIECE_BYTES as u64 + self.columns.start as u64
    }

    /// Whether it holds all of these columns.
    pub(super) fn covers(&self, columns: &Range<usize>) -> bool {
        self.columns.start <= columns.start && columns.end <= self.columns.end
    }
}

/// A stream of ranges of one shard. Dropping it ends the stream.
#[derive(Debug)]
pub(super) struct Lane {
    /// Index of the shard.
    pub shard: u8,
    /// Its host.
    pub peer: PeerId,
    /// What is still to come, in this order.
    pub upcoming: VecDeque<PieceRange>,
    pieces: mpsc::Receiver<Result<Vec<u8>, ClientError>>,
    task: AbortHandle,
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Lane {
    /// Asks the shard's host for ranges, in ascending order.
    pub(super) fn open(
        client: Client,
        shard: u8,
        source: ShardSource,
        shard_bytes: u32,
        ranges: Vec<PieceRange>,
    ) -> Self {
        let (sender, pieces) = mpsc::channel(DEPTH);
        let (wanted, peer) = (ranges.clone(), source.host.peer);
        let task = tokio::spawn(async move {
            if let Err(error) = receive(&client, &source, shard_bytes, &wanted, &sender).await {
                // Nobody waits for it any more when this fails.
                let _ = sender.send(Err(error)).await;
            }
        });
        Self { shard, peer, upcoming: ranges.into(), pieces, task: task.abort_handle() }
    }

    /// The next piece, as far as it is there.
    pub(super) fn poll_piece(
        &mut self,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Vec<u8>, ClientError>>> {
        self.pieces.poll_recv(context)
    }
}

/// Receives all ranges; a stream that breaks in the middle is opened once more for the rest.
async fn receive(
    client: &Client,
    source: &ShardSource,
    shard_bytes: u32,
    ranges: &[PieceRange],
    sender: &mpsc::Sender<Result<Vec<u8>, ClientError>>,
) -> Result<(), ClientError> {
    let mut done = 0;
    for attempt in 1.. {
        let rest = ranges.get(done..).unwrap_or_default();
        let Some(last_error) = receive_some(client, source, shard_bytes, rest, sender, &mut done).await
        else {
            return Ok(());
        };
        let is_interruption =
            matches!(last_error, ClientError::Broken { .. } | ClientError::Truncated { .. });
        if attempt == 2 || !is_interruption {
            return Err(last_error);
        }
    }
    Ok(())
}

/// Receives ranges until one fails; counts those that were handed over.
async fn receive_some(
    client: &Client,
    source: &ShardSource,
    shard_bytes: u32,
    ranges: &[PieceRange],
    sender: &mpsc::Sender<Result<Vec<u8>, ClientError>>,
    done: &mut usize,
) -> Option<ClientError> {
    let opened = client.get_patiently(&source.host, source.root, merged(ranges), shard_bytes);
    let mut stream = match opened.await {
        Ok(stream) => stream,
        Err(error) => return Some(error),
    };
    for range in ranges {
        match stream.receive(range.columns.len()).await {
            Ok(piece) => {
                if sender.send(Ok(piece)).await.is_err() {
                    return None;
                }
                *done += 1;
            }
            Err(error) => return Some(error),
        }
    }
    None
}

/// Ranges that follow each other as one: a whole shard is one range.
pub(super) fn merged(ranges: &[PieceRange]) -> Vec<ByteRange> {
    let mut merged: Vec<ByteRange> = Vec::new();
    for range in ranges {
        // Shards have at most 4 MiB.
        let offset = u32::try_from(range.shard_offset()).unwrap_or(u32::MAX);
        let len = u32::try_from(range.columns.len()).unwrap_or(u32::MAX);
        match merged.last_mut() {
            Some(last) if last.offset + last.len == offset => last.len += len,
            _ => merged.push(ByteRange { offset, len }),
        }
    }
    merged
}
