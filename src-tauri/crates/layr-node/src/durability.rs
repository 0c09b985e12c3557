//! The modelled chance to lose a file within a year, and from which loss on a segment is repaired.
//!
//! A birth–death chain: `alive` of n shards lie at hosts that go one by one and independently, each after a time that is
//! exponentially distributed. Once no more than the repair trigger are alive, all lost shards are back after
//! [`REPAIR_DAYS`] on average. Below k the segment is lost, and stays so. `docs/durability.md` derives it, holds it against a
//! simulation and says what it does not cover: above all hosts that fail together.
//!
//! Pure: no clock, no disk, no library. All terms are sums and products of numbers that are not negative, so that a chance
//! of 1e-18 is as exact as one of a half.

use std::collections::BTreeMap;

use layr_codec::Profile;
use layr_library::{HostLosses, SegmentGroup};

use crate::api::DurabilityModel;

/// How long a host stays on average where nothing is known, in days. Pessimistic on purpose: others reckon with a year.
pub const ASSUMED_HOST_LIFE_DAYS: f64 = 120.0;
/// Host-days from which on the rate counts as measured: then what was seen weighs three times as much as what was assumed.
pub const MEASURED_FROM_HOST_DAYS: f64 = 360.0;
/// Mean time from the loss that makes a segment due to its last new copy, in days: one until the loss is certain (the grace of
/// 24 h in ADR 0021), one to find hosts and bring the shards there.
pub const REPAIR_DAYS: f64 = 2.0;
/// The least chance that is told: below it the model says nothing, since other things than hosts that go decide.
pub const LEAST_CHANCE: f64 = 1e-18;
/// Chance to lose a segment before a repair could end, above which it is repaired: at one repair a week and segment it adds
/// 5e-8 a year.
pub const BEARABLE_CHANCE: f64 = 1e-9;

const DAY_S: f64 = 86_400.0;
const YEAR_DAYS: f64 = 365.0;
/// Highest rate that is reckoned with, hosts lost per host-day: beyond it nothing can be kept, and it bounds the work.
const MOST_PER_HOST_DAY: f64 = 1.0;
/// Lowest one, a host in 2700 years: no evidence of a person's own reaches it, and nothing is divided by 0.
const LEAST_PER_HOST_DAY: f64 = 1e-6;
/// Events, on average, of a piece of time that is solved at once: e^-32 is far from the end of what an `f64` holds.
const EVENTS_AT_ONCE: f64 = 32.0;
/// Terms of a piece's Poisson sum: more than 256 events where 32 are expected have a chance below 1e-130.
const MOST_TERMS: u32 = 256;
/// Chance of a number of events that is left out: nothing beside [`LEAST_CHANCE`].
const LEAST_WEIGHT: f64 = 1e-60;

/// How fast hosts are lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FailureRate {
    per_host_day: f64,
    is_assumed: bool,
}

impl FailureRate {
    /// The rate where nothing is known.
    pub const fn assumed() -> Self {
        Self { per_host_day: 1.0 / ASSUMED_HOST_LIFE_DAYS, is_assumed: true }
    }

    /// The rate after what was seen of hosts: the mean of the Gamma distribution
    /// that comes from a prior of one loss in 120 host-days. Before [`MEASURED_FROM_HOST_DAYS`] it counts as assumed and is
    /// never below the assumed one. A number of losses that is none, or below 0, counts as none.
    #[expect(clippy::cast_precision_loss, reason = "seconds of all hosts stay far below 2^53")]
    pub fn from_evidence(losses: &HostLosses) -> Self {
        let host_days = losses.watched_s as f64 / DAY_S;
        let hosts_lost = if losses.hosts_lost.is_finite() { losses.hosts_lost.max(0.0) } else { 0.0 };
        let mean = (1.0 + hosts_lost) / (ASSUMED_HOST_LIFE_DAYS + host_days);
        let is_assumed = host_days < MEASURED_FROM_HOST_DAYS;
        let least = if is_assumed { Self::assumed().per_host_day } else { LEAST_PER_HOST_DAY };
        Self { per_host_day: mean.clamp(least, MOST_PER_HOST_DAY), is_assumed }
    }

