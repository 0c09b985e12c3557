//! Secrets in a file of the node's home, for machines without a keyring.

use std::{
    borrow::Cow,
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use bip39::Mnemonic;
use zeroize::Zeroizing;

use super::{
    KeyStore, KeyStoreError, KeyStoreKind, check_replaceable, deriving,
    sealed::{KdfCost, KeyFile, MAX_KEY_FILE_BYTES},
};
use crate::{atomic, random::random_bytes, secrets::StoredSecrets};

/// A key store in one file, sealed with Argon2id and AES-256-GCM.
pub struct KeyFileStore {
    path: PathBuf,
    /// Locked by the operation itself, on the blocking pool: a caller that goes away changes nothing about the order.
    file: Arc<Mutex<SealedPath>>,
}

impl KeyFileStore {
    /// A store in the file `path`, which need not exist yet; its directory must.
    pub fn new(path: PathBuf, passphrase: Zeroizing<String>) -> Result<Self, KeyStoreError> {
        Self::with_cost(path, passphrase, KdfCost::STANDARD)
    }

    /// The same with another cost for files that this store writes; reading follows the file's own header.
    pub fn with_cost(
        path: PathBuf,
        passphrase: Zeroizing<String>,
        cost: KdfCost,
    ) -> Result<Self, KeyStoreError> {
        let passphrase = prepare(passphrase)?;
        let file = SealedPath { path: path.clone(), passphrase, cost };
        Ok(Self { path, file: Arc::new(Mutex::new(file)) })
    }

    /// Looks whether keys are at `path` that a passphrase may open, without one: else they are [`KeyStoreError::Missing`] or
    /// [`KeyStoreError::Damaged`].
    pub fn look(path: &Path) -> Result<(), KeyStoreError> {
        read_sealed(path).map(drop)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Seals the file anew under `new`, atomically: after a failure or a crash the old passphrase opens it.
    pub async fn change_passphrase(&self, new: Zeroizing<String>) -> Result<(), KeyStoreError> {
        let new = prepare(new)?;
        self.run(move |file| {
            let secrets = file.read()?;
            file.write(&secrets, &new)?;
            file.passphrase = new;
            Ok(())
        })
        .await
    }

    /// To its end even if the caller goes.
    async fn run<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&mut SealedPath) -> Result<T, KeyStoreError> + Send + 'static,
    ) -> Result<T, KeyStoreError> {
        let file = Arc::clone(&self.file);
        // An operation that panicked has changed the file wholly or not at all, so its lock is still good.
        let work = move || operation(&mut file.lock().unwrap_or_else(PoisonError::into_inner));
        deriving(work).await
    }
}

#[async_trait]
impl KeyStore for KeyFileStore {
    fn kind(&self) -> KeyStoreKind {
        KeyStoreKind::File
    }

    async fn load(&self) -> Result<StoredSecrets, KeyStoreError> {
        self.run(|file| file.read()).await
    }

    async fn save(&self, secrets: &StoredSecrets) -> Result<(), KeyStoreError> {
        let secrets = secrets.duplicate();
        self.run(move |file| {
            check_replaceable(file.read(), &secrets)?;
            file.write(&secrets, &file.passphrase)
        })
        .await
    }

    async fn delete(&self) -> Result<(), KeyStoreError> {
        self.run(|file| file.remove()).await
    }
}

impl fmt::Debug for KeyFileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyFileStore({}, passphrase hidden)", self.path.display())
    }
}

/// The file and what opens it, as the blocking pool sees it.
struct SealedPath {
    path: PathBuf,
    passphrase: Zeroizing<String>,
    cost: KdfCost,
}

impl SealedPath {
    fn read(&self) -> Result<StoredSecrets, KeyStoreError> {
        // What a crash left beside it is of no use to anybody; where it cannot go, it goes with the next change.
        let _ = atomic::sweep(&self.path);
        read_sealed(&self.path)?.open(&self.passphrase)
    }

    fn write(&self, secrets: &StoredSecrets, passphrase: &str) -> Result<(), KeyStoreError> {
        let sealed = KeyFile::seal(secrets, passphrase, self.cost, *random_bytes()?, *random_bytes()?)?;
        atomic::sweep(&self.path).map_err(|error| self.failed("clean up beside", error))?;
        atomic::stage(&self.path, &sealed.encode())
            .and_then(atomic::Staged::commit)
            .map_err(|error| self.failed("write", error))
    }

    fn remove(&self) -> Result<(), KeyStoreError> {
        atomic::sweep(&self.path).map_err(|error| self.failed("clean up beside", error))?;
        atomic::remove(&self.path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => KeyStoreError::Missing,
            _ => self.failed("delete", error),
        })
    }

    fn failed(&self, action: &'static str, source: io::Error) -> KeyStoreError {
        failed(&self.path, action, source)
    }
}

fn read_sealed(path: &Path) -> Result<KeyFile, KeyStoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(KeyStoreError::Missing),
        Err(error) => return Err(failed(path, "open", error)),
    };
    KeyFile::decode(&read_bounded(file).map_err(|error| failed(path, "read", error))?)
}

fn failed(path: &Path, action: &'static str, source: io::Error) -> KeyStoreError {
    KeyStoreError::Io { action, path: path.to_owned(), source }
}

/// All of a sealed file, or one byte more than any has.
pub(super) fn read_bounded(file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(MAX_KEY_FILE_BYTES + 1);
    file.take(MAX_KEY_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The passphrase in NFKD, so that it is the same bytes whatever keyboard typed it.
pub(super) fn prepare(passphrase: Zeroizing<String>) -> Result<Zeroizing<String>, KeyStoreError> {
    if passphrase.is_empty() {
        return Err(KeyStoreError::EmptyPassphrase);
    }
    let mut normalized = Cow::Borrowed(passphrase.as_str());
    Mnemonic::normalize_utf8_cow(&mut normalized);
    Ok(match normalized {
        Cow::Owned(decomposed) => Zeroizing::new(decomposed),
        Cow::Borrowed(_) => passphrase,
    })
}
