//! An escrow that is on the ledger: where this host is in it.

use layr_agreement::State;
use layr_keys::OwnerId;
use layr_ledger::agreement::{EscrowId, Seat};
use layr_library::{AgreementState, EscrowPlace, StoreError};
use layr_proof::Path;

use super::{Agreement, AgreementDesk, Service, not_on_ledger};
use crate::wire::{Refusal, Response};

impl Service {
    /// Answers one `Opened` whose certificate has been checked.
    pub(in crate::host) async fn opened(
        &self,
        owner: OwnerId,
        escrow: EscrowId,
        (path, hosts): (&[u8], u8),
    ) -> Result<Response, Refusal> {
        let desk = &self.agreements;
        let ledger = desk.ledger()?;
        let path = Path::decode(path).map_err(|_| Refusal::BadRequest)?;
        let open = desk.open().await.map_err(|_| Refusal::DiskUnusable)?;
        let of_owner = open.into_iter().filter(|agreement| agreement.record.other == *owner.as_bytes());
        let mut placed = of_owner.filter_map(|agreement| {
            let seat = Seat { terms: agreement.host.clone(), path: path.clone() };
            let (id, host) = agreement.terms.id_of_seat(&seat, hosts).ok()?;
            (id == escrow).then_some((agreement, seat, host))
        });
        let Some((agreement, seat, host)) = placed.next_back() else { return Err(Refusal::NoAgreement) };
        if agreement.record.state == AgreementState::Open {
            let is_same = agreement.place().is_some_and(|place| (place.escrow, place.host) == (escrow, host));
            return if is_same { Ok(Response::Taken) } else { Err(Refusal::NoAgreement) };
        }
        let found = ledger.escrows(&[escrow]).await.map_err(|error| not_on_ledger(&error))?;
        let slot = found.into_iter().flatten().next();
        let slot = slot.map(|found| found.slot(host, agreement.terms.calendar.windows));
        if slot.is_none_or(|slot| slot.state != State::Active) {
            return Err(Refusal::NotOnLedger);
        }
        desk.place(&agreement, &seat, (escrow, host, hosts)).await.map_err(|error| {
            tracing::warn!(%error, "an agreement cannot be written");
            Refusal::DiskUnusable
        })?;
        Ok(Response::Taken)
    }
}

impl AgreementDesk {
    /// Writes down that an agreement is open, and where, unless that is known already.
    pub(super) async fn place(
        &self,
        agreement: &Agreement,
        seat: &Seat,
        (escrow, host, hosts): (EscrowId, u8, u8),
    ) -> Result<(), StoreError> {
        let _changing = self.changing.lock().await;
        let is_it = |open: &Agreement| {
            open.record.id == agreement.record.id && open.record.state == AgreementState::Consented
        };
        let Some(Agreement { mut record, .. }) = self.open().await?.into_iter().find(is_it) else {
            return Ok(());
        };
        record.place = Some(EscrowPlace { escrow: escrow.0, host, path: seat.path.encode(), hosts });
        record.state = AgreementState::Open;
        tracing::info!(%escrow, host, "an agreement is open");
        self.write(record).await
    }
}
