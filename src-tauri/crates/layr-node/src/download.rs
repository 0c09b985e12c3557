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
mod output;
mod plan;
mod source;
mod stage;
mod transfer;

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use layr_library::{
    LayrFileError, MAX_LAYR_BYTES, Manifest, ManifestContent, ManifestEntry, NameError, VersionNumber,
    is_link, read_layr, read_link,
};
use rustix::fs::OFlags;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

pub use self::error::DownloadError;
use self::output::{Files, Output};
use self::stage::Stage;
pub use self::stage::StageError;
pub(crate) use self::stage::identity;
use self::transfer::Transfer;
use crate::api::{GetReport, GetRequest, GotFile};
use crate::operation::Operation;
use crate::owner::Owner;
use crate::share::shown_name;

/// Ending of files that hold a manifest.
const LAYR_ENDING: &str = "layr";

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

/// As [`get`], for a transfer of the queue: the target must be new, and what is about to get its name is noted in the
/// library before it does, so that a repeat after a crash knows its own work.
///
/// # Errors
/// [`DownloadError`]; the target path is then as it was.
pub(crate) async fn get_fresh(
    owner: &Owner,
    request: &GetRequest,
    transfer: u64,
    operation: &Operation,
) -> Result<GetReport, DownloadError> {
    get_into(owner, request, Some(transfer), operation).await
}

async fn get_into(
    owner: &Owner,
    request: &GetRequest,
    queued: Option<u64>,
    operation: &Operation,
) -> Result<GetReport, DownloadError> {
    let began = Instant::now();
    operation.stage("scanning");
    let manifest = Arc::new(manifest_of(owner, &request.name, request.version).await?);
    let range = match request.range {
        Some((first, last)) => Some(check_range(&manifest, &request.name, first, last)?),
        None => None,
    };
    let mut target = Target::choose(&manifest, &request.name, &request.output);
    if queued.is_some() {
        target.path.clone_from(&request.output);
        target.must_be_new = true;
    }
    let (total_files, size_bytes) = (files_of(&manifest).count() as u64, manifest.size_bytes());
    operation.update(|progress| {
        progress.total_files = total_files;
        progress.total_bytes = range.as_ref().map_or(size_bytes, |range| range.end - range.start);
    });
    operation.stage("receiving");
    let prepared = prepare(owner, Arc::clone(&manifest), target.clone()).await?;
    let entries = files_with_content(&manifest);
    let transfer = Transfer::new(owner, Arc::clone(&manifest), operation, None);
    let output = transfer.run(entries, range.clone(), Output::Files(Box::new(prepared))).await?;
    if operation.cancel().is_cancelled() {
        return Err(DownloadError::Interrupted);
    }
    operation.stage("finishing");
    let output = match queued {
        Some(id) => note_placed(owner, output, id, operation).await?,
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

/// The manifest of what a person calls `name`: a path or id in the library, a `.layr` file, or a `layr://` link.
pub(crate) async fn manifest_of(
    owner: &Owner,
    name: &str,
    version: Option<u64>,
) -> Result<Manifest, DownloadError> {
    if is_link(name) {
        return unexpired(owner, read_link(name)?);
    }
    let path = PathBuf::from(name);
    let looks_like_file = path.extension() == Some(OsStr::new(LAYR_ENDING)) && path.is_absolute();
    let in_library = library_manifest(owner, name, version).await;
    match in_library {
        // The library's own entries win: a stored file may be called so too.
        Err(DownloadError::Name(NameError::NotFound { .. })) if looks_like_file => {
            unexpired(owner, read_layr_file(owner, path).await?)
        }
        outcome => outcome,
    }
}

fn unexpired(owner: &Owner, manifest: Manifest) -> Result<Manifest, DownloadError> {
    match manifest.expires_unix_s {
        Some(expires_unix_s) if manifest.is_expired(owner.now_unix_s()) => {
            Err(DownloadError::Expired { expires_unix_s })
        }
        _ => Ok(manifest),
    }
}

async fn library_manifest(
    owner: &Owner,
    name: &str,
    version: Option<u64>,
) -> Result<Manifest, DownloadError> {
    let (context, name, now_unix_s) = (owner.clone(), name.to_owned(), owner.now_unix_s());
    let make = move |library: &layr_library::Library| -> Result<Manifest, DownloadError> {
        let row = library.resolve(&name)?;
        let version = version.map(VersionNumber);
        Ok(library.manifest(row.file, version, context.manifest_keys(), now_unix_s)?)
    };
    owner.library_job(make).await?
}

/// Reads a `.layr` file.
pub(crate) async fn read_layr_file(owner: &Owner, path: PathBuf) -> Result<Manifest, DownloadError> {
    let context = owner.clone();
    let read = move || -> Result<Manifest, DownloadError> {
        let shown = path.to_string_lossy().into_owned();
        let unusable = |source: LayrFileError| DownloadError::LayrFile { path: shown.clone(), source };
        let failed = |source: std::io::Error| DownloadError::LocalFile { path: shown.clone(), source };
        let (file, len_bytes) = open_regular(&path).map_err(failed)?;
        if len_bytes > MAX_LAYR_BYTES {
            return Err(unusable(LayrFileError::TooLong { len_bytes }));
        }
        // Room for all of it, as a buffer that grows leaves copies of keys behind.
        let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(len_bytes + 1));
        file.take(MAX_LAYR_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
        read_layr(&bytes, Some(context.library_key())).map_err(unusable)
    };
    owner.workers().run(read).await?
}

/// Opens a file of somebody's choice without waiting for anybody: a pipe under its name would keep the worker for ever.
fn open_regular(path: &Path) -> std::io::Result<(File, usize)> {
    let no_wait = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = File::options().read(true).custom_flags(no_wait).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    Ok((file, usize::try_from(metadata.len()).unwrap_or(usize::MAX)))
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

/// Where a manifest's entries go.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    path: PathBuf,
    /// Whether it is a single file.
    is_single: bool,
    /// Whether the first part of the entries' paths is the target itself.
    strips_top: bool,
    /// Whether it is refused where something is.
    must_be_new: bool,
}

impl Target {
    /// Like `cp`: into `output` where that is a directory, else as `output`.
    fn choose(manifest: &Manifest, name: &str, output: &Path) -> Self {
        let is_single = single_file(manifest).is_some();
        let tops = manifest.entries.iter().filter_map(|entry| entry.path.components().next());
        let mut tops: Vec<&str> = tops.collect();
        tops.dedup();
        match tops.as_slice() {
            [top] if !name.trim_matches('/').is_empty() => {
                let path = if output.is_dir() { output.join(top) } else { output.to_owned() };
                Self { path, is_single, strips_top: true, must_be_new: false }
            }
            // The top of a library, or a share of several things: all of them go into the directory.
            _ => Self { path: output.to_owned(), is_single: false, strips_top: false, must_be_new: false },
        }
    }
}

async fn prepare(owner: &Owner, manifest: Arc<Manifest>, target: Target) -> Result<Files, DownloadError> {
    let context = owner.clone();
    let job = move || -> Result<Files, StageError> {
        let (temporaries, entropy) = (context.temporaries(), &context.surroundings().entropy);
        if target.must_be_new {
            Stage::check_new(&target.path)?;
        }
        let mut stage = if target.is_single {
            Stage::for_file(&target.path, temporaries, entropy.as_ref())?
        } else {
            Stage::for_directory(&target.path, temporaries, entropy.as_ref())?
        };
        if target.must_be_new {
            stage.replace_nothing();
        }
        let mut files = Files::new(stage, target.is_single, target.strips_top);
        files.prepare(&manifest)?;
        Ok(files)
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
