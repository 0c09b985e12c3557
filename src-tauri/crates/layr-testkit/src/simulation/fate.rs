//! What is to happen, and when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;

use crate::light_host::Manner;

const DAY: Duration = Duration::from_hours(24);

/// How large the network is, how long it lives, and how badly it fares.
#[derive(Debug, Clone)]
pub struct Plan {
    /// From which all chances follow.
    pub seed: u64,
    /// Days that pass.
    pub days: u32,
    /// Hosts at the beginning; one that dies is followed by a new one after a day on average.
    pub hosts: usize,
    /// Files, each of one segment.
    pub files: usize,
    /// Bytes of each.
    pub file_bytes: usize,
    /// Shards needed, and shards in all.
    pub redundancy: (u8, u8),
    /// Mean life of a host.
    pub host_life: Duration,
    /// Mean time until a host's disk loses everything while the host stays.
    pub disk_life: Duration,
    /// Mean time from one short absence of a host, of half an hour to 12 hours, to the next.
    pub outage_every: Duration,
    /// Time from one absence of a tenth of all hosts, of 6 to 18 hours, to the next; also of the owner from half of the hosts
    /// (2 to 12 hours), and of the owner from all (8 hours to 3 days).
    pub regional_every: Duration,
    /// Hosts that begin to drop 1 % of their leaves within the first eighth of the time, and as many that drop 5 %. They don't die.
    pub droppers: usize,
}

impl Plan {
    /// The network of the project's goals: 200 hosts that live for 120 days on average, 1000 files at 10 of 30.
    pub fn year(seed: u64) -> Self {
        Self {
            seed,
            days: 365,
            hosts: 200,
            files: 1000,
            file_bytes: 40 * 1024,
            redundancy: (10, 30),
            host_life: DAY * 120,
            disk_life: DAY * 1000,
            outage_every: DAY * 10,
            regional_every: DAY * 45,
            droppers: 10,
        }
    }

    /// A network in which nearly all hosts drop leaves of what they keep, for long enough to find them. Nobody dies: all that is measured
    /// in it is how soon they are found. As many hosts as one owner uses, so that each has something to drop.
    pub fn droppers(seed: u64) -> Self {
        Self {
            days: 36,
            hosts: 64,
            files: 250,
            host_life: DAY * 365 * 100,
            disk_life: DAY * 365 * 100,
            droppers: 30,
            ..Self::year(seed)
        }
    }

    /// A small one that sees every fault in nine days, with hosts that don't stay for long.
    pub fn brief(seed: u64) -> Self {
        Self {
            days: 9,
            hosts: 42,
            files: 10,
            host_life: DAY * 25,
            disk_life: DAY * 40,
            outage_every: DAY * 5,
            regional_every: DAY * 4,
            droppers: 1,
            ..Self::year(seed)
        }
    }

    /// A small one that sees every fault in forty days.
    pub fn small(seed: u64) -> Self {
        Self {
            days: 40,
            hosts: 50,
            files: 40,
            regional_every: DAY * 15,
            disk_life: DAY * 100,
            droppers: 2,
            ..Self::year(seed)
        }
    }
}

/// Something that befalls the network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    Dies(usize),
    Arrives,
    Leaves(usize),
    Returns(Vec<usize>),
    LosesDisk(usize),
    Drops { host: usize, per_mille: u64, manner: Manner },
    RegionLeaves,
    OwnerIsCutOff,
    OwnerSeesAll,
    OwnerSleeps,
    OwnerWakes,
}

/// Events in the order of their times, and of their making where these are equal.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    events: BinaryHeap<Reverse<(Duration, u64, Event)>>,
    made: u64,
}

impl Timeline {
    pub(super) fn add(&mut self, at: Duration, event: Event) {
        self.made += 1;
        self.events.push(Reverse((at, self.made, event)));
    }

    pub(super) fn next(&mut self) -> Option<(Duration, Event)> {
        self.events.pop().map(|Reverse((at, _, event))| (at, event))
    }
}

/// A time until something that happens once in `mean` on average, whenever one asks.
pub(super) fn exponential(chances: &mut StdRng, mean: Duration) -> Duration {
    let chance: f64 = chances.random();
    mean.mul_f64(-(1.0 - chance).ln())
}
