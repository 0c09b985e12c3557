//! `.layr` files and links: out of the library and into it. Which one, the person says in a native dialog or by opening it
//! from outside.

use std::path::Path;
use std::time::Duration;

use layr_node::api::{ExportRequest, ManifestReport};
use layr_node::error::{ErrorCode, Retry};
use layr_node::file_name::marked;
use layr_node::node::Node;
use layr_node::share::{ManifestPreview, ManifestSource};
use layr_node::text::turns_text;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::library::NameRequest;
use crate::clipboard::{self, CopiedPhrase};
use crate::dialogs::{Place, Question};
use crate::ipc::{Check, UiError, one_id, one_name};
use crate::opening;
use crate::selections::Chosen;
use crate::shell::Shell;

/// The library name of everything.
const WHOLE_LIBRARY: &str = "/";

/// Longest wait for a `.layr` file: one on a disk that hangs would hold whatever is opened after it.
const READ_DEADLINE: Duration = Duration::from_mins(1);
/// Most names that the page is shown of one file.
const MAX_NAMES_SHOWN: usize = 1000;
/// Most bytes of a file name that a dialog suggests: room for `.layr` and a number in 255 bytes.
const MAX_SUGGESTED_BYTES: usize = 240;

/// What to write into a `.layr` file.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportManifestRequest {
    /// Library name or id.
    name: String,
    /// Sealed for this owner's own devices instead of readable by whoever holds the file.
    private: bool,
}

/// The file that was written.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct ExportedManifest {
    path: String,
}

/// A link that was put on the clipboard.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct SharedLink {
    /// Its length.
    bytes: usize,
}

/// What a `.layr` file or link would bring, before it is taken in.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct ImportPreview {
    /// Says yes to it, once.
    token: String,
    /// Library paths in it; the first thousand.
    names: Vec<String>,
    /// Paths in it in all.
    files: usize,
    /// Size of the content in bytes.
    size: u64,
    /// Name of the file; none for a link.
    from: Option<String>,
}

/// A yes to a preview.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRequest {
    pub(super) token: String,
}

impl Check for ExportManifestRequest {
    fn check(&self) -> Result<(), UiError> {
        one_name(&self.name)
    }
}

impl Check for TokenRequest {
    fn check(&self) -> Result<(), UiError> {
        one_id(&self.token)
    }
}

pub(crate) async fn export_manifest(
    shell: &Shell,
    request: ExportManifestRequest,
) -> Result<Option<ExportedManifest>, UiError> {
    let node = shell.host.node()?;
    let (name, path) = if request.name == WHOLE_LIBRARY {
        (request.name.clone(), request.name)
    } else {
        // By its id from here on: a name could also be the path of a `.layr` file, and paths are not the page's to choose.
        let file = node.entry(&request.name).await?;
        (file.id, file.name)
    };
    let question = Question::SaveManifest { name: suggested_name(&path) };
    let Some(Place { path, existing }) = shell.dialogs.ask_where(question).await? else { return Ok(None) };
    let export = ExportRequest { name, output: path, private: request.private };
    let report = node.export_over(export, existing).await?;
    Ok(Some(ExportedManifest { path: report.path }))
}

pub(crate) async fn share_copy(shell: &Shell, request: NameRequest) -> Result<SharedLink, UiError> {
    let node = shell.host.node()?;
    let file = node.entry(&request.name).await?;
    // Whoever has the link can read the file: it goes to the clipboard and not to the page.
    let link = Zeroizing::new(node.share(&file.id, None).await?.link);
    let bytes = link.len();
    clipboard::in_time(&shell.copied, move |copied| copied.put(&link)).await??;
    // Words that were left there, also before this start, have given way.
    node.phrase_left_on_clipboard(false).await;
    Ok(SharedLink { bytes })
}

pub(crate) async fn import_manifest(shell: &Shell) -> Result<Option<ImportPreview>, UiError> {
    let node = shell.host.node()?;
    let Some(path) = shell.dialogs.ask(Question::Manifest).await?.pop() else { return Ok(None) };
    preview(shell, &node, ManifestSource::File(path)).await.map(Some)
}

