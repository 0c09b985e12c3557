//! What a simulation found.

use std::collections::BTreeMap;
use std::fmt;

use layr_node::repair::RepairTraffic;

use super::fate::Plan;
use crate::light_host::Manner;

/// What a host did to the shards that it had taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It went for ever.
    Died,
    /// It lost its disk and stayed.
    LostDisk,
    /// It dropped a share of its leaves.
    Drops {
        /// Leaves of a thousand.
        per_mille: u64,
        /// What it says about them.
        manner: Manner,
    },
}

/// One fault, and when the owner was told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// What happened.
    pub fault: Fault,
    /// When, in days since all files were stored.
    pub began_days: f64,
    /// Days until the owner was told; none if that did not happen before the end.
    pub found_after_days: Option<f64>,
}

/// What a simulation found.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulationReport {
    /// From which everything followed.
    pub seed: u64,
    /// Days that passed.
    pub days: u32,
    /// Files that were stored.
    pub files: usize,
    /// Those that did not come back at the end, byte for byte.
    pub lost_files: usize,
    /// What was said of them.
    pub losses: Vec<String>,
    /// Hosts that were ever there.
    pub hosts: usize,
    /// Those that died.
    pub died: usize,
    /// Hosts that the owner gave up though they had lost nothing.
    pub given_up_alive: usize,
    /// Bytes of shards that were stored at the beginning.
    pub shard_bytes: u64,
    /// Bytes of shards that hosts lost with their disks or their lives.
    pub lost_bytes: u64,
    /// What repair moved since, as the owner's node counts it.
    pub repair: RepairTraffic,
    /// Bytes of shards that hosts sent since for anything else: those that audits read whole.
    pub audit_read_bytes: u64,
    /// Bytes of shards that hosts took since, whatever for.
    pub taken_bytes: u64,
    /// Requests to prove leaves.
    pub audits: u64,
    /// Leaves asked for.
    pub leaves: u64,
    /// Every fault and when it was found.
    pub detections: Vec<Detection>,
    /// Digest of everything that hosts were asked, and when.
    pub course: u64,
}

impl SimulationReport {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            seed: plan.seed,
            days: plan.days,
            files: plan.files,
            lost_files: 0,
            losses: Vec::new(),
            hosts: 0,
            died: 0,
            given_up_alive: 0,
            shard_bytes: 0,
            lost_bytes: 0,
            repair: RepairTraffic::default(),
            audit_read_bytes: 0,
            taken_bytes: 0,
            audits: 0,
            leaves: 0,
            detections: Vec::new(),
            course: 0,
        }
    }

    /// Bytes that repair moved for each byte that no repair could have done without.
    pub fn moved_of_least(&self) -> f64 {
        ratio(self.repair.read_bytes + self.repair.sent_bytes, self.repair.least_bytes)
    }

    /// Bytes that repair moved for each byte of shards that hosts lost; some were lost too late to be repaired.
    pub fn moved_per_lost_byte(&self) -> f64 {
        ratio(self.repair.read_bytes + self.repair.sent_bytes, self.lost_bytes)
    }

    /// Bytes that repair moved in the whole time for each byte of shards that was stored.
    pub fn moved_per_stored_byte(&self) -> f64 {
        ratio(self.repair.read_bytes + self.repair.sent_bytes, self.shard_bytes)
    }

    /// Of a fault that began at least `days` before the end: how often it happened, and how often it was found within `days`.
    pub fn found_within(&self, is_meant: impl Fn(Fault) -> bool, days: f64) -> (usize, usize) {
        let had_time = |found: &&Detection| found.began_days + days <= f64::from(self.days);
        let meant = self.detections.iter().filter(|found| is_meant(found.fault)).filter(had_time);
        let in_time = |found: &&Detection| found.found_after_days.is_some_and(|after| after <= days);
        (meant.clone().count(), meant.filter(in_time).count())
    }
}

#[expect(clippy::cast_precision_loss, reason = "told with two digits")]
fn ratio(of: u64, to: u64) -> f64 {
    if to == 0 { 0.0 } else { of as f64 / to as f64 }
}

impl fmt::Display for SimulationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}, {} days, course {:016x}", self.seed, self.days, self.course)?;
        writeln!(f, "  files lost               {} of {}", self.lost_files, self.files)?;
        for loss in &self.losses {
            writeln!(f, "    {loss}")?;
        }
        writeln!(f, "  hosts                    {}, of which {} died", self.hosts, self.died)?;
        writeln!(f, "  given up though alive    {}", self.given_up_alive)?;
        writeln!(f, "  shards stored, lost      {} and {} bytes", self.shard_bytes, self.lost_bytes)?;
        let RepairTraffic { read_bytes, sent_bytes, least_bytes } = self.repair;
        writeln!(f, "  repair read, sent        {read_bytes} and {sent_bytes} bytes")?;
        writeln!(
            f,
            "  least for that           {least_bytes} bytes; {:.2} times it moved",
            self.moved_of_least()
        )?;
        writeln!(f, "  moved per lost byte      {:.2}", self.moved_per_lost_byte())?;
        writeln!(f, "  moved per stored byte    {:.2}", self.moved_per_stored_byte())?;
        writeln!(f, "  hosts took               {} bytes", self.taken_bytes)?;
        writeln!(f, "  audits read whole        {} bytes", self.audit_read_bytes)?;
        writeln!(f, "  audits, leaves           {} and {}", self.audits, self.leaves)?;
        let mut by_fault: BTreeMap<Fault, Vec<Option<f64>>> = BTreeMap::new();
        for found in &self.detections {
            by_fault.entry(found.fault).or_default().push(found.found_after_days);
        }
        for (fault, found) in by_fault {
            let mut days: Vec<f64> = found.iter().flatten().copied().collect();
            days.sort_by(f64::total_cmp);
            let after = |share: usize| {
                days.get((days.len() * share / 100).min(days.len().saturating_sub(1))).copied()
            };
            write!(f, "  {fault:<24} {} times, {} found", found.len(), days.len())?;
            if let (Some(half), Some(most), Some(all)) = (after(50), after(90), after(100)) {
                write!(f, "; half after {half:.1} days, 90 % after {most:.1}, the last after {all:.1}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Died => "died".to_owned(),
            Self::LostDisk => "lost its disk".to_owned(),
            Self::Drops { per_mille, manner: Manner::Forges } => format!("forges {per_mille} of 1000"),
            Self::Drops { per_mille, manner: Manner::PutsOff } => format!("puts off {per_mille} of 1000"),
        };
        f.pad(&text)
    }
}
