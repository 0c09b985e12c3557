//! What moves, and what shall move: uploads of selections, downloads to a chosen folder, and the queue of both.

use std::path::Path;
use std::time::Duration;

use layr_node::api::{GetRequest, ListedFile, TransfersReport};
use layr_node::queue::MAX_PAUSE;
use serde::{Deserialize, Serialize};

use crate::commands::library::NamesRequest;
use crate::commands::manifest::plain_name;
use crate::commands::upload::{UploadRequest, put_request};
use crate::dialogs::{Place, Question};
use crate::ipc::{Check, UiError, at_most};
use crate::reveal::reveal;
use crate::shell::Shell;

/// Most downloads asked for at a time: each is a transfer of its own, and half of the queue is left for others.
const MAX_DOWNLOADS: u64 = 500;

/// One transfer, or all of them.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct TransferRequest {
    /// All of them when absent.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    id: Option<u64>,
}

/// One transfer.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct OneTransferRequest {
    id: u64,
}

/// A pause of everything that ends by itself.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct PauseRequest {
    /// At most a day.
    minutes: u32,
}

/// The upload that was queued.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct UploadStarted {
    transfer: u64,
}

/// The downloads that were queued, in the order of the names.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct DownloadsStarted {
    transfers: Vec<u64>,
}

impl Check for TransferRequest {
    fn check(&self) -> Result<(), UiError> {
        Ok(())
    }
}

impl Check for OneTransferRequest {
    fn check(&self) -> Result<(), UiError> {
        Ok(())
    }
}

impl Check for PauseRequest {
    fn check(&self) -> Result<(), UiError> {
        at_most("The pause in minutes", u64::from(self.minutes), MAX_PAUSE.as_secs() / 60)
    }
}

pub(crate) async fn upload_start(shell: &Shell, request: UploadRequest) -> Result<UploadStarted, UiError> {
    let node = shell.host.node()?;
    let selection = shell.selections.take(&request.selection)?;
    let transfer = node.enqueue_put(put_request(&selection, request.to, false)?).await?;
    selection.used();
    shell.has_files();
    Ok(UploadStarted { transfer })
}

pub(crate) async fn download_start(
    shell: &Shell,
    request: NamesRequest,
) -> Result<Option<DownloadsStarted>, UiError> {
    at_most("The number of downloads", request.names.len() as u64, MAX_DOWNLOADS)?;
    let node = shell.host.node()?;
    let mut files = Vec::new();
    for name in &request.names {
        files.push(node.entry(name).await?);
    }
    // By its id: a name could also be the path of a `.layr` file, and paths are not the page's to choose.
    let get = |file: &ListedFile, output: &Path| GetRequest {
        name: file.id.clone(),
        output: output.to_owned(),
        range: None,
        version: None,
    };
    // A single file gets a name that the person chooses; everything else goes into a folder under its own.
    if let [file] = files.as_slice()
        && file.kind == "file"
    {
        let question = Question::SaveFile { name: plain_name(&file.name) };
        let Some(Place { path, existing }) = shell.dialogs.ask_where(question).await? else {
            return Ok(None);
        };
        let transfer = node.enqueue_get_over(get(file, &path), existing).await?;
        return Ok(Some(DownloadsStarted { transfers: vec![transfer] }));
    }
    let Some(output) = shell.dialogs.ask(Question::Target).await?.pop() else { return Ok(None) };
    let transfers = node.enqueue_gets(files.iter().map(|file| get(file, &output)).collect()).await?;
    Ok(Some(DownloadsStarted { transfers }))
}

pub(crate) async fn transfers(shell: &Shell) -> Result<TransfersReport, UiError> {
    shell.host.node()?.transfers().await
}

pub(crate) async fn transfer_pause(shell: &Shell, request: TransferRequest) -> Result<(), UiError> {
    shell.host.node()?.transfer_pause(request.id).await
}

pub(crate) async fn transfers_pause_for(shell: &Shell, request: PauseRequest) -> Result<(), UiError> {
    shell.host.node()?.transfers_pause_for(Duration::from_mins(u64::from(request.minutes))).await
}

pub(crate) async fn transfer_resume(shell: &Shell, request: TransferRequest) -> Result<(), UiError> {
    shell.host.node()?.transfer_resume(request.id).await
}

pub(crate) async fn transfer_retry(shell: &Shell, request: TransferRequest) -> Result<(), UiError> {
    shell.host.node()?.transfer_retry(request.id).await
}

pub(crate) async fn transfer_cancel(shell: &Shell, request: TransferRequest) -> Result<(), UiError> {
    shell.host.node()?.transfer_cancel(request.id).await
}

pub(crate) async fn transfer_reveal(shell: &Shell, request: OneTransferRequest) -> Result<(), UiError> {
    let target = shell.host.node()?.transfer_target(request.id).await?;
    reveal(target).await
}

pub(crate) async fn transfers_clear(shell: &Shell) -> Result<(), UiError> {
    shell.host.node()?.transfers_clear().await
}
