//! A window's question of the owner: our answer, and its receipt.

use layr_keys::{OwnerId, PeerId};
use layr_ledger::agreement::{Place, Receipt};
use layr_library::AgreementData;
use tokio::time::timeout;

use super::receipt::{Due, is_acceptable, is_signed};
use super::{Agreement, Service, not_on_ledger};
use crate::host::progress::{STALL_TIMEOUT, Watchdog};
use crate::host::rate_limit::MAX_BACKLOG;
use crate::host::{Ended, answer};
use crate::net::BoxStream;
use crate::wire::{Refusal, Response, WireReceipt, encode_frame, read_frame};

/// Serves one `Window` whose certificate has been checked.
pub(in crate::host) async fn serve(
    service: &Service,
    stream: &mut BoxStream,
    (peer, owner): (PeerId, OwnerId),
    (place, window, randomness): (Place, u32, [u8; 32]),
) -> Result<(), Ended> {
    let desk = &service.agreements;
    desk.ledger()?;
    let agreement = desk.open_at(owner, place).await?;
    if window >= agreement.windows() {
        return Err(Refusal::BadRequest.into());
    }
    let samples = agreement.terms.samples;
    let _place = service.auditing.enter(peer).ok_or(Refusal::Busy)?;
    let is_much = service.up.backlog(peer) > MAX_BACKLOG;
    let leaves = usize::try_from(samples).unwrap_or(usize::MAX);
    if is_much || service.leaf_rate.take(peer, leaves) < leaves {
        return Err(Refusal::Busy.into());
    }
    let data = service.data_of(&agreement, window).await?;
    // Its list was forgotten when a later one came to hold: without it nothing can be proven.
    if data.shards.is_empty() && data.leaves > 0 {
        return Err(Refusal::NoAgreement.into());
    }
    let question = place.question(&randomness, window);
    let proven = service.prove_window(data, question, samples).await?;
    service.leaf_rate.charge(peer, proven.read_bytes);
    answer(stream, &Response::Answering).await?;
    let mut watchdog = Watchdog::new(service.net.patience());
    for leaf in &proven.leaves {
        let frame = encode_frame(leaf)?;
        service.up.of(peer).pass(frame.len()).await;
        watchdog.write(stream, &frame).await?;
    }
    let deadline = STALL_TIMEOUT * service.net.patience();
    let receipt: WireReceipt = timeout(deadline, read_frame(stream)).await.map_err(|_| Ended::Stalled)??;
    let shown = proven.is_whole().then_some(window);
    service.take_receipt((owner, place), &receipt, shown).await?;
    answer(stream, &Response::Taken).await
}

impl Service {
    /// What an agreement is about in a window.
    pub(super) async fn data_of(&self, agreement: &Agreement, window: u32) -> Result<AgreementData, Refusal> {
        let (id, revision) = (agreement.record.id, agreement.record.revision);
        let data =
            self.agreements.recorded(move |library| library.agreement_data(id, window, revision)).await?;
        data.ok_or(Refusal::NoAgreement)
    }

    /// Writes a receipt down, if it takes nothing from us. `shown`: the window that was just proven.
    async fn take_receipt(
        &self,
        (owner, place): (OwnerId, Place),
        wire: &WireReceipt,
        shown: Option<u32>,
    ) -> Result<(), Refusal> {
        let desk = &self.agreements;
        let ledger = desk.ledger()?;
        let receipt: Receipt = wire.receipt();
        let tip = ledger.tip().await.map_err(|error| not_on_ledger(&error))?;
        let _changing = desk.changing.lock().await;
        let mut agreement = desk.open_at(owner, place).await?;
        let due = self.due(&agreement, &receipt).await?;
        let is_fine = is_signed(&agreement, &ledger.network(), place, &receipt)
            && is_acceptable(&agreement, &receipt.body, &due, (tip.close_time_unix_s, shown));
        if !is_fine {
            return Err(Refusal::TermsRefused);
        }
        agreement.advance(receipt.body.decided, receipt.body.proven, receipt.body.earned);
        agreement.record.receipt = Some(minicbor::to_vec(wire).map_err(|_| Refusal::BadRequest)?);
        let record = agreement.record;
        desk.recorded(move |library| library.write_agreements(&[(record, None)]).map(drop)).await
    }

    /// What a receipt has to say by the revisions that hold: the leaves of each window that it counts anew, and what the window after it asks for.
    /// With a later revision in it, that window could not be proven on the ledger any more; with an earlier one, more than is there could.
    async fn due(&self, agreement: &Agreement, receipt: &Receipt) -> Result<Due, Refusal> {
        let (id, revision) = (agreement.record.id, agreement.record.revision);
        let anew = receipt.body.proven & !agreement.record.proven;
        let (windows, decided) = (agreement.windows(), receipt.body.decided);
        self.agreements
            .recorded(move |library| {
                let is_anew = |window: &u32| anew.checked_shr(*window).is_some_and(|bits| bits & 1 == 1);
                let leaves = library.agreed_leaves(id, (0..windows).filter(is_anew), revision)?;
                let next = library.agreed_data(id, decided, revision)?.map_or(0, |data| data.revision);
                Ok(Due { revision: next, leaves })
            })
            .await
    }
}
