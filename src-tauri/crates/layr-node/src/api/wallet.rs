//! Money on a ledger.

use serde::{Deserialize, Serialize};

/// Result of `wallet` and `wallet fund`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct WalletReport {
    /// The account, `G…`: where to send lumens to.
    pub account: String,
    /// Whether the account exists on the ledger; it does from its first lumen on.
    pub is_open: bool,
    /// All that it has, in lumens.
    pub balance_xlm: String,
    /// What of it can be spent: the rest is the ledger's reserve.
    pub spendable_xlm: String,
    /// What would come back out of escrows, in lumens, if their agreements were divided by what is proven so far.
    pub escrow_xlm: String,
    /// Days until the first agreement that is paid for ends or has to be paid for again; none without one.
    pub runway_days: Option<u64>,
    /// Whether the network gives lumens away for trying out.
    pub has_friendbot: bool,
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

/// Result of `wallet send`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
