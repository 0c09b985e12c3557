//! What is opened from outside: a `.layr` file or a `layr://` link, named by the arguments of this start or of another.
//!
//! Whoever can start a program of this user can name anything here. So nothing is read before the page asks for it, and
//! nothing is taken in before the person says yes. One thing waits at most: a newer one takes its place.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use layr_node::error::{ErrorCode, NodeError};
use layr_node::share::{MAX_LINK_BYTES, ManifestSource, is_link};
use parking_lot::Mutex;
use tauri::{AppHandle, Manager, Runtime, Url};
use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use crate::closing::{self, Successor};
use crate::home::{HIDDEN, PLAIN_DRAWING};
use crate::ipc::PageEvent;
use crate::shell::Shell;
use crate::view::NodeView;
use crate::{rendering, window};

/// Most arguments of another start that are looked at: a file manager hands over one thing at a time.
const MAX_ARGUMENTS: usize = 32;
/// Longest path in bytes, as on Linux; what is longer leads nowhere.
const MAX_PATH_BYTES: usize = 4096;
/// Least time between two tellings, however many programs are started.
const TELL_PAUSE: Duration = Duration::from_millis(250);

/// Something to take in, or what is wrong with it.
pub(crate) type Named = Result<ManifestSource, NodeError>;

/// What waits until the page asks.
#[derive(Default)]
pub(crate) struct Opening {
    waiting: Mutex<Option<Named>>,
    arrived: Notify,
    /// Token of the preview that the page has got last.
    shown: tokio::sync::Mutex<Option<String>>,
}

impl Opening {
    /// Lets this wait; what waited before is forgotten.
    pub(crate) fn arrive(&self, named: Named) {
        *self.waiting.lock() = Some(named);
        self.arrived.notify_one();
    }

    /// Takes what waits.
    pub(crate) fn take(&self) -> Option<Named> {
        self.waiting.lock().take()
    }

    /// The preview that the page has got last, for whoever makes the next one.
    pub(crate) async fn shown(&self) -> tokio::sync::MutexGuard<'_, Option<String>> {
        self.shown.lock().await
    }

    /// Lets the last of these addresses wait that can be opened.
    #[cfg(target_os = "macos")]
    pub(crate) fn arrive_urls(&self, urls: &[Url]) {
        let opens = urls.iter().filter_map(|url| named(url.as_str().as_ref(), Path::new("/")));
        if let Some(last) = opens.last() {
            self.arrive(last);
        }
    }

    fn is_waiting(&self) -> bool {
        self.waiting.lock().is_some()
    }
}

/// What an argument names: a link, a `file://` address or a path of a `.layr` file, which hangs on `directory`, and a
/// refusal for anything else; `None` for an option. Looks at the text only, and repeats none of it: it may be a link with a
/// slip in it, which is as good as keys.
pub(crate) fn named(argument: &OsStr, directory: &Path) -> Option<Named> {
    let refuse = |message: String| Some(Err(NodeError::new(ErrorCode::InvalidRequest, message)));
    let text = argument.to_str().unwrap_or_default();
    if text.starts_with('-') {
        return None;
    }
    if is_link(text) {
        return Some(link(text));
    }
    // A `%u` of a desktop file becomes an address, a path typed by hand stays one.
    let path = match text.split_once("://") {
        Some(("file", _)) => Url::parse(text).ok().and_then(|address| address.to_file_path().ok()),
        Some((scheme, _)) if !scheme.contains('/') => None,
        _ => Some(directory.join(argument)),
    };
    let has_ending = |path: &PathBuf| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("layr"));
    let Some(path) = path.filter(has_ending) else {
        return refuse(
            "Layr opens .layr files and layr:// links; this is neither. Nothing was changed.".to_owned(),
        );
    };
    if path.as_os_str().len() > MAX_PATH_BYTES || !path.is_absolute() {
        return refuse("The path of this file leads nowhere; open it from its folder.".to_owned());
    }
    Some(Ok(ManifestSource::File(path)))
}

/// A text that begins as a link.
fn link(text: &str) -> Named {
    if text.len() > MAX_LINK_BYTES {
        let len = text.len();
        let message = format!("This link is {len} bytes long; at most {MAX_LINK_BYTES} are looked at.");
        return Err(NodeError::new(ErrorCode::InvalidRequest, message));
    }
    Ok(ManifestSource::Link(text.to_owned().into()))
}

/// The link that a person copied, whatever white space came along. As with [`named`], nothing of another text is repeated.
pub(crate) fn copied(text: Option<&str>) -> Named {
    match text.map(str::trim) {
        Some(text) if is_link(text) => link(text),
        _ => {
            let message =
                "There is no Layr link on the clipboard. Copy one that begins with layr:// and try again.";
            Err(NodeError::new(ErrorCode::InvalidRequest, message))
        }
    }
}

/// A second start of the app hands over its arguments, without the program's name, and its working directory. What they name
/// waits, and the window is shown, but not for a start that shall show none and names nothing: the app is there already. An
/// app on its way out starts anew with them instead, as does one whose window shall be drawn in another way. The home and
/// anything else that they say changes nothing here.
pub(crate) fn arguments<R: Runtime>(
    app: &AppHandle<R>,
    opening: &Opening,
    arguments: &[OsString],
    directory: &Path,
) {
    if let Some(shell) = app.try_state::<Shell>() {
        let has = |option: &str| arguments.iter().any(|argument| argument == option);
        let is_drawn_otherwise = has(PLAIN_DRAWING) && !rendering::is_plain();
        if is_drawn_otherwise || shell.closing.is_quitting() {
            let (arguments, directory) = (arguments.to_vec(), directory.to_owned());
            shell.closing.followed_by(Successor { arguments, directory });
            closing::quit(app);
            return;
        }
    }
    let named = last_named(arguments, directory);
    if named.is_some() || !arguments.iter().any(|argument| argument == HIDDEN) {
        window::raise(app);
    }
    if let Some(named) = named {
        opening.arrive(named);
    }
}

