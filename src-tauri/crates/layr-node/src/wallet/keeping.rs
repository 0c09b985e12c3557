//! Keeping the agreement contract's code alive on its ledger: whoever wants the network to go on pays its rent, and gets nothing else for it.

use layr_ledger::agreement::{AgreementContract, ContractLife};
use layr_ledger::{AccountQueue, AmountError, Intent, Keep, LedgerError, Settled, Stroops};

use super::{Wallet, explained};
use crate::api::{ContractLifeReport, LedgerKeepPlan, LedgerKeepReport, LedgerKeepRequest};
use crate::catalogue::rfc3339;
use crate::error::{ErrorCode, NodeError};
use crate::upload::sentence;

const DAY_S: u64 = 24 * 60 * 60;
/// From so little life on it is told: a month is what a person may be away.
const SHORT_BELOW_S: u64 = 30 * DAY_S;
/// From so little life on a keeper pays for more. Rent is the same early and late; what is paid for once a month would only be more fees.
const KEPT_BELOW_S: u64 = 60 * DAY_S;
/// The most that a transaction may cost unless the person says more. Measured at the rent of a state of 3 GB: restoring for 120 days 88 lumens,
/// of which 101 have to be offered; from nothing to the 180 days that a ledger allows is half as much again.
const KEEP_FEE_CAP: Stroops = Stroops::small(1_600_000_000);

/// A node's account as a keeper of its network's contract.
struct Keeper<'a> {
    queue: &'a AccountQueue,
    contract: AgreementContract,
    force: bool,
    cap: Stroops,
}

impl Wallet {
    /// How long the network's contract can be called, asked at most once an hour.
    pub(crate) async fn contract_life(&self) -> Option<ContractLifeReport> {
        let (queue, agreements) = (self.queue.as_ref()?, self.agreements.as_ref()?);
        let life = self.glance.life(queue.ledger(), *agreements.contract()).await?;
        Some(reported(&life))
    }

    /// What keeping the contract's code alive would come to.
    pub(crate) async fn keep_plan(&self, request: &LedgerKeepRequest) -> Result<LedgerKeepPlan, NodeError> {
        Box::pin(self.keeper(request)?.plan()).await.map_err(|error| explained_to_keeper(&error))
    }

    /// Keeps the contract's code alive. What is paid for already is not paid for again.
    pub(crate) async fn keep(&self, request: &LedgerKeepRequest) -> Result<LedgerKeepReport, NodeError> {
        let kept = Box::pin(self.keeper(request)?.keep()).await;
        self.glance.forget().await;
        kept.map_err(|error| explained_to_keeper(&error))
    }

    fn keeper(&self, request: &LedgerKeepRequest) -> Result<Keeper<'_>, NodeError> {
        let queue = self.queue()?;
        let agreements = self.agreements.as_ref().ok_or_else(|| {
            NodeError::new(
                ErrorCode::InvalidRequest,
                "This network names no agreement contract: there is no code to keep alive.",
            )
        })?;
        let cap = request.fee_cap_xlm.as_deref().map(Stroops::parse_payment).transpose();
        let cap = cap.map_err(|error| {
            NodeError::new(ErrorCode::InvalidRequest, sentence(&error.to_string()))
                .with("field", "fee_cap_xlm")
        })?;
        let cap = cap.unwrap_or(KEEP_FEE_CAP);
        Ok(Keeper { queue, contract: *agreements.contract(), force: request.force, cap })
    }
}

