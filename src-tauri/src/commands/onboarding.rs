//! The way into a home: an identity made, and its keys unlocked. A passphrase crosses from the page once, when the person has
//! typed it.

use layr_node::clock::SystemEntropy;
use layr_node::error::ErrorCode;
use layr_node::home::KeyStoreKind;
use layr_node::identity::{self, Setup};
use layr_node::network_file::NetworkFile;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::closing;
use crate::dialogs::Question;
use crate::ipc::{Check, UiError, at_most, one_id};
use crate::remembered::Remembered;
use crate::selections::Chosen;
use crate::shell::Shell;
use crate::try_out;

/// Longest passphrase in bytes, as in a file.
const MAX_PASSPHRASE_BYTES: u64 = 4096;

/// The networks that a new home can join.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct NetworksReport {
    networks: Vec<NetworkOffer>,
}

/// One of them.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(rename = "NetworkChoice"))]
pub(crate) struct NetworkOffer {
    id: NetworkId,
    title: &'static str,
    about: &'static str,
}

/// What kind of network.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum NetworkId {
    /// Hosts inside the app.
    TryOut,
    /// That of a network file.
    File,
}

/// The network that a home shall join.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case", untagged)]
pub(crate) enum ChosenNetwork {
    /// One without a file.
    BuiltIn(BuiltIn),
    /// That of a network file.
    File {
        /// The network file that the person chose.
        selection: String,
    },
}

/// A network file that the person chose.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct ChosenNetworkFile {
    /// Stands for it, as often as it is wanted.
    selection: String,
    /// Name of the file.
    file: String,
    /// Name of the network.
    network: String,
}

/// A network without a file.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum BuiltIn {
    /// Hosts inside the app.
    TryOut,
}

/// A new identity. Not to be printed: it may hold a passphrase.
#[derive(Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateRequest {
    network: ChosenNetwork,
    /// Seals the keys in a file; without one they go into the system's keyring.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    passphrase: Option<String>,
}

/// What opens the key file. Not to be printed.
#[derive(Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct UnlockRequest {
    passphrase: String,
}

/// How many words there are to write down.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct CreateReport {
    phrase_words: usize,
}

/// What the window remembers of this home.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct ShellState {
    /// Whether the person has shown that the words of this identity are written down.
    phrase_confirmed: bool,
    /// Whether this identity was brought back here from its words: files of before come with their `.layr` files only.
    restored: bool,
    /// Whether `lock` does anything: the passphrase is typed, and lies nowhere.
    can_lock: bool,
}

impl Check for ChosenNetwork {
    fn check(&self) -> Result<(), UiError> {
        match self {
            Self::BuiltIn(_) => Ok(()),
            Self::File { selection } => one_id(selection),
        }
    }
}

impl Check for CreateRequest {
    fn check(&self) -> Result<(), UiError> {
        self.network.check()?;
        self.passphrase.as_deref().map_or(Ok(()), one_passphrase)
    }
}

impl Check for UnlockRequest {
    fn check(&self) -> Result<(), UiError> {
        one_passphrase(&self.passphrase)
    }
}

pub(super) fn one_passphrase(passphrase: &str) -> Result<(), UiError> {
    if passphrase.is_empty() {
        return Err(UiError::new(ErrorCode::InvalidRequest, "The passphrase is empty."));
    }
    at_most("The length of the passphrase", passphrase.len() as u64, MAX_PASSPHRASE_BYTES)
}

pub(crate) async fn onboarding_networks(_shell: &Shell) -> Result<NetworksReport, UiError> {
    let try_out = NetworkOffer {
        id: NetworkId::TryOut,
        title: "Try it out on this computer",
        about: "Six hosts inside the app, no internet and no money. Files are stored on this computer only, so they are \
                not safer than its disk.",
    };
    let file = NetworkOffer {
        id: NetworkId::File,
        title: "Join a network",
        about: "A network file from whoever runs the network says where it is.",
    };
    Ok(NetworksReport { networks: vec![try_out, file] })
}

pub(crate) async fn onboarding_choose_network(shell: &Shell) -> Result<Option<ChosenNetworkFile>, UiError> {
    let Some(path) = shell.dialogs.ask(Question::Network).await?.pop() else { return Ok(None) };
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let invalid = |message: String| UiError::new(ErrorCode::InvalidRequest, message);
    let read = tokio::task::spawn_blocking(move || NetworkFile::read_to_join(&path)).await;
    let network = read
        .map_err(|error| invalid(error.to_string()))?
        .map_err(|error| invalid(format!("This is no network file that can be joined: {error}.")))?;
    let name = network.name.clone();
    let selection = shell.selections.keep(Chosen::Network(network))?;
    Ok(Some(ChosenNetworkFile { selection, file, network: name }))
}

