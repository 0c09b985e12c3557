//! From an intent to a signed transaction in the journal.

use stellar_xdr as xdr;

use super::{AccountQueue, PaymentPlan};
use crate::address::Account;
use crate::amount::Stroops;
use crate::approval::{Approved, approve, approve_keeping, is_code, resources};
use crate::bounded::{encode, too_large};
use crate::envelope::{Draft, signed, unsigned};
use crate::error::LedgerError;
use crate::intent::{ContractCall, Intent, Keep, KeepHow, Payment};
use crate::journal::{EntryState, JournalEntry};
use crate::ledger::{AccountState, LedgerTip, MINIMUM_BALANCE};

/// So long after the ledger that closed last a transaction may be taken in: long enough for a congested network and a raised fee,
/// short enough that a person can wait for the proof that it never will be.
pub const VALID_FOR_S: u64 = 300;
/// What is offered for inclusion at first: the least that the network takes, and what it charges as long as there is room.
const INCLUSION_FEE: Stroops = Stroops::small(100);

/// What a transaction does, and what it costs.
struct Plan {
    operation: xdr::OperationBody,
    memo: xdr::Memo,
    spends: Stroops,
    resource_fee: Stroops,
    resources: Option<xdr::SorobanTransactionData>,
}

impl AccountQueue {
    /// Plans a transaction, checks it, signs it and writes it down. Nothing is sent.
    pub(super) async fn sign(
        &self,
        key: &str,
        digest: [u8; 32],
        intent: &Intent,
        fee_cap: Stroops,
        earlier_hashes: Vec<[u8; 32]>,
    ) -> Result<JournalEntry, LedgerError> {
        let ledger = &self.shared.ledger;
        let tip = ledger.tip().await?;
        let account = ledger.account(self.account()).await?;
        let plan = match intent {
            Intent::Pay(payment) => self.plan_payment(payment).await?,
            Intent::Call(call) => self.plan_call(key, call, &account, &tip, fee_cap).await?,
            Intent::Keep(keep) => Box::pin(self.plan_life(keep, &account, &tip)).await?,
        };
        self.sign_plan(key, digest, plan, fee_cap, earlier_hashes).await
    }

    /// What a payment comes to.
    pub(super) async fn price(&self, payment: &Payment) -> Result<PaymentPlan, LedgerError> {
        let plan = self.plan_payment(payment).await?;
        let account = self.shared.ledger.account(self.account()).await?;
        let fee = INCLUSION_FEE.saturating_add(plan.resource_fee);
        let needed = affordable(&account, plan.spends, fee)?;
        Ok(PaymentPlan {
            fee,
            opens_account: matches!(plan.operation, xdr::OperationBody::CreateAccount(_)),
            left: account.spendable().saturating_sub(needed),
        })
    }

    /// What a longer life for entries comes to, whether or not the account can pay it.
    pub(super) async fn price_of_keeping(&self, keep: &Keep) -> Result<Stroops, LedgerError> {
        let ledger = &self.shared.ledger;
        let tip = ledger.tip().await?;
        let account = ledger.account(self.account()).await?;
        let plan = self.plan_life(keep, &account, &tip).await?;
        Ok(INCLUSION_FEE.saturating_add(plan.resource_fee))
    }

    async fn plan_life(
        &self,
        keep: &Keep,
        account: &AccountState,
        tip: &LedgerTip,
    ) -> Result<Plan, LedgerError> {
        let entries = keep.entries.clone().try_into().map_err(too_large)?;
        let mut data = xdr::SorobanTransactionData::default();
        let ext = xdr::ExtensionPoint::V0;
        let operation = match keep.how {
            KeepHow::Restore => {
                data.resources.footprint.read_write = entries;
                xdr::OperationBody::RestoreFootprint(xdr::RestoreFootprintOp { ext })
            }
            KeepHow::Extend(extend_to) => {
                data.resources.footprint.read_only = entries;
                xdr::OperationBody::ExtendFootprintTtl(xdr::ExtendFootprintTtlOp { ext, extend_to })
            }
        };
        let answer = self.simulate(operation.clone(), Some(data), account, tip).await?;
        let Approved { data, resource_fee, .. } = approve_keeping(&answer, keep)?;
        Ok(Plan {
            operation,
            memo: xdr::Memo::None,
            spends: Stroops::ZERO,
            resource_fee,
            resources: Some(data),
        })
    }

