//! The peers that this node has met: where they are and what they speak. Bounded; a part survives restarts, so that a
//! network is found again when its seeds are gone.

use std::collections::{BTreeMap, HashMap};

use layr_keys::PeerId;
use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, StreamProtocol};
use rand::seq::SliceRandom as _;

use crate::address::{self, MAX_ADDRESSES_PER_PEER};
use crate::identity;

/// Peers remembered.
const MAX_CONTACTS: usize = 4096;
/// Peers written to disk: enough to find a network again, few enough to write often.
const MAX_SAVED: usize = 256;
/// Protocols of ours remembered per peer.
const MAX_PROTOCOLS: usize = 16;

/// A peer that discovery found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerContact {
    /// Who.
    pub peer: PeerId,
    /// Multiaddresses without `/p2p/`, at most eight.
    pub addresses: Vec<String>,
    /// Whether it names only circuits and no direct connection with it has come about; such a peer gets no shards unless
    /// a hole punch succeeds.
    pub relayed_only: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Contacts {
    known: HashMap<libp2p::PeerId, Contact>,
    clock: u64,
    changed: bool,
}

#[derive(Debug, Default)]
struct Contact {
    addresses: Vec<Multiaddr>,
    protocols: Vec<StreamProtocol>,
    /// Has identified itself in this run and not failed since.
    alive: bool,
    direct: bool,
    met: u64,
}

impl Contacts {
    /// A peer identified itself over a connection.
    pub(crate) fn learn(
        &mut self,
        peer: libp2p::PeerId,
        addresses: Vec<Multiaddr>,
        protocols: impl IntoIterator<Item = StreamProtocol>,
        direct: bool,
    ) {
        self.clock += 1;
        let clock = self.clock;
        if !self.known.contains_key(&peer) && self.known.len() >= MAX_CONTACTS {
            self.evict();
        }
        let contact = self.known.entry(peer).or_default();
        if !addresses.is_empty() {
            self.changed |= contact.addresses != addresses;
            contact.addresses = addresses;
        }
        contact.protocols = protocols
            .into_iter()
            .filter(|protocol| protocol.as_ref().starts_with("/layr/"))
            .take(MAX_PROTOCOLS)
            .collect();
        contact.alive = true;
        contact.direct |= direct;
        contact.met = clock;
    }

    /// A known peer can be reached at these addresses as well.
    pub(crate) fn also_at(&mut self, peer: &libp2p::PeerId, addresses: Vec<Multiaddr>) {
        if let Some(contact) = self.known.get_mut(peer) {
            for address in addresses {
                if contact.addresses.len() < MAX_ADDRESSES_PER_PEER && !contact.addresses.contains(&address) {
                    contact.addresses.push(address);
                    self.changed = true;
                }
            }
        }
    }

    /// A direct connection with a known peer came about.
    pub(crate) fn reached_directly(&mut self, peer: &libp2p::PeerId) {
        if let Some(contact) = self.known.get_mut(peer) {
            contact.direct = true;
        }
    }

    /// The peer could not be reached where it said.
    pub(crate) fn failed(&mut self, peer: &libp2p::PeerId) {
        if let Some(contact) = self.known.get_mut(peer) {
            contact.alive = false;
            contact.direct = false;
        }
    }

    /// Where the peer can be reached.
    pub(crate) fn addresses(&self, peer: &libp2p::PeerId) -> Vec<Multiaddr> {
        self.known.get(peer).map(|contact| contact.addresses.clone()).unwrap_or_default()
    }

    /// Up to `count` living peers that speak `protocol` and say where they can be reached, in random order.
    pub(crate) fn sample(&self, protocol: &StreamProtocol, count: usize) -> Vec<PeerContact> {
        let mut found: Vec<_> = self
            .known
            .iter()
            .filter(|(_, contact)| {
                contact.alive && !contact.addresses.is_empty() && contact.protocols.contains(protocol)
            })
            .collect();
        found.shuffle(&mut rand::rng());
        found
            .into_iter()
            .filter_map(|(peer, contact)| {
                Some(PeerContact {
                    peer: identity::from_libp2p(peer)?,
                    addresses: contact.addresses.iter().map(Multiaddr::to_string).collect(),
                    relayed_only: !contact.direct && contact.addresses.iter().all(address::is_circuit),
                })
            })
            .take(count)
            .collect()
    }

    /// The one that failed goes first, then the one that was met longest ago.
    fn evict(&mut self) {
        let oldest =
            self.known.iter().min_by_key(|(_, contact)| (contact.alive, contact.met)).map(|(peer, _)| *peer);
        if let Some(peer) = oldest {
            self.known.remove(&peer);
        }
    }

