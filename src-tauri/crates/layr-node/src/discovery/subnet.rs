//! Which network a host's addresses lie in: hosts of one network often stand in one room, or belong to one operator.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A network of public addresses, as large as one customer commonly gets: /24 of IPv4, /48 of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subnet {
    /// The first three bytes.
    V4([u8; 3]),
    /// The first three words of 16 bits.
    V6([u16; 3]),
}

/// Where a host says that it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Location {
    /// The networks of its addresses.
    pub subnets: BTreeSet<Subnet>,
    /// Whether they may be believed: it names no more than one of either kind, and one at all unless its addresses are private.
    /// Who names those of others would push them aside, and who names none, or hides behind a name, would be bound by nothing.
    pub is_plain: bool,
}

/// Where these multiaddresses lie. Private and local addresses are in no network, as everybody has the same ones; nor are
/// addresses of relays.
pub fn location_of(addresses: &[String]) -> Location {
    let direct = || addresses.iter().filter(|address| !address.contains("/p2p-circuit"));
    let subnets: BTreeSet<Subnet> = direct().filter_map(|address| subnet_of(address)).collect();
    let v4 = subnets.iter().filter(|subnet| matches!(subnet, Subnet::V4(_))).count();
    let has_name = direct().any(|address| address.starts_with("/dns"));
    let is_plain = v4 <= 1 && subnets.len() - v4 <= 1 && !(has_name && subnets.is_empty());
    if is_plain { Location { subnets, is_plain } } else { Location::default() }
}

fn subnet_of(address: &str) -> Option<Subnet> {
    let mut parts = address.split('/').skip(1);
    match parts.next()? {
        "ip4" => {
            let address: Ipv4Addr = parts.next()?.parse().ok()?;
            let [a, b, c, _] = address.octets();
            is_public_v4(address).then_some(Subnet::V4([a, b, c]))
        }
        "ip6" => {
            let address: Ipv6Addr = parts.next()?.parse().ok()?;
            if let Some(mapped) = address.to_ipv4_mapped() {
                let [a, b, c, _] = mapped.octets();
                return is_public_v4(mapped).then_some(Subnet::V4([a, b, c]));
            }
            let [first, second, third, ..] = address.segments();
            // Global unicast (RFC 4291): everything that is routed today.
            (first & 0xe000 == 0x2000).then_some(Subnet::V6([first, second, third]))
        }
        _ => None,
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    // Addresses that providers share among customers (RFC 6598).
    let is_shared = a == 100 && b & 0xc0 == 64;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || is_shared)
}

#[cfg(test)]
mod tests {
    use super::{Location, Subnet, location_of};

    fn subnets(addresses: &[&str]) -> Vec<Subnet> {
        let addresses: Vec<String> = addresses.iter().map(|address| (*address).to_owned()).collect();
        location_of(&addresses).subnets.into_iter().collect()
    }

    #[test]
    fn public_addresses_lie_in_a_network_and_others_in_none() {
        assert_eq!(
            subnets(&["/ip4/203.0.113.7/udp/4001/quic-v1", "/ip4/203.0.113.200/tcp/4001"]),
            [Subnet::V4([203, 0, 113])]
        );
        assert_eq!(subnets(&["/ip6/2001:db8:1:2::3/udp/4001/quic-v1"]), [Subnet::V6([0x2001, 0x0db8, 1])]);
        assert_eq!(subnets(&["/ip6/::ffff:203.0.113.7/tcp/1"]), [Subnet::V4([203, 0, 113])]);
        let none = [
            "/ip4/192.168.1.2/tcp/1",
            "/ip4/127.0.0.1/tcp/1",
            "/ip4/100.64.0.1/tcp/1",
            "/ip4/169.254.1.1/tcp/1",
            "/ip6/::1/tcp/1",
            "/ip6/fd00::1/tcp/1",
            "/ip6/fe80::1/tcp/1",
            "/dns4/host.example/tcp/1",
            "/ip4/203.0.113.7/tcp/4001/p2p/12D3KooW/p2p-circuit",
            "/ip4/203.0.113/tcp/1",
            "/ip4",
            "ip4/203.0.113.7",
            "",
        ];
        assert!(subnets(&none).is_empty(), "{:?}", subnets(&none));
    }

    #[test]
    fn who_names_several_networks_or_only_a_name_is_not_believed() {
        let at = |addresses: &[&str]| {
            location_of(&addresses.iter().map(|address| (*address).to_owned()).collect::<Vec<_>>())
        };
        let both = at(&[
            "/ip4/203.0.113.7/tcp/1",
            "/ip6/2001:db8:1::3/tcp/1",
            "/ip4/192.168.1.2/tcp/1",
            "/dns4/a.b/tcp/1",
        ]);
        assert!(both.is_plain && both.subnets.len() == 2);
        let nothing = Location { is_plain: true, ..Location::default() };
        assert_eq!(at(&["/ip4/192.168.1.2/tcp/1"]), nothing, "a network of one's own");
        let doubtful = [
            at(&["/ip4/203.0.113.7/tcp/1", "/ip4/198.51.100.7/tcp/1"]),
            at(&["/ip6/2001:db8:1::3/tcp/1", "/ip6/2001:db8:2::3/tcp/1"]),
            at(&["/dns4/host.example/tcp/1"]),
        ];
        assert!(doubtful.iter().all(|location| *location == Location::default()));
    }
}
