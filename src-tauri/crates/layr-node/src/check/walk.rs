//! The way through what is to be checked, some segments at a time.

use std::collections::{BTreeSet, VecDeque};

use layr_codec::SegmentId;
use layr_library::{EntryKind, FileId, Library, LibraryPath, ListOptions, NameError, SegmentRecord};

/// Rows and segments asked of the library at a time.
const PAGE: usize = 500;
/// Segments of one step: enough to keep all checks busy, and few, as each may have 255 shards.
const SEGMENTS_AT_ONCE: usize = 64;

/// Where a walk is. Of all that lies ahead and behind it knows only the ids.
#[derive(Debug)]
pub(crate) struct Walk {
    files: VecDeque<FileId>,
    /// The last segment of the first file that was given out.
    after: Option<u64>,
    /// Files may have segments in common. What somebody else shared may bear an id of ours, and is something else.
    seen: BTreeSet<(SegmentId, bool)>,
}

impl Walk {
    /// A walk through everything named; through the whole library if nothing is.
    ///
    /// # Errors
    /// [`NameError`].
    pub(crate) fn new(library: &Library, names: &[String]) -> Result<Self, NameError> {
        let mut files = BTreeSet::new();
        if names.is_empty() {
            files_below(library, &LibraryPath::root(), &mut files)?;
        }
        for name in names {
            let row = library.resolve(name)?;
            match row.kind {
                EntryKind::Directory => files_below(library, &row.path, &mut files)?,
                EntryKind::File | EntryKind::Symlink => drop(files.insert(row.file)),
            }
        }
        Ok(Self { files: files.into_iter().collect(), after: None, seen: BTreeSet::new() })
    }

    /// The next segments, each once in the whole walk; none when it is over. A file that is gone meanwhile has none.
    ///
    /// # Errors
    /// [`NameError::Store`].
    pub(crate) fn next(&mut self, library: &Library) -> Result<Vec<SegmentRecord>, NameError> {
        let mut segments = Vec::new();
        while segments.len() < SEGMENTS_AT_ONCE
            && let Some(file) = self.files.front()
        {
            let page = match library.segments(*file, None, self.after, SEGMENTS_AT_ONCE) {
                Err(NameError::NotFound { .. } | NameError::NoSuchVersion { .. }) => Vec::new(),
                page => page?,
            };
            self.after = page.last().map(|last| last.cursor);
            if page.is_empty() {
                self.files.pop_front();
            }
            segments
                .extend(page.into_iter().filter(|segment| self.seen.insert((segment.id, segment.is_ours))));
        }
        Ok(segments)
    }
}

fn files_below(library: &Library, dir: &LibraryPath, files: &mut BTreeSet<FileId>) -> Result<(), NameError> {
    let options = ListOptions { is_recursive: true, with_versions: false };
    let mut after = None;
    loop {
        let page = library.ls(dir, options, after.as_ref(), PAGE)?;
        files.extend(page.rows.iter().filter(|row| row.kind == EntryKind::File).map(|row| row.file));
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}
