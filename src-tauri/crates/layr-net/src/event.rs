//! What the network tells: events as they happen, and the state at a moment.

use layr_keys::PeerId;

/// How other peers can reach this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reachability {
    /// Confirmed: a peer dialled us back.
    Public,
    /// Refuted: peers tried and failed.
    Private,
    /// Nobody has tried yet.
    #[default]
    Unknown,
}

/// Something happened. Events are for showing and logging; a slow reader loses the oldest.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetEvent {
    /// A listening address is open.
    Listening {
        /// With `/p2p/`.
        address: String,
    },
    /// A connection is established; a peer may have several.
    Connected {
        /// Who.
        peer: PeerId,
        /// The address at the other end.
        address: String,
        /// Whether it runs through a relay.
        relayed: bool,
        /// Whether this node dialled.
        outbound: bool,
    },
    /// A connection is gone; others with the same peer may live on.
    ConnectionClosed {
        /// Who.
        peer: PeerId,
        /// Whether it ran through a relay.
        relayed: bool,
    },
    /// The last connection with a peer is gone.
    Disconnected {
        /// Who.
        peer: PeerId,
    },
    /// A peer told which protocols it speaks and where it can be reached.
    Identified {
        /// Who.
        peer: PeerId,
    },
    /// A relay keeps a place for us.
    Reserved {
        /// The relay.
        relay: PeerId,
    },
    /// Hole punching with a peer was given up; only the relay leads there.
    PunchFailed {
        /// Who.
        peer: PeerId,
        /// What was seen.
        reason: String,
    },
    /// How we can be reached changed.
    Reachability(Reachability),
    /// An external address is confirmed.
    ExternalAddress {
        /// Without `/p2p/`.
        address: String,
    },
}

/// The network's state at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetStatus {
    /// This node.
    pub peer_id: PeerId,
    /// Listening addresses with `/p2p/`, ready to be given to another node.
    pub listening: Vec<String>,
    /// Confirmed external addresses, circuits included, with `/p2p/`.
    pub external: Vec<String>,
    /// How others reach us.
    pub reachability: Reachability,
    /// Peers with a connection.
    pub connected_peers: usize,
    /// Peers in the DHT's routing table.
    pub routing_peers: usize,
    /// Records kept for the network.
    pub records: usize,
    /// Relays that keep a place for us.
    pub relays: Vec<PeerId>,
    /// Bytes received on streams since the start.
    pub bytes_in: u64,
    /// Bytes sent on streams since the start.
    pub bytes_out: u64,
    /// Inbound streams that were reset because they came faster than they were taken.
    pub streams_dropped: u64,
}
