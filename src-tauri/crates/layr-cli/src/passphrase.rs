//! Where the key file's passphrase comes from: a file descriptor, a file, a systemd credential, or a person.

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use layr_node::error::{ErrorCode, NodeError};
use zeroize::Zeroizing;

use crate::failure::{Outcome, local, usage};
use crate::session::Session;

/// Longest passphrase in bytes: far beyond what anybody types, so that a wrong file is noticed and not hashed.
const MAX_PASSPHRASE_BYTES: usize = 4096;

/// Asks for the passphrase that opens an existing key file.
pub(crate) fn existing(session: &Session) -> Outcome<Zeroizing<String>> {
    match given(session)? {
        Some(passphrase) => Ok(passphrase),
        None => prompt("Passphrase of the key file: "),
    }
}

/// Asks for the passphrase of a new key file, twice where a person types it.
pub(crate) fn new(session: &Session) -> Outcome<Zeroizing<String>> {
    if let Some(passphrase) = given(session)? {
        return Ok(passphrase);
    }
    let first = prompt("New passphrase for the key file: ")?;
    if first.as_str() != prompt("The same once more: ")?.as_str() {
        return Err(usage("the two passphrases differ; nothing was created"));
    }
    Ok(first)
}

/// Asks for the passphrase that opens a sealed recovery phrase; once more where nobody had to type it.
pub(crate) fn of_sealed_phrase(session: &Session) -> Outcome<(Zeroizing<String>, Option<Zeroizing<String>>)> {
    match given(session)? {
        Some(passphrase) => Ok((passphrase.clone(), Some(passphrase))),
        None => Ok((prompt("Passphrase of the sealed recovery phrase: ")?, None)),
    }
}

fn given(session: &Session) -> Outcome<Option<Zeroizing<String>>> {
    if let Some(number) = session.passphrase_fd {
        if number < 0 {
            return Err(usage("--passphrase-fd takes the number of an open file descriptor"));
        }
        return read(&descriptor(number)).map(Some);
    }
    if let Some(path) = std::env::var_os("LAYR_PASSPHRASE_FILE") {
        return read(Path::new(&path)).map(Some);
    }
    let credential =
        std::env::var_os("CREDENTIALS_DIRECTORY").map(|dir| Path::new(&dir).join("layr-passphrase"));
    match credential {
        Some(path) if path.exists() => read(&path).map(Some),
        _ => Ok(None),
    }
}

/// The file that an open descriptor is.
pub(crate) fn descriptor(number: i32) -> PathBuf {
    PathBuf::from(format!("/dev/fd/{number}"))
}

/// The text up to the end, less one line break.
fn read(path: &Path) -> Outcome<Zeroizing<String>> {
    let what = format!("cannot read the passphrase from {}", path.display());
    // Room for all of it, and for the byte that shows that there is more, as a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(MAX_PASSPHRASE_BYTES + 1));
    File::open(path)
        .and_then(|file| file.take(MAX_PASSPHRASE_BYTES as u64 + 1).read_to_string(&mut text))
        .map_err(|error| local(&what, &error))?;
    if text.len() > MAX_PASSPHRASE_BYTES {
        return Err(usage(format!("{what}: it has more than {MAX_PASSPHRASE_BYTES} bytes")));
    }
    let end = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(end);
    Ok(text)
}

fn prompt(question: &str) -> Outcome<Zeroizing<String>> {
    if !std::io::stdin().is_terminal() {
        return Err(NodeError::new(
            ErrorCode::Locked,
            "this needs a passphrase and there is no terminal to ask at; give it with LAYR_PASSPHRASE_FILE or --passphrase-fd",
        ));
    }
    rpassword::prompt_password(question)
        .map(Zeroizing::new)
        .map_err(|error| local("cannot ask for the passphrase", &error))
}
