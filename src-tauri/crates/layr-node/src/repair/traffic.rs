//! What repairs move, against the least that would have done.

use super::Run;
use crate::node::Node;

/// Bytes of shards that a node's repairs have moved since it started; what is brought away from hosts that leave is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RepairTraffic {
    /// Read at hosts, also where nothing could be made of it.
    pub read_bytes: u64,
    /// Sent to hosts that acknowledged them.
    pub sent_bytes: u64,
    /// What no repair could have done without: k shards of each segment read each time that some were made again, and each of those
    /// sent once.
    pub least_bytes: u64,
}

impl Node {
    /// What repairs have moved so far.
    pub fn repair_traffic(&self) -> RepairTraffic {
        *self.owner().repair_traffic().lock()
    }
}

impl Run<'_> {
    /// Bytes that it read and sent so far.
    pub(super) fn moved_bytes(&self) -> (u64, u64) {
        (self.report.bytes_received, self.report.bytes_sent)
    }

    /// Counts what was moved for a segment since `before`.
    pub(super) fn count_moved(&self, before: (u64, u64)) {
        let (read_bytes, sent_bytes) = self.moved_bytes();
        let mut traffic = self.owner.repair_traffic().lock();
        traffic.read_bytes += read_bytes.saturating_sub(before.0);
        traffic.sent_bytes += sent_bytes.saturating_sub(before.1);
    }

    /// Counts what it takes at least to make so many shards again out of so many.
    pub(super) fn count_least(&self, read: usize, made: usize, shard_bytes: usize) {
        if made > 0 {
            self.owner.repair_traffic().lock().least_bytes += ((read + made) * shard_bytes) as u64;
        }
    }
}
