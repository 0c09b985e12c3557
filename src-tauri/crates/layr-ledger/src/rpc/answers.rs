//! Answers of a Stellar RPC, with the fields that this crate acts on.

use serde::{Deserialize, Deserializer};

/// `sendTransaction`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sent {
    pub(crate) status: SentStatus,
    pub(crate) hash: String,
    #[serde(default)]
    pub(crate) error_result_xdr: Option<String>,
}

/// What a server does with a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum SentStatus {
    Pending,
    Duplicate,
    TryAgainLater,
    Error,
}

/// `getTransaction`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Looked {
    pub(crate) status: LookedStatus,
    pub(crate) latest_ledger: u32,
    #[serde(deserialize_with = "number")]
    pub(crate) latest_ledger_close_time: u64,
    pub(crate) oldest_ledger: u32,
    #[serde(default)]
    pub(crate) ledger: Option<u32>,
    #[serde(default)]
    pub(crate) envelope_xdr: Option<String>,
    #[serde(default)]
    pub(crate) result_xdr: Option<String>,
    #[serde(default)]
    pub(crate) result_meta_xdr: Option<String>,
}

/// What a server knows of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum LookedStatus {
    Success,
    Failed,
    NotFound,
}

/// `getEvents`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Events {
    #[serde(rename = "events")]
    pub(crate) page: Vec<Event>,
    pub(crate) latest_ledger: u32,
    pub(crate) oldest_ledger: u32,
    pub(crate) cursor: String,
}

/// One event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) ledger: u32,
    pub(crate) contract_id: String,
    pub(crate) topic: Vec<String>,
    pub(crate) value: String,
    pub(crate) tx_hash: String,
}

/// A number, which the servers write as a string in some places and as a number in others.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Text(String),
    }
    match Either::deserialize(deserializer)? {
        Either::Number(number) => Ok(number),
        Either::Text(text) => text.parse().map_err(serde::de::Error::custom),
    }
}
