//! What tests of several modules name peers and addresses by.

use libp2p::identity::Keypair;
use libp2p::{Multiaddr, PeerId};

/// Somebody whom nobody has met.
pub(crate) fn peer() -> PeerId {
    Keypair::generate_ed25519().public().to_peer_id()
}

/// The address that a text says.
pub(crate) fn addr(text: &str) -> Multiaddr {
    text.parse().unwrap()
}
