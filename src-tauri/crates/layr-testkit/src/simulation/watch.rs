//! What the owner is told of its hosts, against what they did.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use layr_keys::PeerId;
use layr_node::api::ActivityEntry;
use layr_node::node::NodeEvent;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::report::{Detection, Fault, SimulationReport};

/// Hears what the owner's node says about hosts that lost something.
pub(super) struct Watch {
    events: Receiver<NodeEvent>,
    /// What hosts did first, and when.
    faults: BTreeMap<PeerId, (Duration, Fault)>,
    /// When the owner was first told of each of them, since.
    told: BTreeMap<PeerId, Duration>,
    /// Hosts of which it was told though they had lost nothing.
    innocent: BTreeSet<PeerId>,
}

impl Watch {
    pub(super) fn new(events: Receiver<NodeEvent>) -> Self {
        Self { events, faults: BTreeMap::new(), told: BTreeMap::new(), innocent: BTreeSet::new() }
    }

    /// Something befell a host. A second thing changes nothing: the owner is told of lost shards, not of reasons.
    pub(super) fn suspect(&mut self, now: Duration, host: PeerId, fault: Fault) {
        self.faults.entry(host).or_insert((now, fault));
    }

    /// A host has all that it is to keep again, if the owner was not told of it before.
    pub(super) fn acquit(&mut self, host: &PeerId) {
        if !self.told.contains_key(host) {
            self.faults.remove(host);
        }
    }

    /// Returns when the owner's node told anything.
    pub(super) async fn told(&mut self) {
        loop {
            match self.events.recv().await {
                Ok(NodeEvent::ActivityChanged) | Err(RecvError::Lagged(_)) => return,
                Ok(_) => {}
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    /// Looks which hosts the owner's node names as those that lost something.
    pub(super) fn take(&mut self, now: Duration, entries: &[ActivityEntry]) {
        for entry in entries.iter().filter(|entry| entry.kind == "copies_failed") {
            let Some(host) = entry.text.split_whitespace().find_map(|word| word.parse::<PeerId>().ok())
            else {
                continue;
            };
            if self.faults.contains_key(&host) {
                self.told.entry(host).or_insert(now);
            } else {
                self.innocent.insert(host);
            }
        }
    }

    pub(super) fn settle(self, report: &mut SimulationReport) {
        report.given_up_alive = self.innocent.len();
        let all = self.faults.into_iter().filter(|(host, _)| !self.innocent.contains(host));
        report.detections = all
            .map(|(host, (began, fault))| Detection {
                fault,
                began_days: days(began),
                found_after_days: self.told.get(&host).map(|told| days(told.saturating_sub(began))),
            })
            .collect();
        report.detections.sort_by(|one, other| {
            (one.fault, one.began_days)
                .partial_cmp(&(other.fault, other.began_days))
                .expect("times are numbers")
        });
    }
}

fn days(time: Duration) -> f64 {
    time.as_secs_f64() / 86_400.0
}
