//! Manifests to carry: `.layr` files and `layr://` links, out of the library and into it.

use std::fmt;
use std::path::{Path, PathBuf};

use layr_keys::atomic::Existing;
pub use layr_library::ManifestDigest;
use layr_library::{
    ImportError, LayrFileError, Library, LibraryKey, LibraryPath, LinkError, Manifest, ManifestContent,
    manifest_digest, read_link, write_bearer, write_link, write_private,
};
pub use layr_library::{MAX_LINK_BYTES, is_link};
use zeroize::Zeroizing;

use crate::api::{ExportRequest, ManifestReport, ShareReport};
use crate::clock::EntropyError;
use crate::download::{DownloadError, manifest_of, read_layr_file};
use crate::error::{ErrorCode, NodeError};
use crate::owner::Owner;
use crate::upload::sentence;
use crate::workers::WorkerLost;

/// Shortest time until a share ends: a link takes a moment to arrive, and two people's clocks differ by seconds.
pub const MIN_SHARE_S: u64 = 60;
/// Longest time until a share ends, ten years: who means more means no end, and says so by naming none.
pub const MAX_SHARE_S: u64 = 10 * 365 * 86_400;

/// Where a manifest comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum ManifestSource {
    /// A `.layr` file, by its absolute path.
    File(PathBuf),
    /// A `layr://` link, which is as good as the keys in it.
    Link(Zeroizing<String>),
}

/// What a manifest would bring.
#[derive(Debug, Clone)]
pub struct ManifestPreview {
    /// For people to look at.
    pub report: ManifestReport,
    /// Of all that is in it, so that nothing else is taken in than what was looked at.
    pub digest: ManifestDigest,
}

impl ManifestSource {
    /// What to call it in a report: the file's path; nothing for a link.
    fn path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Link(_) => Path::new(""),
        }
    }
}

impl fmt::Debug for ManifestSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Link(_) => f.write_str("Link(hidden)"),
        }
    }
}

/// What to call something in a list or a message: a link's own text has keys in it.
pub(crate) fn shown_name(name: &str) -> &str {
    if is_link(name) { "a layr:// link" } else { name }
}

/// Why a manifest could not be written or taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShareError {
    /// It could not be made or read.
    #[error(transparent)]
    Manifest(#[from] DownloadError),
    /// It could not be encoded.
    #[error(transparent)]
    Encode(#[from] LayrFileError),
    /// No link can carry it.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// It could not be taken in.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// It is another than the one that was looked at.
    #[error("it has changed since you looked at it; nothing was imported. Choose it again")]
    Changed,
    /// The end is too near or too far.
    #[error(
        "a share ends after one minute to ten years; without an end it works for as long as the files are stored"
    )]
    BadEnd {
        /// Seconds from now that were asked for.
        expires_in_s: u64,
    },
    /// The target exists: an older export may be the only copy of its keys.
    #[error("{path} exists already")]
    Exists {
        /// The target.
        path: String,
    },
    /// The file could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The target.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// A worker was lost.
    #[error(transparent)]
    Worker(#[from] WorkerLost),
}

impl From<ShareError> for NodeError {
    fn from(error: ShareError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            ShareError::Manifest(error) => error.into(),
            ShareError::Link(LinkError::TooLarge { .. }) => Self::new(
                ErrorCode::InvalidRequest,
                format!("{text} Export it instead: a `.layr` file to hand on may be of any size."),
            ),
            ShareError::Encode(_) | ShareError::Link(_) | ShareError::BadEnd { .. } => {
                Self::new(ErrorCode::InvalidRequest, text)
            }
            ShareError::Import(ImportError::Store(error)) => crate::catalogue::store_error(&error),
            ShareError::Import(ImportError::Name(error)) => crate::catalogue::name_error(error),
            ShareError::Changed
            | ShareError::Import(ImportError::Commit(_) | ImportError::InTheWay { .. }) => {
                Self::new(ErrorCode::Conflict, text)
            }
            ShareError::Import(_) => Self::new(ErrorCode::InvalidManifest, text),
            ShareError::Exists { path } => {
                Self::new(ErrorCode::Conflict, format!("{text} Nothing was replaced; choose another name."))
                    .with("path", path)
            }
            ShareError::Write { path, source } => {
                let code = match source.kind() {
                    std::io::ErrorKind::StorageFull => ErrorCode::DiskFull,
                    std::io::ErrorKind::NotFound => ErrorCode::NotFound,
                    _ => ErrorCode::LocalFile,
                };
                Self::new(code, text).with("path", path)
            }
            ShareError::Entropy(_) | ShareError::Worker(_) => Self::new(ErrorCode::Internal, text),
        }
    }
}

