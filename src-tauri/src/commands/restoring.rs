//! An identity brought back from its words, which the person types or has in a sealed file. They cross from the page once.

use layr_keys::RecoveryPhrase;
use layr_node::clock::SystemEntropy;
use layr_node::error::ErrorCode;
use layr_node::identity::{self, Restorable};
use serde::{Deserialize, Serialize};
use tokio::task::block_in_place;
use zeroize::Zeroizing;

use super::onboarding::{ChosenNetwork, begin, key_store_for, of_keyring, one_passphrase, setup};
use crate::dialogs::Question;
use crate::ipc::{Check, UiError, at_most, one_id};
use crate::selections::Chosen;
use crate::shell::Shell;

/// Longest text that may hold 24 words, in bytes.
const MAX_PHRASE_BYTES: u64 = 4096;

/// Where the words of an identity come from. Not to be printed.
#[derive(Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum RestoreSource {
    /// Typed.
    Phrase(String),
    /// From a sealed file.
    Sealed(SealedSource),
}

/// A sealed file with the words, and what opens it. Not to be printed.
#[derive(Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct SealedSource {
    /// What [`onboarding_choose_sealed`] answered.
    selection: String,
    passphrase: String,
}

/// The sealed file that the person chose.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct ChosenSealed {
    selection: String,
}

/// An identity to bring back. Not to be printed: it holds the words.
#[derive(Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(rename = "RestoreRequest"))]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoreIdentityRequest {
    source: RestoreSource,
    network: ChosenNetwork,
    /// Seals the keys in a file; without one they go into the system's keyring.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    passphrase: Option<String>,
}

/// Words to look at. Not to be printed.
#[derive(Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct WordsRequest {
    source: RestoreSource,
}

/// What words would bring back.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RestorePreview {
    owner: String,
    stellar_account: String,
    /// Whether a library of this owner, or its backup, lies in the home already.
    is_known_here: bool,
}

/// Keys to bring back to the home that lost them. Not to be printed: it holds the words.
#[derive(Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct KeysRestoreRequest {
    source: RestoreSource,
    /// Seals the keys in a file; without one they go into the system's keyring.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    passphrase: Option<String>,
}

impl Check for RestoreSource {
    fn check(&self) -> Result<(), UiError> {
        match self {
            Self::Phrase(phrase) => {
                at_most("The length of the recovery phrase", phrase.len() as u64, MAX_PHRASE_BYTES)
            }
            Self::Sealed(SealedSource { selection, passphrase }) => {
                one_id(selection)?;
                one_passphrase(passphrase)
            }
        }
    }
}

impl Check for WordsRequest {
    fn check(&self) -> Result<(), UiError> {
        self.source.check()
    }
}

impl Check for RestoreIdentityRequest {
    fn check(&self) -> Result<(), UiError> {
        self.source.check()?;
        self.network.check()?;
        self.passphrase.as_deref().map_or(Ok(()), one_passphrase)
    }
}

impl Check for KeysRestoreRequest {
    fn check(&self) -> Result<(), UiError> {
        self.source.check()?;
        self.passphrase.as_deref().map_or(Ok(()), one_passphrase)
    }
}

pub(crate) async fn onboarding_choose_sealed(shell: &Shell) -> Result<Option<ChosenSealed>, UiError> {
    let Some(path) = shell.dialogs.ask(Question::SealedPhrase).await?.pop() else { return Ok(None) };
    // Looked at before anybody types a passphrase for it.
    identity::read_sealed_phrase(&path).await?;
    Ok(Some(ChosenSealed { selection: shell.selections.keep(Chosen::SealedPhrase(path))? }))
}

pub(crate) async fn onboarding_check(
    shell: &Shell,
    request: WordsRequest,
) -> Result<RestorePreview, UiError> {
    // A sealed file is opened here and once more for the restore: the words are not kept between the two.
    let phrase = BroughtPhrase::of(request.source).open(shell).await?;
    let Restorable { owner, stellar_account, is_known_here } =
        block_in_place(|| identity::look_at_words(shell.host.keys().home(), &phrase))?;
    Ok(RestorePreview { owner: owner.to_string(), stellar_account, is_known_here })
}

pub(crate) async fn onboarding_restore(
    shell: &Shell,
    request: RestoreIdentityRequest,
) -> Result<(), UiError> {
    let RestoreIdentityRequest { source, network, passphrase } = request;
    let (source, passphrase) = (BroughtPhrase::of(source), passphrase.map(Zeroizing::new));
    let setup = setup(shell, &network, passphrase).await?;
    let (kind, passphrase) = (setup.key_store, setup.passphrase.clone());
    let phrase = source.open(shell).await?;
    let recovered = identity::recover_phrase(setup, &phrase, &SystemEntropy).await;
    recovered.map_err(|error| of_keyring(kind, error))?;
    source.forget(shell);
    // Who brought the words has them.
    begin(shell, passphrase, |remembered| {
        (remembered.phrase_confirmed, remembered.restored) = (true, true);
    })
    .await
}

pub(crate) async fn keys_restore(shell: &Shell, request: KeysRestoreRequest) -> Result<(), UiError> {
    let KeysRestoreRequest { source, passphrase } = request;
    let (source, passphrase) = (BroughtPhrase::of(source), passphrase.map(Zeroizing::new));
    if shell.host.view().is_node_there() {
        // Said before the lock is asked for, which the node of this window holds.
        return Err(identity::keys_are_there(shell.host.keys().home()));
    }
    let kind = key_store_for(passphrase.as_ref());
    let phrase = source.open(shell).await?;
    let home = shell.host.keys().home();
    let brought = identity::bring_keys_back(home, kind, passphrase.clone(), &phrase, &SystemEntropy).await;
    brought.map_err(|error| of_keyring(kind, error))?;
    source.forget(shell);
    // The library never left: its files are there as before.
    begin(shell, passphrase, |remembered| remembered.phrase_confirmed = true).await
}

/// A [`RestoreSource`] whose texts are wiped.
enum BroughtPhrase {
    Words(Zeroizing<String>),
    Sealed { selection: String, passphrase: Zeroizing<String> },
}

impl BroughtPhrase {
    fn of(source: RestoreSource) -> Self {
        match source {
            RestoreSource::Phrase(words) => Self::Words(words.into()),
            RestoreSource::Sealed(SealedSource { selection, passphrase }) => {
                Self::Sealed { selection, passphrase: passphrase.into() }
            }
        }
    }

    async fn open(&self, shell: &Shell) -> Result<RecoveryPhrase, UiError> {
        let (selection, passphrase) = match self {
            Self::Words(words) => return identity::parse_phrase(words),
            Self::Sealed { selection, passphrase } => (selection, passphrase),
        };
        let selection = shell.selections.get(selection)?;
        let Chosen::SealedPhrase(path) = &selection.chosen else {
            let message = "This was not chosen as a sealed recovery phrase.";
            return Err(UiError::new(ErrorCode::InvalidRequest, message));
        };
        let sealed = identity::read_sealed_phrase(path).await?;
        identity::unseal_phrase(path, sealed, passphrase.clone()).await
    }

    /// A file whose passphrase was wrong stays chosen; one that has served is not needed any more.
    fn forget(&self, shell: &Shell) {
        if let Self::Sealed { selection, .. } = self {
            shell.selections.forget(selection);
        }
    }
}
