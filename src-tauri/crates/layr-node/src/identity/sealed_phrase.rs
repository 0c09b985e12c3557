//! The recovery phrase in a file of its own, sealed with a passphrase.

use std::path::Path;

use layr_keys::atomic::Existing;
use layr_keys::{KeyStoreError, RecoveryPhrase, SealedPhrase, StoredSecrets};
use zeroize::Zeroizing;

use crate::error::{ErrorCode, NodeError};

/// Reads a file with a sealed recovery phrase without opening it.
///
/// # Errors
/// [`ErrorCode::NotFound`], [`ErrorCode::InvalidRequest`] for a file that is none, [`ErrorCode::LocalFile`].
pub async fn read_sealed_phrase(path: &Path) -> Result<SealedPhrase, NodeError> {
    SealedPhrase::read(path.to_owned()).await.map_err(|error| of_sealed_phrase(path, &error))
}

/// The sealed recovery phrase of these bytes of a file.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] for bytes that are none.
pub fn decode_sealed_phrase(path: &Path, bytes: &[u8]) -> Result<SealedPhrase, NodeError> {
    SealedPhrase::decode(bytes).map_err(|error| of_sealed_phrase(path, &error))
}

/// Opens a sealed recovery phrase.
///
/// # Errors
/// [`ErrorCode::WrongKey`] for a wrong passphrase, which changes nothing.
pub async fn unseal_phrase(
    path: &Path,
    sealed: SealedPhrase,
    passphrase: Zeroizing<String>,
) -> Result<RecoveryPhrase, NodeError> {
    sealed.unseal(passphrase).await.map_err(|error| of_sealed_phrase(path, &error))
}

/// Seals the phrase of these secrets into a file, over another one only where `existing` says so.
///
/// # Errors
/// [`ErrorCode::Conflict`] where something has that name, [`ErrorCode::InvalidRequest`] for an empty passphrase,
/// [`ErrorCode::LocalFile`], [`ErrorCode::DiskFull`].
pub async fn seal_phrase(
    path: &Path,
    secrets: &StoredSecrets,
    passphrase: Zeroizing<String>,
    existing: Existing,
) -> Result<(), NodeError> {
    let phrase = RecoveryPhrase::from_entropy(&secrets.entropy);
    let written = SealedPhrase::write(path.to_owned(), &phrase, passphrase, existing).await;
    written.map_err(|error| of_sealed_phrase(path, &error))
}

fn of_sealed_phrase(path: &Path, error: &KeyStoreError) -> NodeError {
    let shown = path.display();
    let (code, message) = match error {
        KeyStoreError::WrongPassphrase => (
            ErrorCode::WrongKey,
            "The passphrase does not open the sealed recovery phrase. Try again; nothing was changed."
                .to_owned(),
        ),
        KeyStoreError::EmptyPassphrase => {
            (ErrorCode::InvalidRequest, "The passphrase is empty. Choose one that nobody guesses.".to_owned())
        }
        KeyStoreError::Missing => (ErrorCode::NotFound, format!("There is no {shown}.")),
        KeyStoreError::Damaged { what } => (
            ErrorCode::InvalidRequest,
            format!("{shown} cannot be used as a sealed recovery phrase: {what}."),
        ),
        KeyStoreError::Interrupted => (ErrorCode::Interrupted, "Stopped; nothing was changed.".to_owned()),
        KeyStoreError::Io { source, .. } => match source.kind() {
            std::io::ErrorKind::AlreadyExists => (
                ErrorCode::Conflict,
                format!("{shown} exists already. Nothing was replaced; choose another name."),
            ),
            std::io::ErrorKind::StorageFull => (ErrorCode::DiskFull, format!("{error}: the disk is full.")),
            _ => (ErrorCode::LocalFile, format!("{error}: {source}.")),
        },
        other => (ErrorCode::Internal, format!("The recovery phrase cannot be sealed or opened: {other}.")),
    };
    NodeError::new(code, message).with("path", shown.to_string())
}
