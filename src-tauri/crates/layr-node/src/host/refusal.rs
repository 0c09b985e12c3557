//! What a vault's error means to the caller at the other end. The details stay in this host's log.

use layr_vault::{CommitError, ReadError, ReserveError, StoreError, WriteError};

use crate::wire::Refusal;

pub(super) fn of_reserve(error: &ReserveError) -> Refusal {
    match error {
        ReserveError::QuotaFull { .. } => Refusal::QuotaFull,
        ReserveError::Paused => Refusal::Paused,
        ReserveError::TooLarge { .. } | ReserveError::NotWholeLeaves { .. } => Refusal::BadRequest,
        ReserveError::Busy { .. } => Refusal::Busy,
        ReserveError::Store(source) => of_store(source),
        other => unusable(other),
    }
}

pub(super) fn of_write(error: &WriteError) -> Refusal {
    match error {
        WriteError::TooLong { .. } => Refusal::BadRequest,
        // The shard came too slowly; a faster line or a quieter hour can do better.
        WriteError::Expired => Refusal::Busy,
        WriteError::Store(source) => of_store(source),
        other => unusable(other),
    }
}

pub(super) fn of_commit(error: &CommitError) -> Refusal {
    match error {
        CommitError::RootMismatch { .. } => Refusal::RootMismatch,
        CommitError::ShortBody { .. } => Refusal::BadRequest,
        CommitError::Write(source) => of_write(source),
        CommitError::Store(source) => of_store(source),
        other => unusable(other),
    }
}

pub(super) fn of_read(error: &ReadError) -> Refusal {
    match error {
        ReadError::Unknown | ReadError::Missing => Refusal::NotFound,
        ReadError::Corrupt => Refusal::Corrupt,
        ReadError::Changing => Refusal::Busy,
        ReadError::OutOfRange { .. } => Refusal::BadRequest,
        ReadError::Store(source) => of_store(source),
        other => unusable(other),
    }
}

pub(super) fn of_store(error: &StoreError) -> Refusal {
    unusable(error)
}

fn unusable(error: &(dyn std::error::Error + 'static)) -> Refusal {
    tracing::warn!(error, "the vault cannot serve a request");
    Refusal::DiskUnusable
}
