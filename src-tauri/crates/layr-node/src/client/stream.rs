//! Bulk streams: a shard on its way to a host, and ranges of one on their way back.

use layr_codec::{PIECE_BYTES, ShardRoot};
use layr_keys::PeerId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};

use super::{ClientError, STALL_DEADLINE, STORED_DEADLINE, frame_error, receive, unexpected};
use crate::net::BoxStream;
use crate::wire::{self, PutTrailer, Response};

/// A shard being sent. Dropping it before [`PutStream::finish`] makes the host forget what came.
pub struct PutStream {
    peer: PeerId,
    stream: BoxStream,
    missing_bytes: u32,
    /// Of the network when it was opened.
    patience: u32,
}

impl PutStream {
    pub(super) fn new(peer: PeerId, stream: BoxStream, size_bytes: u32, patience: u32) -> Self {
        Self { peer, stream, missing_bytes: size_bytes, patience }
    }

    /// Sends the next bytes of the shard.
    ///
    /// # Errors
    /// [`ClientError`]; the host's own reason where it gave one.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), ClientError> {
        let count = u32::try_from(bytes.len()).ok().filter(|count| *count <= self.missing_bytes);
        let Some(count) = count else {
            return Err(ClientError::OutOfBounds { reason: "more bytes than announced".to_owned() });
        };
        let deadline = STALL_DEADLINE * self.patience;
        let written = timeout(deadline, self.stream.write_all(bytes)).await;
        match written {
            Ok(Ok(())) => {
                self.missing_bytes -= count;
                Ok(())
            }
            Ok(Err(source)) => Err(self.reason_or(ClientError::Broken { peer: self.peer, source }).await),
            Err(_) => Err(ClientError::TooSlow {
                peer: self.peer,
                step: "take 64 KiB",
                waited_s: deadline.as_secs(),
            }),
        }
    }

    /// Sends the root and waits until the host says that the shard is on its disk.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn finish(mut self, root: ShardRoot) -> Result<(), ClientError> {
        if self.missing_bytes != 0 {
            return Err(ClientError::OutOfBounds {
                reason: format!("{} bytes are missing", self.missing_bytes),
            });
        }
        let peer = self.peer;
        let trailer = PutTrailer { root: root.into() };
        let deadline = STALL_DEADLINE * self.patience;
        let sent = timeout(deadline, async {
            wire::write_frame(&mut self.stream, &trailer).await?;
            self.stream.shutdown().await?;
            Ok(())
        });
        match sent.await {
            Ok(Ok(())) => {}
            Ok(Err(source)) => return Err(self.reason_or(frame_error(peer, source)).await),
            Err(_) => {
                return Err(ClientError::TooSlow {
                    peer,
                    step: "take the end of a shard",
                    waited_s: deadline.as_secs(),
                });
            }
        }
        match receive(peer, &mut self.stream, "store a shard", STORED_DEADLINE * self.patience).await? {
            Response::Stored => Ok(()),
            Response::Refused { reason } => Err(ClientError::Refused { peer, reason }),
            _ => Err(unexpected(peer, "Put")),
        }
    }

    /// A host that gives up in the middle says why and then closes: its reason is worth more than the broken pipe.
    async fn reason_or(&mut self, error: ClientError) -> ClientError {
        match timeout(super::OPEN_DEADLINE, wire::read_frame::<Response>(&mut self.stream)).await {
            Ok(Ok(Response::Refused { reason })) => ClientError::Refused { peer: self.peer, reason },
            _ => error,
        }
    }
}

/// Ranges of a shard being received.
pub struct GetStream {
    peer: PeerId,
    stream: BoxStream,
    expected_bytes: u64,
    received_bytes: u64,
    /// Of the network when it was opened.
    patience: u32,
}

impl GetStream {
    pub(super) fn new(peer: PeerId, stream: BoxStream, expected_bytes: u64, patience: u32) -> Self {
        Self { peer, stream, expected_bytes, received_bytes: 0, patience }
    }

    /// The next `len` bytes. A host that drips them is given up: each piece has [`STALL_DEADLINE`].
    ///
    /// # Errors
    /// [`ClientError::Truncated`] when the host closes before; [`ClientError`].
    pub async fn receive(&mut self, len: usize) -> Result<Vec<u8>, ClientError> {
        let pieces = u32::try_from(len.div_ceil(PIECE_BYTES)).unwrap_or(u32::MAX);
        let a_piece = STALL_DEADLINE * self.patience;
        let deadline = Instant::now() + a_piece.saturating_mul(pieces);
        let mut bytes = Vec::with_capacity(len);
        let mut limited = (&mut self.stream).take(len as u64);
        while bytes.len() < len {
            let read = timeout_at(deadline, limited.read_buf(&mut bytes)).await.map_err(|_| {
                ClientError::TooSlow { peer: self.peer, step: "send 64 KiB", waited_s: a_piece.as_secs() }
            })?;
            let count = read.map_err(|source| ClientError::Broken { peer: self.peer, source })?;
            self.received_bytes += count as u64;
            if count == 0 {
                return Err(ClientError::Truncated {
                    peer: self.peer,
                    received_bytes: self.received_bytes,
                    expected_bytes: self.expected_bytes,
                });
            }
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use layr_keys::PeerId;
    use tokio::io::AsyncWriteExt;
    use tokio::time::{Instant, sleep};

    use super::{ClientError, GetStream, PIECE_BYTES, STALL_DEADLINE};

    #[tokio::test(start_paused = true)]
    async fn a_host_that_drips_is_given_up() {
        let (near, mut far) = tokio::io::duplex(PIECE_BYTES);
        let host = tokio::spawn(async move {
            while far.write_all(&[7]).await.is_ok() {
                sleep(STALL_DEADLINE / 2).await;
            }
        });
        let began = Instant::now();
        let mut stream =
            GetStream::new(PeerId::from_bytes([1; 32]), Box::new(near), 4 * PIECE_BYTES as u64, 1);
        let received = stream.receive(4 * PIECE_BYTES).await.map(|bytes| bytes.len());
        assert!(matches!(received, Err(ClientError::TooSlow { .. })), "{received:?}");
        assert!(began.elapsed() <= 5 * STALL_DEADLINE, "{:?}", began.elapsed());
        drop(stream);
        host.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_line_is_waited_for() {
        let (near, mut far) = tokio::io::duplex(PIECE_BYTES);
        let host = tokio::spawn(async move {
            for _ in 0..4 {
                sleep(STALL_DEADLINE * 9 / 10).await;
                far.write_all(&vec![7; PIECE_BYTES]).await.unwrap();
            }
        });
        let mut stream =
            GetStream::new(PeerId::from_bytes([1; 32]), Box::new(near), 4 * PIECE_BYTES as u64, 1);
        assert_eq!(stream.receive(4 * PIECE_BYTES).await.unwrap().len(), 4 * PIECE_BYTES);
        host.await.unwrap();
    }
}
