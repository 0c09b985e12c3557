//! What a network is started with: identity, role, addresses, limits.

use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::protocol::StreamName;

/// What a node does for the network besides its own work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// An ordinary node.
    Node,
    /// A public node that others bootstrap from. It relays, answers reachability probes and always serves the DHT.
    Seed,
}

/// Bounds on what peers can make this node hold or do.
///
/// Every figure is a ceiling for hostile peers, not a target; the defaults fit a home computer that stores on eighty hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Inbound connections whose handshake is not finished.
    pub pending_inbound: u32,
    /// Dials in flight.
    pub pending_outbound: u32,
    /// From a connection's first packet to a proven identity; who is silent longer loses the place. Below the 10 s that a
    /// reachability probe waits, so that a dial into a silent NAT is an answer and not a lost probe.
    pub handshake: Duration,
    /// Established inbound connections.
    pub established_inbound: u32,
    /// Established outbound connections.
    pub established_outbound: u32,
    /// Connections with one peer: a relayed and a direct one must fit, and both sides may dial at the same time.
    pub connections_per_peer: u32,
    /// Streams that this node opens to one peer at a time; further opens wait.
    pub streams_out_per_peer: usize,
    /// Streams that one peer may have open to this node; further ones are reset. Twice the outgoing figure, because the
    /// opener counts a stream as gone before the other side has read its end.
    pub streams_in_per_peer: usize,
    /// Share of the machine's memory, in percent, beyond which no new connection is accepted.
    pub memory_percent: u8,
    /// Records of others that this node keeps.
    pub records: usize,
    /// Bytes of these records.
    pub record_bytes: usize,
    /// What a seed grants to those who cannot be reached otherwise.
    pub relay: RelayLimits,
}

/// Bounds on relaying, which only seeds do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayLimits {
    /// Peers that may be reached through this relay at a time.
    pub reservations: usize,
    /// Circuits at a time.
    pub circuits: usize,
    /// Circuits at a time that one peer may start.
    pub circuits_per_peer: usize,
    /// Seconds after which a circuit is cut.
    pub circuit_seconds: u32,
    /// Bytes after which a circuit is cut. Relays carry control messages and hole punching, never shards.
    pub circuit_bytes: u64,
    /// Circuits an hour that one address may start.
    pub circuits_per_ip_hour: u32,
}

impl Default for RelayLimits {
    fn default() -> Self {
        Self {
            reservations: 1024,
            circuits: 512,
            circuits_per_peer: 16,
            circuit_seconds: 120,
            circuit_bytes: 1024 * 1024,
            circuits_per_ip_hour: 1200,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pending_inbound: 64,
            pending_outbound: 64,
            handshake: Duration::from_secs(8),
            established_inbound: 512,
            established_outbound: 512,
            connections_per_peer: 4,
            streams_out_per_peer: 64,
            streams_in_per_peer: 128,
            memory_percent: 90,
            records: 4096,
            record_bytes: 8 * 1024 * 1024,
            relay: RelayLimits::default(),
        }
    }
}

impl Limits {
    /// The defaults of a seed: many idle connections, few bytes on each.
    pub fn seed() -> Self {
        Self {
            pending_inbound: 256,
            established_inbound: 8192,
            established_outbound: 2048,
            ..Self::default()
        }
    }
}

/// Everything [`Net::start`](crate::Net::start) needs.
pub struct NetConfig {
    /// The device's Ed25519 secret key; its public half is the peer id.
    pub device_secret: Zeroizing<[u8; 32]>,
    /// Name of the network, 1–32 characters of `[a-z0-9-]`. Networks of different names never mix: every protocol carries it.
    pub network: String,
    /// What this node does for others.
    pub role: Role,
    /// Multiaddresses to listen on; port 0 lets the system choose.
    pub listen: Vec<String>,
    /// Multiaddresses of seeds, with or without `/p2p/…`.
    pub bootstrap: Vec<String>,
    /// Stream protocols that this node serves; empty for a node that only asks.
    pub accept: Vec<StreamName>,
    /// Find peers on the local network by multicast DNS.
    pub enable_mdns: bool,
    /// Ask the router for a port mapping.
    pub enable_upnp: bool,
    /// Take every listening address as reachable without a probe: public servers, loopback and lab networks.
    pub assume_reachable: bool,
    /// Directory where records and known peers survive a restart; `None` keeps them in memory.
    pub state_dir: Option<PathBuf>,
    /// Bounds.
    pub limits: Limits,
}

impl std::fmt::Debug for NetConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NetConfig")
            .field("network", &self.network)
            .field("role", &self.role)
            .field("listen", &self.listen)
            .field("bootstrap", &self.bootstrap)
            .field("accept", &self.accept)
            .field("assume_reachable", &self.assume_reachable)
            .field("state_dir", &self.state_dir)
            .finish_non_exhaustive()
    }
}

/// Longest network name.
pub(crate) const MAX_NETWORK_NAME_BYTES: usize = 32;

/// Whether `name` can be part of every protocol name.
pub fn is_network_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_NETWORK_NAME_BYTES
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_names_are_protocol_safe() {
        for good in ["test", "a", "public-1", &"x".repeat(32)] {
            assert!(is_network_name(good), "{good}");
        }
        for bad in ["", "Test", "a/b", "a b", "ä", &"x".repeat(33)] {
            assert!(!is_network_name(bad), "{bad}");
        }
    }

    #[test]
    fn the_secret_is_not_in_the_debug_text() {
        let config = NetConfig {
            device_secret: Zeroizing::new([7; 32]),
            network: "test".into(),
            role: Role::Node,
            listen: vec![],
            bootstrap: vec![],
            accept: vec![],
            enable_mdns: false,
            enable_upnp: false,
            assume_reachable: true,
            state_dir: None,
            limits: Limits::default(),
        };
        assert!(!format!("{config:?}").contains("7, 7"));
    }
}
