//! How much a library holds, in all.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::{StoreError, unsigned};
use crate::library::Library;

/// How much the library holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files and links.
    pub files: u64,
    /// Bytes of their current versions.
    pub bytes: u64,
    /// Entries deleted and not yet purged; a directory counts as one.
    pub trashed: u64,
    /// Segments that are not safe yet.
    pub unsafe_segments: u64,
    /// Safe segments of ours and imported ones that have fewer healthy shards than they need.
    pub lost_segments: u64,
}

/// What was counted last, and after how many changes.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    changes: AtomicU64,
    kept: Mutex<Option<(u64, Summary)>>,
}

impl Counted {
    /// The library has changed: called after the commit, before whoever made it hears of it.
    pub(crate) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// Changes so far. Read before counting, so that what was counted is never taken for newer than it is.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    fn at(&self, changes: u64) -> Option<Summary> {
        let kept = *self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.filter(|(counted_at, _)| *counted_at == changes).map(|(_, summary)| summary)
    }

    fn keep(&self, changes: u64, summary: Summary) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((changes, summary));
    }
}

impl Library {
    /// How much the library holds. Counted once after each change: counting reads every version, and a window that shows
    /// the sum asks for it all day.
    pub fn summary(&self) -> Result<Summary, StoreError> {
        // Another process may write where this one cannot, so that only a writer knows what is still true.
        let changes = (!self.is_read_only()).then(|| self.inner.counted.changes());
        if let Some(kept) = changes.and_then(|changes| self.inner.counted.at(changes)) {
            return Ok(kept);
        }
        let summary = self.count()?;
        if let Some(changes) = changes {
            self.inner.counted.keep(changes, summary);
        }
        Ok(summary)
    }

    fn count(&self) -> Result<Summary, StoreError> {
        self.read(|connection| {
            let counts = connection
                .prepare_cached(
                    "WITH RECURSIVE trashed(id) AS (
                        SELECT entry FROM trash UNION ALL
                        SELECT e.id FROM entry e JOIN trashed ON e.parent = trashed.id
                     )
                     SELECT
                        (SELECT count(*) FROM version WHERE superseded_s IS NULL)
                            - (SELECT count(*) FROM version JOIN trashed ON entry = trashed.id
                               WHERE superseded_s IS NULL),
                        (SELECT coalesce(sum(size_bytes), 0) FROM version WHERE superseded_s IS NULL)
                            - (SELECT coalesce(sum(size_bytes), 0) FROM version JOIN trashed ON entry = trashed.id
                               WHERE superseded_s IS NULL),
                        (SELECT count(*) FROM trash),
                        (SELECT count(*) FROM segment WHERE state = 0),
                        (SELECT count(*) FROM segment WHERE state > 0 AND alive < k)",
                )?
                .query_row([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?]))?;
            let [files, bytes, trashed, unsafe_segments, lost_segments] = counts.map(unsigned);
            Ok(Summary {
                files: files?,
                bytes: bytes?,
                trashed: trashed?,
                unsafe_segments: unsafe_segments?,
                lost_segments: lost_segments?,
            })
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use layr_keys::OwnerId;

    use super::*;
    use crate::entropy::Entropy;

    #[test]
    fn it_is_counted_anew_after_a_change_and_only_then() {
        let dir = tempfile::tempdir().unwrap();
        let library = Library::create(
            &dir.path().join(Library::FILE_NAME),
            OwnerId::from_bytes([1; 32]),
            Entropy::system(),
            1,
        )
        .unwrap();
        assert_eq!(library.summary().unwrap(), Summary::default());
        // What was counted is believed while nothing changes …
        let known = Summary { files: 7, ..Summary::default() };
        library.inner.counted.keep(library.inner.counted.changes(), known);
        assert_eq!(library.summary().unwrap(), known);
        // … and forgotten with the next change, whatever it was.
        library.tick(2).unwrap();
        assert_eq!(library.summary().unwrap(), known, "a look at the clock changes nothing");
        library.pause_transfers(None).unwrap();
        assert_eq!(library.summary().unwrap(), Summary::default());
    }
}
