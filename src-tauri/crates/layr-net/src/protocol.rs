//! Names of the protocols, each carrying the network's name so that networks never mix.

use libp2p::StreamProtocol;

/// A stream protocol of ours, `/layr/<network>/<label>/<version>` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamName {
    label: &'static str,
    version: u16,
}

/// Requests about shards and the shards' bytes.
pub const SHARD: StreamName = StreamName::new("shard", 1);

impl StreamName {
    /// A protocol; `label` is lower-case ASCII without a slash.
    pub const fn new(label: &'static str, version: u16) -> Self {
        Self { label, version }
    }

    /// The name on the wire.
    pub fn on(&self, network: &str) -> String {
        format!("/layr/{network}/{}/{}", self.label, self.version)
    }
}

/// Turns a name made by this module into libp2p's type. `None` cannot happen for names with a leading slash.
pub(crate) fn stream_protocol(name: String) -> Option<StreamProtocol> {
    StreamProtocol::try_from_owned(name).ok()
}

/// The DHT's protocol.
pub(crate) fn kad_name(network: &str) -> String {
    format!("/layr/{network}/kad/1")
}

/// What identify calls the protocol family; a peer of another network shows another one.
pub(crate) fn family_name(network: &str) -> String {
    format!("/layr/{network}/id/1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_the_network() {
        assert_eq!(SHARD.on("test"), "/layr/test/shard/1");
        assert_eq!(kad_name("test"), "/layr/test/kad/1");
        assert_ne!(SHARD.on("a"), SHARD.on("b"));
    }
}
