//! Terms as they are passed to the contract and hashed there, behind an account's `ScVal` XDR.

use crate::Calendar;

/// Encoded size of an [`EscrowTermsBody`], without the receipt keys that follow it.
pub const ESCROW_TERMS_BYTES: usize = 6 * 4 + 16;
/// Encoded size of a [`HostTermsBody`].
pub const HOST_TERMS_BYTES: usize = 32 + 32 + 5 * 8;

/// What is the same for all hosts of an escrow, beside the owner's account. First window u32 ‖ windows u32 ‖ length of a window u32 ‖ response
/// time u32 ‖ samples u32 ‖ windows that may be missed u32 ‖ nonce (16); the keys that sign receipts (32 each) follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EscrowTermsBody {
    /// The windows.
    pub calendar: Calendar,
    /// Leaves that an answer shows.
    pub samples: u32,
    /// Windows that a host may miss without losing collateral.
    pub missed_allowed: u32,
    /// Makes the escrow unique.
    pub nonce: [u8; 16],
}

/// What one host agreed to, beside its account. Receipt key (32) ‖ data root (32) ‖ leaves u64 ‖ price u64 ‖ deposit u64 ‖ collateral u64 ‖
/// refund of a proof u64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostTermsBody {
    /// Ed25519 key that signs for the host off chain.
    pub receipt_key: [u8; 32],
    /// Root over the leaves of all shards, in revision 0.
    pub data_root: [u8; 32],
    /// Number of these leaves.
    pub leaves: u64,
    /// Stroops for a GiB (2^20 leaves) and window.
    pub price: u64,
    /// The owner's stroops for this host: the most that it can earn.
    pub deposit: u64,
    /// The host's own stroops at stake.
    pub collateral: u64,
    /// Stroops that the host gets for each window that it had to prove on chain.
    pub proof_refund: u64,
}

impl EscrowTermsBody {
    /// The bytes that are passed and hashed.
    pub fn encode(&self) -> [u8; ESCROW_TERMS_BYTES] {
        let Calendar { first_window, windows, window_s, response_s } = self.calendar;
        let numbers = [first_window, windows, window_s, response_s, self.samples, self.missed_allowed];
        filled(numbers.into_iter().flat_map(u32::to_be_bytes).chain(self.nonce))
    }
}

impl HostTermsBody {
    /// The bytes that are passed and hashed.
    pub fn encode(&self) -> [u8; HOST_TERMS_BYTES] {
        let numbers = [self.leaves, self.price, self.deposit, self.collateral, self.proof_refund];
        let keys = self.receipt_key.into_iter().chain(self.data_root);
        filled(keys.chain(numbers.into_iter().flat_map(u64::to_be_bytes)))
    }
}

pub(crate) fn filled<const N: usize>(bytes: impl Iterator<Item = u8>) -> [u8; N] {
    let mut body = [0; N];
    for (place, byte) in body.iter_mut().zip(bytes) {
        *place = byte;
    }
    body
}
