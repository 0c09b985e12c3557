//! Why a ledger cannot be used, or does not do what it was asked.

use crate::address::{Account, Contract};
use crate::agreement::TermsError;
use crate::amount::{AmountError, Stroops};

/// A failure of the ledger's client. In none of them was more paid than the journal says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The address of the RPC or friendbot is none that may be used.
    #[error("the ledger's address {url:?} cannot be used: {reason}")]
    BadAddress {
        /// The address.
        url: String,
        /// Why not.
        reason: &'static str,
    },
    /// No answer in time, or none that came from an RPC server.
    #[error("the ledger cannot be reached: {reason}")]
    Unreachable {
        /// What the connection said.
        reason: String,
    },
    /// The RPC serves another network than the network file names.
    #[error("the ledger at this address is of the network {found:?}, and not of {expected:?}")]
    WrongNetwork {
        /// The passphrase of the network file.
        expected: String,
        /// What the RPC says.
        found: String,
    },
    /// The RPC is behind its network, or behind what it has said before.
    #[error("the ledger's server lags behind: {reason}")]
    Lagging {
        /// By what one sees it.
        reason: String,
    },
    /// The RPC shows a ledger with a lower number that closed later: its network was begun anew. Told once; what is asked next is asked of the
    /// new one.
    #[error("the ledger was begun anew: it was at {seen} and is at {latest}")]
    Reset {
        /// The latest ledger seen before.
        seen: u32,
        /// The latest ledger now.
        latest: u32,
    },
    /// The account does not exist: nobody has sent it a lumen yet.
    #[error("the account {account} does not exist yet; it does once it gets at least 1 lumen")]
    AccountNotFound {
        /// Which.
        account: Account,
    },
    /// The account has less than is needed, the fee included, beyond what has to stay in it.
    #[error("{needed} lumens are needed, and {available} can be spent")]
    InsufficientFunds {
        /// What is needed.
        needed: Stroops,
        /// What can be spent.
        available: Stroops,
    },
    /// The fee would be higher than the caller allows.
    #[error("the fee would be {fee} lumens, and {cap} are allowed")]
    FeeAboveCap {
        /// The fee.
        fee: Stroops,
        /// The most that is allowed.
        cap: Stroops,
    },
    /// The transaction failed in the ledger, and will not be tried again under its key.
    #[error("the ledger refused it: {code}")]
    Rejected {
        /// The result's name in Stellar's documentation, for example `txBadAuth` or `opPaymentNoTrust`.
        code: String,
    },
    /// A server refused the transaction. Whoever has it can still bring it into the ledger while it is valid.
    #[error(
        "the ledger's server refused it: {code}; it may be taken in all the same until {} UTC",
        time_of_day(*until_unix_s)
    )]
    RefusedForNow {
        /// The result's name.
        code: String,
        /// The last second of the ledger's clock at which it may be taken in.
        until_unix_s: u64,
    },
    /// It was signed in the place of an earlier one that a server had refused, and that one came into the ledger after all.
    #[error(
        "the earlier transaction {key:?}, which was refused, came into the ledger after all; this one was not made"
    )]
    Overtaken {
        /// The earlier one's key.
        key: String,
    },
    /// The transaction was not taken in while it was valid; nothing was paid.
    #[error("the ledger did not take it in time; nothing was paid")]
    Expired,
    /// Sent, and not decided yet. A repeat under the same key asks again, and pays nothing twice.
    #[error("it was sent and is not decided yet; a repeat asks again and pays nothing twice")]
    Unsettled {
        /// The transaction's hash.
        hash: [u8; 32],
    },
    /// The server no longer keeps the ledgers in which it would stand, and its sequence number is used up.
    #[error(
        "whether transaction {} was taken in is no longer known to this server; look it up before paying again",
        hex::encode(hash)
    )]
    Forgotten {
        /// The transaction's hash.
        hash: [u8; 32],
    },
    /// The destination does not exist, and the amount is too small to open it.
    #[error("the account {account} does not exist; to open it, send at least {minimum} lumens")]
    DestinationMissing {
        /// Which.
        account: Account,
        /// The least that opens it.
        minimum: Stroops,
    },
    /// The destination was there, and was closed before the payment came.
    #[error("the account {account} was closed meanwhile; nothing was paid")]
    DestinationMerged {
        /// Which.
        account: Account,
    },
    /// A payment to oneself moves nothing and costs the fee.
    #[error("the account {account} is the one that would pay")]
    DestinationIsOwn {
        /// Which.
        account: Account,
    },
    /// No amount to pay.
    #[error(transparent)]
    BadAmount(#[from] AmountError),
    /// No terms of an agreement.
    #[error(transparent)]
    BadTerms(#[from] TermsError),
    /// A memo is longer than 28 bytes.
    #[error("the memo has {bytes} bytes; a ledger takes at most 28")]
    MemoTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The code that a call runs is archived. Bringing it back costs more than any call, and is a keeper's to pay.
    #[error("the agreement contract's code has been archived on this ledger; layr ledger keep restores it")]
    CodeArchived,
    /// What the RPC made of a call is not what the caller approved; nothing was signed.
    #[error("the call was not signed: {reason}")]
    NotApproved {
        /// What differs.
        reason: String,
    },
    /// The contract would refuse the call.
    #[error("the contract refuses the call: {reason}")]
    Refused {
        /// What the simulation says, shortened.
        reason: String,
    },
    /// Another contract than the one whose rules this program knows, or none.
    #[error(
        "the contract {contract} is not on the ledger with the code that this program knows; nothing was signed for it"
    )]
    OtherContract {
        /// Which.
        contract: Contract,
    },
    /// The key names another transaction already.
    #[error("the key {key:?} stands for another transaction already")]
    KeyTaken {
        /// The key.
        key: String,
    },
    /// More transactions wait for this account than its queue holds.
    #[error("too many transactions wait for this account; repeat it later")]
    Busy,
    /// The RPC's answer is not what the method answers.
    #[error("the ledger's server answered {method} with what is no answer: {reason}")]
    MalformedAnswer {
        /// The method.
        method: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// No relay of the beacon has the round, or none answers.
    #[error("no relay gave round {round} of the beacon: {reason}")]
    NoRound {
        /// Which.
        round: u64,
        /// What each said, shortened.
        reason: String,
    },
    /// The network names no friendbot: money is not given away there.
    #[error("this network has no friendbot")]
    NoFriendbot,
    /// The friendbot gave nothing.
    #[error("the friendbot gave nothing: {reason}")]
    FriendbotRefused {
        /// What it said, shortened.
        reason: String,
    },
    /// The journal could not be read, or what is to be sent could not be written down first.
    #[error("the journal of transactions failed, so nothing is sent now: {reason}")]
    Journal {
        /// What it said.
        reason: String,
    },
    /// It was sent, and what became of it could not be written down. A repeat under the same key asks again, and pays nothing twice.
    #[error(
        "it was sent, and what became of it could not be written down: {reason}; a repeat asks again and pays nothing twice"
    )]
    Unrecorded {
        /// What the journal said.
        reason: String,
    },
}

impl LedgerError {
    /// Whether the same question may be answered later by itself.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Lagging { .. }
                | Self::NoRound { .. }
                | Self::Busy
                | Self::Unsettled { .. }
                | Self::Expired
        )
    }

    pub(crate) fn malformed(method: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::MalformedAnswer { method, reason: shortened(&reason.to_string()) }
    }
}

/// Hours and minutes.
fn time_of_day(unix_s: u64) -> String {
    let minutes = unix_s / 60 % (24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Letters of a server's sentence that are shown: it may say anything, at any length.
const SHOWN_CHARS: usize = 300;

/// A server's words, shortened and in one line.
pub(crate) fn shortened(words: &str) -> String {
    words.chars().take(SHOWN_CHARS).map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
