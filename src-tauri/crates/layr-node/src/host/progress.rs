//! Reading and writing with a watchdog: a peer must move some bytes in every window, or the stream ends.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

/// A stream has this long for [`MIN_PROGRESS_BYTES`]. Long enough for a home line that sleeps a moment, short enough that
/// a stalled sender's reservation does not block others for long.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes that count as progress: 1.4 KB a second, at which a shard of 4 MiB arrives within the hour that the vault holds
/// its space, and which sixty uploads at once still reach over a line of 1 Mbit/s.
pub const MIN_PROGRESS_BYTES: usize = 40 * 1024;

/// Progress of one stream. Time in which this host's own limits or its disk hold the stream back does not count; while the
/// whole node is limited, which no stream can tell from a slow peer, all have more time.
#[derive(Debug)]
pub(crate) struct Watchdog {
    left: Duration,
    moved_bytes: usize,
    whole: Duration,
}

impl Watchdog {
    /// `patience` is the network's own, see [`Net::patience`](crate::net::Net::patience).
    pub(crate) fn new(patience: u32) -> Self {
        let whole = STALL_TIMEOUT * patience;
        Self { left: whole, moved_bytes: 0, whole }
    }

    fn moved(&mut self, len: usize, since: Instant) {
        self.moved_bytes += len;
        if self.moved_bytes >= MIN_PROGRESS_BYTES {
            (self.left, self.moved_bytes) = (self.whole, 0);
        } else {
            self.left = self.left.saturating_sub(since.elapsed());
        }
    }

    /// Fills `buffer` from `stream`. A buffer that is initialised already spares the stream from zeroing it on every read.
    pub(crate) async fn read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin + ?Sized),
        mut buffer: &mut [u8],
    ) -> io::Result<()> {
        while !buffer.is_empty() {
            let since = Instant::now();
            match timeout_at(since + self.left, stream.read(buffer)).await {
                Err(_) => return Err(io::ErrorKind::TimedOut.into()),
                Ok(Err(source)) => return Err(source),
                Ok(Ok(0)) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(Ok(count)) => {
                    buffer = buffer.get_mut(count..).unwrap_or_default();
                    self.moved(count, since);
                }
            }
        }
        Ok(())
    }

    /// Writes all of `bytes`.
    pub(crate) async fn write(
        &mut self,
        stream: &mut (impl AsyncWrite + Unpin + ?Sized),
        mut bytes: &[u8],
    ) -> io::Result<()> {
        while !bytes.is_empty() {
            let since = Instant::now();
            match timeout_at(since + self.left, stream.write(bytes)).await {
                Err(_) => return Err(io::ErrorKind::TimedOut.into()),
                Ok(Err(source)) => return Err(source),
                Ok(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(Ok(count)) => {
                    bytes = bytes.get(count..).unwrap_or_default();
                    self.moved(count, since);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::time::Duration;

    use tokio::io::AsyncWriteExt;
    use tokio::time::{Instant, sleep};

    use super::{MIN_PROGRESS_BYTES, STALL_TIMEOUT, Watchdog};

    #[tokio::test(start_paused = true)]
    async fn a_trickle_below_the_minimum_is_a_stall_and_a_slow_line_is_not() {
        for (step_bytes, lives) in [(64, false), (MIN_PROGRESS_BYTES, true)] {
            let (mut near, mut far) = tokio::io::duplex(64 * 1024);
            let sender = tokio::spawn(async move {
                for _ in 0..8 {
                    sleep(STALL_TIMEOUT / 2).await;
                    if near.write_all(&vec![0; step_bytes]).await.is_err() {
                        return;
                    }
                }
            });
            let mut buffer = vec![0; 8 * step_bytes];
            let started = Instant::now();
            let outcome = Watchdog::new(1).read(&mut far, &mut buffer).await;
            assert_eq!(outcome.is_ok(), lives, "{step_bytes} bytes a step");
            if let Err(error) = outcome {
                assert_eq!(error.kind(), ErrorKind::TimedOut);
                assert!(started.elapsed() <= STALL_TIMEOUT + Duration::from_millis(10));
            }
            drop(far);
            sender.await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_dropped() {
        let (mut near, _far) = tokio::io::duplex(1024);
        let error = Watchdog::new(1).write(&mut near, &[0; 4096]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}
