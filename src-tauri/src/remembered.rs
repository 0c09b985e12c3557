//! What the window remembers of a home, in `HOME/desktop.json`. Losing it costs a reminder, never data.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use layr_node::error::NodeError;
use layr_node::home::{Home, replace_file};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// Longest file in bytes; what is longer was not written by Layr.
const MAX_BYTES: u64 = 64 * 1024;

/// The content of the file. What an older version did not know has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Remembered {
    /// Whether the person has shown that the words of this identity are written down.
    pub(crate) phrase_confirmed: bool,
    /// Whether this identity was brought back from its words here.
    pub(crate) restored: bool,
}

/// The file of one home.
#[derive(Debug)]
pub(crate) struct Memory {
    path: PathBuf,
    /// One change at a time.
    changing: Mutex<()>,
}

impl Memory {
    pub(crate) fn new(home: &Home) -> Self {
        Self { path: home.dir().join("desktop.json"), changing: Mutex::new(()) }
    }

    /// What is remembered; the defaults where nothing is, or nothing that can be read.
    pub(crate) fn read(&self) -> Remembered {
        let mut text = String::new();
        let read = File::open(&self.path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text));
        match read {
            Ok(_) => serde_json::from_str(&text).unwrap_or_else(|error| {
                tracing::warn!("{} is not readable: {error}", self.path.display());
                Remembered::default()
            }),
            Err(error) => {
                if error.kind() != std::io::ErrorKind::NotFound {
                    tracing::warn!("{} cannot be read: {error}", self.path.display());
                }
                Remembered::default()
            }
        }
    }

    /// Changes what is remembered; the file is replaced whole.
    ///
    /// # Errors
    /// What the disk says.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Remembered)) -> Result<(), NodeError> {
        let _changing = self.changing.lock();
        let mut remembered = self.read();
        change(&mut remembered);
        let text = serde_json::to_vec(&remembered)
            .map_err(|error| NodeError::new(layr_node::error::ErrorCode::Internal, error.to_string()))?;
        Ok(replace_file(&self.path, &text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_changed_is_read_back_and_damage_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let memory = Memory::new(&Home::new(dir.path()));
        assert_eq!(memory.read(), Remembered::default());
        memory.change(|remembered| remembered.phrase_confirmed = true).unwrap();
        assert!(Memory::new(&Home::new(dir.path())).read().phrase_confirmed);
        std::fs::write(dir.path().join("desktop.json"), b"{\"phrase_confirmed\": 7}").unwrap();
        assert_eq!(memory.read(), Remembered::default());
    }
}