    /// What to save, if anything changed: one full address a line, most recently met first.
    pub(crate) fn take_changes(&mut self) -> Option<String> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let mut saved: Vec<_> = self
            .known
            .iter()
            .filter(|(_, contact)| contact.addresses.iter().any(|address| !address::is_circuit(address)))
            .collect();
        saved.sort_by_key(|(_, contact)| std::cmp::Reverse((contact.alive, contact.met)));
        let mut text = String::new();
        for (peer, contact) in saved.into_iter().take(MAX_SAVED) {
            for address in contact.addresses.iter().filter(|address| !address::is_circuit(address)) {
                text.push_str(&address.clone().with(Protocol::P2p(*peer)).to_string());
                text.push('\n');
            }
        }
        Some(text)
    }
}

/// Reads the file of known peers back: at most [`MAX_SAVED`] peers with a few addresses each; other lines are skipped.
pub(crate) fn read_saved(text: &str) -> BTreeMap<libp2p::PeerId, Vec<Multiaddr>> {
    let mut peers: BTreeMap<libp2p::PeerId, Vec<Multiaddr>> = BTreeMap::new();
    for line in text.lines().take(MAX_SAVED * MAX_ADDRESSES_PER_PEER) {
        let Some(address) = address::parse(line) else {
            continue;
        };
        let Some(Protocol::P2p(peer)) = address.iter().last() else {
            continue;
        };
        let Some(bare) = address::without_peer(address, peer) else {
            continue;
        };
        if address::shape(&bare).is_none() || (peers.len() >= MAX_SAVED && !peers.contains_key(&peer)) {
            continue;
        }
        let list = peers.entry(peer).or_default();
        if list.len() < MAX_ADDRESSES_PER_PEER {
            list.push(bare);
        }
    }
    peers
}

/// For fuzzing: reads any text as the file of known peers.
#[doc(hidden)]
pub fn fuzz_saved(text: &str) -> usize {
    read_saved(text).len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{addr, peer};

    const SHARD: StreamProtocol = StreamProtocol::new("/layr/test/shard/1");

    #[test]
    fn only_living_peers_that_speak_the_protocol_are_sampled() {
        let mut contacts = Contacts::default();
        let (host, seed, gone, nowhere) = (peer(), peer(), peer(), peer());
        let at = || vec![addr("/ip4/203.0.113.1/tcp/4100")];
        contacts.learn(host, at(), [SHARD], true);
        contacts.learn(seed, at(), [StreamProtocol::new("/layr/test/kad/1")], true);
        contacts.learn(gone, at(), [SHARD], true);
        contacts.learn(nowhere, vec![], [SHARD], true);
        contacts.failed(&gone);
        let found = contacts.sample(&SHARD, 10);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].peer.to_string(), host.to_string());
        contacts.learn(gone, vec![], [SHARD], true);
        assert_eq!(contacts.sample(&SHARD, 10).len(), 2, "back again, address remembered");
        assert_eq!(contacts.sample(&SHARD, 1).len(), 1);
    }

    #[test]
    fn a_peer_with_circuits_only_is_marked_until_it_was_reached() {
        let mut contacts = Contacts::default();
        let host = peer();
        let circuit = addr(&format!("/ip4/203.0.113.9/tcp/4100/p2p/{}/p2p-circuit", peer()));
        contacts.learn(host, vec![circuit], [SHARD], false);
        assert!(contacts.sample(&SHARD, 1)[0].relayed_only);
        contacts.reached_directly(&host);
        assert!(!contacts.sample(&SHARD, 1)[0].relayed_only);
        contacts.failed(&host);
        assert!(contacts.sample(&SHARD, 1).is_empty());
    }

    #[test]
    fn the_book_is_bounded_and_forgets_the_dead_first() {
        let mut contacts = Contacts::default();
        let first = peer();
        contacts.learn(first, vec![addr("/ip4/203.0.113.1/tcp/4100")], [SHARD], true);
        let dead = peer();
        contacts.learn(dead, vec![addr("/ip4/203.0.113.1/tcp/4100")], [SHARD], true);
        contacts.failed(&dead);
        for _ in 0..MAX_CONTACTS - 1 {
            contacts.learn(peer(), vec![], [], true);
        }
        assert_eq!(contacts.known.len(), MAX_CONTACTS);
        assert!(contacts.known.contains_key(&first));
        assert!(!contacts.known.contains_key(&dead));
    }

    #[test]
    fn saved_peers_come_back_without_circuits() {
        let mut contacts = Contacts::default();
        let host = peer();
        let direct = addr("/ip4/203.0.113.1/udp/4100/quic-v1");
        let circuit = addr(&format!("/ip4/203.0.113.9/tcp/4100/p2p/{}/p2p-circuit", peer()));
        contacts.learn(host, vec![direct.clone(), circuit], [SHARD], true);
        let text = contacts.take_changes().unwrap();
        assert!(contacts.take_changes().is_none());
        assert_eq!(read_saved(&text), BTreeMap::from([(host, vec![direct])]));
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "[ -~\n]{0,2000}") {
            proptest::prop_assert!(fuzz_saved(&text) <= MAX_SAVED);
        }
    }
}
