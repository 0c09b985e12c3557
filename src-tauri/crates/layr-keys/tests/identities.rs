//! Peer ids and owner ids as texts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

use layr_keys::{DeviceKey, IdError, OwnerId, OwnerKeys, PeerId, RecoveryPhrase};
use proptest::prelude::*;

/// Public keys and the peer ids that libp2p gives them; the first pair is from the libp2p specification.
const PEER_IDS: [(&str, &str); 2] = [
    (
        "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e",
        "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq",
    ),
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV",
    ),
];

#[test]
fn a_peer_id_is_libp2ps() {
    for (key, text) in PEER_IDS {
        let peer = PeerId::from_bytes(hex::decode(key).unwrap().try_into().unwrap());
        assert_eq!(peer.to_string(), text);
        assert_eq!(text.parse(), Ok(peer));
        assert_eq!(bs58::decode(text).into_vec().unwrap(), peer.to_multihash());
    }
}

#[test]
fn a_device_has_the_public_key_of_rfc_8032() {
    let secret = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
    let device = DeviceKey::from_bytes(&secret.try_into().unwrap());
    assert_eq!(device.peer_id().to_string(), PEER_IDS[1].1);
    assert_eq!(DeviceKey::from_bytes(&device.to_bytes()).peer_id(), device.peer_id());
    assert_eq!(format!("{device:?}"), format!("DeviceKey({}, secret hidden)", device.peer_id()));
}

#[test]
fn new_devices_differ() {
    assert_ne!(DeviceKey::generate().unwrap().peer_id(), DeviceKey::generate().unwrap().peer_id());
}

#[test]
fn other_texts_are_no_peer_ids() {
    let (_, text) = PEER_IDS[0];
    let mut rsa = vec![0x12, 0x20];
    rsa.extend([7; 32]);
    let mut secp256k1 = vec![0x00, 0x24, 0x08, 0x02, 0x12, 0x20];
    secp256k1.extend([7; 32]);
    let shorter = bs58::encode(&bs58::decode(text).into_vec().unwrap()[..37]).into_string();
    let others = [
        String::new(),
        text[1..].to_owned(),
        format!("{text}1"),
        format!("1{text}"),
        format!(" {text}"),
        text.replace('D', "0"),
        bs58::encode(rsa).into_string(),
        bs58::encode(secp256k1).into_string(),
        shorter,
        "1".repeat(52),
        "z".repeat(52),
        "1".repeat(1_000_000),
    ];
    for other in others {
        assert_eq!(other.parse::<PeerId>(), Err(IdError::PeerId), "{}", &other[..other.len().min(60)]);
    }
}

#[test]
fn an_owner_id_is_lower_case_hexadecimal() {
    let owner = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&[1; 32])).owner_id();
    let text = owner.to_string();
    assert_eq!(text, hex::encode(owner.as_bytes()));
    assert_eq!(text.parse(), Ok(owner));
    for other in ["", &text[1..], &text.to_uppercase(), &format!("{text}00"), &text.replace(&text[..1], "g")]
    {
        assert_eq!(other.parse::<OwnerId>(), Err(IdError::OwnerId), "{other}");
    }
}

proptest! {
    #[test]
    fn every_key_reads_back(key: [u8; 32]) {
        prop_assert_eq!(PeerId::from_bytes(key).to_string().parse(), Ok(PeerId::from_bytes(key)));
        prop_assert_eq!(OwnerId::from_bytes(key).to_string().parse(), Ok(OwnerId::from_bytes(key)));
    }

    #[test]
    fn no_text_is_too_strange(text in "[1-9A-Za-z]{0,60}|\\PC{0,80}") {
        if let Ok(peer) = text.parse::<PeerId>() {
            prop_assert_eq!(peer.to_string(), text);
        } else if let Ok(owner) = text.parse::<OwnerId>() {
            prop_assert_eq!(owner.to_string(), text);
        }
    }
}
