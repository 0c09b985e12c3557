//! Secrets in the keyring of the operating system.

use std::{collections::HashMap, sync::Arc, thread, time::Duration};

use async_trait::async_trait;
use keyring_core::{CredentialStore, Entry, Error};
use tokio::{
    sync::{Semaphore, oneshot},
    time::{Instant, timeout_at},
};
use zeroize::{Zeroize, Zeroizing};

use super::{KeyStore, KeyStoreError, KeyStoreKind, check_replaceable};
use crate::secrets::StoredSecrets;

/// How long a call waits for the keyring. A locked one shows its own prompt and answers only when a person does: this is
/// time enough to type a password, and after it the caller can say what is going on and ask again.
pub const KEYRING_TIMEOUT: Duration = Duration::from_secs(30);

/// Under what the entries are filed, and what `secret-tool lookup service layr username ACCOUNT` finds.
const SERVICE: &str = "layr";

/// A key store in Secret Service (Linux), Keychain (macOS) or Credential Manager (Windows).
///
/// A call that runs into the timeout keeps waiting in its thread until the keyring answers, and a `save` among them may
/// still take effect then. The next call waits for it, so there is never more than one such thread per store.
#[derive(Debug)]
pub struct KeyringStore {
    account: String,
    timeout: Duration,
    turn: Arc<Semaphore>,
}

impl KeyringStore {
    /// The entry of the home with this id. Calls nothing yet.
    pub fn new(home_id: &str) -> Self {
        Self::with_timeout(home_id, KEYRING_TIMEOUT)
    }

    /// The same with another patience.
    pub fn with_timeout(home_id: &str, timeout: Duration) -> Self {
        Self { account: home_id.to_owned(), timeout, turn: Arc::new(Semaphore::new(1)) }
    }

    /// Runs `operation` on a thread of its own: the Secret Service client panics on a thread of an async runtime, and a
    /// thread of the blocking pool that hangs in a prompt would hold up the runtime's shutdown.
    async fn call<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Entry) -> Result<T, KeyStoreError> + Send + 'static,
    ) -> Result<T, KeyStoreError> {
        let deadline = Instant::now() + self.timeout;
        let turn = timeout_at(deadline, Arc::clone(&self.turn).acquire_owned()).await;
        let turn = turn.map_err(|_| KeyStoreError::Locked)?.map_err(|_| KeyStoreError::Interrupted)?;
        let (answer, answered) = oneshot::channel();
        let account = self.account.clone();
        let work = move || {
            let outcome = entry(&account).and_then(|entry| operation(&entry));
            drop(turn);
            // Nobody listens any more when the timeout came first; the outcome is wiped with its drop.
            let _ = answer.send(outcome);
        };
        thread::Builder::new().name("layr-keyring".to_owned()).spawn(work).map_err(unavailable)?;
        match timeout_at(deadline, answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panicked)) => Err(unavailable(panicked)),
            Err(_) => Err(KeyStoreError::Locked),
        }
    }
}

#[async_trait]
impl KeyStore for KeyringStore {
    fn kind(&self) -> KeyStoreKind {
        KeyStoreKind::Keyring
    }

    async fn load(&self) -> Result<StoredSecrets, KeyStoreError> {
        self.call(read).await
    }

    async fn save(&self, secrets: &StoredSecrets) -> Result<(), KeyStoreError> {
        let secrets = secrets.duplicate();
        self.call(move |entry| {
            check_replaceable(read(entry), &secrets)?;
            let text = Zeroizing::new(hex::encode(secrets.encode().as_slice()));
            entry.set_password(&text).map_err(translate)
        })
        .await
    }

    async fn delete(&self) -> Result<(), KeyStoreError> {
        self.call(|entry| entry.delete_credential().map_err(translate)).await
    }
}

fn read(entry: &Entry) -> Result<StoredSecrets, KeyStoreError> {
    let text = Zeroizing::new(entry.get_password().map_err(translate)?);
    // Text, because KDE's wallet keeps nothing else.
    let bytes = Zeroizing::new(hex::decode(text.as_bytes()).map_err(|_| damaged())?);
    StoredSecrets::decode(&bytes).map_err(|_| damaged())
}

/// A fresh connection for every call: they are rare, and an old one does not survive a restart of the keyring.
fn entry(account: &str) -> Result<Entry, KeyStoreError> {
    let label = format!("Layr keys ({account})");
    let mut modifiers = HashMap::new();
    if cfg!(target_os = "linux") {
        modifiers.insert("label", label.as_str());
    }
    platform_store()?.build(SERVICE, account, Some(&modifiers)).map_err(translate)
}

#[cfg(target_os = "linux")]
fn platform_store() -> Result<Arc<CredentialStore>, KeyStoreError> {
    Ok(zbus_secret_service_keyring_store::Store::new().map_err(translate)?)
}

#[cfg(target_os = "macos")]
fn platform_store() -> Result<Arc<CredentialStore>, KeyStoreError> {
    Ok(apple_native_keyring_store::keychain::Store::new().map_err(translate)?)
}

#[cfg(windows)]
fn platform_store() -> Result<Arc<CredentialStore>, KeyStoreError> {
    Ok(windows_native_keyring_store::Store::new().map_err(translate)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn platform_store() -> Result<Arc<CredentialStore>, KeyStoreError> {
    Err(unavailable(std::io::Error::from(std::io::ErrorKind::Unsupported)))
}

/// The keyring's errors in our words. Some of them carry the stored bytes: those are wiped and not passed on.
fn translate(error: Error) -> KeyStoreError {
    match error {
        Error::NoEntry => KeyStoreError::Missing,
        Error::NoStorageAccess(_) => KeyStoreError::Locked,
        Error::PlatformFailure(source) => KeyStoreError::Unavailable { source },
        Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            damaged()
        }
        Error::Ambiguous(_) => {
            KeyStoreError::Damaged { what: "the keyring has more than one entry for this home" }
        }
        other => unavailable(other),
    }
}

fn damaged() -> KeyStoreError {
    KeyStoreError::Damaged { what: "the keyring's entry is not one of Layr's" }
}

fn unavailable(source: impl std::error::Error + Send + Sync + 'static) -> KeyStoreError {
    KeyStoreError::Unavailable { source: Box::new(source) }
}
