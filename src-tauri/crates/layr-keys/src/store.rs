//! Where a node keeps its secrets: the keyring of the operating system, or a sealed file where there is none.

mod key_file;
mod keyring;
mod phrase_file;
mod sealed;

use std::{fmt, io, path::PathBuf};

use async_trait::async_trait;
use tokio::{sync::Semaphore, task::spawn_blocking};

pub use key_file::KeyFileStore;
pub use keyring::{KEYRING_TIMEOUT, KeyringStore};
pub use phrase_file::SealedPhrase;
pub use sealed::{KdfCost, KeyFile, MAX_KEY_FILE_BYTES};

use crate::{random::RandomnessError, secrets::StoredSecrets};

/// One key derivation at a time in this process: each fills up to 64 MiB and a core, and whoever asks for many at once, such as a
/// hostile page, gets no faster by it.
static DERIVING: Semaphore = Semaphore::const_new(1);

/// Runs work that derives a key from a passphrase, on the blocking pool and to its end even if the caller goes: it takes long,
/// and the files around it block.
async fn deriving<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KeyStoreError> + Send + 'static,
) -> Result<T, KeyStoreError> {
    let place = DERIVING.acquire().await.map_err(|_| KeyStoreError::Interrupted)?;
    let work = move || {
        let _place = place;
        work()
    };
    spawn_blocking(work).await.map_err(|_| KeyStoreError::Interrupted)?
}

/// A place that keeps one node's secrets.
///
/// Callers hold the lock of the node's home: two processes that save into one store at once are not expected.
#[async_trait]
pub trait KeyStore: fmt::Debug + Send + Sync {
    /// Which kind of place this is.
    fn kind(&self) -> KeyStoreKind;

    /// Reads the secrets.
    async fn load(&self) -> Result<StoredSecrets, KeyStoreError>;

    /// Stores `secrets`. The device secret may change, but secrets of another recovery phrase are never overwritten:
    /// that is [`KeyStoreError::OtherIdentity`], and [`KeyStore::delete`] is the explicit way.
    async fn save(&self, secrets: &StoredSecrets) -> Result<(), KeyStoreError>;

    /// Forgets the secrets, whatever state they are in.
    async fn delete(&self) -> Result<(), KeyStoreError>;
}

/// Kinds of key stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyStoreKind {
    /// Secret Service, Keychain or Credential Manager.
    Keyring,
    /// A file sealed with a passphrase.
    File,
}

/// Why a key store did not do what it was asked. No message contains a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyStoreError {
    /// There is nothing in the store.
    #[error("no keys are stored here")]
    Missing,
    /// The keyring is locked and was not unlocked in time, or it does not answer.
    #[error("the system keyring is locked")]
    Locked,
    /// There is no keyring on this machine or in this session.
    #[error("no system keyring is available")]
    Unavailable {
        /// What the keyring's client reports.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The key file is whole, but the passphrase does not open it.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// A key file can't be protected by nothing.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// What is stored can't be keys of this version of Layr.
    #[error("the stored keys are damaged: {what}")]
    Damaged {
        /// What is wrong with them.
        what: &'static str,
    },
    /// They are whole, and in a form that a newer Layr writes.
    #[error("the stored keys are in format {found}, which a newer Layr writes: install the newer release")]
    NewerFormat {
        /// The format's number.
        found: u16,
    },
    /// The store holds the keys of another recovery phrase, which would be lost.
    #[error("the store holds the keys of another recovery phrase")]
    OtherIdentity,
    /// A key file could not be read or written.
    #[error("can't {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// The operating system gave no randomness for salt and nonce.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// Not enough memory to derive the key from the passphrase.
    #[error("deriving the key from the passphrase needs {needed_kib} KiB of memory")]
    OutOfMemory {
        /// Memory that the key file's parameters ask for.
        needed_kib: u32,
    },
    /// The process is shutting down; the operation was not carried out.
    #[error("interrupted by shutdown")]
    Interrupted,
}

/// The rule of [`KeyStore::save`]: `stored` is what the store holds now.
fn check_replaceable(
    stored: Result<StoredSecrets, KeyStoreError>,
    new: &StoredSecrets,
) -> Result<(), KeyStoreError> {
    match stored {
        Ok(old) if old.has_same_phrase(new) => Ok(()),
        Ok(_) => Err(KeyStoreError::OtherIdentity),
        Err(KeyStoreError::Missing) => Ok(()),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use tokio::time::timeout;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn keys_are_derived_one_after_the_other() {
        let ((tell, told), (release, released)) = (mpsc::channel(), mpsc::channel::<()>());
        let first = tokio::spawn(deriving(move || {
            tell.send(()).unwrap();
            released.recv().unwrap();
            Ok(())
        }));
        told.recv().unwrap();
        let mut second = std::pin::pin!(deriving(|| Ok(())));
        assert!(timeout(Duration::from_millis(50), &mut second).await.is_err(), "it waits for the first");
        // Who goes takes the first one's place along only when its work is done.
        first.abort();
        assert!(timeout(Duration::from_millis(50), &mut second).await.is_err());
        release.send(()).unwrap();
        second.await.unwrap();
    }
}
