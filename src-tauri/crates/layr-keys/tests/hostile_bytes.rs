//! No bytes from outside make a decoder panic, and what one accepts, it writes back alike.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

use layr_keys::{
    CertificateSubject, Delegation, DelegationSubject, DeviceCertificate, DeviceKey, KdfCost, KeyFile,
    LogEntry, LogHead, MAX_CERTIFICATE_BYTES, MAX_KEY_FILE_BYTES, MAX_RECORD_BYTES, OwnerId, OwnerKeys,
    PeerId, RecoveryPhrase, SealedPhrase, SignedRecord, StoredSecrets,
};
use proptest::{collection::vec, prelude::*, sample::Index};
use zeroize::Zeroizing;

fn certificate() -> Vec<u8> {
    let owner = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&[1; 32]));
    let device = DeviceKey::from_bytes(&[2; 32]).peer_id();
    let subject = CertificateSubject {
        device,
        serial: 70_000,
        issued_at_unix_s: 1 << 33,
        name: Some("laptop".to_owned()),
    };
    DeviceCertificate::issue(&owner, subject).unwrap().encode()
}

fn delegation() -> Vec<u8> {
    let owner = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&[1; 32]));
    let delegate = DeviceKey::from_bytes(&[2; 32]).peer_id();
    let (issued_at_unix_s, expires_at_unix_s) = (1 << 33, (1 << 33) + 86_400);
    let subject = DelegationSubject { delegate, serial: 70_000, issued_at_unix_s, expires_at_unix_s };
    Delegation::issue(&owner, &subject).unwrap().encode()
}

fn log_entry() -> Vec<u8> {
    let owner = OwnerId::from_bytes([1; 32]);
    LogEntry::next(LogHead::default(), owner, vec![7; 90], &DeviceKey::from_bytes(&[2; 32])).unwrap().encode()
}

fn record() -> Vec<u8> {
    SignedRecord::for_host("net", &DeviceKey::from_bytes(&[2; 32]), 500, vec![7; 300]).unwrap().encode()
}

fn secrets() -> StoredSecrets {
    StoredSecrets {
        entropy: Zeroizing::new([1; 32]),
        device_secret: Zeroizing::new([2; 32]),
        account_secret: None,
    }
}

fn key_file() -> Vec<u8> {
    KeyFile::seal(&secrets(), "passphrase", KdfCost::INSECURE_FOR_TESTS, [3; 16], [4; 12]).unwrap().encode()
}

fn sealed_phrase() -> Vec<u8> {
    let phrase = RecoveryPhrase::from_entropy(&[1; 32]);
    SealedPhrase::seal(&phrase, "passphrase", KdfCost::INSECURE_FOR_TESTS, [3; 16], [4; 12]).unwrap().encode()
}

/// Feeds `bytes` to every decoder.
fn feed(bytes: &[u8]) {
    if let Ok(certificate) = DeviceCertificate::decode(bytes) {
        assert_eq!(certificate.encode(), bytes);
        let _ = certificate.verify();
    }
    if let Ok(delegation) = Delegation::decode(bytes) {
        assert_eq!(delegation.encode(), bytes);
        let _ = delegation.verify_for(PeerId::from_bytes([1; 32]), 0);
    }
    let (owner, delegate) = (OwnerId::from_bytes([1; 32]), PeerId::from_bytes([2; 32]));
    let _ = LogEntry::decode_next(bytes, LogHead::default(), owner, delegate);
    if let Ok(record) = SignedRecord::decode(bytes) {
        assert_eq!(record.encode(), bytes);
        let _ = record.verify("net");
    }
    if let Ok(secrets) = StoredSecrets::decode(bytes) {
        assert_eq!(secrets.encode().as_slice(), bytes);
    }
    if let Ok(file) = KeyFile::decode(bytes) {
        assert_eq!(file.encode(), bytes);
    }
    if let Ok(sealed) = SealedPhrase::decode(bytes) {
        assert_eq!(sealed.encode(), bytes);
    }
}

#[derive(Debug, Clone)]
enum Change {
    Set(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Truncate(Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        any::<Index>().prop_map(Change::Remove),
        any::<Index>().prop_map(Change::Truncate),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let at = |index: &Index| index.index(bytes.len().max(1));
    match change {
        Change::Set(index, byte) => {
            let at = at(index);
            if let Some(target) = bytes.get_mut(at) {
                *target = *byte;
            }
        }
        Change::Insert(index, byte) => bytes.insert(at(index).min(bytes.len()), *byte),
        Change::Remove(index) if !bytes.is_empty() => drop(bytes.remove(at(index))),
        Change::Remove(_) => {}
        Change::Truncate(index) => bytes.truncate(at(index)),
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes(bytes in vec(any::<u8>(), 0..MAX_RECORD_BYTES + 2)) {
        feed(&bytes);
    }

    #[test]
    fn changed_valid_bytes(which in 0..7usize, changes in vec(change(), 1..6)) {
        let mut bytes = match which {
            0 => certificate(),
            1 => record(),
            2 => secrets().encode().to_vec(),
            3 => sealed_phrase(),
            4 => delegation(),
            5 => log_entry(),
            _ => key_file(),
        };
        for change in &changes {
            apply(&mut bytes, change);
        }
        feed(&bytes);
    }

    #[test]
    fn arbitrary_texts_are_no_phrases(text in "\\PC{0,300}|([a-z]{3,8}[ \\n]){20,26}") {
        prop_assert!(RecoveryPhrase::parse(&text).is_err());
    }

    #[test]
    fn every_phrase_reads_back(entropy: [u8; 32]) {
        let text = RecoveryPhrase::from_entropy(&entropy).to_text();
        prop_assert_eq!(*RecoveryPhrase::parse(&text).unwrap().entropy(), entropy);
    }
}

#[test]
fn lengths_around_the_limits() {
    for limit in [MAX_CERTIFICATE_BYTES, MAX_KEY_FILE_BYTES, MAX_RECORD_BYTES] {
        for length in [limit - 1, limit, limit + 1, 10 * limit] {
            // An array header that promises more than there is, and deep nesting.
            feed(&vec![0x9b; length]);
            feed(&vec![0x82; length]);
            feed(&vec![0xff; length]);
        }
    }
}
