//! False excuses: what a host that was away missed may count all the same where no round of the beacon is on the ledger, and where all goes well
//! nobody publishes one. So the owner publishes one, once for all agreements whose window it was.

use std::cmp::Reverse;

use layr_agreement::Calendar;
use layr_ledger::LedgerTip;
use layr_ledger::agreement::EscrowId;
use layr_library::AgreementState;

use super::{Looked, Paying, PayingError, now_s};

/// So long after a window's end a round is published: hosts prove until that, publish it themselves then, and an excuse takes two weeks. It is tried
/// again until an excuse would be too late.
const REFUTED_AFTER_S: u64 = 24 * 60 * 60;

/// So long it is waited where this owner could not ask about the window itself: its host may have been there, and is asked late.
const UNASKED_REFUTED_AFTER_S: u64 = 12 * 24 * 60 * 60;

/// A window that a host missed.
struct Missed {
    /// The round that asked for it.
    round: u64,
    escrow: EscrowId,
    calendar: Calendar,
    window: u32,
}

impl Paying {
    /// Makes sure that no missed window can be excused which could have been proven.
    pub(super) async fn refute_excuses(&self, tip: &LedgerTip, looked: &mut Looked) {
        if let Err(error) = self.refuted(tip).await {
            looked.hinder(None, error);
        }
    }

    async fn refuted(&self, tip: &LedgerTip) -> Result<(), PayingError> {
        let mut missed = self.missed(tip).await?;
        if missed.is_empty() {
            return Ok(());
        }
        let ledger = &self.shared.ledger;
        let newest = ledger.newest_round().await?;
        // The newest refutes all before it.
        missed.sort_unstable_by_key(|missed| (Reverse(missed.round), missed.escrow));
        missed.dedup_by_key(|missed| (missed.round, missed.escrow));
        for Missed { round, escrow, calendar, window } in missed {
            if round <= newest {
                break;
            }
            // What we asked ourselves refutes as well.
            if ledger.question_of_owner(escrow, window).await?.is_some() {
                continue;
            }
            ledger.publish(&ledger.round(&calendar, window).await?).await?;
            tracing::info!(round, "a round of the beacon was published: what was missed is not excused");
            break;
        }
        Ok(())
    }

    /// What hosts missed that would gain by an excuse.
    async fn missed(&self, tip: &LedgerTip) -> Result<Vec<Missed>, PayingError> {
        let open = self.open().await?;
        let at_stake = open
            .into_iter()
            .filter(|agreement| agreement.record.state == AgreementState::Open && agreement.has_at_stake());
        let mut missed = Vec::new();
        for agreement in at_stake {
            let Some(place) = agreement.place() else { continue };
            let (calendar, escrow) = (agreement.terms.calendar, place.escrow);
            let asked = agreement.missed_windows(REFUTED_AFTER_S, now_s(tip)).into_iter();
            let asked = asked.filter(|window| agreement.is_asked(*window));
            let unasked = agreement.missed_windows(UNASKED_REFUTED_AFTER_S, now_s(tip)).into_iter();
            let unasked = unasked.filter(|window| !agreement.is_asked(*window));
            for window in asked.chain(unasked) {
                let round = self.shared.ledger.round_number(&calendar, window).await?;
                missed.push(Missed { round, escrow, calendar, window });
            }
        }
        Ok(missed)
    }
}
