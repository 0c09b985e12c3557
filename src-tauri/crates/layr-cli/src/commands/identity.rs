//! `init`, and opening what it made.

use std::io::{IsTerminal, Read};
use std::path::Path;

use layr_keys::StoredSecrets;
use layr_node::clock::SystemEntropy;
use layr_node::error::ErrorCode;
use layr_node::home::KeyStoreKind;
use layr_node::identity::{self, Identity, Setup};
use layr_node::network_file::NetworkFile;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::args::{InitArgs, KeyStoreArg};
use crate::failure::{self, Outcome, local};
use crate::output::{print, stderr_line};
use crate::passphrase;
use crate::session::Session;

/// Longest phrase file in bytes: 24 words of at most 8 letters, and generous white space.
const MAX_PHRASE_BYTES: u64 = 4096;

/// JSON of `init`. The words appear once, when they are new.
#[derive(Serialize)]
struct InitReport {
    owner: String,
    peer_id: String,
    stellar_account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phrase: Option<Vec<String>>,
}

pub(crate) async fn init(session: &Session, args: InitArgs) -> Outcome<()> {
    // Before anybody types 24 words or a passphrase.
    identity::check_vacant(&session.home)?;
    let network = NetworkFile::find(&args.network).map_err(|error| failure::from_network_file(&error))?;
    let words = if args.recover { Some(read_phrase(args.phrase_file.as_deref())?) } else { None };
    let (identity, phrase) = match args.key_store {
        Some(KeyStoreArg::Keyring) => make(session, &network, KeyStoreKind::Keyring, words.as_ref()).await?,
        Some(KeyStoreArg::File) => make(session, &network, KeyStoreKind::File, words.as_ref()).await?,
        None => match make(session, &network, KeyStoreKind::Keyring, words.as_ref()).await {
            Err(error) if error.code == ErrorCode::Locked => {
                stderr_line("No keyring can be used here; the keys go into a file that a passphrase seals.");
                make(session, &network, KeyStoreKind::File, words.as_ref()).await?
            }
            made => made?,
        },
    };
    let report = InitReport {
        owner: identity.owner.to_string(),
        peer_id: identity.peer.to_string(),
        stellar_account: identity.stellar_account,
        phrase,
    };
    print(session.json, &report, init_words);
    Ok(())
}

async fn make(
    session: &Session,
    network: &NetworkFile,
    key_store: KeyStoreKind,
    words: Option<&Zeroizing<String>>,
) -> Outcome<(Identity, Option<Vec<String>>)> {
    let passphrase = match key_store {
        KeyStoreKind::File => Some(passphrase::new(session)?),
        KeyStoreKind::Keyring => None,
    };
    let setup = Setup { home: session.home.clone(), network: network.clone(), key_store, passphrase };
    if let Some(words) = words {
        return Ok((identity::recover(setup, words, &SystemEntropy).await?, None));
    }
    let (identity, phrase) = identity::create(setup, &SystemEntropy).await?;
    let text = phrase.to_text();
    Ok((identity, Some(text.split_whitespace().map(str::to_owned).collect())))
}

fn init_words(report: &InitReport) -> String {
    let mut text = format!(
        "Owner            {}\nThis device      {}\nStellar account  {}",
        report.owner, report.peer_id, report.stellar_account
    );
    if let Some(phrase) = &report.phrase {
        text.push_str("\n\nYour recovery phrase. Write these 24 words down on paper, in order. Whoever has them has your files;\nwithout them and without this device nobody can bring your files back. They are not shown again.\n");
        for (row, words) in phrase.chunks(6).enumerate() {
            let cells: Vec<String> = words
                .iter()
                .enumerate()
                .map(|(column, word)| format!("{:>2} {word:<9}", row * 6 + column + 1))
                .collect();
            text.push_str("\n  ");
            text.push_str(cells.join("").trim_end());
        }
        text.push_str("\n\nNext: `layr daemon --detach`, then `layr put FILE`.");
    }
    text
}

/// The words from a file, from standard input, or typed.
fn read_phrase(path: Option<&Path>) -> Outcome<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    let read = match path {
        Some(path) if path != Path::new("-") => {
            std::fs::File::open(path).and_then(|file| file.take(MAX_PHRASE_BYTES).read_to_string(&mut text))
        }
        None if std::io::stdin().is_terminal() => {
            let typed = rpassword::prompt_password("The 24 words, separated by spaces (not shown): ");
            typed.map(|typed| {
                *text = typed;
                text.len()
            })
        }
        _ => std::io::stdin().lock().take(MAX_PHRASE_BYTES).read_to_string(&mut text),
    };
    read.map_err(|error| local("cannot read the recovery phrase", &error))?;
    Ok(text)
}

/// The secrets of this home, asking for the passphrase where it needs one.
pub(crate) async fn unlock(session: &Session) -> Outcome<StoredSecrets> {
    let config = session.home.config()?;
    let passphrase = match config.key_store {
        KeyStoreKind::File => Some(passphrase::existing(session)?),
        KeyStoreKind::Keyring => None,
    };
    identity::open(&session.home, passphrase).await
}
