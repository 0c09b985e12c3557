//! Which hosts get the shards of one segment.

use std::collections::{BTreeMap, BTreeSet};

use layr_codec::Profile;
use layr_keys::PeerId;
use rand::{Rng, RngExt as _};
use tokio::time::Instant;

use super::Hosts;
use super::subnet::Subnet;
use crate::agreements::forecast::Asked;
use crate::client::HostContact;

/// A slow host's chance to get a shard, against that of a host of the same room that is not slow.
const SLOW_WEIGHT: f64 = 0.125;
/// What the chance of a host that asks for as much as may be paid is divided by, beside that of one that asks for nothing. Not more: whoever underbids all
/// others must not get a shard of everything either.
const PRICE_DIVISOR: f64 = 4.0;
/// Room beyond which more of it brings no more shards: one giant must not get a shard of everything, since its loss would
/// be felt everywhere.
const MOST_ROOM_BYTES: f64 = 1e12;

/// A host that may get a shard.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Who and where.
    pub contact: HostContact,
    /// Room that it offers.
    pub free_bytes: u64,
    /// Whether it kept others waiting lately.
    pub slow: bool,
    /// The share of the time in which it is there, as far as it is known; from 0 to 1.
    pub online: f64,
    /// What it asks for, as a part of the most that may be paid; from 0 to 1.
    pub price: f64,
    /// Whether it has proven itself.
    pub is_vetted: bool,
    /// Networks that it lies in.
    pub subnets: BTreeSet<Subnet>,
}

/// Where the shards of a segment lie that hosts have already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// How many of them at hosts that have not proven themselves.
    pub unvetted: usize,
    /// How many of them in each network.
    pub by_subnet: BTreeMap<Subnet, usize>,
}

impl Held {
    /// Takes one more.
    pub fn add(&mut self, is_vetted: bool, subnets: &BTreeSet<Subnet>) {
        self.unvetted += usize::from(!is_vetted);
        for subnet in subnets {
            *self.by_subnet.entry(*subnet).or_default() += 1;
        }
    }

    /// Takes those that were counted elsewhere.
    #[must_use]
    pub fn and(mut self, others: &Self) -> Self {
        self.unvetted += others.unvetted;
        for (subnet, shards) in &others.by_subnet {
            *self.by_subnet.entry(*subnet).or_default() += shards;
        }
        self
    }
}

/// How many shards of one segment may share a fate.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    unvetted: usize,
    in_a_subnet: usize,
}

impl Bounds {
    /// A third of the parity at hosts that have proven nothing, so that all of them may go at once and no file is at risk; half
    /// of it in one network.
    fn of(profile: Profile) -> Self {
        let parity = usize::from(profile.n() - profile.k());
        Self { unvetted: parity / 3, in_a_subnet: parity / 2 }
    }

    fn allow(self, held: &Held, is_vetted: bool, subnets: &BTreeSet<Subnet>) -> bool {
        let in_subnet = |subnet| held.by_subnet.get(subnet).copied().unwrap_or(0);
        (is_vetted || held.unvetted < self.unvetted)
            && subnets.iter().all(|subnet| in_subnet(subnet) < self.in_a_subnet)
    }

    fn allow_candidate(self, held: &Held, candidate: &Candidate) -> bool {
        self.allow(held, candidate.is_vetted, &candidate.subnets)
    }
}

impl Hosts {
    /// From now on shards are placed with hosts that ask for no more than this, in stroops for a GiB and window.
    pub(crate) fn set_price_limit(&self, stroops_per_gib: u64) {
        self.shared.table.lock().price_limit = stroops_per_gib;
    }

    /// What the hosts ask for that shards may be placed with.
    pub(crate) fn asked(&self) -> Asked {
        let now = Instant::now();
        let table = self.shared.table.lock();
        let eligible = table.hosts.values().filter(|host| host.is_eligible(now, table.price_limit));
        let offers = eligible.filter_map(|host| Some(&host.offer.as_ref()?.offer));
        offers.fold(Asked::default(), Asked::with)
    }

    /// Whether a host might have been chosen for a shard of a segment whose others are at `holders`: it keeps the bounds of
    /// [`place`] and is neither poor nor leaves, or nobody else is there who could. Who is not known here is a newcomer.
    pub(crate) fn fits_beside(&self, peer: &PeerId, holders: &BTreeSet<PeerId>, profile: Profile) -> bool {
        let (held, bounds) = (self.held_by(holders), Bounds::of(profile));
        // Not only as one that may get shards now: of hundreds not all were asked a moment ago.
        let does_fit = match self.shared.table.lock().hosts.get(peer) {
            Some(host) if host.gets_nothing_new() => false,
            Some(host) => {
                let (is_vetted, subnets) = host.bonds();
                bounds.allow(&held, is_vetted, &subnets)
            }
            None => bounds.allow(&held, false, &BTreeSet::new()),
        };
        let is_other = |candidate: &Candidate| {
            let of = candidate.contact.peer;
            of != *peer && !holders.contains(&of) && bounds.allow_candidate(&held, candidate)
        };
        does_fit || !self.eligible().iter().any(is_other)
    }
}

