use std::collections::HashSet;

use super::{Hkdf, OwnerKeys, Sha256, expand};
use crate::phrase::RecoveryPhrase;

/// RFC 5869, appendix A.1 and A.3.
#[test]
fn hkdf_gives_the_vectors_of_rfc_5869() {
    let salt = hex::decode("000102030405060708090a0b0c").unwrap();
    let info = hex::decode("f0f1f2f3f4f5f6f7f8f9").unwrap();
    let hkdf = Hkdf::<Sha256>::new(Some(&salt), &[0x0b; 22]);
    assert_eq!(
        hex::encode(*expand::<42>(&hkdf, &info)),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    );
    let hkdf = Hkdf::<Sha256>::new(Some(&[]), &[0x0b; 22]);
    assert_eq!(
        hex::encode(*expand::<42>(&hkdf, &[])),
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    );
}

#[test]
fn every_key_of_every_owner_differs() {
    let mut distinct = HashSet::new();
    for first_byte in 0..2 {
        let mut entropy = [0; 32];
        entropy[0] = first_byte;
        let keys = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&entropy));
        let secrets = [
            keys.signing_key.to_bytes(),
            *keys.stellar_key().to_secret_bytes(),
            *keys.library_key(),
            *keys.chunk_id_key(),
            *keys.chunk_key_secret(),
            *keys.blind_secret(),
        ];
        assert!(secrets.into_iter().all(|secret| distinct.insert(secret)));
        let seed = keys.chunker_seed().to_be_bytes();
        assert!(secrets.iter().all(|secret| !secret.starts_with(&seed)));
    }
}

#[test]
fn debug_shows_public_parts_only() {
    let keys = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&[5; 32]));
    let shown = format!("{keys:?}{:?}", keys.stellar_key());
    assert_eq!(
        shown,
        format!(
            "OwnerKeys({}, secrets hidden)StellarKey({}, secret hidden)",
            keys.owner_id(),
            keys.stellar_account()
        )
    );
}
