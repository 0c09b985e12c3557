use super::{
    Delegation, DelegationError, DelegationSubject, LogEntry, LogError, LogHead, MAX_DELEGATION_BYTES,
    MAX_DELEGATION_S, MAX_LOG_ENTRY_BYTES, MAX_LOG_PAYLOAD_BYTES,
};
use crate::{DeviceCertificate, DeviceKey, OwnerId, OwnerKeys, PeerId, RecoveryPhrase};

const DAY_S: u64 = 86_400;

fn owner(number: u8) -> OwnerKeys {
    OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&[number; 32]))
}

fn subject(delegate: PeerId, term_s: u64) -> DelegationSubject {
    let issued_at_unix_s = 1_000_000;
    let expires_at_unix_s = issued_at_unix_s + term_s;
    DelegationSubject { delegate, serial: u64::MAX, issued_at_unix_s, expires_at_unix_s }
}

#[test]
fn a_delegation_serves_its_device_until_it_ends() {
    let (delegate, stranger) = (PeerId::from_bytes([1; 32]), PeerId::from_bytes([2; 32]));
    let issued = Delegation::issue(&owner(7), &subject(delegate, MAX_DELEGATION_S)).unwrap();
    let bytes = issued.encode();
    assert!(bytes.len() <= MAX_DELEGATION_BYTES, "{}", bytes.len());
    let read = Delegation::decode(&bytes).unwrap();
    let end = issued.expires_at_unix_s();
    assert_eq!(read.verify_for(delegate, end + 60).unwrap(), issued);
    assert_eq!((issued.owner(), issued.serial()), (owner(7).owner_id(), u64::MAX));
    assert!(matches!(read.verify_for(delegate, end + 2 * 3600), Err(DelegationError::Ended)));
    let early = read.verify_for(delegate, 1_000_000 - 2 * DAY_S);
    assert!(matches!(early, Err(DelegationError::NotYet)), "{early:?}");
    assert!(issued.holds_at(end) && !issued.holds_at(end + 2 * 3600));
    assert!(matches!(read.verify_for(stranger, end), Err(DelegationError::OtherDevice { .. })));
}

#[test]
fn a_delegation_is_short_signed_and_no_certificate() {
    let delegate = PeerId::from_bytes([1; 32]);
    for term_s in [0, MAX_DELEGATION_S + 1] {
        let issued = Delegation::issue(&owner(7), &subject(delegate, term_s));
        assert!(matches!(issued, Err(DelegationError::Term)), "{term_s}");
    }
    let bytes = Delegation::issue(&owner(7), &subject(delegate, DAY_S)).unwrap().encode();
    assert!(DeviceCertificate::decode(&bytes).is_err(), "it must not open what only the owner's devices may");
    for at in 0..bytes.len() {
        let mut forged = bytes.clone();
        forged[at] ^= 1;
        let taken = Delegation::decode(&forged).and_then(|read| read.verify_for(delegate, 1_000_000));
        assert!(taken.is_err(), "byte {at}");
        assert!(Delegation::decode(&bytes[..at]).is_err());
    }
}

fn log(owner: OwnerId, delegate: &DeviceKey, texts: &[&[u8]]) -> Vec<LogEntry> {
    let mut head = LogHead::default();
    let entries = texts.iter().map(|text| {
        let entry = LogEntry::next(head, owner, text.to_vec(), delegate).unwrap();
        head = entry.head();
        entry
    });
    entries.collect()
}

#[test]
fn a_log_is_one_chain_for_one_owner() {
    let (me, delegate) = (owner(7).owner_id(), DeviceKey::from_bytes(&[3; 32]));
    let entries = log(me, &delegate, &[b"one", b"two", b"three"]);
    let mut head = LogHead::default();
    for entry in &entries {
        let read = LogEntry::decode_next(&entry.encode(), head, me, delegate.peer_id()).unwrap();
        assert_eq!(&read, entry);
        head = read.head();
    }
    assert_eq!(head.number, 3);
    let after = |at: usize| entries[at].head();
    let read =
        |entry: &LogEntry, head, owner, peer| LogEntry::decode_next(&entry.encode(), head, owner, peer);
    let chain = |outcome| matches!(outcome, Err(LogError::Chain { .. }));
    assert!(chain(read(&entries[2], after(0), me, delegate.peer_id())), "one is left out");
    assert!(chain(read(&entries[0], after(0), me, delegate.peer_id())), "one comes again");
    assert!(chain(read(&entries[1], after(0), owner(8).owner_id(), delegate.peer_id())));
    let other = log(me, &delegate, &[b"one", b"another"]);
    assert!(chain(read(&entries[2], other[1].head(), me, delegate.peer_id())), "told in two ways");
    let stranger = DeviceKey::from_bytes(&[4; 32]).peer_id();
    assert!(matches!(read(&entries[1], after(0), me, stranger), Err(LogError::Signature(_))));
}

#[test]
fn a_log_entry_is_bounded_and_of_one_encoding() {
    let (me, delegate) = (owner(7).owner_id(), DeviceKey::from_bytes(&[3; 32]));
    let head = LogHead { number: u64::MAX - 1, digest: [255; 32] };
    let largest = LogEntry::next(head, me, vec![9; MAX_LOG_PAYLOAD_BYTES], &delegate).unwrap();
    assert!(largest.encode().len() <= MAX_LOG_ENTRY_BYTES);
    assert!(LogEntry::next(head, me, vec![9; MAX_LOG_PAYLOAD_BYTES + 1], &delegate).is_err());
    let bytes = LogEntry::next(LogHead::default(), me, b"found".to_vec(), &delegate).unwrap().encode();
    for at in 0..bytes.len() {
        let mut forged = bytes.clone();
        forged[at] ^= 1;
        let read = LogEntry::decode_next(&forged, LogHead::default(), me, delegate.peer_id());
        assert!(read.is_err(), "byte {at}");
    }
}
