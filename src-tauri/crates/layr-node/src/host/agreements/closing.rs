//! The end of a term, as the owner proposes it: this host signs for no less than what it would get without, and not while it could still get more by
//! an excuse. Until then its owner asks again, and settles without a signature when the part is overdue, a week after the last excuse can begin.

use layr_agreement::State;
use layr_keys::OwnerId;
use layr_ledger::LedgerTip;
use layr_ledger::agreement::Place;
use minicbor::{Decode, Encode};

use super::care::may_be_excused;
use super::{Service, not_on_ledger};
use crate::wire::{Refusal, Response};

/// So far ahead a closing may hold: until then the owner decides when it settles. A week for its transaction, and a day by which servers may be
/// behind.
const MAX_CLOSING_S: u64 = 8 * 24 * 60 * 60;

/// What this host signed, as it is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(super) struct SignedClosing {
    #[n(0)]
    pub(super) to_host_stroops: u64,
    #[n(1)]
    pub(super) until_unix_s: u64,
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    signature: [u8; 64],
}

impl SignedClosing {
    /// Reads what was recorded.
    pub(super) fn read(recorded: &[u8]) -> Option<Self> {
        minicbor::decode(recorded).ok()
    }
}

impl Service {
    /// Answers one `Close` whose certificate has been checked.
    pub(in crate::host) async fn close_agreement(
        &self,
        owner: OwnerId,
        place: Place,
        (to_host_stroops, until_unix_s): (u64, u64),
    ) -> Result<Response, Refusal> {
        let desk = &self.agreements;
        let ledger = desk.ledger()?;
        let tip: LedgerTip = ledger.tip().await.map_err(|error| not_on_ledger(&error))?;
        let escrows = ledger.escrows(&[place.escrow]).await.map_err(|error| not_on_ledger(&error))?;
        let escrow = escrows.into_iter().flatten().next().ok_or(Refusal::NotOnLedger)?;
        let mut seen = desk.open_at(owner, place).await?;
        let slot = escrow.slot(place.host, seen.terms.calendar.windows);
        seen.take_over(&slot);
        let may_gain = may_be_excused(ledger, &seen, &slot, tip.close_time_unix_s).await;
        let may_gain = may_gain.map_err(|error| not_on_ledger(&error))?;
        let _changing = desk.changing.lock().await;
        let mut agreement = desk.open_at(owner, place).await?;
        if slot.state != State::Active {
            return Err(Refusal::NoAgreement);
        }
        agreement.take_over(&slot);
        let calendar = agreement.terms.calendar;
        let now_s = tip.close_time_unix_s;
        let mut newest = agreement.slot();
        newest.windows = slot.windows;
        let least = newest.division(&calendar, &agreement.stake()).map_err(|_| Refusal::NoAgreement)?;
        let is_over = now_s >= calendar.begin_s(slot.windows);
        let is_bounded = (now_s..=now_s.saturating_add(MAX_CLOSING_S)).contains(&until_unix_s);
        if !is_over || !is_bounded || to_host_stroops < least.to_host {
            return Err(Refusal::TermsRefused);
        }
        if may_gain {
            return Err(Refusal::NotYet);
        }
        let message = ledger.network().closing_message(place, to_host_stroops, until_unix_s);
        let (domain, message) = message.map_err(|error| not_on_ledger(&error))?;
        let signature = desk.device.sign(domain, &message).to_bytes();
        let closing = SignedClosing { to_host_stroops, until_unix_s, signature };
        agreement.record.closing = Some(minicbor::to_vec(closing).map_err(|_| Refusal::BadRequest)?);
        let record = agreement.record;
        desk.recorded(move |library| library.write_agreements(&[(record, None)]).map(drop)).await?;
        Ok(Response::Closed { signature })
    }
}
