//! The host's task: looks a minute after all its agreements.

use std::time::Duration;

use layr_ledger::LedgerTip;
use layr_ledger::agreement::{Escrow, EscrowId};
use layr_library::AgreementState;
use tokio::time::MissedTickBehavior;

use super::search::Search;
use super::{Agreement, CareError, Service};
use crate::agreements::AgreementLedger;
use crate::background::TaskReport;
use crate::host::Host;

/// Pause between looks: what is due by the ledger has hours, and a consent is used within an hour.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Escrows asked for at once: servers take 200 entries.
const ESCROWS_AT_ONCE: usize = 100;

impl Host {
    /// Looks after all agreements now.
    ///
    /// # Errors
    /// The first thing that failed, as a sentence; the next look tries it again.
    pub(crate) async fn agreements_look(&self) -> Result<(), String> {
        let looked = self.service.look_after_agreements().await;
        looked.map_err(|error| format!("What this node is paid for could not all be looked after: {error}."))
    }
}

impl Service {
    /// Looks until the task is cancelled.
    pub(in crate::host) async fn keep_agreements(&self, task: &TaskReport) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            task.working();
            task.ended(&self.look_after_agreements().await);
        }
    }

    async fn look_after_agreements(&self) -> Result<(), CareError> {
        let Some(ledger) = &self.agreements.ledger else { return Ok(()) };
        let cared = self.care_for_all(ledger).await;
        let let_go = self.let_go_at_last().await;
        let lapsed = self.lapse(ledger).await;
        // That may have been the last of what a host that leaves waits for.
        self.end_leaving().await;
        cared.and(let_go).and(lapsed)
    }

    /// All of them, whatever fails with one; answers the first failure.
    async fn care_for_all(&self, ledger: &AgreementLedger) -> Result<(), CareError> {
        let desk = &self.agreements;
        let mut search = desk.looking.lock().await;
        if desk.open().await?.is_empty() {
            *search = Search::default();
            return Ok(());
        }
        let tip = ledger.tip().await;
        match &tip {
            Ok(tip) => desk.sight.lock().seen(tip.close_time_unix_s),
            Err(_) => desk.sight.lock().lost(),
        }
        let tip = tip?;
        let mut first = desk.search(&mut search, ledger, &tip).await;
        let open = desk.open().await?;
        let open = open.into_iter().filter(|agreement| agreement.record.state == AgreementState::Open);
        let open: Vec<Agreement> = open.collect();
        for part in open.chunks(ESCROWS_AT_ONCE) {
            let ids: Vec<EscrowId> =
                part.iter().filter_map(Agreement::place).map(|place| place.escrow).collect();
            let escrows = ledger.escrows(&ids).await?;
            for (agreement, escrow) in part.iter().zip(escrows) {
                let cared = self.care_for_one(ledger, (agreement, escrow), &tip).await;
                first = first.and(cared);
            }
        }
        first
    }

    async fn care_for_one(
        &self,
        ledger: &AgreementLedger,
        (agreement, escrow): (&Agreement, Option<Escrow>),
        tip: &LedgerTip,
    ) -> Result<(), CareError> {
        let cared = self.care_for(ledger, (agreement.clone(), escrow), tip).await;
        if let Err(error) = &cared {
            tracing::warn!(agreement = agreement.record.id, %error, "an agreement could not be looked after");
        }
        cared
    }
}
