//! What has to be asked of whom, by what is wanted and who can be relied on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use layr_codec::{Extent, PIECE_BYTES};

use super::super::lane::PieceRange;
use super::super::source::SegmentSource;
use super::StripePieces;

/// Who can be relied on. A shard is in one of four classes, the later the worse.
#[derive(Debug, Clone)]
pub(crate) struct Trust {
    /// Shards in the order in which they are asked, those that failed lately at the end.
    order: Vec<u8>,
    avoided: BTreeSet<u8>,
    late: BTreeSet<u8>,
    lost: BTreeSet<u8>,
}

impl Trust {
    /// Everybody as the manifest and the table of hosts have them.
    pub(crate) fn new(source: &SegmentSource) -> Self {
        let avoided: BTreeSet<u8> = source.avoided.iter().copied().collect();
        let (mut order, last): (Vec<u8>, Vec<u8>) =
            source.order.iter().partition(|shard| !avoided.contains(shard));
        order.extend(last);
        Self { order, avoided, late: BTreeSet::new(), lost: BTreeSet::new() }
    }

    /// Never asks these again. False when that is no news.
    pub(crate) fn lose(&mut self, shards: &BTreeSet<u8>) -> bool {
        let before = self.lost.len();
        self.lost.extend(shards);
        self.lost.len() > before
    }

    /// Asks others instead of this one, which is late. False when that is no news.
    pub(crate) fn delay(&mut self, shard: u8) -> bool {
        self.late.insert(shard)
    }

    /// Whether nothing bad is known of it.
    pub(crate) fn is_good(&self, shard: u8) -> bool {
        self.order.contains(&shard)
            && !self.avoided.contains(&shard)
            && !self.late.contains(&shard)
            && !self.lost.contains(&shard)
    }

    /// Everybody who may still deliver, the best first.
    fn candidates(&self) -> impl Iterator<Item = u8> {
        let there = || self.order.iter().copied().filter(|shard| !self.lost.contains(shard));
        there()
            .filter(|shard| !self.late.contains(shard))
            .chain(there().filter(|shard| self.late.contains(shard)))
    }
}

/// What is wanted, stripe by stripe.
#[derive(Debug, Clone)]
pub(crate) struct Needs {
    stripes: VecDeque<(u32, Vec<Extent>)>,
}

impl Needs {
    /// These extents, in order.
    pub(crate) fn new(extents: impl Iterator<Item = Extent>) -> Self {
        let mut stripes: VecDeque<(u32, Vec<Extent>)> = VecDeque::new();
        for extent in extents {
            match stripes.back_mut() {
                Some((stripe, extents)) if *stripe == extent.stripe => extents.push(extent),
                _ => stripes.push_back((extent.stripe, vec![extent])),
            }
        }
        Self { stripes }
    }

    /// The next stripe and what is wanted of it.
    pub(crate) fn front(&self) -> Option<(u32, Vec<Extent>)> {
        self.stripes.front().cloned()
    }

    /// The next stripe is there.
    pub(crate) fn pop(&mut self) {
        self.stripes.pop_front();
    }

    /// Stripes still to come.
    pub(crate) fn stripes_left(&self) -> usize {
        self.stripes.len()
    }

    /// What must be asked of whom and is not there or coming yet; `got` belongs to the first stripe. The error is the
    /// number of shards that can still be had, where they are too few.
    pub(crate) fn missing(
        &self,
        trust: &Trust,
        k: usize,
        got: &[(u8, Range<usize>, Vec<u8>)],
        coming: impl Fn(u8, &PieceRange) -> bool,
    ) -> Result<BTreeMap<u8, Vec<PieceRange>>, usize> {
        let mut missing: BTreeMap<u8, Vec<PieceRange>> = BTreeMap::new();
        for (position, (stripe, extents)) in self.stripes.iter().enumerate() {
            for (shard, columns) in required(extents, trust, k)? {
                let range = PieceRange { stripe: *stripe, columns };
                let is_here = position == 0
                    && got
                        .iter()
                        .any(|(from, columns, _)| *from == shard && contains(columns, &range.columns));
                if !is_here && !coming(shard, &range) {
                    missing.entry(shard).or_default().push(range);
                }
            }
        }
        Ok(missing)
    }
}

/// The columns of an extent's piece that it takes.
pub(crate) fn columns_of(extent: &Extent) -> Range<usize> {
    let start = u64::from(extent.stripe) * PIECE_BYTES as u64;
    let column = |offset: u64| usize::try_from(offset.saturating_sub(start)).unwrap_or(0);
    column(extent.shard_range.start)..column(extent.shard_range.end)
}

/// Whether `outer` has all of `inner`.
pub(crate) fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn hull(left: &Range<usize>, right: &Range<usize>) -> Range<usize> {
    left.start.min(right.start)..left.end.max(right.end)
}

/// Extents that no piece of their own shard covers, and the columns that k others must cover instead.
pub(crate) fn uncovered(got: &StripePieces) -> Option<Range<usize>> {
    let is_covered = |extent: &&Extent| {
        let columns = columns_of(extent);
        got.pieces.iter().any(|(shard, range, _)| *shard == extent.shard && contains(range, &columns))
    };
    let open = got.extents.iter().filter(|extent| !is_covered(extent)).map(columns_of);
    open.reduce(|left, right| hull(&left, &right))
}

/// Whether the pieces suffice to decode what is wanted.
pub(super) fn is_enough(got: &StripePieces, k: usize) -> bool {
    uncovered(got).is_none_or(|columns| {
        let covering = got.pieces.iter().filter(|(_, range, _)| contains(range, &columns));
        covering.map(|(shard, _, _)| *shard).collect::<BTreeSet<u8>>().len() >= k
    })
}

/// The pieces that give these extents of one stripe: their own where their shards are good, else the columns in question of
/// k shards.
fn required(extents: &[Extent], trust: &Trust, k: usize) -> Result<BTreeMap<u8, Range<usize>>, usize> {
    let mut wanted: BTreeMap<u8, Range<usize>> = BTreeMap::new();
    for extent in extents {
        let columns = columns_of(extent);
        wanted.entry(extent.shard).and_modify(|range| *range = hull(range, &columns)).or_insert(columns);
    }
    let bad = wanted.iter().filter(|(shard, _)| !trust.is_good(**shard)).map(|(_, columns)| columns.clone());
    let Some(replaced) = bad.reduce(|left, right| hull(&left, &right)) else { return Ok(wanted) };
    let good_first = wanted.keys().copied().filter(|shard| trust.is_good(*shard)).chain(trust.candidates());
    let mut chosen: BTreeMap<u8, Range<usize>> = BTreeMap::new();
    for shard in good_first {
        if chosen.len() == k {
            break;
        }
        let columns = wanted.get(&shard).map_or(replaced.clone(), |own| hull(own, &replaced));
        chosen.insert(shard, columns);
    }
    if chosen.len() == k {
        return Ok(chosen);
    }
    // Fewer than k can deliver, which is enough if these are the very pieces that are wanted.
    if wanted.keys().all(|shard| chosen.contains_key(shard)) { Ok(wanted) } else { Err(chosen.len()) }
}

#[cfg(test)]
mod tests;
