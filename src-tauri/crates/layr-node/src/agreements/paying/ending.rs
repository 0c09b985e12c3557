//! The end of a term: both sides sign for it, and one transaction divides the money of all hosts that did.

use std::collections::BTreeMap;

use futures::{StreamExt as _, stream};
use layr_agreement::MAX_PARTS_SETTLED;
use layr_keys::{PeerId, Signature};
use layr_ledger::LedgerTip;
use layr_ledger::agreement::{Closing, Ending, EscrowId, EscrowTerms, Seat};
use layr_library::AgreementState;
use minicbor::{Decode, Encode};
use sha2::{Digest as _, Sha256};

use super::opening::peer_of;
use super::{Agreement, ESCROW_FEE_CAP, HOSTS_AT_ONCE, Looked, Paying, PayingError, now_s};

const DAY_S: u64 = 24 * 60 * 60;
/// A closing holds for so long: a week for a transaction, and no more, as a host has no further say until then.
const CLOSING_HOLDS_S: u64 = 7 * DAY_S;
/// So long a part waits that is overdue and whose host earned something: by the ledger alone it might get nothing of it. The escrow's life ends three days later.
const WAIT_FOR_CLAIM_S: u64 = 6 * DAY_S;
/// So long after the term all hosts are waited for, so that one transaction serves them all.
const WAIT_FOR_ALL_S: u64 = 3 * DAY_S;
/// So long after the term a host is asked about windows that this owner could not ask about while they ran.
const WAIT_FOR_LATE_ANSWERS_S: u64 = 7 * DAY_S;

/// A closing as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
struct RecordedClosing {
    #[n(0)]
    to_host_stroops: u64,
    #[n(1)]
    until_unix_s: u64,
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    owner_signature: [u8; 64],
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    host_signature: [u8; 64],
}

impl Paying {
    /// Ends the terms that are over.
    pub(super) async fn end_terms(&self, tip: &LedgerTip, looked: &mut Looked) -> Result<(), PayingError> {
        let over = self.open().await?.into_iter().filter(|agreement| {
            agreement.record.state == AgreementState::Open
                && agreement.record.decided >= agreement.windows()
                && agreement.record.end_unix_s <= now_s(tip)
        });
        let mut escrows: BTreeMap<EscrowId, Vec<Agreement>> = BTreeMap::new();
        for agreement in over {
            if let Some(place) = agreement.place() {
                escrows.entry(place.escrow).or_default().push(agreement);
            }
        }
        for (id, agreements) in escrows {
            if let Err(error) = self.end_escrow(id, agreements, tip, looked).await {
                looked.hinder(None, error);
            }
        }
        Ok(())
    }

    async fn end_escrow(
        &self,
        id: EscrowId,
        agreements: Vec<Agreement>,
        tip: &LedgerTip,
        looked: &mut Looked,
    ) -> Result<(), PayingError> {
        let Some(terms) = agreements.first().map(|agreement| agreement.terms.clone()) else { return Ok(()) };
        let closed = stream::iter(agreements)
            .map(|agreement| async {
                let closing = self.closing_with(&agreement, tip).await;
                (agreement, closing)
            })
            .buffer_unordered(HOSTS_AT_ONCE)
            .collect::<Vec<_>>()
            .await;
        let (mut parts, mut changed) = (Vec::new(), Vec::new());
        // The end of the last of those that have to be waited for: some may have been ended before their time.
        let mut awaited_s = None;
        for (mut agreement, closing) in closed {
            let ending = match closing {
                Ok(closing) => {
                    agreement.record.closing = minicbor::to_vec(recorded(&closing)).ok();
                    changed.push((agreement.record.clone(), None));
                    Some(Ending::Agreed(closing))
                }
                Err(reason) => {
                    looked.hinder(Some(peer_of(&agreement)), reason);
                    awaited_s = awaited_s.max(Some(agreement.record.end_unix_s));
                    let overdue_s = terms.calendar.settling_begins_s(agreement.windows());
                    // Who has earned what the ledger may not know has some days more to show it.
                    let patience_s = if agreement.record.earned_stroops > 0 { WAIT_FOR_CLAIM_S } else { 0 };
                    (now_s(tip) >= overdue_s.saturating_add(patience_s)).then_some(Ending::Overdue)
                }
            };
            if let Some((seat, ending)) = agreement.seat().zip(ending) {
                parts.push((agreement, seat, ending));
            }
        }
        self.write(changed).await?;
        if awaited_s.is_some_and(|end_s| now_s(tip) < end_s.saturating_add(WAIT_FOR_ALL_S)) {
            return Ok(());
        }
        parts.sort_by_key(|(agreement, ..)| agreement.record.place.as_ref().map(|place| place.host));
        for parts in parts.chunks(MAX_PARTS_SETTLED) {
            self.settle(id, &terms, parts, looked).await?;
        }
        Ok(())
    }

