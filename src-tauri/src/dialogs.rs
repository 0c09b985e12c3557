//! The system's own file dialogs: the only way, besides a drop, in which a path gets into the app.

use std::path::PathBuf;
use std::{fmt, io};

use futures::future::BoxFuture;
use layr_keys::atomic::Existing;
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
    /// Where to write a table of storage agreements.
    SaveTable,
    /// A network file.
    Network,
    /// A sealed file with the 24 words.
    SealedPhrase,
    /// Where to write one.
    SaveSealedPhrase,
}

/// What a sealed file with the 24 words is called unless the person says otherwise, and its ending.
const SEALED_PHRASE: (&str, &str) = ("layr-recovery.layrkey", "layrkey");

/// What a table of agreements is called unless the person says otherwise, and its ending.
const TABLE: (&str, &str) = ("layr-agreements.csv", "csv");

/// Where the person wants a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    /// What becomes of a file that is there. The dialog has asked about it, so to choose it is to say yes.
    pub(crate) existing: Existing,
}

impl Place {
    /// The place that was chosen. A link to a file stays one: what it leads to gives way.
    ///
    /// # Errors
    /// [`ErrorCode::Conflict`] for what no file takes the place of; [`ErrorCode::LocalFile`].
    fn chosen(path: PathBuf) -> Result<Self, NodeError> {
        let in_the_way = |what: &str| {
            let message = format!(
                "{} is {what}, which nothing takes the place of. Choose another name.",
                path.display()
            );
            NodeError::new(ErrorCode::Conflict, message).with("path", path.to_string_lossy())
        };
        match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Self { path, existing: Existing::Stays })
            }
            Err(error) => {
                let message =
                    format!("{} cannot be looked at: {error}. Choose another place.", path.display());
                Err(NodeError::new(ErrorCode::LocalFile, message))
            }
            Ok(found) if found.is_symlink() => match path.canonicalize() {
                Ok(target) if target.is_file() => Ok(Self { path: target, existing: Existing::GivesWay }),
                Ok(target) if target.is_dir() => Ok(Self { path: target, existing: Existing::Stays }),
                _ => Err(in_the_way("a link that leads to no file")),
            },
            Ok(found) if found.is_file() => Ok(Self { path, existing: Existing::GivesWay }),
            // Not every desktop's dialog insists on the name of a file; who goes on says what a directory is good for.
            Ok(found) if found.is_dir() => Ok(Self { path, existing: Existing::Stays }),
            Ok(_) => Err(in_the_way("a device or a pipe")),
        }
    }
}

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

impl Dialogs {
    /// Where the person wants a file; nothing where they dismissed the dialog.
    ///
    /// # Errors
    /// As [`Dialogs::ask`]; [`ErrorCode::Conflict`] also for what no file takes the place of, [`ErrorCode::LocalFile`].
    pub(crate) async fn ask_where(&self, question: Question) -> Result<Option<Place>, NodeError> {
        let Some(path) = self.ask(question).await?.pop() else { return Ok(None) };
        let looked = tokio::task::spawn_blocking(move || Place::chosen(path)).await;
        looked.map_err(|error| NodeError::new(ErrorCode::Internal, error.to_string()))?.map(Some)
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
            Question::SaveTable => dialog
                .set_title("Choose where to write the table of agreements")
                .set_file_name(TABLE.0)
                .add_filter("Tables (CSV)", &[TABLE.1])
                .save_file(one(answer)),
            Question::Network => dialog
                .set_title("Choose a network file")
                .add_filter("Network files", &["toml"])
                .pick_file(one(answer)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_chosen_gives_way_and_a_link_to_it_stays() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().canonicalize().unwrap().join(name);
        std::fs::write(at("file"), b"old").unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("nowhere"), at("dangling")).unwrap();
        let place = |path: PathBuf, existing| Place { path, existing };
        assert_eq!(Place::chosen(at("free")).unwrap(), place(at("free"), Existing::Stays));
        assert_eq!(Place::chosen(at("file")).unwrap(), place(at("file"), Existing::GivesWay));
        assert_eq!(Place::chosen(at("link")).unwrap(), place(at("file"), Existing::GivesWay));
        assert_eq!(Place::chosen(at("")).unwrap().existing, Existing::Stays);
        for odd in [at("dangling"), "/dev/null".into()] {
            let refused = Place::chosen(odd.clone()).unwrap_err();
            assert_eq!(refused.code, ErrorCode::Conflict);
            assert!(refused.message.contains(odd.to_str().unwrap()), "{refused}");
        }
    }
}
