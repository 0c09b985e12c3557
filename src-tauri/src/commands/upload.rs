//! What shall be stored: chosen in a native dialog or dropped, and looked at before anything is sent.

use std::pin::pin;

use layr_node::api::{PutReport, PutRequest, SkippedPath, StorageCost};
use layr_node::error::ErrorCode;
use layr_node::operation::OperationKind;
use serde::{Deserialize, Serialize};

use crate::dialogs::Question;
use crate::ipc::{Check, UiError, one_id, one_name};
use crate::selections::{Chosen, Selection};
use crate::shell::Shell;

/// Most excluded items that a review names; it counts the others.
const MAX_EXCLUDED_SHOWN: usize = 200;

/// Most characters of an address that a browser hands over in place of a path: some hold a whole picture.
const MAX_ADDRESS_SHOWN: usize = 200;

/// What to choose.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct ChooseRequest {
    what: Choosing,
}

/// What a dialog offers.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Choosing {
    /// One or more files.
    Files,
    /// One folder.
    Folder,
}

/// What a person chose or dropped. The shell keeps the paths.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(rename = "Selection"))]
pub(crate) struct SelectionAnswer {
    selection: String,
    /// Items chosen; a folder is one.
    count: usize,
}

/// A selection.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct SelectionRequest {
    selection: String,
}

/// A selection and where it shall go.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct UploadRequest {
    pub(super) selection: String,
    /// Library directory; the root when absent.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub(super) to: Option<String>,
}

/// What storing a selection would mean.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Review {
    selection: String,
    files: usize,
    /// Size of the files.
    bytes: u64,
    /// Content that is not stored yet.
    new_bytes: u64,
    /// Bytes that hosts would store for it, redundancy included.
    stored_bytes: u64,
    /// What would not be stored, and why; the first two hundred.
    excluded: Vec<SkippedPath>,
    /// What would not be stored, in all.
    excluded_items: usize,
    cost_xlm_per_month: Option<String>,
    /// What a term costs, and what is missing for it.
    #[cfg_attr(test, ts(optional))]
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<StorageCost>,
    /// The library directory that would receive it.
    destination: String,
}

impl Check for ChooseRequest {
    fn check(&self) -> Result<(), UiError> {
        Ok(())
    }
}

impl Check for SelectionRequest {
    fn check(&self) -> Result<(), UiError> {
        one_id(&self.selection)
    }
}

impl Check for UploadRequest {
    fn check(&self) -> Result<(), UiError> {
        one_id(&self.selection)?;
        self.to.as_deref().map_or(Ok(()), one_name)
    }
}

pub(crate) async fn choose_upload(
    shell: &Shell,
    request: ChooseRequest,
) -> Result<Option<SelectionAnswer>, UiError> {
    let question = match request.what {
        Choosing::Files => Question::Files,
        Choosing::Folder => Question::Folder,
    };
    let paths = shell.dialogs.ask(question).await?;
    if paths.is_empty() {
        return Ok(None);
    }
    let count = paths.len();
    let selection = shell.selections.keep(Chosen::Upload(paths))?;
    Ok(Some(SelectionAnswer { selection, count }))
}

pub(crate) async fn selection_review(shell: &Shell, request: UploadRequest) -> Result<Review, UiError> {
    let node = shell.host.node()?;
    let selection = shell.selections.get(&request.selection)?;
    let operation = node.operation(OperationKind::Put, "review");
    let put = put_request(&selection, request.to.clone(), true)?;
    let mut look = pin!(node.put(put, &operation));
    let report = tokio::select! {
        report = &mut look => report,
        () = selection.forgotten.cancelled() => {
            operation.cancel().cancel();
            look.await
        }
    };
    Ok(review(request, report?))
}

pub(crate) async fn selection_drop(shell: &Shell, request: SelectionRequest) -> Result<(), UiError> {
    shell.selections.forget(&request.selection);
    Ok(())
}

/// The upload of a selection.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] for a selection that was made for something else, or what a browser dropped in place of a
/// file.
pub(super) fn put_request(
    selection: &Selection,
    to: Option<String>,
    dry_run: bool,
) -> Result<PutRequest, UiError> {
    let Chosen::Upload(paths) = &selection.chosen else {
        return Err(UiError::new(ErrorCode::InvalidRequest, "This was not chosen to be stored."));
    };
    if let Some(path) = paths.iter().find(|path| !path.is_absolute()) {
        let address: String = path.to_string_lossy().chars().take(MAX_ADDRESS_SHOWN).collect();
        let message = format!(
            "{address} is no file of this computer. Save it first, then drop the file; nothing was sent."
        );
        return Err(UiError::new(ErrorCode::InvalidRequest, message));
    }
    Ok(PutRequest { paths: paths.clone(), to, redundancy: None, dry_run })
}

fn review(request: UploadRequest, report: PutReport) -> Review {
    let PutReport { files, mut skipped, stored_bytes, cost_xlm_per_month, cost, .. } = report;
    let excluded_items = skipped.len();
    skipped.truncate(MAX_EXCLUDED_SHOWN);
    Review {
        selection: request.selection,
        files: files.len(),
        bytes: files.iter().map(|file| file.size).sum(),
        new_bytes: files.iter().map(|file| file.uploaded_bytes).sum(),
        stored_bytes,
        excluded: skipped,
        excluded_items,
        cost_xlm_per_month,
        cost,
        destination: request.to.unwrap_or_else(|| "/".to_owned()),
    }
}
