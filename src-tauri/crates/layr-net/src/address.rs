//! Which addresses this node believes, keeps and dials.
//!
//! Peers claim addresses for themselves and, in DHT answers, for others. A claim costs the claimer nothing, so it is taken
//! only in a narrow shape, few per peer, and never one that would make this node knock at a service of somebody's local
//! network on the word of a stranger.

use std::net::IpAddr;

use libp2p::multiaddr::Protocol;
use libp2p::multihash::Multihash;
use libp2p::{Multiaddr, PeerId};

/// Addresses kept per peer.
pub(crate) const MAX_ADDRESSES_PER_PEER: usize = 8;
/// Longest address in text form, bytes.
pub(crate) const MAX_ADDRESS_BYTES: usize = 256;
/// Ports below belong to services that are never a Layr node's.
const FIRST_UNPRIVILEGED_PORT: u16 = 1024;

/// How far away an address is. The order matters: what is seen at one scope may name addresses of the same or a wider one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Scope {
    /// This machine.
    Loopback,
    /// A local network: RFC 1918, shared carrier space, unique local and link-local addresses.
    Local,
    /// Everywhere.
    Public,
}

/// How an address is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Carrier {
    /// TCP with TLS or Noise.
    Tcp,
    /// QUIC version 1.
    Quic,
    /// A circuit through a relay.
    Circuit,
}

/// Scope of an IP address; `None` for those that nobody can dial (unspecified, multicast, documentation is allowed).
pub(crate) fn ip_scope(ip: IpAddr) -> Option<Scope> {
    let ip = match ip {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(IpAddr::V6(six), IpAddr::V4),
        four @ IpAddr::V4(_) => four,
    };
    if ip.is_unspecified() || ip.is_multicast() {
        return None;
    }
    let local = match ip {
        IpAddr::V4(four) => {
            let [a, b, ..] = four.octets();
            if four.is_broadcast() || a == 0 || a >= 240 {
                return None;
            }
            four.is_private() || four.is_link_local() || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(six) => {
            let [first, ..] = six.segments();
            first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80
        }
    };
    Some(if ip.is_loopback() {
        Scope::Loopback
    } else if local {
        Scope::Local
    } else {
        Scope::Public
    })
}

/// The parts of an address in the shapes that this node dials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// How it is reached.
    pub(crate) carrier: Carrier,
    /// Where the first hop is; `None` for a DNS name, which only configuration may contain.
    pub(crate) scope: Option<Scope>,
    /// Port of the first hop.
    pub(crate) port: u16,
    /// The relay, for a circuit.
    pub(crate) relay: Option<PeerId>,
}

/// Reads `host / transport [/p2p/id]` or `host / transport / p2p / relay / p2p-circuit [/p2p/id]`; everything else is `None`.
pub(crate) fn shape(address: &Multiaddr) -> Option<Shape> {
    let mut parts = address.iter().peekable();
    let scope = match parts.next()? {
        Protocol::Ip4(ip) => Some(ip_scope(IpAddr::V4(ip))?),
        Protocol::Ip6(ip) => Some(ip_scope(IpAddr::V6(ip))?),
        Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_) => None,
        _ => return None,
    };
    let (mut carrier, port) = match parts.next()? {
        Protocol::Tcp(port) => (Carrier::Tcp, port),
        Protocol::Udp(port) => {
            if parts.next()? != Protocol::QuicV1 {
                return None;
            }
            (Carrier::Quic, port)
        }
        _ => return None,
    };
    let mut relay = None;
    if let Some(Protocol::P2p(first)) = parts.peek() {
        let first = *first;
        parts.next();
        if parts.peek() == Some(&Protocol::P2pCircuit) {
            parts.next();
            carrier = Carrier::Circuit;
            relay = Some(first);
            if let Some(Protocol::P2p(_)) = parts.peek() {
                parts.next();
            }
        }
    }
    parts.next().is_none().then_some(Shape { carrier, scope, port, relay })
}

/// Whether an address that a peer claims may be kept, when that peer (or whoever names it) was seen at `seen_at`.
pub(crate) fn is_acceptable_claim(address: &Multiaddr, seen_at: Scope) -> bool {
    if address.to_string().len() > MAX_ADDRESS_BYTES {
        return false;
    }
    match shape(address) {
        Some(Shape { scope: Some(scope), port, .. }) => scope >= seen_at && port >= FIRST_UNPRIVILEGED_PORT,
        _ => false,
    }
}

