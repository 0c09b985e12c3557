//! A simulated stream: two pipes and the registry entry by which faults find it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use layr_keys::PeerId;
use layr_net::{Meter, Pacing};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::pipe::{Pipe, Read};

/// Both directions of one stream.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) opener: PeerId,
    pub(crate) acceptor: PeerId,
    /// From opener to acceptor.
    pub(crate) there: Pipe,
    /// From acceptor to opener.
    pub(crate) back: Pipe,
}

impl Wire {
    pub(crate) fn touches(&self, peer: PeerId) -> bool {
        self.opener == peer || self.acceptor == peer
    }

    pub(crate) fn reset(&self) {
        self.there.reset();
        self.back.reset();
    }

    pub(crate) fn set_stalled(&self, stalled: bool) {
        self.there.set_stalled(stalled);
        self.back.set_stalled(stalled);
    }
}

/// One end of a [`Wire`].
#[derive(Debug)]
pub(crate) struct SimStream {
    wire: Arc<Wire>,
    is_opener: bool,
    arrival: Option<Pin<Box<Sleep>>>,
    /// This end's node keeps to its limits as a real one does.
    meter: Arc<Meter>,
    pacing: Pacing,
}

impl SimStream {
    /// The opener's and the acceptor's end, and whose they are.
    pub(crate) fn pair(wire: &Arc<Wire>, [opener, acceptor]: [Arc<Meter>; 2]) -> (Self, Self) {
        let end = |is_opener, meter| Self {
            wire: Arc::clone(wire),
            is_opener,
            arrival: None,
            meter,
            pacing: Pacing::default(),
        };
        (end(true, opener), end(false, acceptor))
    }

    fn outgoing(&self) -> &Pipe {
        if self.is_opener { &self.wire.there } else { &self.wire.back }
    }

    fn incoming(&self) -> &Pipe {
        if self.is_opener { &self.wire.back } else { &self.wire.there }
    }
}

impl AsyncRead for SimStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        ready!(this.pacing.poll_receive(context, &this.meter));
        loop {
            match self.incoming().read(context, out) {
                Read::Ready(outcome) => {
                    self.arrival = None;
                    let this = &mut *self;
                    this.pacing.received(&this.meter, outcome.as_ref().map_or(0, |read| *read));
                    return Poll::Ready(outcome.map(|_| ()));
                }
                Read::Pending => return Poll::Pending,
                Read::At(instant) => {
                    let sleep =
                        self.arrival.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(instant)));
                    if sleep.deadline() != instant {
                        sleep.as_mut().reset(instant);
                    }
                    if sleep.as_mut().poll(context).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }
}

impl AsyncWrite for SimStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.pacing.poll_send(context, &this.meter));
        let outcome = ready!(this.outgoing().write(context, data));
        this.pacing.sent(&this.meter, outcome.as_ref().map_or(0, |written| *written));
        Poll::Ready(outcome)
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing().finish();
        Poll::Ready(Ok(()))
    }
}

impl Drop for SimStream {
    fn drop(&mut self) {
        self.outgoing().writer_dropped();
        // Whoever still writes to us learns that nobody reads.
        self.incoming().reader_dropped();
    }
}
