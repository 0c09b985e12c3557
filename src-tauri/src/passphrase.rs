//! The passphrase of a sealed key file, where the person gave it in a file: the app has no terminal to ask at.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use layr_node::error::{ErrorCode, NodeError};
use zeroize::Zeroizing;

/// Longest passphrase in bytes: far beyond what anybody types, so that a wrong file is noticed and not hashed.
const MAX_PASSPHRASE_BYTES: u64 = 4096;

/// The passphrase from `LAYR_PASSPHRASE_FILE` or a systemd credential; `None` where neither is there.
pub(crate) fn given(
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<Option<Zeroizing<String>>, NodeError> {
    if let Some(path) = environment("LAYR_PASSPHRASE_FILE") {
        return read(Path::new(&path)).map(Some);
    }
    match environment("CREDENTIALS_DIRECTORY").map(|dir| PathBuf::from(dir).join("layr-passphrase")) {
        Some(path) if path.exists() => read(&path).map(Some),
        _ => Ok(None),
    }
}

/// The text of the file, less one line break at its end.
fn read(path: &Path) -> Result<Zeroizing<String>, NodeError> {
    let fail = |reason: String| {
        let what = format!("The passphrase cannot be read from {}: {reason}.", path.display());
        NodeError::new(ErrorCode::Locked, what)
    };
    let mut text = Zeroizing::new(String::new());
    File::open(path)
        .and_then(|file| file.take(MAX_PASSPHRASE_BYTES + 1).read_to_string(&mut text))
        .map_err(|error| fail(error.to_string()))?;
    if text.len() as u64 > MAX_PASSPHRASE_BYTES {
        return Err(fail(format!("it has more than {MAX_PASSPHRASE_BYTES} bytes")));
    }
    let end = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(end);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given_in(text: &str) -> Result<Option<Zeroizing<String>>, NodeError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        given(|name| (name == "LAYR_PASSPHRASE_FILE").then(|| file.path().into()))
    }

    #[test]
    fn the_line_break_of_an_editor_is_not_part_of_it() {
        assert_eq!(given_in("two words\n").unwrap().unwrap().as_str(), "two words");
    }

    #[test]
    fn without_a_file_there_is_none() {
        assert!(given(|_| None).unwrap().is_none());
    }

    #[test]
    fn a_file_that_cannot_be_one_is_refused_with_its_name() {
        let refused = given_in(&"x".repeat(5000)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::Locked);
        let missing = given(|_| Some("/nowhere/at/all".into())).unwrap_err();
        assert!(missing.message.contains("/nowhere/at/all"), "{missing}");
    }
}
