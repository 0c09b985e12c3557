//! Names inside a library: absolute paths, paths relative to an exported top, and their parts.

use std::fmt;
use std::str::FromStr;

/// Longest part of a path in bytes: what every common file system can hold, so that a name that goes in also comes
/// out again.
pub const MAX_NAME_BYTES: usize = 255;

/// Longest path in bytes: eight times Linux's `PATH_MAX`, as trees are walked part by part and may be deeper than one
/// system call can name. Bounds what a hostile manifest makes us keep.
pub const MAX_PATH_BYTES: usize = 32 * 1024;

/// Most parts of a path: what walks the tree remembers the way, so this bounds its memory.
pub const MAX_PATH_PARTS: usize = 1024;

/// A text that is no library path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// A part is empty: two slashes in a row, or no name at all.
    #[error("the path has an empty part")]
    EmptyPart,
    /// A part is `.` or `..`; those could lead out of the library.
    #[error("the path contains the part {part:?}, which names no entry")]
    DotPart {
        /// The part.
        part: String,
    },
    /// A part contains a slash where a single name is asked for.
    #[error("a name cannot contain a slash")]
    Slash,
    /// A zero byte, which no file system stores.
    #[error("the path contains a zero byte")]
    ZeroByte,
    /// A part is longer than [`MAX_NAME_BYTES`].
    #[error("a part of the path is {len_bytes} bytes long; the limit is {MAX_NAME_BYTES}")]
    NameTooLong {
        /// Its length.
        len_bytes: usize,
    },
    /// The path has more than [`MAX_PATH_PARTS`] parts.
    #[error("the path is {parts} directories deep; the limit is {MAX_PATH_PARTS}")]
    TooDeep {
        /// Its parts.
        parts: usize,
    },
    /// The path is longer than [`MAX_PATH_BYTES`].
    #[error("the path is {len_bytes} bytes long; the limit is {MAX_PATH_BYTES}")]
    TooLong {
        /// Its length.
        len_bytes: usize,
    },
}

/// Checks one part of a path.
pub(crate) fn check_name(name: &str) -> Result<(), PathError> {
    match name {
        "" => return Err(PathError::EmptyPart),
        "." | ".." => return Err(PathError::DotPart { part: name.to_owned() }),
        _ => {}
    }
    if name.len() > MAX_NAME_BYTES {
        return Err(PathError::NameTooLong { len_bytes: name.len() });
    }
    if name.bytes().any(|byte| byte == 0) {
        return Err(PathError::ZeroByte);
    }
    if name.bytes().any(|byte| byte == b'/') {
        return Err(PathError::Slash);
    }
    Ok(())
}

/// Checks everything but the leading slash.
fn check_parts(relative: &str) -> Result<(), PathError> {
    if relative.len() >= MAX_PATH_BYTES {
        return Err(PathError::TooLong { len_bytes: relative.len().saturating_add(1) });
    }
    relative.split('/').try_for_each(check_name)?;
    check_depth(relative.split('/').count())
}

fn check_depth(parts: usize) -> Result<(), PathError> {
    if parts > MAX_PATH_PARTS { Err(PathError::TooDeep { parts }) } else { Ok(()) }
}

/// Absolute path in a library: `/` for the root, else `/part/part` without a slash at the end.
///
/// Parts are UTF-8 of 1 to [`MAX_NAME_BYTES`] bytes without `/` and zero bytes and are never `.` or `..`. Newlines and
/// bidirectional controls are allowed, since file systems allow them; print [`LibraryPath::escaped`] where one line or
/// an honest reading order matters.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LibraryPath(String);

impl LibraryPath {
    /// The library's top directory.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// Reads what a person wrote: the leading slash may be missing and one may follow.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if matches!(text, "" | "/") {
            return Ok(Self::root());
        }
        let relative = text.strip_prefix('/').unwrap_or(text);
        let relative = relative.strip_suffix('/').unwrap_or(relative);
        check_parts(relative)?;
        Ok(Self(format!("/{relative}")))
    }

    /// The whole path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the top directory.
    pub fn is_root(&self) -> bool {
        self.0.len() == 1
    }

    /// The parts from the top; none for the root.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// The last part; none for the root.
    pub fn name(&self) -> Option<&str> {
        self.components().next_back()
    }

    /// The directory that holds this entry; none for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        match self.0.rsplit_once('/') {
            Some(("", _)) | None => Some(Self::root()),
            Some((parent, _)) => Some(Self(parent.to_owned())),
        }
    }

    /// The entry `name` in this directory.
    pub fn child(&self, name: &str) -> Result<Self, PathError> {
        check_name(name)?;
        let base = if self.is_root() { "" } else { &self.0 };
        Self::whole(format!("{base}/{name}"))
    }

    /// A path below this directory.
    pub fn join(&self, relative: &RelativePath) -> Result<Self, PathError> {
        let base = if self.is_root() { "" } else { &self.0 };
        Self::whole(format!("{base}/{relative}"))
    }

    /// Whether this is `ancestor` or lies below it.
    pub fn is_within(&self, ancestor: &Self) -> bool {
        ancestor.is_root()
            || self.0.strip_prefix(&ancestor.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// One line of plain reading order: controls, newlines and direction marks as escapes.
    pub fn escaped(&self) -> String {
        self.0.escape_debug().to_string()
    }

    fn whole(text: String) -> Result<Self, PathError> {
        if text.len() > MAX_PATH_BYTES {
            return Err(PathError::TooLong { len_bytes: text.len() });
        }
        let path = Self(text);
        check_depth(path.components().count())?;
        Ok(path)
    }
}

impl FromStr for LibraryPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::parse(text)
    }
}

