//! Byte streams between peers: the pipe itself, and below it the behaviour that opens and accepts them.
//!
//! libp2p's own stream behaviour drops inbound streams in bursts and opens on a random connection of the peer, so this is
//! one of our own: [`registry::Registry`] knows the live connections and is asked for a stream without a detour over the
//! swarm task, [`handler::Handler`] runs in each connection's task and negotiates, [`behaviour::Behaviour`] ties both to
//! the connections' lives.

pub(crate) mod behaviour;
pub(crate) mod handler;
pub(crate) mod registry;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures::{AsyncRead as _, AsyncWrite as AsyncWriteInner};
use layr_keys::PeerId;
use libp2p::core::upgrade::NegotiationError;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;

use crate::meter::Pacing;
use crate::protocol::StreamName;
use crate::stream::registry::{LiveMark, PeerState};

/// A byte stream to one peer, encrypted and authenticated, with back-pressure from end to end.
///
/// `shutdown` ends the sending half in order. Dropping the stream without it gives the stream up; but **an end of file is
/// no proof that the sender was finished**, because neither yamux nor libp2p's QUIC tells an aborted stream from an ended
/// one. Whatever runs over it must carry its own lengths.
///
/// To break off while the peer still writes, flush the last answer and drop the stream **without** `shutdown`: the peer's
/// writes fail and it can still read the answer. After a `shutdown` yamux does not tell the peer that nobody reads any
/// more, and its writer sleeps until its own deadline.
///
/// Opening does not wait for the peer's consent to the protocol (it travels with the first bytes), so a peer that does not
/// speak it shows as [`io::ErrorKind::Unsupported`] on the first read.
pub struct NetStream {
    inner: libp2p::Stream,
    peer: Arc<PeerState>,
    pacing: Pacing,
    relayed: bool,
    /// Set by the first failed read: a lazily negotiated stream of libp2p panics when it is touched after that. A failed
    /// write does no such harm, and an answer that came before it can still be read.
    failed: bool,
    live: LiveMark,
    _slot: OwnedSemaphorePermit,
}

/// A stream that a peer opened to this node.
pub struct InboundStream {
    /// Who; proven by the connection's handshake.
    pub peer: PeerId,
    /// Which of the accepted protocols.
    pub protocol: StreamName,
    /// Whether it came through a relay, which cuts it after a little data.
    pub relayed: bool,
    /// The bytes.
    pub stream: NetStream,
}

impl std::fmt::Debug for InboundStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InboundStream")
            .field("peer", &self.peer)
            .field("protocol", &self.protocol)
            .field("relayed", &self.relayed)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for NetStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NetStream")
            .field("peer", &self.peer.id)
            .field("relayed", &self.relayed)
            .finish_non_exhaustive()
    }
}

impl NetStream {
    pub(crate) fn new(
        inner: libp2p::Stream,
        peer: Arc<PeerState>,
        relayed: bool,
        live: LiveMark,
        slot: OwnedSemaphorePermit,
    ) -> Self {
        Self { inner, peer, pacing: Pacing::default(), relayed, failed: false, live, _slot: slot }
    }

    /// The peer at the other end.
    pub fn peer(&self) -> PeerId {
        self.peer.id
    }

    /// Whether the bytes go through a relay.
    pub fn is_relayed(&self) -> bool {
        self.relayed
    }
}

/// The lazily negotiated refusal of a protocol, told apart from a broken connection.
fn name_refusal(error: io::Error) -> io::Error {
    let refused = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<NegotiationError>())
        .is_some_and(|inner| matches!(inner, NegotiationError::Failed));
    if refused {
        io::Error::new(io::ErrorKind::Unsupported, "the peer does not speak this protocol")
    } else {
        error
    }
}

fn connection_ended() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the connection has ended")
}

impl NetStream {
    /// Runs one operation on the inner stream: not at all after a failed read, and never sleeping past the connection's end.
    fn guard<T>(
        &mut self,
        cx: &mut Context<'_>,
        half: Half,
        operation: impl FnOnce(Pin<&mut libp2p::Stream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if self.failed {
            return Poll::Ready(Err(connection_ended()));
        }
        let outcome = operation(Pin::new(&mut self.inner), cx);
        match outcome {
            Poll::Ready(Ok(done)) => Poll::Ready(Ok(done)),
            Poll::Ready(Err(error)) => {
                self.failed |= matches!(half, Half::Read);
                Poll::Ready(Err(name_refusal(error)))
            }
            Poll::Pending => {
                let wakers = &self.live.wakers;
                match half {
                    Half::Read => wakers.reader.register(cx.waker()),
                    Half::Write => wakers.writer.register(cx.waker()),
                }
                if wakers.is_closed() { Poll::Ready(Err(connection_ended())) } else { Poll::Pending }
            }
        }
    }
}

/// Which half of a stream sleeps.
#[derive(Clone, Copy)]
enum Half {
    Read,
    Write,
}

impl AsyncRead for NetStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.pacing.poll_receive(cx, &this.peer.totals));
        let unfilled = buf.initialize_unfilled();
        let read = ready!(this.guard(cx, Half::Read, |inner, cx| inner.poll_read(cx, unfilled)))?;
        buf.advance(read);
        this.pacing.received(&this.peer.totals, read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for NetStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.pacing.poll_send(cx, &this.peer.totals));
        let written = ready!(this.guard(cx, Half::Write, |inner, cx| inner.poll_write(cx, buf)))?;
        this.pacing.sent(&this.peer.totals, written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().guard(cx, Half::Write, AsyncWriteInner::poll_flush)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().guard(cx, Half::Write, AsyncWriteInner::poll_close)
    }
}