    async fn plan_payment(&self, payment: &Payment) -> Result<Plan, LedgerError> {
        let Payment { destination, amount, memo } = payment;
        let (account, amount) = (*destination, *amount);
        if amount == Stroops::ZERO {
            return Err(crate::amount::AmountError::Zero.into());
        }
        if account == self.account() {
            return Err(LedgerError::DestinationIsOwn { account });
        }
        let operation = match self.shared.ledger.find_account(account).await? {
            Some(_) => xdr::OperationBody::Payment(xdr::PaymentOp {
                destination: account.to_muxed(),
                asset: xdr::Asset::Native,
                amount: amount.to_ledger(),
            }),
            None if amount < MINIMUM_BALANCE => {
                return Err(LedgerError::DestinationMissing { account, minimum: MINIMUM_BALANCE });
            }
            None => xdr::OperationBody::CreateAccount(xdr::CreateAccountOp {
                destination: account.to_xdr(),
                starting_balance: amount.to_ledger(),
            }),
        };
        let memo = memo.as_ref().map_or(xdr::Memo::None, crate::intent::Memo::to_xdr);
        Ok(Plan { operation, memo, spends: amount, resource_fee: Stroops::ZERO, resources: None })
    }

    async fn plan_call(
        &self,
        key: &str,
        call: &ContractCall,
        account: &AccountState,
        tip: &LedgerTip,
        fee_cap: Stroops,
    ) -> Result<Plan, LedgerError> {
        let mut answer = self.simulate(call_of(call, call.auth.clone())?, None, account, tip).await?;
        if let Some(preamble) = answer.restore_preamble.take() {
            let (data, fee) = resources(&preamble.transaction_data, call.approval.footprint_keys)?;
            self.restore(key, data, fee, call.approval.restore_fee_cap).await?;
            let account = self.shared.ledger.account(self.account()).await?;
            answer = self.simulate(call_of(call, call.auth.clone())?, None, &account, tip).await?;
            if answer.restore_preamble.is_some() {
                let reason = "what was brought back is archived again".to_owned();
                return Err(LedgerError::NotApproved { reason });
            }
        }
        let approved = approve(&answer, &call.auth, &call.approval)?;
        within_cap(approved.resource_fee, fee_cap)?;
        Ok(Plan {
            operation: call_of(call, approved.auth)?,
            memo: xdr::Memo::None,
            spends: call.approval.spends,
            resource_fee: approved.resource_fee,
            resources: Some(approved.data),
        })
    }

    /// Brings archived entries back in a transaction of its own, where the caller allows what that costs.
    async fn restore(
        &self,
        key: &str,
        data: xdr::SorobanTransactionData,
        fee: Stroops,
        cap: Option<Stroops>,
    ) -> Result<(), LedgerError> {
        let brings_code = data.resources.footprint.read_write.iter().any(is_code);
        if brings_code && cap.is_none_or(|cap| fee > cap) {
            return Err(LedgerError::CodeArchived);
        }
        let Some(cap) = cap else {
            let reason =
                format!("entries would have to be brought back from the archive first, for {fee} lumens");
            return Err(LedgerError::NotApproved { reason });
        };
        within_cap(fee, cap)?;
        let digest = sha2::Digest::finalize(sha2::Digest::chain_update(
            <sha2::Sha256 as sha2::Digest>::new(),
            encode(&data.resources.footprint)?,
        ));
        let operation =
            xdr::OperationBody::RestoreFootprint(xdr::RestoreFootprintOp { ext: xdr::ExtensionPoint::V0 });
        let plan = Plan {
            operation,
            memo: xdr::Memo::None,
            spends: Stroops::ZERO,
            resource_fee: fee,
            resources: Some(data),
        };
        // Each attempt is one of its own: what was brought back once can be archived again before the call comes.
        let entry = self.sign_plan(&format!("{key}/restore"), digest.into(), plan, cap, Vec::new()).await?;
        let entry = self.follow(entry).await?;
        match entry.state {
            EntryState::Settled { .. } => Ok(()),
            EntryState::Failed { code, .. } => Err(LedgerError::Rejected { code }),
            EntryState::Refused { code } => {
                Err(LedgerError::RefusedForNow { code, until_unix_s: entry.valid_until_unix_s })
            }
            _ => Err(LedgerError::Expired),
        }
    }

