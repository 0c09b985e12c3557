//! Finding out by itself that a consent was used: an owner that does not say so would have the collateral for windows that nobody proves.
//!
//! A consent that is used opens an escrow with this host's terms, in a ledger from its signing on until it ends. The events of all that were
//! opened then name their hosts, and are looked through; one that passed unused came to nothing.

use layr_agreement::State;
use layr_ledger::agreement::OpenedEscrow;
use layr_ledger::{EventsFrom, LedgerTip};
use layr_library::AgreementState;

use super::consent::CONSENT_LEDGERS;
use super::{Agreement, AgreementDesk, AgreementLedger, CareError};

/// Pages of events looked through in one look, of a thousand escrows or ten thousand ledgers each. The next look goes on.
const MAX_PAGES: usize = 16;
/// Ledgers of five seconds by which servers differ: a consent is given up a minute after its end.
const GIVEN_UP_AFTER_LEDGERS: u32 = 12;

/// How far the events were looked through.
#[derive(Debug, Default)]
pub(super) struct Search {
    next: Option<EventsFrom>,
    until_ledger: u32,
    /// Events before this ledger are not kept by the server any more.
    oldest_ledger: u32,
}

impl Search {
    /// Whether all in which this consent could have been used was looked at.
    fn covers(&self, agreement: &Agreement) -> bool {
        let until = agreement.record.consent_until_ledger;
        self.oldest_ledger <= until.saturating_sub(CONSENT_LEDGERS).saturating_add(1)
            && self.until_ledger >= until.saturating_add(GIVEN_UP_AFTER_LEDGERS)
    }
}

/// Whether a transaction in this ledger could have used the consent.
fn could_use(agreement: &Agreement, ledger: u32) -> bool {
    let until = agreement.record.consent_until_ledger;
    (until.saturating_sub(CONSENT_LEDGERS)..=until).contains(&ledger)
}

impl AgreementDesk {
    /// Looks for the escrows of all consents that may have been used, and gives up those that were not.
    pub(super) async fn search(
        &self,
        search: &mut Search,
        ledger: &AgreementLedger,
        tip: &LedgerTip,
    ) -> Result<(), CareError> {
        let waiting = self.waiting().await?;
        let Some(from) = waiting.iter().map(|it| it.record.consent_until_ledger).min() else {
            *search = Search::default();
            return Ok(());
        };
        let contract = ledger.contract().contract;
        for _ in 0..MAX_PAGES {
            let next = if let Some(next) = search.next.take() {
                next
            } else {
                search.oldest_ledger = ledger.queue().ledger().oldest().await?;
                let from = from.saturating_sub(CONSENT_LEDGERS).max(search.oldest_ledger);
                EventsFrom::Ledger(from.min(tip.sequence))
            };
            let page = ledger.queue().ledger().opened_escrows(contract, &next).await;
            // What fails is looked at again.
            search.next = Some(next);
            let page = page?;
            // Read after the events: a consent is written down before it can be used.
            let waiting = self.waiting().await?;
            let in_time = |escrow: &&OpenedEscrow| waiting.iter().any(|it| could_use(it, escrow.ledger));
            for escrow in page.escrows.iter().filter(in_time) {
                self.looked_at(ledger, escrow).await?;
            }
            search.next = Some(page.next);
            search.until_ledger = page.until_ledger;
            if search.until_ledger >= tip.sequence {
                break;
            }
        }
        self.give_up(search, tip).await
    }

    /// Those of which is not known what came of them.
    async fn waiting(&self) -> Result<Vec<Agreement>, CareError> {
        let open = self.open().await?;
        Ok(open.into_iter().filter(|it| it.record.state == AgreementState::Consented).collect())
    }

    /// Records the agreements as open that this escrow is about, if this host's collateral is in it.
    async fn looked_at(&self, ledger: &AgreementLedger, escrow: &OpenedEscrow) -> Result<(), CareError> {
        for agreement in self.waiting().await? {
            let seats = escrow.seats(&agreement.terms, &agreement.host)?;
            if seats.is_empty() {
                continue;
            }
            let found = ledger.escrow_since(escrow.id, escrow.ledger).await?;
            // One that is gone holds nothing: whatever was offered in it, the consent may still be used for another.
            let Some(found) = found else { continue };
            for (seat, host, hosts) in seats {
                // A part that is offered, or was and is taken back, was opened without the consent.
                if found.slot(host, agreement.terms.calendar.windows).state == State::Active {
                    self.place(&agreement, &seat, (escrow.id, host, hosts)).await?;
                }
            }
        }
        Ok(())
    }

    /// Drops the consents that were not used. Where that cannot be seen any more, one waits for its term's end: its owner may still say.
    async fn give_up(&self, search: &Search, tip: &LedgerTip) -> Result<(), CareError> {
        let _changing = self.changing.lock().await;
        for agreement in self.waiting().await? {
            if search.covers(&agreement) || tip.close_time_unix_s >= agreement.record.end_unix_s {
                let id = agreement.record.id;
                self.library(move |library| library.drop_agreement(id)).await?;
            }
        }
        Ok(())
    }
}
