//! The entry that starts the app, without its window, when the person logs in: one a home.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use tauri::Runtime;
use tauri::plugin::TauriPlugin;

use crate::home::{ChosenHome, HIDDEN};

/// Longest entry that is read, in bytes; what is longer was not written by Layr.
const MAX_ENTRY_BYTES: u64 = 64 * 1024;

/// Writes and removes the entry of `home`.
pub(crate) fn plugin<R: Runtime>(home: &ChosenHome) -> TauriPlugin<R> {
    let plugin = tauri_plugin_autostart::Builder::new().args(arguments(home).unwrap_or_default());
    // The platform's home has the entry that people find under the app's own name.
    match own_name(home) {
        Some(name) => plugin.app_name(name).build(),
        None => plugin.build(),
    }
}

/// What the entry of `home` is called where that is not the app's own name.
fn own_name(home: &ChosenHome) -> Option<String> {
    (!home.is_platforms()).then(|| format!("Layr-{}", home.fingerprint()))
}

/// The entry of `home` on a desktop that keeps it in a file; `app` is the app's own name, `person` the person's directory.
pub(crate) fn entry(home: &ChosenHome, app: &str, person: &Path) -> Option<PathBuf> {
    let name = own_name(home).unwrap_or_else(|| app.to_owned());
    cfg!(target_os = "linux").then(|| person.join(".config/autostart").join(format!("{name}.desktop")))
}

/// Whether the desktop has turned the entry off and left it there, as its list of what starts does.
pub(crate) fn is_turned_off(entry: &Path) -> bool {
    let mut text = String::new();
    let read = File::open(entry).and_then(|file| file.take(MAX_ENTRY_BYTES).read_to_string(&mut text));
    read.is_ok() && says_off(&text)
}

/// The rule of the desktop's autostart: `Hidden` as if there were no file, and the switch of its settings.
fn says_off(entry: &str) -> bool {
    let mut is_ours = false;
    for line in entry.lines().map(str::trim) {
        if line.starts_with('[') {
            is_ours = line == "[Desktop Entry]";
        }
        let Some((key, value)) = line.split_once('=').filter(|_| is_ours) else { continue };
        match (key.trim(), value.trim()) {
            ("Hidden", "true") | ("X-GNOME-Autostart-enabled", "false") => return true,
            _ => {}
        }
    }
    false
}

/// What the entry starts the app with; none where the home's path cannot be written into it.
pub(crate) fn arguments(home: &ChosenHome) -> Option<Vec<String>> {
    let mut arguments = vec![HIDDEN.to_owned()];
    if !home.is_platforms() {
        let dir = home.dir().to_str().filter(|dir| !dir.chars().any(char::is_control))?;
        arguments.extend(["--home".to_owned(), quoted(dir)]);
    }
    Some(arguments)
}

/// `text` as one argument of a desktop entry's `Exec` line: quoted by its rule, in a string of the file by the file's.
#[cfg(target_os = "linux")]
fn quoted(text: &str) -> String {
    let mut argument = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '`' | '$' => argument.extend(['\\', '\\', letter]),
            '\\' => argument.push_str(r"\\\\"),
            '%' => argument.push_str("%%"),
            _ => argument.push(letter),
        }
    }
    argument.push('"');
    argument
}

/// `text` as one argument of a Windows command line; no path there has a quotation mark.
#[cfg(windows)]
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// The entry is a list of arguments there.
#[cfg(not(any(target_os = "linux", windows)))]
fn quoted(text: &str) -> String {
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_opens_the_same_home() {
        let of = |home: ChosenHome| arguments(&home).unwrap().join(" ");
        assert_eq!(of(ChosenHome::platform("/people/ada".into())), "--hidden");
        let named = of(ChosenHome::named("/my homes/a".into()));
        assert!(named.starts_with("--hidden --home ") && named.contains("/my homes/a"), "{named}");
    }

    #[test]
    fn an_entry_that_the_desktop_turned_off_is_not_taken_for_one_that_starts() {
        let entry = |line: &str| format!("[Desktop Entry]\nType=Application\nExec=layr --hidden\n{line}\n");
        for off in ["Hidden=true", "Hidden = true", "X-GNOME-Autostart-enabled=false"] {
            assert!(says_off(&entry(off)), "{off}");
        }
        for on in
            ["", "Hidden=false", "X-GNOME-Autostart-enabled=true", "#Hidden=true", "[Other]\nHidden=true"]
        {
            assert!(!says_off(&entry(on)), "{on}");
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("layr.desktop");
        assert!(!is_turned_off(&path));
        std::fs::write(&path, entry("Hidden=true")).unwrap();
        assert!(is_turned_off(&path));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_entry_is_the_one_that_the_plugin_writes() {
        let of = |home| entry(&home, "Layr", Path::new("/people/ada")).unwrap();
        assert_eq!(
            of(ChosenHome::platform("/x".into())),
            Path::new("/people/ada/.config/autostart/Layr.desktop")
        );
        let named = of(ChosenHome::named("/x".into()));
        assert!(named.to_string_lossy().starts_with("/people/ada/.config/autostart/Layr-"), "{named:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn whatever_the_path_it_stays_one_argument() {
        use std::os::unix::ffi::OsStringExt;

        assert_eq!(quoted(r#"/a b/$x/"q"/100%/\"#), r#""/a b/\\$x/\\"q\\"/100%%/\\\\""#);
        for bytes in [b"/\xff".to_vec(), b"/a\nExec=evil".to_vec()] {
            let dir = std::ffi::OsString::from_vec(bytes);
            assert_eq!(arguments(&ChosenHome::named(dir.into())), None);
        }
    }
}
