//! The account that a home pays from: that of its words, or one that its owner brought along by its secret key. The words do not bring such a
//! key back.

use std::time::Duration;

use layr_keys::{StellarKey, StoredSecrets};
use layr_ledger::{Account, Ledger};
use layr_library::{AgreementRole, Library, OpenError};
use zeroize::Zeroizing;

use super::keys::{key_store, of_key_store};
use super::open;
use crate::agreements::Agreement;
use crate::api::{WalletSource, WalletUseReport};
use crate::catalogue::store_error;
use crate::clock::{Clock as _, SystemClock};
use crate::error::{ErrorCode, NodeError};
use crate::home::{Home, KeyStoreKind};
use crate::network_file::LedgerKind;
use crate::node::library_unusable;

/// Longest wait for a ledger that is only asked whether it knows the account.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// So long after a term its escrow counts as gone: the ledger archives the entry a month after it.
const GONE_AFTER_S: u64 = 2 * layr_agreement::KEPT_AFTER_S;

/// The secret key of an account, from a text.
///
/// # Errors
/// [`ErrorCode::WrongKey`] for what is none.
pub fn parse_account_key(text: &str) -> Result<StellarKey, NodeError> {
    StellarKey::parse(text.trim()).map_err(|error| {
        NodeError::new(ErrorCode::WrongKey, format!("This is no secret key of an account: {error}."))
    })
}

/// Has a home in which no node runs pay from the account of this key from now on; without one from that of its words.
///
/// # Errors
/// [`ErrorCode::HomeInUse`]; [`ErrorCode::Conflict`] where agreements or transactions of the other account are not over; as [`super::open`].
pub async fn use_account(
    home: &Home,
    passphrase: Option<Zeroizing<String>>,
    key: Option<StellarKey>,
) -> Result<WalletUseReport, NodeError> {
    let config = home.config()?;
    let _lock = home.lock()?;
    let mut secrets = open(home, passphrase.clone()).await?;
    let before: Account = secrets.stellar_key().account().into();
    secrets.account_secret = None;
    let of_words: Account = secrets.stellar_key().account().into();
    let now = key.as_ref().map_or(of_words, |key| key.account().into());
    // Beside the words nothing is kept for their own account.
    secrets.account_secret = key.filter(|_| now != of_words).map(|key| key.to_secret_bytes());
    if now != before {
        check_nothing_runs(home, before)?;
        let passphrase = passphrase.filter(|_| config.key_store == KeyStoreKind::File);
        let store = key_store(home, config.key_store, &config.home_id, passphrase)?;
        store.save(&secrets).await.map_err(|error| of_key_store(home, &error))?;
    }
    Ok(WalletUseReport {
        account: now.to_string(),
        source: source_of(&secrets),
        previous_account: before.to_string(),
        is_open: is_open(home, now).await?,
    })
}

/// Where the account of these secrets is from.
pub(crate) fn source_of(secrets: &StoredSecrets) -> WalletSource {
    if secrets.account_secret.is_some() { WalletSource::Key } else { WalletSource::Phrase }
}

/// Refuses where something is not over that only `account` can sign for.
fn check_nothing_runs(home: &Home, account: Account) -> Result<(), NodeError> {
    let library = match Library::open_read_only(&home.library()) {
        Ok(library) => library,
        // Nothing was ever agreed on.
        Err(OpenError::Missing { .. }) => return Ok(()),
        Err(error) => return Err(library_unusable(&error)),
    };
    let mut running = Vec::new();
    for role in [AgreementRole::Owner, AgreementRole::Host] {
        for record in library.open_agreements(role).map_err(|error| store_error(&error))? {
            let agreement = Agreement::read(record).map_err(|error| store_error(&error))?;
            let signs = match role {
                AgreementRole::Owner => agreement.terms.owner,
                AgreementRole::Host => agreement.host.account,
            };
            // Also where no node has looked since: on another network, or of another contract.
            let is_over =
                agreement.record.end_unix_s.saturating_add(GONE_AFTER_S) <= SystemClock.now_unix_s();
            if signs == account && !is_over {
                running.push(agreement.record.id.to_string());
            }
        }
    }
    if !running.is_empty() {
        let message = format!(
            "Agreements run that only the account {account} can sign for: {}. Nothing was changed; let them end first (`layr agreements`).",
            running.join(", ")
        );
        return Err(NodeError::new(ErrorCode::Conflict, message).with("agreements", running));
    }
    let Some(ledger) = ledger_of(home)? else { return Ok(()) };
    let open = library.open_ledger_transactions(&ledger.network_id(), account.as_bytes());
    if open.map_err(|error| store_error(&error))?.is_empty() {
        return Ok(());
    }
    let message = format!(
        "What became of a transaction of the account {account} is not known yet. Nothing was changed; start the node, which finds out, and repeat it then."
    );
    Err(NodeError::new(ErrorCode::Conflict, message))
}

/// Whether the network's ledger knows the account; none where it does not answer.
async fn is_open(home: &Home, account: Account) -> Result<Option<bool>, NodeError> {
    let Some(ledger) = ledger_of(home)? else { return Ok(None) };
    let asked = tokio::time::timeout(ANSWERED_WITHIN, ledger.find_account(account)).await;
    Ok(asked.ok().and_then(Result::ok).map(|found| found.is_some()))
}

fn ledger_of(home: &Home) -> Result<Option<Ledger>, NodeError> {
    match home.network()?.ledger {
        LedgerKind::None => Ok(None),
        LedgerKind::Stellar(network) => {
            Ledger::new(network.settings()).map(Some).map_err(|error| crate::wallet::explained(&error))
        }
    }
}
