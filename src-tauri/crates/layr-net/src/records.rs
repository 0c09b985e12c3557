//! Signed records in the DHT: where they lie, which are kept, how answers are weighed.

pub(crate) mod disk;
pub(crate) mod lookup;
pub(crate) mod store;

use layr_keys::{MAX_RECORD_BYTES, RecordKind, SignedRecord};
use libp2p::kad::RecordKey;

/// What every key of a record starts with.
const KEY_PREFIX: &[u8] = b"/layr/rec/1/";

/// The DHT key of a record: prefix, one byte of kind, the 32 bytes of the public key that signs it.
pub(crate) fn key_of(kind: RecordKind, key: &[u8; 32]) -> RecordKey {
    let kind = match kind {
        RecordKind::Host => b'h',
        RecordKind::Owner => b'o',
    };
    RecordKey::from([KEY_PREFIX, &[kind], key].concat())
}

/// Reads and checks a value that is stored or returned under `key`: size, format, place and signature.
pub(crate) fn read_value(network: &str, key: &RecordKey, value: &[u8]) -> Option<SignedRecord> {
    if value.len() > MAX_RECORD_BYTES {
        return None;
    }
    let record = SignedRecord::decode(value).ok()?;
    (key_of(record.kind(), record.key()) == *key && record.verify(network).is_ok()).then_some(record)
}

/// For fuzzing: a value as any peer may send it.
#[doc(hidden)]
pub fn fuzz_value(bytes: &[u8]) -> bool {
    let (key, value) = bytes.split_at(bytes.len().min(45));
    read_value("fuzz", &RecordKey::from(key.to_vec()), value).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{fuzz_value, key_of, read_value, samples};

    proptest! {
        #[test]
        fn arbitrary_bytes_are_no_record(bytes: Vec<u8>) {
            prop_assert!(!fuzz_value(&bytes));
        }

        #[test]
        fn a_changed_record_is_refused(at: prop::sample::Index, change in 1..=u8::MAX) {
            let record = samples::host(1, 7, b"an offer");
            let key = key_of(record.kind(), record.key());
            let mut bytes = record.encode();
            prop_assert!(read_value(samples::NETWORK, &key, &bytes).is_some());
            let at = at.index(bytes.len());
            bytes[at] ^= change;
            prop_assert!(read_value(samples::NETWORK, &key, &bytes).is_none());
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    //! Records for tests.
    use layr_keys::{DeviceKey, SignedRecord};

    pub(crate) const NETWORK: &str = "test";

    pub(crate) fn host(seed: u8, sequence: u64, payload: &[u8]) -> SignedRecord {
        let key = DeviceKey::from_bytes(&[seed; 32]);
        SignedRecord::for_host(NETWORK, &key, sequence, payload.to_vec()).unwrap()
    }
}
