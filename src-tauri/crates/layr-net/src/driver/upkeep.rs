//! What is done once in a while: seeds, relays, superfluous connections, saving, and the end.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use libp2p::swarm::ConnectionId;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::{Multiaddr, PeerId};
use tokio::time::Instant;

use super::{Disk, Driver};
use crate::identity;
use crate::records::disk;

/// Time between rounds.
pub(super) const TICK: Duration = Duration::from_millis(250);
/// Time between saves, if there is anything new.
const SAVE_EVERY: Duration = Duration::from_secs(15);
/// A relayed connection is kept this long beside a direct one, for the hole punch's own farewell.
const RELAYED_AT_LEAST: Duration = Duration::from_secs(2);
/// A relayed connection beside a direct one is closed after this even with streams on it.
const RELAYED_AT_MOST: Duration = Duration::from_secs(30);
/// Saved peers that are tried in one round when there is nobody to talk to.
const SAVED_PER_ROUND: usize = 2;
/// How long the end waits for connections to close in order.
const FAREWELL: Duration = Duration::from_millis(300);

impl Driver {
    pub(super) fn on_tick(&mut self, now: Instant) {
        self.dial_seeds(now);
        self.keep_relays(now);
        self.close_superfluous(now);
        self.check_attempts(now);
        self.check_queries();
        self.dial_back();
        if now >= self.next_save {
            self.next_save = now + SAVE_EVERY;
            self.save();
        }
    }

    fn dial_seeds(&mut self, now: Instant) {
        let registry = Arc::clone(&self.registry);
        let is_connected =
            |peer: &PeerId| identity::from_libp2p(peer).is_some_and(|peer| registry.is_connected(peer));
        for (peer, address) in self.seeds.due(now, is_connected) {
            let options = match peer {
                Some(peer) => DialOpts::peer_id(peer).addresses(vec![address]).build(),
                None => DialOpts::unknown_peer_id().address(address).build(),
            };
            if let Err(error) = self.swarm.dial(options) {
                tracing::debug!(%error, "seed not dialled");
            }
        }
        if registry.connected().is_empty() {
            for _ in 0..SAVED_PER_ROUND {
                if let Some((peer, addresses)) = self.saved_peers.pop() {
                    self.dial_saved(peer, addresses);
                }
            }
        }
    }

    /// What this node dialled in an earlier run it may dial again, whatever scope the network was met at so far.
    fn dial_saved(&mut self, peer: PeerId, addresses: Vec<Multiaddr>) {
        for address in &addresses {
            self.policy.allow(address.clone());
        }
        self.dial_known(peer, addresses);
    }

    /// Closes relayed connections beside direct ones: new streams take the direct one anyway.
    fn close_superfluous(&mut self, now: Instant) {
        let superfluous: Vec<ConnectionId> = self
            .links
            .iter()
            .filter(|(_, link)| link.relayed)
            .filter_map(|(id, link)| {
                let direct_since = self
                    .links
                    .values()
                    .filter(|other| other.peer == link.peer && !other.relayed)
                    .map(|other| other.since)
                    .min()?;
                let beside = now.duration_since(direct_since.max(link.since));
                let ours = identity::from_libp2p(&link.peer)?;
                let busy =
                    self.registry.links(ours).iter().any(|open| open.id == *id && open.live_streams() > 0);
                (beside >= RELAYED_AT_MOST || (beside >= RELAYED_AT_LEAST && !busy)).then_some(*id)
            })
            .collect();
        for id in superfluous {
            self.swarm.close_connection(id);
        }
    }

    fn save(&mut self) {
        let now = std::time::Instant::now();
        let store = self.swarm.behaviour_mut().routing.kad().store_mut();
        store.expire(now);
        let Some(files) = &self.disk else {
            return;
        };
        if let Some(entries) = store.take_changes(now) {
            files.records.save(Arc::new(move || disk::encode(&entries)));
        }
        if let Some(peers) = self.contacts.take_changes() {
            files.peers.save(Arc::new(move || peers.clone().into_bytes()));
        }
    }

    /// Saves, says goodbye, and lets go of everything.
    pub(super) async fn stop(mut self) {
        self.save();
        let listeners: Vec<PeerId> = self.swarm.connected_peers().copied().collect();
        for peer in listeners {
            let _ = self.swarm.disconnect_peer_id(peer);
        }
        let until = Instant::now() + FAREWELL;
        while self.swarm.network_info().num_peers() > 0 {
            if tokio::time::timeout_at(until, self.swarm.next()).await.is_err() {
                break;
            }
        }
        drop(self.swarm);
        if let Some(Disk { records, peers }) = self.disk {
            records.finish().await;
            peers.finish().await;
        }
    }
}
