//! The recovery phrase on the clipboard: for a minute, and no longer than the app lives.
//!
//! What is remembered of the words meanwhile is a digest, by which they are known again: what somebody copied since is
//! theirs and stays.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use layr_node::error::{ErrorCode, NodeError, Retry};
use layr_node::node::Node;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Manager, RunEvent, Runtime};
use tauri_plugin_clipboard_manager::ClipboardExt;
use tokio::time::{sleep_until, timeout};
use zeroize::Zeroizing;

#[cfg(any(test, feature = "test-bridge"))]
mod fake;

use crate::shell::Shell;
#[cfg(any(test, feature = "test-bridge"))]
pub(crate) use fake::FakeClipboard;

/// How long the words stay: enough to paste them into a password manager.
pub(crate) const KEPT: Duration = Duration::from_mins(1);
/// Longest wait for a clipboard that answers to a person who pressed a button: another program may have to be woken up.
const ANSWER_DEADLINE: Duration = Duration::from_secs(10);
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
    /// Whether the last ones could not be taken away.
    are_left: AtomicBool,
}

/// Which words, and until when.
struct Copied {
    digest: [u8; 32],
    until: Instant,
}

impl CopiedPhrase {
    pub(crate) fn new(clipboard: Box<dyn Clipboard>) -> Self {
        Self { clipboard, copied: Mutex::new(None), are_left: AtomicBool::new(false) }
    }

    /// Puts the words there, to be taken away [`KEPT`] after `now`. True where nobody waits for that yet.
    ///
    /// # Errors
    /// [`ErrorCode::LocalFile`] where the system has no clipboard.
    pub(crate) fn copy(&self, words: &str, now: Instant) -> Result<bool, NodeError> {
        let mut copied = self.copied.lock();
        self.clipboard.write_secret(words).map_err(unusable)?;
        self.are_left.store(false, Ordering::Relaxed);
        Ok(copied.replace(Copied { digest: digest(words), until: now + KEPT }).is_none())
    }

