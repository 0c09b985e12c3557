//! How a window is asked for: by its round of the beacon, or by the owner where there is none.

use layr_agreement::Calendar;
use layr_ledger::agreement::{BeaconRound, EscrowId, round_of};
use layr_ledger::{LedgerError, Stroops};

use super::AgreementLedger;

/// A tenth of a lumen for a round of the beacon: measured as 0.004, as 0.028 a week after the one before, and as 0.050 for a contract's first one.
const BEACON_FEE_CAP: Stroops = Stroops::small(1_000_000);

/// What asks for a window.
pub(crate) enum Asked {
    /// The beacon.
    Beacon(BeaconRound),
    /// The owner, by this seed.
    Owner([u8; 32]),
}

impl Asked {
    /// What its questions are drawn from.
    pub(crate) fn randomness(&self) -> &[u8; 32] {
        match self {
            Self::Beacon(round) => &round.randomness,
            Self::Owner(seed) => seed,
        }
    }
}

impl AgreementLedger {
    /// What asks for a window: the beacon, and where its round cannot be had, the owner on the ledger.
    ///
    /// # Errors
    /// Why the round cannot be had, where the owner asked nothing, too.
    pub(crate) async fn asked(
        &self,
        calendar: &Calendar,
        escrow: EscrowId,
        window: u32,
    ) -> Result<Asked, LedgerError> {
        match self.round(calendar, window).await {
            Ok(round) => Ok(Asked::Beacon(round)),
            Err(silent) => self.question_of_owner(escrow, window).await?.map(Asked::Owner).ok_or(silent),
        }
    }

    /// The seed by which the owner asked for a window on the ledger, if it did.
    pub(crate) async fn question_of_owner(
        &self,
        escrow: EscrowId,
        window: u32,
    ) -> Result<Option<[u8; 32]>, LedgerError> {
        self.contract.question_of_owner(self.queue.ledger(), escrow, window).await
    }

    /// The number of the round that asks for a window.
    pub(crate) async fn round_number(&self, calendar: &Calendar, window: u32) -> Result<u64, LedgerError> {
        Ok(round_of(self.beacon().await?, calendar, window))
    }

    /// The newest round that anybody published, 0 for none.
    pub(crate) async fn newest_round(&self) -> Result<u64, LedgerError> {
        self.contract.newest_round(self.queue.ledger()).await
    }

    /// Publishes a round, unless it is there.
    pub(crate) async fn publish(&self, round: &BeaconRound) -> Result<(), LedgerError> {
        if !self.contract.has_round(self.queue.ledger(), round.round).await? {
            let call = self.contract.beacon(round.round, &round.signature)?;
            self.submit(&format!("beacon:{}", round.round), call, BEACON_FEE_CAP).await?;
        }
        Ok(())
    }
}
