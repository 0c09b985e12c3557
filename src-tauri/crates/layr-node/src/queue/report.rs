//! A transfer as a window shows it: what the library knows, and what runs or rests.

use layr_library::{TransferRow, TransferState as Recorded};
use tokio::time::Instant;

use super::Queue;
use super::lane::{Lane, api_kind};
use super::stored::Outcome;
use crate::api::{Progress, Transfer, TransferState};
use crate::catalogue::rfc3339;

/// Describes one row.
pub(super) fn describe(queue: &Queue, row: TransferRow, now_unix_s: u64) -> Transfer {
    let kind = api_kind(row.kind);
    let lane = queue.lane(kind);
    let outcome = row.outcome.as_deref().map(Outcome::decode).unwrap_or_default();
    let mut transfer = Transfer {
        id: row.id,
        kind,
        name: row.name,
        state: match row.state {
            Recorded::Waiting => TransferState::Waiting,
            Recorded::Paused => TransferState::Paused,
            Recorded::Failed => TransferState::Failed,
            Recorded::Done => TransferState::Done,
            Recorded::Cancelled => TransferState::Cancelled,
        },
        stage: String::new(),
        current: String::new(),
        done_bytes: row.counts.done_bytes,
        total_bytes: row.counts.total_bytes,
        done_files: row.counts.done_files,
        total_files: row.counts.total_files,
        done_shards: 0,
        total_shards: 0,
        rate_bytes_per_s: None,
        eta_s: None,
        reason: outcome.reason,
        code: outcome.code,
        retry: outcome.retry,
        added: rfc3339(row.added_unix_s),
        finished: row.finished_unix_s.map(rfc3339),
        next_try: None,
        paused_with_all: row.state == Recorded::Paused && row.is_paused_with_all,
        folder: outcome.folder,
        skipped: outcome.skipped,
        skipped_total: outcome.skipped_total,
    };
    match row.state {
        Recorded::Waiting => describe_waiting(lane, &mut transfer, now_unix_s),
        Recorded::Paused => {
            let reason =
                if transfer.paused_with_all { "All transfers are paused." } else { "It was paused." };
            transfer.reason = Some(reason.to_owned());
            // What was under way when it was paused is written down only when it has come to an end.
            if let Some(view) = lane.view(transfer.id, Instant::now()) {
                take_counts(&mut transfer, &view.progress);
            }
        }
        Recorded::Failed | Recorded::Done | Recorded::Cancelled => {}
    }
    transfer
}

/// A transfer that may run: it does, it rests after a failure, or its turn has not come.
fn describe_waiting(lane: &Lane, transfer: &mut Transfer, now_unix_s: u64) {
    let now = Instant::now();
    if let Some(view) = lane.view(transfer.id, now) {
        transfer.state = TransferState::Running;
        take_counts(transfer, &view.progress);
        transfer.stage = view.progress.stage;
        transfer.current = view.progress.name;
        transfer.rate_bytes_per_s = view.reading.rate_bytes_per_s;
        transfer.eta_s = view.reading.eta_s;
        return;
    }
    if let Some((error, left)) = lane.rest_of(transfer.id, now) {
        transfer.next_try = Some(rfc3339(now_unix_s.saturating_add(left.as_secs().max(1))));
        transfer.reason = Some(error.message);
        transfer.code = Some(error.code);
        transfer.retry = Some(error.retry);
        return;
    }
    transfer.reason = Some("It waits for its turn.".to_owned());
}

/// What a run has done so far. While a repeat finds out what is there already, it knows less than the last run did.
fn take_counts(transfer: &mut Transfer, progress: &Progress) {
    transfer.done_shards = progress.done_shards;
    transfer.total_shards = progress.total_shards;
    if progress.total_bytes > 0 || progress.done_bytes > 0 {
        transfer.done_bytes = progress.done_bytes;
        transfer.total_bytes = progress.total_bytes;
        transfer.done_files = progress.done_files;
        transfer.total_files = progress.total_files;
    }
}
