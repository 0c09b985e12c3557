//! Storage agreements: what owner and host agree on, and how both keep to it ([ADR 0023](../../../../docs/adr/0023-agreements.md)).
//!
//! Here is what both sides compute alike. All times are the ledger's.

mod agreement;
pub mod csv;
mod data;
pub(crate) mod fees;
pub(crate) mod forecast;
mod ledger;
mod missed;
mod paying;
pub mod price;
pub(crate) mod report;
mod revision;
pub mod spending;
mod terms;

pub(crate) use self::agreement::Agreement;
#[cfg(test)]
pub(crate) use self::agreement::agreement_of;
pub(crate) use self::data::{data_root, leaf_of, path_of};
pub(crate) use self::ledger::{AgreementLedger, Asked};
pub(crate) use self::paying::{
    Haste, Looked, Missing, Noticed, Obstacle, Paying, PayingError, Planned, Prompt, RenewalPlan, Renewed,
    Renewing, SpendingLimits,
};
pub(crate) use self::revision::{RecordedSignatures, body_of, is_signed_by, shown};
pub(crate) use self::terms::{
    ALLOWED_WINDOWS, DEFAULT_COLLATERAL_PERCENT, FirstWindow, GRACE_S, PROOF_REFUND_STROOPS, TERM_DAYS,
    TERM_WINDOWS, calendar, calendar_of, collateral_stroops, deposit_stroops, is_ours, monthly_stroops,
    rents_stroops, roomy_deposit_stroops, terms,
};
