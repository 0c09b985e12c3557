//! The golden files of format version 1. A program that follows docs/formats.md and shares no code with this crate
//! reproduces them byte for byte. A change that breaks one of these tests makes existing keys, certificates or records
//! unreadable.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

use std::{collections::HashMap, fs, path::PathBuf};

use layr_keys::{
    CertificateSubject, Delegation, DelegationSubject, DeviceCertificate, DeviceKey, KdfCost, KeyFile,
    KeyFileStore, KeyStore, LogEntry, LogHead, MAX_DELEGATION_S, OwnerKeys, RecordKind, RecoveryPhrase,
    SealedPhrase, SignedRecord, StoredSecrets,
};
use zeroize::Zeroizing;

const NETWORK: &str = "golden-net";

fn path(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap())
        .join("../../../tests/fixtures/keys")
        .join(name)
}

fn file(name: &str) -> Vec<u8> {
    fs::read(path(name)).unwrap()
}

/// The values in golden.txt.
struct Golden(HashMap<String, String>);

impl Golden {
    fn read() -> Self {
        let text = String::from_utf8(file("golden.txt")).unwrap();
        let pairs = text.lines().filter_map(|line| line.split_once(" = "));
        Self(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    fn text(&self, name: &str) -> &str {
        &self.0[name]
    }

    fn bytes<const N: usize>(&self, name: &str) -> [u8; N] {
        hex::decode(self.text(name)).unwrap().try_into().unwrap()
    }

    fn owner(&self) -> OwnerKeys {
        OwnerKeys::from_phrase(&RecoveryPhrase::parse(self.text("phrase")).unwrap())
    }

    fn device(&self) -> DeviceKey {
        DeviceKey::from_bytes(&self.bytes("device_secret"))
    }

    fn secrets(&self) -> StoredSecrets {
        StoredSecrets {
            entropy: Zeroizing::new(self.bytes("entropy")),
            device_secret: Zeroizing::new(self.bytes("device_secret")),
            account_secret: None,
        }
    }
}

#[test]
fn the_key_hierarchy() {
    let golden = Golden::read();
    let phrase = RecoveryPhrase::from_entropy(&golden.bytes("entropy"));
    assert_eq!(*phrase.to_text(), golden.text("phrase"));
    let keys = golden.owner();
    assert_eq!(keys.owner_id().to_string(), golden.text("owner_id"));
    assert_eq!(keys.stellar_account().to_string(), golden.text("stellar_account"));
    assert_eq!(*keys.library_key(), golden.bytes("library_key"));
    assert_eq!(*keys.chunk_id_key(), golden.bytes("chunk_id_key"));
    assert_eq!(*keys.chunk_key_secret(), golden.bytes("chunk_key_secret"));
    assert_eq!(*keys.blind_secret(), golden.bytes("blind_secret"));
    assert_eq!(keys.chunker_seed().to_be_bytes(), golden.bytes("chunker_seed"));
    assert_eq!(golden.device().peer_id().to_string(), golden.text("peer_id"));
}

#[test]
fn the_device_certificates() {
    let golden = Golden::read();
    let with_name = ("device-certificate-1.cbor", 3, Some("laptop \u{e9}\u{df}\u{1f5dd}".to_owned()));
    for (name, serial, device_name) in [with_name, ("device-certificate-1-nameless.cbor", 1, None)] {
        let verified = DeviceCertificate::decode(&file(name)).unwrap().verify().unwrap();
        assert_eq!(verified.owner(), golden.owner().owner_id());
        assert_eq!(verified.device(), golden.device().peer_id());
        assert_eq!(verified.serial(), serial);
        assert_eq!(verified.issued_at_unix_s(), 1_795_334_400);
        assert_eq!(verified.name(), device_name.as_deref());

        let subject = CertificateSubject {
            device: golden.device().peer_id(),
            serial,
            issued_at_unix_s: 1_795_334_400,
            name: device_name,
        };
        let issued = DeviceCertificate::issue(&golden.owner(), subject).unwrap();
        assert_eq!(issued.encode(), file(name), "Ed25519 is deterministic");
    }
}

#[test]
fn the_delegations() {
    let golden = Golden::read();
    let given = file("delegation-1.cbor");
    let (owner, delegate) = (golden.owner(), golden.device().peer_id());
    let (issued_at_unix_s, expires_at_unix_s) = (1_795_334_400, 1_795_334_400 + MAX_DELEGATION_S);
    let read = Delegation::decode(&given).unwrap().verify_for(delegate, issued_at_unix_s).unwrap();
    assert_eq!(
        (read.owner(), read.serial(), read.expires_at_unix_s()),
        (owner.owner_id(), 3, expires_at_unix_s)
    );
    let subject = DelegationSubject { delegate, serial: 3, issued_at_unix_s, expires_at_unix_s };
    assert_eq!(Delegation::issue(&owner, &subject).unwrap().encode(), given);
}

#[test]
fn the_log_of_a_delegate() {
    let golden = Golden::read();
    let (owner, device) = (golden.owner().owner_id(), golden.device());
    let mut head = LogHead::default();
    for name in ["delegate-log-1-first.cbor", "delegate-log-1-second.cbor"] {
        let told = file(name);
        let read = LogEntry::decode_next(&told, head, owner, device.peer_id()).unwrap();
        assert_eq!(LogEntry::next(head, owner, read.payload().to_vec(), &device).unwrap().encode(), told);
        head = read.head();
    }
    assert_eq!(head.number, 2);
}

#[test]
fn the_records() {
    let golden = Golden::read();
    let host = SignedRecord::decode(&file("record-1-host.cbor")).unwrap();
    host.verify(NETWORK).unwrap();
    assert_eq!((host.kind(), host.sequence(), host.payload()), (RecordKind::Host, 7, b"an offer".as_slice()));
    assert_eq!(host.key(), golden.device().peer_id().as_bytes());
    let made = SignedRecord::for_host(NETWORK, &golden.device(), 7, b"an offer".to_vec()).unwrap();
    assert_eq!(made.encode(), file("record-1-host.cbor"));

    let payload: Vec<u8> = (0..12).flat_map(|_| 0..=255).collect();
    let owner = SignedRecord::decode(&file("record-1-owner.cbor")).unwrap();
    owner.verify(NETWORK).unwrap();
    assert_eq!((owner.kind(), owner.sequence()), (RecordKind::Owner, 1 << 40));
    assert_eq!(owner.payload(), payload);
    assert_eq!(owner.key(), golden.owner().owner_id().as_bytes());
    let made = SignedRecord::for_owner(NETWORK, &golden.owner(), 1 << 40, payload).unwrap();
    assert_eq!(made.encode(), file("record-1-owner.cbor"));
}

#[tokio::test]
async fn the_key_file() {
    let golden = Golden::read();
    let passphrase = Zeroizing::new(golden.text("key_file_passphrase").to_owned());
    let store = KeyFileStore::new(path("keys-1.sealed"), passphrase).unwrap();
    assert_eq!(store.load().await.unwrap(), golden.secrets());

    let decomposed = golden.text("key_file_passphrase").replace('\u{e4}', "a\u{308}");
    let (salt, nonce) = (golden.bytes("key_file_salt"), golden.bytes("key_file_nonce"));
    let sealed = KeyFile::seal(&golden.secrets(), &decomposed, KdfCost::STANDARD, salt, nonce).unwrap();
    assert_eq!(sealed.encode(), file("keys-1.sealed"));
}

#[tokio::test]
async fn the_sealed_phrase() {
    let golden = Golden::read();
    let passphrase = Zeroizing::new(golden.text("key_file_passphrase").to_owned());
    let sealed = SealedPhrase::read(path("phrase-1.layrkey")).await.unwrap();
    assert_eq!(*sealed.unseal(passphrase).await.unwrap().to_text(), golden.text("phrase"));

    let decomposed = golden.text("key_file_passphrase").replace('\u{e4}', "a\u{308}");
    let phrase = RecoveryPhrase::parse(golden.text("phrase")).unwrap();
    let (salt, nonce) = (golden.bytes("phrase_file_salt"), golden.bytes("phrase_file_nonce"));
    let sealed = SealedPhrase::seal(&phrase, &decomposed, KdfCost::STANDARD, salt, nonce).unwrap();
    assert_eq!(sealed.encode(), file("phrase-1.layrkey"));
}
