//! `wallet [fund | send | history | use]`.

mod using;

use layr_node::api::{
    Money, WalletHistory, WalletHistoryRequest, WalletReport, WalletSendPlan, WalletSendReport,
    WalletSendRequest, WalletSource, WalletTransaction, WalletTransactionKind, WalletTransactionState,
};
use layr_node::clock::Surroundings;
use layr_node::error::{ErrorCode, NodeError};
use serde_json::Value;

use crate::args::{WalletCommand, WalletHistoryArgs, WalletSendArgs};
use crate::failure::Outcome;
use crate::output::{Table, print, stderr_line};
use crate::session::Session;

/// Bytes of a payment's random name: no two are ever alike.
const KEY_BYTES: usize = 16;

pub(crate) async fn run(session: &Session, command: Option<WalletCommand>) -> Outcome<()> {
    let report = match command {
        None => show(session).await?,
        Some(WalletCommand::Fund) => session.call("wallet.fund", &Value::Null).await?,
        Some(WalletCommand::Send(args)) => return send(session, args).await,
        Some(WalletCommand::History(args)) => return history(session, &args).await,
        Some(WalletCommand::Use(args)) => return using::run(session, args).await,
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
    let WalletSendArgs { destination, amount, memo, key, plan } = args;
    let key = key.map_or_else(random_key, Ok)?;
    let client = session.connect().await?;
    if plan {
        let request = WalletSendRequest { destination, amount_xlm: amount, memo, key };
        let plan: WalletSendPlan = session.call_on(client, "wallet.plan", &request, |_| Ok(())).await?;
        return print(session.json, &plan, plan_words);
    }
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

/// From the running node; without one, from the library.
async fn history(session: &Session, args: &WalletHistoryArgs) -> Outcome<()> {
    let request = WalletHistoryRequest { limit: args.limit };
    let report: WalletHistory = match session.connect_if_running().await? {
        Some(client) => session.call_on(client, "wallet.history", &request, |_| Ok(())).await?,
        None => layr_node::wallet::history_of(&session.home, request)?,
    };
    print(session.json, &report, history_words)
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

fn plan_words(plan: &WalletSendPlan) -> String {
    let opens = if plan.opens_account { "\nOpens      an account that does not exist yet" } else { "" };
    format!(
        "Would pay  {} XLM to {}\nFee        {} XLM, at most {}\nLeft       {} XLM to spend{opens}",
        plan.amount_xlm, plan.destination, plan.fee_xlm, plan.fee_cap_xlm, plan.left_xlm
    )
}

fn history_words(history: &WalletHistory) -> String {
    if history.transactions.is_empty() {
        return "Nothing was signed for this ledger yet.".to_owned();
    }
    let mut table = Table::new(&["SIGNED", "WHAT", "STATE", ">XLM", ">FEE XLM", "TO", "NAME"]);
    for transaction in &history.transactions {
        let text = |of: &Option<String>| of.clone().unwrap_or_else(|| "–".to_owned());
        table.row(vec![
            transaction.signed_at.clone(),
            kind_words(transaction.kind).to_owned(),
            state_words(transaction),
            text(&transaction.amount_xlm),
            text(&transaction.fee_xlm),
            text(&transaction.destination),
            transaction.key.clone(),
        ]);
    }
    let more = if history.has_more { "\n\nThere is more: `--limit`." } else { "" };
    format!("{}{more}", table.render())
}

fn kind_words(kind: WalletTransactionKind) -> &'static str {
    match kind {
        WalletTransactionKind::Payment => "payment",
        WalletTransactionKind::Escrow => "deposits",
        WalletTransactionKind::Settlement => "settlement",
        WalletTransactionKind::Proof => "proof",
        WalletTransactionKind::Claim => "claim",
        WalletTransactionKind::Question => "question",
        WalletTransactionKind::Excuse => "excuse",
        WalletTransactionKind::Termination => "early end",
        WalletTransactionKind::Beacon => "beacon",
        WalletTransactionKind::Keeping => "contract's life",
        WalletTransactionKind::Other => "other",
    }
}

fn state_words(transaction: &WalletTransaction) -> String {
    let code = transaction.code.as_deref().map(|code| format!(": {code}")).unwrap_or_default();
    match transaction.state {
        WalletTransactionState::Pending => "not known yet".to_owned(),
        WalletTransactionState::Refused => format!("refused{code}"),
        WalletTransactionState::Done => "done".to_owned(),
        WalletTransactionState::Failed => format!("failed{code}"),
        WalletTransactionState::NeverSent => "not done".to_owned(),
        WalletTransactionState::Unknown => "nobody tells".to_owned(),
    }
}

fn words(report: &WalletReport) -> String {
    let WalletReport { account, balance_xlm, spendable_xlm, reserve_xlm, escrow_xlm, .. } = report;
    let source = match report.source {
        WalletSource::Phrase => "",
        WalletSource::Key => ", by a secret key that your words do not bring back",
    };
    let mut money = match report.money {
        Money::Test => "\nMoney      for trying out: these lumens are worth nothing".to_owned(),
        Money::Real => String::new(),
    };
    if let Some(life) = report.contract_life.as_ref().and_then(super::ledger::life_words) {
        money = format!("{money}\n{life}");
    }
    if !report.is_open {
        let how = if report.has_friendbot {
            "`layr wallet fund` opens it with lumens for trying out."
        } else {
            "Send it at least 1 lumen to open it."
        };
        return format!(
            "Account    {account}{source}\nBalance    0 XLM: the account does not exist yet. {how}{money}"
        );
    }
    let runway = match report.runway_days {
        Some(days) => format!("{days} days"),
        None => "nothing to pay for".to_owned(),
    };
    format!(
        "Account    {account}{source}\nBalance    {balance_xlm} XLM, of which {spendable_xlm} can be spent and {reserve_xlm} stay in the account\nEscrow     {escrow_xlm} XLM\nRunway     {runway}{money}"
    )
}
