//! What is done about storage agreements at once.

use serde::{Deserialize, Serialize};

/// Result of `agreements check`: what was due and is done now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct AgreementsCheckReport {
    /// Agreements that came onto the ledger.
    pub opened: u64,
    /// What was put into escrow for them, in lumens.
    pub deposited_xlm: String,
    /// Windows that hosts proved, counted for each host.
    pub windows_proven: u64,
    /// Windows that they missed.
    pub windows_missed: u64,
    /// Agreements whose money was divided.
    pub settled: u64,
    /// What was not possible, and is tried again.
    pub obstacles: Vec<AgreementObstacle>,
}

/// `agreements renew`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementsRenewRequest {
    /// Numbers of agreements, as `agreements` lists them; absent for all that end soon.
    #[serde(default)]
    pub ids: Option<Vec<String>>,
}

/// Something about agreements that was not possible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct AgreementObstacle {
    /// The host's peer id; absent where it is about all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub host: Option<String>,
    /// What was not possible.
    pub reason: String,
}

/// What it costs to store something for a term, by what hosts ask now. Amounts are decimal lumens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct StorageCost {
    /// Days of a term.
    pub term_days: u32,
    /// What hosts earn if each proves every window.
    pub rent_xlm: String,
    /// What goes into escrow for it; what hosts do not earn comes back at the end.
    pub deposit_xlm: String,
    /// The owner's fees to the ledger, about.
    pub fees_xlm: String,
    /// What hosts put in as collateral.
    pub collateral_xlm: String,
    /// What there is too little of; absent where nothing is missing or the ledger does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub shortage: Option<String>,
}
