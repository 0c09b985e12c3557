//! What happened and what works in the background, as a window shows it.

use serde::{Deserialize, Serialize};

/// How much an entry matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ActivityLevel {
    /// Good to know.
    Info,
    /// Something is not as it should be, and may pass by itself.
    Warning,
    /// Nothing goes on before the person did something.
    Action,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ActivityEntry {
    /// Its number; never used twice.
    pub id: u64,
    /// When it was met last, RFC 3339 UTC.
    pub at: String,
    /// How much it matters.
    pub level: ActivityLevel,
    /// What sort of thing it is, a stable word for scripts; see [`crate::activity::ActivityKind`].
    #[cfg_attr(feature = "bindings", ts(skip))]
    pub kind: String,
    /// A few words.
    pub title: String,
    /// What happened, what is safe, what to do next.
    pub text: String,
    /// Whether nothing is left to do about it.
    pub resolved: bool,
    /// How often it was met; absent after the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub times: Option<u64>,
    /// The page that shows more about it, such as `/transfers`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub opens: Option<String>,
}

/// How much of what happened is still open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ActivityCounts {
    /// Warnings and actions that are not resolved.
    pub unresolved: u64,
    /// Those of them without which nothing goes on.
    pub open_actions: u64,
    /// Whether agreements end or have ended without a next term, or hosts are not paid.
    pub renewals_due: bool,
}

/// What a background worker does right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum WorkerState {
    /// It is busy.
    Working,
    /// Nothing is to be done, or its turn has not come.
    Resting,
    /// Its last round failed; unless it has ended it tries again by itself.
    Failed,
}

/// One background worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Worker {
    /// What it is called.
    pub name: String,
    /// What it is for, in a sentence.
    pub about: String,
    /// What it does right now.
    pub state: WorkerState,
    /// Since when, RFC 3339 UTC; absent before its first round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub since: Option<String>,
    /// What its last round failed with; absent once one succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub last_error: Option<String>,
}

/// Result of `activity`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ActivityReport {
    /// The newest first.
    pub entries: Vec<ActivityEntry>,
    /// In the order in which they were started.
    pub workers: Vec<Worker>,
}
