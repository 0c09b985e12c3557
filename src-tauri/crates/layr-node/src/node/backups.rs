//! When the copy of the library that a damaged one is replaced with is made anew.

use std::time::Duration;

use layr_library::{BackupError, Library};
use tokio::time::Instant;

use super::Node;
use crate::catalogue::store_error;
use crate::error::{ErrorCode, NodeError};

/// Least time between two copies. What was stored since the last one is lost with a damaged database, so it is short.
const BACKUP_EVERY: Duration = Duration::from_mins(10);
/// A copy of a large library takes long: this many times as long passes before the next.
const REST_FACTOR: u32 = 100;

/// The last copy of this run.
#[derive(Debug, Default)]
pub(super) struct Backups {
    last: Option<Last>,
}

#[derive(Debug)]
struct Last {
    /// Changes of the library before it was begun; none where it failed.
    changes: Option<u64>,
    ended_at: Instant,
    took: Duration,
}

impl Backups {
    fn is_due(&self, changes: u64, now: Instant) -> bool {
        self.last.as_ref().is_none_or(|last| {
            let rest = BACKUP_EVERY.max(last.took.saturating_mul(REST_FACTOR));
            last.changes != Some(changes) && now.saturating_duration_since(last.ended_at) >= rest
        })
    }
}

impl Node {
    /// Copies the library where it has changed and the last copy is old; at the start in any case, as nobody knows what an
    /// earlier run has left uncopied.
    ///
    /// # Errors
    /// What the disk or the database says. The copy before is as it was.
    pub(super) async fn back_up_when_due(&self, backups: &mut Backups) -> Result<(), NodeError> {
        let changes = self.inner.library.changes();
        let begun_at = Instant::now();
        if !backups.is_due(changes, begun_at) {
            return Ok(());
        }
        let copy = |library: &Library| {
            library.backup(&Library::backup_path(library.path())).map_err(|error| match error {
                BackupError::Store(error) => store_error(&error),
                other => NodeError::new(ErrorCode::LocalFile, format!("{other}.")),
            })
        };
        let copied = self.library(copy).await;
        let ended_at = Instant::now();
        let changes = copied.is_ok().then_some(changes);
        backups.last = Some(Last { changes, ended_at, took: ended_at - begun_at });
        copied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_made_at_the_start_and_then_of_what_has_changed() {
        let start = Instant::now();
        let mut backups = Backups::default();
        assert!(backups.is_due(0, start));
        let after = |backups: &Backups, changes, rest| backups.is_due(changes, start + rest);
        backups.last = Some(Last { changes: Some(7), ended_at: start, took: Duration::from_secs(1) });
        assert!(!after(&backups, 7, BACKUP_EVERY * 100), "nothing has changed");
        assert!(!after(&backups, 8, Duration::from_secs(599)));
        assert!(after(&backups, 8, BACKUP_EVERY));
        backups.last = Some(Last { changes: Some(7), ended_at: start, took: Duration::from_mins(1) });
        assert!(!after(&backups, 8, Duration::from_secs(5999)), "it takes a hundredth of the time at most");
        assert!(after(&backups, 8, Duration::from_mins(100)));
        backups.last = Some(Last { changes: None, ended_at: start, took: Duration::ZERO });
        assert!(after(&backups, 7, BACKUP_EVERY), "the last one failed");
    }
}
