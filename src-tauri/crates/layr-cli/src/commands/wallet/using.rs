//! `wallet use`.

use std::io::{IsTerminal as _, Read as _};

use layr_keys::StellarKey;
use layr_node::api::{WalletSource, WalletUseReport};
use layr_node::home::KeyStoreKind;
use layr_node::identity;
use zeroize::Zeroizing;

use crate::args::WalletUseArgs;
use crate::failure::{Outcome, local, usage};
use crate::output::{print, stderr_line};
use crate::passphrase;
use crate::session::Session;

/// Longest text that is looked at for a secret key of 56 letters, so that a wrong file is noticed.
const MAX_KEY_BYTES: usize = 256;

pub(super) async fn run(session: &Session, args: WalletUseArgs) -> Outcome<()> {
    let WalletUseArgs { phrase, key_fd } = args;
    let config = session.home.config()?;
    let key = if phrase { None } else { Some(bring_key(key_fd)?) };
    let passphrase = match config.key_store {
        KeyStoreKind::File => Some(passphrase::existing(session)?),
        KeyStoreKind::Keyring => None,
    };
    let report = identity::use_account(&session.home, passphrase, key).await?;
    if report.is_open == Some(false) {
        stderr_line(&format!(
            "layr: the account {} does not exist on this network's ledger yet: it does once somebody sends it at least 1 lumen",
            report.account
        ));
    }
    print(session.json, &report, words)
}

/// The secret key, from an open file, from standard input, or typed.
fn bring_key(key_fd: Option<i32>) -> Outcome<StellarKey> {
    if key_fd.is_none() && std::io::stdin().is_terminal() {
        let typed = rpassword::prompt_password("The account's secret key, S… (not shown): ");
        let typed = Zeroizing::new(typed.map_err(|error| local("cannot ask for the secret key", &error))?);
        return identity::parse_account_key(&typed);
    }
    // Room for all of it, as a buffer that grows leaves copies of the key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_KEY_BYTES + 1));
    let limit = MAX_KEY_BYTES as u64;
    let read = match key_fd {
        Some(number) if number < 0 => {
            return Err(usage("--key-fd takes the number of an open file descriptor"));
        }
        Some(number) => std::fs::File::open(passphrase::descriptor(number))
            .and_then(|file| file.take(limit).read_to_end(&mut bytes)),
        None => std::io::stdin().lock().take(limit).read_to_end(&mut bytes),
    };
    read.map_err(|error| local("cannot read the secret key", &error))?;
    // What is no text is no key either.
    identity::parse_account_key(std::str::from_utf8(&bytes).unwrap_or_default())
}

fn words(report: &WalletUseReport) -> String {
    let from = match report.source {
        WalletSource::Phrase => "your 24 words",
        WalletSource::Key => "its secret key, which your words do not bring back: keep it",
    };
    let before = if report.previous_account == report.account {
        "the same: nothing was changed"
    } else {
        report.previous_account.as_str()
    };
    format!("Account    {}\nFrom       {from}\nBefore     {before}", report.account)
}
