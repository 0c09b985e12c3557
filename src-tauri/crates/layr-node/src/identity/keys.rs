//! Where the keys of a home lie, what may be the matter with them there, and how new ones get there.

use std::path::PathBuf;

use layr_keys::{KeyFileStore, KeyStore, KeyStoreError, KeyringStore, RecoveryPhrase, StoredSecrets};
use zeroize::Zeroizing;

use super::{Identity, describe};
use crate::clock::{Entropy, EntropyError};
use crate::error::{ErrorCode, NodeError};
use crate::home::{Home, HomeConfig, KeyStoreKind};

/// Parameter of a failure to open keys that are not there any more, so that nothing unlocks them: the sentence that says so,
/// without what helps at a terminal.
pub const KEYS_GONE: &str = "keys_gone";

/// Parameter of a failure to use the keyring of a session that has none. Always `true`.
pub const NO_KEYRING: &str = "no_keyring";

/// Parameter of a failure to open keys in a keyring that this session does not have, where a library here says whose they are:
/// their owner's words bring them into a key file. Always `true`.
pub const WORDS_HELP: &str = "words_help";

/// Bytes of a home's random id.
const HOME_ID_BYTES: usize = 16;
/// Key files set aside at most; more is no accident.
const MAX_SET_ASIDE: u32 = 100;

/// Reads the secrets that this configuration leads to.
///
/// # Errors
/// As [`super::open`].
pub(super) async fn load(
    home: &Home,
    config: &HomeConfig,
    passphrase: Option<Zeroizing<String>>,
) -> Result<StoredSecrets, NodeError> {
    if config.key_store == KeyStoreKind::File {
        // No passphrase is asked for where it could open nothing.
        KeyFileStore::look(&home.key_file()).map_err(|error| of_key_store(home, &error))?;
    }
    let keys = key_store(home, config.key_store, &config.home_id, passphrase)?;
    keys.load().await.map_err(|error| of_key_store(home, &error))
}

/// Keys of a home before they are anywhere.
pub(super) struct NewKeys {
    store: Box<dyn KeyStore>,
    home_id: String,
    secrets: StoredSecrets,
}

impl NewKeys {
    /// Under a new id, so that they replace none, and with a new device key. A key file that is in the way is moved aside.
    pub(super) fn prepare(
        home: &Home,
        kind: KeyStoreKind,
        passphrase: Option<Zeroizing<String>>,
        phrase: &RecoveryPhrase,
        entropy: &dyn Entropy,
    ) -> Result<Self, NodeError> {
        let mut device_secret = Zeroizing::new([0_u8; 32]);
        entropy.fill(device_secret.as_mut_slice()).map_err(|error| no_randomness(&error))?;
        let mut home_id = [0_u8; HOME_ID_BYTES];
        entropy.fill(&mut home_id).map_err(|error| no_randomness(&error))?;
        let home_id = hex::encode(home_id);
        let secrets = StoredSecrets { entropy: phrase.entropy(), device_secret, account_secret: None };
        let store = key_store(home, kind, &home_id, passphrase)?;
        if kind == KeyStoreKind::File {
            set_aside(home)?;
        }
        Ok(Self { store, home_id, secrets })
    }

    /// What the configuration must name.
    pub(super) fn home_id(&self) -> &str {
        &self.home_id
    }

    /// Saves them, and then the configuration that leads to them.
    pub(super) async fn keep(self, home: &Home, config: &HomeConfig) -> Result<Identity, NodeError> {
        self.store.save(&self.secrets).await.map_err(|error| of_key_store(home, &error))?;
        if let Err(error) = home.write_config(config) {
            // Without its configuration nobody would ever find this entry again.
            let _ = self.store.delete().await;
            return Err(error.into());
        }
        Ok(describe(&self.secrets))
    }
}

/// Moves a key file that no configuration names out of the way: it may be all that is left of an identity.
fn set_aside(home: &Home) -> Result<(), NodeError> {
    let path = home.key_file();
    if !path.exists() {
        return Ok(());
    }
    let free = (1..=MAX_SET_ASIDE).map(|number| numbered(home, number)).find(|aside| !aside.exists());
    let moved = free.is_some_and(|aside| std::fs::rename(&path, aside).is_ok());
    if moved {
        return Ok(());
    }
    let message = format!("{} is in the way and cannot be moved aside; move it yourself.", path.display());
    Err(NodeError::new(ErrorCode::LocalFile, message))
}

