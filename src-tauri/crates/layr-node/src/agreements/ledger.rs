//! The ledger as agreements use it: the contract that the network names, and the account that signs.

mod rounds;

use std::sync::Arc;

use layr_agreement::Calendar;
use layr_ledger::agreement::{
    AgreementContract, AgreementNetwork, BeaconRound, BeaconSettings, Escrow, EscrowId, RoundSource, round_of,
};
use layr_ledger::{
    Account, AccountQueue, ContractCall, Intent, LedgerError, LedgerTip, Settled, Signer, Stroops,
};
use tokio::sync::OnceCell;

pub(crate) use self::rounds::Asked;

/// So often a call is made that failed in the ledger: each costs its fee.
const ATTEMPTS: u32 = 4;

/// What agreements need of the ledger. Cheap to clone.
#[derive(Clone)]
pub(crate) struct AgreementLedger {
    queue: AccountQueue,
    signer: Arc<dyn Signer>,
    contract: AgreementContract,
    beacon: Arc<OnceCell<BeaconSettings>>,
    rounds: Arc<RoundSource>,
}

impl std::fmt::Debug for AgreementLedger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AgreementLedger({})", self.contract.contract)
    }
}

impl AgreementLedger {
    /// The contract, for the account that `signer` signs for, by its only queue.
    pub(crate) fn new(
        queue: AccountQueue,
        signer: Arc<dyn Signer>,
        contract: AgreementContract,
        rounds: RoundSource,
    ) -> Self {
        Self { queue, signer, contract, beacon: Arc::default(), rounds: Arc::new(rounds) }
    }

    /// The account.
    pub(crate) fn account(&self) -> Account {
        self.queue.account()
    }

    /// Who signs for it.
    pub(crate) fn signer(&self) -> &dyn Signer {
        &*self.signer
    }

    /// The queue, for what is not an agreement's call.
    pub(crate) fn queue(&self) -> &AccountQueue {
        &self.queue
    }

    /// The contract's calls.
    pub(crate) fn contract(&self) -> &AgreementContract {
        &self.contract
    }

    /// What statements are bound to.
    pub(crate) fn network(&self) -> AgreementNetwork {
        AgreementNetwork { network_id: self.queue.ledger().network_id(), contract: self.contract.contract }
    }

    /// The latest ledger, and its time, for whoever is about to sign something: with any other contract than the one whose rules this program
    /// knows nothing is agreed on, whatever a network file says.
    ///
    /// # Errors
    /// [`LedgerError::OtherContract`]; [`LedgerError`].
    pub(crate) async fn tip(&self) -> Result<LedgerTip, LedgerError> {
        self.beacon().await?;
        self.queue.ledger().tip().await
    }

    /// The beacon that the contract was made with. What a contract runs and was made with never changes, so it is asked once.
    async fn beacon(&self) -> Result<&BeaconSettings, LedgerError> {
        self.beacon.get_or_try_init(|| self.queue.ledger().agreement_beacon(self.contract.contract)).await
    }

    /// What the ledger keeps of escrows, in their order; none for one that there is not, or not any more.
    pub(crate) async fn escrows(&self, ids: &[EscrowId]) -> Result<Vec<Option<Escrow>>, LedgerError> {
        let (found, _) = Escrow::find(self.queue.ledger(), self.contract.contract, ids).await?;
        Ok(found)
    }

    /// Whether an escrow is on the ledger, and which ledger was the latest in that very answer.
    pub(crate) async fn has_escrow(&self, id: EscrowId) -> Result<(bool, u32), LedgerError> {
        let (found, latest) = Escrow::find(self.queue.ledger(), self.contract.contract, &[id]).await?;
        Ok((found.into_iter().flatten().next().is_some(), latest))
    }

    /// An escrow that was opened in this ledger; none where all of it is settled.
    ///
    /// # Errors
    /// [`LedgerError::Lagging`] from a server that has not seen that ledger; [`LedgerError`].
    pub(crate) async fn escrow_since(
        &self,
        id: EscrowId,
        ledger: u32,
    ) -> Result<Option<Escrow>, LedgerError> {
        let (found, latest) = Escrow::find(self.queue.ledger(), self.contract.contract, &[id]).await?;
        let found = found.into_iter().flatten().next();
        if found.is_none() && latest < ledger {
            return Err(LedgerError::Lagging { reason: "it has an event of no escrow".to_owned() });
        }
        Ok(found)
    }

    /// The round of the beacon that asks for a window; it has to be out.
    pub(crate) async fn round(&self, calendar: &Calendar, window: u32) -> Result<BeaconRound, LedgerError> {
        let beacon = self.beacon().await?;
        let round = round_of(beacon, calendar, window);
        Box::pin(self.rounds.round(self.queue.ledger(), beacon, round)).await
    }

    /// Brings a call into the ledger, once under its key. One that failed there, which another's in the same ledger can bring about, is made
    /// again under a further key.
    pub(crate) async fn submit(
        &self,
        key: &str,
        call: ContractCall,
        fee_cap: Stroops,
    ) -> Result<Settled, LedgerError> {
        self.beacon().await?;
        let call = Intent::Call(call);
        let mut outcome = self.queue.submit(key, &call, fee_cap).await;
        for attempt in 2..=ATTEMPTS {
            if !matches!(outcome, Err(LedgerError::Rejected { .. })) {
                break;
            }
            outcome = self.queue.submit(&format!("{key}#{attempt}"), &call, fee_cap).await;
        }
        outcome
    }
}
