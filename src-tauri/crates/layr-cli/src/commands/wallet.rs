//! `wallet [fund | send]`.

use layr_node::api::{WalletReport, WalletSendReport, WalletSendRequest};
use layr_node::clock::Surroundings;
use layr_node::error::{ErrorCode, NodeError};
use serde_json::Value;

use crate::args::{WalletCommand, WalletSendArgs};
use crate::failure::Outcome;
use crate::output::print;
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
    let network = session.home.network()?;
    let secrets = super::identity::unlock(session).await?;
    layr_node::wallet::wallet_of(&network.ledger, &secrets).await
}

async fn send(session: &Session, args: WalletSendArgs) -> Outcome<()> {
    let WalletSendArgs { destination, amount, memo, key } = args;
    let key = key.map_or_else(random_key, Ok)?;
    let request = WalletSendRequest { destination, amount_xlm: amount, memo, key };
    let report: WalletSendReport = session.call("wallet.send", &request).await?;
    print(session.json, &report, |report| {
        format!(
            "Paid {} XLM to {}\nFee        {} XLM\nLedger     {}\nHash       {}",
            report.amount_xlm, report.destination, report.fee_xlm, report.ledger, report.transaction
        )
    })
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
