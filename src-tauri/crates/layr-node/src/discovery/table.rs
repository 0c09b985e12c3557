//! What is known of each host at this moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use layr_codec::MAX_SHARD_BYTES;
use layr_keys::PeerId;
use layr_library::HostEvidence;
use tokio::time::Instant;

use super::subnet::{Location, Subnet, location_of};
use crate::reputation::{Reputation, reputation};
use crate::wire::KnownHost;

/// How long an answer proves that a host lives: long enough for one upload to ask once, short enough that a host which
/// went away a moment ago costs one failed stream at most.
const FRESH_FOR: Duration = Duration::from_mins(1);
/// Hosts in the table. Samples of the network and strangers' manifests add to it for as long as the node runs, and identities
/// cost a stranger nothing.
pub(super) const MAX_HOSTS: usize = 4096;
/// Room below which a host is not asked for shards: it could not take one of full size.
const MIN_FREE_BYTES: u64 = MAX_SHARD_BYTES as u64;

/// How the hosts looked when they were counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HostCount {
    /// Hosts that may be asked.
    pub known: usize,
    /// Hosts that answered and ask for no more than the person pays.
    pub alive: usize,
    /// Hosts that answered and ask for more.
    pub dear: usize,
    /// Hosts that answered, accept shards and have room.
    pub eligible: usize,
}

/// All hosts.
#[derive(Default)]
pub(super) struct Table {
    /// All of them.
    pub hosts: BTreeMap<PeerId, Host>,
    /// Who has not answered a question yet.
    pub asking: BTreeSet<PeerId>,
    /// When the network was last sampled.
    pub sampled_at: Option<Instant>,
    /// The highest price that the person pays, in stroops for a GiB and window; 0 uses only hosts that are free.
    pub price_limit: u64,
}

/// How a host came to be known, the better the later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Somebody's manifest has shards there. It is spoken to about these shards only: who writes a manifest does not choose whom
    /// this node dials for its own files, nor how long it dials the dead.
    Named,
    /// The network named it, or it holds shards of ours.
    Met,
    /// It has made an offer before.
    Offered,
}

/// One host.
#[derive(Debug, Clone)]
pub(super) struct Host {
    /// How it came to be known.
    pub standing: Standing,
    /// Multiaddresses, as far as they are known.
    pub addresses: Arc<[String]>,
    /// Only a relay leads there.
    pub relayed_only: bool,
    /// What it offered last.
    pub offer: Option<KnownHost>,
    /// When it last proved that it lives.
    pub answered_at: Option<Instant>,
    /// Room it has for us, as far as we know.
    pub free_bytes: u64,
    /// It failed us, and is passed over until then.
    pub down_until: Option<Instant>,
    /// It kept others waiting, and gets little until then.
    pub slow_until: Option<Instant>,
    /// What the library knew of it at the last load.
    pub evidence: HostEvidence,
    /// Whether it leaves, as it said last; none while neither it nor the library has said.
    pub leaves: Option<bool>,
    /// It said a short while ago that it leaves, and gets nothing new.
    pub stays_out: bool,
}

impl Host {
    pub(super) fn new(addresses: Vec<String>) -> Self {
        Self {
            standing: Standing::Named,
            addresses: addresses.into(),
            relayed_only: false,
            offer: None,
            answered_at: None,
            free_bytes: 0,
            down_until: None,
            slow_until: None,
            evidence: HostEvidence::default(),
            leaves: None,
            stays_out: false,
        }
    }

    pub(super) fn is_down(&self, now: Instant) -> bool {
        self.down_until.is_some_and(|until| now < until)
    }

    pub(super) fn is_fresh(&self, now: Instant) -> bool {
        self.answered_at.is_some_and(|at| now.duration_since(at) < FRESH_FOR)
    }

    pub(super) fn is_alive(&self, now: Instant) -> bool {
        self.is_fresh(now) && !self.is_down(now) && !self.relayed_only
    }

