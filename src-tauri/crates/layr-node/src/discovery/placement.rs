//! Which hosts get the shards of one segment.

use std::collections::BTreeSet;

use layr_keys::PeerId;
use rand::{Rng, RngExt as _};

use crate::client::HostContact;

/// A slow host's chance to get a shard, against that of a host of the same room that is not slow.
const SLOW_WEIGHT: f64 = 0.125;
/// Room beyond which more of it brings no more shards: one giant must not get a shard of everything, since its loss would
/// be felt everywhere.
const MOST_ROOM_BYTES: f64 = 1e12;

/// A host that may get a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who and where.
    pub contact: HostContact,
    /// Room that it offers.
    pub free_bytes: u64,
    /// Whether it kept others waiting lately.
    pub slow: bool,
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
/// `-ln(u) / weight` first), so that load spreads by room and no segment's hosts are foreseeable. Hosts in `taken` hold a
/// shard of this segment already and are left out.
pub fn place(
    candidates: &[Candidate],
    taken: &BTreeSet<PeerId>,
    count: usize,
    shard_bytes: u64,
    rng: &mut impl Rng,
) -> Placement {
    let fitting = candidates
        .iter()
        .filter(|candidate| candidate.free_bytes >= shard_bytes && !taken.contains(&candidate.contact.peer));
    let mut drawn: Vec<(f64, &Candidate)> = fitting
        .map(|candidate| {
            let uniform: f64 = rng.random_range(f64::MIN_POSITIVE..1.0);
            (-uniform.ln() / weight(candidate), candidate)
        })
        .collect();
    drawn.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    let mut hosts = drawn.into_iter().map(|(_, candidate)| candidate.contact.clone());
    Placement { chosen: hosts.by_ref().take(count).collect(), spares: hosts.collect() }
}

#[expect(clippy::cast_precision_loss, reason = "a weight needs no 53 bits")]
fn weight(candidate: &Candidate) -> f64 {
    let room = (candidate.free_bytes as f64).clamp(1.0, MOST_ROOM_BYTES);
    if candidate.slow { room * SLOW_WEIGHT } else { room }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use layr_keys::PeerId;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::{Candidate, place};
    use crate::client::HostContact;

    fn candidate(number: u8, free_bytes: u64) -> Candidate {
        let contact = HostContact::new(PeerId::from_bytes([number; 32]), Vec::new());
        Candidate { contact, free_bytes, slow: false }
    }

    proptest! {
        #[test]
        fn hosts_are_distinct_fit_and_none_holds_a_shard_already(
            rooms in prop::collection::vec(0_u64..100, 0..60),
            taken in prop::collection::btree_set(0_u8..60, 0..20),
            count in 0_usize..40,
            seed: u64,
        ) {
            let candidates: Vec<_> =
                rooms.iter().zip(0_u8..).map(|(room, number)| candidate(number, *room)).collect();
            let taken: BTreeSet<_> = taken.into_iter().map(|number| PeerId::from_bytes([number; 32])).collect();
            let placement = place(&candidates, &taken, count, 50, &mut StdRng::seed_from_u64(seed));
            let all: Vec<_> = placement.chosen.iter().chain(&placement.spares).map(|contact| contact.peer).collect();
            let fitting = candidates
                .iter()
                .filter(|candidate| candidate.free_bytes >= 50 && !taken.contains(&candidate.contact.peer))
                .count();
            prop_assert_eq!(all.len(), fitting);
            prop_assert_eq!(placement.chosen.len(), count.min(fitting));
            prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
            prop_assert!(all.iter().all(|peer| !taken.contains(peer)));
        }
    }

    #[test]
    fn load_follows_room_and_a_slow_host_gets_little() {
        let mut candidates: Vec<_> = (0..10).map(|number| candidate(number, 1_000_000)).collect();
        candidates[0].free_bytes = 3_000_000;
        candidates[1].slow = true;
        let mut rng = StdRng::seed_from_u64(7);
        let mut shards: BTreeMap<PeerId, u32> = BTreeMap::new();
        for _ in 0..4000 {
            for contact in place(&candidates, &BTreeSet::new(), 2, 1, &mut rng).chosen {
                *shards.entry(contact.peer).or_default() += 1;
            }
        }
        let of = |number: usize| f64::from(shards[&candidates[number].contact.peer]);
        assert!(of(0) > 1.8 * of(5), "{shards:?}");
        assert!(of(1) < 0.3 * of(5), "{shards:?}");
        assert!((0.7..1.4).contains(&(of(4) / of(5))), "{shards:?}");
    }
}
