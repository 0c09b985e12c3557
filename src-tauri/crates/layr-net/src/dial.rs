//! Who is dialled where, in which order, and what is never dialled.
//!
//! libp2p starts a dial by asking every behaviour for addresses and then handing each address to the transport, all within
//! one call. [`DialPolicy`] is shared by the two ends: the routing table ([`crate::routing`]) writes the order of the dial
//! that is being started, [`guard::Guard`] around the transport refuses what no claim may make us dial and delays each
//! address by its place. The first address that completes a handshake wins and libp2p drops the other attempts.

pub(crate) mod guard;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use parking_lot::Mutex;

use crate::address::{self, Carrier, Scope};

/// Head start of each way over the next dearer one.
const STAGGER: Duration = Duration::from_millis(300);
/// Addresses exempt from the rules for claims: seeds, neighbours on the local network, peers of an earlier run.
const MAX_ALLOWED: usize = 4096;

/// The order in which one peer's addresses are tried: delay per address.
///
/// Publicly reachable peers take TCP first: TLS over TCP costs about 0.6 of QUIC's CPU per byte. A peer that also names a
/// circuit sits behind a NAT, where QUIC's UDP mapping is the one that works. Circuits come last: they carry no bulk data.
pub(crate) fn order(addresses: &[Multiaddr]) -> Vec<(Multiaddr, Duration)> {
    let shaped: Vec<(Carrier, &Multiaddr)> = addresses
        .iter()
        .filter_map(|address| address::shape(address).map(|shape| (shape.carrier, address)))
        .collect();
    let behind_nat = shaped.iter().any(|(carrier, _)| *carrier == Carrier::Circuit);
    let preference = if behind_nat {
        [Carrier::Quic, Carrier::Tcp, Carrier::Circuit]
    } else {
        [Carrier::Tcp, Carrier::Quic, Carrier::Circuit]
    };
    let mut plan = Vec::with_capacity(shaped.len());
    let mut delay = Duration::ZERO;
    for wanted in preference {
        let before = plan.len();
        plan.extend(
            shaped
                .iter()
                .filter(|(carrier, _)| *carrier == wanted)
                .map(|(_, address)| ((*address).clone(), delay)),
        );
        if plan.len() > before {
            delay += STAGGER;
        }
    }
    plan
}

/// State shared between the routing table and the transport.
#[derive(Debug, Clone)]
pub(crate) struct DialPolicy {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// What the person configured: exempt from the rules for claims.
    configured: HashSet<Multiaddr>,
    /// The narrowest scope at which this node has met its network. Claims of narrower scopes are not dialled.
    narrowest: Scope,
    /// Delays of the dial that is being started.
    plan: HashMap<Multiaddr, Duration>,
}

impl DialPolicy {
    /// A policy for a node with these configured seeds.
    pub(crate) fn new(configured: impl IntoIterator<Item = Multiaddr>) -> Self {
        let configured: HashSet<Multiaddr> = configured.into_iter().map(strip_peer).collect();
        let narrowest = configured.iter().filter_map(address::scope_of).min().unwrap_or(Scope::Public);
        Self { state: Arc::new(Mutex::new(State { configured, narrowest, plan: HashMap::new() })) }
    }

    /// Lets one more address through that this node has a reason of its own to dial; bounded, later ones are left out.
    pub(crate) fn allow(&self, address: Multiaddr) {
        let mut state = self.state.lock();
        if state.configured.len() < MAX_ALLOWED {
            state.configured.insert(strip_peer(address));
        }
    }

    /// A peer of this network was met at `scope`: addresses of that scope make sense from here on.
    pub(crate) fn met_at(&self, scope: Scope) {
        let mut state = self.state.lock();
        state.narrowest = state.narrowest.min(scope);
    }

    /// The narrowest scope at which this node has met its network.
    pub(crate) fn narrowest(&self) -> Scope {
        self.state.lock().narrowest
    }

    /// Sets the order of the dial that is being started.
    pub(crate) fn set_plan(&self, plan: impl IntoIterator<Item = (Multiaddr, Duration)>) {
        let mut state = self.state.lock();
        state.plan.clear();
        state.plan.extend(plan.into_iter().map(|(address, delay)| (strip_peer(address), delay)));
    }

