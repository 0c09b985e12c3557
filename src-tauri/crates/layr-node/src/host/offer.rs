//! This host's signed terms: made when asked for, at most once a second, and published to the network.

use std::time::Duration;

use layr_keys::{DeviceKey, RecordKind, SignedRecord};
use parking_lot::Mutex;
use tokio::time::{Instant, sleep, timeout};

use super::Service;
use crate::background::TaskReport;
use crate::net::RecordError;
use crate::wire::{MAX_ADDRESS_BYTES, MAX_OFFER_ADDRESSES, Offer, Refusal, WireKey};

/// A signed offer is handed out for this long, so that a flood of questions costs one signature a second.
const OFFER_LIFETIME: Duration = Duration::from_secs(1);
/// The DHT forgets records; each host renews its own in this time.
const REPUBLISH: Duration = Duration::from_mins(30);
/// A change of free space waits this long before it is published, so that a running upload does not flood the DHT.
const PUBLISH_PAUSE: Duration = Duration::from_mins(1);
/// Wait after a publication that nobody took; doubled each time up to [`PUBLISH_PAUSE`].
const FIRST_RETRY: Duration = Duration::from_secs(2);
/// Deadline of the look-up of our own older record.
const LOOKUP_DEADLINE: Duration = Duration::from_secs(20);

/// Signs offers with growing sequence numbers.
#[derive(Debug)]
pub(crate) struct OfferDesk {
    network: String,
    device: DeviceKey,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    signed: Option<(Instant, SignedRecord)>,
    last_sequence: u64,
}

impl OfferDesk {
    pub(crate) fn new(network: String, device: DeviceKey) -> Self {
        Self { network, device, state: Mutex::default() }
    }

    /// The terms have changed: the next question is answered with new ones.
    pub(crate) fn forget(&self) {
        self.state.lock().signed = None;
    }

    /// Numbers from now on are above `sequence`, which the network may still hold from an earlier run.
    fn start_above(&self, sequence: u64) {
        let mut state = self.state.lock();
        state.last_sequence = state.last_sequence.max(sequence);
        state.signed = None;
    }

    fn fresh(&self) -> Option<SignedRecord> {
        let state = self.state.lock();
        state
            .signed
            .as_ref()
            .filter(|(signed_at, _)| signed_at.elapsed() < OFFER_LIFETIME)
            .map(|(_, record)| record.clone())
    }

    /// Numbers follow the calendar, so that they grow over restarts, but never repeat when it is set back.
    fn sign(&self, offer: &Offer) -> Option<SignedRecord> {
        let payload = minicbor::to_vec(offer).ok()?;
        let mut state = self.state.lock();
        state.last_sequence = offer.issued_at_unix_s.max(state.last_sequence.saturating_add(1));
        let record =
            SignedRecord::for_host(&self.network, &self.device, state.last_sequence, payload).ok()?;
        state.signed = Some((Instant::now(), record.clone()));
        Some(record)
    }
}

impl Service {
    /// The offer as it stands; [`Refusal::NotHosting`] where nothing is lent.
    pub(super) async fn offer(&self) -> Result<SignedRecord, Refusal> {
        if let Some(record) = self.desk.fresh() {
            return Ok(record);
        }
        let terms = self.terms().await?;
        self.desk.sign(&terms).ok_or(Refusal::Busy)
    }

    /// What this host offers right now, unsigned.
    pub(super) async fn terms(&self) -> Result<Offer, Refusal> {
        let settings = self.settings();
        if !settings.enabled || self.vault().is_none() {
            return Err(Refusal::NotHosting);
        }
        let free_bytes = self.free_bytes().await;
        let status = self.net.status().await;
        let mut addresses: Vec<String> = Vec::new();
        for address in status.external.into_iter().chain(status.listening) {
            if address.len() <= MAX_ADDRESS_BYTES && !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        addresses.truncate(MAX_OFFER_ADDRESSES);
        let asking = self.asking();
        Ok(Offer {
            addresses,
            free_bytes,
            price_stroops_per_gib_window: asking.map_or(0, |asking| asking.price_stroops_per_gib_window),
            max_term_days: settings.max_term_days,
            accepting: !settings.paused && free_bytes > 0,
            issued_at_unix_s: self.clock.now_unix_s(),
            leaves_in_s: self.leaves_in_s(),
            account: asking.map(|asking| WireKey(*asking.account.as_bytes())),
            collateral_percent: asking.map(|asking| asking.collateral_percent),
        })
    }

    /// Keeps the record in the DHT current until the task is cancelled.
    pub(super) async fn publish_offers(&self, task: &TaskReport) {
        self.learn_last_sequence().await;
        let mut retry = FIRST_RETRY;
        loop {
            // Whoever has nothing to offer waits for a change of settings.
            let Ok(record) = self.offer().await else {
                task.resting();
                self.offer_changed.notified().await;
                continue;
            };
            task.working();
            match self.net.put_record(record).await {
                Ok(()) => {
                    task.resting();
                    retry = FIRST_RETRY;
                    sleep(PUBLISH_PAUSE).await;
                    let _ = timeout(REPUBLISH, self.offer_changed.notified()).await;
                }
                Err(RecordError::Closed) => return,
                Err(RecordError::NotStored { reason }) => {
                    tracing::debug!(reason, "the offer was not published");
                    task.failed(&reason);
                    sleep(retry).await;
                    retry = (retry * 2).min(PUBLISH_PAUSE);
                }
            }
        }
    }

    async fn learn_last_sequence(&self) {
        let key = *self.net.local_peer().as_bytes();
        if let Ok(Some(record)) = self.net.get_record(RecordKind::Host, key, LOOKUP_DEADLINE).await {
            self.desk.start_above(record.sequence());
        }
    }
}
