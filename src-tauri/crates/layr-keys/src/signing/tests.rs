use ed25519_dalek::{Signer, SigningKey, VerifyingKey};

use super::{Domain, Signature, SignatureError, sign, verify};

const DOMAIN: Domain = Domain::new("layr/v1/test");
const LONGER_DOMAIN: Domain = Domain::new("layr/v1/tests");

/// RFC 8032, section 7.1: secret key, public key, message, signature.
const RFC_8032: [(&str, &str, &str, &str); 3] = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
];

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

#[test]
fn ed25519_gives_the_vectors_of_rfc_8032() {
    for (secret, public, message, signature) in RFC_8032 {
        let key = SigningKey::from_bytes(&bytes(secret));
        assert_eq!(key.verifying_key().to_bytes(), bytes(public));
        assert_eq!(key.sign(&hex::decode(message).unwrap()).to_bytes(), bytes(signature));
    }
}

#[test]
fn what_is_signed_is_label_zero_message() {
    let key = SigningKey::from_bytes(&[3; 32]);
    let ours = sign(&key, DOMAIN, b"message");
    let plain = ed25519_dalek::Signature::from_bytes(&ours.to_bytes());
    key.verifying_key().verify_strict(b"layr/v1/test\0message", &plain).unwrap();
}

#[test]
fn a_signature_holds_for_its_key_domain_and_message_only() {
    let key = SigningKey::from_bytes(&[3; 32]);
    let public = key.verifying_key().to_bytes();
    let other = SigningKey::from_bytes(&[4; 32]).verifying_key().to_bytes();
    let signature = sign(&key, DOMAIN, b"message");
    assert_eq!(verify(&public, DOMAIN, b"message", &signature), Ok(()));
    assert_eq!(verify(&public, DOMAIN, b"messagf", &signature), Err(SignatureError));
    assert_eq!(verify(&public, LONGER_DOMAIN, b"message", &signature), Err(SignatureError));
    assert_eq!(verify(&other, DOMAIN, b"message", &signature), Err(SignatureError));
    // A byte may not wander from the message into the label.
    let wandering = sign(&key, LONGER_DOMAIN, b"message");
    assert_eq!(verify(&public, DOMAIN, b"s\0message", &wandering), Err(SignatureError));
}

/// The neutral element as key "signs" everything under the lenient rules.
#[test]
fn a_key_of_small_order_verifies_nothing() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let mut forged = [0; 64];
    forged[0] = 1;
    let lenient = VerifyingKey::from_bytes(&neutral).unwrap();
    let plain = ed25519_dalek::Signature::from_bytes(&forged);
    ed25519_dalek::Verifier::verify(&lenient, b"anything", &plain)
        .expect("the forgery works without strictness");
    assert_eq!(verify(&neutral, DOMAIN, b"anything", &Signature::from_bytes(forged)), Err(SignatureError));
}

/// Adding the group order to S keeps the equation, but must not give a second valid signature.
#[test]
fn a_signature_is_not_malleable() {
    let order: [u8; 32] = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let key = SigningKey::from_bytes(&[3; 32]);
    let mut bytes = sign(&key, DOMAIN, b"message").to_bytes();
    let mut carry = 0;
    for (digit, summand) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*digit) + u16::from(summand) + carry;
        *digit = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    let public = key.verifying_key().to_bytes();
    assert_eq!(verify(&public, DOMAIN, b"message", &Signature::from_bytes(bytes)), Err(SignatureError));
}

#[test]
#[should_panic(expected = "starts with layr/")]
fn a_foreign_label_is_no_domain() {
    let _ = Domain::new("stellar");
}

#[test]
#[should_panic(expected = "no zero byte")]
fn a_label_with_a_zero_is_no_domain() {
    let _ = Domain::new("layr/v1/a\0b");
}
