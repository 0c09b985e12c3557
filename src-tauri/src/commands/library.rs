//! The library: what is stored, and under which names.

use layr_node::api::{CheckPlan, FileDetails, ListedFile, PageReport, PageRequest};
use layr_node::audit::Leaves;
use layr_node::operation::OperationKind;
use serde::{Deserialize, Serialize};

use crate::ipc::{Check, UiError, at_most, one_name, some_names};
use crate::shell::Shell;

/// Most rows of a page: more than a window shows.
const MAX_ROWS: u64 = 500;
/// Longest text to search for, in bytes.
const MAX_SEARCH_BYTES: u64 = 1024;
/// Of each shard its host proves this much in a check that is not thorough: one leaf finds what is missing, and costs next to
/// nothing. Who wants to be sure of every byte asks for a thorough one.
const PROVEN: Leaves = Leaves::Each(1);

/// One entry.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct NameRequest {
    /// Library name or id.
    pub(super) name: String,
}

/// An entry and what it shall be called.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct RenameRequest {
    /// Library name or id.
    name: String,
    /// Its new name, in the directory in which it is.
    new_name: String,
}

/// Several entries.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct NamesRequest {
    /// Library names or ids.
    pub(super) names: Vec<String>,
}

/// Entries to look for at their hosts.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckRequest {
    /// Library names or ids.
    names: Vec<String>,
    /// Reads every shard whole, instead of having hosts prove that they have them.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    thorough: bool,
}

/// What shall come back.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(rename = "FileRestoreRequest"))]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoreRequest {
    /// Library name or id.
    name: String,
    /// Version; the latest deleted one when absent.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    version: Option<u64>,
}

/// The path that an entry has now.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct NameAnswer {
    name: String,
}

/// The versions of a file.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct FileVersions {
    versions: Vec<ListedFile>,
}

/// What a look at the hosts found of the shards of some entries.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct CheckAnswer {
    /// Shards that are there: whole in a thorough check, and proven by their hosts in another.
    passed: u64,
    /// Shards that their hosts no longer have.
    missing: u64,
    /// Shards that are damaged.
    corrupt: u64,
    /// Shards whose host did not answer.
    unreachable: u64,
    /// Whether no host at all answered: then our own connection may be away.
    nobody_answered: bool,
    /// Segments that cannot be brought back now, however many of their shards pass: too few lie anywhere.
    short_segments: u64,
}

/// How many entries went to the trash.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RemovedAnswer {
    removed: usize,
}

impl Check for PageRequest {
    fn check(&self) -> Result<(), UiError> {
        at_most("The number of rows", self.limit, MAX_ROWS)?;
        let search_bytes = self.search.as_ref().map_or(0, String::len);
        at_most("The length of a search", search_bytes as u64, MAX_SEARCH_BYTES)?;
        self.dir.as_deref().map_or(Ok(()), one_name)
    }
}

impl Check for NameRequest {
    fn check(&self) -> Result<(), UiError> {
        one_name(&self.name)
    }
}

impl Check for RenameRequest {
    fn check(&self) -> Result<(), UiError> {
        one_name(&self.name)?;
        one_name(&self.new_name)
    }
}

impl Check for NamesRequest {
    fn check(&self) -> Result<(), UiError> {
        some_names(&self.names)
    }
}

impl Check for CheckRequest {
    fn check(&self) -> Result<(), UiError> {
        some_names(&self.names)
    }
}

impl Check for RestoreRequest {
    fn check(&self) -> Result<(), UiError> {
        one_name(&self.name)
    }
}

pub(crate) async fn library_page(shell: &Shell, request: PageRequest) -> Result<PageReport, UiError> {
    shell.host.node()?.ls_page(request).await
}

pub(crate) async fn file_info(shell: &Shell, request: NameRequest) -> Result<FileDetails, UiError> {
    shell.host.node()?.details(&request.name).await
}

pub(crate) async fn file_versions(shell: &Shell, request: NameRequest) -> Result<FileVersions, UiError> {
    let versions = shell.host.node()?.versions(&request.name).await?.files;
    Ok(FileVersions { versions })
}

pub(crate) async fn file_rename(shell: &Shell, request: RenameRequest) -> Result<NameAnswer, UiError> {
    let name = shell.host.node()?.rename(&request.name, &request.new_name).await?;
    Ok(NameAnswer { name })
}

pub(crate) async fn files_remove(shell: &Shell, request: NamesRequest) -> Result<RemovedAnswer, UiError> {
    let removed = shell.host.node()?.rm(request.names).await?.len();
    Ok(RemovedAnswer { removed })
}

pub(crate) async fn files_verify_plan(shell: &Shell, request: NamesRequest) -> Result<CheckPlan, UiError> {
    shell.host.node()?.verify_plan(request.names).await
}

pub(crate) async fn files_verify(shell: &Shell, request: CheckRequest) -> Result<CheckAnswer, UiError> {
    let node = shell.host.node()?;
    let CheckRequest { names, thorough } = request;
    let kind = if thorough { OperationKind::Verify } else { OperationKind::Audit };
    let operation = node.operation(kind, names.first().map_or("/", String::as_str));
    let busy = "A check is under way already; wait for its end, or stop it.";
    let _turn = shell.checking.take(operation.cancel(), busy)?;
    let report = if thorough {
        node.verify_counts(names, false, &operation).await?
    } else {
        node.audit_counts(names, PROVEN, &operation).await?
    };
    Ok(CheckAnswer {
        passed: report.passed,
        missing: report.failed.saturating_sub(report.corrupt),
        corrupt: report.corrupt,
        unreachable: report.unreachable,
        nobody_answered: report.nobody_answered,
        short_segments: report.short_segments,
    })
}

pub(crate) async fn check_cancel(shell: &Shell) -> Result<(), UiError> {
    shell.checking.stop();
    Ok(())
}

pub(crate) async fn file_restore(shell: &Shell, request: RestoreRequest) -> Result<NameAnswer, UiError> {
    let name = shell.host.node()?.restore(&request.name, request.version).await?;
    Ok(NameAnswer { name })
}
