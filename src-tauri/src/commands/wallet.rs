//! The owner's account: what it has, what was signed for it, and paying from it. What a payment comes to is shown first; the page says yes to
//! that, and to nothing else.

use layr_node::api::{
    WalletHistory, WalletHistoryRequest, WalletReport, WalletSendPlan, WalletSendReport, WalletSendRequest,
};
use layr_node::error::ErrorCode;
use serde::{Deserialize, Serialize};

use super::manifest::TokenRequest;
use crate::clipboard;
use crate::ipc::{Check, UiError, at_most};
use crate::selections::{Chosen, random_id};
use crate::shell::Shell;

/// Longer than any account's address, amount or memo: what is wrong with a shorter one the node says.
const MAX_TEXT_BYTES: u64 = 256;
/// Transactions that are shown: more than anybody reads through.
const SHOWN_TRANSACTIONS: u32 = 200;

/// Whom to pay, and how much.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(optional_fields))]
#[serde(deny_unknown_fields)]
pub(crate) struct PaymentRequest {
    /// An account, `G…`.
    destination: String,
    /// Decimal lumens.
    amount_xlm: String,
    /// A text that everybody can read.
    #[serde(default)]
    memo: Option<String>,
}

/// What a payment would come to, and what says yes to it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct PaymentPlan {
    /// Says yes to it: however often, it is paid once.
    token: String,
    plan: WalletSendPlan,
}

impl Check for PaymentRequest {
    fn check(&self) -> Result<(), UiError> {
        let of = |text: &str| text.len() as u64;
        at_most("The length of the account", of(&self.destination), MAX_TEXT_BYTES)?;
        at_most("The length of the amount", of(&self.amount_xlm), MAX_TEXT_BYTES)?;
        at_most("The length of the memo", self.memo.as_deref().map_or(0, of), MAX_TEXT_BYTES)
    }
}

pub(crate) async fn wallet(shell: &Shell) -> Result<WalletReport, UiError> {
    shell.host.node()?.wallet().await
}

pub(crate) async fn wallet_fund(shell: &Shell) -> Result<WalletReport, UiError> {
    shell.host.node()?.wallet_fund().await
}

pub(crate) async fn wallet_history(shell: &Shell) -> Result<WalletHistory, UiError> {
    shell.host.node()?.wallet_history(WalletHistoryRequest { limit: Some(SHOWN_TRANSACTIONS) }).await
}

pub(crate) async fn wallet_copy(shell: &Shell) -> Result<(), UiError> {
    let node = shell.host.node()?;
    let account = node.wallet_account()?;
    clipboard::in_time(&shell.copied, move |copied| copied.put(&account)).await??;
    // Words that were left there, also before this start, have given way.
    node.phrase_left_on_clipboard(false).await;
    Ok(())
}

pub(crate) async fn wallet_send_plan(shell: &Shell, request: PaymentRequest) -> Result<PaymentPlan, UiError> {
    let node = shell.host.node()?;
    let PaymentRequest { destination, amount_xlm, memo } = request;
    let payment = WalletSendRequest { destination, amount_xlm, memo, key: random_id()? };
    let plan = node.wallet_plan(payment.clone()).await?;
    // What was planned is what is paid: as the node read it.
    let payment = WalletSendRequest {
        destination: plan.destination.clone(),
        amount_xlm: plan.amount_xlm.clone(),
        memo: plan.memo.clone(),
        ..payment
    };
    let token = shell.selections.keep(Chosen::Payment(payment))?;
    Ok(PaymentPlan { token, plan })
}

pub(crate) async fn wallet_send(shell: &Shell, request: TokenRequest) -> Result<WalletSendReport, UiError> {
    let node = shell.host.node()?;
    let selection = shell.selections.take(&request.token)?;
    let Chosen::Payment(payment) = &selection.chosen else {
        return Err(UiError::new(ErrorCode::InvalidRequest, "This is no payment that was planned."));
    };
    let sent = node.wallet_send(payment.clone()).await;
    // Anything but a clear no may have been paid: then the same yes asks for the same payment again.
    if sent.as_ref().err().is_none_or(|error| error.code == ErrorCode::InvalidRequest) {
        selection.used();
    }
    sent
}
