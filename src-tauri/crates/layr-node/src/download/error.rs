//! Why content could not be brought back, and how a person learns of it.

use layr_codec::{DecodeError, LayoutError, SegmentId};
use layr_library::{ExportError, LayrFileError, LibraryPath, LinkError, NameError, StoreError};

use super::stage::StageError;
use crate::error::{ErrorCode, NodeError, Retry};
use crate::upload::sentence;
use crate::workers::WorkerLost;

/// Why content could not be brought back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// No such file or version.
    #[error(transparent)]
    Name(#[from] NameError),
    /// No manifest could be made of it.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The `.layr` file is none.
    #[error("{path} cannot be used: {source}")]
    LayrFile {
        /// The file.
        path: String,
        /// What is wrong.
        source: LayrFileError,
    },
    /// The `layr://` link is none.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A local file could not be read.
    #[error("cannot read {path}: {source}")]
    LocalFile {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The share has ended.
    #[error("this share ended; ask for a new one")]
    Expired {
        /// When it ended.
        expires_unix_s: u64,
    },
    /// It, or something in it, was imported from a share that has ended.
    #[error("{path:?} is of a share that ended; ask for a new one, or delete it from the library")]
    Ended {
        /// What came by that share.
        path: LibraryPath,
    },
    /// A range was asked of a directory or link.
    #[error("a range can only be read of a file, and {name:?} is none")]
    NotAFile {
        /// What was asked for.
        name: String,
    },
    /// The range is not in the file.
    #[error("bytes {first} to {last} are not within a file of {size_bytes} bytes")]
    BadRange {
        /// First byte.
        first: u64,
        /// Last byte.
        last: u64,
        /// Size of the file.
        size_bytes: u64,
    },
    /// Too few shards can be had.
    #[error("segment {segment} needs {needed} hosts, and only {available} of {total} can deliver")]
    Unavailable {
        /// The segment.
        segment: SegmentId,
        /// Its k.
        needed: usize,
        /// Shards that could be had.
        available: usize,
        /// Shards in the manifest.
        total: usize,
        /// Hosts that did not answer.
        unreachable: usize,
        /// Hosts that have their shard no more.
        missing: usize,
        /// Hosts that sent something else.
        corrupt: usize,
    },
    /// Verified pieces do not open with the manifest's key: the manifest is wrong.
    #[error("a chunk of {name:?} does not open with its key")]
    Damaged {
        /// The file.
        name: String,
    },
    /// The person or a signal stopped it.
    #[error("the download was interrupted")]
    Interrupted,
    /// It could not be written here.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The receiver of the bytes went away.
    #[error("the output cannot be written: {source}")]
    Output {
        /// What it said.
        source: std::io::Error,
    },
    /// The library failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Impossible geometry: the manifest is wrong.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// Decoding refused.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A worker was lost.
    #[error(transparent)]
    Worker(#[from] WorkerLost),
}

impl From<DownloadError> for NodeError {
    fn from(error: DownloadError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            DownloadError::Name(NameError::NotFound { .. } | NameError::NoSuchVersion { .. })
            | DownloadError::Export(ExportError::Name(
                NameError::NotFound { .. } | NameError::NoSuchVersion { .. },
            )) => Self::new(ErrorCode::NotFound, text),
            DownloadError::Name(_) | DownloadError::NotAFile { .. } => {
                Self::new(ErrorCode::InvalidRequest, text)
            }
            DownloadError::Export(ExportError::WrongKey) => Self::new(ErrorCode::WrongKey, text),
            DownloadError::LayrFile { source: LayrFileError::WrongKey, .. } => {
                Self::new(ErrorCode::WrongKey, text)
            }
            DownloadError::LayrFile { .. }
            | DownloadError::Link(_)
            | DownloadError::Expired { .. }
            | DownloadError::Ended { .. }
            | DownloadError::Layout(_) => Self::new(ErrorCode::InvalidManifest, text),
            DownloadError::LocalFile { path, source } => {
                let code = match source.kind() {
                    std::io::ErrorKind::NotFound => ErrorCode::NotFound,
                    _ => ErrorCode::LocalFile,
                };
                Self::new(code, text).with("path", path)
            }
            DownloadError::BadRange { size_bytes, .. } => {
                Self::new(ErrorCode::InvalidRequest, text).with("size", size_bytes)
            }
            DownloadError::Unavailable {
                needed, available, total, unreachable, missing, corrupt, ..
            } => {
                // With those that may come back. A host that no longer has its shard will not have it later.
                let is_gone = total.saturating_sub(missing).saturating_sub(corrupt) < needed;
                let outlook = if is_gone {
                    "Waiting does not help: too many of its parts are gone. If the original is still somewhere, store it again"
                } else {
                    "Try again when more of them are back"
                };
                let message = format!(
                    "Only {available} of {total} hosts can deliver right now and {needed} are needed ({unreachable} do \
                     not answer, {missing} have the data no more, {corrupt} sent damaged data). Nothing was written. \
                     {outlook}."
                );
                let retry = if is_gone { Retry::AfterUserAction } else { Retry::Automatic };
                Self::new(ErrorCode::NotEnoughHosts, message)
                    .with_retry(retry)
                    .with("available", available)
                    .with("needed", needed)
                    .with("total", total)
                    .with("unreachable", unreachable)
                    .with("missing", missing)
                    .with("corrupt", corrupt)
            }
            DownloadError::Damaged { .. } => Self::new(
                ErrorCode::Damaged,
                format!("{text} Nothing was written; restore an older version or import the share again."),
            ),
            DownloadError::Interrupted => Self::new(
                ErrorCode::Interrupted,
                "The download was stopped; nothing was written, and a repeat starts again.",
            ),
            DownloadError::Stage(error) => stage_error(error, &text),
            DownloadError::Output { .. } => Self::new(ErrorCode::LocalFile, text),
            DownloadError::Store(StoreError::DiskFull) => Self::new(ErrorCode::DiskFull, text),
            DownloadError::Store(StoreError::Damaged { .. }) => Self::new(ErrorCode::DatabaseUnusable, text),
            _ => Self::new(ErrorCode::Internal, text),
        }
    }
}

fn stage_error(error: StageError, text: &str) -> NodeError {
    match error {
        StageError::NoDirectory { .. } => {
            // It may be on a disk that is not connected.
            NodeError::new(ErrorCode::NotFound, format!("{text} Create it, or choose another target."))
                .with_retry(Retry::AfterUserAction)
        }
        StageError::InTheWay { .. } => NodeError::new(
            ErrorCode::Conflict,
            format!("{text} Nothing was replaced; choose another target."),
        ),
        StageError::Contradiction { .. } => NodeError::new(ErrorCode::InvalidManifest, text),
        StageError::Io { source, .. } if is_full(&source) => NodeError::new(
            ErrorCode::DiskFull,
            format!("{text} Nothing was left behind; free some space and repeat."),
        ),
        StageError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => NodeError::new(
            ErrorCode::NotFound,
            format!(
                "{text} Its directory is not there any more: connect its disk or create it, then download it again."
            ),
        )
        .with_retry(Retry::AfterUserAction),
        StageError::Io { .. } => NodeError::new(ErrorCode::LocalFile, text),
    }
}

fn is_full(source: &std::io::Error) -> bool {
    matches!(source.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}
