//! Bringing files back, always from a manifest: the library's own or one from a `.layr` file.
//!
//! ```text
//! Manifest ─wants→ groups ─Fetch→ pieces of a stripe ─GroupDecoder→ chunks ─→ Stage ─install→ target
//!                            └── late, lost or lying hosts replaced by others ──┘
//! ```
//! Memory is constant: two groups at most are open, and every host reads ahead by a few pieces. A normal read does no lookup
//! in the DHT: the manifest and the library know where hosts are.

mod blame;
mod decode;
mod error;
mod fetch;
mod lane;
mod origin;
mod output;
mod plan;
mod source;
mod stage;
mod target;
mod transfer;

use std::ops::Range;
use std::sync::Arc;

use layr_library::{Manifest, ManifestContent, ManifestEntry};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

pub use self::error::DownloadError;
pub(crate) use self::origin::{library_manifest, manifest_of, read_layr_file};
use self::output::{Files, Output};
use self::stage::Stage;
pub use self::stage::StageError;
pub(crate) use self::stage::identity;
use self::target::{Target, Wanted};
use self::transfer::Transfer;
use crate::api::{GetReport, GetRequest, GotFile};
use crate::look::Look;
use crate::operation::Operation;
use crate::owner::Owner;
use crate::share::shown_name;

/// Brings a file or directory back to the local disk.
///
/// # Errors
/// [`DownloadError`]; the target path is then as it was.
pub async fn get(
    owner: &Owner,
    request: &GetRequest,
    operation: &Operation,
) -> Result<GetReport, DownloadError> {
    get_into(owner, request, None, operation).await
}

/// How a transfer of the queue is downloaded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Queued {
    /// Its number.
    pub transfer: u64,
    /// The file at the target whose place a single file takes.
    pub gives_way: Option<Look>,
}

/// As [`get`], for a transfer of the queue: the target must be new, or the very file that gives way to a single one, and what is about
/// to get its name is noted in the library before it does, so that a repeat after a crash knows its own work.
///
/// # Errors
/// [`DownloadError`]; the target path is then as it was.
pub(crate) async fn get_queued(
    owner: &Owner,
    request: &GetRequest,
    queued: Queued,
    operation: &Operation,
) -> Result<GetReport, DownloadError> {
    get_into(owner, request, Some(queued), operation).await
}

async fn get_into(
    owner: &Owner,
    request: &GetRequest,
    queued: Option<Queued>,
    operation: &Operation,
) -> Result<GetReport, DownloadError> {
    let began = Instant::now();
    operation.stage("scanning");
    let (manifest, origin) = origin::find(owner, &request.name, request.version).await?;
    let manifest = Arc::new(manifest);
    let range = match request.range {
        Some((first, last)) => Some(check_range(&manifest, &request.name, first, last)?),
        None => None,
    };
    let (total_files, size_bytes) = (files_of(&manifest).count() as u64, manifest.size_bytes());
    operation.update(|progress| {
        progress.total_files = total_files;
        progress.total_bytes = range.as_ref().map_or(size_bytes, |range| range.end - range.start);
    });
    operation.stage("receiving");
    let wanted =
        Wanted { is_root: request.name.trim_matches('/').is_empty(), output: request.output.clone(), origin };
    let choose = move |manifest: &Manifest| match queued {
        Some(queued) => Ok(Target::queued(manifest, &wanted, queued.gives_way)),
        None => Target::choose(manifest, &wanted),
    };
    let (prepared, target) = prepare(owner, Arc::clone(&manifest), choose).await?;
    let entries = files_with_content(&manifest);
    let transfer = Transfer::new(owner, Arc::clone(&manifest), operation, None);
    let output = transfer.run(entries, range.clone(), Output::Files(Box::new(prepared))).await?;
    if operation.cancel().is_cancelled() {
        return Err(DownloadError::Interrupted);
    }
    operation.stage("finishing");
    let output = match queued {
        Some(queued) => note_placed(owner, output, queued.transfer, operation).await?,
        None => output,
    };
    owner.workers().run(move || finish(output)).await??;
    operation.publish();
    // Only now, when the transfer's memory is free again: of many files the names are much of what there is.
    let files = got_files(&manifest, &target, range.as_ref());
    Ok(GetReport { files, duration_s: began.elapsed().as_secs_f64() })
}

