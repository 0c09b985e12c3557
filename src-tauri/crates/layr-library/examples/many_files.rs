//! Puts very many empty files into the library of a home whose node does not run, for tests and measurements of what
//! shows them. Arguments: the library's file, and how many.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "it stops at the first surprise")]

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use layr_library::{Entropy, Library, NewContent, NewVersion};

/// Files a transaction.
const BATCH: u64 = 1000;

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let path = PathBuf::from(arguments.next().expect("the library's file"));
    let count: u64 = arguments.next().and_then(|count| count.to_str()?.parse().ok()).expect("how many");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let owner = Library::open_read_only(&path).unwrap().owner().unwrap().expect("a library of somebody");
    let library = Library::open(&path, owner, Entropy::system(), now).unwrap();
    for first in (0..count).step_by(usize::try_from(BATCH).unwrap()) {
        let files: Vec<_> = (first..count.min(first + BATCH)).map(file).collect();
        library.commit_versions(&files, now).unwrap();
    }
}

/// All in one directory: the longest list that there can be.
fn file(number: u64) -> NewVersion {
    NewVersion {
        path: format!("/pictures/picture {number:06}.jpg").parse().unwrap(),
        content: NewContent::File { size_bytes: 0, chunks: Vec::new() },
        mtime_ns: 0,
        mode: None,
        source: None,
    }
}
