//! Storage agreements, as they are shown, and what may be spent on them.

use serde::{Deserialize, Serialize};

/// `agreements limit`: absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(optional_fields))]
#[serde(deny_unknown_fields)]
pub struct SpendingSettings {
    /// The most that a host may ask for a GiB and month, in decimal lumens; `"0"` for only hosts that are free.
    #[serde(default)]
    pub max_price_xlm_per_gib_month: Option<String>,
    /// The most that hosts are paid and the ledger takes in 30 days, in decimal lumens; `"0"` for nothing.
    #[serde(default)]
    pub monthly_cap_xlm: Option<String>,
    /// Whether agreements that end are agreed on anew by themselves.
    #[serde(default)]
    pub auto_renew: Option<bool>,
}

/// What may be spent on storage agreements: nothing, unless a person says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct SpendingReport {
    /// The most that a host may ask for a GiB and month, in lumens; `"0"` where only hosts that are free store anything.
    pub max_price_xlm_per_gib_month: String,
    /// The most that hosts are paid and the ledger takes in 30 days, in lumens; `"0"` where nothing may be spent.
    pub monthly_cap_xlm: String,
    /// Whether agreements that end are agreed on anew by themselves, within these limits.
    pub auto_renew: bool,
}

/// `agreements`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementsRequest {
    /// Only the agreement with this id; all of them when absent.
    #[serde(default)]
    pub id: Option<String>,
}

/// `agreements end`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementsEndRequest {
    /// The agreement's number, as `agreements` lists it.
    pub id: String,
}

/// Result of `agreements end`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementsEndReport {
    /// The agreement, with its end as it is now.
    pub agreement: AgreementInfo,
    /// Whether it ends earlier than before; not where it ends no later by itself.
    pub is_shortened: bool,
}

/// Which side of an agreement this node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum AgreementSide {
    /// Its owner pays.
    Owner,
    /// It is paid.
    Host,
}

/// When a window is to be proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ProofDue {
    /// When its question comes out, in RFC 3339.
    pub from: String,
    /// When it is too late, in RFC 3339. The host needs to be on and connected at some time in between.
    pub until: String,
}

/// How far an agreement has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum AgreementPhase {
    /// The owner wrote down what it asks the host for. Nobody has signed anything, and nothing is bound.
    Proposed,
    /// The host consented, and nothing is on the ledger yet.
    Opening,
    /// Its escrow is on the ledger, and it runs.
    Active,
    /// Its last window is decided or its end is signed, and its money is still to be divided.
    Ending,
    /// Its money is divided, and hosts keep for a week after the term what it was about.
    Grace,
    /// Its money is divided.
    Ended,
    /// It never came onto the ledger; nothing was paid.
    Dropped,
}

impl AgreementPhase {
    /// Its word, as reports and tables have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Opening => "opening",
            Self::Active => "active",
            Self::Ending => "ending",
            Self::Grace => "grace",
            Self::Ended => "ended",
            Self::Dropped => "dropped",
        }
    }
}

/// How a window of an agreement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum AgreementWindow {
    /// The host proved that it has the data, and earned its rent.
    Proven,
    /// It did not.
    Missed,
    /// It is over, and both sides have not settled on how it went.
    Deciding,
    /// It runs.
    Running,
    /// It is still to come.
    ToCome,
}

/// One storage agreement. Amounts are decimal lumens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct AgreementInfo {
    /// Its number in this node's library.
    pub id: String,
    /// The host's peer id.
    pub host: String,
    /// The owner's id in hex.
    pub owner: String,
    /// Which of them this node is.
    pub role: AgreementSide,
    /// How far it has come.
    pub state: AgreementPhase,
    /// When its term begins, in RFC 3339, on the ledger's clock.
    pub start: String,
    /// When it ends.
    pub end: String,
    /// Windows of the term.
    pub windows_total: u32,
    /// Windows that were proven.
    pub windows_proven: u32,
    /// Windows that were not.
    pub windows_missed: u32,
    /// Each of them in its order.
    pub windows: Vec<AgreementWindow>,
    /// What a window earns the host that is proven.
    pub window_rent_xlm: String,
    /// What a missed window costs it of its collateral, beyond those that are allowed.
    pub missed_window_xlm: String,
    /// Windows that it may miss for nothing but their rent.
    pub misses_allowed: u32,
    /// From when on its next term can be agreed on.
    pub renewable_from: String,
    /// The next window that is still to be proven; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub next_proof: Option<ProofDue>,
    /// The price for a GiB and month.
    pub price_xlm_per_gib_month: String,
    /// What the owner put in for this host: the most that it can earn.
    pub deposit_xlm: String,
    /// What the host put in.
    pub collateral_xlm: String,
    /// What the host has earned so far.
    pub paid_xlm: String,
    /// What the ledger holds for it, of both sides: all of it until the money is divided.
    pub held_xlm: String,
    /// What is left of the deposit.
    pub left_xlm: String,
    /// Leaves of 1 KiB that it is about.
    pub leaf_count: u64,
    /// Whether it is renewed by itself.
    pub auto_renew: bool,
    /// The escrow that it is part of, in hex; absent before that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub escrow: Option<String>,
}

/// Result of `agreements`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct AgreementsReport {
    /// The agreements, oldest first.
    pub agreements: Vec<AgreementInfo>,
    /// What may be spent on them.
    pub limits: SpendingReport,
    /// What the ledger took in fees for agreements in the last 30 days, in lumens; it counts in the monthly limit.
    pub month_fees_xlm: String,
    /// Days until the first agreement that this node pays for ends, next terms included; absent without one.
    pub runway_days: Option<u64>,
    /// By which time windows are told, in RFC 3339: the ledger's, where it was heard of.
    pub now: String,
}
