//! A peer of raw frames that fills every window as fast as it is granted, over a link with a long round trip.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use futures::AsyncReadExt as _;
use libp2p::core::muxing::{StreamMuxer, StreamMuxerExt as _};
use libp2p::core::upgrade::InboundConnectionUpgrade as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use tokio_util::compat::TokioAsyncReadCompatExt as _;

use super::{CONNECTION_WINDOW, MAX_STREAMS_PER_CONNECTION, YAMUX, Yamux};

/// What a stream begins with.
const FIRST_WINDOW: usize = 256 * 1024;
/// The round trip that the peer pretends by answering the ping late. A window that is read in less than two of them doubles.
const ROUND_TRIP: Duration = Duration::from_millis(500);
/// The streams that compete for the growth.
const STREAMS: usize = 3;
/// What those may be granted: the bound without what is kept for streams that are not there.
const BOUND: usize = CONNECTION_WINDOW - (MAX_STREAMS_PER_CONNECTION as usize - STREAMS) * FIRST_WINDOW;

const DATA: u8 = 0;
const WINDOW_UPDATE: u8 = 1;
const PING: u8 = 2;
const SYN: u16 = 1;
const ACK: u16 = 2;

/// What a peer may have in our memory grows to the bound, all streams together, and not beyond it however long the peer
/// goes on.
#[tokio::test]
async fn windows_grow_to_the_bound_of_the_connection_and_no_further() {
    let (ours, theirs) = tokio::io::duplex(FIRST_WINDOW);
    let reading = tokio::spawn(read_everything(ours));
    let mut peer = Peer::new(theirs);
    // Half of a window at least is granted at a time: from here on the windows are as large as they get.
    while 2 * peer.most < BOUND {
        peer.fill_and_wait_for_more().await;
    }
    for _ in 0..4 * STREAMS {
        peer.fill_and_wait_for_more().await;
    }
    assert!(peer.most <= BOUND, "{} bytes were granted at once", peer.most);
    assert!(!reading.is_finished(), "the connection must have stood all of that");
    reading.abort();
}

/// Our end: takes every stream and reads what comes, at once.
async fn read_everything(pipe: DuplexStream) {
    let mut muxer = Yamux::bounded().upgrade_inbound(pipe.compat(), YAMUX).await.unwrap();
    loop {
        let stream = poll_fn(|cx| {
            let inbound = muxer.poll_inbound_unpin(cx);
            if inbound.is_pending() {
                let _ = Pin::new(&mut muxer).poll(cx)?;
            }
            inbound
        });
        let mut stream = stream.await.unwrap();
        tokio::spawn(async move {
            let mut buffer = vec![0; FIRST_WINDOW];
            while stream.read(&mut buffer).await.unwrap() > 0 {}
        });
    }
}

/// The raw end.
struct Peer {
    read: ReadHalf<DuplexStream>,
    write: WriteHalf<DuplexStream>,
    /// What each stream may still send.
    credit: [usize; STREAMS],
    /// What all of them could send at once when it was most.
    most: usize,
}

impl Peer {
    fn new(pipe: DuplexStream) -> Self {
        let (read, write) = tokio::io::split(pipe);
        Self { read, write, credit: [FIRST_WINDOW; STREAMS], most: 0 }
    }

    /// Uses up the credit of every stream, then takes what is granted in return until each may send again.
    async fn fill_and_wait_for_more(&mut self) {
        for stream in 0..STREAMS {
            let mut flags = if self.most == 0 { SYN } else { 0 };
            let mut left = std::mem::take(&mut self.credit[stream]);
            while left > 0 {
                let length = left.min(FIRST_WINDOW);
                self.frame(DATA, flags, stream, length).await;
                self.write.write_all(&vec![7; length]).await.unwrap();
                flags = 0;
                left -= length;
            }
        }
        while self.credit.contains(&0) {
            self.take_frame().await;
        }
    }

    async fn frame(&mut self, kind: u8, flags: u16, stream: usize, length: usize) {
        // A client's streams are the odd ones; the ping's stream is none.
        let id = if kind == PING { 0 } else { u32::try_from(2 * stream + 1).unwrap() };
        let mut header = vec![0, kind];
        header.extend(flags.to_be_bytes());
        header.extend(id.to_be_bytes());
        header.extend(u32::try_from(length).unwrap().to_be_bytes());
        self.write.write_all(&header).await.unwrap();
    }

    async fn take_frame(&mut self) {
        let mut header = [0; 12];
        self.read.read_exact(&mut header).await.unwrap();
        let flags = u16::from_be_bytes([header[2], header[3]]);
        let stream = usize::try_from(u32::from_be_bytes(header[4..8].try_into().unwrap())).unwrap();
        let length = usize::try_from(u32::from_be_bytes(header[8..].try_into().unwrap())).unwrap();
        match header[1] {
            PING if flags & SYN != 0 => {
                tokio::time::sleep(ROUND_TRIP).await;
                self.frame(PING, ACK, 0, length).await;
            }
            WINDOW_UPDATE => {
                let stream = stream / 2;
                self.credit[stream] += length;
                self.most = self.most.max(self.credit.iter().sum());
            }
            DATA => assert_eq!(length, 0, "our end has nothing to say"),
            other => panic!("frame of kind {other}"),
        }
    }
}