pub(crate) async fn onboarding_create(
    shell: &Shell,
    request: CreateRequest,
) -> Result<CreateReport, UiError> {
    let CreateRequest { network, passphrase } = request;
    let setup = setup(shell, &network, passphrase.map(Zeroizing::new)).await?;
    let (kind, passphrase) = (setup.key_store, setup.passphrase.clone());
    let (_, phrase) =
        identity::create(setup, &SystemEntropy).await.map_err(|error| of_keyring(kind, error))?;
    // Who brought no words has none yet.
    begin(shell, passphrase, |remembered| {
        (remembered.phrase_confirmed, remembered.restored) = (false, false);
    })
    .await?;
    Ok(CreateReport { phrase_words: phrase.words().count() })
}

pub(crate) async fn shell_state(shell: &Shell) -> Result<ShellState, UiError> {
    let Remembered { phrase_confirmed, restored, .. } = shell.memory.read();
    Ok(ShellState { phrase_confirmed, restored, can_lock: shell.host.keys().need_typing() })
}

pub(crate) async fn lock(shell: &Shell) -> Result<(), UiError> {
    shell.host.keys().forget()?;
    closing::take_words_away(shell).await;
    // What was chosen and looked at is not for whoever types the passphrase next; a link among it is keys.
    shell.checking.stop();
    drop(shell.selections.forget_all());
    shell.host.lock().await;
    Ok(())
}

pub(crate) async fn unlock(shell: &Shell, request: UnlockRequest) -> Result<(), UiError> {
    shell.host.keys().unlock(Zeroizing::new(request.passphrase)).await?;
    shell.host.retry_start().await;
    Ok(())
}

pub(super) async fn setup(
    shell: &Shell,
    network: &ChosenNetwork,
    passphrase: Option<Zeroizing<String>>,
) -> Result<Setup, UiError> {
    let home = shell.host.keys().home();
    if home.has_identity() {
        // Said before the lock is asked for, which the node of this window holds while it runs.
        let message = "This home has an identity already; nothing was changed.";
        return Err(UiError::new(ErrorCode::IdentityExists, message));
    }
    let network = match network {
        ChosenNetwork::BuiltIn(BuiltIn::TryOut) => try_out::network(),
        ChosenNetwork::File { selection } => chosen_network(shell, selection)?,
    };
    Ok(Setup { home: home.clone(), network, key_store: key_store_for(passphrase.as_ref()), passphrase })
}

/// A passphrase seals the keys in a file; without one they go into the system's keyring.
pub(super) fn key_store_for(passphrase: Option<&Zeroizing<String>>) -> KeyStoreKind {
    if passphrase.is_some() { KeyStoreKind::File } else { KeyStoreKind::Keyring }
}

/// Not used up: another passphrase or words typed anew are the same person's next try.
fn chosen_network(shell: &Shell, selection: &str) -> Result<NetworkFile, UiError> {
    match &shell.selections.get(selection)?.chosen {
        Chosen::Network(network) => Ok(network.clone()),
        _ => Err(UiError::new(ErrorCode::InvalidRequest, "This was not chosen as a network file.")),
    }
}

/// Starts the node of a home that has its keys now; `note` says what is remembered of how it came to them.
pub(super) async fn begin(
    shell: &Shell,
    passphrase: Option<Zeroizing<String>>,
    note: impl FnOnce(&mut Remembered),
) -> Result<(), UiError> {
    shell.host.keys().remember(passphrase);
    // The identity is there, remembered or not: the person is reminded of the words once more, and goes on.
    shell.remember(note);
    shell.host.retry_start().await;
    Ok(())
}

/// A keyring that is missing or stays locked: the page then asks for a passphrase instead.
pub(super) fn of_keyring(kind: KeyStoreKind, error: UiError) -> UiError {
    if kind == KeyStoreKind::Keyring && error.code == ErrorCode::Locked {
        return UiError::new(ErrorCode::KeyringUnavailable, error.message);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_keyring_that_cannot_be_used_leads_to_a_passphrase() {
        let code = |kind, code| of_keyring(kind, UiError::new(code, "")).code;
        assert_eq!(code(KeyStoreKind::Keyring, ErrorCode::Locked), ErrorCode::KeyringUnavailable);
        assert_eq!(code(KeyStoreKind::File, ErrorCode::Locked), ErrorCode::Locked);
        assert_eq!(code(KeyStoreKind::Keyring, ErrorCode::DiskFull), ErrorCode::DiskFull);
    }
}
