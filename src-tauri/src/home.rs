//! What the command line asks for. The home by the rule of the `layr` command: `--home`, else `LAYR_HOME`, else the
//! platform's place for an application's data; and what to open in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use layr_node::home::platform_home;
use sha2::{Digest, Sha256};

use crate::opening::{self, Named};

/// Argument of a start without a window.
pub(crate) const HIDDEN: &str = "--hidden";

/// Argument of a start whose window is drawn without graphics acceleration; see [`crate::rendering`].
pub(crate) const PLAIN_DRAWING: &str = "--plain-drawing";

/// Hexadecimal digits that tell homes apart: the homes of one person are few.
const FINGERPRINT_DIGITS: usize = 16;

/// Why no home could be chosen.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum HomeChoiceError {
    /// An option that the app does not know.
    #[error(
        "unknown option {argument:?}; the app takes --home DIR, --hidden, --plain-drawing, .layr files and layr:// links"
    )]
    UnknownArgument {
        /// The argument, lossily as text.
        argument: String,
    },
    /// `--home` or `LAYR_HOME` names nothing.
    #[error("the home directory has an empty name; give a path with --home or LAYR_HOME")]
    EmptyName,
    /// The system says nothing about this user.
    #[error("no home directory is known here; name one with --home or LAYR_HOME")]
    Unknown,
    /// The working directory, which a relative path hangs on, is gone.
    #[error("the working directory cannot be found, so {path} means nothing; give an absolute path")]
    NoWorkingDirectory {
        /// The relative path.
        path: String,
    },
}

/// A home as an absolute path, and how the `layr` command finds it. It need not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChosenHome {
    dir: PathBuf,
    is_platforms: bool,
}

impl ChosenHome {
    /// One that somebody named.
    pub(crate) fn named(dir: PathBuf) -> Self {
        Self { dir, is_platforms: false }
    }

    /// The one that is used when nobody names any.
    pub(crate) fn platform(dir: PathBuf) -> Self {
        Self { dir, is_platforms: true }
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether it is the one that a start without arguments and environment opens.
    pub(crate) fn is_platforms(&self) -> bool {
        self.is_platforms
    }

    /// What to type to run a command of `layr` in this home.
    pub(crate) fn command(&self, verb: &str) -> String {
        if self.is_platforms {
            return format!("layr {verb}");
        }
        format!("layr --home {} {verb}", quoted(&self.dir.to_string_lossy()))
    }

    /// The name under which one app per home finds the other on the session bus: two homes are two instances.
    pub(crate) fn instance_name(&self) -> String {
        format!("org.layr.desktop.home{}", self.fingerprint())
    }

    /// Tells homes apart where a path cannot be written; the same in every version of the app.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.dir.as_os_str().as_encoded_bytes());
        hex::encode(digest).chars().take(FINGERPRINT_DIGITS).collect()
    }
}

/// How a start was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) home: ChosenHome,
    /// Without a window, as when the person logs in.
    pub(crate) is_hidden: bool,
    /// The last file or link to open in it, or why that cannot be opened.
    pub(crate) opens: Option<Named>,
}

/// `text` as one word of a shell.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| {
        c.is_alphanumeric() || matches!(c, '/' | ':' | '.' | '-' | '_') || (cfg!(windows) && c == '\\')
    };
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// What the arguments and the environment ask for.
pub(crate) fn asked(
    mut arguments: impl Iterator<Item = OsString>,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<Start, HomeChoiceError> {
    let directory = std::env::current_dir().unwrap_or_default();
    let mut opens = None;
    let mut named = environment("LAYR_HOME");
    let mut is_hidden = false;
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some(HIDDEN) => is_hidden = true,
            // Seen to before anything else.
            Some(PLAIN_DRAWING) => {}
            Some("--home") => named = Some(arguments.next().unwrap_or_default()),
            Some(text) if text.starts_with("--home=") => {
                named = Some(OsString::from(text.trim_start_matches("--home=")));
            }
            _ => {
                opens = opening::named(&argument, &directory);
                if opens.is_none() {
                    let argument = argument.to_string_lossy().into_owned();
                    return Err(HomeChoiceError::UnknownArgument { argument });
                }
            }
        }
    }
    let home = match named {
        Some(name) if name.is_empty() => Err(HomeChoiceError::EmptyName),
        Some(name) => std::path::absolute(&name)
            .map(ChosenHome::named)
            .map_err(|_| HomeChoiceError::NoWorkingDirectory { path: name.to_string_lossy().into_owned() }),
        None => platform_home(environment).map(ChosenHome::platform).ok_or(HomeChoiceError::Unknown),
    };
    Ok(Start { home: home?, is_hidden, opens })
}

#[cfg(test)]
mod tests {
    use layr_node::share::ManifestSource;

    use super::*;

