//! What the window remembers of a home, in `HOME/desktop.json`. Losing it costs a reminder and some taste, never data.

use std::fs::File;
use std::io::Read;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use layr_node::error::NodeError;
use layr_node::home::{Home, replace_file};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::task::block_in_place;

/// How large the page may be shown, in percent: up to what WCAG 2.2 (1.4.4) asks for. At more a small window shows no row.
pub(crate) const ZOOMS: RangeInclusive<u16> = 100..=200;
/// Longest file in bytes; what is longer was not written by Layr.
const MAX_BYTES: u64 = 64 * 1024;

/// The content of the file. What an older version did not know has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Remembered {
    /// Whether the person has shown that the words of this identity are written down.
    pub(crate) phrase_confirmed: bool,
    /// Whether this identity was brought back from its words here.
    pub(crate) restored: bool,
    /// Whether closing the window keeps the node running.
    pub(crate) close_to_tray: bool,
    /// Whether the person has decided that; before, closing asks.
    pub(crate) close_decided: bool,
    /// Whether the desktop shows what happens.
    pub(crate) notifications: bool,
    /// Highest number among the entries of the activity that the desktop need not show any more.
    pub(crate) told_activity: u64,
    /// How the page looks.
    pub(crate) theme: Theme,
    /// How large it is shown, in percent; one of [`ZOOMS`].
    pub(crate) zoom_percent: u16,
    /// Whether a character alone may be a shortcut. WCAG 2.2 (2.1.4) asks that it can be turned off, as speech input types.
    pub(crate) single_key_shortcuts: bool,
}

impl Default for Remembered {
    fn default() -> Self {
        Self {
            phrase_confirmed: false,
            restored: false,
            close_to_tray: true,
            close_decided: false,
            notifications: true,
            told_activity: 0,
            theme: Theme::System,
            zoom_percent: *ZOOMS.start(),
            single_key_shortcuts: true,
        }
    }
}

/// How the page looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Theme {
    /// As the desktop does.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
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

    /// Changes what is remembered; the file is replaced whole. The disk may be busy with an upload, and the node's tasks do not
    /// wait for it on this thread.
    ///
    /// # Errors
    /// What the disk says.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Remembered)) -> Result<(), NodeError> {
        block_in_place(|| {
            let _changing = self.changing.lock();
            let mut remembered = self.read();
            change(&mut remembered);
            let text = serde_json::to_vec(&remembered)
                .map_err(|error| NodeError::new(layr_node::error::ErrorCode::Internal, error.to_string()))?;
            Ok(replace_file(&self.path, &text)?)
        })
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
        memory.change(|remembered| remembered.theme = Theme::Dark).unwrap();
        memory.change(|remembered| remembered.phrase_confirmed = true).unwrap();
        assert_eq!(memory.read().theme, Theme::Dark);
        assert!(Memory::new(&Home::new(dir.path())).read().phrase_confirmed);
        std::fs::write(dir.path().join("desktop.json"), b"{\"phrase_confirmed\": 7}").unwrap();
        assert_eq!(memory.read(), Remembered::default());
    }

    #[test]
    fn what_an_older_version_wrote_gets_the_new_defaults() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("desktop.json"), b"{\"phrase_confirmed\":true}").unwrap();
        let remembered = Memory::new(&Home::new(dir.path())).read();
        assert_eq!(remembered, Remembered { phrase_confirmed: true, ..Remembered::default() });
        assert!(remembered.close_to_tray && !remembered.close_decided && remembered.notifications);
        assert!(remembered.single_key_shortcuts);
    }
}
