//! Finding hosts that are no longer where they were: their signed records in the DHT say where they are now.
//!
//! A look-up walks a network in which many may be dead, and takes longer than anybody wants to wait for a stream. So it runs
//! in a task of its own; who asked waits as long as it likes, and the answer serves later attempts too.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use layr_keys::{PeerId, RecordKind};
use parking_lot::Mutex;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::wire::Offer;

/// A peer is looked up at most this often: a dead host must not cost a walk through the network for every attempt.
const LOOKUP_PAUSE: Duration = Duration::from_secs(10);
/// Longest look-up.
const LOOKUP_DEADLINE: Duration = Duration::from_secs(20);
/// Look-ups at once; half of what the network runs in parallel, so that publishing and discovery go on.
const PARALLEL_LOOKUPS: usize = 8;
/// Peers remembered.
const MAX_REMEMBERED: usize = 1024;

type Found = watch::Receiver<Option<Arc<[String]>>>;

/// Who was looked up, and what came out.
#[derive(Debug)]
pub(super) struct Lookups {
    places: Mutex<HashMap<PeerId, Place>>,
    permits: Arc<Semaphore>,
    tasks: TaskTracker,
    cancel: CancellationToken,
}

#[derive(Debug)]
struct Place {
    asked_at: Instant,
    found: Found,
}

impl Lookups {
    pub(super) fn new() -> Self {
        Self {
            places: Mutex::default(),
            permits: Arc::new(Semaphore::new(PARALLEL_LOOKUPS)),
            tasks: TaskTracker::new(),
            cancel: CancellationToken::new(),
        }
    }

    /// `known` and, before them, where a look-up found the peer.
    pub(super) fn with_found(&self, peer: PeerId, known: &[String]) -> Vec<String> {
        let places = self.places.lock();
        let found = places.get(&peer).and_then(|place| place.found.borrow().clone());
        let mut addresses: Vec<String> = found.iter().flat_map(|found| found.iter().cloned()).collect();
        addresses
            .extend(known.iter().filter(|address| !addresses.contains(address)).cloned().collect::<Vec<_>>());
        addresses
    }

    /// Where `peer` says it is, if that is news and is found within `patience`. The look-up goes on after that.
    pub(super) async fn find(
        &self,
        net: &layr_net::Net,
        peer: PeerId,
        known: &[String],
        patience: Duration,
    ) -> Option<Vec<String>> {
        let mut found = self.ask(peer, || {
            let net = net.clone();
            async move {
                let key = *peer.as_bytes();
                let record = net.get_record(RecordKind::Host, key, LOOKUP_DEADLINE).await.ok()??;
                Some(Offer::decode_bounded(record.payload()).ok()?.addresses)
            }
        })?;
        let answer = timeout(patience, found.wait_for(Option::is_some)).await.ok()?.ok()?.clone()?;
        answer.iter().any(|address| !known.contains(address)).then(|| answer.to_vec())
    }

    /// Begins a look-up unless there was one lately. `None` when too many are remembered.
    fn ask<F>(&self, peer: PeerId, look_up: impl FnOnce() -> F) -> Option<Found>
    where
        F: Future<Output = Option<Vec<String>>> + Send + 'static,
    {
        let now = Instant::now();
        let is_fresh = |place: &Place| now.duration_since(place.asked_at) < LOOKUP_PAUSE;
        let mut places = self.places.lock();
        if let Some(place) = places.get(&peer).filter(|place| is_fresh(place)) {
            return Some(place.found.clone());
        }
        if places.len() >= MAX_REMEMBERED {
            places.retain(|_, place| is_fresh(place));
        }
        if places.len() >= MAX_REMEMBERED {
            return None;
        }
        let (answer, found) = watch::channel(None);
        places.insert(peer, Place { asked_at: now, found: found.clone() });
        let permits = Arc::clone(&self.permits);
        let work = look_up();
        let task = async move {
            if let Ok(_permit) = permits.acquire().await
                && let Some(addresses) = work.await
            {
                answer.send_replace(Some(addresses.into()));
            }
        };
        self.tasks.spawn(self.cancel.clone().run_until_cancelled_owned(task));
        Some(found)
    }

    /// Ends all look-ups.
    pub(super) async fn stop(&self) {
        self.cancel.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use layr_keys::PeerId;
    use tokio::time::advance;

    use super::{LOOKUP_PAUSE, Lookups, MAX_REMEMBERED};

    fn peer(number: usize) -> PeerId {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        PeerId::from_bytes(bytes)
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_host_is_not_looked_up_again_and_again_and_memory_stays_bounded() {
        let lookups = Lookups::new();
        let walks = Arc::new(AtomicUsize::new(0));
        let ask = |number: usize| {
            let walks = Arc::clone(&walks);
            lookups.ask(peer(number), || async move {
                walks.fetch_add(1, Ordering::Relaxed);
                None
            })
        };
        for _ in 0..100 {
            ask(0);
        }
        tokio::task::yield_now().await;
        assert_eq!(walks.load(Ordering::Relaxed), 1);
        let remembered = (1..2 * MAX_REMEMBERED).filter(|number| ask(*number).is_some()).count();
        assert_eq!(remembered, MAX_REMEMBERED - 1);
        advance(LOOKUP_PAUSE).await;
        assert!(ask(5000).is_some());
        lookups.stop().await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_comes_late_serves_the_next_attempt() {
        let lookups = Lookups::new();
        let known = ["/memory/1".to_owned()];
        lookups.ask(peer(1), || async { Some(vec!["/memory/2".to_owned(), "/memory/1".to_owned()]) });
        assert_eq!(lookups.with_found(peer(1), &known), known);
        tokio::task::yield_now().await;
        assert_eq!(lookups.with_found(peer(1), &known), ["/memory/2", "/memory/1"]);
        lookups.stop().await;
    }
}
