//! The queue of transfers and pages of the library, as a window asks for them.

use serde::{Deserialize, Serialize};

use super::{ListedFile, SkippedPath};
use crate::error::{ErrorCode, Retry};

/// Which way a transfer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    /// To hosts.
    Upload,
    /// From hosts.
    Download,
}

/// Where a transfer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TransferState {
    /// It will run: behind others, or after a pause for breath.
    Waiting,
    /// It runs.
    Running,
    /// The person paused it.
    Paused,
    /// It stopped and waits for the person.
    Failed,
    /// It is through.
    Done,
    /// The person gave it up.
    Cancelled,
}

/// One transfer of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Transfer {
    /// Its number; never used twice.
    pub id: u64,
    /// Which way.
    pub kind: TransferKind,
    /// What people call it: `docs`, or `3 items`.
    pub name: String,
    /// Where it stands.
    pub state: TransferState,
    /// Stage of a running one, as in [`super::Progress`]; empty otherwise.
    pub stage: String,
    /// What a running one works on; empty otherwise.
    pub current: String,
    /// Bytes of content done.
    pub done_bytes: u64,
    /// Bytes of content in all, 0 while unknown.
    pub total_bytes: u64,
    /// Files done.
    pub done_files: u64,
    /// Files in all, 0 while unknown.
    pub total_files: u64,
    /// Shards that hosts have taken while it runs; 0 for a download.
    pub done_shards: u64,
    /// Shards that were made so far while it runs; 0 for a download.
    pub total_shards: u64,
    /// Speed of a running one; absent until it is measured and while nothing moves.
    pub rate_bytes_per_s: Option<u64>,
    /// Seconds left; absent whenever the speed or the total is.
    pub eta_s: Option<u64>,
    /// Why it waits, is paused or failed: a sentence.
    pub reason: Option<String>,
    /// What it failed with, also while it waits to try again.
    pub code: Option<ErrorCode>,
    /// Whether trying again can help.
    pub retry: Option<Retry>,
    /// When it was asked for, RFC 3339 UTC.
    pub added: String,
    /// When it ended or failed, RFC 3339 UTC.
    pub finished: Option<String>,
    /// When one that rests after a failure is tried again by itself, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub next_try: Option<String>,
    /// Whether it is paused only as long as everything is.
    #[serde(default)]
    pub paused_with_all: bool,
    /// Library directory in which a finished upload lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub folder: Option<String>,
    /// What an upload could not store; the first ones of many.
    pub skipped: Vec<SkippedPath>,
    /// How many it could not store.
    pub skipped_total: u64,
}

/// Result of `transfers`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct TransfersReport {
    /// Oldest first; finished ones stay until they are cleared or crowded out.
    pub transfers: Vec<Transfer>,
    /// Whether the person paused everything: what is asked for then is paused too.
    pub paused_all: bool,
    /// When that pause ends by itself, RFC 3339 UTC; absent while it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub paused_until: Option<String>,
}

/// What decides the order within directories and within files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(rename = "LibrarySort"))]
#[serde(rename_all = "snake_case")]
pub enum PageSort {
    /// The path, whatever the case of its letters.
    #[default]
    Name,
    /// The size in bytes.
    Size,
    /// The last change; in the trash, when it was deleted.
    Modified,
    /// Shards that may still be lost, fewest first.
    Health,
}

/// How a file is, by its segment with the fewest shards to spare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(rename = "LibraryState"))]
#[serde(rename_all = "snake_case")]
pub enum PageState {
    /// At least a third of its parity lives.
    Safe,
    /// So it was when it was last looked at, more than 14 days ago.
    Waiting,
    /// Less lives, or too little to bring the file back.
    AtRisk,
}

/// What to list of what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(rename = "LibraryKind"))]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// Directories.
    Directory,
    /// Files and symbolic links.
    File,
}

/// Which part of which listing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(rename = "LibraryPageRequest"))]
pub struct PageRequest {
    /// Library directory to list or to search in; the root when absent. The trash has none.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub dir: Option<String>,
    /// Lists what has this in its path below `dir`, whatever the case, instead of the directory itself. Empty is none.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub search: Option<String>,
    /// Lists the files below `dir` that are so, instead of the directory itself. The trash knows no states.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub state: Option<PageState>,
    /// Lists only these; the trash does not tell kinds apart.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub kind: Option<PageKind>,
    /// The trash instead of the library.
    #[serde(default)]
    pub trash: bool,
    /// The order; directories come first in every one.
    #[serde(default)]
    pub sort: PageSort,
    /// The reverse order; directories stay in front.
    #[serde(default)]
    pub descending: bool,
    /// Rows before the page.
    #[serde(default)]
    pub offset: u64,
    /// Rows of the page, at most [`crate::catalogue::PAGE_ROWS`].
    pub limit: u64,
}

/// A page of the library or of the trash.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(rename = "LibraryPage"))]
pub struct PageReport {
    /// Rows of the whole listing.
    pub total: u64,
    /// The rows of the page.
    pub rows: Vec<ListedFile>,
}