/// The acceptable ones of a peer's claims, without the peer's own `/p2p/` suffix, without repetitions, at most
/// [`MAX_ADDRESSES_PER_PEER`]; direct ones first so that a flood of circuits cannot push them out.
pub(crate) fn sanitize(
    claims: impl IntoIterator<Item = Multiaddr>,
    peer: PeerId,
    seen_at: Scope,
) -> Vec<Multiaddr> {
    let mut direct: Vec<Multiaddr> = Vec::new();
    let mut circuits: Vec<Multiaddr> = Vec::new();
    // A claim list comes from one bounded message, but reading on after the list is full would only help a flooder.
    for claim in claims.into_iter().take(MAX_ADDRESSES_PER_PEER * 8) {
        let Some(claim) = without_peer(claim, peer) else {
            continue;
        };
        if !is_acceptable_claim(&claim, seen_at) {
            continue;
        }
        let list = if is_circuit(&claim) { &mut circuits } else { &mut direct };
        if list.len() < MAX_ADDRESSES_PER_PEER && !list.contains(&claim) {
            list.push(claim);
        }
    }
    // Room for one circuit stays: it is the way in when none of the direct ones works.
    if !circuits.is_empty() {
        direct.truncate(MAX_ADDRESSES_PER_PEER - 1);
    }
    direct.extend(circuits);
    direct.truncate(MAX_ADDRESSES_PER_PEER);
    direct
}

/// Removes a trailing `/p2p/<peer>`; `None` if the address ends in another peer's id.
pub(crate) fn without_peer(mut address: Multiaddr, peer: PeerId) -> Option<Multiaddr> {
    match address.iter().last() {
        Some(Protocol::P2p(id)) if id == peer => {
            address.pop();
            Some(address)
        }
        Some(Protocol::P2p(_)) => None,
        _ => Some(address),
    }
}

/// Whether the address leads through a relay.
pub(crate) fn is_circuit(address: &Multiaddr) -> bool {
    address.iter().any(|part| part == Protocol::P2pCircuit)
}

/// Scope of the first hop of an address as a transport reports it; a circuit counts by its relay.
pub(crate) fn scope_of(address: &Multiaddr) -> Option<Scope> {
    ip_of(address).and_then(ip_scope)
}

/// Whether the first hops of two addresses are one IP address.
pub(crate) fn is_same_ip(one: &Multiaddr, other: &Multiaddr) -> bool {
    ip_of(one).is_some_and(|ip| ip_of(other) == Some(ip))
}

fn ip_of(address: &Multiaddr) -> Option<IpAddr> {
    match address.iter().next()? {
        Protocol::Ip4(ip) => Some(IpAddr::V4(ip)),
        Protocol::Ip6(ip) => Some(IpAddr::V6(ip)),
        _ => None,
    }
}

/// Reads an address from outside this crate.
pub(crate) fn parse(text: &str) -> Option<Multiaddr> {
    if text.len() > MAX_ADDRESS_BYTES {
        return None;
    }
    text.parse().ok()
}

/// Reads the address of a seed or of a listener as people write it; DNS names are allowed here.
pub(crate) fn parse_configured(text: &str) -> Option<Multiaddr> {
    let address = parse(text)?;
    let listens_everywhere = matches!(
        address.iter().next(),
        Some(Protocol::Ip4(ip)) if ip.is_unspecified()
    ) || matches!(address.iter().next(), Some(Protocol::Ip6(ip)) if ip.is_unspecified());
    (listens_everywhere || shape(&address).is_some()).then_some(address)
}

/// For fuzzing: reads a text as a peer's claim and cleans it. Never panics, never returns more than the limits allow.
#[doc(hidden)]
pub fn fuzz_claims(text: &str) -> usize {
    let peer = PeerId::from_multihash(Multihash::wrap(0, &[7; 32]).unwrap_or_default());
    let Ok(peer) = peer else {
        return 0;
    };
    let claims: Vec<Multiaddr> = text.split('\n').filter_map(parse).collect();
    sanitize(claims, peer, Scope::Public).len()
}

#[cfg(test)]
mod tests;
