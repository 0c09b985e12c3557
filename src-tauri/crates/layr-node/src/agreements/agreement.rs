//! An agreement as the library has it, read.

use layr_agreement::{ReceiptBody, Slot, Stake, State};
use layr_ledger::agreement::{EscrowId, EscrowTerms, HostTerms, Place, Seat};
use layr_library::{AgreementRecord, StoreError};
use layr_proof::Path;

use crate::wire::{WireSeat, WireTerms, decode_body};

/// An agreement.
#[derive(Debug, Clone)]
pub(crate) struct Agreement {
    /// As it is recorded.
    pub(crate) record: AgreementRecord,
    /// What holds for the whole escrow.
    pub(crate) terms: EscrowTerms,
    /// What holds for the host.
    pub(crate) host: HostTerms,
}

impl Agreement {
    /// Reads what was recorded.
    ///
    /// # Errors
    /// A record that this program does not write.
    pub(crate) fn read(record: AgreementRecord) -> Result<Self, StoreError> {
        let damaged = || StoreError::Damaged { detail: format!("agreement {} has no terms", record.id) };
        let terms = decode_body::<WireTerms>(&record.terms).ok().and_then(|terms| terms.terms());
        let host = decode_body::<WireSeat>(&record.seat).ok().and_then(|seat| seat.terms());
        let (terms, host) = terms.zip(host).ok_or_else(damaged)?;
        Ok(Self { record, terms, host })
    }

    /// Its place in an escrow, once all hosts of that are known.
    pub(crate) fn place(&self) -> Option<Place> {
        let place = self.record.place.as_ref()?;
        Some(Place { escrow: EscrowId(place.escrow), host: place.host })
    }

    /// Its host's terms with their path there.
    pub(crate) fn seat(&self) -> Option<Seat> {
        let path = Path::decode(&self.record.place.as_ref()?.path).ok()?;
        Some(Seat { terms: self.host.clone(), path })
    }

    /// What both sides put in.
    pub(crate) fn stake(&self) -> Stake {
        self.terms.stake(&self.host)
    }

    /// How far it has come, as the contract would count it with the newest receipt.
    pub(crate) fn slot(&self) -> Slot {
        let AgreementRecord { decided, proven, earned_stroops, revision, .. } = self.record;
        let slot = Slot::new(State::Active, self.terms.calendar.windows);
        Slot { decided, receipted: decided, proven, earned: earned_stroops, revision, ..slot }
    }

    /// Whether its escrow may be gone from the ledger: it goes when its last part is settled, with what both signed for the end, or
    /// when that is overdue. A server that shows none before that is behind, or lies; what is forgotten on its word is lost.
    pub(crate) fn may_be_settled(&self, now_s: u64) -> bool {
        let calendar = &self.terms.calendar;
        self.record.closing.is_some() || now_s >= calendar.settling_begins_s(calendar.windows)
    }

    /// Takes over what the ledger has beyond it; answers whether that is something.
    pub(crate) fn take_over(&mut self, slot: &Slot) -> bool {
        let (decided, proven) = (self.record.decided.max(slot.decided), self.record.proven | slot.proven);
        let earned = self.record.earned_stroops.max(slot.earned);
        let before = (self.record.decided, self.record.proven, self.record.earned_stroops);
        self.advance(decided, proven, earned);
        before != (decided, proven, earned)
    }

    /// What a receipt says of it now.
    pub(crate) fn receipt_body(&self) -> ReceiptBody {
        let AgreementRecord { decided, proven, earned_stroops: earned, revision, .. } = self.record;
        ReceiptBody { decided, proven, earned, revision }
    }

    /// Takes over what the ledger or a receipt says.
    pub(crate) fn advance(&mut self, decided: u32, proven: u32, earned_stroops: u64) {
        self.record.decided = decided;
        self.record.proven = proven;
        self.record.earned_stroops = earned_stroops;
    }
}
