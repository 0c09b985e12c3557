//! The clipboard of tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use zeroize::Zeroizing;

use super::Clipboard;

/// A clipboard that many programs write to. Used by tests only.
#[derive(Clone, Default)]
pub(crate) struct FakeClipboard {
    pub(crate) text: Arc<Mutex<Option<String>>>,
    pub(crate) is_broken: bool,
    /// While somebody holds it the clipboard does not get emptied.
    pub(crate) slow: Arc<Mutex<()>>,
    /// How often somebody began to empty it.
    pub(crate) clears: Arc<AtomicUsize>,
}

impl Clipboard for FakeClipboard {
    fn write_secret(&self, text: &str) -> Result<(), String> {
        if self.is_broken {
            return Err("there is none".to_owned());
        }
        *self.text.lock() = Some(text.to_owned());
        Ok(())
    }

    fn text(&self) -> Option<Zeroizing<String>> {
        self.text.lock().clone().map(Zeroizing::new)
    }

    fn clear(&self) -> Result<(), String> {
        self.clears.fetch_add(1, Ordering::Relaxed);
        let _slow = self.slow.lock();
        *self.text.lock() = None;
        Ok(())
    }
}
