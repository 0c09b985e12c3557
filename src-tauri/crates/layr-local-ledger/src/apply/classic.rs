//! Accounts and payments of lumens.

use stellar_xdr::{
    AccountEntry, AccountMergeResult, BumpSequenceOp, BumpSequenceResult, CreateAccountOp,
    CreateAccountResult, MuxedAccount, OperationResultTr as Inner, PaymentOp, PaymentResult,
};

use super::{Closing, Outcome};
use crate::account::{self, first_sequence, reserve, room, spendable};
use crate::entries::{Lookup, Overlay, account_key};
use crate::envelope::{Submitted, account as plain};
use crate::error::LedgerError;
use crate::events;

/// Flag of an account that nobody may remove or change.
const IMMUTABLE_FLAG: u32 = 0x4;

pub(super) fn create(
    closing: &Closing<'_>,
    mut source: AccountEntry,
    create: &CreateAccountOp,
    step: &mut Overlay<'_>,
) -> Result<Outcome, LedgerError> {
    let outcome = |result| Outcome::of(Inner::CreateAccount(result));
    if step.account(&create.destination).is_some() {
        return Ok(outcome(CreateAccountResult::AlreadyExist));
    }
    let made = account::new(create.destination.clone(), create.starting_balance, closing.moment.sequence);
    if made.balance < reserve(&made, 0) {
        return Ok(outcome(CreateAccountResult::LowReserve));
    }
    if spendable(&source) < create.starting_balance {
        return Ok(outcome(CreateAccountResult::Underfunded));
    }
    source.balance -= create.starting_balance;
    let event = events::transfer(
        closing.network,
        &MuxedAccount::from(source.account_id.clone()),
        &MuxedAccount::from(made.account_id.clone()),
        create.starting_balance,
        None,
    )?;
    step.put_account(source);
    step.put_account(made);
    Ok(Outcome { events: vec![event], ..outcome(CreateAccountResult::Success) })
}

pub(super) fn pay(
    closing: &Closing<'_>,
    submitted: &Submitted,
    mut source: AccountEntry,
    payment: &PaymentOp,
    step: &mut Overlay<'_>,
) -> Result<Outcome, LedgerError> {
    let outcome = |result| Outcome::of(Inner::Payment(result));
    let Some(receiver) = step.account(&plain(&payment.destination)) else {
        return Ok(outcome(PaymentResult::NoDestination));
    };
    if receiver.account_id != source.account_id {
        let mut receiver = receiver.clone();
        if room(&receiver) < payment.amount {
            return Ok(outcome(PaymentResult::LineFull));
        }
        if spendable(&source) < payment.amount {
            return Ok(outcome(PaymentResult::Underfunded));
        }
        source.balance -= payment.amount;
        receiver.balance += payment.amount;
        step.put_account(receiver);
    }
    // A payment to oneself succeeds, whatever its amount, and moves nothing.
    let from = MuxedAccount::from(source.account_id.clone());
    let event = events::transfer(
        closing.network,
        &from,
        &payment.destination,
        payment.amount,
        Some(submitted.memo()),
    )?;
    step.put_account(source);
    Ok(Outcome { events: vec![event], ..outcome(PaymentResult::Success) })
}

pub(super) fn merge(
    closing: &Closing<'_>,
    submitted: &Submitted,
    source: &AccountEntry,
    heir: &MuxedAccount,
    step: &mut Overlay<'_>,
) -> Result<Outcome, LedgerError> {
    let outcome = |result| Outcome::of(Inner::AccountMerge(result));
    let Some(receiver) = step.account(&plain(heir)) else {
        return Ok(outcome(AccountMergeResult::NoAccount));
    };
    let signers = u32::try_from(source.signers.len()).unwrap_or(u32::MAX);
    if source.flags & IMMUTABLE_FLAG != 0 {
        return Ok(outcome(AccountMergeResult::ImmutableSet));
    }
    if source.num_sub_entries != signers {
        return Ok(outcome(AccountMergeResult::HasSubEntries));
    }
    // Made again in this ledger or a later one, it would start below the numbers that it used, and old transactions would fit.
    if source.seq_num.0 >= first_sequence(closing.moment.sequence) {
        return Ok(outcome(AccountMergeResult::SeqnumTooFar));
    }
    let mut receiver = receiver.clone();
    if room(&receiver) < source.balance {
        return Ok(outcome(AccountMergeResult::DestFull));
    }
    receiver.balance += source.balance;
    let from = MuxedAccount::from(source.account_id.clone());
    let event = events::transfer(closing.network, &from, heir, source.balance, Some(submitted.memo()))?;
    step.put_account(receiver);
    step.remove(account_key(&source.account_id));
    Ok(Outcome { events: vec![event], ..outcome(AccountMergeResult::Success(source.balance)) })
}

pub(super) fn bump(
    closing: &Closing<'_>,
    mut source: AccountEntry,
    bump: &BumpSequenceOp,
    step: &mut Overlay<'_>,
) -> Outcome {
    if bump.bump_to.0 > source.seq_num.0 {
        account::use_sequence(&mut source, bump.bump_to.0, closing.moment.sequence, closing.moment.time);
        step.put_account(source);
    }
    Outcome::of(Inner::BumpSequence(BumpSequenceResult::Success))
}
