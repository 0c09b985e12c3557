//! Sealing what only the same owner may open: AES-256-GCM under keys derived from the library key.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::manifest::LibraryKey;

/// Length of the nonce in front of what is sealed.
pub(crate) const NONCE_BYTES: usize = 12;
/// Length of the tag behind it.
pub(crate) const TAG_BYTES: usize = 16;

/// Separates keys by use.
pub(crate) const LABEL_FILE: &[u8] = b"layr/v1/manifest-file";
pub(crate) const LABEL_ROWS: &[u8] = b"layr/v1/imported-keys";
pub(crate) const LABEL_WATCHED: &[u8] = b"layr/v1/watched-keys";

/// The bytes are not what was sealed under this key, or the cipher refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unsealable;

/// A key for one use.
pub(crate) struct Seal(Aes256Gcm);

impl Seal {
    pub(crate) fn new(library_key: &LibraryKey, label: &[u8]) -> Result<Self, Unsealable> {
        let hkdf = Hkdf::<Sha256>::from_prk(library_key.as_bytes()).map_err(|_| Unsealable)?;
        let mut key = Zeroizing::new([0_u8; 32]);
        hkdf.expand(label, key.as_mut_slice()).map_err(|_| Unsealable)?;
        Aes256Gcm::new_from_slice(key.as_slice()).map(Self).map_err(|_| Unsealable)
    }

    /// nonce ‖ ciphertext ‖ tag. `nonce` must never come twice.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE_BYTES],
        bound_to: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, Unsealable> {
        let payload = Payload { msg: plaintext, aad: bound_to };
        let ciphertext = self.0.encrypt(&Nonce::from(nonce), payload).map_err(|_| Unsealable)?;
        Ok([nonce.as_slice(), &ciphertext].concat())
    }

    /// What was sealed.
    pub(crate) fn open(&self, bound_to: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(Unsealable)?;
        let payload = Payload { msg: ciphertext, aad: bound_to };
        self.0.decrypt(&Nonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| Unsealable)
    }

    /// A key of 32 bytes that was sealed.
    pub(crate) fn open_key(&self, bound_to: &[u8], sealed: &[u8]) -> Result<Zeroizing<[u8; 32]>, Unsealable> {
        let key = self.open(bound_to, sealed)?;
        key.as_slice().try_into().map(Zeroizing::new).map_err(|_| Unsealable)
    }
}