pub(crate) async fn import_copied(shell: &Shell) -> Result<ImportPreview, UiError> {
    let node = shell.host.node()?;
    let text = clipboard::in_time(&shell.copied, CopiedPhrase::text).await?;
    let source = opening::copied(text.as_ref().map(|text| text.as_str()))?;
    preview(shell, &node, source).await
}

pub(crate) async fn opened(shell: &Shell) -> Result<Option<ImportPreview>, UiError> {
    // One at a time, however often a page asks: a file may be long.
    let mut shown = shell.opening.shown().await;
    // Without a node it waits.
    let Ok(node) = shell.host.node() else { return Ok(None) };
    let Some(named) = shell.opening.take() else { return Ok(None) };
    let preview = preview(shell, &node, named?).await?;
    // A newer one takes the older one's place.
    if let Some(older) = shown.replace(preview.token.clone()) {
        shell.selections.forget(&older);
    }
    Ok(Some(preview))
}

fn silent_disk() -> UiError {
    let message = "The disk that this file is on does not answer. Nothing was taken in; see whether the disk is there, then \
                   open the file once more.";
    UiError::new(ErrorCode::LocalFile, message).with_retry(Retry::AfterUserAction)
}

/// Looks at a manifest and keeps it until the person says yes.
async fn preview(shell: &Shell, node: &Node, source: ManifestSource) -> Result<ImportPreview, UiError> {
    let ManifestPreview { report, digest } =
        timeout(READ_DEADLINE, node.import_preview(&source)).await.map_err(|_| silent_disk())??;
    let ManifestReport { names, size, .. } = report;
    let from = match &source {
        ManifestSource::File(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
        ManifestSource::Link(_) => None,
    };
    let token = shell.selections.keep(Chosen::Manifest { source, digest })?;
    let files = names.len();
    Ok(ImportPreview { token, names: shown(names), files, size, from })
}

pub(crate) async fn import_confirm(shell: &Shell, request: TokenRequest) -> Result<ManifestReport, UiError> {
    let node = shell.host.node()?;
    let selection = shell.selections.take(&request.token)?;
    let Chosen::Manifest { source, digest } = &selection.chosen else {
        return Err(UiError::new(ErrorCode::InvalidRequest, "This was not chosen for an import."));
    };
    let imported = node.import_previewed(source, *digest).await;
    // A link's keys are not kept for what no repeat brings about.
    if imported.as_ref().err().is_none_or(is_final) {
        selection.used();
    }
    let report = imported?;
    shell.has_imported();
    Ok(ManifestReport { names: shown(report.names), ..report })
}

/// Whether an import that failed so fails again however often it is confirmed. What is another file by now needs another look.
fn is_final(error: &UiError) -> bool {
    error.retry == Retry::Never || error.code == ErrorCode::Conflict
}

fn shown(mut names: Vec<String>) -> Vec<String> {
    names.truncate(MAX_NAMES_SHOWN);
    names
}

/// What a dialog suggests for an export of the entry at this library path.
fn suggested_name(path: &str) -> String {
    let plain = plain_name(path);
    let stem = if plain.is_empty() { "library" } else { &plain };
    format!("{stem}.layr")
}

/// The name of the entry at this library path, as a dialog can begin with it.
pub(super) fn plain_name(path: &str) -> String {
    let name = Path::new(path).file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    // What turns text around could make one ending look like another in the dialog and on the disk.
    let plain: String = name.chars().filter(|c| !c.is_control() && !turns_text(*c)).collect();
    marked(&plain, "", MAX_SUGGESTED_BYTES, false)
}

#[cfg(test)]
mod tests {
    use super::{plain_name, suggested_name};

    #[test]
    fn a_suggested_name_is_a_short_file_name() {
        assert_eq!(suggested_name("/docs/letter.pdf"), "letter.pdf.layr");
        assert_eq!(suggested_name("/"), "library.layr");
        assert_eq!(suggested_name("/a\nb"), "ab.layr");
        assert!(suggested_name(&format!("/{}", "ä".repeat(200))).len() < 255);
    }

    #[test]
    fn a_long_name_keeps_its_ending_and_none_is_turned_around() {
        let long = plain_name(&format!("/docs/{}.jpeg", "ä".repeat(200)));
        assert!(long.len() < 250 && long.ends_with("ä.jpeg"), "{long}");
        assert_eq!(plain_name("/holiday\u{202e}gpj.exe"), "holidaygpj.exe");
    }
}
