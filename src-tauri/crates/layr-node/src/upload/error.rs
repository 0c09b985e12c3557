//! Why an upload failed, and how a person learns of it.

use std::path::PathBuf;

use layr_codec::{EncodeError, LayoutError};
use layr_library::{CommitError, HostError, JournalError, NameError, PathError, StoreError};

use super::pack::PackError;
use crate::error::{ErrorCode, NodeError, Retry};
use crate::workers::WorkerLost;

/// Why an upload failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// A path to store is not there.
    #[error("{path} does not exist")]
    NoSuchPath {
        /// The path.
        path: PathBuf,
    },
    /// A directory that held something holds nothing any more, as the place of a disk that is away.
    #[error("{path} is empty, and was not when it was chosen")]
    Emptied {
        /// The directory.
        path: PathBuf,
    },
    /// A path cannot be stored as asked.
    #[error("{path} cannot be stored: {reason}")]
    BadPath {
        /// The path.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The library directory to store into is no valid path.
    #[error("{to:?} is no library directory: {source}")]
    BadTarget {
        /// As given.
        to: String,
        /// What is wrong.
        source: PathError,
    },
    /// No such redundancy.
    #[error("redundancy {k}/{n} is not possible: 1 ≤ K ≤ N ≤ {most}", most = layr_codec::MAX_SHARDS)]
    BadRedundancy {
        /// Shards that suffice.
        k: u8,
        /// Shards in all.
        n: u8,
    },
    /// Too few hosts answer.
    #[error("{available} hosts can take data, {needed} are needed")]
    NotEnoughHosts {
        /// Hosts that answered and accept shards.
        available: usize,
        /// Hosts needed.
        needed: usize,
        /// Hosts known by name.
        known: usize,
        /// Hosts that answered and ask for more than the person pays.
        dear: usize,
    },
    /// Hosts answer but have no room.
    #[error("{alive} hosts answer, but only {available} have room; {needed} are needed")]
    NotEnoughSpace {
        /// Hosts that answered.
        alive: usize,
        /// Hosts that have room.
        available: usize,
        /// Hosts needed.
        needed: usize,
    },
    /// Nobody is there: no peer, and no host to ask later.
    #[error("no peer of the network can be reached")]
    NobodyThere,
    /// The person or a signal stopped it.
    #[error("the upload was interrupted")]
    Interrupted,
    /// Reading and sealing failed.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The library failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal refused.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The commit refused.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The host table refused.
    #[error(transparent)]
    Hosts(#[from] HostError),
    /// A stored file could not be looked up again.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Encoding refused, which its bounds exclude.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// Impossible geometry, which its bounds exclude.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A worker was lost.
    #[error(transparent)]
    Worker(#[from] WorkerLost),
}

impl UploadError {
    /// Whether this machine's disk is full.
    fn is_disk_full(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::DiskFull)
                | Self::Pack(PackError::Library(StoreError::DiskFull))
                | Self::Journal(JournalError::Store(StoreError::DiskFull))
                | Self::Commit(CommitError::Store(StoreError::DiskFull))
                | Self::Hosts(HostError::Store(StoreError::DiskFull))
                | Self::Name(NameError::Store(StoreError::DiskFull))
        )
    }

    fn is_database_damaged(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::Damaged { .. })
                | Self::Pack(PackError::Library(StoreError::Damaged { .. }))
                | Self::Journal(JournalError::Store(StoreError::Damaged { .. }))
                | Self::Commit(CommitError::Store(StoreError::Damaged { .. }))
                | Self::Name(NameError::Store(StoreError::Damaged { .. }))
        )
    }
}

/// What a repeat does, in every message about an upload that stopped half way.
const REPEAT: &str = "what hosts acknowledged is kept, and a repeat goes on from there";

/// That hosts ask for more than the person pays, if there are such.
fn dearer(dear: usize) -> String {
    match dear {
        0 => String::new(),
        1 => " (1 asks for more than you pay: see `layr hosts --offers` and `layr agreements limit`)"
            .to_owned(),
        _ => format!(
            " ({dear} ask for more than you pay: see `layr hosts --offers` and `layr agreements limit`)"
        ),
    }
}

/// What helps against a path that is not there.
const CONNECT: &str = "If it is on a disk that is not connected, connect that.";

impl UploadError {
    /// In words, where a look before the upload met it.
    pub(crate) fn before_anything_was_sent(self) -> NodeError {
        let is_gone = matches!(self, Self::NoSuchPath { .. });
        let mut error = NodeError::from(self);
        if is_gone {
            error.message.push_str(" Nothing was sent.");
        }
        error
    }
}

impl From<UploadError> for NodeError {
    fn from(error: UploadError) -> Self {
        if error.is_disk_full() {
            let message = format!("The disk that holds the library is full; free some space. {REPEAT}.");
            return Self::new(ErrorCode::DiskFull, sentence(&message));
        }
        if error.is_database_damaged() {
            return Self::new(ErrorCode::DatabaseUnusable, sentence(&error.to_string()));
        }
        let text = error.to_string();
        match error {
            UploadError::NoSuchPath { path } | UploadError::Emptied { path } => {
                Self::new(ErrorCode::NotFound, format!("{} {CONNECT}", sentence(&text)))
                    .with_retry(Retry::AfterUserAction)
                    .with("path", path.to_string_lossy())
            }
            UploadError::BadPath { path, .. } => Self::new(ErrorCode::InvalidRequest, sentence(&text))
                .with("path", path.to_string_lossy()),
            UploadError::BadTarget { .. } | UploadError::BadRedundancy { .. } => {
                Self::new(ErrorCode::InvalidRequest, sentence(&text))
            }
            UploadError::NobodyThere => Self::new(
                ErrorCode::NetworkUnreachable,
                format!(
                    "No peer of the network can be reached, and no host is known yet; see that this computer is online \
                     and that a seed of the network runs; {REPEAT}."
                ),
            ),
            UploadError::NotEnoughHosts { available, needed, known, dear } => Self::new(
                ErrorCode::NotEnoughHosts,
                format!(
                    "Only {available} of {known} known hosts can take data right now, and {needed} are needed{}; {REPEAT}.",
                    dearer(dear)
                ),
            )
            .with("available", available)
            .with("needed", needed)
            .with("known", known)
            .with("dear", dear),
            UploadError::NotEnoughSpace { alive, available, needed } => Self::new(
                ErrorCode::NotEnoughSpace,
                format!(
                    "{alive} hosts answer, but only {available} have room, and {needed} are needed; wait for hosts with \
                     free space or free some; {REPEAT}."
                ),
            )
            .with("alive", alive)
            .with("available", available)
            .with("needed", needed),
            UploadError::Interrupted => Self::new(
                ErrorCode::Interrupted,
                format!("The upload was stopped; nothing is lost: {REPEAT}."),
            ),
            _ => Self::new(ErrorCode::Internal, format!("{} The upload stopped; {REPEAT}.", sentence(&text))),
        }
    }
}

/// An error's text as a sentence: capital first letter, full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}