    /// Puts something else there that the person asked for, and that stays.
    ///
    /// # Errors
    /// [`ErrorCode::LocalFile`] where the system has no clipboard.
    pub(crate) fn put(&self, text: &str) -> Result<(), NodeError> {
        // Not while words are taken away: who looked and saw them would take this away.
        let _copied = self.copied.lock();
        self.clipboard.write_secret(text).map_err(unusable)?;
        // Words that could not be taken away gave way to it.
        self.are_left.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// The text on the clipboard, whoever put it there. Blocks for as long as its owner takes to answer.
    pub(crate) fn text(&self) -> Option<Zeroizing<String>> {
        self.clipboard.text()
    }

    /// Whether the words may still be there, though their time had come.
    pub(crate) fn are_left(&self) -> bool {
        self.are_left.load(Ordering::Relaxed)
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

    /// Takes the words away, whatever the time. Whoever asks meanwhile waits for the end of that.
    fn end_now(&self) {
        let mut copied = self.copied.lock();
        if let Some(copied) = copied.take() {
            self.take_away(copied);
        }
    }

    fn take_away(&self, Copied { digest: known, .. }: Copied) {
        let outcome = match self.clipboard.text() {
            Some(text) if digest(&text) == known => self.clipboard.clear(),
            Some(_) => Ok(()),
            // Something that is no text, or a clipboard that does not answer: what it holds may be somebody's own.
            None => Err("it cannot be read".to_owned()),
        };
        if let Err(error) = outcome {
            tracing::warn!("the recovery phrase may still be on the clipboard: {error}");
            self.are_left.store(true, Ordering::Relaxed);
        }
    }
}

/// Does something with the clipboard where it may wait for the program that owns what is on it, and that may hang.
///
/// # Errors
/// [`ErrorCode::LocalFile`] where it does not answer in time. What was begun may happen later all the same.
pub(crate) async fn in_time<T: Send + 'static>(
    copied: &Arc<CopiedPhrase>,
    work: impl FnOnce(&CopiedPhrase) -> T + Send + 'static,
) -> Result<T, NodeError> {
    within(ANSWER_DEADLINE, copied, work).await
}

async fn within<T: Send + 'static>(
    deadline: Duration,
    copied: &Arc<CopiedPhrase>,
    work: impl FnOnce(&CopiedPhrase) -> T + Send + 'static,
) -> Result<T, NodeError> {
    let copied = Arc::clone(copied);
    match timeout(deadline, tokio::task::spawn_blocking(move || work(&copied))).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(NodeError::new(ErrorCode::Internal, error.to_string())),
        Err(_) => {
            let message = "The clipboard does not answer: the program in which something was copied may hang. Copy it \
                           once more, then try again.";
            Err(NodeError::new(ErrorCode::LocalFile, message).with_retry(Retry::AfterUserAction))
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "where errors are mapped")]
fn unusable(error: String) -> NodeError {
    let message = format!("The clipboard cannot be used: {error}. Nothing was copied.");
    NodeError::new(ErrorCode::LocalFile, message)
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

/// The same, and then keeps in Activity that they may still be there, until they are known to be gone.
pub(crate) async fn end_of_copy(copied: Arc<CopiedPhrase>, node: impl Fn() -> Option<Node>) {
    take_away_in_time(Arc::clone(&copied)).await;
    if let Some(node) = node() {
        node.phrase_left_on_clipboard(copied.are_left()).await;
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

/// Takes the words away, for a limited time. On a thread of its own: this one may be who has to answer for what the window has put on the clipboard.
pub(crate) fn end_with_the_app(copied: &Arc<CopiedPhrase>) {
    let (copied, (done, ended)) = (Arc::clone(copied), channel());
    std::thread::spawn(move || {
        copied.end_now();
        let _ = done.send(());
    });
    if ended.recv_timeout(LAST_LOOK).is_err() {
        tracing::warn!("the clipboard does not answer; what is on it stays");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn what_is_copied_here_while_words_are_taken_away_stays() {
        let (clipboard, copied) = copied();
        let copied = Arc::new(copied);
        let now = Instant::now();
        copied.copy("some words", now).unwrap();
        let (slow, (done, is_put)) = (clipboard.slow.lock(), channel());
        std::thread::scope(|threads| {
            let (ending, putting) = (Arc::clone(&copied), Arc::clone(&copied));
            let end = threads.spawn(move || ending.end_at(now + KEPT));
            while clipboard.clears.load(Ordering::Relaxed) == 0 {
                std::thread::yield_now();
            }
            threads.spawn(move || {
                putting.put("a link").unwrap();
                let _ = done.send(());
            });
            // Who does not wait for the end is through long before.
            let _ = is_put.recv_timeout(Duration::from_millis(200));
            drop(slow);
            end.join().unwrap();
        });
        assert_eq!(clipboard.text.lock().as_deref(), Some("a link"));
    }

    #[test]
    fn a_clipboard_that_hangs_is_told_and_not_waited_for() {
        let (clipboard, copied) = copied();
        let copied = Arc::new(copied);
        let slow = clipboard.slow.lock();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap();
        let clear = |copied: &CopiedPhrase| copied.clipboard.clear();
        let outcome = runtime.block_on(within(Duration::from_millis(1), &copied, clear));
        let error = outcome.unwrap_err();
        assert!(error.code == ErrorCode::LocalFile && error.message.contains("does not answer"), "{error}");
        drop(slow);
        let outcome = runtime.block_on(within(ANSWER_DEADLINE, &copied, clear));
        assert_eq!(outcome.unwrap(), Ok(()));
    }

    #[test]
    fn words_that_may_still_be_there_are_not_called_gone() {
        let (clipboard, copied) = copied();
        let now = Instant::now();
        copied.copy("some words", now).unwrap();
        // A picture, or a clipboard that does not answer.
        *clipboard.text.lock() = None;
        copied.end_at(now + KEPT);
        assert!(copied.are_left());
        copied.copy("some words", now).unwrap();
        assert!(!copied.are_left());
        copied.end_at(now + KEPT);
        assert!(!copied.are_left() && clipboard.text.lock().is_none());
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
