//! What owner and host sign off chain, and show to the contract only when they have to: the bytes behind label, network, contract,
//! escrow and host, which whoever signs puts before them.

use crate::terms::filled;

/// Label of a receipt.
pub const RECEIPT_LABEL: &str = "layr/v1/agreement-receipt";
/// Label of a revision.
pub const REVISION_LABEL: &str = "layr/v1/agreement-revision";
/// Label of a closing.
pub const CLOSING_LABEL: &str = "layr/v1/agreement-closing";

/// Highest number of a revision: three bytes of a slot.
pub const MAX_REVISION: u32 = (1 << 24) - 1;

/// Encoded size of a [`ReceiptBody`].
pub const RECEIPT_BODY_BYTES: usize = 1 + 4 + 8 + 4;
/// Encoded size of a [`RevisionBody`].
pub const REVISION_BODY_BYTES: usize = 4 + 1 + 32 + 8;
/// Encoded size of a [`closing_body`].
pub const CLOSING_BODY_BYTES: usize = 8 + 8;

/// The owner's word on all windows so far. Decided u8 ‖ proven u32 ‖ earned u64 ‖ revision u32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptBody {
    /// The windows below this number are decided.
    pub decided: u32,
    /// A bit for each of them that was proven, the first window lowest.
    pub proven: u32,
    /// Stroops earned with them, in all.
    pub earned: u64,
    /// The revision that holds.
    pub revision: u32,
}

/// The data from a window on. Number u32 ‖ first window u8 ‖ data root (32) ‖ leaves u64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevisionBody {
    /// Larger than that of the one before; the terms are revision 0.
    pub number: u32,
    /// The first window whose question asks for this data.
    pub first_window: u32,
    /// Root over the leaves of all shards.
    pub data_root: [u8; 32],
    /// Number of these leaves.
    pub leaves: u64,
}

impl ReceiptBody {
    /// Whether it can be a receipt of a part with so many windows.
    pub fn is_plain(&self, windows: u32) -> bool {
        self.decided >= 1
            && self.decided <= windows
            && self.proven.checked_shr(self.decided).unwrap_or(0) == 0
            && self.revision <= MAX_REVISION
    }

    /// The bytes that are signed.
    pub fn encode(&self) -> [u8; RECEIPT_BODY_BYTES] {
        let [.., d] = self.decided.to_be_bytes();
        let [p0, p1, p2, p3] = self.proven.to_be_bytes();
        let [e0, e1, e2, e3, e4, e5, e6, e7] = self.earned.to_be_bytes();
        let [r0, r1, r2, r3] = self.revision.to_be_bytes();
        [d, p0, p1, p2, p3, e0, e1, e2, e3, e4, e5, e6, e7, r0, r1, r2, r3]
    }
}

impl RevisionBody {
    /// The bytes that are signed.
    pub fn encode(&self) -> [u8; REVISION_BODY_BYTES] {
        let [.., first_window] = self.first_window.to_be_bytes();
        let head = self.number.to_be_bytes().into_iter().chain([first_window]);
        filled(head.chain(self.data_root).chain(self.leaves.to_be_bytes()))
    }
}

/// Stroops of deposit and collateral that the host gets, and the last second at which that holds, as both sign it: u64 ‖ u64.
pub fn closing_body(to_host: u64, until_s: u64) -> [u8; CLOSING_BODY_BYTES] {
    filled(to_host.to_be_bytes().into_iter().chain(until_s.to_be_bytes()))
}
