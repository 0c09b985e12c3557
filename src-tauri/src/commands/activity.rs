//! What happened, and what is still to be done about it.

use layr_node::api::{ActivityCounts, ActivityReport};
use serde::Deserialize;

use crate::ipc::{Check, UiError};
use crate::shell::Shell;

/// One entry.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct EntryRequest {
    id: u64,
}

impl Check for EntryRequest {
    fn check(&self) -> Result<(), UiError> {
        Ok(())
    }
}

pub(crate) async fn activity(shell: &Shell) -> Result<ActivityReport, UiError> {
    shell.host.node()?.activity().await
}

pub(crate) async fn activity_counts(shell: &Shell) -> Result<ActivityCounts, UiError> {
    shell.host.node()?.activity_counts().await
}

pub(crate) async fn activity_resolve(shell: &Shell, request: EntryRequest) -> Result<(), UiError> {
    shell.host.node()?.activity_resolve(request.id).await
}

pub(crate) async fn activity_clear(shell: &Shell) -> Result<(), UiError> {
    shell.host.node()?.activity_clear().await
}
