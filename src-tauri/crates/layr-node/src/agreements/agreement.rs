//! An agreement as the library has it, read.

use layr_agreement::{ReceiptBody, Slot, Stake, State};
use layr_ledger::agreement::{EscrowId, EscrowTerms, HostTerms, Place, Seat};
use layr_library::{AgreementRecord, AgreementRole, AgreementState, StoreError};
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

    /// Whether it is merely what an owner asks a host for: neither has signed anything. A host's is none, as it writes down what it signed.
    pub(crate) fn is_proposal(record: &AgreementRecord) -> bool {
        record.role == AgreementRole::Owner
            && record.state == AgreementState::Consented
            && record.place.is_none()
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

    /// Number of its windows: fewer than in the terms where the owner ended it.
    pub(crate) fn windows(&self) -> u32 {
        let calendar = &self.terms.calendar;
        let end = self.record.end_unix_s / u64::from(calendar.window_s.max(1));
        let windows = end.saturating_sub(calendar.first_window.into());
        u32::try_from(windows).unwrap_or(calendar.windows).min(calendar.windows)
    }

    /// Whether its owner ended it before its time.
    pub(crate) fn is_terminated(&self) -> bool {
        self.windows() < self.terms.calendar.windows
    }

    /// The window that runs; the first one before the term begins.
    pub(crate) fn running_window(&self, now_s: u64) -> u32 {
        let calendar = &self.terms.calendar;
        let running = now_s.saturating_sub(calendar.begin_s(0)) / u64::from(calendar.window_s.max(1));
        u32::try_from(running).unwrap_or(u32::MAX)
    }

    /// What both sides put in.
    pub(crate) fn stake(&self) -> Stake {
        self.terms.stake(&self.host)
    }

    /// How far it has come, as the contract would count it with the newest receipt. Which revision that shows is not in it.
    pub(crate) fn slot(&self) -> Slot {
        let AgreementRecord { decided, proven, earned_stroops, .. } = self.record;
        let slot = Slot::new(State::Active, self.windows());
        Slot { decided, receipted: decided, proven, earned: earned_stroops, ..slot }
    }

    /// Whether its escrow may be gone from the ledger: it goes when its last part is settled, with what both signed for the end, or
    /// when that is overdue. A server that shows none before that is behind, or lies; what is forgotten on its word is lost.
    pub(crate) fn may_be_settled(&self, now_s: u64) -> bool {
        self.record.closing.is_some() || now_s >= self.terms.calendar.settling_begins_s(self.windows())
    }

    /// Takes over what the ledger has beyond it; answers whether that is something. A revision that a host showed there holds, also where its
    /// answer never came here.
    pub(crate) fn take_over(&mut self, slot: &Slot) -> bool {
        self.take_over_beside(slot, 0)
    }

    /// As [`take_over`](Self::take_over), where `beside_stroops` are due for windows that count here and not yet there: what a host showed there
    /// may be without a receipt that did not reach it.
    pub(crate) fn take_over_beside(&mut self, slot: &Slot, beside_stroops: u64) -> bool {
        let before = self.record.clone();
        let (decided, proven) = (self.record.decided.max(slot.decided), self.record.proven | slot.proven);
        let both = slot.earned.saturating_add(beside_stroops).min(self.stake().deposit);
        self.advance(decided, proven, self.record.earned_stroops.max(both));
        self.record.revision = self.record.revision.max(slot.revision);
        if slot.windows < self.windows() {
            self.record.end_unix_s = self.terms.calendar.begin_s(slot.windows);
        }
        before != self.record
    }

    /// What a receipt says of it now, by the revision that the window after it asks for.
    pub(crate) fn receipt_body(&self, revision: u32) -> ReceiptBody {
        let AgreementRecord { decided, proven, earned_stroops: earned, .. } = self.record;
        ReceiptBody { decided, proven, earned, revision }
    }

    /// The windows below this number are over.
    pub(crate) fn windows_over(&self, now_s: u64) -> u32 {
        self.running_window(now_s).min(self.windows())
    }

    /// The windows that are decided, do not count, and about which the host was not asked: the owner could not.
    pub(crate) fn unasked_windows(&self) -> impl Iterator<Item = u32> + use<> {
        let AgreementRecord { decided, proven, asked, .. } = self.record;
        (0..decided)
            .filter(move |window| (proven | asked).checked_shr(*window).is_some_and(|bits| bits & 1 == 0))
    }

    /// The windows below this number that do not count: also one that is over may still be asked about late, or be excused, and takes its rent
    /// out of the deposit then.
    pub(crate) fn unpaid_windows(&self, below: u32) -> Vec<u32> {
        let slot = self.slot();
        (0..below).filter(|window| !slot.counts(*window)).collect()
    }

    /// Whether the host was asked about it in time, or gave a wrong answer.
    pub(crate) fn is_asked(&self, window: u32) -> bool {
        self.record.asked.checked_shr(window).is_some_and(|bits| bits & 1 == 1)
    }

    /// The host was asked about it in time, or gave a wrong answer; answers whether that is new.
    pub(crate) fn mark_asked(&mut self, window: u32) -> bool {
        let before = self.record.asked;
        self.record.asked |= 1_u32.checked_shl(window).unwrap_or(0);
        before != self.record.asked
    }

    /// Takes over what the ledger or a receipt says.
    pub(crate) fn advance(&mut self, decided: u32, proven: u32, earned_stroops: u64) {
        self.record.decided = decided;
        self.record.proven = proven;
        self.record.earned_stroops = earned_stroops;
    }
}

