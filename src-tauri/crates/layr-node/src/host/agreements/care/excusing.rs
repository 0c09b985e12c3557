//! Windows for which nobody asked: there was no round of the beacon, and no question of the owner. Two weeks later the contract counts them.
//!
//! The contract alone knows whether nobody asked: what it has not is excused, and a newer round or the owner's question refutes it.

use layr_agreement::{EXCUSE_AFTER_S, Slot};
use layr_ledger::LedgerError;
use layr_ledger::agreement::Place;

use super::{Agreement, AgreementLedger, Care, CareError, PROOF_FEE_CAP, Service, SignedClosing};
use crate::agreements::shown;

/// Whether a window that this host missed may be excused now or later, as far as the ledger tells: nothing there refutes it yet.
pub(in crate::host::agreements) async fn may_be_excused(
    ledger: &AgreementLedger,
    agreement: &Agreement,
    slot: &Slot,
    now_s: u64,
) -> Result<bool, LedgerError> {
    let windows = agreement.windows_to_excuse((0, now_s), slot);
    let Some(place) = agreement.place().filter(|_| !windows.is_empty()) else { return Ok(false) };
    let newest = ledger.newest_round().await?;
    for window in windows {
        if !is_refuted(ledger, agreement, (place, window), newest).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether somebody asked about a window, so that it could have been proven.
async fn is_refuted(
    ledger: &AgreementLedger,
    agreement: &Agreement,
    (place, window): (Place, u32),
    newest: u64,
) -> Result<bool, LedgerError> {
    Ok(ledger.round_number(&agreement.terms.calendar, window).await? <= newest
        || ledger.question_of_owner(place.escrow, window).await?.is_some())
}

impl Service {
    /// Has one window excused, if there is one that can be; answers whether it was.
    pub(super) async fn excuse_missed(&self, care: &Care<'_>) -> Result<bool, CareError> {
        let windows = care.excusable_windows();
        if windows.is_empty() {
            return Ok(false);
        }
        let Care { ledger, agreement, place: Place { escrow, host }, seat, .. } = care;
        let newest = ledger.newest_round().await?;
        for window in windows {
            if is_refuted(ledger, agreement, (care.place, window), newest).await? {
                continue;
            }
            // Behind the excuse it would go back, unless it has this window, too.
            self.show_receipt(care).await?;
            let revision = shown(&self.data_of(agreement, window).await?);
            let excuse = ledger.contract().excuse(
                (&agreement.terms, seat),
                (*escrow, *host),
                (window, revision.as_ref()),
            )?;
            ledger.submit(&format!("excuse:{escrow}:{host}:{window}"), excuse, PROOF_FEE_CAP).await?;
            tracing::info!(%escrow, host, window, "a window for which nobody asked is excused");
            self.follow_ledger(care).await?;
            return Ok(true);
        }
        Ok(false)
    }
}

impl Care<'_> {
    /// The windows that were missed so long ago that they may be excused, except those that a receipt decides: it is worth more. None while the
    /// owner may close the part by what both signed.
    fn excusable_windows(&self) -> Vec<u32> {
        let agreement = &self.agreement;
        let closing = agreement.record.closing.as_deref().and_then(SignedClosing::read);
        let is_closing = closing.is_some_and(|closing| closing.until_unix_s >= self.now_s);
        if is_closing {
            Vec::new()
        } else {
            agreement.windows_to_excuse((EXCUSE_AFTER_S, self.now_s), &self.slot)
        }
    }
}

impl Agreement {
    /// The windows that ended at least `since_s` ago, that this host missed and would gain by having excused, and that no receipt decides. `slot`: what
    /// the ledger has.
    fn windows_to_excuse(&self, (since_s, now_s): (u64, u64), slot: &Slot) -> Vec<u32> {
        if !self.has_at_stake() {
            return Vec::new();
        }
        let receipted = self.receipt().map_or(0, |receipt| receipt.body.decided).max(slot.receipted);
        let mut missed = self.missed_windows(since_s, now_s);
        missed.retain(|window| *window >= receipted);
        missed
    }
}
