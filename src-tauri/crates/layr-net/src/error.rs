//! Errors of this crate, one family per operation. None of them shows a type of libp2p.

use std::io;
use std::time::Duration;

use layr_keys::PeerId;

/// Why the network could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The network's name cannot be part of a protocol name.
    #[error("the network name {name:?} is not 1 to 32 characters of a-z, 0-9 and -")]
    NetworkName {
        /// The name.
        name: String,
    },
    /// An address in the configuration cannot be understood.
    #[error(
        "{address:?} is not an address this node can use ({purpose}); expected for example /ip4/0.0.0.0/tcp/4100"
    )]
    Address {
        /// The text.
        address: String,
        /// `listen` or `bootstrap`.
        purpose: &'static str,
    },
    /// A listening address could not be bound.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The device key makes no valid certificate.
    #[error("the device key cannot be used on the network")]
    Identity {
        /// What the library said.
        source: io::Error,
    },
    /// The system's resolver cannot be read.
    #[error("the system's name resolver cannot be set up")]
    Resolver {
        /// What the system said.
        source: io::Error,
    },
    /// The state directory cannot be used.
    #[error("the network's state in {path} cannot be used")]
    State {
        /// The path.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a stream to a peer could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No address of the peer answered.
    #[error("{peer} cannot be reached: {reason}")]
    Unreachable {
        /// The peer.
        peer: PeerId,
        /// What the dialer saw.
        reason: String,
    },
    /// The peer does not speak this protocol.
    #[error("{peer} does not speak {protocol}")]
    UnsupportedProtocol {
        /// The peer.
        peer: PeerId,
        /// The protocol.
        protocol: String,
    },
    /// The peer was connected and closed the connection or the stream while it was opened.
    #[error("{peer} refused the stream: {reason}")]
    Refused {
        /// The peer.
        peer: PeerId,
        /// What was seen.
        reason: String,
    },
    /// As many streams as allowed are open to the peer, and none ended in time.
    #[error("{limit} streams to {peer} are open already")]
    Busy {
        /// The peer.
        peer: PeerId,
        /// How many.
        limit: usize,
    },
    /// A direct connection was asked for, and only a relay leads to the peer.
    #[error("{peer} can only be reached through a relay")]
    OnlyRelayed {
        /// The peer.
        peer: PeerId,
    },
    /// Nothing was decided in time.
    #[error("no stream to {peer} within {limit:?}")]
    Timeout {
        /// The peer.
        peer: PeerId,
        /// How long was waited.
        limit: Duration,
    },
    /// The network is stopping.
    #[error("the network is stopping")]
    Closed,
}

/// Why a record could not be published or looked up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The record's signature is not valid in this network.
    #[error("the record is not signed for this network")]
    Unsigned,
    /// This node already holds a newer record of the same key.
    #[error("a newer record of the same key is known")]
    Stale,
    /// The record is kept here, but no peer took it.
    #[error("no peer took the record: {reason}")]
    NotStored {
        /// What the query saw.
        reason: String,
    },
    /// Nothing was decided in time.
    #[error("the record query did not end within {limit:?}")]
    Timeout {
        /// How long was waited.
        limit: Duration,
    },
    /// The network is stopping.
    #[error("the network is stopping")]
    Closed,
}
