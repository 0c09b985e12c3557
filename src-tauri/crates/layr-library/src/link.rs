//! The `layr://` link that carries all that it shares: a bearer `.layr` file as text, in the fragment.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::layr_file::{LayrFileError, LayrKind, layr_kind, read_layr, write_bearer};
use crate::manifest::Manifest;

/// How every link of Layr begins.
pub const LINK_SCHEME: &str = "layr://";
/// Longest link in bytes: half of the longest argument that Linux hands to a program, which is how a link gets here. It has
/// room for some hundred megabytes in one file; what is larger is better sent as a file, as chats and mail cut long lines.
pub const MAX_LINK_BYTES: usize = 64 * 1024;

/// What the link is, and the version of how it says so. A link that only points to what it shares gets another word.
const FORM: &str = "import/1#";

/// A text that is no link which can be used here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// It begins otherwise.
    #[error("this is not a layr:// link")]
    NotALink,
    /// Of a form that this release does not know.
    #[error("this layr:// link is of an unknown form: install the newer release, or ask for a .layr file")]
    UnknownForm,
    /// Longer than [`MAX_LINK_BYTES`].
    #[error("this layr:// link is {len_bytes} bytes long; the limit is {MAX_LINK_BYTES}")]
    TooLong {
        /// Its length.
        len_bytes: usize,
    },
    /// Not the one text that stands for its content: something was cut off, added or replaced on the way.
    #[error("this layr:// link is damaged; get it again, whole and unchanged")]
    Damaged,
    /// A link opens for whoever has it; what is in this one would not.
    #[error("this layr:// link holds a file that opens only with the recovery phrase that it was made with")]
    Private,
    /// What it carries is no manifest.
    #[error(transparent)]
    File(#[from] LayrFileError),
    /// What shall be shared takes more than [`MAX_LINK_BYTES`].
    #[error("a link to this would be {len_bytes} bytes long; the limit is {MAX_LINK_BYTES}")]
    TooLarge {
        /// The length that it would have.
        len_bytes: usize,
    },
}

/// Whether a text claims to be a link: whatever begins like one is never the name of something else.
pub fn is_link(text: &str) -> bool {
    text.starts_with(LINK_SCHEME)
}

/// The link with which anybody can read exactly what is in the manifest. To be kept like a key.
///
/// # Errors
/// [`LinkError::TooLarge`]; [`LinkError::File`] for a manifest that contradicts itself.
pub fn write_link(manifest: &Manifest) -> Result<Zeroizing<String>, LinkError> {
    let file = write_bearer(manifest)?;
    let head_bytes = LINK_SCHEME.len() + FORM.len();
    let text_bytes = base64::encoded_len(file.len(), false).unwrap_or(usize::MAX);
    let len_bytes = head_bytes.saturating_add(text_bytes);
    if len_bytes > MAX_LINK_BYTES {
        return Err(LinkError::TooLarge { len_bytes });
    }
    // Room for all of it, as a text that grows leaves copies of keys behind.
    let mut link = Zeroizing::new(String::with_capacity(len_bytes));
    link.push_str(LINK_SCHEME);
    link.push_str(FORM);
    URL_SAFE_NO_PAD.encode_string(file.as_slice(), &mut link);
    Ok(link)
}

/// The manifest in a link from anywhere. There is no other link for it: no other alphabet, padding, escapes or white space.
///
/// # Errors
/// [`LinkError`].
pub fn read_link(link: &str) -> Result<Manifest, LinkError> {
    if link.len() > MAX_LINK_BYTES {
        return Err(LinkError::TooLong { len_bytes: link.len() });
    }
    let form = link.strip_prefix(LINK_SCHEME).ok_or(LinkError::NotALink)?;
    let text = form.strip_prefix(FORM).ok_or(LinkError::UnknownForm)?;
    let file = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| LinkError::Damaged)?);
    match layr_kind(&file) {
        Ok(LayrKind::Bearer) => Ok(read_layr(&file, None)?),
        Ok(LayrKind::Private) => Err(LinkError::Private),
        Err(LayrFileError::NotALayrFile | LayrFileError::Damaged) => Err(LinkError::Damaged),
        Err(error) => Err(error.into()),
    }
}
