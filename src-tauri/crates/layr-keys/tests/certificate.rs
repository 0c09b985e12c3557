//! What a device certificate promises.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

use layr_keys::{
    CertificateError, CertificateSubject, DecodeError, DeviceCertificate, DeviceKey, MAX_CERTIFICATE_BYTES,
    MAX_DEVICE_NAME_CHARS, OwnerKeys, PeerId, RecoveryPhrase,
};

fn owner(number: u8) -> OwnerKeys {
    OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&[number; 32]))
}

fn device(number: u8) -> PeerId {
    DeviceKey::from_bytes(&[number; 32]).peer_id()
}

fn subject(name: Option<&str>) -> CertificateSubject {
    CertificateSubject {
        device: device(1),
        serial: 5,
        issued_at_unix_s: 1_700_000_000,
        name: name.map(str::to_owned),
    }
}

#[test]
fn what_the_owner_signed_is_what_others_read() {
    let issued = DeviceCertificate::issue(&owner(1), subject(Some("laptop"))).unwrap();
    let read = DeviceCertificate::decode(&issued.encode()).unwrap().verify_for(device(1)).unwrap();
    assert_eq!(read, issued);
    assert_eq!((read.owner(), read.device()), (owner(1).owner_id(), device(1)));
    assert_eq!((read.serial(), read.issued_at_unix_s(), read.name()), (5, 1_700_000_000, Some("laptop")));
    let nameless = DeviceCertificate::issue(&owner(1), subject(None)).unwrap();
    assert_eq!(DeviceCertificate::decode(&nameless.encode()).unwrap().verify().unwrap().name(), None);
}

#[test]
fn no_flipped_bit_survives() {
    let whole = DeviceCertificate::issue(&owner(1), subject(Some("laptop"))).unwrap().encode();
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let outcome = DeviceCertificate::decode(&bytes).and_then(|certificate| certificate.verify());
        assert!(outcome.is_err(), "bit {bit}");
    }
}

#[test]
fn another_device_cannot_use_it() {
    let issued = DeviceCertificate::issue(&owner(1), subject(None)).unwrap();
    let outcome = issued.certificate().verify_for(device(2));
    let Err(CertificateError::OtherDevice { certified, presented_by }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!((certified, presented_by), (device(1), device(2)));
}

/// The bytes of one owner's certificate with another owner's id in it.
#[test]
fn nobody_can_certify_for_another_owner() {
    let bytes = DeviceCertificate::issue(&owner(1), subject(None)).unwrap().encode();
    let (mine, theirs) = (owner(1).owner_id(), owner(2).owner_id());
    let at = bytes.windows(32).position(|window| window == mine.as_bytes()).unwrap();
    let mut forged = bytes;
    forged[at..at + 32].copy_from_slice(theirs.as_bytes());
    let outcome = DeviceCertificate::decode(&forged).unwrap().verify();
    assert!(matches!(outcome, Err(CertificateError::Signature(_))));
}

#[test]
fn the_largest_certificate_fits() {
    let name = "\u{10ffff}".repeat(MAX_DEVICE_NAME_CHARS);
    let largest = CertificateSubject { serial: u64::MAX, issued_at_unix_s: u64::MAX, ..subject(Some(&name)) };
    let bytes = DeviceCertificate::issue(&owner(1), largest).unwrap().encode();
    assert!(bytes.len() <= MAX_CERTIFICATE_BYTES, "{}", bytes.len());
    DeviceCertificate::decode(&bytes).unwrap().verify().unwrap();
}

#[test]
fn a_name_is_short_and_printable() {
    let too_long = "x".repeat(MAX_DEVICE_NAME_CHARS + 1);
    for name in [too_long.as_str(), "", "two\nlines", "\u{1b}[31m", "\u{85}"] {
        let outcome = DeviceCertificate::issue(&owner(1), subject(Some(name)));
        assert!(matches!(outcome, Err(CertificateError::Name)), "{name:?}");
    }
    // And whoever signs such a name with a tool of their own is not read either.
    let whole = DeviceCertificate::issue(&owner(1), subject(Some("laptop"))).unwrap().encode();
    let at = whole.windows(6).position(|window| window == b"laptop").unwrap();
    let mut bytes = whole;
    bytes[at] = b'\n';
    let outcome = DeviceCertificate::decode(&bytes);
    assert!(matches!(outcome, Err(CertificateError::Decode(DecodeError::Field { field: "name" }))));
}

#[test]
fn only_one_encoding_is_read() {
    let whole = DeviceCertificate::issue(&owner(1), subject(None)).unwrap().encode();
    let (body_at, body_end) = (3, whole.len() - 66);
    assert_eq!(whole[..body_at], [0x82, 0x58, u8::try_from(body_end - body_at).unwrap()], "two byte strings");

    let trailing = [whole.as_slice(), &[0]].concat();
    let indefinite = [&[0x9f], &whole[1..], &[0xff]].concat();
    let longer_length = [&[0x82, 0x59, 0], &whole[2..]].concat();
    let third_element = [&[0x83], &whole[1..], &[0x00]].concat();
    // The serial 5 as two bytes, inside the signed body; whoever signs that with a tool of their own is not read.
    let serial_at = 3 + 2 + 34 + 34;
    assert_eq!(whole[serial_at], 5);
    let mut longer_integer = whole.clone();
    longer_integer.insert(serial_at, 0x18);
    longer_integer[2] += 1;
    for bytes in [trailing, indefinite, longer_length, third_element, longer_integer] {
        let outcome = DeviceCertificate::decode(&bytes);
        let refused = matches!(
            outcome,
            Err(CertificateError::Decode(DecodeError::NotCanonical | DecodeError::Malformed { .. }))
        );
        assert!(refused, "{outcome:?}");
    }
    let outcome = DeviceCertificate::decode(&vec![0x82; MAX_CERTIFICATE_BYTES + 1]);
    assert!(matches!(outcome, Err(CertificateError::Decode(DecodeError::TooLong { .. }))));
}

#[test]
fn another_version_is_named() {
    let mut bytes = DeviceCertificate::issue(&owner(1), subject(None)).unwrap().encode();
    assert_eq!(bytes[3..5], [0x86, 0x01], "six fields, the version first");
    bytes[4] = 2;
    let outcome = DeviceCertificate::decode(&bytes);
    assert!(matches!(outcome, Err(CertificateError::Decode(DecodeError::UnsupportedVersion { found: 2 }))));
}
