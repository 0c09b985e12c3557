//! The recovery phrase on the clipboard: for a minute, and no longer than the app lives.
//!
//! What is remembered of the words meanwhile is a digest, by which they are known again: what somebody copied since is
//! theirs and stays.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use layr_node::error::{ErrorCode, NodeError};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Manager, RunEvent, Runtime};
use tauri_plugin_clipboard_manager::ClipboardExt;
use tokio::time::sleep_until;
use zeroize::Zeroizing;

use crate::shell::Shell;

/// How long the words stay: enough to paste them into a password manager.
pub(crate) const KEPT: Duration = Duration::from_mins(1);
/// Longest wait for the clipboard when the app ends: what it holds may belong to a program that does not answer.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// The system's clipboard. Its calls block.
pub(crate) trait Clipboard: Send + Sync {
    /// Puts a secret there, which managers of clipboards shall not remember.
    fn write_secret(&self, text: &str) -> Result<(), String>;
    /// The text there, if it is text.
    fn text(&self) -> Option<Zeroizing<String>>;
    /// Empties it.
    fn clear(&self) -> Result<(), String>;
}

/// The desktop's clipboard.
pub(crate) struct NativeClipboard<R: Runtime>(pub(crate) AppHandle<R>);

impl<R: Runtime> Clipboard for NativeClipboard<R> {
    fn write_secret(&self, text: &str) -> Result<(), String> {
        self.0.clipboard().write_secret(text).map_err(|error| error.to_string())
    }

    fn text(&self) -> Option<Zeroizing<String>> {
        self.0.clipboard().read_text().ok().map(Zeroizing::new)
    }

    fn clear(&self) -> Result<(), String> {
        self.0.clipboard().clear().map_err(|error| error.to_string())
    }
}

/// The words on the clipboard, as long as they are ours to take away.
pub(crate) struct CopiedPhrase {
    clipboard: Box<dyn Clipboard>,
    copied: Mutex<Option<Copied>>,
}

/// Which words, and until when.
struct Copied {
    digest: [u8; 32],
    until: Instant,
}

impl CopiedPhrase {
    pub(crate) fn new(clipboard: Box<dyn Clipboard>) -> Self {
        Self { clipboard, copied: Mutex::new(None) }
    }

    /// Puts the words there, to be taken away [`KEPT`] after `now`. True where nobody waits for that yet.
    ///
    /// # Errors
    /// [`ErrorCode::LocalFile`] where the system has no clipboard.
    pub(crate) fn copy(&self, words: &str, now: Instant) -> Result<bool, NodeError> {
        let mut copied = self.copied.lock();
        self.clipboard.write_secret(words).map_err(|error| {
            let message = format!("The clipboard cannot be used: {error}. Nothing was copied.");
            NodeError::new(ErrorCode::LocalFile, message)
        })?;
        Ok(copied.replace(Copied { digest: digest(words), until: now + KEPT }).is_none())
    }

    /// Takes the words away if their time has come at `now`; until when to wait otherwise.
    pub(crate) fn end_at(&self, now: Instant) -> Option<Instant> {
        let mut copied = self.copied.lock();
        let until = copied.as_ref()?.until;
        if now < until {
            return Some(until);
        }
        self.take_away(copied.take()?);
        None
    }

    /// Takes the words away, whatever the time.
    fn end_now(&self) {
        let copied = self.copied.lock().take();
        if let Some(copied) = copied {
            self.take_away(copied);
        }
    }

    fn take_away(&self, Copied { digest: known, .. }: Copied) {
        if self.clipboard.text().is_none_or(|text| digest(&text) != known) {
            return;
        }
        if let Err(error) = self.clipboard.clear() {
            tracing::warn!("the recovery phrase is still on the clipboard: {error}");
        }
    }
}

fn digest(words: &str) -> [u8; 32] {
    Sha256::digest(words.as_bytes()).into()
}