    /// Both signatures for what the host gets: those that are recorded, as long as they hold, else new ones.
    async fn closing_with(&self, agreement: &Agreement, tip: &LedgerTip) -> Result<Closing, String> {
        let place = agreement.place().ok_or("it has no place in an escrow")?;
        let asked_until_s = agreement.record.end_unix_s.saturating_add(WAIT_FOR_LATE_ANSWERS_S);
        if agreement.unasked_windows().next().is_some() && now_s(tip) < asked_until_s {
            return Err(
                "it has not answered yet about a window that this node could not ask about".to_owned()
            );
        }
        let recorded = agreement.record.closing.as_ref().and_then(|bytes| minicbor::decode(bytes).ok());
        if let Some(recorded) = recorded.map(|recorded: RecordedClosing| closing(&recorded))
            && recorded.until_unix_s > now_s(tip).saturating_add(DAY_S)
        {
            return Ok(recorded);
        }
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let division = agreement.slot().division(&agreement.terms.calendar, &agreement.stake());
        let to_host_stroops = division.map_err(|error| told(&error))?.to_host;
        let until_unix_s = now_s(tip).saturating_add(CLOSING_HOLDS_S);
        let network = self.shared.ledger.network();
        let message = network.closing_message(place, to_host_stroops, until_unix_s);
        let (domain, message) = message.map_err(|error| told(&error))?;
        let contact = self.contact(peer_of(agreement)).await.map_err(|error| told(&error))?;
        let client = self.shared.owner.client();
        let answered = client.close(&contact, place, (to_host_stroops, until_unix_s)).await;
        let host_signature = answered.map_err(|error| told(&error))?;
        PeerId::from_bytes(agreement.host.receipt_key)
            .verify(domain, &message, &Signature::from_bytes(host_signature))
            .map_err(|_| "its signature for the end is wrong")?;
        let owner_signature = self.shared.keys.sign(domain, &message).to_bytes();
        Ok(Closing { to_host_stroops, until_unix_s, key: 0, owner_signature, host_signature })
    }

    async fn settle(
        &self,
        id: EscrowId,
        terms: &EscrowTerms,
        parts: &[(Agreement, Seat, Ending)],
        looked: &mut Looked,
    ) -> Result<(), PayingError> {
        let endings: Vec<(Seat, Ending)> =
            parts.iter().map(|(_, seat, ending)| (seat.clone(), ending.clone())).collect();
        if endings.is_empty() {
            return Ok(());
        }
        let call = self.shared.ledger.contract().settle(terms, &endings)?;
        // Other parts or other signatures are another transaction.
        let mut digest = Sha256::new();
        for (agreement, _, ending) in parts {
            digest.update([agreement.record.place.as_ref().map_or(0, |place| place.host)]);
            if let Ending::Agreed(closing) = ending {
                digest.update(closing.host_signature);
            }
        }
        let key = format!("settle:{id}:{}", hex::encode(digest.finalize().get(..8).unwrap_or_default()));
        self.shared.ledger.submit(&key, call, ESCROW_FEE_CAP).await?;
        looked.settled += parts.len() as u64;
        let settled = parts.iter().map(|(agreement, ..)| agreement.clone()).collect();
        self.set_state(settled, AgreementState::Settled).await
    }
}

fn recorded(closing: &Closing) -> RecordedClosing {
    RecordedClosing {
        to_host_stroops: closing.to_host_stroops,
        until_unix_s: closing.until_unix_s,
        owner_signature: closing.owner_signature,
        host_signature: closing.host_signature,
    }
}

fn closing(recorded: &RecordedClosing) -> Closing {
    Closing {
        to_host_stroops: recorded.to_host_stroops,
        until_unix_s: recorded.until_unix_s,
        key: 0,
        owner_signature: recorded.owner_signature,
        host_signature: recorded.host_signature,
    }
}
