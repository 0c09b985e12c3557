//! What the library is told of a local file.

use std::path::Path;

use layr_library::{LibraryPath, NewContent, NewVersion, SourceFile, SourceStamp};

use super::super::scan::FoundFile;
use crate::look::Look;

pub(super) fn new_version(found: &FoundFile, content: NewContent, read_from_ns: i64) -> NewVersion {
    let stamp = stamp(&found.look);
    let source =
        stamp.is_settled(read_from_ns).then(|| SourceFile { local_path: path_bytes(&found.local), stamp });
    NewVersion { source, ..entry(found.library.clone(), content, found.look.mtime_ns, Some(found.look.mode)) }
}

pub(super) fn entry(path: LibraryPath, content: NewContent, mtime_ns: i64, mode: Option<u32>) -> NewVersion {
    NewVersion { path, content, mtime_ns, mode, source: None }
}

pub(super) fn stamp(look: &Look) -> SourceStamp {
    SourceStamp {
        size_bytes: look.size_bytes,
        mtime_ns: look.mtime_ns,
        ctime_ns: look.ctime_ns,
        inode: look.inode,
        device: look.device,
    }
}

pub(super) fn path_bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_encoded_bytes().to_vec()
}
