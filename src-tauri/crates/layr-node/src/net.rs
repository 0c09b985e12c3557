//! The seam between what a node does and the network that it does it over.
//!
//! Above this trait live placement, upload, download and the host's service; below it bytes and connections. The real
//! implementation is [`libp2p::Libp2pNet`]; the testkit has a simulated one that runs whole networks from one seed.

pub mod libp2p;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use layr_keys::{PeerId, RecordKind, SignedRecord};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

/// A byte stream to one peer. Dropping it without a shutdown resets it.
pub trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// An owned [`ByteStream`].
pub type BoxStream = Box<dyn ByteStream>;

/// A stream that a peer opened to us.
pub struct Incoming {
    /// Who: the transport has proven this identity.
    pub peer: PeerId,
    /// Whether it came through a relay; bulk data is refused there.
    pub relayed: bool,
    /// The bytes.
    pub stream: BoxStream,
}

/// Why a stream to a peer could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No address of the peer answered in time.
    #[error("{peer} cannot be reached: {reason}")]
    Unreachable {
        /// The peer.
        peer: PeerId,
        /// What the dialer saw.
        reason: String,
    },
    /// The peer answered but refuses this protocol or another stream now.
    #[error("{peer} refuses the stream: {reason}")]
    Refused {
        /// The peer.
        peer: PeerId,
        /// What it said.
        reason: String,
    },
    /// The peer can only be reached through a relay, which carries no bulk data.
    #[error("{peer} can only be reached through a relay")]
    RelayOnly {
        /// The peer.
        peer: PeerId,
    },
    /// This node is stopping.
    #[error("the node is stopping")]
    Closed,
}

/// Why a record could not be stored or found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Too few peers took it.
    #[error("no peer took the record: {reason}")]
    NotStored {
        /// What the query saw.
        reason: String,
    },
    /// This node is stopping.
    #[error("the node is stopping")]
    Closed,
}

/// A peer that speaks our stream protocol, as discovery found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerContact {
    /// Who.
    pub peer: PeerId,
    /// Multiaddresses, at most eight.
    pub addresses: Vec<String>,
    /// Whether only a relay leads there; such a peer gets no shards.
    pub relayed_only: bool,
}

/// How other peers can reach this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reachability {
    /// Confirmed from outside.
    Public,
    /// Refuted from outside.
    Private,
    /// Nobody has tried yet.
    #[default]
    Unknown,
}

/// The network's state for `status`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetStatus {
    /// Multiaddresses with `/p2p/`.
    pub listening: Vec<String>,
    /// Confirmed from outside, circuits included, with `/p2p/`.
    pub external: Vec<String>,
    /// How others reach us.
    pub reachability: Reachability,
    /// Peers connected.
    pub connected_peers: u64,
    /// Bytes received since the start.
    pub bytes_in: u64,
    /// Bytes sent since the start.
    pub bytes_out: u64,
}

/// Which connections a stream may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Direct ones only: bulk data.
    Direct,
    /// A relayed one will do: small control messages.
    Any,
}

/// Patience while this node itself holds its streams back: at [`MIN_RATE_BYTES_PER_S`] thirty streams, as a segment of 10 of 30
/// has, move a piece of 64 KiB each in 20 s, which is a tenth of the deadlines then.
pub const LIMITED_PATIENCE: u32 = 10;
/// The lowest limit that can be set: below it transfers would run into deadlines instead of going slowly.
pub const MIN_RATE_BYTES_PER_S: u64 = 100_000;
/// The highest: TOML and the page have no whole numbers above.
pub const MAX_RATE_BYTES_PER_S: u64 = (1 << 53) - 1;

/// What a node needs of the network. All methods may be called from many tasks at once and are cancel safe: dropping the
/// future gives the work up and leaks nothing.
#[async_trait]
pub trait Net: Send + Sync + 'static {
    /// This node's own identity on the network.
    fn local_peer(&self) -> PeerId;

    /// A fresh stream to `peer`, dialling one of `addresses` (or those the network knows) where there is no connection.
    async fn open(
        &self,
        peer: PeerId,
        addresses: &[String],
        route: Route,
        deadline: Duration,
    ) -> Result<BoxStream, OpenError>;

    /// Peers found by sampling the network, at most `count`, within `deadline`; never this node itself.
    async fn sample_peers(&self, count: usize, deadline: Duration) -> Vec<PeerContact>;

    /// Publishes our own signed record.
    async fn put_record(&self, record: SignedRecord) -> Result<(), RecordError>;

    /// The newest record that the network holds, verified.
    async fn get_record(
        &self,
        kind: RecordKind,
        key: [u8; 32],
        deadline: Duration,
    ) -> Result<Option<SignedRecord>, RecordError>;

    /// Limits what all streams together send and receive, from now on; `None` is no limit.
    fn set_rates(&self, up_bytes_per_s: Option<u64>, down_bytes_per_s: Option<u64>);

    /// How many times as long as usual others may take that wait for bytes of ours, or whose bytes we let wait: 1, and
    /// [`LIMITED_PATIENCE`] while limits of this node hold streams back.
    fn patience(&self) -> u32;

    /// The state to show.
    async fn status(&self) -> NetStatus;

    /// Closes all connections; returns when the network task has ended.
    async fn shutdown(&self);
}

/// A network and the streams that peers open to us, as a node is started with.
pub struct Attached {
    /// Outgoing.
    pub net: Arc<dyn Net>,
    /// Incoming; bounded, the network resets streams beyond it.
    pub incoming: mpsc::Receiver<Incoming>,
}
