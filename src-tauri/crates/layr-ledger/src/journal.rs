//! The journal of transactions: what was signed, before anybody else sees it.

use async_trait::async_trait;

use crate::address::Account;
use crate::amount::Stroops;

/// Where signed transactions are written down. Whoever implements it makes [`Journal::write`] durable: what is written survives a crash of
/// the computer that comes right after.
#[async_trait]
pub trait Journal: Send + Sync {
    /// The entry under a key on a network. On another network the same key is another one.
    async fn find(&self, network_id: [u8; 32], key: &str) -> Result<Option<JournalEntry>, JournalError>;

    /// Entries of an account on a network that are not decided ([`EntryState::is_open`]), by their sequence numbers.
    async fn open(&self, network_id: [u8; 32], account: Account) -> Result<Vec<JournalEntry>, JournalError>;

    /// The entry of an account on a network that is in the ledger with this sequence number, and did what it should. There is one at most.
    async fn settled_at(
        &self,
        network_id: [u8; 32],
        account: Account,
        sequence: i64,
    ) -> Result<Option<JournalEntry>, JournalError>;

    /// Writes an entry, in place of an earlier one under its key on its network. Durable when this returns. Also where nobody waits for that any more,
    /// whatever is asked later finds it written.
    async fn write(&self, entry: &JournalEntry) -> Result<(), JournalError>;
}

/// The journal cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct JournalError {
    /// What it said.
    pub reason: String,
}

/// One transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// The network it is signed for: SHA-256 of its passphrase.
    pub network_id: [u8; 32],
    /// What its caller calls it; the same key never pays twice.
    pub key: String,
    /// SHA-256 of what it is for, so that a key is not taken for two things.
    pub intent: [u8; 32],
    /// Who pays and signs.
    pub account: Account,
    /// Its sequence number.
    pub sequence: i64,
    /// The signed envelope that was sent last, as XDR.
    pub envelope: Vec<u8>,
    /// Hashes under which it may be in the ledger: its own, and one for each envelope with a higher fee around it.
    pub hashes: Vec<[u8; 32]>,
    /// Hashes of what was signed under this key before, the oldest first: the ledger showed that they never come, and each is looked for once
    /// more before something takes their place.
    pub earlier_hashes: Vec<[u8; 32]>,
    /// The latest ledger when it was signed: it is in a later one or in none.
    pub from_ledger: u32,
    /// The last second of the ledger's clock at which it may be taken in.
    pub valid_until_unix_s: u64,
    /// The most that its fee may come to.
    pub fee_cap: Stroops,
    /// What became of it.
    pub state: EntryState,
}

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryState {
    /// Signed and perhaps sent; whether it is in the ledger is not known.
    Signed,
    /// A server refused it. It is not in the ledger, but what a server refuses can still be carried there while it is valid.
    Refused {
        /// The result's name.
        code: String,
    },
    /// In the ledger, and it did what it should.
    Settled {
        /// The ledger.
        ledger: u32,
        /// The fee that was taken.
        fee: Stroops,
        /// What the contract returned, as XDR.
        returned: Option<Vec<u8>>,
    },
    /// In the ledger, where it failed: the fee is gone, and nothing else happened.
    Failed {
        /// The ledger.
        ledger: u32,
        /// The fee that was taken; none where an earlier version did not write it down.
        fee: Option<Stroops>,
        /// The result's name.
        code: String,
    },
    /// Certainly not in the ledger, now and for ever.
    Dead,
    /// Its sequence number was used, perhaps by itself: the server no longer keeps the ledgers that would tell. Nothing takes its place.
    Forgotten,
}

impl EntryState {
    /// Whether it is yet to be found out.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Signed | Self::Refused { .. })
    }
}
