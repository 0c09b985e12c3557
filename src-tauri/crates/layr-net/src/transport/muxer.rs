//! yamux with a receive window that is bounded per connection, which libp2p's own upgrade leaves at 1 GiB.

use std::collections::VecDeque;
use std::future::{Ready, ready};
use std::io;
use std::iter::{Once, once};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures::{AsyncRead, AsyncWrite};
use libp2p::core::UpgradeInfo;
use libp2p::core::muxing::{StreamMuxer, StreamMuxerEvent};
use libp2p::core::upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade};
use yamux::{Connection, ConnectionError, Mode};

use super::MAX_STREAMS_PER_CONNECTION;

const YAMUX: &str = "/yamux/1.0.0";

/// What the streams of one connection together may park unread: 64 MiB. 48 MiB of it are the 256 KiB that each of the
/// [`MAX_STREAMS_PER_CONNECTION`] begins with, as the protocol has it; the other 16 MiB are what windows may grow by, first
/// come, first served, until their streams end. A window doubles when half of it was read within two round trips, so one
/// stream on a long fat link comes to 16.25 MiB: 130 MiB/s at 125 ms, 27 MiB/s over a satellite's 600 ms. Four that
/// are read at the same time share it.
pub(super) const CONNECTION_WINDOW: usize = 64 * 1024 * 1024;

/// The upgrade that makes a connection of a secured pipe.
#[derive(Clone)]
pub(super) struct Yamux(yamux::Config);

impl Yamux {
    /// With the bounds of this module.
    pub(super) fn bounded() -> Self {
        let mut config = yamux::Config::default();
        // In this order: yamux asserts after each that every stream still gets the window it begins with.
        config.set_max_num_streams(usize::from(MAX_STREAMS_PER_CONNECTION));
        config.set_max_connection_receive_window(Some(CONNECTION_WINDOW));
        Self(config)
    }
}

impl UpgradeInfo for Yamux {
    type Info = &'static str;
    type InfoIter = Once<&'static str>;

    fn protocol_info(&self) -> Self::InfoIter {
        once(YAMUX)
    }
}

impl<C: AsyncRead + AsyncWrite + Unpin> InboundConnectionUpgrade<C> for Yamux {
    type Output = Muxer<C>;
    type Error = io::Error;
    type Future = Ready<io::Result<Muxer<C>>>;

    fn upgrade_inbound(self, pipe: C, _: &'static str) -> Self::Future {
        ready(Ok(Muxer::new(pipe, self.0, Mode::Server)))
    }
}

impl<C: AsyncRead + AsyncWrite + Unpin> OutboundConnectionUpgrade<C> for Yamux {
    type Output = Muxer<C>;
    type Error = io::Error;
    type Future = Ready<io::Result<Muxer<C>>>;

    fn upgrade_outbound(self, pipe: C, _: &'static str) -> Self::Future {
        ready(Ok(Muxer::new(pipe, self.0, Mode::Client)))
    }
}

/// One connection.
///
/// yamux does all of its work, whatever the direction, while it is asked for the peer's next stream. The swarm asks for
/// streams only when it has room for them but lets the connection work always, so streams that turn up meanwhile wait in
/// `arrived`. Each of them counts in yamux's limit on streams, so it holds no more than [`MAX_STREAMS_PER_CONNECTION`].
pub(super) struct Muxer<C> {
    connection: Connection<C>,
    arrived: VecDeque<yamux::Stream>,
    wants_stream: Option<Waker>,
}

impl<C: AsyncRead + AsyncWrite + Unpin> Muxer<C> {
    fn new(pipe: C, config: yamux::Config, mode: Mode) -> Self {
        Self { connection: Connection::new(pipe, config, mode), arrived: VecDeque::new(), wants_stream: None }
    }

    fn poll_next_inbound(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<yamux::Stream>> {
        self.connection
            .poll_next_inbound(cx)
            .map(|next| next.unwrap_or(Err(ConnectionError::Closed)).map_err(into_io))
    }
}

impl<C: AsyncRead + AsyncWrite + Unpin> StreamMuxer for Muxer<C> {
    type Substream = yamux::Stream;
    type Error = io::Error;

    fn poll_inbound(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<yamux::Stream>> {
        let this = self.get_mut();
        if let Some(stream) = this.arrived.pop_front() {
            return Poll::Ready(Ok(stream));
        }
        let next = this.poll_next_inbound(cx);
        if next.is_pending() {
            // yamux wakes whoever asked last, which may be `poll`.
            this.wants_stream = Some(cx.waker().clone());
        }
        next
    }

    fn poll_outbound(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<yamux::Stream>> {
        self.get_mut().connection.poll_new_outbound(cx).map_err(into_io)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().connection.poll_close(cx).map_err(into_io)
    }

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<StreamMuxerEvent>> {
        let this = self.get_mut();
        match this.poll_next_inbound(cx) {
            Poll::Ready(Ok(stream)) => {
                this.arrived.push_back(stream);
                if let Some(waker) = this.wants_stream.take() {
                    waker.wake();
                }
                // More may be ready; let others have their turn first.
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }
}

fn into_io(error: ConnectionError) -> io::Error {
    match error {
        ConnectionError::Io(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests;
