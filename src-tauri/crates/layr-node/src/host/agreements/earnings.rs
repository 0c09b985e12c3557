//! What hosting brought in, and what it may cost.

use layr_ledger::Stroops;
use layr_library::{AgreementRecord, AgreementState, StoreError};

use crate::agreements::Agreement;

/// Sums over all agreements in which this host is paid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::host) struct Earnings {
    /// Earned so far, whether it was paid out or is in escrow.
    pub(in crate::host) earned: Stroops,
    /// Collateral in escrow.
    pub(in crate::host) at_risk: Stroops,
}

impl Earnings {
    /// # Errors
    /// A record that this program does not write.
    pub(super) fn of(records: &[AgreementRecord]) -> Result<Self, StoreError> {
        let mut sum = Self::default();
        let amount = |stroops| Stroops::new(stroops).unwrap_or(Stroops::MAX);
        for record in records {
            sum.earned = sum.earned.saturating_add(amount(record.earned_stroops));
            if record.state == AgreementState::Open {
                let collateral = Agreement::read(record.clone())?.host.collateral_stroops;
                sum.at_risk = sum.at_risk.saturating_add(amount(collateral));
            }
        }
        Ok(sum)
    }
}
