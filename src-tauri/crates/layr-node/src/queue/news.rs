//! What the queue tells the person. An end and the entry about it are one change of the library; an entry is resolved
//! when the queue no longer says what it says, also after a crash in between.

use layr_library::{Library, NewActivity, StoreError, TransferRow, TransferState};

use super::lane::{api_kind, library_kind};
use super::stored::Outcome;
use crate::activity::{ActivityKind, words};
use crate::api::TransferKind;

/// An upload that is through after less than this is no news: the person has just asked for it.
const LONG_UPLOAD_S: u64 = 120;

/// The news about a transfer that has just ended or failed.
pub(super) fn of_end(row: &TransferRow) -> Vec<NewActivity> {
    let kind = api_kind(row.kind);
    let outcome = row.outcome.as_deref().map(Outcome::decode).unwrap_or_default();
    let mut news = Vec::new();
    if row.state == TransferState::Failed {
        news.push(words::transfer_failed(kind, row.id, &row.name, outcome.code, outcome.reason.as_deref()));
    }
    if row.state != TransferState::Done {
        return news;
    }
    // Counted from when it was asked for: a pause or a restart in between makes the end no less of a news.
    let took_s = row.finished_unix_s.unwrap_or(0).saturating_sub(row.added_unix_s);
    match kind {
        TransferKind::Download => news.push(words::download_done(row.id, &row.name)),
        // Nobody shall hear that it is safe, and only later that it is not all of it.
        TransferKind::Upload if outcome.skipped_total > 0 => {
            news.push(words::upload_incomplete(row.id, &row.name, &outcome.skipped, outcome.skipped_total));
        }
        TransferKind::Upload if took_s >= LONG_UPLOAD_S => {
            news.push(words::upload_done(row.id, &row.name, row.counts.done_files));
        }
        TransferKind::Upload => {}
    }
    news
}

/// Resolves the entries that the queue does not bear out any more; whether there were any.
pub(super) fn follow(library: &Library, now_unix_s: u64) -> Result<bool, StoreError> {
    library.settle_activity(now_unix_s, is_over)
}

fn is_over(entry: &NewActivity, transfers: &[TransferRow]) -> bool {
    if entry.kind == ActivityKind::TransferFailed.code() {
        let is_this =
            |row: &TransferRow| row.state == TransferState::Failed && row.id.to_string() == entry.subject;
        return !transfers.iter().any(is_this);
    }
    entry.kind == ActivityKind::TooFewHosts.code()
        && [TransferKind::Upload, TransferKind::Download].into_iter().any(|kind| {
            let waits =
                |row: &TransferRow| row.kind == library_kind(kind) && row.state == TransferState::Waiting;
            entry.subject == words::too_few_subject(kind) && !transfers.iter().any(waits)
        })
}

/// Transfers of this kind do not wait for hosts any more; whether that is news.
pub(super) fn hosts_found(
    library: &Library,
    kind: TransferKind,
    now_unix_s: u64,
) -> Result<bool, StoreError> {
    let code = ActivityKind::TooFewHosts.code();
    library.resolve_activity_of(code, words::too_few_subject(kind), now_unix_s)
}
