//! The life of the agreement contract's code on its ledger.

use serde::{Deserialize, Serialize};

/// How long a network's agreement contract can be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ContractLifeReport {
    /// The last ledger in which it can be called.
    pub live_until_ledger: u32,
    /// About when that closes, in RFC 3339.
    pub live_until: String,
    /// Whether its code is archived: nothing is agreed on, proven or settled before somebody restores it.
    pub is_archived: bool,
    /// Whether less than 30 days of its life are left.
    pub is_short: bool,
}

/// `ledger keep`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerKeepRequest {
    /// Also where more than 60 days are left.
    #[serde(default)]
    pub force: bool,
    /// The most that each of its transactions may cost, in decimal lumens; 160 when absent.
    #[serde(default)]
    pub fee_cap_xlm: Option<String>,
}

/// What keeping would come to. Nothing is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerKeepPlan {
    /// The contract, `C…`.
    pub contract: String,
    /// How long it can be called as things are.
    pub life: ContractLifeReport,
    /// Whether its code would be brought back from the archive.
    pub restores: bool,
    /// Whether its life would be made as long as the ledger allows.
    pub extends: bool,
    /// The last ledger of its life afterwards.
    pub until_ledger: u32,
    /// About when that closes, in RFC 3339.
    pub until: String,
    /// What it would cost at most, in lumens; of an extension behind a restoring an estimate. What is left over comes back.
    pub fee_xlm: String,
    /// The most that each of its transactions may cost.
    pub fee_cap_xlm: String,
    /// What can be spent afterwards.
    pub left_xlm: String,
}

/// Result of `ledger keep`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerKeepReport {
    /// The contract, `C…`.
    pub contract: String,
    /// Whether its code was brought back from the archive.
    pub restored: bool,
    /// Whether its life was made longer.
    pub extended: bool,
    /// How long it can be called now.
    pub life: ContractLifeReport,
    /// What was paid, in lumens.
    pub fee_xlm: String,
    /// Hashes of the transactions, in hex; none where nothing was due.
    pub transactions: Vec<String>,
}
