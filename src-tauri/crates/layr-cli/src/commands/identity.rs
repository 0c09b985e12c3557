//! `init`, and opening what it made.

use std::io::{IsTerminal, Read};
use std::path::Path;

use layr_keys::{RecoveryPhrase, SealedPhrase, StoredSecrets};
use layr_node::clock::SystemEntropy;
use layr_node::error::{ErrorCode, NodeError};
use layr_node::home::KeyStoreKind;
use layr_node::identity::{self, Identity, Setup};
use layr_node::network_file::NetworkFile;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::args::{InitArgs, KeyStoreArg};
use crate::failure::{self, Outcome, local};
use crate::output::{stderr_line, text_of, write_stdout_line, written_or_unread};
use crate::passphrase;
use crate::session::Session;

/// Longest phrase file in bytes: 24 words of at most 8 letters, and generous white space.
const MAX_PHRASE_BYTES: usize = 4096;

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
    let in_place = args.recover && identity::are_keys_gone(&session.home).await;
    if !in_place {
        identity::check_vacant(&session.home)?;
    }
    let network = NetworkFile::find(&args.network).map_err(|error| failure::from_network_file(&error))?;
    let brought =
        if args.recover { Some(bring_phrase(session, args.phrase_file.as_deref()).await?) } else { None };
    let make = |key_store| make(session, &network, key_store, brought.as_ref(), in_place);
    let (identity, phrase) = match args.key_store {
        Some(KeyStoreArg::Keyring) => make(KeyStoreKind::Keyring).await?,
        Some(KeyStoreArg::File) => make(KeyStoreKind::File).await?,
        None => match make(KeyStoreKind::Keyring).await {
            Err(error) if error.code == ErrorCode::Locked => {
                stderr_line("No keyring can be used here; the keys go into a file that a passphrase seals.");
                make(KeyStoreKind::File).await?
            }
            outcome => outcome?,
        },
    };
    let report = InitReport {
        owner: identity.owner.to_string(),
        peer_id: identity.peer.to_string(),
        stellar_account: identity.stellar_account,
        phrase,
    };
    let text = text_of(session.json, &report, init_words);
    match write_stdout_line(&text) {
        Err(error) if report.phrase.is_some() => Err(words_unseen(session, &error)),
        written => written_or_unread(written),
    }
}

/// New words that nobody has seen, whether the disk was full or the reader gone.
fn words_unseen(session: &Session, error: &std::io::Error) -> NodeError {
    local(
        &format!(
            "an identity was made, but its recovery phrase could not be written to standard output, and it is not shown again; nothing is stored with it yet: remove {} and repeat `layr init` where its output can be read",
            session.home.dir().join("config.toml").display()
        ),
        error,
    )
}

/// Words that somebody brings along.
struct Brought {
    phrase: RecoveryPhrase,
    /// What opened them and came from a file: it seals a new key file, too, as nobody is there to be asked for another.
    given: Option<Zeroizing<String>>,
}

async fn make(
    session: &Session,
    network: &NetworkFile,
    key_store: KeyStoreKind,
    brought: Option<&Brought>,
    in_place: bool,
) -> Outcome<(Identity, Option<Vec<String>>)> {
    let passphrase = match (key_store, brought.and_then(|brought| brought.given.clone())) {
        (KeyStoreKind::File, Some(given)) => Some(given),
        (KeyStoreKind::File, None) => Some(passphrase::new(session)?),
        (KeyStoreKind::Keyring, _) => None,
    };
    if let (Some(brought), true) = (brought, in_place) {
        let (home, phrase) = (&session.home, &brought.phrase);
        let back = identity::bring_keys_back(home, key_store, passphrase, phrase, &SystemEntropy).await?;
        return Ok((back, None));
    }
    let setup = Setup { home: session.home.clone(), network: network.clone(), key_store, passphrase };
    if let Some(brought) = brought {
        return Ok((identity::recover_phrase(setup, &brought.phrase, &SystemEntropy).await?, None));
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

/// The words from a file, sealed or readable, from standard input, or typed.
async fn bring_phrase(session: &Session, path: Option<&Path>) -> Outcome<Brought> {
    let bytes = read_phrase(path)?;
    if SealedPhrase::begins_with(&bytes) {
        let shown = path.unwrap_or(Path::new("-"));
        let sealed = identity::decode_sealed_phrase(shown, &bytes)?;
        let (passphrase, given) = passphrase::of_sealed_phrase(session)?;
        let phrase = identity::unseal_phrase(shown, sealed, passphrase).await?;
        return Ok(Brought { phrase, given });
    }
    let words = std::str::from_utf8(&bytes).map_err(|_| failure::usage("the recovery phrase is not text"))?;
    Ok(Brought { phrase: identity::parse_phrase(words)?, given: None })
}

fn read_phrase(path: Option<&Path>) -> Outcome<Zeroizing<Vec<u8>>> {
    // Room for all of it, as a buffer that grows leaves copies of the words behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_PHRASE_BYTES));
    let limit = MAX_PHRASE_BYTES as u64;
    let read = match path {
        Some(path) if path != Path::new("-") => {
            std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
        }
        None if std::io::stdin().is_terminal() => {
            let typed = rpassword::prompt_password("The 24 words, separated by spaces (not shown): ");
            typed.map(|typed| {
                *bytes = typed.into_bytes();
                bytes.len()
            })
        }
        _ => std::io::stdin().lock().take(limit).read_to_end(&mut bytes),
    };
    read.map_err(|error| local("cannot read the recovery phrase", &error))?;
    Ok(bytes)
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
