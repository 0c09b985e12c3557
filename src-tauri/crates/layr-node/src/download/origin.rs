//! Where a manifest comes from: the library's own, a `.layr` file, or a `layr://` link.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

use layr_keys::{Links, open_regular};
use layr_library::{
    EntryKind, LayrFileError, Library, LibraryPath, ListOptions, ListRow, MAX_LAYR_BYTES, MAX_PAGE_ROWS,
    Manifest, ManifestKeys, NameError, VersionNumber, is_link, read_layr, read_link,
};
use zeroize::Zeroizing;

use super::DownloadError;
use crate::owner::Owner;
use crate::workers::WorkerLost;

/// Ending of files that hold a manifest.
const LAYR_ENDING: &str = "layr";

/// Who made a manifest, as far as it matters for what it may touch here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The library: its names are the person's own.
    Library,
    /// A file or link: its names are somebody's choice.
    Elsewhere,
}

/// The manifest of what a person calls `name`: a path or id in the library, a `.layr` file, or a `layr://` link.
pub(crate) async fn manifest_of(
    owner: &Owner,
    name: &str,
    version: Option<u64>,
) -> Result<Manifest, DownloadError> {
    Ok(find(owner, name, version).await?.0)
}

/// As [`manifest_of`], with where it comes from.
pub(super) async fn find(
    owner: &Owner,
    name: &str,
    version: Option<u64>,
) -> Result<(Manifest, Origin), DownloadError> {
    if is_link(name) {
        return Ok((unexpired(owner, read_link(name)?)?, Origin::Elsewhere));
    }
    let path = PathBuf::from(name);
    let looks_like_file = path.extension() == Some(OsStr::new(LAYR_ENDING)) && path.is_absolute();
    let (context, wanted, now_unix_s) = (owner.clone(), name.to_owned(), owner.now_unix_s());
    let version = version.map(VersionNumber);
    let make = move |library: &Library| {
        library_manifest(library, &wanted, version, context.manifest_keys(), now_unix_s)
    };
    match owner.library_job(make).await? {
        // The library's own entries win: a stored file may be called so too.
        Err(DownloadError::Name(NameError::NotFound { .. })) if looks_like_file => {
            Ok((unexpired(owner, read_layr_file(owner, path).await?)?, Origin::Elsewhere))
        }
        outcome => Ok((outcome?, Origin::Library)),
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

/// The manifest of what the library calls `name`. Refused when it has something of a share that ended, as a part of what was
/// asked for would pass for all of it.
pub(crate) fn library_manifest(
    library: &Library,
    name: &str,
    version: Option<VersionNumber>,
    keys: ManifestKeys<'_>,
    now_unix_s: u64,
) -> Result<Manifest, DownloadError> {
    let row = library.resolve(name)?;
    let manifest = library.manifest(row.file, version, keys, now_unix_s)?;
    if manifest.is_expired(now_unix_s) {
        return Err(DownloadError::Ended { path: first_ended(library, row, now_unix_s)? });
    }
    Ok(manifest)
}

/// The first path at or below `row` whose share ended.
fn first_ended(library: &Library, row: ListRow, now_unix_s: u64) -> Result<LibraryPath, NameError> {
    if row.kind != EntryKind::Directory {
        return Ok(row.path);
    }
    let options = ListOptions { is_recursive: true, with_versions: false };
    let mut after = None;
    loop {
        let page = library.ls(&row.path, options, after.as_ref(), MAX_PAGE_ROWS)?;
        let has_ended = |row: &ListRow| row.expires_unix_s.is_some_and(|end| end <= now_unix_s);
        if let Some(ended) = page.rows.into_iter().find(has_ended) {
            return Ok(ended.path);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(row.path),
        }
    }
}

/// Reads a `.layr` file.
pub(crate) async fn read_layr_file(owner: &Owner, path: PathBuf) -> Result<Manifest, DownloadError> {
    let (context, shown) = (owner.clone(), shown(&path));
    // Not a worker: a disk that hangs would keep its place, and there are as many as processors.
    let bytes = crate::threads::spawn_blocking(move || layr_bytes(&path)).await;
    let bytes = bytes.map_err(|source| WorkerLost { reason: source.to_string() })??;
    let read = move || read_layr(&bytes, Some(context.library_key()));
    let unusable = |source| DownloadError::LayrFile { path: shown, source };
    owner.workers().run(read).await?.map_err(unusable)
}

fn layr_bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>, DownloadError> {
    let failed = |source: std::io::Error| DownloadError::LocalFile { path: shown(path), source };
    let (file, metadata) = open_regular(path, Links::Follow).map_err(failed)?;
    let len_bytes = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if len_bytes > MAX_LAYR_BYTES {
        let source = LayrFileError::TooLong { len_bytes };
        return Err(DownloadError::LayrFile { path: shown(path), source });
    }
    // Room for all of it, as a buffer that grows leaves copies of keys behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(len_bytes + 1));
    file.take(MAX_LAYR_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
