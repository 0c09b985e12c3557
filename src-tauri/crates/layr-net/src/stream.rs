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

use futures::{AsyncRead as _, AsyncWrite as _};
use layr_keys::PeerId;
use libp2p::core::upgrade::NegotiationError;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;

use crate::meter::Pacer;
use crate::protocol::StreamName;
use crate::stream::registry::{LiveMark, PeerState};

/// A byte stream to one peer, encrypted and authenticated, with back-pressure from end to end.
///
/// `shutdown` ends the sending half in order. Dropping the stream without it gives the stream up; but **an end of file is
/// no proof that the sender was finished**, because neither yamux nor libp2p's QUIC tells an aborted stream from an ended
/// one. Whatever runs over it must carry its own lengths.
///
/// Opening does not wait for the peer's consent to the protocol (it travels with the first bytes), so a peer that does not
/// speak it shows as [`io::ErrorKind::Unsupported`] on the first read.
pub struct NetStream {
    inner: libp2p::Stream,
    peer: Arc<PeerState>,
    send_pacer: Pacer,
    receive_pacer: Pacer,
    relayed: bool,
    _live: LiveMark,
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
        Self {
            inner,
            peer,
            send_pacer: Pacer::default(),
            receive_pacer: Pacer::default(),
            relayed,
            _live: live,
            _slot: slot,
        }
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

impl AsyncRead for NetStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.receive_pacer.poll(cx, [&this.peer.totals.down, &this.peer.meter.down]));
        let unfilled = buf.initialize_unfilled();
        let read = ready!(Pin::new(&mut this.inner).poll_read(cx, unfilled)).map_err(name_refusal)?;
        buf.advance(read);
        this.peer.meter.down.spend(read);
        this.peer.totals.down.spend(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for NetStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.send_pacer.poll(cx, [&this.peer.totals.up, &this.peer.meter.up]));
        let written = ready!(Pin::new(&mut this.inner).poll_write(cx, buf))?;
        this.peer.meter.up.spend(written);
        this.peer.totals.up.spend(written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_close(cx)
    }
}
