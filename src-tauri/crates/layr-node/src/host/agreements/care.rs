//! What this host does on the ledger where its owner is silent: proves windows, has those excused for which nobody asked, shows receipts, and
//! settles what is overdue.
//!
//! Each transaction has a name of its own in the account's queue, so that none is made twice, whatever crashes; what fails is tried again at
//! the next look. Fees are bounded by ten times what was measured (ADR 0023).

mod excusing;

use layr_agreement::{ReceiptBody, Slot, State};
use layr_ledger::agreement::{Answer, Ending, Escrow, Place, ProvenLeaf, Receipt, Seat};
use layr_ledger::{LedgerTip, Stroops};
use layr_library::{AgreementRole, AgreementState};
use layr_proof::Path;

pub(super) use self::excusing::may_be_excused;
use super::closing::SignedClosing;
use super::{Agreement, AgreementDesk, CareError, Service, StoreError};
use crate::activity::words;
use crate::agreements::{AgreementLedger, Asked, shown};
use crate::wire::{LeafAnswer, WireReceipt, decode_body};

/// Two tenths of a lumen for a proof, a receipt or an excuse: measured as 0.019 to 0.044.
const PROOF_FEE_CAP: Stroops = Stroops::small(2_000_000);
/// Half a lumen for settling: measured as 0.045 for 30 hosts.
const SETTLE_FEE_CAP: Stroops = Stroops::small(5_000_000);
/// So long after the term, and after the end of what both signed for, the owner is waited for before this host shows its receipt.
const OWNER_IS_SILENT_AFTER_S: u64 = 24 * 60 * 60;

/// An open agreement as a look sees it.
struct Care<'a> {
    ledger: &'a AgreementLedger,
    agreement: Agreement,
    place: Place,
    seat: Seat,
    /// What the ledger has.
    slot: Slot,
    now_s: u64,
}

impl Agreement {
    fn receipt(&self) -> Option<Receipt> {
        let wire: WireReceipt = decode_body(self.record.receipt.as_ref()?).ok()?;
        Some(wire.receipt())
    }

    /// The receipt, where it says more than `slot`.
    fn receipt_beyond(&self, slot: &Slot) -> Option<Receipt> {
        let receipt = self.receipt()?;
        let mut shown = *slot;
        shown.advance(&receipt.body, &self.stake()).ok()?;
        let says_more =
            (shown.decided, shown.proven, shown.earned) != (slot.decided, slot.proven, slot.earned);
        says_more.then_some(receipt)
    }
}

impl AgreementDesk {
    /// Changes what is recorded now of the agreement at this place; written if `change` says so.
    async fn change(
        &self,
        place: Place,
        change: impl FnOnce(&mut Agreement) -> bool,
    ) -> Result<Option<Agreement>, StoreError> {
        let _changing = self.changing.lock().await;
        let (role, escrow) = (AgreementRole::Host, place.escrow.0);
        let found = self.library(move |library| library.agreement_at(role, &escrow, place.host)).await?;
        let Some(record) = found.filter(|record| record.state == AgreementState::Open) else {
            return Ok(None);
        };
        let mut agreement = Agreement::read(record)?;
        if change(&mut agreement) {
            self.write(agreement.record.clone()).await?;
        }
        Ok(Some(agreement))
    }
}

