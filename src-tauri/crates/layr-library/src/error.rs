//! What can go wrong in the database itself, below every operation.

use std::error::Error;

use rusqlite::ErrorCode;

/// The database could not do what an operation needed. Nothing of the operation took effect.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Pages or rows contradict each other or the schema.
    #[error(
        "the library database is damaged ({detail}); stop the node and restore HOME/library.backup.sqlite as HOME/library.sqlite"
    )]
    Damaged {
        /// What was found.
        detail: String,
    },
    /// No space for the change; nothing was changed.
    #[error("the disk that holds the library is full; free some space and repeat")]
    DiskFull,
    /// Another process kept the database locked for longer than the waiting time.
    #[error("another process is using the library database; repeat in a moment")]
    Busy,
    /// The library was opened for reading.
    #[error("the library is open for reading only")]
    ReadOnly,
    /// It was closed: the node that had it open has stopped.
    #[error("the library was closed, as the node has stopped; nothing was changed")]
    Closed,
    /// The file could not be read or written.
    #[error("the library database cannot be read or written")]
    Io {
        /// What the database engine said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A number does not fit the database: sizes and times stay below 2^63.
    #[error("{what} is {value}, which is more than the library can record")]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: u64,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes from the operating system")]
    Entropy {
        /// What it said.
        #[source]
        source: std::io::Error,
    },
    /// A fault of this program: the engine refused a statement.
    #[error("the database engine refused a statement")]
    Engine {
        /// What it said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl StoreError {
    /// A row that the schema or the logic rules out.
    pub(crate) fn damaged(detail: impl Into<String>) -> Self {
        Self::Damaged { detail: detail.into() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::TypeMismatch) => {
                Self::damaged(error.to_string())
            }
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Busy,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::Io { source: Box::new(error) }
            }
            Some(_) => Self::Engine { source: Box::new(error) },
            None => match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..)
                | rusqlite::Error::QueryReturnedNoRows => Self::damaged(error.to_string()),
                other => Self::Engine { source: Box::new(other) },
            },
        }
    }
}

/// Lets `?` turn the engine's errors into an operation's own error by way of [`StoreError`].
macro_rules! from_engine {
    ($($error:ty),+ $(,)?) => {
        $(impl From<rusqlite::Error> for $error {
            fn from(error: rusqlite::Error) -> Self {
                Self::Store(error.into())
            }
        })+
    };
}
pub(crate) use from_engine;

/// A size or time as the engine's signed integer.
pub(crate) fn signed(what: &'static str, value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::OutOfRange { what, value })
}

/// A column that is never negative.
pub(crate) fn unsigned(value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::damaged(format!("a count is negative: {value}")))
}

/// A column of limited range.
pub(crate) fn narrow<T: TryFrom<i64>>(value: i64) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| StoreError::damaged(format!("a number is out of range: {value}")))
}
