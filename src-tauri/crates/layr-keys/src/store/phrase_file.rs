//! The recovery phrase in a file under a passphrase: to be put where a sheet of paper would be found or lost.

use std::{io, path::PathBuf};

use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::{
    KeyStoreError, deriving,
    key_file::{prepare, read_bounded},
    sealed::{KdfCost, Kind, Sealed},
};
use crate::{
    atomic::{self, Existing},
    phrase::RecoveryPhrase,
    random::random_bytes,
    regular::{Links, open_regular},
};

const PHRASE: Kind = Kind { magic: *b"LAYRWORD", is_not: "it is not a sealed recovery phrase" };

/// A sealed recovery phrase in memory: readable header, sealed entropy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPhrase(Sealed);

impl SealedPhrase {
    /// Seals `phrase`. Salt and nonce must be fresh randomness for every file ever written.
    pub fn seal(
        phrase: &RecoveryPhrase,
        passphrase: &str,
        cost: KdfCost,
        salt: [u8; 16],
        nonce: [u8; 12],
    ) -> Result<Self, KeyStoreError> {
        Sealed::seal(PHRASE, phrase.entropy().as_slice(), passphrase, cost, (salt, nonce)).map(Self)
    }

    /// Opens the sealed words.
    pub fn open(&self, passphrase: &str) -> Result<RecoveryPhrase, KeyStoreError> {
        let plain = self.0.open(passphrase)?;
        let entropy = plain.as_slice().try_into();
        let entropy =
            entropy.map_err(|_| KeyStoreError::Damaged { what: "the sealed content is unknown" })?;
        Ok(RecoveryPhrase::from_entropy(entropy))
    }

    /// The file's bytes.
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// Reads a file's bytes without opening it. Costs one SHA-256 of at most [`crate::MAX_KEY_FILE_BYTES`].
    pub fn decode(bytes: &[u8]) -> Result<Self, KeyStoreError> {
        Sealed::decode(PHRASE, bytes).map(Self)
    }

    /// Whether a file that begins with these bytes is a sealed phrase and not words to read.
    pub fn begins_with(beginning: &[u8]) -> bool {
        beginning.starts_with(&PHRASE.magic)
    }

    /// Reads a file without opening it.
    ///
    /// # Errors
    /// [`KeyStoreError::Missing`], [`KeyStoreError::Io`]; [`KeyStoreError::Damaged`] for anything that is no sealed phrase.
    pub async fn read(path: PathBuf) -> Result<Self, KeyStoreError> {
        let work = move || {
            let failed = |action, source| KeyStoreError::Io { action, path: path.clone(), source };
            let (file, _) = open_regular(&path, Links::Follow).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => KeyStoreError::Missing,
                _ => failed("open", error),
            })?;
            Self::decode(&read_bounded(file).map_err(|error| failed("read", error))?)
        };
        spawn_blocking(work).await.map_err(|_| KeyStoreError::Interrupted)?
    }

    /// Opens the sealed words with a passphrase as somebody typed it.
    ///
    /// # Errors
    /// [`KeyStoreError::WrongPassphrase`], [`KeyStoreError::EmptyPassphrase`], [`KeyStoreError::OutOfMemory`].
    pub async fn unseal(self, passphrase: Zeroizing<String>) -> Result<RecoveryPhrase, KeyStoreError> {
        let passphrase = prepare(passphrase)?;
        deriving(move || self.open(&passphrase)).await
    }

    /// Seals the phrase into a file that only this user can read: whole or not at all, and over another file, which may be all
    /// that is left of somebody's words, only where `existing` says so.
    ///
    /// # Errors
    /// [`KeyStoreError::Io`] of kind [`io::ErrorKind::AlreadyExists`] where something has that name, and of others;
    /// [`KeyStoreError::EmptyPassphrase`], [`KeyStoreError::OutOfMemory`], [`KeyStoreError::Randomness`].
    pub async fn write(
        path: PathBuf,
        phrase: &RecoveryPhrase,
        passphrase: Zeroizing<String>,
        existing: Existing,
    ) -> Result<(), KeyStoreError> {
        let passphrase = prepare(passphrase)?;
        let entropy = phrase.entropy();
        let work = move || {
            let phrase = RecoveryPhrase::from_entropy(&entropy);
            let (salt, nonce) = (*random_bytes()?, *random_bytes()?);
            let sealed = Self::seal(&phrase, &passphrase, KdfCost::STANDARD, salt, nonce)?;
            atomic::write(&path, &sealed.encode(), existing).map_err(|source| KeyStoreError::Io {
                action: "write",
                path,
                source,
            })
        };
        deriving(work).await
    }
}
