//! The one error that leaves a node: a stable code, a retry class, parameters and a sentence for people.
//!
//! Shells act on [`ErrorCode`] and never parse the message. Inside the node each family of operations has its own
//! enum; it becomes a [`NodeError`] at the handle.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What went wrong, as scripts and the page know it. Codes are a contract: they are added, never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// The request makes no sense: wrong flag, path, size or file.
    InvalidRequest,
    /// No such file, version, peer or manifest.
    NotFound,
    /// Some copies are damaged or at risk.
    Damaged,
    /// Fewer hosts can be reached than the operation needs.
    NotEnoughHosts,
    /// Hosts can be reached but have no room.
    NotEnoughSpace,
    /// The wallet cannot pay.
    NotEnoughFunds,
    /// No node runs in this home.
    NoNode,
    /// The network cannot be reached.
    NetworkUnreachable,
    /// The keys are locked: no keyring, no passphrase.
    Locked,
    /// The passphrase, phrase or key is wrong.
    WrongKey,
    /// The person or a signal stopped it; nothing is lost and a repeat resumes.
    Interrupted,
    /// Another node holds this home.
    HomeInUse,
    /// This home has an identity already.
    IdentityExists,
    /// This home has no identity yet.
    NoIdentity,
    /// The library or vault database is damaged or from a newer Layr.
    DatabaseUnusable,
    /// A manifest cannot be read.
    InvalidManifest,
    /// This machine's disk is full.
    DiskFull,
    /// A file could not be read or written here.
    LocalFile,
    /// The target exists or changed meanwhile.
    Conflict,
    /// A defect of Layr.
    Internal,
    /// The system's keyring is missing or stays locked; a passphrase can seal the keys instead.
    KeyringUnavailable,
    /// This home's library belongs to another owner than these keys.
    OtherOwner,
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(rename = "RetryClass"))]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// The same request fails again.
    Never,
    /// After the person did something (freed space, typed the passphrase).
    AfterUserAction,
    /// By itself, later.
    Automatic,
}

impl ErrorCode {
    /// The retry class that this code usually has.
    pub fn retry(self) -> Retry {
        match self {
            Self::NotEnoughHosts | Self::NetworkUnreachable | Self::Interrupted => Retry::Automatic,
            Self::NotEnoughSpace
            | Self::NotEnoughFunds
            | Self::NoNode
            | Self::Locked
            | Self::KeyringUnavailable
            | Self::WrongKey
            | Self::OtherOwner
            | Self::HomeInUse
            | Self::NoIdentity
            | Self::DatabaseUnusable
            | Self::DiskFull
            | Self::LocalFile
            | Self::Conflict => Retry::AfterUserAction,
            Self::InvalidRequest
            | Self::NotFound
            | Self::Damaged
            | Self::IdentityExists
            | Self::InvalidManifest
            | Self::Internal => Retry::Never,
        }
    }

    /// The exit code of the command line for this failure; a contract with scripts.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::InvalidRequest => 2,
            Self::NotFound => 3,
            Self::Damaged => 4,
            Self::NotEnoughHosts | Self::NotEnoughSpace => 5,
            Self::NotEnoughFunds => 6,
            Self::NoNode | Self::NetworkUnreachable => 7,
            Self::Locked | Self::WrongKey | Self::KeyringUnavailable | Self::OtherOwner => 8,
            Self::Interrupted => 130,
            Self::HomeInUse
            | Self::IdentityExists
            | Self::NoIdentity
            | Self::DatabaseUnusable
            | Self::InvalidManifest
            | Self::DiskFull
            | Self::LocalFile
            | Self::Conflict
            | Self::Internal => 1,
        }
    }
}

/// A failure as every shell sees it; also its form on the control socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(rename = "UiError"))]
#[error("{message}")]
pub struct NodeError {
    /// What to act on.
    pub code: ErrorCode,
    /// One or two sentences for people: what happened, what is safe, what to do next.
    pub message: String,
    /// Whether a repeat can help.
    pub retry: Retry,
    /// Numbers and names behind the message, by key.
    #[serde(default)]
    pub params: BTreeMap<String, serde_json::Value>,
}

impl NodeError {
    /// A failure with the code's usual retry class and no parameters.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry: code.retry(), params: BTreeMap::new() }
    }

    /// The same failure, where repeating it helps more or less than its code usually says.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The same failure with one more parameter.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<serde_json::Value>) -> Self {
        self.params.insert(key.to_owned(), value.into());
        self
    }
}
