//! Storage agreements, and what may be spent on them.

use layr_node::agreements::csv;
use layr_node::api::{
    AgreementsCheckReport, AgreementsRenewPlan, AgreementsRenewRequest, AgreementsReport, AgreementsRequest,
    SpendingReport, SpendingSettings,
};
use layr_node::error::ErrorCode;
use serde::Serialize;

use crate::dialogs::{Place, Question};
use crate::ipc::{Check, UiError, at_most};
use crate::shell::Shell;

/// Longer than any amount.
const MAX_AMOUNT_BYTES: u64 = 64;
/// More agreements than anybody marks by hand.
const MAX_IDS: u64 = 10_000;
/// Longer than any agreement's number.
const MAX_ID_BYTES: u64 = 32;

/// The table that was written.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct ExportedAgreements {
    path: String,
    /// Agreements in it.
    count: usize,
}

impl Check for AgreementsRenewRequest {
    fn check(&self) -> Result<(), UiError> {
        let most_bytes = self.most_xlm.as_deref().map_or(0, str::len) as u64;
        at_most("The length of an amount", most_bytes, MAX_AMOUNT_BYTES)?;
        let Some(ids) = &self.ids else { return Ok(()) };
        at_most("The number of agreements", ids.len() as u64, MAX_IDS)?;
        ids.iter().try_for_each(|id| at_most("The length of an id", id.len() as u64, MAX_ID_BYTES))
    }
}

impl Check for SpendingSettings {
    fn check(&self) -> Result<(), UiError> {
        let of = |text: &Option<String>| text.as_deref().map_or(0, str::len) as u64;
        at_most("The length of the price", of(&self.max_price_xlm_per_gib_month), MAX_AMOUNT_BYTES)?;
        at_most("The length of the monthly limit", of(&self.monthly_cap_xlm), MAX_AMOUNT_BYTES)
    }
}

pub(crate) async fn agreements(shell: &Shell) -> Result<AgreementsReport, UiError> {
    shell.host.node()?.agreements(AgreementsRequest::default()).await
}

pub(crate) async fn agreements_check(shell: &Shell) -> Result<AgreementsCheckReport, UiError> {
    shell.host.node()?.agreements_check().await
}

pub(crate) async fn agreements_renew_plan(
    shell: &Shell,
    request: AgreementsRenewRequest,
) -> Result<AgreementsRenewPlan, UiError> {
    shell.host.node()?.agreements_plan(request).await
}

pub(crate) async fn agreements_renew(
    shell: &Shell,
    request: AgreementsRenewRequest,
) -> Result<AgreementsCheckReport, UiError> {
    shell.host.node()?.agreements_renew(request).await
}

pub(crate) async fn agreements_limit(
    shell: &Shell,
    request: SpendingSettings,
) -> Result<SpendingReport, UiError> {
    shell.host.node()?.spending_set(request).await
}

pub(crate) async fn agreements_export(shell: &Shell) -> Result<Option<ExportedAgreements>, UiError> {
    let node = shell.host.node()?;
    let Some(Place { path, existing }) = shell.dialogs.ask_where(Question::SaveTable).await? else {
        return Ok(None);
    };
    let agreements = node.agreements(AgreementsRequest::default()).await?.agreements;
    let (shown, count) = (path.to_string_lossy().into_owned(), agreements.len());
    let written = tokio::task::spawn_blocking(move || csv::write(&agreements, &path, existing)).await;
    written.map_err(|error| UiError::new(ErrorCode::Internal, format!("A thread ended: {error}.")))??;
    Ok(Some(ExportedAgreements { path: shown, count }))
}