    fn ask(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Start, HomeChoiceError> {
        asked(arguments.iter().map(OsString::from), |name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
    }

    fn choose(arguments: &[&str], environment: &[(&str, &str)]) -> Result<ChosenHome, HomeChoiceError> {
        ask(arguments, environment).map(|start| start.home)
    }

    #[test]
    fn the_argument_wins_over_the_environment_over_the_platform() {
        let environment =
            [("LAYR_HOME", "/from/env"), ("HOME", "/people/ada"), ("LOCALAPPDATA", "/people/ada")];
        assert_eq!(choose(&["--home", "/from/arg"], &environment), Ok(ChosenHome::named("/from/arg".into())));
        assert_eq!(choose(&["--home=/from/arg"], &environment), Ok(ChosenHome::named("/from/arg".into())));
        assert_eq!(choose(&[], &environment), Ok(ChosenHome::named("/from/env".into())));
        assert!(choose(&[], &environment[1..]).unwrap().dir().starts_with("/people/ada"));
    }

    #[test]
    fn a_home_without_a_name_is_refused_rather_than_guessed() {
        assert_eq!(choose(&["--home"], &[("LAYR_HOME", "/x")]), Err(HomeChoiceError::EmptyName));
        assert_eq!(choose(&[], &[("LAYR_HOME", "")]), Err(HomeChoiceError::EmptyName));
        assert_eq!(choose(&[], &[]), Err(HomeChoiceError::Unknown));
    }

    #[test]
    fn a_start_may_be_asked_to_show_no_window() {
        let hidden = |arguments: &[&str]| ask(arguments, &[("HOME", "/people/ada")]).unwrap();
        assert!(!hidden(&["--home", "/x"]).is_hidden);
        let start = hidden(&["--hidden", "--home", "/x"]);
        assert_eq!((start.is_hidden, start.home.dir()), (true, Path::new("/x")));
        assert!(hidden(&["--home", "/x", "--hidden"]).is_hidden);
    }

    #[test]
    fn how_the_window_is_drawn_changes_nothing_else() {
        let start = ask(&["--plain-drawing", "--home", "/x"], &[]).unwrap();
        assert_eq!((start.is_hidden, start.home.dir(), start.opens), (false, Path::new("/x"), None));
    }

    #[test]
    fn an_unknown_argument_is_named() {
        let refused = choose(&["--hosts"], &[]).unwrap_err();
        assert!(refused.to_string().contains("--hosts"), "{refused}");
    }

    #[test]
    fn a_file_and_a_link_are_opened_the_last_of_them() {
        let opens = |arguments: &[&str]| ask(arguments, &[("LAYR_HOME", "/x")]).unwrap().opens;
        let file = |path: &str| Some(Ok(ManifestSource::File(path.into())));
        assert_eq!(opens(&[]), None);
        assert_eq!(opens(&["/a/b.layr"]), file("/a/b.layr"));
        let here = std::env::current_dir().unwrap().join("b.layr");
        assert_eq!(opens(&["b.layr"]), file(here.to_str().unwrap()));
        let link = Some(Ok(ManifestSource::Link("layr://import/1#AA".to_owned().into())));
        assert_eq!(opens(&["/a/b.layr", "layr://import/1#AA"]), link);
        let start = ask(&["/a/b.layr", "--home", "/homes/c.layr"], &[]).unwrap();
        assert_eq!((start.home.dir(), start.opens), (Path::new("/homes/c.layr"), file("/a/b.layr")));
    }

    #[test]
    fn what_is_neither_is_refused_in_the_window_and_an_unknown_option_at_once() {
        for argument in ["/etc/passwd", "notes.txt", "https://example.org/a.layr?", "layr:x", ""] {
            let start = ask(&[argument], &[("LAYR_HOME", "/x")]).unwrap();
            assert!(start.opens.unwrap().is_err(), "{argument}");
        }
        for argument in ["-x.layr", "--version"] {
            let refused = ask(&[argument], &[("LAYR_HOME", "/x")]);
            assert_eq!(refused, Err(HomeChoiceError::UnknownArgument { argument: argument.to_owned() }));
        }
    }

    #[test]
    fn two_homes_are_two_instances() {
        let name = |dir: &str| ChosenHome::named(dir.into()).instance_name();
        assert_ne!(name("/a"), name("/b"));
        assert_eq!(name("/a"), name("/a"));
    }

    #[test]
    fn the_command_to_type_reaches_the_same_home() {
        assert_eq!(ChosenHome::platform("/any".into()).command("init"), "layr init");
        assert_eq!(ChosenHome::named("/srv/layr".into()).command("stop"), "layr --home /srv/layr stop");
        #[cfg(not(windows))]
        assert_eq!(ChosenHome::named(r"/srv/la\yr".into()).command("stop"), r"layr --home '/srv/la\yr' stop");
        let odd = ChosenHome::named("/my homes/it's; rm".into());
        assert_eq!(odd.command("init"), r"layr --home '/my homes/it'\''s; rm' init");
    }
}