    /// Hosts lost per host-day, from 1e-6 to 1.
    pub const fn per_host_day(self) -> f64 {
        self.per_host_day
    }

    /// Whether it rests on too little evidence to be called measured.
    pub const fn is_assumed(self) -> bool {
        self.is_assumed
    }

    /// This rate, or the assumed one where that is higher: what must not be risked rests on no luck of the last months.
    fn cautious(self) -> Self {
        if self.per_host_day < Self::assumed().per_host_day { Self::assumed() } else { self }
    }
}

/// Chances at one failure rate. A profile is solved once and kept, so that a listing of 100 000 files solves a handful.
#[derive(Debug)]
pub struct Durability {
    rate: FailureRate,
    /// Of each code, repaired or not, the chance by shards alive, from k on.
    years: BTreeMap<(u8, u8, bool), Vec<f64>>,
}

impl Durability {
    /// Chances at this rate.
    pub const fn new(rate: FailureRate) -> Self {
        Self { rate, years: BTreeMap::new() }
    }

    /// What the chances rest on.
    pub fn model(&self) -> DurabilityModel {
        DurabilityModel {
            assumed: self.rate.is_assumed,
            host_life_days: 1.0 / self.rate.per_host_day,
            repair_days: REPAIR_DAYS,
        }
    }

    /// Chance to lose within a year a segment of which `alive` shards are there now: 1 below k, else from [`LEAST_CHANCE`]
    /// to 1. Who does not repair it gets no shard back.
    pub fn of_segment(&mut self, profile: Profile, alive: u32, is_repaired: bool) -> f64 {
        let Some(spare) = alive.min(profile.n().into()).checked_sub(profile.k().into()) else { return 1.0 };
        let rate = self.rate;
        let year = self.years.entry((profile.k(), profile.n(), is_repaired)).or_insert_with(|| {
            let trigger = if is_repaired { repair_trigger(profile, rate) } else { None };
            chances(profile, trigger, rate, YEAR_DAYS)
        });
        let spare = usize::try_from(spare).unwrap_or(usize::MAX);
        told(year.get(spare).copied().unwrap_or(1.0))
    }

    /// Chance to lose within a year a file of these segments, as if they were lost independently: 1 − Π (1 − p). `None` where
    /// there are none.
    pub fn of_file(&mut self, segments: &[SegmentGroup]) -> Option<f64> {
        if segments.is_empty() {
            return None;
        }
        // ln(1 − p) and e^x − 1 keep what 1 − p would round away.
        let kept_ln = segments.iter().map(|group| {
            let lost = self.of_segment(group.profile, group.alive, group.is_ours);
            f64::from(u32::try_from(group.segments).unwrap_or(u32::MAX)) * (-lost).ln_1p()
        });
        Some(told(-kept_ln.sum::<f64>().exp_m1()))
    }
}

/// Whether a segment of which something is lost and `standing` shards are not is to be repaired: less stands than a fresh
/// upload has to bring to hosts, or the chance to lose it before a repair could end is above [`BEARABLE_CHANCE`].
pub fn is_repair_due(profile: Profile, standing: usize, rate: FailureRate) -> bool {
    standing < usize::from(profile.success_threshold())
        || chance_to_lose_soon(profile, standing, rate.cautious()) > BEARABLE_CHANCE
}

/// Most shards of a segment that stand when it is repaired; `None` where the first loss is already that of the segment.
pub fn repair_trigger(profile: Profile, rate: FailureRate) -> Option<u8> {
    // With nothing lost there is nothing to repair.
    (profile.k()..profile.n()).rev().find(|standing| is_repair_due(profile, usize::from(*standing), rate))
}

