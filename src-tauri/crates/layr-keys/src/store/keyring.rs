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
/// A call that runs into the timeout keeps waiting in its thread until the keyring answers. The next call, of whatever store,
/// waits for it, so there is never more than one such thread and one prompt in a process. What a `save` among them writes then,
/// when nobody waits for it any more, it takes back: its caller has gone another way since.
#[derive(Debug)]
pub struct KeyringStore {
    account: String,
    timeout: Duration,
}

/// Whose turn it is to ask the keyring: stores are made for a call, and a person answers one prompt at a time.
static TURN: Semaphore = Semaphore::const_new(1);

impl KeyringStore {
    /// The entry of the home with this id. Calls nothing yet.
    pub fn new(home_id: &str) -> Self {
        Self::with_timeout(home_id, KEYRING_TIMEOUT)
    }

    /// The same with another patience.
    pub fn with_timeout(home_id: &str, timeout: Duration) -> Self {
        Self { account: home_id.to_owned(), timeout }
    }

    async fn call<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Entry) -> Result<T, KeyStoreError> + Send + 'static,
    ) -> Result<T, KeyStoreError> {
        let account = self.account.clone();
        let work = move |_: &dyn Fn() -> bool| entry(&account).and_then(|entry| operation(&entry));
        ask(self.timeout, work, drop).await
    }
}

/// Runs `work` on a thread of its own: the Secret Service client panics on a thread of an async runtime, and a thread of the
/// blocking pool that hangs in a prompt would hold up the runtime's shutdown.
///
/// `work` may ask whether anybody still waits for it. What it did though nobody does is taken back by `undo`, on its thread and
/// before the next turn.
async fn ask<T: Send + 'static>(
    timeout: Duration,
    work: impl FnOnce(&dyn Fn() -> bool) -> Result<T, KeyStoreError> + Send + 'static,
    undo: impl FnOnce(T) + Send + 'static,
) -> Result<T, KeyStoreError> {
    let deadline = Instant::now() + timeout;
    let turn = timeout_at(deadline, TURN.acquire()).await;
    let turn = turn.map_err(|_| KeyStoreError::Locked)?.map_err(|_| KeyStoreError::Interrupted)?;
    let (answer, mut answered) = oneshot::channel();
    let work = move || {
        let _turn = turn;
        let outcome = work(&|| !answer.is_closed());
        // The outcome is wiped with its drop.
        if let Err(Ok(done)) = answer.send(outcome) {
            undo(done);
        }
    };
    thread::Builder::new().name("layr-keyring".to_owned()).spawn(work).map_err(unavailable)?;
    if let Ok(answer) = timeout_at(deadline, &mut answered).await {
        return answer.unwrap_or_else(|panicked| Err(unavailable(panicked)));
    }
    // From here on it is taken back; what was answered just before counts.
    answered.close();
    answered.try_recv().unwrap_or(Err(KeyStoreError::Locked))
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
        let (secrets, account) = (secrets.duplicate(), self.account.clone());
        let undo = {
            let account = account.clone();
            move |before: Option<StoredSecrets>| take_back(&account, before)
        };
        let work = move |is_wanted: &dyn Fn() -> bool| {
            let entry = entry(&account)?;
            let stored = read(&entry);
            let before = stored.as_ref().ok().map(StoredSecrets::duplicate);
            check_replaceable(stored, &secrets)?;
            // A prompt may have been answered long after the caller went another way.
            if !is_wanted() {
                return Err(KeyStoreError::Interrupted);
            }
            write(&entry, &secrets)?;
            Ok(before)
        };
        ask(self.timeout, work, undo).await.map(drop)
    }

    async fn delete(&self) -> Result<(), KeyStoreError> {
        self.call(|entry| entry.delete_credential().map_err(translate)).await
    }
}

fn write(entry: &Entry, secrets: &StoredSecrets) -> Result<(), KeyStoreError> {
    let text = Zeroizing::new(hex::encode(secrets.encode().as_slice()));
    entry.set_password(&text).map_err(translate)
}

/// Puts back what was there before a save that nobody waited for. Where that fails, an entry stays that no configuration names.
fn take_back(account: &str, before: Option<StoredSecrets>) {
    let Ok(entry) = entry(account) else { return };
    let _ = match before {
        Some(before) => write(&entry, &before),
        None => entry.delete_credential().map_err(translate),
    };
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

#[cfg(test)]
mod tests {
    use std::sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use super::*;

    const SOON: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_mins(1);

    /// One test, as all of a process share the turn.
    #[tokio::test]
    async fn one_question_at_a_time_and_what_comes_too_late_is_taken_back() {
        let (open, prompt) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        let tells = tell.clone();
        let work = move |is_wanted: &dyn Fn() -> bool| {
            prompt.recv().unwrap();
            tells.send(("wanted", usize::from(is_wanted()))).unwrap();
            Ok(7)
        };
        let undo = move |done| tell.send(("undone", done)).unwrap();
        assert!(matches!(ask(SOON, work, undo).await, Err(KeyStoreError::Locked)));
        // Whatever store asks: no second thread, and so no second prompt.
        let asked = Arc::new(AtomicUsize::new(0));
        for _ in 0..3 {
            let asked = Arc::clone(&asked);
            let work = move |_: &dyn Fn() -> bool| Ok(asked.fetch_add(1, Ordering::SeqCst));
            assert!(matches!(ask(SOON, work, drop).await, Err(KeyStoreError::Locked)));
        }
        assert_eq!(asked.load(Ordering::SeqCst), 0);
        open.send(()).unwrap();
        assert_eq!(told.recv_timeout(LONG).unwrap(), ("wanted", 0));
        assert_eq!(told.recv_timeout(LONG).unwrap(), ("undone", 7));
        // The turn is free again, and what is waited for stays.
        let (tell, told) = mpsc::channel();
        let done = ask(LONG, |is_wanted: &dyn Fn() -> bool| Ok(is_wanted()), move |_| tell.send(()).unwrap());
        assert!(done.await.unwrap());
        assert!(told.recv_timeout(LONG).is_err(), "the sender went without a word");
    }
}
