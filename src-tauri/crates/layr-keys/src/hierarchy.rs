//! From the recovery phrase to every key that an owner needs.

use std::fmt;

use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    ids::OwnerId,
    phrase::RecoveryPhrase,
    signing::{self, Domain, Signature},
    stellar::{StellarAccount, StellarKey},
};

/// Salt of the extraction: separates Layr's keys from whatever else is derived from the same seed.
const SALT: &[u8] = b"layr/v1/owner-keys";
const LABEL_SIGNING_KEY: &[u8] = b"layr/v1/owner-signing-key";
const LABEL_LIBRARY_KEY: &[u8] = b"layr/v1/library-key";
const LABEL_CHUNK_ID_KEY: &[u8] = b"layr/v1/chunk-id-key";
const LABEL_CHUNK_KEY_SECRET: &[u8] = b"layr/v1/chunk-key-secret";
const LABEL_BLIND_SECRET: &[u8] = b"layr/v1/blind-secret";
const LABEL_CHUNKER_SEED: &[u8] = b"layr/v1/chunker-seed";

/// All keys of an owner, derived from the recovery phrase alone. Wiped when dropped.
pub struct OwnerKeys {
    signing_key: SigningKey,
    stellar_key: StellarKey,
    library_key: Zeroizing<[u8; 32]>,
    chunk_id_key: Zeroizing<[u8; 32]>,
    chunk_key_secret: Zeroizing<[u8; 32]>,
    blind_secret: Zeroizing<[u8; 32]>,
    chunker_seed: Zeroizing<u64>,
}

impl OwnerKeys {
    /// Derives the keys: 2048 rounds of PBKDF2, then a handful of HMACs.
    pub fn from_phrase(phrase: &RecoveryPhrase) -> Self {
        let seed = phrase.seed("");
        let hkdf = Hkdf::<Sha256>::new(Some(SALT), seed.as_slice());
        Self {
            signing_key: SigningKey::from_bytes(&expand(&hkdf, LABEL_SIGNING_KEY)),
            stellar_key: StellarKey::derive(seed.as_slice()),
            library_key: expand(&hkdf, LABEL_LIBRARY_KEY),
            chunk_id_key: expand(&hkdf, LABEL_CHUNK_ID_KEY),
            chunk_key_secret: expand(&hkdf, LABEL_CHUNK_KEY_SECRET),
            blind_secret: expand(&hkdf, LABEL_BLIND_SECRET),
            chunker_seed: Zeroizing::new(u64::from_be_bytes(*expand(&hkdf, LABEL_CHUNKER_SEED))),
        }
    }

    /// The owner's public identity.
    pub fn owner_id(&self) -> OwnerId {
        OwnerId::from_bytes(self.signing_key.verifying_key().to_bytes())
    }

    /// Signs `message` in `domain` as the owner.
    pub fn sign(&self, domain: Domain, message: &[u8]) -> Signature {
        signing::sign(&self.signing_key, domain, message)
    }

    /// Seals what only the owner's own devices read, such as private manifests.
    pub fn library_key(&self) -> &[u8; 32] {
        &self.library_key
    }

    /// Key of the HMAC that names chunks.
    pub fn chunk_id_key(&self) -> &[u8; 32] {
        &self.chunk_id_key
    }

    /// Secret from which each chunk's encryption key is expanded.
    pub fn chunk_key_secret(&self) -> &[u8; 32] {
        &self.chunk_key_secret
    }

    /// Secret from which each segment's blinding key is expanded.
    pub fn blind_secret(&self) -> &[u8; 32] {
        &self.blind_secret
    }

    /// Seed of the content-defined chunker, so that chunk sizes don't betray known files.
    pub fn chunker_seed(&self) -> u64 {
        *self.chunker_seed
    }

    /// The owner's Stellar account.
    pub fn stellar_account(&self) -> StellarAccount {
        self.stellar_key.account()
    }

    /// The key of the owner's Stellar account.
    pub fn stellar_key(&self) -> &StellarKey {
        &self.stellar_key
    }
}

impl fmt::Debug for OwnerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnerKeys({}, secrets hidden)", self.owner_id())
    }
}

fn expand<const N: usize>(hkdf: &Hkdf<Sha256>, label: &[u8]) -> Zeroizing<[u8; N]> {
    const { assert!(N <= 255 * 32, "HKDF-SHA-256 expands to at most 255 blocks") };
    let mut key = Zeroizing::new([0; N]);
    #[expect(clippy::expect_used, reason = "the length is checked when this is compiled")]
    hkdf.expand(label, key.as_mut_slice()).expect("HKDF refuses only more than 255 blocks");
    key
}

#[cfg(test)]
mod tests;
