//! Carrying out transactions while a ledger closes.

mod classic;
mod options;
mod soroban;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use soroban_env_host::ModuleCache;
use stellar_xdr::{
    AccountEntry, AccountId, ContractEvent, DiagnosticEvent, ExtensionPoint,
    InnerTransactionResultResult as Code, LedgerEntryChanges, LedgerKey, OperationMetaV2, OperationResult,
    OperationResultTr, ScVal, SignerKey, SorobanTransactionMetaExt, SorobanTransactionMetaExtV1,
    SorobanTransactionMetaV2, TransactionEvent, TransactionEventStage, TransactionMeta, TransactionMetaV4,
    TransactionResult, Uint256,
};

use crate::account;
use crate::changes;
use crate::checks::{self, Moment};
use crate::entries::{Lookup, Overlay};
use crate::envelope::Submitted;
use crate::error::LedgerError;
use crate::events;
use crate::fees;
use crate::network::Network;
use crate::results;

/// What every transaction of a ledger is carried out with.
pub(crate) struct Closing<'ledger> {
    pub(crate) network: &'ledger Network,
    pub(crate) modules: &'ledger ModuleCache,
    pub(crate) moment: Moment,
}

/// A transaction's way through a ledger.
pub(crate) struct Applied {
    pub(crate) result: TransactionResult,
    pub(crate) meta: TransactionMetaV4,
    pub(crate) fee_changes: LedgerEntryChanges,
    pub(crate) refund_changes: LedgerEntryChanges,
    /// Part of the fee that comes back when all of the ledger's transactions are through.
    refund: i64,
}

impl Applied {
    pub(crate) fn meta(&self) -> TransactionMeta {
        TransactionMeta::V4(self.meta.clone())
    }
}

/// What one operation did.
pub(crate) struct Outcome {
    pub(crate) result: OperationResult,
    pub(crate) events: Vec<ContractEvent>,
    pub(crate) soroban: Option<SorobanOutcome>,
}

/// What only Soroban operations have.
#[derive(Default)]
pub(crate) struct SorobanOutcome {
    pub(crate) value: Option<ScVal>,
    pub(crate) diagnostics: Vec<DiagnosticEvent>,
    pub(crate) restored: BTreeSet<LedgerKey>,
    /// Spent of what may come back, in stroops.
    pub(crate) refundable_used: i64,
    /// The part of it that is rent.
    pub(crate) rent: i64,
}

impl Outcome {
    pub(crate) fn of(result: OperationResultTr) -> Self {
        Self { result: OperationResult::OpInner(result), events: Vec::new(), soroban: None }
    }

    fn is_success(&self) -> bool {
        use stellar_xdr::{
            AccountMergeResult as Merge, BumpSequenceResult as Bump, CreateAccountResult as Create,
            ExtendFootprintTtlResult as Extend, InvokeHostFunctionResult as Invoke, PaymentResult as Pay,
            RestoreFootprintResult as Restore, SetOptionsResult as Set,
        };
        let OperationResult::OpInner(inner) = &self.result else { return false };
        matches!(
            inner,
            OperationResultTr::CreateAccount(Create::Success)
                | OperationResultTr::Payment(Pay::Success)
                | OperationResultTr::AccountMerge(Merge::Success(_))
                | OperationResultTr::SetOptions(Set::Success)
                | OperationResultTr::BumpSequence(Bump::Success)
                | OperationResultTr::InvokeHostFunction(Invoke::Success(_))
                | OperationResultTr::ExtendFootprintTtl(Extend::Success)
                | OperationResultTr::RestoreFootprint(Restore::Success)
        )
    }
}

/// Takes the fee of a transaction, before any of the ledger is carried out. Returns what was taken.
pub(crate) fn take_fee(
    submitted: &Submitted,
    ledger: &mut Overlay<'_>,
    sequence: u32,
) -> Result<(i64, LedgerEntryChanges), LedgerError> {
    let mut step = Overlay::new(ledger, sequence);
    let mut taken = 0;
    if let Some(payer) = step.account(&submitted.payer()) {
        let mut payer = payer.clone();
        taken = fees::charged(submitted).clamp(0, payer.balance);
        payer.balance -= taken;
        step.put_account(payer);
    }
    let described = changes::describe(step.base(), step.changed(), &BTreeSet::new())?;
    let changed = step.changes();
    ledger.take(changed);
    Ok((taken, described))
}

