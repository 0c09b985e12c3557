//! The `.layr` file: a manifest to carry to another machine or to somebody else.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::manifest::{LibraryKey, MAX_MANIFEST_BYTES, Manifest, ManifestError};
use crate::seal::{LABEL_FILE, NONCE_BYTES, Seal, TAG_BYTES};

/// First bytes of every `.layr` file.
pub const LAYR_MAGIC: [u8; 4] = *b"LAYR";
/// The format that this program writes and the newest that it reads.
pub const LAYR_VERSION: u16 = 1;

const HEADER_BYTES: usize = 7;
const CHECKSUM_BYTES: usize = 32;

/// Longest `.layr` file: a reader need not take more from a stranger.
pub const MAX_LAYR_BYTES: usize =
    HEADER_BYTES + NONCE_BYTES + MAX_MANIFEST_BYTES + TAG_BYTES + CHECKSUM_BYTES;

/// Who can open a `.layr` file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayrKind {
    /// Whoever has the file can read exactly the files it names.
    Bearer,
    /// Only a node with the same recovery phrase.
    Private,
}

impl LayrKind {
    fn to_byte(self) -> u8 {
        match self {
            Self::Bearer => 0,
            Self::Private => 1,
        }
    }
}

/// Bytes that are no `.layr` file that can be opened here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayrFileError {
    /// Something else.
    #[error("this is not a .layr file")]
    NotALayrFile,
    /// Written by a later release.
    #[error("this .layr file has format {found}; this Layr knows {LAYR_VERSION}: install the newer release")]
    NewerFormat {
        /// Its format.
        found: u16,
    },
    /// Of a kind that this release does not know.
    #[error("this .layr file is of an unknown kind ({found}): install the newer release")]
    UnknownKind {
        /// The byte found.
        found: u8,
    },
    /// Cut off or altered on the way.
    #[error("this .layr file is damaged: its checksum is wrong; get it again")]
    Damaged,
    /// Sealed for another recovery phrase, or no phrase is at hand.
    #[error("this .layr file opens only with the recovery phrase that it was made with")]
    WrongKey,
    /// Longer than [`MAX_LAYR_BYTES`].
    #[error("this .layr file is {len_bytes} bytes long; the limit is {MAX_LAYR_BYTES}")]
    TooLong {
        /// Its length.
        len_bytes: usize,
    },
    /// What is in it is no manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

fn frame(kind: LayrKind, body: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut file = Zeroizing::new(Vec::with_capacity(HEADER_BYTES + body.len() + CHECKSUM_BYTES));
    file.extend_from_slice(&header(kind));
    file.extend_from_slice(body);
    let checksum = Sha256::digest(file.as_slice());
    file.extend_from_slice(&checksum);
    file
}

fn header(kind: LayrKind) -> [u8; HEADER_BYTES] {
    let [a, b, c, d] = LAYR_MAGIC;
    let [high, low] = LAYR_VERSION.to_be_bytes();
    [a, b, c, d, high, low, kind.to_byte()]
}

/// SHA-256 of all that is in a manifest: two with the same digest name the same files with the same keys.
pub type ManifestDigest = [u8; 32];

/// The digest of a manifest.
///
/// # Errors
/// As for [`write_bearer`].
pub fn manifest_digest(manifest: &Manifest) -> Result<ManifestDigest, LayrFileError> {
    Ok(Sha256::digest(&*write_bearer(manifest)?).into())
}

/// A file with which anybody can read exactly what is in the manifest. To be kept like a key.
pub fn write_bearer(manifest: &Manifest) -> Result<Zeroizing<Vec<u8>>, LayrFileError> {
    Ok(frame(LayrKind::Bearer, &manifest.encode()?))
}

/// A file that opens only with the same library key. `nonce` must be random.
pub fn write_private(
    manifest: &Manifest,
    library_key: &LibraryKey,
    nonce: [u8; NONCE_BYTES],
) -> Result<Zeroizing<Vec<u8>>, LayrFileError> {
    let plaintext = manifest.encode()?;
    let sealed = Seal::new(library_key, LABEL_FILE)
        .and_then(|seal| seal.seal(nonce, &header(LayrKind::Private), &plaintext))
        .map_err(|_| ManifestError::TooLong { len_bytes: plaintext.len() })?;
    Ok(frame(LayrKind::Private, &sealed))
}

/// Takes a file apart: who can open it, and its body.
fn parts(file: &[u8]) -> Result<(LayrKind, &[u8]), LayrFileError> {
    if file.len() > MAX_LAYR_BYTES {
        return Err(LayrFileError::TooLong { len_bytes: file.len() });
    }
    let rest = file.strip_prefix(&LAYR_MAGIC).ok_or(LayrFileError::NotALayrFile)?;
    let (version, rest) = rest.split_first_chunk().ok_or(LayrFileError::Damaged)?;
    let found = u16::from_be_bytes(*version);
    if found != LAYR_VERSION {
        return Err(LayrFileError::NewerFormat { found });
    }
    let (kind, rest) = rest.split_first().ok_or(LayrFileError::Damaged)?;
    let (body, checksum) = rest.split_last_chunk::<CHECKSUM_BYTES>().ok_or(LayrFileError::Damaged)?;
    let (covered, _) = file.split_at(file.len().saturating_sub(CHECKSUM_BYTES));
    if Sha256::digest(covered).as_slice() != checksum {
        return Err(LayrFileError::Damaged);
    }
    match kind {
        0 => Ok((LayrKind::Bearer, body)),
        1 => Ok((LayrKind::Private, body)),
        &found => Err(LayrFileError::UnknownKind { found }),
    }
}

/// Who can open this file.
pub fn layr_kind(file: &[u8]) -> Result<LayrKind, LayrFileError> {
    parts(file).map(|(kind, _)| kind)
}

/// Opens a `.layr` file from anywhere. `library_key` is needed for private ones.
pub fn read_layr(file: &[u8], library_key: Option<&LibraryKey>) -> Result<Manifest, LayrFileError> {
    match parts(file)? {
        (LayrKind::Bearer, body) => Ok(Manifest::decode(body)?),
        (LayrKind::Private, body) => {
            let plaintext = library_key
                .ok_or(LayrFileError::WrongKey)
                .and_then(|key| Seal::new(key, LABEL_FILE).map_err(|_| LayrFileError::WrongKey))?
                .open(&header(LayrKind::Private), body)
                .map_err(|_| LayrFileError::WrongKey)?;
            Ok(Manifest::decode(&plaintext)?)
        }
    }
}