/// Waits until the words' time has come, which another copy puts off.
pub(crate) async fn take_away_in_time(copied: Arc<CopiedPhrase>) {
    loop {
        let look = Arc::clone(&copied);
        let end = tokio::task::spawn_blocking(move || look.end_at(Instant::now())).await;
        let Ok(Some(until)) = end else { return };
        sleep_until(until.into()).await;
    }
}

/// Takes the words away when the app ends. To be plugged in before the clipboard's own plugin, which gives it up then.
pub(crate) fn guard<R: Runtime>() -> TauriPlugin<R> {
    let builder = tauri::plugin::Builder::new("clipboard-guard").on_event(|app, event| {
        if let (RunEvent::Exit, Some(shell)) = (event, app.try_state::<Shell>()) {
            end_with_the_app(&shell.copied);
        }
    });
    builder.build()
}

/// On a thread of its own: this one may be who has to answer for what the window has put on the clipboard.
fn end_with_the_app(copied: &Arc<CopiedPhrase>) {
    let (copied, (done, ended)) = (Arc::clone(copied), channel());
    std::thread::spawn(move || {
        copied.end_now();
        drop(done.send(()));
    });
    if ended.recv_timeout(LAST_LOOK).is_err() {
        tracing::warn!("the clipboard does not answer; what is on it stays");
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A clipboard that many programs write to.
    #[derive(Clone, Default)]
    pub(crate) struct FakeClipboard {
        pub(crate) text: Arc<Mutex<Option<String>>>,
        pub(crate) is_broken: bool,
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
            *self.text.lock() = None;
            Ok(())
        }
    }

    fn copied() -> (FakeClipboard, CopiedPhrase) {
        let clipboard = FakeClipboard::default();
        (clipboard.clone(), CopiedPhrase::new(Box::new(clipboard)))
    }

    #[test]
    fn the_words_go_after_a_minute_and_not_before() {
        let (clipboard, copied) = copied();
        let now = Instant::now();
        assert!(copied.copy("some words", now).unwrap());
        assert_eq!(copied.end_at(now + Duration::from_secs(59)), Some(now + KEPT));
        assert_eq!(clipboard.text.lock().as_deref(), Some("some words"));
        assert_eq!(copied.end_at(now + KEPT), None);
        assert_eq!(*clipboard.text.lock(), None);
    }

    #[test]
    fn what_somebody_copied_since_stays() {
        let (clipboard, copied) = copied();
        let now = Instant::now();
        copied.copy("some words", now).unwrap();
        *clipboard.text.lock() = Some("a shopping list".to_owned());
        assert_eq!(copied.end_at(now + KEPT), None);
        assert_eq!(clipboard.text.lock().as_deref(), Some("a shopping list"));
    }

    #[test]
    fn another_copy_starts_the_minute_again_and_needs_no_second_waiter() {
        let (clipboard, copied) = copied();
        let now = Instant::now();
        assert!(copied.copy("some words", now).unwrap());
        let later = now + Duration::from_secs(40);
        assert!(!copied.copy("some words", later).unwrap());
        assert_eq!(copied.end_at(now + KEPT), Some(later + KEPT));
        assert!(clipboard.text.lock().is_some());
        assert_eq!(copied.end_at(later + KEPT), None);
        assert!(copied.copy("some words", later).unwrap(), "the waiter has gone");
    }

    #[test]
    fn the_end_of_the_app_takes_the_words_along_and_nothing_else() {
        let (clipboard, copied) = copied();
        let copied = Arc::new(copied);
        copied.copy("some words", Instant::now()).unwrap();
        end_with_the_app(&copied);
        assert_eq!(*clipboard.text.lock(), None);
        *clipboard.text.lock() = Some("some words".to_owned());
        end_with_the_app(&copied);
        assert!(clipboard.text.lock().is_some(), "nobody copied these here");
    }

    #[test]
    fn a_session_without_a_clipboard_says_so() {
        let copied =
            CopiedPhrase::new(Box::new(FakeClipboard { is_broken: true, ..FakeClipboard::default() }));
        assert_eq!(copied.copy("some words", Instant::now()).unwrap_err().code, ErrorCode::LocalFile);
        assert_eq!(copied.end_at(Instant::now() + KEPT), None);
    }
}