impl fmt::Display for LibraryPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for LibraryPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

/// Path of an entry inside a manifest: at least one part, no slash at either end, the same rules for parts as
/// [`LibraryPath`]. Joined to any directory it stays below it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RelativePath(String);

impl RelativePath {
    /// Checks `text`; nothing is repaired, since this comes from files of strangers.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        check_parts(text)?;
        Ok(Self(text.to_owned()))
    }

    /// The whole path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts from the top, at least one.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// One line of plain reading order: controls, newlines and direction marks as escapes.
    pub fn escaped(&self) -> String {
        self.0.escape_debug().to_string()
    }
}

/// Part by part, so that a directory is followed at once by everything in it.
impl Ord for RelativePath {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.components().cmp(other.components())
    }
}

impl PartialOrd for RelativePath {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for RelativePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_writes_becomes_one_spelling() {
        for text in ["docs/a.pdf", "/docs/a.pdf", "/docs/a.pdf/"] {
            assert_eq!(LibraryPath::parse(text).unwrap().as_str(), "/docs/a.pdf");
        }
        assert!(LibraryPath::parse("").unwrap().is_root());
        assert!(LibraryPath::parse("/").unwrap().is_root());
    }

    #[test]
    fn nothing_leads_out_of_the_library() {
        for text in ["..", "/..", "a/../b", "a/..", "./a", "a//b", "//", "a\0b"] {
            assert!(LibraryPath::parse(text).is_err(), "{text:?}");
            assert!(RelativePath::parse(text).is_err(), "{text:?}");
        }
        for text in ["", "/a", "a/", "/"] {
            assert!(RelativePath::parse(text).is_err(), "{text:?}");
        }
        assert!(LibraryPath::root().child("a/b").is_err());
    }

    #[test]
    fn lengths_are_bounded_exactly() {
        assert!(LibraryPath::parse(&"n".repeat(MAX_NAME_BYTES)).is_ok());
        assert!(LibraryPath::parse(&"n".repeat(MAX_NAME_BYTES + 1)).is_err());
        let longest = format!("{}/", "n".repeat(63)).repeat(MAX_PATH_BYTES / 64 - 1) + &"n".repeat(63);
        assert_eq!(LibraryPath::parse(&longest).unwrap().as_str().len(), MAX_PATH_BYTES);
        assert!(LibraryPath::parse(&(longest + "n")).is_err());
        let deepest = "a/".repeat(MAX_PATH_PARTS - 1) + "a";
        let deepest = LibraryPath::parse(&deepest).unwrap();
        assert!(matches!(deepest.child("a"), Err(PathError::TooDeep { .. })));
    }

    #[test]
    fn parents_names_and_containment() {
        let path = LibraryPath::parse("/a/b").unwrap();
        assert_eq!(path.name(), Some("b"));
        assert_eq!(path.parent().unwrap().as_str(), "/a");
        assert!(path.parent().unwrap().parent().unwrap().is_root());
        assert_eq!(LibraryPath::root().parent(), None);
        assert!(path.is_within(&LibraryPath::parse("/a").unwrap()));
        assert!(!LibraryPath::parse("/ab").unwrap().is_within(&LibraryPath::parse("/a").unwrap()));
    }

    #[test]
    fn a_name_that_lies_about_its_order_is_shown_escaped() {
        let path = LibraryPath::parse("/a\n\u{202e}fdp.exe").unwrap();
        assert_eq!(path.escaped(), "/a\\n\\u{202e}fdp.exe");
    }

    #[test]
    fn a_directory_is_followed_by_what_is_in_it() {
        let mut paths: Vec<_> =
            ["a-b", "a/z", "a"].into_iter().map(|text| RelativePath::parse(text).unwrap()).collect();
        paths.sort();
        let paths: Vec<_> = paths.iter().map(RelativePath::as_str).collect();
        assert_eq!(paths, ["a", "a/z", "a-b"]);
    }
}
