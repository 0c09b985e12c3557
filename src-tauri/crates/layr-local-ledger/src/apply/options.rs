//! An account's settings: signers, thresholds, flags, home domain.

use stellar_xdr::{
    AccountEntry, OperationResultTr as Inner, SetOptionsOp, SetOptionsResult, Signer, Thresholds,
};

use super::Outcome;
use crate::account::{self, reserve};
use crate::entries::{Lookup, Overlay};
use crate::error::LedgerError;

/// Flags that an immutable account keeps as they are.
const AUTHORISATION_FLAGS: u32 = 0xF;
const REVOCABLE_FLAG: u32 = 0x2;
const IMMUTABLE_FLAG: u32 = 0x4;
const CLAWBACK_FLAG: u32 = 0x8;
/// Most signers of an account beside its own key.
const MAX_SIGNERS: usize = 20;

pub(super) fn set(
    mut account: AccountEntry,
    options: &SetOptionsOp,
    step: &mut Overlay<'_>,
) -> Result<Outcome, LedgerError> {
    let result = match change(&mut account, options, step)? {
        Ok(()) => {
            step.put_account(account);
            SetOptionsResult::Success
        }
        Err(refused) => refused,
    };
    Ok(Outcome::of(Inner::SetOptions(result)))
}

fn change(
    account: &mut AccountEntry,
    options: &SetOptionsOp,
    step: &Overlay<'_>,
) -> Result<Result<(), SetOptionsResult>, LedgerError> {
    if let Some(heir) = &options.inflation_dest {
        if *heir != account.account_id && step.account(heir).is_none() {
            return Ok(Err(SetOptionsResult::InvalidInflation));
        }
        account.inflation_dest = Some(heir.clone());
    }
    let (set, clear) = (options.set_flags.unwrap_or(0), options.clear_flags.unwrap_or(0));
    if (set | clear) & AUTHORISATION_FLAGS != 0 && account.flags & IMMUTABLE_FLAG != 0 {
        return Ok(Err(SetOptionsResult::CantChange));
    }
    account.flags = (account.flags & !clear) | set;
    if account.flags & CLAWBACK_FLAG != 0 && account.flags & REVOCABLE_FLAG == 0 {
        return Ok(Err(SetOptionsResult::AuthRevocableRequired));
    }
    let Thresholds([master, low, medium, high]) = account.thresholds;
    // The check of the operation bounds each of them.
    let byte = |new: Option<u32>, old: u8| new.and_then(|new| u8::try_from(new).ok()).unwrap_or(old);
    account.thresholds = Thresholds([
        byte(options.master_weight, master),
        byte(options.low_threshold, low),
        byte(options.med_threshold, medium),
        byte(options.high_threshold, high),
    ]);
    if let Some(domain) = &options.home_domain {
        account.home_domain = domain.clone();
    }
    match &options.signer {
        Some(signer) => change_signer(account, signer),
        None => Ok(Ok(())),
    }
}

/// Adds a signer, gives it another weight, or with weight 0 removes it. Signers stay in the order of their keys.
fn change_signer(
    account: &mut AccountEntry,
    signer: &Signer,
) -> Result<Result<(), SetOptionsResult>, LedgerError> {
    let mut signers = account.signers.to_vec();
    let known = signers.iter().position(|other| other.key == signer.key);
    match (known, signer.weight) {
        (None, 0) => return Ok(Ok(())),
        (Some(place), 0) => {
            signers.remove(place);
            account.num_sub_entries = account.num_sub_entries.saturating_sub(1);
        }
        (Some(_), weight) => {
            for other in signers.iter_mut().filter(|other| other.key == signer.key) {
                other.weight = weight;
            }
        }
        (None, _) if signers.len() >= MAX_SIGNERS => return Ok(Err(SetOptionsResult::TooManySigners)),
        (None, _) if account.balance < reserve(account, 1) => return Ok(Err(SetOptionsResult::LowReserve)),
        (None, _) => {
            signers.push(signer.clone());
            signers.sort_by(|one, other| one.key.cmp(&other.key));
            account.num_sub_entries = account.num_sub_entries.saturating_add(1);
        }
    }
    account.signers = signers.try_into()?;
    account::fit_sponsors(account);
    Ok(Ok(()))
}