/// An agreement of 13 windows for tests, at a stroop for each leaf and window; none of it is decided.
#[cfg(test)]
pub(crate) fn agreement_of(
    role: layr_library::AgreementRole,
    receipt_key: [u8; 32],
    (data_root, leaves): ([u8; 32], u64),
) -> Agreement {
    use layr_ledger::Account;

    let windows = super::calendar(1_900_000_000, super::FirstWindow::Soonest);
    let terms = super::terms(Account::from_bytes([4; 32]), receipt_key, windows, [6; 16]);
    let host = HostTerms {
        account: Account::from_bytes([1; 32]),
        receipt_key: [2; 32],
        price_stroops_per_gib: layr_agreement::LEAVES_PER_GIB,
        deposit_stroops: 3500,
        collateral_stroops: 600,
        proof_refund_stroops: 0,
        data_root,
        leaves,
    };
    let record = AgreementRecord {
        id: 1,
        role,
        network_id: [0; 32],
        contract: [0; 32],
        other: [5; 32],
        terms: Vec::new(),
        seat: Vec::new(),
        consent: Vec::new(),
        consent_until_ledger: 0,
        place: None,
        state: layr_library::AgreementState::Open,
        is_told: true,
        decided: 0,
        proven: 0,
        earned_stroops: 0,
        revision: 0,
        receipt: None,
        closing: None,
        begin_unix_s: windows.begin_s(0),
        end_unix_s: windows.begin_s(windows.windows),
        asked: 0,
    };
    Agreement { record, terms, host }
}

#[cfg(test)]
mod tests {
    use layr_agreement::{Slot, State};
    use layr_library::AgreementRole;

    use super::{Agreement, agreement_of};

    /// Otherwise the next receipt would go back behind it, and the host could take none any more.
    #[test]
    fn what_the_ledger_counts_is_taken_over_also_with_as_many_windows_decided() {
        let mut agreement = agreement_of(AgreementRole::Owner, [2; 32], ([1; 32], 5));
        agreement.advance(2, 0b01, 100);
        let slot = |decided, proven, earned| {
            let slot = Slot::new(State::Active, 13);
            Slot { decided, proven, earned, ..slot }
        };
        let counted = |agreement: &Agreement| {
            (agreement.record.decided, agreement.record.proven, agreement.record.earned_stroops)
        };
        assert!(agreement.take_over(&slot(2, 0b11, 150)));
        assert_eq!(counted(&agreement), (2, 0b11, 150));
        assert!(!agreement.take_over(&slot(1, 0b01, 50)), "an older one says nothing");
        assert_eq!(counted(&agreement), (2, 0b11, 150));
        assert!(agreement.take_over(&Slot { revision: 3, ..slot(2, 0b11, 150) }));
        assert_eq!(agreement.record.revision, 3);
    }

    /// The owner counted a window whose receipt never arrived, and the host proved another one to the ledger.
    #[test]
    fn what_counts_on_either_side_alone_is_due_together() {
        let mut agreement = agreement_of(AgreementRole::Owner, [2; 32], ([1; 32], 5));
        agreement.advance(2, 0b10, 100);
        let slot = Slot { decided: 3, proven: 0b100, earned: 120, ..Slot::new(State::Active, 13) };
        assert!(agreement.take_over_beside(&slot, 100));
        assert_eq!((agreement.record.proven, agreement.record.earned_stroops), (0b110, 220));
        assert!(!agreement.take_over_beside(&slot, 100), "once");
        let most = Slot { earned: 3450, ..slot };
        assert!(agreement.take_over_beside(&most, 100));
        assert_eq!(agreement.record.earned_stroops, 3500, "no more than the deposit");
    }

    #[test]
    fn an_end_before_its_time_is_taken_over_and_never_taken_back() {
        let mut agreement = agreement_of(AgreementRole::Host, [2; 32], ([1; 32], 5));
        assert!((agreement.windows(), agreement.is_terminated()) == (13, false));
        assert!(agreement.take_over(&Slot::new(State::Active, 4)));
        assert!((agreement.windows(), agreement.is_terminated()) == (4, true));
        assert_eq!(agreement.slot().windows, 4);
        assert!(!agreement.take_over(&Slot::new(State::Active, 13)), "a server that is behind");
        let overdue_s = agreement.terms.calendar.settling_begins_s(4);
        assert!(agreement.may_be_settled(overdue_s) && !agreement.may_be_settled(overdue_s - 1));
    }

    /// A server that shows no escrow in the middle of a term would make both sides forget their money.
    #[test]
    fn an_escrow_that_is_not_shown_is_settled_only_when_it_can_be() {
        let mut agreement = agreement_of(AgreementRole::Owner, [2; 32], ([1; 32], 5));
        let overdue_s = agreement.terms.calendar.settling_begins_s(13);
        assert!(!agreement.may_be_settled(overdue_s - 1));
        assert!(agreement.may_be_settled(overdue_s));
        agreement.record.closing = Some(Vec::new());
        assert!(agreement.may_be_settled(0), "both signed for it");
    }
}
