use super::*;
use crate::samples::{addr, peer};

#[test]
fn scopes_follow_the_registries() {
    for (text, scope) in [
        ("127.0.0.1", Some(Scope::Loopback)),
        ("::1", Some(Scope::Loopback)),
        ("10.1.2.3", Some(Scope::Local)),
        ("192.168.1.1", Some(Scope::Local)),
        ("172.31.0.1", Some(Scope::Local)),
        ("100.64.0.1", Some(Scope::Local)),
        ("169.254.1.1", Some(Scope::Local)),
        ("fe80::1", Some(Scope::Local)),
        ("fd00::1", Some(Scope::Local)),
        ("::ffff:10.0.0.1", Some(Scope::Local)),
        ("203.0.113.1", Some(Scope::Public)),
        ("2001:db8::1", Some(Scope::Public)),
        ("0.0.0.0", None),
        ("0.1.2.3", None),
        ("224.0.0.1", None),
        ("255.255.255.255", None),
        ("ff02::1", None),
    ] {
        assert_eq!(ip_scope(text.parse().unwrap()), scope, "{text}");
    }
}

#[test]
fn only_known_shapes_are_read() {
    let id = peer();
    let relay = peer();
    for good in [
        "/ip4/203.0.113.1/tcp/4100".to_owned(),
        "/ip6/2001:db8::1/udp/4100/quic-v1".to_owned(),
        format!("/ip4/203.0.113.1/tcp/4100/p2p/{id}"),
        format!("/ip4/203.0.113.1/udp/4100/quic-v1/p2p/{relay}/p2p-circuit"),
        format!("/ip4/203.0.113.1/udp/4100/quic-v1/p2p/{relay}/p2p-circuit/p2p/{id}"),
    ] {
        assert!(shape(&addr(&good)).is_some(), "{good}");
    }
    for bad in [
        "/ip4/203.0.113.1".to_owned(),
        "/ip4/203.0.113.1/udp/4100".to_owned(),
        "/ip4/203.0.113.1/tcp/4100/ws".to_owned(),
        "/ip4/203.0.113.1/tcp/4100/tcp/4100".to_owned(),
        "/unix/tmp".to_owned(),
        "/memory/7".to_owned(),
        format!("/p2p/{id}"),
        format!("/p2p/{relay}/p2p-circuit/p2p/{id}"),
        format!("/ip4/203.0.113.1/tcp/4100/p2p/{relay}/p2p-circuit/p2p/{id}/tcp/1"),
    ] {
        assert!(shape(&addr(&bad)).is_none(), "{bad}");
    }
}

#[test]
fn a_public_peer_cannot_name_private_places() {
    for private in ["/ip4/192.168.1.1/tcp/8080", "/ip4/127.0.0.1/tcp/8080", "/ip6/fd00::1/udp/4100/quic-v1"] {
        assert!(!is_acceptable_claim(&addr(private), Scope::Public));
        assert!(is_acceptable_claim(&addr(private), Scope::Loopback));
    }
    assert!(is_acceptable_claim(&addr("/ip4/192.168.1.1/tcp/8080"), Scope::Local));
    assert!(!is_acceptable_claim(&addr("/ip4/127.0.0.1/tcp/8080"), Scope::Local));
}

#[test]
fn low_ports_and_names_are_never_believed() {
    for bad in ["/ip4/203.0.113.1/tcp/443", "/ip4/203.0.113.1/udp/53/quic-v1", "/dns4/example.org/tcp/4100"] {
        assert!(!is_acceptable_claim(&addr(bad), Scope::Loopback), "{bad}");
    }
}

#[test]
fn lists_are_short_unique_and_keep_a_circuit() {
    let id = peer();
    let relay = peer();
    let circuit = addr(&format!("/ip4/203.0.113.9/tcp/4100/p2p/{relay}/p2p-circuit"));
    let mut claims: Vec<Multiaddr> =
        (0..500u16).map(|port| addr(&format!("/ip4/203.0.113.1/tcp/{}", 2000 + port % 60))).collect();
    claims.insert(3, circuit.clone());
    let kept = sanitize(claims, id, Scope::Public);
    assert_eq!(kept.len(), MAX_ADDRESSES_PER_PEER);
    assert_eq!(kept.last(), Some(&circuit));
    let mut unique = kept.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), kept.len());
}

#[test]
fn a_suffix_of_another_peer_is_refused() {
    let id = peer();
    let other = peer();
    let plain = addr("/ip4/203.0.113.1/tcp/4100");
    let own = plain.clone().with(Protocol::P2p(id));
    let foreign = plain.clone().with(Protocol::P2p(other));
    assert_eq!(sanitize([own, foreign], id, Scope::Public), vec![plain]);
}

proptest::proptest! {
    #[test]
    fn arbitrary_text_is_bounded(text in "[ -~\n]{0,2000}") {
        proptest::prop_assert!(fuzz_claims(&text) <= MAX_ADDRESSES_PER_PEER);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        if let Ok(address) = Multiaddr::try_from(bytes) {
            let _ = shape(&address);
            let _ = is_acceptable_claim(&address, Scope::Loopback);
        }
    }
}