/// Carries a transaction out, after its fee was taken.
pub(crate) fn apply(
    closing: &Closing<'_>,
    submitted: &Submitted,
    ledger: &mut Overlay<'_>,
    (taken, fee_changes): (i64, LedgerEntryChanges),
    seed: [u8; 32],
) -> Result<Applied, LedgerError> {
    let judgement = checks::closing(closing.network, submitted, ledger, closing.moment);
    let changes_before = use_up(closing, submitted, ledger, judgement.uses_sequence)?;
    let (code, operations, soroban) = match judgement.verdict {
        Err(code) => (code, Vec::new(), None),
        Ok(()) => contained(closing, submitted, ledger, seed),
    };
    let soroban = soroban.unwrap_or_default();
    let (kept, _) = fees::resources(closing.network, submitted, 0);
    let may_come_back = fees::resource_fee(submitted).saturating_sub(kept);
    let refund = may_come_back.saturating_sub(soroban.refundable_used).clamp(0, taken);
    let fee_event = events::fee(closing.network, &submitted.payer(), taken)?;
    let soroban_meta = submitted.soroban().map(|_| SorobanTransactionMetaV2 {
        ext: SorobanTransactionMetaExt::V1(SorobanTransactionMetaExtV1 {
            ext: ExtensionPoint::V0,
            total_non_refundable_resource_fee_charged: kept,
            total_refundable_resource_fee_charged: soroban.refundable_used,
            rent_fee_charged: soroban.rent,
        }),
        return_value: soroban.value,
    });
    let meta = TransactionMetaV4 {
        ext: ExtensionPoint::V0,
        tx_changes_before: changes_before,
        operations: operations.try_into()?,
        tx_changes_after: LedgerEntryChanges::default(),
        soroban_meta,
        events: vec![TransactionEvent { stage: TransactionEventStage::BeforeAllTxs, event: fee_event }]
            .try_into()?,
        diagnostic_events: soroban.diagnostics.try_into()?,
    };
    let result = results::whole(submitted, code, taken);
    Ok(Applied { result, meta, fee_changes, refund_changes: LedgerEntryChanges::default(), refund })
}

/// Gives back what a transaction did not use, after all of the ledger's are through. Returns how much.
pub(crate) fn refund(
    closing: &Closing<'_>,
    submitted: &Submitted,
    applied: &mut Applied,
    ledger: &mut Overlay<'_>,
) -> Result<i64, LedgerError> {
    let Some(payer) = ledger.account(&submitted.payer()) else { return Ok(0) };
    let refund = applied.refund.min(account::room(payer));
    if refund <= 0 {
        return Ok(0);
    }
    let mut payer = payer.clone();
    payer.balance += refund;
    let mut step = Overlay::new(ledger, closing.moment.sequence);
    step.put_account(payer);
    applied.refund_changes = changes::describe(step.base(), step.changed(), &BTreeSet::new())?;
    let changed = step.changes();
    ledger.take(changed);
    applied.result.fee_charged -= refund;
    let mut events = applied.meta.events.to_vec();
    let event = events::fee(closing.network, &submitted.payer(), -refund)?;
    events.push(TransactionEvent { stage: TransactionEventStage::AfterAllTxs, event });
    applied.meta.events = events.try_into()?;
    Ok(refund)
}

/// Uses up the sequence number, and the promises that were made to this very transaction.
fn use_up(
    closing: &Closing<'_>,
    submitted: &Submitted,
    ledger: &mut Overlay<'_>,
    uses_sequence: bool,
) -> Result<LedgerEntryChanges, LedgerError> {
    let mut step = Overlay::new(ledger, closing.moment.sequence);
    if uses_sequence {
        if let Some(source) = step.account(&submitted.source()) {
            let mut source = source.clone();
            let Moment { sequence, time } = closing.moment;
            account::use_sequence(&mut source, submitted.sequence(), sequence, time);
            step.put_account(source);
        }
        let mut signing: BTreeSet<AccountId> =
            submitted.transaction.operations.iter().map(|one| submitted.operation_source(one)).collect();
        signing.extend([submitted.source(), submitted.payer()]);
        for id in signing {
            for hash in [submitted.inner_hash, submitted.hash] {
                forget_promise(&mut step, &id, hash)?;
            }
        }
    }
    let described = changes::describe(step.base(), step.changed(), &BTreeSet::new())?;
    let changed = step.changes();
    ledger.take(changed);
    Ok(described)
}

