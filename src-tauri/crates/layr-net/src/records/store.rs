//! The records that this node keeps for the network: verified, newest only, bounded, no disk in reach.
//!
//! A key holds one record, signed by that key, so every publisher has a quota of one record of each kind. When the store
//! is full, records nearer to this node push out those farther away: flooding it takes keys ground out next to its id.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use layr_keys::SignedRecord;
use libp2p::PeerId;
use libp2p::kad::store::{Error, RecordStore, Result};
use libp2p::kad::{KBucketKey, ProviderRecord, Record, RecordKey};

use super::read_value;

/// Longest time that a record is kept without being published again.
pub(crate) const RECORD_TTL: Duration = Duration::from_hours(48);

/// See the module.
pub(crate) struct Records {
    network: String,
    local: PeerId,
    kept: HashMap<RecordKey, Kept>,
    bytes: usize,
    limit: usize,
    limit_bytes: usize,
    changed: bool,
}

struct Kept {
    signed: SignedRecord,
    value: Arc<[u8]>,
    publisher: Option<PeerId>,
    expires: Option<Instant>,
}

/// A record on its way to or from disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Arc<[u8]>,
    pub(crate) own: bool,
    /// How long it had to live when the snapshot was taken, seconds.
    pub(crate) ttl_s: u32,
}

impl Records {
    pub(crate) fn new(network: &str, local: PeerId, max_records: usize, max_bytes: usize) -> Self {
        Self {
            network: network.to_owned(),
            local,
            kept: HashMap::new(),
            bytes: 0,
            limit: max_records,
            limit_bytes: max_bytes,
            changed: false,
        }
    }

    /// Takes back what an earlier run saved; each entry passes the same checks as one from a peer.
    pub(crate) fn restore(&mut self, saved: Vec<Snapshot>, now: Instant) {
        for entry in saved {
            let ttl = Duration::from_secs(u64::from(entry.ttl_s)).min(RECORD_TTL);
            let _ = self.put(Record {
                key: RecordKey::from(entry.key),
                value: entry.value.to_vec(),
                publisher: entry.own.then_some(self.local),
                expires: if entry.own { None } else { now.checked_add(ttl) },
            });
        }
        self.changed = false;
    }

    /// What to save, if anything changed since the last call. Values are shared, not copied.
    pub(crate) fn take_changes(&mut self, now: Instant) -> Option<Vec<Snapshot>> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let entries = self.kept.iter().map(|(key, kept)| Snapshot {
            key: key.to_vec(),
            value: Arc::clone(&kept.value),
            own: kept.publisher == Some(self.local),
            ttl_s: kept
                .expires
                .map_or(RECORD_TTL, |at| at.saturating_duration_since(now))
                .as_secs()
                .try_into()
                .unwrap_or(u32::MAX),
        });
        Some(entries.collect())
    }

    /// How many records are kept.
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Drops what has outlived its time.
    pub(crate) fn expire(&mut self, now: Instant) {
        let before = self.kept.len();
        let bytes = &mut self.bytes;
        self.kept.retain(|_, kept| {
            let keep = kept.expires.is_none_or(|at| at > now);
            if !keep {
                *bytes -= kept.value.len();
            }
            keep
        });
        self.changed |= self.kept.len() != before;
    }

    /// Makes room for `size` bytes under `key`, or refuses.
    fn make_room(&mut self, key: &RecordKey, size: usize, own: bool) -> Result<()> {
        let home = KBucketKey::from(self.local);
        let distance = |key: &RecordKey| KBucketKey::new(key.clone()).distance(&home);
        let new_distance = distance(key);
        while self.kept.len() >= self.limit || self.bytes + size > self.limit_bytes {
            let farthest = self
                .kept
                .iter()
                .filter(|(_, kept)| kept.publisher != Some(self.local))
                .map(|(key, _)| (distance(key), key.clone()))
                .max_by(|(a, _), (b, _)| a.cmp(b));
            match farthest {
                Some((far, victim)) if own || far > new_distance => self.remove(&victim),
                _ => return Err(Error::MaxRecords),
            }
        }
        Ok(())
    }
}

