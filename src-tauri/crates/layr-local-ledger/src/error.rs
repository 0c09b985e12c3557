//! What can go wrong in the ledger itself. A transaction that is refused or fails is no error: it has a result code.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a ledger did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalLedgerError {
    /// Another process has this directory's ledger open.
    #[error("the ledger in {} is in use by another process", directory.display())]
    InUse {
        /// Where the ledger lies.
        directory: PathBuf,
    },
    /// The directory could not be used.
    #[error("the ledger's directory {} cannot be used", path.display())]
    Directory {
        /// The directory, or the file in it.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Nobody can listen there.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is another program's, or of a newer Layr.
    #[error("{} is no ledger that this version of Layr reads", path.display())]
    Foreign {
        /// The database.
        path: PathBuf,
    },
    /// The ledger itself failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Why a ledger could not be read, advanced or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The database failed.
    #[error("the ledger's database failed")]
    Database(#[from] rusqlite::Error),
    /// What is in the database is not what was written.
    #[error("the ledger's database is damaged: {detail}")]
    Damaged {
        /// What is wrong.
        detail: String,
    },
    /// A value does not fit its place in the protocol.
    #[error("a value does not fit the protocol: {0}")]
    Xdr(#[from] stellar_xdr::Error),
    /// The Soroban host failed by itself, not by what a transaction asked of it.
    #[error("the Soroban host failed: {detail}")]
    Host {
        /// In its own words.
        detail: String,
    },
    /// No ledger number, time or sum is left to count with.
    #[error("{what} is used up")]
    UsedUp {
        /// What is.
        what: &'static str,
    },
    /// The operating system gave no randomness for the ledger's keys.
    #[error("the operating system provides no randomness")]
    Randomness,
}

impl LedgerError {
    pub(crate) fn damaged(detail: impl Into<String>) -> Self {
        Self::Damaged { detail: detail.into() }
    }

    pub(crate) fn host(error: impl std::fmt::Display) -> Self {
        Self::Host { detail: error.to_string() }
    }
}

impl From<soroban_env_host::HostError> for LedgerError {
    fn from(error: soroban_env_host::HostError) -> Self {
        Self::host(error)
    }
}
