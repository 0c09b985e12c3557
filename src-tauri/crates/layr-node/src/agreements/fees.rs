//! What the ledger takes for storage agreements, as far as the monthly limit counts it.
//!
//! The limit is what a person says that storing may cost in any 30 days. So it counts the ledger's fees beside the rent: those that were taken in the last
//! 30 days for whatever this node signed about agreements by itself, in both roles, failures included; what is not decided yet with the most that it may come to; and
//! of what is about to be agreed on what opening and dividing it cost. Nothing new is agreed on that would not fit: no escrow, no next term, no shard more in an agreement.
//! What opening an escrow takes is a forecast until the ledger is asked; it is not signed where that asks for more than the limit leaves.
//!
//! What keeps money that is bound already from being lost is done all the same, and counts: dividing an escrow's money (else the deposit stays there),
//! asking for a window where the beacon is silent and publishing a round of it (else a host is paid for what it did not prove), ending an agreement early (which a
//! person asks for, and which saves more), and as a host proofs, receipts and excuses (else rent and collateral are lost). Each has a cap of its own.
//!
//! Payments and a longer life for the contract's code are not in it: a person says yes to each, and to its price.

use layr_ledger::VALID_FOR_S;
use layr_library::{LedgerFees, Library, StoreError};

const MONTH_S: u64 = 30 * 24 * 60 * 60;
/// With what names of transactions about agreements begin in the journal.
const FAMILIES: [&str; 8] =
    ["open", "settle", "challenge", "beacon", "terminate", "prove", "claim", "excuse"];

/// The owner's fees for the two transactions of a term, as measured (`cargo xtask bench contract`: 0.148 lumens with 30 hosts): so much for an escrow, in
/// stroops.
pub(crate) const FEES_OF_ESCROW: u32 = 700_000;
/// And so much for each host of it.
pub(crate) const FEES_OF_HOST: u32 = 26_000;

/// The fees of the 30 days before `now_unix_s`, the ledger's time.
///
/// # Errors
/// What the database says.
pub(crate) fn of_month(
    library: &Library,
    network_id: &[u8; 32],
    now_unix_s: u64,
) -> Result<LedgerFees, StoreError> {
    // What was signed then was valid for so long.
    let since_unix_s = now_unix_s.saturating_sub(MONTH_S).saturating_add(VALID_FOR_S);
    library.ledger_fees(network_id, since_unix_s, |family| FAMILIES.contains(&family))
}
