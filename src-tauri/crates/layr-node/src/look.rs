//! What tells one state of a file from another without reading it.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use minicbor::{Decode, Encode};

/// How the system describes a file. Any change of content changes it, and another file of the same name has another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Look {
    /// File system.
    #[n(0)]
    pub device: u64,
    /// File in it.
    #[n(1)]
    pub inode: u64,
    /// Size in bytes.
    #[n(2)]
    pub size_bytes: u64,
    /// Modification time in nanoseconds since 1970.
    #[n(3)]
    pub mtime_ns: i64,
    /// Change time in nanoseconds since 1970; no program can set it.
    #[n(4)]
    pub ctime_ns: i64,
    /// Permission bits.
    #[n(5)]
    pub mode: u32,
}

impl Look {
    /// As the system reports it.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size_bytes: metadata.len(),
            mtime_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            ctime_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            mode: metadata.mode() & 0o7777,
        }
    }

    /// Of the regular file at a path; none for anything else, and where nothing can be seen.
    pub(crate) fn of_file(path: &Path) -> Option<Self> {
        path.symlink_metadata().ok().filter(Metadata::is_file).map(|metadata| Self::of(&metadata))
    }
}

/// Times outside of the years 1677 to 2262 are pressed to the border; they only have to stay different from others.
fn nanoseconds(seconds: i64, nanoseconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}
