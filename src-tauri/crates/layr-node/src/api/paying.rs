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

/// `agreements renew`, and its plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(optional_fields))]
#[serde(deny_unknown_fields)]
pub struct AgreementsRenewRequest {
    /// Numbers of agreements, as `agreements` lists them; absent for all that end soon.
    #[serde(default)]
    pub ids: Option<Vec<String>>,
    /// The most lumens that may go into escrow for it, such as the `deposits_xlm` of its plan; absent for all that the limits allow.
    #[serde(default)]
    pub most_xlm: Option<String>,
    /// Windows of a week that the next term has, from 4 to 17; absent for 13.
    #[serde(default)]
    pub windows: Option<u32>,
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

/// Result of `agreements plan`: what `agreements renew` would agree on, by what hosts asked for last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct AgreementsRenewPlan {
    /// The terms, each with a host.
    pub terms: Vec<PlannedTerm>,
    /// What would be put into escrow, in lumens.
    pub deposits_xlm: String,
    /// The most that the ledger takes as fees.
    pub fee_cap_xlm: String,
    /// What the account can spend.
    pub spendable_xlm: String,
    /// What it lacks for all that the limits allow; `"0"` where it lacks nothing.
    pub missing_xlm: String,
}

/// A term that would be agreed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct PlannedTerm {
    /// The host's peer id.
    pub host: String,
    /// Whether it follows on a term that ends; otherwise it is about what nobody is paid for yet.
    pub is_renewal: bool,
    /// When it begins, in RFC 3339, on the ledger's clock.
    pub start: String,
    /// When it ends.
    pub end: String,
    /// Leaves of 1 KiB that it is about.
    pub leaf_count: u64,
    /// The price for a GiB and month.
    pub price_xlm_per_gib_month: String,
    /// What is put into escrow for it, in lumens: the most that the host can earn. The rest comes back.
    pub deposit_xlm: String,
    /// Why it would not be agreed on; absent where it would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub obstacle: Option<String>,
}