/// Hosts for one segment, all distinct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// One host for each shard, in the order of the shards; fewer than asked for when there are not enough.
    pub chosen: Vec<HostContact>,
    /// Hosts to turn to when one of these fails, the best first.
    pub spares: Vec<HostContact>,
}

/// Chooses `count` hosts with room for `shard_bytes`, by weighted chance (Efraimidis and Spirakis: the smallest of
/// `-ln(u) / weight` first), so that load spreads by room, time online and price, and no segment's hosts are foreseeable.
///
/// A third of the parity at most goes to hosts that have not proven themselves, half of it into one network, with what is `held`
/// counted in. Where there is nobody else these come all the same, the unproven ones first: a young network has no others.
pub fn place(
    candidates: &[Candidate],
    held: &Held,
    profile: Profile,
    count: usize,
    shard_bytes: u64,
    rng: &mut impl Rng,
) -> Placement {
    let mut drawn: Vec<(f64, &Candidate)> = candidates
        .iter()
        .filter(|candidate| candidate.free_bytes >= shard_bytes)
        .map(|candidate| {
            let uniform: f64 = rng.random_range(f64::MIN_POSITIVE..1.0);
            (-uniform.ln() / weight(candidate), candidate)
        })
        .collect();
    drawn.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    let mut waiting: Vec<&Candidate> = drawn.into_iter().map(|(_, candidate)| candidate).collect();
    let bounds = Bounds::of(profile);
    let (mut held, mut ordered) = (held.clone(), Vec::with_capacity(waiting.len()));
    let all = usize::MAX;
    for bounds in [bounds, Bounds { unvetted: all, ..bounds }, Bounds { unvetted: all, in_a_subnet: all }] {
        waiting.retain(|candidate| {
            let fits = bounds.allow_candidate(&held, candidate);
            if fits {
                held.add(candidate.is_vetted, &candidate.subnets);
                ordered.push(candidate.contact.clone());
            }
            !fits
        });
    }
    let spares = ordered.split_off(count.min(ordered.len()));
    Placement { chosen: ordered, spares }
}