fn numbered(home: &Home, number: u32) -> PathBuf {
    home.key_file().with_extension(format!("sealed.old-{number}"))
}

pub(super) fn key_store(
    home: &Home,
    kind: KeyStoreKind,
    home_id: &str,
    passphrase: Option<Zeroizing<String>>,
) -> Result<Box<dyn KeyStore>, NodeError> {
    match kind {
        KeyStoreKind::Keyring => Ok(Box::new(KeyringStore::new(home_id))),
        KeyStoreKind::File => {
            let passphrase = passphrase.ok_or_else(|| {
                let message =
                    "The key file needs its passphrase: type it, or name a file with LAYR_PASSPHRASE_FILE.";
                NodeError::new(ErrorCode::Locked, message)
            })?;
            let file = KeyFileStore::new(home.key_file(), passphrase);
            Ok(Box::new(file.map_err(|error| of_key_store(home, &error))?))
        }
    }
}

pub(super) fn of_key_store(home: &Home, error: &KeyStoreError) -> NodeError {
    let dir = home.dir().display();
    let (code, message) = match error {
        KeyStoreError::WrongPassphrase => (
            ErrorCode::WrongKey,
            "The passphrase does not open the key file. Try again; nothing was changed.".to_owned(),
        ),
        KeyStoreError::EmptyPassphrase => {
            (ErrorCode::InvalidRequest, "The passphrase is empty. Choose one that nobody guesses.".to_owned())
        }
        KeyStoreError::Locked => {
            (ErrorCode::Locked, "The system keyring is locked. Unlock it and try again.".to_owned())
        }
        KeyStoreError::Unavailable { .. } => {
            let error = NodeError::new(
                ErrorCode::Locked,
                "This session has no system keyring. Start one, or keep the keys in a file under a passphrase.",
            );
            let error = error.with(NO_KEYRING, true);
            return if super::names_its_owner(home) { error.with(WORDS_HELP, true) } else { error };
        }
        KeyStoreError::Missing | KeyStoreError::Damaged { .. } => {
            let gone = keys_gone(&dir, error);
            return NodeError::new(ErrorCode::Locked, format!("{gone} {}", bring_back(home)))
                .with(KEYS_GONE, gone);
        }
        KeyStoreError::NewerFormat { .. } => {
            (ErrorCode::InvalidRequest, format!("The keys of {dir} cannot be used by this release: {error}."))
        }
        KeyStoreError::OtherIdentity => (
            ErrorCode::IdentityExists,
            format!(
                "The keys of another recovery phrase lie where those of {dir} would go; nothing was changed. Choose another home with --home."
            ),
        ),
        KeyStoreError::Interrupted => (ErrorCode::Interrupted, "Stopped; nothing was changed.".to_owned()),
        KeyStoreError::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
            (ErrorCode::DiskFull, format!("{error}: the disk is full."))
        }
        KeyStoreError::Io { source, .. } => (ErrorCode::LocalFile, format!("{error}: {source}.")),
        other => (ErrorCode::Internal, format!("The keys cannot be used: {other}.")),
    };
    NodeError::new(code, message)
}

fn keys_gone(dir: &std::path::Display<'_>, error: &KeyStoreError) -> String {
    match error {
        KeyStoreError::Damaged { .. } => format!("The keys of {dir} cannot be used: {error}."),
        _ => format!("The keys of {dir} are not where its config.toml says."),
    }
}

/// What helps a home without its keys. The library belongs to the phrase, so it is of use again afterwards.
fn bring_back(home: &Home) -> String {
    let dir = home.dir().display();
    format!(
        "Put them back from a copy; or run `layr --home {dir} init --recover` with your 24 words: library, network and settings stay."
    )
}

pub(super) fn no_randomness(error: &EntropyError) -> NodeError {
    NodeError::new(ErrorCode::Internal, format!("No keys can be made: {error}."))
}