fn last_named(arguments: &[OsString], directory: &Path) -> Option<Named> {
    if arguments.len() > MAX_ARGUMENTS {
        tracing::warn!("another start named more than {MAX_ARGUMENTS} things; the others are left out");
    }
    let mut last = None;
    let mut rest = arguments.iter().take(MAX_ARGUMENTS);
    while let Some(argument) = rest.next() {
        if argument == "--home" {
            rest.next();
        } else if let Some(named) = named(argument, directory) {
            last = Some(named);
        } else if argument != HIDDEN
            && argument != PLAIN_DRAWING
            && !argument.as_encoded_bytes().starts_with(b"--home=")
        {
            tracing::warn!("another start had an option that the app does not know");
        }
    }
    last
}

/// Starts the task that tells the page of what waits.
pub(crate) fn start<R: Runtime>(
    app: &AppHandle<R>,
    opening: &Arc<Opening>,
    views: watch::Receiver<NodeView>,
) {
    tauri::async_runtime::spawn(announce(app.clone(), Arc::clone(opening), views));
}

/// Tells the page that something waits: when it arrives while the node runs, when the node comes to run, and once more
/// with each change of the node until the page has asked. Ends with the supervisor.
async fn announce<R: Runtime>(
    app: AppHandle<R>,
    opening: Arc<Opening>,
    mut views: watch::Receiver<NodeView>,
) {
    loop {
        tokio::select! {
            () = opening.arrived.notified() => {}
            changed = views.changed() => if changed.is_err() { return },
        }
        let is_running = matches!(*views.borrow_and_update(), NodeView::Running { .. });
        if is_running && opening.is_waiting() {
            PageEvent::Opened(()).send(&app);
        }
        sleep(TELL_PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(argument: &str) -> Option<Named> {
        named(argument.as_ref(), Path::new("/where/it/was/started"))
    }

    #[expect(clippy::unnecessary_wraps, reason = "what a name is compared with")]
    fn file(path: &str) -> Option<Named> {
        Some(Ok(ManifestSource::File(path.into())))
    }

    #[test]
    fn files_are_found_from_where_the_other_start_was() {
        assert_eq!(at("a.layr"), file("/where/it/was/started/a.layr"));
        assert_eq!(at("/b/a.layr"), file("/b/a.layr"));
        assert_eq!(at("/b/A.LAYR"), file("/b/A.LAYR"));
        assert_eq!(at("file:///b/a%20b%C3%A4.layr"), file("/b/a b\u{e4}.layr"));
        assert_eq!(at("file://localhost/b/a.layr"), file("/b/a.layr"));
    }

    #[test]
    fn other_things_are_refused_without_a_word_of_them() {
        let strange = [
            "",
            ".",
            "/",
            ".layr",
            "a.txt",
            "file://far.example/a.layr",
            "file:///a.txt",
            "file://",
            "layr:import/1#",
            "LAYR://import/1#AA",
            "https://x.example/a.layr",
        ];
        for argument in strange {
            let refused = at(argument).unwrap().unwrap_err();
            assert_eq!(refused.code, ErrorCode::InvalidRequest, "{argument}");
            assert!(refused.message.contains("this is neither"), "{argument}: {refused}");
        }
        assert_eq!(at("--x.layr"), None, "an option");
    }

    #[test]
    fn what_is_too_long_waits_as_a_refusal() {
        let fits = format!("layr://{}", "x".repeat(MAX_LINK_BYTES - 7));
        assert_eq!(at(&fits), Some(Ok(ManifestSource::Link(fits.clone().into()))));
        for long in [format!("{fits}x"), format!("/{}.layr", "x".repeat(MAX_PATH_BYTES))] {
            assert_eq!(at(&long).unwrap().unwrap_err().code, ErrorCode::InvalidRequest);
        }
        let nowhere = named("a.layr".as_ref(), Path::new(""));
        assert_eq!(nowhere.unwrap().unwrap_err().code, ErrorCode::InvalidRequest);
    }

    #[test]
    fn the_last_thing_of_another_start_counts_and_its_home_does_not() {
        let last = |arguments: &[&str]| {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            last_named(&arguments, Path::new("/d"))
        };
        assert_eq!(last(&["--home", "/other.layr"]), None);
        assert_eq!(last(&["--home=/other.layr"]), None);
        assert_eq!(last(&["--plain-drawing", "--hidden"]), None);
        assert_eq!(
            last(&["a.layr", "--home", "/other.layr", "strange", "b.layr", "--strange"]),
            file("/d/b.layr")
        );
        assert!(last(&["a.layr", "strange"]).unwrap().is_err());
        let mut many = vec!["--x"; MAX_ARGUMENTS];
        many.push("a.layr");
        assert_eq!(last(&many), None);
    }

    #[test]
    fn a_newer_one_takes_the_place_and_is_taken_once() {
        let opening = Opening::default();
        for name in ["/a.layr", "/b.layr"] {
            opening.arrive(at(name).unwrap());
        }
        assert_eq!(opening.take(), file("/b.layr"));
        assert_eq!(opening.take(), None);
    }
}
