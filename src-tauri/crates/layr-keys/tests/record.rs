//! What a signed record promises.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

use layr_keys::{
    DecodeError, DeviceKey, MAX_RECORD_BYTES, MAX_RECORD_PAYLOAD_BYTES, OwnerKeys, RecordError, RecordKind,
    RecoveryPhrase, SignedRecord,
};

const NETWORK: &str = "testnet";

fn host(device: u8, sequence: u64, payload: &[u8]) -> SignedRecord {
    SignedRecord::for_host(NETWORK, &DeviceKey::from_bytes(&[device; 32]), sequence, payload.to_vec())
        .unwrap()
}

fn owner(sequence: u64, payload: &[u8]) -> SignedRecord {
    let owner = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&[1; 32]));
    SignedRecord::for_owner(NETWORK, &owner, sequence, payload.to_vec()).unwrap()
}

#[test]
fn a_record_reads_back_and_verifies() {
    for (record, kind) in [(host(1, 9, b"offer"), RecordKind::Host), (owner(9, b"head"), RecordKind::Owner)] {
        let read = SignedRecord::decode(&record.encode()).unwrap();
        assert_eq!(read, record);
        read.verify(NETWORK).unwrap();
        assert_eq!((read.kind(), read.sequence()), (kind, 9));
    }
}

#[test]
fn no_flipped_bit_survives() {
    for whole in [host(1, 300, b"offer").encode(), owner(0, b"").encode()] {
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let outcome = SignedRecord::decode(&bytes).and_then(|record| record.verify(NETWORK));
            assert!(outcome.is_err(), "bit {bit}");
        }
    }
}

#[test]
fn a_record_belongs_to_one_network() {
    let record = host(1, 1, b"offer");
    for other in ["testnet2", "testne", "mainnet"] {
        assert!(matches!(record.verify(other), Err(RecordError::Signature(_))), "{other}");
    }
    let too_long = "x".repeat(33);
    for wrong in ["", "Testnet", "test net", "test\0", "t\u{e9}st", &too_long] {
        assert!(matches!(record.verify(wrong), Err(RecordError::NetworkName)), "{wrong:?}");
        let device = DeviceKey::from_bytes(&[1; 32]);
        let outcome = SignedRecord::for_host(wrong, &device, 1, Vec::new());
        assert!(matches!(outcome, Err(RecordError::NetworkName)), "{wrong:?}");
    }
}

#[test]
fn the_payload_is_bounded() {
    let largest = owner(u64::MAX, &vec![0xff; MAX_RECORD_PAYLOAD_BYTES]);
    let bytes = largest.encode();
    assert!(bytes.len() <= MAX_RECORD_BYTES, "{}", bytes.len());
    SignedRecord::decode(&bytes).unwrap().verify(NETWORK).unwrap();

    let device = DeviceKey::from_bytes(&[1; 32]);
    let outcome = SignedRecord::for_host(NETWORK, &device, 1, vec![0; MAX_RECORD_PAYLOAD_BYTES + 1]);
    assert!(matches!(outcome, Err(RecordError::PayloadTooLong { size_bytes: 3073, limit_bytes: 3072 })));
}

#[test]
fn a_payload_over_the_limit_is_not_read() {
    let whole = host(1, 1, &vec![7; MAX_RECORD_PAYLOAD_BYTES]).encode();
    // One more payload byte, with both lengths put right: still within the record's size.
    let (envelope_length, payload_length) = (whole.len() - 3 - 66, MAX_RECORD_PAYLOAD_BYTES);
    let mut bytes = whole;
    let length = |value: usize| u16::try_from(value).unwrap().to_be_bytes();
    let find = |bytes: &[u8], value: usize| bytes.windows(2).position(|pair| pair == length(value)).unwrap();
    let at = find(&bytes, payload_length);
    bytes[at..at + 2].copy_from_slice(&length(payload_length + 1));
    let at = find(&bytes, envelope_length - 1);
    bytes[at..at + 2].copy_from_slice(&length(envelope_length));
    bytes.insert(200, 7);
    let outcome = SignedRecord::decode(&bytes);
    assert!(
        matches!(outcome, Err(RecordError::Decode(DecodeError::Field { field: "payload" }))),
        "{outcome:?}"
    );
}

#[test]
fn only_one_encoding_is_read() {
    let whole = host(1, 1, b"offer").encode();
    let trailing = [whole.as_slice(), &[0]].concat();
    let indefinite = [&[0x9f], &whole[1..], &[0xff]].concat();
    for bytes in [trailing, indefinite] {
        assert!(matches!(SignedRecord::decode(&bytes), Err(RecordError::Decode(_))));
    }
    let outcome = SignedRecord::decode(&vec![0; MAX_RECORD_BYTES + 1]);
    assert!(matches!(outcome, Err(RecordError::Decode(DecodeError::TooLong { .. }))));
}

#[test]
fn the_higher_sequence_supersedes() {
    assert!(host(1, 2, b"a").supersedes(&host(1, 1, b"b")));
    assert!(!host(1, 1, b"b").supersedes(&host(1, 2, b"a")));
    assert!(!host(1, 1, b"a").supersedes(&host(1, 1, b"a")), "a record does not replace itself");
    assert!(!host(2, 2, b"a").supersedes(&host(1, 1, b"a")), "another key");
    assert!(!owner(2, b"a").supersedes(&host(1, 1, b"a")), "another kind");
    // Whatever order two nodes see them in, they keep the same one of two with one sequence.
    assert!(host(1, 1, b"b").supersedes(&host(1, 1, b"a")));
    assert!(!host(1, 1, b"a").supersedes(&host(1, 1, b"b")));
}