/// Chance that more than `standing` − k of `standing` hosts go within [`REPAIR_DAYS`]; 1 below k.
pub fn chance_to_lose_soon(profile: Profile, standing: usize, rate: FailureRate) -> f64 {
    let k = usize::from(profile.k());
    let standing = standing.min(usize::from(profile.n()));
    if standing < k {
        return 1.0;
    }
    let gone = -(-rate.per_host_day * REPAIR_DAYS).exp_m1();
    let kept = 1.0 - gone;
    // C(s, i) gone^(s − i) kept^i of i that stay, for k − 1 down to 0: the largest first, as the least may be less than an `f64`
    // holds.
    let most =
        (1..=standing + 1 - k).fold(1.0, |product, going| product * gone * fraction(k - 1 + going, going));
    let mut term = (1..k).fold(most, |product, _| product * kept);
    let mut sum = term;
    for stays in (1..k).rev() {
        term *= fraction(stays, standing + 1 - stays) * gone / kept;
        sum += term;
    }
    sum.clamp(0.0, 1.0)
}

fn fraction(above: usize, below: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    number(above) / number(below)
}

fn told(chance: f64) -> f64 {
    // A chance that is no number would be a fault of this file: it must not look like safety.
    if chance.is_nan() { 1.0 } else { chance.clamp(LEAST_CHANCE, 1.0) }
}

/// Of each number of shards alive, from k to n, the chance that the segment is lost within `days`.
///
/// Uniformisation (Jensen 1953): at the highest rate of all states events come as a Poisson process, and what an event does
/// depends on the state alone. The chances are solved backwards, all states at once, piece after piece of the time.
fn chances(profile: Profile, trigger: Option<u8>, rate: FailureRate, days: f64) -> Vec<f64> {
    let chain = Chain::new(profile, trigger, rate);
    // Of the lost state, and of k to n shards alive.
    let mut lost: Vec<f64> = std::iter::once(1.0).chain(chain.moves.iter().map(|_| 0.0)).collect();
    let mut left = chain.events_per_day * days;
    while left > 0.0 {
        let events = left.min(EVENTS_AT_ONCE);
        lost = chain.before(&lost, events);
        left -= events;
    }
    lost.split_off(1)
}

/// What an event does to a segment: a host goes, all shards come back, or nothing.
struct Move {
    goes: f64,
    back: f64,
    stays: f64,
}

struct Chain {
    /// By shards alive, from k to n.
    moves: Vec<Move>,
    events_per_day: f64,
}

impl Chain {
    fn new(profile: Profile, trigger: Option<u8>, rate: FailureRate) -> Self {
        let repairs_per_day = if trigger.is_some() { 1.0 / REPAIR_DAYS } else { 0.0 };
        let events_per_day = f64::from(profile.n()) * rate.per_host_day + repairs_per_day;
        let moves = (profile.k()..=profile.n()).map(|alive| {
            let goes = f64::from(alive) * rate.per_host_day / events_per_day;
            let is_due = trigger.is_some_and(|trigger| alive <= trigger);
            let back = if is_due { repairs_per_day / events_per_day } else { 0.0 };
            Move { goes, back, stays: (1.0 - goes - back).max(0.0) }
        });
        Self { moves: moves.collect(), events_per_day }
    }

    /// The chances a piece of time earlier, in which so many events come on average.
    fn before(&self, lost: &[f64], events: f64) -> Vec<f64> {
        let mut after_some = lost.to_vec();
        let mut weight = (-events).exp();
        let mut sum: Vec<f64> = lost.iter().map(|chance| weight * chance).collect();
        for count in 1..=MOST_TERMS {
            after_some = self.before_event(&after_some);
            weight *= events / f64::from(count);
            for (sum, chance) in sum.iter_mut().zip(&after_some) {
                *sum += weight * chance;
            }
            if f64::from(count) > events && weight < LEAST_WEIGHT {
                break;
            }
        }
        sum
    }

    fn before_event(&self, lost: &[f64]) -> Vec<f64> {
        let whole = lost.last().copied().unwrap_or(1.0);
        let alive =
            lost.iter().zip(lost.iter().skip(1)).zip(&self.moves).map(|((one_less, same), event)| {
                event.goes * one_less + event.back * whole + event.stays * same
            });
        std::iter::once(1.0).chain(alive).collect()
    }
}

#[cfg(test)]
mod tests;