impl RecordStore for Records {
    type RecordsIter<'a> = std::vec::IntoIter<Cow<'a, Record>>;
    type ProvidedIter<'a> = std::iter::Empty<Cow<'a, ProviderRecord>>;

    fn get(&self, key: &RecordKey) -> Option<Cow<'_, Record>> {
        self.kept.get(key).map(|kept| Cow::Owned(kept.record(key)))
    }

    /// Refuses what is not signed by its key, not newer, or too far away to find room. libp2p knows no error for "invalid",
    /// so all of these are `ValueTooLarge` but the last.
    fn put(&mut self, record: Record) -> Result<()> {
        let signed = match self.kept.get(&record.key) {
            // The same bytes again only prolong its life; this spares the signature check.
            Some(kept) if *kept.value == *record.value => kept.signed.clone(),
            older => {
                let signed =
                    read_value(&self.network, &record.key, &record.value).ok_or(Error::ValueTooLarge)?;
                if older.is_some_and(|older| !signed.supersedes(&older.signed)) {
                    return Err(Error::ValueTooLarge);
                }
                signed
            }
        };
        // Replicas of our own record come back from others; it stays ours.
        let own = record.publisher == Some(self.local)
            || self.kept.get(&record.key).is_some_and(|kept| kept.publisher == Some(self.local));
        let previous = self.kept.remove(&record.key);
        if let Some(previous) = &previous {
            self.bytes -= previous.value.len();
        }
        if let Err(full) = self.make_room(&record.key, record.value.len(), own) {
            if let Some(previous) = previous {
                self.bytes += previous.value.len();
                self.kept.insert(record.key, previous);
            }
            return Err(full);
        }
        self.bytes += record.value.len();
        self.changed = true;
        self.kept.insert(
            record.key,
            Kept {
                signed,
                value: record.value.into(),
                publisher: if own { Some(self.local) } else { record.publisher },
                expires: if own { None } else { record.expires },
            },
        );
        Ok(())
    }

    fn remove(&mut self, key: &RecordKey) {
        if let Some(kept) = self.kept.remove(key) {
            self.bytes -= kept.value.len();
            self.changed = true;
        }
    }

    fn records(&self) -> Self::RecordsIter<'_> {
        let all: Vec<_> = self.kept.iter().map(|(key, kept)| Cow::Owned(kept.record(key))).collect();
        all.into_iter()
    }

    /// This network has no provider records: which host holds which shard stands in manifests.
    fn add_provider(&mut self, _: ProviderRecord) -> Result<()> {
        Err(Error::MaxProvidedKeys)
    }

    fn providers(&self, _: &RecordKey) -> Vec<ProviderRecord> {
        Vec::new()
    }

    fn provided(&self) -> Self::ProvidedIter<'_> {
        std::iter::empty()
    }

    fn remove_provider(&mut self, _: &RecordKey, _: &PeerId) {}
}