    /// Whether shards may be placed there by who pays at most this price, in stroops for a GiB and window.
    pub(super) fn is_eligible(&self, now: Instant, price_limit: u64) -> bool {
        let accepting = self.offer.as_ref().is_some_and(|known| known.offer.accepting);
        self.is_alive(now)
            && !self.is_dear(price_limit)
            && accepting
            && !self.gets_nothing_new()
            && self.free_bytes >= MIN_FREE_BYTES
    }

    /// Whether it asks for more than this, in stroops for a GiB and window.
    pub(super) fn is_dear(&self, price_limit: u64) -> bool {
        self.offer.as_ref().is_some_and(|known| known.offer.price_stroops_per_gib_window > price_limit)
    }

    /// What part it asks for of the most that may be paid; from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a weight needs no 53 bits")]
    pub(super) fn price_of(&self, price_limit: u64) -> f64 {
        let price = self.offer.as_ref().map_or(0, |known| known.offer.price_stroops_per_gib_window);
        (price as f64 / price_limit.max(1) as f64).min(1.0)
    }

    /// Whether it is passed over for what it did, or since it leaves.
    pub(super) fn gets_nothing_new(&self) -> bool {
        reputation(&self.evidence) == Reputation::Poor || self.stays_out
    }
}

impl Host {
    /// Whether it has proven itself, and the networks that it lies in. Who is not plain about these counts as a newcomer.
    pub(super) fn bonds(&self) -> (bool, BTreeSet<Subnet>) {
        let Location { subnets, is_plain } = location_of(&self.addresses);
        (is_plain && reputation(&self.evidence) == Reputation::Vetted, subnets)
    }
}

impl Table {
    /// How the hosts look right now.
    pub(super) fn count(&self, now: Instant) -> HostCount {
        let alive = || self.hosts.values().filter(|host| host.is_alive(now));
        let dear = alive().filter(|host| host.is_dear(self.price_limit)).count();
        HostCount {
            known: self.hosts.values().filter(|host| host.standing > Standing::Named).count(),
            alive: alive().count() - dear,
            dear,
            eligible: self.hosts.values().filter(|host| host.is_eligible(now, self.price_limit)).count(),
        }
    }

    /// A host that a sample or a manifest named; `None` when the table is full of hosts that have made offers. The others are forgotten first:
    /// the library's come back with the next load.
    pub(super) fn remembered(&mut self, peer: PeerId) -> Option<&mut Host> {
        if self.hosts.len() >= MAX_HOSTS && !self.hosts.contains_key(&peer) {
            self.hosts.retain(|_, host| host.offer.is_some());
        }
        let has_room = self.hosts.len() < MAX_HOSTS || self.hosts.contains_key(&peer);
        has_room.then(|| self.hosts.entry(peer).or_insert_with(|| Host::new(Vec::new())))
    }
}

#[cfg(test)]
mod tests {
    use layr_keys::PeerId;

    use super::{MAX_HOSTS, Table};
    use crate::wire::{KnownHost, Offer};

    fn peer(number: usize) -> PeerId {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        PeerId::from_bytes(bytes)
    }

    #[test]
    fn strangers_do_not_fill_the_table_and_push_nobody_out_who_made_an_offer() {
        let mut table = Table::default();
        let offer = Offer {
            addresses: Vec::new(),
            free_bytes: 0,
            price_stroops_per_gib_window: 0,
            max_term_days: 1,
            accepting: false,
            issued_at_unix_s: 0,
            leaves_in_s: None,
            account: None,
            collateral_percent: None,
        };
        for number in 0..10 {
            let known = KnownHost { peer: peer(number), offer: offer.clone() };
            table.remembered(peer(number)).unwrap().offer = Some(known);
        }
        for number in 10..3 * MAX_HOSTS {
            assert!(table.remembered(peer(number)).is_some());
            assert!(table.hosts.len() <= MAX_HOSTS);
        }
        assert!((0..10).all(|number| table.hosts.contains_key(&peer(number))));
    }
}
