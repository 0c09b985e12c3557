//! How far a segment is, told to the upload it belongs to.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::operation::Operation;

/// The share of one segment in an upload's progress.
pub(super) struct SegmentProgress {
    operation: Operation,
    plain_bytes: u64,
    sealed_bytes: u64,
    encoded_bytes: AtomicU64,
}

impl SegmentProgress {
    /// A segment of `plain_bytes` of content, `sealed_bytes` when compressed and encrypted, whose `shards` now count as part
    /// of the upload.
    pub(super) fn new(operation: Operation, plain_bytes: u64, sealed_bytes: u64, shards: u8) -> Self {
        operation.update(|progress| progress.total_shards += u64::from(shards));
        Self { operation, plain_bytes, sealed_bytes, encoded_bytes: AtomicU64::new(0) }
    }

    /// Tells that `bytes` more were encoded, scaled from compressed bytes to bytes of content.
    pub(super) fn encoded(&self, bytes: u64) {
        let before = self.encoded_bytes.fetch_add(bytes, Ordering::Relaxed);
        let more = self.plain(before + bytes).saturating_sub(self.plain(before));
        self.operation.update(|progress| progress.done_bytes += more);
    }

    /// Tells that a host has acknowledged one more shard.
    pub(super) fn stored(&self) {
        self.operation.update(|progress| progress.done_shards += 1);
    }

    fn plain(&self, sealed_bytes: u64) -> u64 {
        let scaled = u128::from(sealed_bytes) * u128::from(self.plain_bytes);
        u64::try_from(scaled / u128::from(self.sealed_bytes.max(1))).unwrap_or(self.plain_bytes)
    }
}
