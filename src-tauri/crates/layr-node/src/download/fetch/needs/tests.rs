use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use layr_codec::{Profile, SegmentLayout};
use proptest::prelude::*;

use super::super::super::lane::PieceRange;
use super::{Needs, StripePieces, Trust, is_enough};

fn trust(n: u8, lost: &[u8], late: &[u8], avoided: &[u8]) -> Trust {
    let avoided: BTreeSet<u8> = avoided.iter().copied().collect();
    let mut order: Vec<u8> = (0..n).filter(|shard| !avoided.contains(shard)).collect();
    order.extend(&avoided);
    Trust { order, avoided, late: late.iter().copied().collect(), lost: lost.iter().copied().collect() }
}

fn needs(k: u8, n: u8, len_bytes: u64, range: Range<u64>) -> Needs {
    Needs::new(SegmentLayout::new(Profile::new(k, n).unwrap(), len_bytes).unwrap().map(range))
}

fn ask(needs: &Needs, trust: &Trust, k: usize) -> Result<BTreeMap<u8, Vec<PieceRange>>, usize> {
    needs.missing(trust, k, &[], |_, _| false)
}

#[test]
fn without_loss_only_the_range_itself_is_asked_for() {
    let needs = needs(4, 12, 16 << 20, 70_000..140_000);
    let asked = ask(&needs, &trust(12, &[], &[], &[]), 4).unwrap();
    let bytes: usize = asked.values().flatten().map(|range| range.columns.len()).sum();
    assert_eq!(bytes, 70_000);
    assert_eq!(asked.keys().copied().collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_lost_host_costs_one_parity_shard_when_everything_is_read() {
    let needs = needs(4, 12, 16 << 20, 0..16 << 20);
    let asked = ask(&needs, &trust(12, &[2], &[], &[]), 4).unwrap();
    assert_eq!(asked.keys().copied().collect::<Vec<_>>(), [0, 1, 3, 4]);
    let bytes: usize = asked.values().flatten().map(|range| range.columns.len()).sum();
    assert_eq!(bytes, 16 << 20);
}

#[test]
fn what_is_here_or_coming_is_not_asked_for_again() {
    let needs = needs(4, 12, 16 << 20, 0..4 * 65_536);
    let got = [(0_u8, 0..65_536, vec![0; 65_536]), (1, 0..65_536, vec![0; 65_536])];
    let asked = needs.missing(&trust(12, &[3], &[], &[]), 4, &got, |shard, _| shard == 2).unwrap();
    assert_eq!(asked.keys().copied().collect::<Vec<_>>(), [4], "only the one that replaces the lost one");
}

#[test]
fn who_failed_lately_or_is_late_is_asked_last_but_is_asked() {
    let needs = needs(4, 6, 16 << 20, 0..65_536);
    let asked = ask(&needs, &trust(6, &[4, 5], &[2], &[0]), 4).unwrap();
    assert_eq!(asked.keys().copied().collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(ask(&needs, &trust(6, &[3, 4, 5], &[2], &[0]), 4).unwrap().len(), 1, "the very piece will do");
    assert_eq!(ask(&needs, &trust(6, &[0, 3, 4, 5], &[2], &[]), 4), Err(2));
}

proptest! {
    #[test]
    fn what_is_asked_for_suffices_and_nobody_lost_is_asked(
        k in 1_u8..6,
        parity in 0_u8..8,
        start in 0_u64..3_000_000,
        len in 1_u64..900_000,
        lost in prop::collection::btree_set(0_u8..14, 0..8),
        late in prop::collection::btree_set(0_u8..14, 0..4),
    ) {
        let n = k + parity;
        let segment = u64::from(k) * 900_000;
        let start = start % segment;
        let needs = needs(k, n, segment, start..(start + len).min(segment));
        let lost: Vec<u8> = lost.into_iter().filter(|shard| *shard < n).collect();
        let late: Vec<u8> = late.into_iter().filter(|shard| *shard < n).collect();
        match ask(&needs, &trust(n, &lost, &late, &[]), usize::from(k)) {
            Ok(asked) => {
                prop_assert!(asked.keys().all(|shard| !lost.contains(shard)));
                for (stripe, extents) in &needs.stripes {
                    let pieces = asked.iter().flat_map(|(shard, ranges)| {
                        ranges.iter().filter(|range| range.stripe == *stripe).map(|range| {
                            (*shard, range.columns.clone(), vec![0; range.columns.len()])
                        })
                    });
                    let got = StripePieces { stripe: *stripe, extents: extents.clone(), pieces: pieces.collect() };
                    prop_assert!(is_enough(&got, usize::from(k)), "stripe {} of {:?}", stripe, asked);
                }
            }
            Err(available) => prop_assert!(available < usize::from(k) && n as usize - lost.len() == available),
        }
    }
}