impl Service {
    /// Does what is due of one open agreement.
    pub(super) async fn care_for(
        &self,
        ledger: &AgreementLedger,
        (agreement, escrow): (Agreement, Option<Escrow>),
        tip: &LedgerTip,
    ) -> Result<(), CareError> {
        let now_s = tip.close_time_unix_s;
        let Some((place, seat)) = agreement.place().zip(agreement.seat()) else { return Ok(()) };
        let calendar = agreement.terms.calendar;
        let Some(slot) = escrow.map(|escrow| escrow.slot(place.host, calendar.windows)) else {
            return if agreement.may_be_settled(now_s) {
                self.settled(place, None).await
            } else {
                Err(CareError::Gone(place.escrow))
            };
        };
        match slot.state {
            State::Closed => return self.settled(place, Some(slot.windows)).await,
            State::Offered => return Ok(()),
            State::Active => {}
        }
        let agreement = self.agreements.change(place, |agreement| agreement.take_over(&slot)).await?;
        let Some(agreement) = agreement else { return Ok(()) };
        if agreement.record.revision > 0 {
            let (record, from) = (agreement.record.clone(), agreement.first_window_to_prove(now_s));
            self.agreements.library(move |library| library.forget_lists(&record, from)).await?;
        }
        let mut care = Care { ledger, agreement, place, seat, slot, now_s };
        self.note_missed(&mut care).await?;
        let excused = match self.excuse_missed(&care).await {
            // What else is due is looked at with what the ledger has now.
            Ok(true) => return Ok(()),
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        let is_over = now_s >= calendar.begin_s(slot.windows);
        let done = match care.due_window() {
            _ if is_over => self.end(care).await,
            Some(window) => self.prove_on_ledger(&care, window).await,
            None => Ok(()),
        };
        done.and(excused)
    }

    /// Decides the windows whose time is over for a day in which this host could look, and tells of those that were missed: an owner that saw no ledger
    /// asks as soon as it sees one.
    async fn note_missed(&self, care: &mut Care<'_>) -> Result<(), CareError> {
        let calendar = care.agreement.terms.calendar;
        let before = care.agreement.record.decided;
        let over = {
            let sight = self.agreements.sight.lock();
            let is_over = |window: &u32| sight.is_missed(calendar.begin_s(window + 1), care.now_s);
            (before..care.slot.windows).take_while(is_over).last().map_or(before, |last| last + 1)
        };
        if over <= before {
            return Ok(());
        }
        let place = care.place;
        let decided = self.agreements.change(place, |agreement| {
            agreement.record.decided = agreement.record.decided.max(over);
            true
        });
        let Some(agreement) = decided.await? else { return Ok(()) };
        let missed = (before..over).filter(|window| !agreement.slot().counts(*window)).count();
        care.agreement = agreement;
        if missed > 0 {
            let allowed = u64::from(care.agreement.terms.missed_allowed);
            self.activity.note(words::windows_missed(&place.escrow, missed as u64, allowed)).await;
        }
        Ok(())
    }

    /// Proves a window by the revision that it asks for, with the newest receipt for those before: to the beacon, or to the owner where that is
    /// silent.
    async fn prove_on_ledger(&self, care: &Care<'_>, window: u32) -> Result<(), CareError> {
        let Care { ledger, agreement, place, seat, slot, .. } = care;
        let Place { escrow, host } = *place;
        let asked = ledger.asked(&agreement.terms.calendar, escrow, window).await?;
        let data = self.data_of(agreement, window).await?;
        let revision = shown(&data);
        let question = place.question(asked.randomness(), window);
        let proven = self.prove_window(data, question, agreement.terms.samples).await?;
        let leaves: Option<Vec<ProvenLeaf>> = proven.leaves.into_iter().map(of_answer).collect();
        let leaves = leaves.ok_or(CareError::Unprovable(escrow))?;
        if let Asked::Beacon(round) = &asked {
            ledger.publish(round).await?;
        }
        let receipt = agreement.receipt_beyond(slot);
        let to_owner = matches!(asked, Asked::Owner(_));
        // With another receipt, or to another question, it is another transaction; of all only one is taken.
        let shown = receipt.as_ref().map_or(String::new(), |receipt| format!(":{}", name_of(receipt)));
        let by = if to_owner { ":to-owner" } else { "" };
        let key = format!("prove:{escrow}:{host}:{window}{shown}{by}");
        let answer = Answer { window, to_owner, leaves };
        let call = ledger.contract().prove(
            (&agreement.terms, seat),
            (escrow, host),
            &answer,
            (revision.as_ref(), receipt.as_ref()),
        )?;
        ledger.submit(&key, call, PROOF_FEE_CAP).await?;
        tracing::info!(%escrow, host, window, "a window was proven on the ledger");
        self.follow_ledger(care).await
    }

    /// What is left to do when the term is over: the owner closes it, or else this host shows what it has, and settles when it may.
    async fn end(&self, care: Care<'_>) -> Result<(), CareError> {
        let Care { ledger, agreement, place, seat, slot, now_s } = &care;
        let Place { escrow, host } = *place;
        let calendar = &agreement.terms.calendar;
        let is_overdue = *now_s >= calendar.settling_begins_s(slot.windows);
        let closing = agreement.record.closing.as_deref().and_then(SignedClosing::read);
        let waits_from_s =
            closing.map_or(0, |closing| closing.until_unix_s).max(calendar.begin_s(slot.windows));
        let is_silent = *now_s >= waits_from_s.saturating_add(OWNER_IS_SILENT_AFTER_S);
        if is_silent || is_overdue {
            self.show_receipt(&care).await?;
        }
        if is_overdue {
            let parts = [(seat.clone(), Ending::Overdue)];
            let settle = ledger.contract().settle(&agreement.terms, &parts)?;
            ledger.submit(&format!("settle:{escrow}:{host}"), settle, SETTLE_FEE_CAP).await?;
            self.settled(*place, Some(slot.windows)).await?;
        }
        Ok(())
    }

    /// Shows the newest receipt, where it says more than the ledger has.
    async fn show_receipt(&self, care: &Care<'_>) -> Result<(), CareError> {
        let Care { ledger, agreement, place: Place { escrow, host }, seat, slot, .. } = care;
        let Some(receipt) = agreement.receipt_beyond(slot) else { return Ok(()) };
        let key = format!("claim:{escrow}:{host}:{}", name_of(&receipt));
        let claim = ledger.contract().claim((&agreement.terms, seat), (*escrow, *host), &receipt)?;
        ledger.submit(&key, claim, PROOF_FEE_CAP).await?;
        self.follow_ledger(care).await
    }

    /// Takes over what the ledger says after a transaction of ours.
    async fn follow_ledger(&self, care: &Care<'_>) -> Result<(), CareError> {
        let found = care.ledger.escrows(&[care.place.escrow]).await?.into_iter().flatten().next();
        if let Some(found) = found {
            let slot = found.slot(care.place.host, care.agreement.terms.calendar.windows);
            self.agreements.change(care.place, |agreement| agreement.take_over(&slot)).await?;
        }
        Ok(())
    }

    /// The money is divided.
    async fn settled(&self, place: Place, windows: Option<u32>) -> Result<(), CareError> {
        let settled = self.agreements.change(place, |agreement| {
            agreement.record.state = AgreementState::Settled;
            true
        });
        let Some(agreement) = settled.await? else { return Ok(()) };
        tracing::info!(escrow = %place.escrow, "an agreement is settled");
        let lost = agreement.lost_stroops(windows);
        if lost > 0 {
            let lost = Stroops::new(lost).unwrap_or(Stroops::MAX);
            self.activity.note(words::collateral_lost(&place.escrow, lost)).await;
        }
        Ok(())
    }
}

impl Care<'_> {
    /// The window that runs, where its question is out, half of the time for it is over, and no receipt decides it.
    fn due_window(&self) -> Option<u32> {
        let calendar = &self.agreement.terms.calendar;
        let newest = self.agreement.slot();
        let half_s = u64::from(calendar.response_s) / 2;
        let is_due = |window: &u32| {
            let question_s = calendar.question_s(*window);
            (question_s.saturating_add(half_s)..calendar.begin_s(window + 1)).contains(&self.now_s)
        };
        let window = (newest.decided..self.slot.windows).find(is_due)?;
        (!newest.counts(window) && !newest.has_ended(window)).then_some(window)
    }
}