    async fn simulate(
        &self,
        operation: xdr::OperationBody,
        resources: Option<xdr::SorobanTransactionData>,
        account: &AccountState,
        tip: &LedgerTip,
    ) -> Result<stellar_rpc_client::SimulateTransactionResponse, LedgerError> {
        let draft = Draft {
            source: self.account(),
            sequence: next(account, self.account())?,
            operation,
            memo: xdr::Memo::None,
            valid_until_unix_s: valid_until(tip),
            fee: INCLUSION_FEE,
            resources,
        };
        self.shared.ledger.simulate(&unsigned(draft.transaction()?)).await
    }

    async fn sign_plan(
        &self,
        key: &str,
        digest: [u8; 32],
        plan: Plan,
        fee_cap: Stroops,
        earlier_hashes: Vec<[u8; 32]>,
    ) -> Result<JournalEntry, LedgerError> {
        let ledger = &self.shared.ledger;
        let fee = INCLUSION_FEE.saturating_add(plan.resource_fee);
        within_cap(fee, fee_cap)?;
        // Asked as late as possible: planning took its time.
        let tip = ledger.tip().await?;
        let account = ledger.account(self.account()).await?;
        affordable(&account, plan.spends, fee)?;
        let draft = Draft {
            source: self.account(),
            sequence: next(&account, self.account())?,
            operation: plan.operation,
            memo: plan.memo,
            valid_until_unix_s: valid_until(&tip),
            fee,
            resources: plan.resources,
        };
        let sequence = draft.sequence;
        let (envelope, hash) = signed(draft.transaction()?, &*self.shared.signer, ledger.network_id())?;
        let entry = JournalEntry {
            network_id: ledger.network_id(),
            key: key.to_owned(),
            intent: digest,
            account: self.account(),
            sequence,
            envelope: encode(&envelope)?,
            hashes: vec![hash],
            earlier_hashes,
            // The two answers may be of different servers: it is in a later ledger than both.
            from_ledger: tip.sequence.max(account.ledger),
            valid_until_unix_s: valid_until(&tip),
            fee_cap,
            state: EntryState::Signed,
        };
        self.write(entry).await
    }
}

fn call_of(
    call: &ContractCall,
    auth: Vec<xdr::SorobanAuthorizationEntry>,
) -> Result<xdr::OperationBody, LedgerError> {
    Ok(xdr::OperationBody::InvokeHostFunction(xdr::InvokeHostFunctionOp {
        host_function: call.function.clone(),
        auth: auth.try_into().map_err(too_large)?,
    }))
}

/// What an account has to have for this; an error where it does not.
fn affordable(account: &AccountState, spends: Stroops, fee: Stroops) -> Result<Stroops, LedgerError> {
    let (needed, available) = (spends.saturating_add(fee), account.spendable());
    if needed > available { Err(LedgerError::InsufficientFunds { needed, available }) } else { Ok(needed) }
}

fn within_cap(fee: Stroops, cap: Stroops) -> Result<(), LedgerError> {
    if fee > cap { Err(LedgerError::FeeAboveCap { fee, cap }) } else { Ok(()) }
}

fn valid_until(tip: &LedgerTip) -> u64 {
    tip.close_time_unix_s.saturating_add(VALID_FOR_S)
}

fn next(account: &AccountState, own: Account) -> Result<i64, LedgerError> {
    account.sequence.checked_add(1).ok_or_else(|| {
        LedgerError::malformed("getLedgerEntries", format!("{own} has no sequence number left"))
    })
}
