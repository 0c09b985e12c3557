//! Bringing an escrow onto the ledger, and telling its hosts.

use std::collections::BTreeMap;

use futures::{StreamExt as _, stream};
use layr_keys::PeerId;
use layr_ledger::agreement::{Consent, EscrowId, Offer};
use layr_ledger::{LedgerError, LedgerTip};
use layr_library::{AgreementState, StoreError};

use super::{Agreement, ESCROW_FEE_CAP, HOSTS_AT_ONCE, Haste, Looked, Paying, PayingError};

/// Ledgers after the last one in which a host's consent holds, until an escrow counts as never opened: a minute, for a server that lags.
const GIVE_UP_AFTER_LEDGERS: u32 = 12;

impl Paying {
    /// Takes up openings that a crash or a silent ledger left in doubt.
    pub(super) async fn resume_openings(
        &self,
        tip: &LedgerTip,
        haste: Haste,
        looked: &mut Looked,
    ) -> Result<(), PayingError> {
        let consented = self
            .open()
            .await?
            .into_iter()
            .filter(|agreement| agreement.record.state == AgreementState::Consented);
        let mut escrows: BTreeMap<EscrowId, Vec<Agreement>> = BTreeMap::new();
        let mut proposed = Vec::new();
        for agreement in consented {
            match agreement.place() {
                Some(place) => escrows.entry(place.escrow).or_default().push(agreement),
                None => proposed.push(agreement),
            }
        }
        for (id, hosts) in escrows {
            if let Err(error) = self.resume_opening(id, hosts, looked).await {
                looked.hinder(None, error);
            }
        }
        if let Err(error) = self.resume_proposals(proposed, (tip, haste), looked).await {
            looked.hinder(None, error);
        }
        Ok(())
    }

    async fn resume_opening(
        &self,
        id: EscrowId,
        mut hosts: Vec<Agreement>,
        looked: &mut Looked,
    ) -> Result<(), PayingError> {
        let (is_there, latest) = self.shared.ledger.has_escrow(id).await?;
        let until = hosts.iter().map(|host| host.record.consent_until_ledger).max().unwrap_or(0);
        if is_there {
            return self.note_open(hosts, looked).await;
        }
        // Given up only where the same answer shows that no consent holds any more.
        if until.saturating_add(GIVE_UP_AFTER_LEDGERS) < latest {
            return self.drop_all(hosts).await;
        }
        hosts.sort_by_key(|host| host.record.place.as_ref().map(|place| place.host));
        self.open_escrow(id, hosts, looked).await
    }

    /// Brings an escrow onto the ledger whose hosts, in their order, are written down.
    pub(super) async fn open_escrow(
        &self,
        id: EscrowId,
        hosts: Vec<Agreement>,
        looked: &mut Looked,
    ) -> Result<(), PayingError> {
        let Some(terms) = hosts.first().map(|host| host.terms.clone()) else { return Ok(()) };
        let ledger = &self.shared.ledger;
        let mut offers = Vec::with_capacity(hosts.len());
        for host in &hosts {
            let joining = ledger.contract().joining(&terms, &host.host)?;
            let network_id = ledger.network().network_id;
            // Without it the deposit would go in for a part that nobody joined.
            let read = Consent::read(&host.record.consent, host.host.account, network_id, &joining);
            let (consent, _) = read.ok_or_else(|| StoreError::Damaged {
                detail: format!("agreement {} has no consent of its host's", host.record.id),
            })?;
            offers.push(Offer { terms: host.host.clone(), consent: Some(consent) });
        }
        let call = ledger.contract().open(&terms, &offers)?;
        let cap = self.fee_cap_of_opening(terms.calendar.begin_s(0)).await?;
        match ledger.submit(&format!("open:{id}"), call, cap).await {
            Ok(_) => self.note_open(hosts, looked).await,
            // The limit holds also where the ledger asks for more than was foreseen. It is tried again until the hosts' consents are over.
            Err(error @ LedgerError::FeeAboveCap { .. }) if cap < ESCROW_FEE_CAP => {
                looked.unpaid += hosts.len() as u64;
                looked.hinder(None, format!("the monthly limit leaves too little for its fees: {error}"));
                Ok(())
            }
            Err(error @ (LedgerError::Refused { .. } | LedgerError::Rejected { .. })) => {
                // One of them may have spent what it was to put in.
                self.shared.seen.lock().suspects.extend(hosts.iter().map(peer_of));
                looked.hinder(None, &error);
                self.drop_all(hosts).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Tells hosts whose escrow is on the ledger where they are in it.
    pub(super) async fn tell_opened(&self, looked: &mut Looked) -> Result<(), PayingError> {
        let untold =
            self.open().await?.into_iter().filter(|agreement| {
                agreement.record.state == AgreementState::Open && !agreement.record.is_told
            });
        let told = stream::iter(untold)
            .map(|mut agreement| async {
                let told = self.tell_one(&agreement).await;
                agreement.record.is_told = told.is_ok();
                (agreement, told)
            })
            .buffer_unordered(HOSTS_AT_ONCE)
            .collect::<Vec<_>>()
            .await;
        let mut changed = Vec::new();
        for (agreement, told) in told {
            match told {
                Ok(()) => changed.push((agreement.record, None)),
                Err(reason) => looked.hinder(Some(peer_of(&agreement)), reason),
            }
        }
        self.write(changed).await.map(drop)
    }

    async fn tell_one(&self, agreement: &Agreement) -> Result<(), String> {
        let place = agreement.place().zip(agreement.seat()).zip(agreement.record.place.as_ref());
        let ((place, seat), recorded) = place.ok_or("it has no place in an escrow")?;
        let host = self.contact(peer_of(agreement)).await.map_err(|error| error.to_string())?;
        let told = self.shared.owner.client().opened(&host, place.escrow, (&seat, recorded.hosts)).await;
        told.map_err(|error| error.to_string())
    }

    async fn note_open(&self, hosts: Vec<Agreement>, looked: &mut Looked) -> Result<(), PayingError> {
        for host in &hosts {
            self.shared.seen.lock().suspects.remove(&peer_of(host));
            looked.opened += 1;
            looked.deposited_stroops = looked.deposited_stroops.saturating_add(host.host.deposit_stroops);
        }
        self.set_state(hosts, AgreementState::Open).await
    }

    async fn drop_all(&self, agreements: Vec<Agreement>) -> Result<(), PayingError> {
        let ids: Vec<i64> = agreements.iter().map(|agreement| agreement.record.id).collect();
        self.library(move |library| ids.into_iter().try_for_each(|id| library.drop_agreement(id))).await
    }

    pub(super) async fn set_state(
        &self,
        agreements: Vec<Agreement>,
        state: AgreementState,
    ) -> Result<(), PayingError> {
        if agreements.is_empty() {
            return Ok(());
        }
        let changed = agreements.into_iter().map(|Agreement { mut record, .. }| {
            record.state = state;
            (record, None)
        });
        self.write(changed.collect()).await.map(drop)
    }
}

/// The host.
pub(super) fn peer_of(agreement: &Agreement) -> PeerId {
    PeerId::from_bytes(agreement.record.other)
}
