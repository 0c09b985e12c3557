//! Ending an agreement before its time, as a person asked: on the ledger, with the window after the one that runs.

use layr_agreement::State;
use layr_ledger::Stroops;
use layr_library::AgreementState;

use super::{Agreement, Paying, PayingError, now_s};

/// Two tenths of a lumen for the notice, which is the first thing on the ledger about its host: ten times what such a one was measured to cost.
const NOTICE_FEE_CAP: Stroops = Stroops::small(2_000_000);

/// What came of a notice.
pub(crate) enum Noticed {
    /// This owner pays for no such agreement that runs.
    NotRunning,
    /// It ends no later by itself, or was ended before.
    EndsAnyway,
    /// It ends earlier from now on.
    Shortened,
}

impl Paying {
    /// Ends the agreement with this number. A repeat changes nothing.
    ///
    /// # Errors
    /// [`PayingError`]; whether the ledger has the notice the next look finds out.
    pub(crate) async fn terminate(&self, id: i64) -> Result<Noticed, PayingError> {
        let _turn = self.shared.turn.lock().await;
        let found = self.open().await?.into_iter().find(|agreement| agreement.record.id == id);
        let Some(agreement) = found.filter(|found| found.record.state == AgreementState::Open) else {
            return Ok(Noticed::NotRunning);
        };
        let tip = self.shared.ledger.tip().await?;
        let Some(mut agreement) = self.as_on_ledger(agreement).await? else {
            return Ok(Noticed::NotRunning);
        };
        let until = agreement.terms.calendar.windows_until_notice(now_s(&tip));
        let Some((place, seat)) = agreement.place().zip(agreement.seat()) else {
            return Ok(Noticed::NotRunning);
        };
        if until >= agreement.windows() {
            return Ok(Noticed::EndsAnyway);
        }
        let ledger = &self.shared.ledger;
        let call = ledger.contract().terminate(&agreement.terms, &seat, (place.escrow, place.host))?;
        ledger.submit(&format!("terminate:{}:{}", place.escrow, place.host), call, NOTICE_FEE_CAP).await?;
        // By the ledger that had it, a window may have begun meanwhile.
        agreement = match self.as_on_ledger(agreement).await? {
            Some(agreement) => agreement,
            None => return Ok(Noticed::NotRunning),
        };
        tracing::info!(escrow = %place.escrow, windows = agreement.windows(), "an agreement was ended before its time");
        Ok(Noticed::Shortened)
    }

    /// An agreement with what the ledger has of it, written down; none where that has closed it, or does not show it.
    async fn as_on_ledger(&self, mut agreement: Agreement) -> Result<Option<Agreement>, PayingError> {
        let Some(place) = agreement.place() else { return Ok(None) };
        let found = self.shared.ledger.escrows(&[place.escrow]).await?.into_iter().flatten().next();
        let slot = found.map(|escrow| escrow.slot(place.host, agreement.terms.calendar.windows));
        let Some(slot) = slot.filter(|slot| slot.state == State::Active) else { return Ok(None) };
        if agreement.take_over(&slot) {
            self.write(vec![(agreement.record.clone(), None)]).await?;
        }
        Ok(Some(agreement))
    }
}