fn forget_promise(step: &mut Overlay<'_>, id: &AccountId, hash: [u8; 32]) -> Result<(), LedgerError> {
    let Some(found) = step.account(id) else { return Ok(()) };
    let promise = SignerKey::PreAuthTx(Uint256(hash));
    if !found.signers.iter().any(|signer| signer.key == promise) {
        return Ok(());
    }
    let mut changed: AccountEntry = found.clone();
    let mut signers = changed.signers.to_vec();
    signers.retain(|signer| signer.key != promise);
    changed.signers = signers.try_into()?;
    changed.num_sub_entries = changed.num_sub_entries.saturating_sub(1);
    account::fit_sponsors(&mut changed);
    step.put_account(changed);
    Ok(())
}

type Operations = (Code, Vec<OperationMetaV2>, Option<SorobanOutcome>);

/// The operations; where this ledger itself fails at them, or the host panics, it is this transaction that failed. It would come again
/// with every ledger otherwise, and hold up all others.
fn contained(
    closing: &Closing<'_>,
    submitted: &Submitted,
    ledger: &mut Overlay<'_>,
    seed: [u8; 32],
) -> Operations {
    // What was done up to then is in overlays that are gone: the ledger takes changes last.
    let broken = match catch_unwind(AssertUnwindSafe(|| operations(closing, submitted, ledger, seed))) {
        Ok(Ok(done)) => return done,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "a panic".to_owned(),
    };
    tracing::error!(hash = hex::encode(submitted.hash), broken, "a transaction could not be carried out");
    (Code::TxInternalError, Vec::new(), None)
}

/// All operations or none: each sees what those before it did, and one that fails undoes all.
fn operations(
    closing: &Closing<'_>,
    submitted: &Submitted,
    ledger: &mut Overlay<'_>,
    seed: [u8; 32],
) -> Result<Operations, LedgerError> {
    let mut all = Overlay::new(ledger, closing.moment.sequence);
    let (mut found, mut metas, mut soroban) = (Vec::new(), Vec::new(), None);
    let mut succeeded = true;
    for operation in &submitted.transaction.operations {
        let mut step = Overlay::new(&all, closing.moment.sequence);
        let mut outcome = operation_outcome(closing, submitted, operation, &mut step, seed)?;
        let is_success = outcome.is_success();
        succeeded &= is_success;
        found.push(outcome.result);
        let no_restores = BTreeSet::new();
        let restored = outcome.soroban.as_ref().map_or(&no_restores, |soroban| &soroban.restored);
        if is_success {
            let changes = changes::describe(step.base(), step.changed(), restored)?;
            let events = std::mem::take(&mut outcome.events).try_into()?;
            metas.push(OperationMetaV2 { ext: ExtensionPoint::V0, changes, events });
            let kept = step.changes();
            all.take(kept);
        }
        soroban = soroban.or(outcome.soroban);
    }
    if !succeeded {
        // Nothing of it stays but what it says of itself.
        let soroban =
            soroban.map(|soroban| SorobanOutcome { diagnostics: soroban.diagnostics, ..Default::default() });
        return Ok((results::failed(found), Vec::new(), soroban));
    }
    let changed = all.changes();
    ledger.take(changed);
    Ok((results::succeeded(found), metas, soroban))
}

fn operation_outcome(
    closing: &Closing<'_>,
    submitted: &Submitted,
    operation: &stellar_xdr::Operation,
    step: &mut Overlay<'_>,
    seed: [u8; 32],
) -> Result<Outcome, LedgerError> {
    use stellar_xdr::OperationBody as Body;
    let source = submitted.operation_source(operation);
    let Some(account) = step.account(&source).cloned() else {
        return Ok(Outcome { result: OperationResult::OpNoAccount, events: Vec::new(), soroban: None });
    };
    if let Some(result) = checks::operations::malformed(operation, &source) {
        return Ok(Outcome { result, events: Vec::new(), soroban: None });
    }
    match &operation.body {
        Body::CreateAccount(create) => classic::create(closing, account, create, step),
        Body::Payment(payment) => classic::pay(closing, submitted, account, payment, step),
        Body::AccountMerge(heir) => classic::merge(closing, submitted, &account, heir, step),
        Body::BumpSequence(bump) => Ok(classic::bump(closing, account, bump, step)),
        Body::SetOptions(set) => options::set(account, set, step),
        Body::InvokeHostFunction(invoke) => soroban::invoke(closing, submitted, &source, invoke, step, seed),
        Body::ExtendFootprintTtl(extend) => soroban::extend(closing, submitted, extend, step),
        Body::RestoreFootprint(_) => soroban::restore(closing, submitted, step),
        _ => Ok(Outcome { result: OperationResult::OpNotSupported, events: Vec::new(), soroban: None }),
    }
}