/// Reads a file, or bytes `first..=last` of it, to a stream; returns how many bytes were written.
///
/// # Errors
/// [`DownloadError`]; what was written before is verified content.
pub async fn read(
    owner: &Owner,
    name: &str,
    range: Option<(u64, u64)>,
    version: Option<u64>,
    sink: &mut (dyn AsyncWrite + Send + Sync + Unpin),
    operation: &Operation,
) -> Result<u64, DownloadError> {
    let manifest = Arc::new(manifest_of(owner, name, version).await?);
    let size_bytes = single_file(&manifest)
        .ok_or_else(|| DownloadError::NotAFile { name: shown_name(name).to_owned() })?;
    let range = match range {
        Some((first, last)) => check_range(&manifest, name, first, last)?,
        None => 0..size_bytes,
    };
    let total = range.end - range.start;
    operation.update(|progress| {
        progress.total_files = 1;
        progress.total_bytes = total;
    });
    operation.stage("receiving");
    let transfer = Transfer::new(owner, manifest, operation, Some(&mut *sink));
    transfer.run(vec![0], Some(range), Output::Memory(Vec::new())).await?;
    sink.flush().await.map_err(|source| DownloadError::Output { source })?;
    operation.publish();
    Ok(total)
}

/// Size of the single file that a manifest is of.
fn single_file(manifest: &Manifest) -> Option<u64> {
    match manifest.entries.as_slice() {
        [ManifestEntry { content: ManifestContent::File { size_bytes, .. }, .. }] => Some(*size_bytes),
        _ => None,
    }
}

fn check_range(manifest: &Manifest, name: &str, first: u64, last: u64) -> Result<Range<u64>, DownloadError> {
    let size_bytes =
        single_file(manifest).ok_or_else(|| DownloadError::NotAFile { name: shown_name(name).to_owned() })?;
    if first > last || last >= size_bytes {
        return Err(DownloadError::BadRange { first, last, size_bytes });
    }
    Ok(first..last + 1)
}

async fn prepare(
    owner: &Owner,
    manifest: Arc<Manifest>,
    choose: impl FnOnce(&Manifest) -> Result<Target, StageError> + Send + 'static,
) -> Result<(Files, Target), DownloadError> {
    let context = owner.clone();
    let job = move || -> Result<(Files, Target), StageError> {
        let (temporaries, entropy) = (context.temporaries(), &context.surroundings().entropy);
        let target = choose(&manifest)?;
        target.check(&manifest)?;
        let mut stage = if target.is_single {
            Stage::for_file(&target.path, temporaries, entropy.as_ref())?
        } else {
            Stage::for_directory(&target.path, temporaries, entropy.as_ref())?
        };
        stage.keep(target.existing);
        let mut files = Files::new(stage, target.is_single, target.strips_top);
        files.prepare(&manifest)?;
        Ok((files, target))
    };
    Ok(owner.workers().run(job).await??)
}

/// Notes in the library what is about to get the final name of a queued download.
async fn note_placed(
    owner: &Owner,
    output: Output,
    transfer: u64,
    operation: &Operation,
) -> Result<Output, DownloadError> {
    let Output::Files(files) = output else { return Ok(output) };
    let counts = operation.counts();
    let library = owner.library().clone();
    let note = move || -> Result<Output, DownloadError> {
        library.transfer_progress(transfer, counts)?;
        library.transfer_placed(transfer, files.identity()?)?;
        Ok(Output::Files(files))
    };
    owner.workers().run(note).await?
}

fn finish(output: Output) -> Result<(), StageError> {
    match output {
        Output::Files(files) => files.into_stage().finish(),
        Output::Memory(_) => Ok(()),
    }
}

fn files_with_content(manifest: &Manifest) -> Vec<usize> {
    let has_content = |(_, entry): &(usize, &ManifestEntry)| matches!(&entry.content, ManifestContent::File { size_bytes, .. } if *size_bytes > 0);
    manifest.entries.iter().enumerate().filter(has_content).map(|(position, _)| position).collect()
}

fn files_of(manifest: &Manifest) -> impl Iterator<Item = (&ManifestEntry, u64)> {
    manifest.entries.iter().filter_map(|entry| match entry.content {
        ManifestContent::File { size_bytes, .. } => Some((entry, size_bytes)),
        ManifestContent::Directory | ManifestContent::Symlink { .. } => None,
    })
}

fn got_files(manifest: &Manifest, target: &Target, range: Option<&Range<u64>>) -> Vec<GotFile> {
    let got = |(entry, size_bytes): (&ManifestEntry, u64)| {
        let below = match (target.strips_top, entry.path.as_str().split_once('/')) {
            (true, Some((_, below))) => target.path.join(below),
            (true, None) => target.path.clone(),
            (false, _) => target.path.join(entry.path.as_str()),
        };
        GotFile {
            name: format!("/{}", entry.path),
            path: below.to_string_lossy().into_owned(),
            size: range.map_or(size_bytes, |range| range.end - range.start),
        }
    };
    files_of(manifest).map(got).collect()
}