#[expect(clippy::cast_precision_loss, reason = "a weight needs no 53 bits")]
fn weight(candidate: &Candidate) -> f64 {
    let room = (candidate.free_bytes as f64).clamp(1.0, MOST_ROOM_BYTES) * candidate.online.clamp(0.01, 1.0);
    let worth = room / (1.0 + (PRICE_DIVISOR - 1.0) * candidate.price.clamp(0.0, 1.0));
    if candidate.slow { worth * SLOW_WEIGHT } else { worth }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use layr_codec::Profile;
    use layr_keys::PeerId;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::{Bounds, Candidate, Held, place};
    use crate::client::HostContact;
    use crate::discovery::subnet::Subnet;

    fn candidate(number: u8, free_bytes: u64) -> Candidate {
        let contact = HostContact::new(PeerId::from_bytes([number; 32]), Vec::new());
        let subnets = BTreeSet::new();
        Candidate { contact, free_bytes, slow: false, online: 1.0, price: 0.0, is_vetted: true, subnets }
    }

    fn within(number: u8, is_vetted: bool, subnet: u8) -> Candidate {
        let subnets = (subnet > 0).then_some(Subnet::V4([203, 0, subnet])).into_iter().collect();
        Candidate { is_vetted, subnets, ..candidate(number, 100) }
    }

    fn profile() -> Profile {
        Profile::new(10, 30).unwrap()
    }

    proptest! {
        #[test]
        fn hosts_are_distinct_and_fit(
            rooms in prop::collection::vec(0_u64..100, 0..60),
            count in 0_usize..40,
            seed: u64,
        ) {
            let candidates: Vec<_> =
                rooms.iter().zip(0_u8..).map(|(room, number)| candidate(number, *room)).collect();
            let held = Held::default();
            let placement = place(&candidates, &held, profile(), count, 50, &mut StdRng::seed_from_u64(seed));
            let all: Vec<_> = placement.chosen.iter().chain(&placement.spares).map(|contact| contact.peer).collect();
            let fitting = candidates.iter().filter(|candidate| candidate.free_bytes >= 50).count();
            prop_assert_eq!(all.len(), fitting);
            prop_assert_eq!(placement.chosen.len(), count.min(fitting));
            prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        }

        #[test]
        fn no_more_share_a_fate_than_bounded_unless_nobody_else_is_left(
            hosts in prop::collection::vec((any::<bool>(), 0_u8..6), 0..80),
            held in prop::collection::vec((any::<bool>(), 0_u8..6), 0..20),
            seed: u64,
        ) {
            let candidates: Vec<_> =
                hosts.iter().zip(0_u8..).map(|((vetted, subnet), number)| within(number, *vetted, *subnet)).collect();
            let mut before = Held::default();
            for (vetted, subnet) in &held {
                before.add(*vetted, &within(0, *vetted, *subnet).subnets);
            }
            let count = 30 - held.len();
            let placement = place(&candidates, &before, profile(), count, 1, &mut StdRng::seed_from_u64(seed));
            prop_assert_eq!(placement.chosen.len(), count.min(candidates.len()));
            let of = |contact: &HostContact| &candidates[usize::from(contact.peer.as_bytes()[0])];
            let bounds = Bounds::of(profile());
            let mut after = before.clone();
            for contact in &placement.chosen {
                let chosen = of(contact);
                if !bounds.allow_candidate(&after, chosen) {
                    // Whoever is left would break a bound as well.
                    let rest = placement.spares.iter().map(of);
                    prop_assert!(rest.into_iter().all(|other| !bounds.allow_candidate(&after, other)));
                }
                after.add(chosen.is_vetted, &chosen.subnets);
            }
        }
    }

    #[test]
    fn what_was_counted_at_two_places_counts_as_at_one() {
        let hosts = [(true, 1), (false, 1), (false, 2), (true, 0), (false, 3)];
        let held = |hosts: &[(bool, u8)]| {
            let mut held = Held::default();
            for (vetted, subnet) in hosts {
                held.add(*vetted, &within(0, *vetted, *subnet).subnets);
            }
            held
        };
        for cut in 0..=hosts.len() {
            let (some, others) = hosts.split_at(cut);
            assert_eq!(held(some).and(&held(others)), held(&hosts));
        }
    }

    #[test]
    fn one_operator_with_forty_names_gets_half_of_the_parity_at_most() {
        let honest = (0..30).map(|number| within(number, true, 0));
        let names = (100..140).map(|number| within(number, true, 1));
        let candidates: Vec<_> = honest.chain(names).collect();
        for seed in 0..50 {
            let mut rng = StdRng::seed_from_u64(seed);
            let placement = place(&candidates, &Held::default(), profile(), 30, 1, &mut rng);
            let of_operator = placement.chosen.iter().filter(|host| host.peer.as_bytes()[0] >= 100).count();
            assert!(of_operator <= 10, "{of_operator}");
        }
    }

    #[test]
    fn hosts_that_have_proven_nothing_get_a_third_of_the_parity_at_most() {
        let candidates: Vec<_> = (0..80).map(|number| within(number, number < 24, 0)).collect();
        let mut rng = StdRng::seed_from_u64(3);
        let placement = place(&candidates, &Held::default(), profile(), 30, 1, &mut rng);
        let unvetted = placement.chosen.iter().filter(|host| host.peer.as_bytes()[0] >= 24).count();
        assert_eq!(unvetted, 6);
        // Those that hold shards already count.
        let held = Held { unvetted: 6, ..Held::default() };
        let placement = place(&candidates, &held, profile(), 24, 1, &mut rng);
        assert!(placement.chosen.iter().all(|host| host.peer.as_bytes()[0] < 24));
        // A young network has no others.
        let placement = place(&candidates[24..], &Held::default(), profile(), 30, 1, &mut rng);
        assert_eq!(placement.chosen.len(), 30);
    }

    #[test]
    fn load_follows_room_time_online_and_price_and_a_slow_host_gets_little() {
        let mut candidates: Vec<_> = (0..10).map(|number| candidate(number, 1_000_000)).collect();
        candidates[0].free_bytes = 3_000_000;
        candidates[1].slow = true;
        candidates[2].online = 0.4;
        candidates[3].price = 1.0;
        let mut rng = StdRng::seed_from_u64(7);
        let mut shards: BTreeMap<PeerId, u32> = BTreeMap::new();
        for _ in 0..4000 {
            for contact in place(&candidates, &Held::default(), profile(), 2, 1, &mut rng).chosen {
                *shards.entry(contact.peer).or_default() += 1;
            }
        }
        let of = |number: usize| f64::from(shards[&candidates[number].contact.peer]);
        assert!(of(0) > 1.8 * of(5), "{shards:?}");
        assert!(of(1) < 0.3 * of(5), "{shards:?}");
        assert!(of(2) < 0.6 * of(5), "{shards:?}");
        assert!((0.15..0.45).contains(&(of(3) / of(5))), "{shards:?}");
        assert!((0.7..1.4).contains(&(of(4) / of(5))), "{shards:?}");
    }
}