impl Keeper<'_> {
    async fn plan(&self) -> Result<LedgerKeepPlan, LedgerError> {
        let life = self.contract.life(self.queue.ledger()).await?;
        let (restoring, mut fee) = (life.restoring(), Stroops::ZERO);
        if let Some(restoring) = &restoring {
            fee = self.queue.plan_keeping(restoring).await?;
        }
        let extends = if restoring.is_some() {
            let restored_s = life.restored_s();
            (self.force || restored_s < KEPT_BELOW_S) && life.restored_life < life.longest
        } else {
            self.is_due(&life)
        };
        match life.extending() {
            // What is archived cannot be tried out: its rent is that of the restoring, for each ledger more.
            _ if extends && restoring.is_some() => {
                let more = u64::from(life.longest.saturating_sub(life.restored_life));
                let for_each = fee.stroops().div_ceil(u64::from(life.restored_life.max(1)));
                let more = Stroops::new(for_each.saturating_mul(more))?;
                fee = fee.checked_add(more).ok_or(AmountError::TooLarge)?;
            }
            Some(extending) if extends => fee = self.queue.plan_keeping(&extending).await?,
            _ => {}
        }
        let next = life.ledger.saturating_add(1);
        let until = match (extends, &restoring) {
            (true, _) => next.saturating_add(life.longest),
            (false, Some(_)) => life.ledger.saturating_add(life.restored_life),
            (false, None) => life.live_until,
        };
        let spendable = self.queue.ledger().account(self.queue.account()).await?.spendable();
        let left = spendable
            .checked_sub(fee)
            .ok_or(LedgerError::InsufficientFunds { needed: fee, available: spendable })?;
        Ok(LedgerKeepPlan {
            contract: self.contract.contract.to_string(),
            restores: restoring.is_some(),
            extends,
            until_ledger: until,
            until: rfc3339(life.closes_unix_s(until)),
            fee_xlm: fee.to_string(),
            fee_cap_xlm: self.cap.to_string(),
            left_xlm: left.to_string(),
            life: reported(&life),
        })
    }

    async fn keep(&self) -> Result<LedgerKeepReport, LedgerError> {
        // What an earlier call left undecided may have done all of it.
        self.queue.resume().await?;
        let mut life = self.contract.life(self.queue.ledger()).await?;
        let (mut fee, mut transactions) = (Stroops::ZERO, Vec::new());
        let (mut restored, mut extended) = (false, false);
        if let Some(restoring) = life.restoring() {
            let settled = self.submit("restore", &life, restoring).await?;
            (restored, fee) = (true, fee.saturating_add(settled.fee));
            life = self.life_since(&settled).await?;
            transactions.push(hex::encode(settled.hash));
        }
        if let Some(extending) = life.extending().filter(|_| self.is_due(&life)) {
            let settled = self.submit("extend", &life, extending).await?;
            (extended, fee) = (true, fee.saturating_add(settled.fee));
            life = self.life_since(&settled).await?;
            transactions.push(hex::encode(settled.hash));
        }
        Ok(LedgerKeepReport {
            contract: self.contract.contract.to_string(),
            restored,
            extended,
            life: reported(&life),
            fee_xlm: fee.to_string(),
            transactions,
        })
    }

    /// Whether a life is to be made longer. One that just was is a ledger or two short of the longest, also where a keeper insists.
    fn is_due(&self, life: &ContractLife) -> bool {
        let longest = life.ledger.saturating_add(life.longest);
        (self.force && life.live_until < longest) || life.left_s() < KEPT_BELOW_S
    }

    /// Under a name of the ledger by which it was found to be due: a repeat that finds it still so is a transaction of its own, and one that
    /// was sent before it was followed to its end.
    async fn submit(&self, how: &str, life: &ContractLife, keep: Keep) -> Result<Settled, LedgerError> {
        let key = format!("keep:{how}:{}:{}", self.contract.contract, life.ledger);
        self.queue.submit(&key, &Intent::Keep(keep), self.cap).await
    }

    /// How long the contract lives after a transaction that is in the ledger.
    async fn life_since(&self, settled: &Settled) -> Result<ContractLife, LedgerError> {
        let life = self.contract.life(self.queue.ledger()).await?;
        if life.ledger < settled.ledger {
            let reason =
                format!("what was paid for is in ledger {}, and it is at {}", settled.ledger, life.ledger);
            return Err(LedgerError::Lagging { reason });
        }
        Ok(life)
    }
}

/// As people are told it.
pub(super) fn reported(life: &ContractLife) -> ContractLifeReport {
    ContractLifeReport {
        live_until_ledger: life.live_until,
        live_until: rfc3339(life.closes_unix_s(life.live_until)),
        is_archived: life.is_archived(),
        is_short: life.left_s() < SHORT_BELOW_S,
    }
}

fn explained_to_keeper(error: &LedgerError) -> NodeError {
    let told = explained(error);
    match error {
        LedgerError::FeeAboveCap { fee, cap } => {
            let message = format!("{} Nothing was paid; a keeper who allows more says so.", told.message);
            NodeError { message, ..told }
                .with("fee_xlm", fee.to_string())
                .with("fee_cap_xlm", cap.to_string())
        }
        _ => told,
    }
}
