//! One direction of a simulated stream: bytes with a time of arrival, a bounded window, and faults.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Buf, Bytes};
use parking_lot::Mutex;
use tokio::time::Instant;

/// Bytes under way at most, like a socket's buffers: a writer that is faster than its reader has to wait.
pub(crate) const WINDOW_BYTES: usize = 256 * 1024;
/// Largest piece that travels as one: small enough for a rate limit to look smooth.
const PACKET_BYTES: usize = 64 * 1024;

/// One node's access line in one direction, shared by all its streams.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// Rate; `None` is without limit.
    pub(crate) bytes_per_s: Option<u64>,
    /// Bytes that passed so far.
    pub(crate) carried_bytes: u64,
    free_at: Option<Instant>,
}

impl Line {
    /// When `len` bytes offered at `from` have passed this line.
    fn pass(&mut self, from: Instant, len: usize) -> Instant {
        self.carried_bytes += len as u64;
        let Some(rate) = self.bytes_per_s.filter(|rate| *rate > 0) else { return from };
        let start = self.free_at.map_or(from, |free| free.max(from));
        let done = start + Duration::from_nanos((len as u64).saturating_mul(1_000_000_000) / rate);
        self.free_at = Some(done);
        done
    }
}

/// What shapes the bytes of one direction.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) latency: Duration,
    pub(crate) up: Arc<Mutex<Line>>,
    pub(crate) down: Arc<Mutex<Line>>,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum End {
    Open,
    /// The writer said goodbye; what is under way still arrives.
    Finished,
    /// The connection broke; nothing more arrives.
    Reset,
}

#[derive(Debug)]
struct State {
    queue: VecDeque<(Instant, Bytes)>,
    queued_bytes: usize,
    carried_bytes: u64,
    reset_after_bytes: Option<u64>,
    stalled: bool,
    end: End,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl State {
    fn wake(&mut self) {
        for waker in [self.reader.take(), self.writer.take()].into_iter().flatten() {
            waker.wake();
        }
    }
}

/// What a read found.
pub(crate) enum Read {
    Ready(io::Result<usize>),
    /// The next bytes arrive then.
    At(Instant),
    /// The waker is registered.
    Pending,
}

/// One direction of a stream.
#[derive(Debug)]
pub(crate) struct Pipe {
    shape: Shape,
    window_bytes: usize,
    state: Mutex<State>,
}

impl Pipe {
    pub(crate) fn new(shape: Shape, window_bytes: usize, reset_after_bytes: Option<u64>) -> Self {
        Self {
            shape,
            window_bytes,
            state: Mutex::new(State {
                queue: VecDeque::new(),
                queued_bytes: 0,
                carried_bytes: 0,
                reset_after_bytes,
                stalled: false,
                end: End::Open,
                reader: None,
                writer: None,
            }),
        }
    }

    pub(crate) fn write(&self, context: &Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.state.lock();
        if state.end != End::Open {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let room = self.window_bytes.saturating_sub(state.queued_bytes).min(PACKET_BYTES);
        if room == 0 {
            state.writer = Some(context.waker().clone());
            return Poll::Pending;
        }
        let len = data.len().min(room);
        let sent = self.shape.up.lock().pass(Instant::now(), len);
        let arrives = self.shape.down.lock().pass(sent, len) + self.shape.latency;
        state.queue.push_back((arrives, Bytes::copy_from_slice(&data[..len])));
        state.queued_bytes += len;
        state.carried_bytes += len as u64;
        if state.reset_after_bytes.is_some_and(|limit| state.carried_bytes >= limit) {
            state.end = End::Reset;
            state.queue.clear();
            state.wake();
        }
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(len))
    }

    pub(crate) fn read(&self, context: &Context<'_>, out: &mut tokio::io::ReadBuf<'_>) -> Read {
        let mut state = self.state.lock();
        if state.end == End::Reset {
            return Read::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        state.reader = Some(context.waker().clone());
        if state.stalled {
            return Read::Pending;
        }
        let now = Instant::now();
        let mut taken = 0;
        while out.remaining() > 0 {
            let Some((arrives, bytes)) = state.queue.front_mut() else { break };
            if *arrives > now {
                break;
            }
            let len = bytes.len().min(out.remaining());
            out.put_slice(&bytes[..len]);
            bytes.advance(len);
            let empty = bytes.is_empty();
            taken += len;
            state.queued_bytes -= len;
            if empty {
                state.queue.pop_front();
            }
        }
        if taken > 0 {
            if let Some(writer) = state.writer.take() {
                writer.wake();
            }
            return Read::Ready(Ok(taken));
        }
        match (state.queue.front(), state.end) {
            (Some((arrives, _)), _) => Read::At(*arrives),
            (None, End::Open) => Read::Pending,
            (None, _) => Read::Ready(Ok(0)),
        }
    }

    /// The writer's goodbye.
    pub(crate) fn finish(&self) {
        let mut state = self.state.lock();
        if state.end == End::Open {
            state.end = End::Finished;
            state.wake();
        }
    }

    /// The writer is gone: without a goodbye that is a reset.
    pub(crate) fn writer_dropped(&self) {
        let mut state = self.state.lock();
        if state.end == End::Open {
            state.end = End::Reset;
            state.queue.clear();
            state.wake();
        }
    }

    /// The reader is gone: further writes fail, and a finished direction stays finished.
    pub(crate) fn reader_dropped(&self) {
        self.reset();
    }

    /// The connection breaks, whatever was under way.
    pub(crate) fn reset(&self) {
        let mut state = self.state.lock();
        state.end = End::Reset;
        state.queue.clear();
        state.wake();
    }

    /// Nothing arrives any more, and nobody is told.
    pub(crate) fn set_stalled(&self, stalled: bool) {
        let mut state = self.state.lock();
        state.stalled = stalled;
        state.wake();
    }
}