    /// The delay before `address` is dialled; `None` if it must not be dialled at all.
    fn admit(&self, address: &Multiaddr) -> Option<Duration> {
        let stripped = strip_peer(address.clone());
        let state = self.state.lock();
        if !state.configured.contains(&stripped)
            && !address::is_acceptable_claim(address, state.narrowest)
            && !state.is_configured_relay(address)
        {
            return None;
        }
        Some(state.plan.get(&stripped).copied().unwrap_or_default())
    }
}

impl State {
    /// A circuit through a seed that is configured by name or with a low port is as good as the seed itself.
    fn is_configured_relay(&self, address: &Multiaddr) -> bool {
        if !address::is_circuit(address) {
            return false;
        }
        let relay: Multiaddr = address.iter().take_while(|part| *part != Protocol::P2pCircuit).collect();
        self.configured.contains(&strip_peer(relay))
    }
}

fn strip_peer(mut address: Multiaddr) -> Multiaddr {
    if let Some(Protocol::P2p(_)) = address.iter().last() {
        address.pop();
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{addr, peer};

    fn kinds(plan: &[(Multiaddr, Duration)]) -> Vec<(Carrier, u128)> {
        plan.iter().map(|(a, d)| (address::shape(a).unwrap().carrier, d.as_millis())).collect()
    }

    #[test]
    fn public_peers_are_dialled_tcp_first() {
        let plan = order(&[addr("/ip4/203.0.113.1/udp/4100/quic-v1"), addr("/ip4/203.0.113.1/tcp/4100")]);
        assert_eq!(kinds(&plan), [(Carrier::Tcp, 0), (Carrier::Quic, 300)]);
    }

    #[test]
    fn peers_behind_a_nat_are_dialled_quic_first_and_circuits_last() {
        let circuit = addr(&format!("/ip4/203.0.113.9/tcp/4100/p2p/{}/p2p-circuit", peer()));
        let plan =
            order(&[circuit, addr("/ip4/203.0.113.1/tcp/4100"), addr("/ip4/203.0.113.1/udp/4100/quic-v1")]);
        assert_eq!(kinds(&plan), [(Carrier::Quic, 0), (Carrier::Tcp, 300), (Carrier::Circuit, 600)]);
    }

    #[test]
    fn a_lone_way_is_not_delayed() {
        let plan = order(&[addr("/ip4/203.0.113.1/udp/4100/quic-v1")]);
        assert_eq!(kinds(&plan), [(Carrier::Quic, 0)]);
    }

    #[test]
    fn strangers_claims_do_not_reach_into_local_networks() {
        let policy = DialPolicy::new([addr("/ip4/203.0.113.1/tcp/443")]);
        assert!(policy.admit(&addr("/ip4/203.0.113.1/tcp/443")).is_some());
        assert!(policy.admit(&addr("/ip4/203.0.113.2/tcp/443")).is_none());
        assert!(policy.admit(&addr("/ip4/203.0.113.2/tcp/4100")).is_some());
        assert!(policy.admit(&addr("/ip4/192.168.1.1/tcp/4100")).is_none());
        policy.met_at(Scope::Local);
        assert!(policy.admit(&addr("/ip4/192.168.1.1/tcp/4100")).is_some());
        assert!(policy.admit(&addr("/ip4/127.0.0.1/tcp/4100")).is_none());
    }

    #[test]
    fn circuits_through_a_configured_seed_are_admitted() {
        let relay = peer();
        let seed = addr(&format!("/dns4/seed.example/tcp/443/p2p/{relay}"));
        let policy = DialPolicy::new([seed.clone()]);
        let circuit = seed.with(Protocol::P2pCircuit).with(Protocol::P2p(peer()));
        assert!(policy.admit(&circuit).is_some());
        let other = addr(&format!("/dns4/other.example/tcp/443/p2p/{relay}/p2p-circuit"));
        assert!(policy.admit(&other).is_none());
    }

    #[test]
    fn the_plan_of_one_dial_does_not_leak_into_the_next() {
        let policy = DialPolicy::new([addr("/ip4/127.0.0.1/tcp/4100")]);
        let quic = addr("/ip4/127.0.0.1/udp/4100/quic-v1");
        policy.set_plan([(quic.clone(), STAGGER)]);
        assert_eq!(policy.admit(&quic), Some(STAGGER));
        policy.set_plan([]);
        assert_eq!(policy.admit(&quic), Some(Duration::ZERO));
    }
}
