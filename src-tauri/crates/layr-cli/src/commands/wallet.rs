//! `wallet [fund | send]`.

use layr_node::api::{WalletReport, WalletSendReport, WalletSendRequest};
use layr_node::clock::Surroundings;
use layr_node::error::{ErrorCode, NodeError};
use serde_json::Value;

use crate::args::{WalletCommand, WalletSendArgs};
use crate::failure::Outcome;
use crate::output::{print, stderr_line};
use crate::session::Session;

/// Bytes of a payment's random name: no two are ever alike.
const KEY_BYTES: usize = 16;

pub(crate) async fn run(session: &Session, command: Option<WalletCommand>) -> Outcome<()> {
    let report = match command {
        None => show(session).await?,
        Some(WalletCommand::Fund) => session.call("wallet.fund", &Value::Null).await?,
        Some(WalletCommand::Send(args)) => return send(session, args).await,
    };
    print(session.json, &report, words)
}

/// From the running node; without one, from the ledger itself.
async fn show(session: &Session) -> Outcome<WalletReport> {
    if let Some(client) = session.connect_if_running().await? {
        return session.call_on(client, "wallet", &Value::Null, |_| Ok(())).await;
    }
    let secrets = super::identity::unlock(session).await?;
    layr_node::wallet::wallet_of(&session.home, &secrets).await
}

async fn send(session: &Session, args: WalletSendArgs) -> Outcome<()> {
    let WalletSendArgs { destination, amount, memo, key } = args;
    let key = key.map_or_else(random_key, Ok)?;
    let client = session.connect().await?;
    // Before anything is sent: whatever happens to this command, its payment can be asked for.
    let repeat = format!("--key {}", quoted(&key));
    stderr_line(&format!("name of this payment: {key}; repeat with {repeat} and it is paid once"));
    let request = WalletSendRequest { destination, amount_xlm: amount, memo, key };
    let sent = session.call_on(client, "wallet.send", &request, |_| Ok(())).await;
    let report: WalletSendReport = sent.map_err(|error| named(error, &request.key, &repeat))?;
    print(session.json, &report, |report| {
        format!(
            "Paid {} XLM to {}\nFee        {} XLM\nLedger     {}\nHash       {}",
            report.amount_xlm, report.destination, report.fee_xlm, report.ledger, report.transaction
        )
    })
}

/// A failure with the payment's name. Where the command was cut off, nobody knows whether it was paid, and without its name a repeat would be
/// another payment.
fn named(error: NodeError, key: &str, repeat: &str) -> NodeError {
    let message = match error.code {
        ErrorCode::Interrupted => {
            format!(
                "interrupted; it may be paid all the same: repeat the command with {repeat}, and it is paid once"
            )
        }
        ErrorCode::NoNode => format!(
            "the node went away; it may be paid all the same: start the node and repeat the command with {repeat}, and it is paid once"
        ),
        _ if error.message.contains(repeat) => error.message.clone(),
        _ => format!("{} (A repeat of this payment: the command with {repeat}.)", error.message),
    };
    NodeError { message, ..error }.with("key", key)
}

/// A name as a shell takes it.
fn quoted(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.:/".contains(letter);
    if !name.is_empty() && name.chars().all(is_plain) {
        return name.to_owned();
    }
    format!("'{}'", name.replace('\'', r"'\''"))
}

fn random_key() -> Outcome<String> {
    let mut bytes = [0_u8; KEY_BYTES];
    Surroundings::default().entropy.fill(&mut bytes).map_err(|error| {
        NodeError::new(ErrorCode::Internal, format!("The system gives no random bytes: {error}."))
    })?;
    Ok(hex::encode(bytes))
}

fn words(report: &WalletReport) -> String {
    let WalletReport { account, balance_xlm, spendable_xlm, escrow_xlm, .. } = report;
    if !report.is_open {
        let how = if report.has_friendbot {
            "`layr wallet fund` opens it with lumens for trying out."
        } else {
            "Send it at least 1 lumen to open it."
        };
        return format!("Account    {account}\nBalance    0 XLM: the account does not exist yet. {how}");
    }
    let runway = match report.runway_days {
        Some(days) => format!("{days} days"),
        None => "nothing to pay for".to_owned(),
    };
    format!(
        "Account    {account}\nBalance    {balance_xlm} XLM, of which {spendable_xlm} can be spent\nEscrow     {escrow_xlm} XLM\nRunway     {runway}"
    )
}