impl Agreement {
    /// The window that runs, or the one before it where that does not count: its owner may still ask about it.
    fn first_window_to_prove(&self, now_s: u64) -> u32 {
        let running = self.running_window(now_s);
        let before = running.saturating_sub(1);
        if self.slot().counts(before) { running } else { before }
    }

    /// Collateral that went to the owner, as far as it is known from the windows that count.
    fn lost_stroops(&self, windows: Option<u32>) -> u64 {
        let stake = self.stake();
        let mut slot = self.slot();
        slot.windows = windows.unwrap_or(slot.windows);
        let signed = self.record.closing.as_deref().and_then(SignedClosing::read);
        let to_host = match signed {
            Some(closing) => Some(closing.to_host_stroops),
            None => slot.division(&self.terms.calendar, &stake).ok().map(|division| division.to_host),
        };
        let back = to_host.unwrap_or(0).saturating_sub(slot.earned.min(stake.deposit));
        stake.collateral.saturating_sub(back)
    }
}

/// What tells a receipt from others: of those that decide as many windows a later one may count more of them.
fn name_of(receipt: &Receipt) -> String {
    let ReceiptBody { decided, proven, earned, revision } = receipt.body;
    format!("{decided}-{proven:x}-{earned}-{revision}")
}

fn of_answer(answer: LeafAnswer) -> Option<ProvenLeaf> {
    let LeafAnswer::Proven { leaf, path } = answer else { return None };
    Some(ProvenLeaf { leaf, path: Path::decode(&path).ok()? })
}
