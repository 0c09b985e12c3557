//! The system's own file dialogs: the only way, besides a drop, in which a path gets into the app.

use std::fmt;
use std::path::PathBuf;

use futures::future::BoxFuture;
use layr_node::error::{ErrorCode, NodeError};
use tauri::{AppHandle, Manager, Runtime};
use tauri_plugin_dialog::{DialogExt, FilePath};
use tokio::sync::{Mutex, oneshot};

#[cfg(any(test, feature = "test-bridge"))]
mod fake;

use crate::MAIN_WINDOW;
#[cfg(any(test, feature = "test-bridge"))]
pub(crate) use fake::FakeDialogs;

/// What to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question {
    /// Files to store.
    Files,
    /// A folder to store.
    Folder,
    /// A folder for what is brought back.
    Target,
    /// Where to bring a single file back to, and what to call it.
    SaveFile {
        /// The name that the dialog starts with.
        name: String,
    },
    /// A `.layr` file to take in.
    Manifest,
    /// Where to write a `.layr` file, and what to call it.
    SaveManifest {
        /// The name that the dialog starts with.
        name: String,
    },
    /// A sealed file with the 24 words.
    SealedPhrase,
    /// Where to write one.
    SaveSealedPhrase,
}

/// What a sealed file with the 24 words is called unless the person says otherwise, and its ending.
const SEALED_PHRASE: (&str, &str) = ("layr-recovery.layrkey", "layrkey");

/// Asks the person; nothing where they dismissed the dialog.
pub(crate) trait Asker: Send + Sync {
    fn ask(&self, question: Question) -> BoxFuture<'_, Vec<PathBuf>>;
}

/// The dialogs, one open at a time.
pub(crate) struct Dialogs {
    asker: Box<dyn Asker>,
    open: Mutex<()>,
}

impl fmt::Debug for Dialogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialogs").finish_non_exhaustive()
    }
}

impl Dialogs {
    pub(crate) fn new(asker: Box<dyn Asker>) -> Self {
        Self { asker, open: Mutex::new(()) }
    }

    /// What the person chose: absolute paths; none where they dismissed the dialog.
    ///
    /// # Errors
    /// [`ErrorCode::Conflict`] while another dialog is open: a page may not pile them up.
    pub(crate) async fn ask(&self, question: Question) -> Result<Vec<PathBuf>, NodeError> {
        let Ok(_open) = self.open.try_lock() else {
            let message = "Another dialog is open already; answer that one first.";
            return Err(NodeError::new(ErrorCode::Conflict, message));
        };
        let mut paths = self.asker.ask(question).await;
        paths.retain(|path| path.is_absolute());
        Ok(paths)
    }
}

/// The desktop's dialogs, above the main window.
pub(crate) struct Native<R: Runtime>(pub(crate) AppHandle<R>);

impl<R: Runtime> Asker for Native<R> {
    fn ask(&self, question: Question) -> BoxFuture<'_, Vec<PathBuf>> {
        let mut dialog = self.0.dialog().file();
        if let Some(window) = self.0.get_webview_window(MAIN_WINDOW) {
            dialog = dialog.set_parent(&window);
        }
        // The list of what was used lately, with which some desktops begin, lets nobody choose a folder.
        let path = self.0.path();
        if let (Question::Folder | Question::Target | Question::SaveFile { .. }, Ok(dir)) =
            (&question, path.download_dir().or_else(|_| path.home_dir()))
        {
            dialog = dialog.set_directory(dir);
        }
        let (answer, answered) = oneshot::channel();
        let one = |answer: oneshot::Sender<Vec<FilePath>>| {
            move |path: Option<FilePath>| drop(answer.send(path.into_iter().collect()))
        };
        match question {
            Question::Files => dialog
                .set_title("Choose files to store")
                .pick_files(move |paths| drop(answer.send(paths.unwrap_or_default()))),
            Question::Folder => dialog.set_title("Choose a folder to store").pick_folder(one(answer)),
            Question::Target => dialog.set_title("Choose where the files shall go").pick_folder(one(answer)),
            Question::SaveFile { name } => {
                dialog.set_title("Choose where the file shall go").set_file_name(name).save_file(one(answer));
            }
            Question::Manifest => dialog
                .set_title("Choose a Layr file to import")
                .add_filter("Layr files", &["layr"])
                .pick_file(one(answer)),
            Question::SaveManifest { name } => dialog
                .set_title("Choose where to write the Layr file")
                .set_file_name(name)
                .add_filter("Layr files", &["layr"])
                .save_file(one(answer)),
            Question::SealedPhrase => dialog
                .set_title("Choose the sealed recovery phrase")
                .add_filter("Sealed recovery phrases", &[SEALED_PHRASE.1])
                .pick_file(one(answer)),
            Question::SaveSealedPhrase => dialog
                .set_title("Choose where to write the sealed recovery phrase")
                .set_file_name(SEALED_PHRASE.0)
                .add_filter("Sealed recovery phrases", &[SEALED_PHRASE.1])
                .save_file(one(answer)),
        }
        Box::pin(async move {
            let paths = answered.await.unwrap_or_default();
            paths.into_iter().filter_map(|path| path.into_path().ok()).collect()
        })
    }
}
