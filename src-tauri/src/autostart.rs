//! The entry that starts the app, without its window, when the person logs in: one a home.

use tauri::Runtime;
use tauri::plugin::TauriPlugin;

use crate::home::{ChosenHome, HIDDEN};

/// Writes and removes the entry of `home`.
pub(crate) fn plugin<R: Runtime>(home: &ChosenHome) -> TauriPlugin<R> {
    let plugin = tauri_plugin_autostart::Builder::new().args(arguments(home).unwrap_or_default());
    // The platform's home has the entry that people find under the app's own name.
    let plugin =
        if home.is_platforms() { plugin } else { plugin.app_name(format!("Layr-{}", home.fingerprint())) };
    plugin.build()
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
