//! Domain-separated Ed25519 signatures.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Encode};

/// Says what a signature is for, so that a signature made for one purpose is worthless for every other.
///
/// What is signed is `label ‖ 0x00 ‖ message`. Labels contain no zero byte, hence no label followed by its zero is a
/// prefix of another, and all start with `layr/`, which nothing that libp2p signs with the same device key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Domain(&'static str);

impl Domain {
    /// A domain for `label`, which reads `layr/vN/purpose`. Meant for constants: there a bad label stops the build.
    ///
    /// # Panics
    /// When `label` does not start with `layr/` or contains a zero byte.
    pub const fn new(label: &'static str) -> Self {
        let mut rest = label.as_bytes();
        assert!(matches!(rest, [b'l', b'a', b'y', b'r', b'/', ..]), "a domain starts with layr/");
        while let [first, tail @ ..] = rest {
            assert!(*first != 0, "a domain contains no zero byte");
            rest = tail;
        }
        Self(label)
    }

    /// The label.
    pub const fn label(self) -> &'static str {
        self.0
    }

    fn signed_bytes(self, message: &[u8]) -> Vec<u8> {
        [self.0.as_bytes(), &[0], message].concat()
    }
}

/// An Ed25519 signature, 64 bytes as in RFC 8032.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Signature(#[cbor(n(0), with = "minicbor::bytes")] [u8; 64]);

impl Signature {
    /// Takes 64 bytes as a signature; only a verification says whether it is one.
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The 64 bytes.
    pub const fn to_bytes(self) -> [u8; 64] {
        self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", hex::encode(self.0))
    }
}

/// The signature was not made by this key over this message in this domain, or the key is not an honest Ed25519 key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not belong to this key and message")]
pub struct SignatureError;

pub(crate) fn sign(key: &SigningKey, domain: Domain, message: &[u8]) -> Signature {
    Signature(key.sign(&domain.signed_bytes(message)).to_bytes())
}

/// Verifies strictly: no malleable signature, no key of small order.
pub(crate) fn verify(
    key: &[u8; 32],
    domain: Domain,
    message: &[u8],
    signature: &Signature,
) -> Result<(), SignatureError> {
    let key = VerifyingKey::from_bytes(key).map_err(|_| SignatureError)?;
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    key.verify_strict(&domain.signed_bytes(message), &signature).map_err(|_| SignatureError)
}

#[cfg(test)]
mod tests;
