//! Money on a ledger.

use serde::{Deserialize, Serialize};

use super::ContractLifeReport;

/// What a network's lumens are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum Money {
    /// For trying out: they cost nothing, and nothing can be bought for them.
    Test,
    /// Those of the public network.
    Real,
}

/// Where an account is from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum WalletSource {
    /// From the owner's words, which bring it back.
    #[default]
    Phrase,
    /// From a secret key that the owner brought along, and has to keep.
    Key,
}

/// Result of `wallet use`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletUseReport {
    /// The account that pays from now on, `G…`.
    pub account: String,
    /// Where it is from.
    pub source: WalletSource,
    /// The account that paid until now.
    pub previous_account: String,
    /// Whether it exists on the ledger; absent where the network has none, or none that answers.
    pub is_open: Option<bool>,
}

/// Result of `wallet` and `wallet fund`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct WalletReport {
    /// The account, `G…`: where to send lumens to.
    pub account: String,
    /// Where it is from.
    #[serde(default)]
    pub source: WalletSource,
    /// Whether the account exists on the ledger; it does from its first lumen on.
    pub is_open: bool,
    /// All that it has, in lumens.
    pub balance_xlm: String,
    /// What of it can be spent: the rest is the ledger's reserve.
    pub spendable_xlm: String,
    /// What the ledger keeps in the account as long as it is open: a lumen, and half a lumen for each entry that it holds besides.
    pub reserve_xlm: String,
    /// What would come back out of escrows, in lumens, if their agreements were divided by what is proven so far.
    pub escrow_xlm: String,
    /// Days until the first agreement that is paid for ends or has to be paid for again; none without one.
    pub runway_days: Option<u64>,
    /// Whether the network gives lumens away for trying out.
    pub has_friendbot: bool,
    /// What its lumens are.
    pub money: Money,
    /// How long the network's agreement contract can still be called; absent where it has none, or nobody tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub contract_life: Option<ContractLifeReport>,
}

/// `wallet send`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WalletSendRequest {
    /// To whom, `G…`.
    pub destination: String,
    /// How much, in decimal lumens.
    pub amount_xlm: String,
    /// A text of at most 28 bytes that goes with it, for everybody to read.
    #[serde(default)]
    pub memo: Option<String>,
    /// A name for this payment: under the same name it is made once, however often it is asked for.
    pub key: String,
}

/// What a payment would come to: every check that sending it makes was made, and nothing is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct WalletSendPlan {
    /// To whom.
    pub destination: String,
    /// How much, in lumens.
    pub amount_xlm: String,
    /// The text that goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub memo: Option<String>,
    /// The fee, as long as the ledger has room.
    pub fee_xlm: String,
    /// The most that it may become.
    pub fee_cap_xlm: String,
    /// Whether it opens the account that is paid.
    pub opens_account: bool,
    /// What can be spent afterwards.
    pub left_xlm: String,
}

/// Result of `wallet send`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct WalletSendReport {
    /// To whom.
    pub destination: String,
    /// How much, in lumens.
    pub amount_xlm: String,
    /// The fee that was taken, in lumens.
    pub fee_xlm: String,
    /// The transaction's hash in hex.
    pub transaction: String,
    /// The ledger that it is in.
    pub ledger: u32,
    /// The name of this payment.
    pub key: String,
}

/// `wallet history`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WalletHistoryRequest {
    /// The most transactions to tell; a hundred when absent, at most a thousand.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Result of `wallet history`: what this home signed for its ledger, the newest first. What others paid is not among it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct WalletHistory {
    /// The transactions.
    pub transactions: Vec<WalletTransaction>,
    /// Whether there are older ones.
    pub has_more: bool,
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum WalletTransactionKind {
    /// A payment to somebody.
    Payment,
    /// Deposits for storage agreements.
    Escrow,
    /// The money of agreements divided.
    Settlement,
    /// A window proven on the ledger, as a host.
    Proof,
    /// A receipt shown to the ledger, as a host.
    Claim,
    /// A window asked for on the ledger, as an owner whose beacon is silent.
    Question,
    /// A window excused for which there was no question, as a host.
    Excuse,
    /// An agreement ended early, as an owner.
    Termination,
    /// The beacon that windows are asked by, brought to the ledger.
    Beacon,
    /// A longer life for the agreement contract's code.
    Keeping,
    /// Anything else.
    Other,
}

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum WalletTransactionState {
    /// Signed and sent; the rest is not known yet.
    Pending,
    /// A server refused it; until its time is over it may come all the same.
    Refused,
    /// In the ledger.
    Done,
    /// In the ledger, where it failed: only its fee is gone.
    Failed,
    /// It never came into the ledger, and never will.
    NeverSent,
    /// In the ledger or not: nobody tells any more.
    Unknown,
}

/// One transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct WalletTransaction {
    /// What it is for.
    pub kind: WalletTransactionKind,
    /// What became of it.
    pub state: WalletTransactionState,
    /// When it was signed, in RFC 3339, on the ledger's clock.
    pub signed_at: String,
    /// What it pays, in lumens: of a payment, and of deposits; absent for all else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub amount_xlm: Option<String>,
    /// To whom a payment goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub destination: Option<String>,
    /// The text that goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub memo: Option<String>,
    /// The fee that was taken, in lumens; absent where none was, or nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub fee_xlm: Option<String>,
    /// Its hash in hex.
    pub transaction: String,
    /// The ledger that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub ledger: Option<u32>,
    /// How it failed or why it was refused, as the ledger says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub code: Option<String>,
    /// The name that it was sent under.
    pub key: String,
}
