//! Between our peer ids (a bare Ed25519 key) and libp2p's (a multihash of the encoded key).

use layr_keys::PeerId;
use libp2p::identity::Keypair;

/// A device key as libp2p holds it.
pub(crate) fn keypair(secret: &[u8; 32]) -> Option<Keypair> {
    let mut copy = *secret;
    // The callee wipes the copy.
    Keypair::ed25519_from_bytes(&mut copy).ok()
}

/// Ours to libp2p's. `None` only for bytes that are no point of the curve, which no proven identity has.
pub(crate) fn to_libp2p(peer: PeerId) -> Option<libp2p::PeerId> {
    libp2p::PeerId::from_bytes(&peer.to_multihash()).ok()
}

/// libp2p's to ours; `None` for keys that are not Ed25519, which this network does not use.
pub(crate) fn from_libp2p(peer: &libp2p::PeerId) -> Option<PeerId> {
    const PREFIX: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];
    let bytes = peer.to_bytes();
    let key: [u8; 32] = bytes.strip_prefix(&PREFIX)?.try_into().ok()?;
    Some(PeerId::from_bytes(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_map_both_ways_and_spell_alike() {
        let keypair = keypair(&[9; 32]).unwrap();
        let theirs = keypair.public().to_peer_id();
        let ours = from_libp2p(&theirs).unwrap();
        assert_eq!(to_libp2p(ours), Some(theirs));
        assert_eq!(ours.to_string(), theirs.to_string());
        assert_eq!(ours, layr_keys::DeviceKey::from_bytes(&[9; 32]).peer_id());
    }

    #[test]
    fn other_key_types_are_refused() {
        let hashed =
            libp2p::PeerId::from_multihash(libp2p::multihash::Multihash::wrap(0x12, &[1; 32]).unwrap())
                .unwrap();
        assert_eq!(from_libp2p(&hashed), None);
    }
}
