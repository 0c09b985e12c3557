//! Re-reading everything in turn, so that damage is noticed while other copies live.

use std::{collections::BTreeSet, time::Instant};

use layr_codec::ShardRoot;

use crate::{
    Vault,
    config::{MAX_SCRUB_BODIES, MAX_SHARD_SIZE_BYTES, SCRUB_ROUND_S},
    error::StoreError,
    ledger::{self, KnownBody, ShardState},
    settle::{Verdict, examine},
};

/// What one call of the scrubber read and found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScrubReport {
    /// Bodies looked at.
    pub bodies_checked: u64,
    /// Bytes read.
    pub read_bytes: u64,
    /// Shards whose bodies were found gone just now.
    pub newly_missing: Vec<ShardRoot>,
    /// Shards whose bodies were found damaged just now. They were moved to `damaged/`.
    pub newly_corrupt: Vec<ShardRoot>,
    /// Shards whose bodies could not be read just now. They are damaged if that is so hours later.
    pub unreadable: Vec<ShardRoot>,
    /// Shards that were missing or corrupt and are whole again.
    pub healed: Vec<ShardRoot>,
}

/// Longest time that one call's budget makes up for: after a long sleep the disk is not read without a pause.
const MAX_PACE_S: u64 = 24 * 3600;

impl Vault {
    /// Bytes to read by [`scrub_next`](Self::scrub_next) for `elapsed_s` seconds since the call before, so that
    /// everything is read within [`SCRUB_ROUND_S`].
    pub fn scrub_pace_bytes(&self, elapsed_s: u64) -> Result<u64, StoreError> {
        let total_bytes = self.inner.ledger.read(ledger::total_body_bytes)?;
        let share = u128::from(total_bytes) * u128::from(elapsed_s.min(MAX_PACE_S));
        Ok(u64::try_from(share.div_ceil(u128::from(SCRUB_ROUND_S))).unwrap_or(u64::MAX))
    }

    /// Reads the bodies whose check is longest ago until `budget_bytes` are used up, no body twice, and at least one
    /// if the budget is not 0. The turn is an order, not a time, so that no change of the clock delays a body. Before them come bodies
    /// that could not be read some hours ago.
    pub fn scrub_next(&self, budget_bytes: u64, now_unix_s: u64) -> Result<ScrubReport, StoreError> {
        self.inner.ready()?;
        let mut report = ScrubReport::default();
        if budget_bytes == 0 {
            return Ok(report);
        }
        let round = self.inner.ledger.read(|connection| ledger::check_round(connection, MAX_SCRUB_BODIES))?;
        let (mut good, mut looked_at) = (Vec::new(), BTreeSet::new());
        for known in self.to_read_again()?.into_iter().chain(round) {
            if report.read_bytes >= budget_bytes {
                break;
            }
            if !looked_at.insert(known.root) {
                continue;
            }
            self.scrub_body(&known, now_unix_s, &mut good, &mut report)?;
            if good.len() >= GOOD_PER_TRANSACTION {
                self.note_good(&mut good, now_unix_s)?;
            }
        }
        self.note_good(&mut good, now_unix_s)?;
        Ok(report)
    }

    /// Bodies whose failure a second look decides: their turn comes weeks later, when it has lapsed.
    fn to_read_again(&self) -> Result<Vec<KnownBody>, StoreError> {
        let roots = self.inner.unreadable.lock().to_read_again(Instant::now());
        self.inner.ledger.read(|connection| {
            let mut known = Vec::new();
            for root in roots {
                let row = ledger::body(connection, &root)?;
                known.extend(row.map(|row| KnownBody { root, size_bytes: row.size_bytes, state: row.state }));
            }
            Ok(known)
        })
    }

    fn scrub_body(
        &self,
        known: &KnownBody,
        now_unix_s: u64,
        good: &mut Vec<ShardRoot>,
        report: &mut ScrubReport,
    ) -> Result<(), StoreError> {
        let KnownBody { root, size_bytes, state: before } = *known;
        report.bodies_checked += 1;
        let verdict = examine(&self.inner.bodies, &root, size_bytes)?;
        if !matches!(verdict, Verdict::Missing) {
            report.read_bytes += size_bytes.min(MAX_SHARD_SIZE_BYTES);
        }
        if before == ShardState::Stored && matches!(verdict, Verdict::Good(_)) {
            self.inner.unreadable.lock().forget(&root);
            good.push(root);
            return Ok(());
        }
        // Looked at again under the lock: an owner may have deleted or sent it again meanwhile.
        let settled = self.inner.settle(&root, Some(now_unix_s));
        if settled.is_err() && matches!(verdict, Verdict::Unreadable(_)) {
            report.unreadable.push(root);
            return Ok(());
        }
        match (before, settled?) {
            (ShardState::Stored, ShardState::Missing) => report.newly_missing.push(root),
            (ShardState::Stored, ShardState::Corrupt) => report.newly_corrupt.push(root),
            (ShardState::Missing | ShardState::Corrupt, ShardState::Stored) => report.healed.push(root),
            _ => {}
        }
        Ok(())
    }

    /// Moves good bodies to the end of the order, many in one transaction.
    fn note_good(&self, good: &mut Vec<ShardRoot>, now_unix_s: u64) -> Result<(), StoreError> {
        if good.is_empty() {
            return Ok(());
        }
        let mut writer = self.inner.ledger.writer();
        let transaction = writer.transaction()?;
        for root in good.drain(..) {
            ledger::mark_good(&transaction, &root, now_unix_s)?;
        }
        Ok(transaction.commit()?)
    }
}

/// Good bodies noted in one transaction: keeps commits rare, and the lock short.
const GOOD_PER_TRANSACTION: usize = 64;