impl Kept {
    fn record(&self, key: &RecordKey) -> Record {
        Record {
            key: key.clone(),
            value: self.value.to_vec(),
            publisher: self.publisher,
            expires: self.expires,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::key_of;
    use crate::records::samples::{NETWORK, host};

    fn record(signed: &SignedRecord) -> Record {
        Record::new(key_of(signed.kind(), signed.key()), signed.encode())
    }

    fn store(max_records: usize, max_bytes: usize) -> Records {
        let local = libp2p::identity::Keypair::ed25519_from_bytes([1u8; 32]).unwrap().public().to_peer_id();
        Records::new(NETWORK, local, max_records, max_bytes)
    }

    #[test]
    fn only_the_newest_signed_record_of_a_key_is_kept() {
        let mut store = store(10, 100_000);
        let (old, new) = (host(3, 1, b"old"), host(3, 2, b"new"));
        store.put(record(&new)).unwrap();
        assert!(store.put(record(&old)).is_err(), "lower sequence");
        assert!(store.put(record(&new)).is_ok(), "the same again");
        assert_eq!(store.get(&record(&new).key).unwrap().value, new.encode());
        store.put(record(&host(3, 3, b"newest"))).unwrap();
        assert_eq!(store.kept.len(), 1);
    }

    #[test]
    fn forgeries_are_refused() {
        let mut store = store(10, 100_000);
        let good = host(3, 1, b"offer");
        let mut flipped = record(&good);
        let last = flipped.value.len() - 1;
        flipped.value[last] ^= 1;
        assert!(store.put(flipped).is_err(), "broken signature");
        let mut misplaced = record(&good);
        misplaced.key = record(&host(4, 1, b"")).key;
        assert!(store.put(misplaced).is_err(), "another key's place");
        let foreign = SignedRecord::for_host("other", &layr_keys::DeviceKey::from_bytes(&[3; 32]), 1, vec![]);
        assert!(store.put(record(&foreign.unwrap())).is_err(), "another network");
        let huge = Record::new(record(&good).key, vec![0; 1 << 20]);
        assert!(store.put(huge).is_err(), "too large");
        assert!(store.kept.is_empty());
        assert_eq!(store.bytes, 0);
    }

    #[test]
    fn a_flood_is_bounded_and_near_records_win() {
        let mut full = store(8, 100_000);
        for seed in 2..60 {
            let _ = full.put(record(&host(seed, 1, &[0; 100])));
        }
        assert_eq!(full.kept.len(), 8);
        let home = KBucketKey::from(full.local);
        let distance = |key: &RecordKey| KBucketKey::new(key.clone()).distance(&home);
        let mut all: Vec<_> = (2..60).map(|seed| distance(&record(&host(seed, 1, &[])).key)).collect();
        all.sort();
        assert!(full.kept.keys().all(|key| distance(key) <= all[7]));
        let mut narrow = store(1000, 1000);
        for seed in 2..60 {
            let _ = narrow.put(record(&host(seed, 1, &[0; 100])));
        }
        assert!(narrow.bytes <= 1000);
        assert_eq!(narrow.bytes, narrow.kept.values().map(|kept| kept.value.len()).sum::<usize>());
    }

    #[test]
    fn our_own_record_is_never_pushed_out_and_stays_ours() {
        let mut store = store(2, 100_000);
        let mine = host(1, 1, b"mine");
        let own = Record { publisher: Some(store.local), ..record(&mine) };
        store.put(own).unwrap();
        for seed in 2..40 {
            let _ = store.put(record(&host(seed, 1, b"x")));
        }
        store.put(record(&mine)).unwrap();
        let kept = store.get(&record(&mine).key).unwrap();
        assert_eq!(kept.publisher, Some(store.local));
        assert_eq!(kept.expires, None);
    }

    #[test]
    fn snapshots_restore_and_expire() {
        let now = Instant::now();
        let mut first = store(10, 100_000);
        let other = host(5, 7, b"theirs");
        let soon = Record { expires: Some(now + Duration::from_mins(1)), ..record(&other) };
        first.put(soon).unwrap();
        first.put(Record { publisher: Some(first.local), ..record(&host(1, 1, b"mine")) }).unwrap();
        let saved = first.take_changes(now).unwrap();
        assert!(first.take_changes(now).is_none(), "nothing changed since");
        let mut second = store(10, 100_000);
        second.restore(saved, now);
        assert_eq!(second.kept.len(), 2);
        second.expire(now + Duration::from_secs(61));
        assert_eq!(second.kept.len(), 1, "only ours is left");
        assert!(second.get(&record(&other).key).is_none());
    }
}