/// Writes a `.layr` file of a file or directory.
///
/// # Errors
/// [`ShareError`]; the target is then not there.
pub async fn export(
    owner: &Owner,
    request: &ExportRequest,
    existing: Existing,
) -> Result<ManifestReport, ShareError> {
    let manifest = manifest_of(owner, &request.name, None).await?;
    let report = report(&manifest, &request.output, "");
    let context = owner.clone();
    let (output, private) = (request.output.clone(), request.private);
    let job = move || -> Result<(), ShareError> {
        let mut nonce = [0_u8; 12];
        context.surroundings().entropy.fill(&mut nonce)?;
        write_layr(&manifest, &output, private.then(|| (context.library_key(), nonce)), existing)
    };
    owner.workers().run(job).await??;
    Ok(report)
}

/// The `layr://` link to a file or directory, which ends in `expires_in_s` seconds if that is given.
///
/// # Errors
/// [`ShareError`]; [`LinkError::TooLarge`] for what only fits into a file.
pub async fn share(owner: &Owner, name: &str, expires_in_s: Option<u64>) -> Result<ShareReport, ShareError> {
    let manifest = manifest_of(owner, name, None).await?;
    link_report(manifest, expires_in_s, owner.now_unix_s())
}

pub(crate) fn link_report(
    mut manifest: Manifest,
    expires_in_s: Option<u64>,
    now_unix_s: u64,
) -> Result<ShareReport, ShareError> {
    if let Some(expires_in_s) = expires_in_s {
        if !(MIN_SHARE_S..=MAX_SHARE_S).contains(&expires_in_s) {
            return Err(ShareError::BadEnd { expires_in_s });
        }
        let end = now_unix_s.saturating_add(expires_in_s);
        // What is in it of somebody else's share ends no later than that one.
        manifest.expires_unix_s = Some(manifest.expires_unix_s.map_or(end, |first| first.min(end)));
    }
    let link = write_link(&manifest)?;
    let ManifestReport { names, size, .. } = report(&manifest, Path::new(""), "");
    let expires = manifest.expires_unix_s.map(crate::catalogue::rfc3339);
    Ok(ShareReport { link: link.to_string(), names, size, expires })
}

/// Takes a manifest into the library, under the names that it carries.
///
/// # Errors
/// [`ShareError`]; the library is then as before.
pub async fn import(
    owner: &Owner,
    source: &ManifestSource,
    previewed: Option<ManifestDigest>,
) -> Result<ManifestReport, ShareError> {
    let manifest = read(owner, source).await?;
    if let Some(digest) = previewed
        && manifest_digest(&manifest)? != digest
    {
        return Err(ShareError::Changed);
    }
    let context = owner.clone();
    let path = source.path().to_owned();
    let now_unix_s = owner.now_unix_s();
    let job = move |library: &Library| -> Result<ManifestReport, ShareError> {
        library.import(&manifest, &LibraryPath::root(), context.manifest_keys(), now_unix_s)?;
        Ok(report(&manifest, &path, "/"))
    };
    owner.library_job(job).await?
}

/// What a manifest would bring; takes nothing in.
///
/// # Errors
/// [`ShareError`].
pub async fn preview(owner: &Owner, source: &ManifestSource) -> Result<ManifestPreview, ShareError> {
    let manifest = read(owner, source).await?;
    Ok(ManifestPreview { report: report(&manifest, source.path(), "/"), digest: manifest_digest(&manifest)? })
}

async fn read(owner: &Owner, source: &ManifestSource) -> Result<Manifest, DownloadError> {
    match source {
        ManifestSource::File(path) => read_layr_file(owner, path.clone()).await,
        ManifestSource::Link(link) => Ok(read_link(link)?),
    }
}

/// Writes a manifest to a new `.layr` file: readable by whoever has it, or sealed under the owner's own key with a nonce that
/// was never used before.
///
/// # Errors
/// [`ShareError`]; the target is then not there.
pub fn write_layr(
    manifest: &Manifest,
    output: &Path,
    seal: Option<(&LibraryKey, [u8; 12])>,
    existing: Existing,
) -> Result<(), ShareError> {
    let bytes = match seal {
        Some((key, nonce)) => write_private(manifest, key, nonce)?,
        None => write_bearer(manifest)?,
    };
    write(output, &bytes, existing)
}

pub(crate) fn report(manifest: &Manifest, path: &Path, prefix: &str) -> ManifestReport {
    let files = manifest.entries.iter().filter(|entry| !matches!(entry.content, ManifestContent::Directory));
    ManifestReport {
        names: files.map(|entry| format!("{prefix}{}", entry.path)).collect(),
        size: manifest.size_bytes(),
        path: path.to_string_lossy().into_owned(),
    }
}

/// Writes keys to a file that only this user can read, whole or not at all.
fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), ShareError> {
    let shown = || path.to_string_lossy().into_owned();
    layr_keys::atomic::write(path, bytes, existing).map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => ShareError::Exists { path: shown() },
        _ => ShareError::Write { path: shown(), source },
    })
}
