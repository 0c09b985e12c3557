//! The 24 words: shown, and brought to a safe place. They cross to the page in [`phrase_show`] only.

use std::sync::Arc;
use std::time::Instant;

use layr_keys::RecoveryPhrase;
use layr_node::error::ErrorCode;
use layr_node::identity;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::onboarding::one_passphrase;
use crate::clipboard::{self, KEPT};
use crate::dialogs::{Place, Question};
use crate::ipc::{Check, PageEvent, UiError};
use crate::shell::Shell;

/// The words. Not to be printed.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct PhraseReport {
    words: Vec<&'static str>,
}

/// How long the words stay on the clipboard.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct CopiedAnswer {
    clears_in_s: u64,
}

/// How the words' time on the clipboard ended.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct CopyEnd {
    /// Whether they are no longer there.
    cleared: bool,
}

/// What seals a file with the words. Not to be printed.
#[derive(Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct PhraseSaveRequest {
    passphrase: String,
}

/// The file that was written.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct SavedPhrase {
    path: String,
}

impl Check for PhraseSaveRequest {
    fn check(&self) -> Result<(), UiError> {
        one_passphrase(&self.passphrase)
    }
}

pub(crate) async fn phrase_show(shell: &Shell) -> Result<PhraseReport, UiError> {
    let secrets = shell.host.keys().open().await?;
    tracing::warn!("the recovery phrase is shown in the window");
    Ok(PhraseReport { words: RecoveryPhrase::from_entropy(&secrets.entropy).words().collect() })
}

pub(crate) async fn phrase_confirmed(shell: &Shell) -> Result<(), UiError> {
    // Without an identity there is nothing to confirm, and the answer would outlive it.
    shell.host.keys().home().config()?;
    shell.memory.change(|remembered| remembered.phrase_confirmed = true)?;
    shell.host.tell(PageEvent::ShellStateChanged(()));
    Ok(())
}

pub(crate) async fn phrase_copy(shell: &Shell) -> Result<CopiedAnswer, UiError> {
    let secrets = shell.host.keys().open().await?;
    tracing::warn!("the recovery phrase goes to the clipboard");
    let copied = Arc::clone(&shell.copied);
    let copy = move || {
        let words = RecoveryPhrase::from_entropy(&secrets.entropy).to_text();
        copied.copy(&words, Instant::now())
    };
    let copied = tauri::async_runtime::spawn_blocking(copy).await;
    if copied.map_err(|error| UiError::new(ErrorCode::Internal, error.to_string()))?? {
        let end = clipboard::end_of_copy(Arc::clone(&shell.copied), shell.host.finder());
        tauri::async_runtime::spawn(end);
    }
    Ok(CopiedAnswer { clears_in_s: KEPT.as_secs() })
}

pub(crate) async fn phrase_copy_end(shell: &Shell) -> Result<CopyEnd, UiError> {
    // Whoever else waits for it takes them away only once.
    clipboard::take_away_in_time(Arc::clone(&shell.copied)).await;
    Ok(CopyEnd { cleared: !shell.copied.are_left() })
}

pub(crate) async fn phrase_print(shell: &Shell) -> Result<(), UiError> {
    // What is printed is what the page shows: the words do not pass here once more.
    shell.host.keys().home().config()?;
    shell.desktop.print()
}

pub(crate) async fn phrase_save(
    shell: &Shell,
    request: PhraseSaveRequest,
) -> Result<Option<SavedPhrase>, UiError> {
    let passphrase = Zeroizing::new(request.passphrase);
    // Before anybody is asked where to put what cannot be had.
    let secrets = shell.host.keys().open().await?;
    let place = shell.dialogs.ask_where(Question::SaveSealedPhrase).await?;
    let Some(Place { path, existing }) = place else { return Ok(None) };
    identity::seal_phrase(&path, &secrets, passphrase, existing).await?;
    Ok(Some(SavedPhrase { path: path.to_string_lossy().into_owned() }))
}
