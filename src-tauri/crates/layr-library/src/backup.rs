//! A copy of the library beside it, for the day on which the database is damaged.

use std::path::{Path, PathBuf};

use crate::error::StoreError;
use crate::library::Library;
use crate::open::{draft_of, make_private, publish};

/// The copy could not be made. The one before is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The file system refused.
    #[error("cannot write the library's backup {}", path.display())]
    Io {
        /// The copy.
        path: PathBuf,
        /// What it said.
        #[source]
        source: std::io::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Library {
    /// Writes a compact copy of the library to `to`, replacing an older one only when it is whole. Reading and writing
    /// go on meanwhile. Put at [`Library::backup_path`], it is what a damaged library is replaced with.
    pub fn backup(&self, to: &Path) -> Result<(), BackupError> {
        let io = |source| BackupError::Io { path: to.to_owned(), source };
        let draft = draft_of(to);
        make_private(&draft).map_err(io)?;
        let text = draft.to_str().ok_or_else(|| io(std::io::ErrorKind::InvalidFilename.into()))?;
        let copied =
            self.outside_transactions(|connection| connection.execute("VACUUM INTO ?1", [text]).map(drop));
        if let Err(error) = copied.map_err(BackupError::from).and_then(|()| publish(&draft, to).map_err(io)) {
            // The first error is the one to report.
            let _ = std::fs::remove_file(&draft);
            return Err(error);
        }
        Ok(())
    }
}
