//! Peers on the local network, as multicast DNS finds them.
//!
//! Anybody there can claim anything, so an address is believed when a handshake at it has proven the peer id. A neighbour has
//! often no address that anybody outside could confirm, so its local ones are what this node hands on to its application.

use std::collections::HashMap;

use libp2p::{Multiaddr, PeerId};

use super::Driver;
use crate::address::{self, MAX_ADDRESSES_PER_PEER, Scope};
use crate::identity;

/// Neighbours remembered.
const MAX_NEIGHBOURS: usize = 64;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Neighbours(HashMap<PeerId, Vec<Multiaddr>>);

impl Neighbours {
    /// Takes what multicast found; returns the peers with something new.
    fn learn(&mut self, found: Vec<(PeerId, Multiaddr)>) -> Vec<PeerId> {
        let mut changed = Vec::new();
        for (peer, address) in found {
            let Some(bare) = address::without_peer(address, peer) else {
                continue;
            };
            if !address::is_acceptable_claim(&bare, Scope::Local)
                || (self.0.len() >= MAX_NEIGHBOURS && !self.0.contains_key(&peer))
            {
                continue;
            }
            let known = self.0.entry(peer).or_default();
            if known.len() < MAX_ADDRESSES_PER_PEER && !known.contains(&bare) {
                known.push(bare);
                if !changed.contains(&peer) {
                    changed.push(peer);
                }
            }
        }
        changed
    }

    /// Forgets what has not been heard of for a while.
    pub(super) fn forget(&mut self, gone: &[(PeerId, Multiaddr)]) {
        for (peer, address) in gone {
            if let Some(known) = self.0.get_mut(peer) {
                let bare = address::without_peer(address.clone(), *peer);
                known.retain(|kept| Some(kept) != bare.as_ref());
                if known.is_empty() {
                    self.0.remove(peer);
                }
            }
        }
    }
}

impl Driver {
    pub(super) fn on_neighbours(&mut self, found: Vec<(PeerId, Multiaddr)>) {
        for peer in self.neighbours.learn(found) {
            let addresses = self.neighbours.0.get(&peer).cloned().unwrap_or_default();
            for address in &addresses {
                self.policy.allow(address.clone());
            }
            let connected = identity::from_libp2p(&peer).is_some_and(|peer| self.registry.is_connected(peer));
            if connected {
                self.contacts.also_at(&peer, addresses);
            } else {
                self.dial_known(peer, addresses);
            }
        }
    }

    /// Adds what is known of a directly connected peer beyond its own claims: the address that this node dialled, and those
    /// on the local network.
    pub(super) fn add_proven(&self, peer: PeerId, dialled: Option<&Multiaddr>, claims: &mut Vec<Multiaddr>) {
        let dialled = dialled
            .cloned()
            .and_then(|address| address::without_peer(address, peer))
            .filter(|address| address::is_acceptable_claim(address, self.policy.narrowest()));
        let local = self.neighbours.0.get(&peer).into_iter().flatten().cloned();
        for address in dialled.into_iter().chain(local) {
            if claims.len() < MAX_ADDRESSES_PER_PEER && !claims.contains(&address) {
                claims.push(address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{addr, peer};

    #[test]
    fn neighbours_are_grouped_bounded_and_forgotten() {
        let mut neighbours = Neighbours::default();
        let who = peer();
        let (tcp, quic) = (addr("/ip4/192.168.7.2/tcp/4100"), addr("/ip4/192.168.7.2/udp/4100/quic-v1"));
        let found = vec![
            (who, quic.clone()),
            (who, tcp.clone()),
            (who, addr("/ip4/127.0.0.1/tcp/4100")),
            (who, addr("/ip4/192.168.7.2/tcp/80")),
        ];
        assert_eq!(neighbours.learn(found.clone()), [who]);
        assert_eq!(neighbours.0[&who], [quic.clone(), tcp.clone()]);
        assert!(neighbours.learn(found).is_empty(), "nothing new");
        neighbours.forget(&[(who, quic), (who, tcp)]);
        assert!(neighbours.0.is_empty());
        let crowd = (0..500).map(|_| (peer(), addr("/ip4/192.168.7.9/tcp/4100"))).collect();
        neighbours.learn(crowd);
        assert_eq!(neighbours.0.len(), MAX_NEIGHBOURS);
    }
}
