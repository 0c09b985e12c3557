//! What a caller allows a contract's call to be, and the check of what a server made of it. Simulation is a hint: it names the fee, the
//! entries that are touched and the authorisations, and all three are signed with the transaction.

use stellar_rpc_client::SimulateTransactionResponse;
use stellar_xdr as xdr;

use crate::amount::{AmountError, Stroops};
use crate::bounded::decode;
use crate::error::LedgerError;
use crate::intent::{Keep, KeepHow};

const SIMULATE: &str = "simulateTransaction";
/// Entries that a call may touch unless its caller says more: an agreement's call touches the contract, its code, an escrow, the
/// token's two balances and nonces.
const USUAL_FOOTPRINT_KEYS: usize = 40;
/// Stroops offered for each KiB of room: ten times the network's price. What is left over comes back.
const ROOM_STROOPS_PER_KIB: i64 = 8750;
const KIB: i64 = 1024;

/// What may come of a contract's call.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// What this account authorises: contract, function and arguments, with all that they call in turn. Each may come once.
    pub invocations: Vec<xdr::SorobanAuthorizedInvocation>,
    /// What the call takes from this account beside the fee: it has to be there, beyond the reserve.
    pub spends: Stroops,
    /// Entries that it may touch.
    pub footprint_keys: usize,
    /// The most that bringing archived entries back may cost; none where a call must not do so.
    pub restore_fee_cap: Option<Stroops>,
    /// Bytes that it may write beyond what the simulation says: by others' calls in the same ledger an entry grows that it writes as well.
    pub room_bytes: u32,
}

impl Approval {
    /// A call that needs nobody's authorisation and takes nothing but its fee.
    pub fn of_nothing() -> Self {
        Self {
            invocations: Vec::new(),
            spends: Stroops::ZERO,
            footprint_keys: USUAL_FOOTPRINT_KEYS,
            restore_fee_cap: None,
            room_bytes: 0,
        }
    }
}

/// What a simulation made of a call, checked.
#[derive(Debug)]
pub(crate) struct Approved {
    /// Footprint, resources and their fee.
    pub(crate) data: xdr::SorobanTransactionData,
    /// Authorisations.
    pub(crate) auth: Vec<xdr::SorobanAuthorizationEntry>,
    /// The fee for the resources.
    pub(crate) resource_fee: Stroops,
}

/// Checks the answer of a simulation against what was approved.
pub(crate) fn approve(
    answer: &SimulateTransactionResponse,
    auth: &[xdr::SorobanAuthorizationEntry],
    approval: &Approval,
) -> Result<Approved, LedgerError> {
    let (mut data, resource_fee) = resources(&answer.transaction_data, approval.footprint_keys)?;
    let resource_fee = with_room(&mut data, resource_fee, approval.room_bytes)?;
    let auth = if auth.is_empty() { recorded(answer)? } else { auth.to_vec() };
    check_authorisations(&auth, &approval.invocations)?;
    check_restoring(&data, resource_fee, approval.restore_fee_cap)?;
    Ok(Approved { data, auth, resource_fee })
}

/// Makes room for bytes, and gives what all resources cost then.
fn with_room(
    data: &mut xdr::SorobanTransactionData,
    fee: Stroops,
    room_bytes: u32,
) -> Result<Stroops, LedgerError> {
    let for_room = (i64::from(room_bytes) * ROOM_STROOPS_PER_KIB + KIB - 1) / KIB;
    data.resources.write_bytes = data.resources.write_bytes.saturating_add(room_bytes);
    data.resource_fee = data.resource_fee.saturating_add(for_room);
    let fee_too = Stroops::from_ledger(for_room)?;
    Ok(fee.checked_add(fee_too).ok_or(AmountError::TooLarge)?)
}

/// Since protocol 23 a call itself brings archived entries back (CAP-0066): of code that can cost hundreds of lumens.
fn check_restoring(
    data: &xdr::SorobanTransactionData,
    resource_fee: Stroops,
    cap: Option<Stroops>,
) -> Result<(), LedgerError> {
    let archived: &[u32] = match &data.ext {
        xdr::SorobanTransactionDataExt::V0 => &[],
        xdr::SorobanTransactionDataExt::V1(ext) => ext.archived_soroban_entries.as_slice(),
    };
    let written = data.resources.footprint.read_write.as_slice();
    let restores = archived.len();
    match cap {
        _ if restores == 0 => Ok(()),
        Some(cap) if resource_fee <= cap => Ok(()),
        _ if archived.iter().filter_map(|place| written.get(*place as usize)).any(is_code) => {
            Err(LedgerError::CodeArchived)
        }
        Some(cap) => Err(LedgerError::FeeAboveCap { fee: resource_fee, cap }),
        None => Err(not_approved(&format!("it would bring {restores} archived entries back"))),
    }
}

/// Whether this entry is a contract's code.
pub(crate) fn is_code(key: &xdr::LedgerKey) -> bool {
    matches!(key, xdr::LedgerKey::ContractCode(_))
}

/// Checks what a simulation made of a longer life for entries: it may leave out those that need none, and touches no others.
pub(crate) fn approve_keeping(
    answer: &SimulateTransactionResponse,
    keep: &Keep,
) -> Result<Approved, LedgerError> {
    let (data, resource_fee) = resources(&answer.transaction_data, keep.entries.len())?;
    let footprint = &data.resources.footprint;
    let (kept, other) = match keep.how {
        KeepHow::Restore => (&footprint.read_write, &footprint.read_only),
        KeepHow::Extend(_) => (&footprint.read_only, &footprint.read_write),
    };
    if kept.is_empty() || !other.is_empty() || !kept.iter().all(|key| keep.entries.contains(key)) {
        return Err(not_approved("it would touch other entries than those that are to be kept"));
    }
    Ok(Approved { data, auth: Vec::new(), resource_fee })
}

/// Resources as a server proposes them, and their fee.
pub(crate) fn resources(
    text: &str,
    most_keys: usize,
) -> Result<(xdr::SorobanTransactionData, Stroops), LedgerError> {
    let data: xdr::SorobanTransactionData = decode(SIMULATE, text)?;
    let fee =
        Stroops::from_ledger(data.resource_fee).map_err(|error| LedgerError::malformed(SIMULATE, error))?;
    let footprint = &data.resources.footprint;
    let keys = footprint.read_only.len().saturating_add(footprint.read_write.len());
    if keys > most_keys {
        return Err(not_approved(&format!("it would touch {keys} entries, and {most_keys} are allowed")));
    }
    Ok((data, fee))
}

/// The authorisations that a simulation recorded: of this account only, by the transaction's own signature.
fn recorded(
    answer: &SimulateTransactionResponse,
) -> Result<Vec<xdr::SorobanAuthorizationEntry>, LedgerError> {
    let [result] = answer.results.as_slice() else {
        return Err(LedgerError::malformed(SIMULATE, "it is not the result of one call"));
    };
    let entries: Vec<xdr::SorobanAuthorizationEntry> =
        result.auth.iter().map(|entry| decode(SIMULATE, entry)).collect::<Result<_, _>>()?;
    let is_other = |entry: &xdr::SorobanAuthorizationEntry| {
        !matches!(entry.credentials, xdr::SorobanCredentials::SourceAccount)
    };
    if entries.iter().any(is_other) {
        return Err(not_approved("it needs the authorisation of somebody else"));
    }
    Ok(entries)
}

/// What this account authorises has to be among what was approved, each once; what others signed is theirs.
fn check_authorisations(
    auth: &[xdr::SorobanAuthorizationEntry],
    approved: &[xdr::SorobanAuthorizedInvocation],
) -> Result<(), LedgerError> {
    let mut left: Vec<&xdr::SorobanAuthorizedInvocation> = approved.iter().collect();
    for entry in auth {
        if !matches!(entry.credentials, xdr::SorobanCredentials::SourceAccount) {
            continue;
        }
        let Some(place) = left.iter().position(|invocation| **invocation == entry.root_invocation) else {
            return Err(not_approved(&format!("it would authorise {}", named(&entry.root_invocation))));
        };
        left.swap_remove(place);
    }
    Ok(())
}

fn named(invocation: &xdr::SorobanAuthorizedInvocation) -> String {
    match &invocation.function {
        xdr::SorobanAuthorizedFunction::ContractFn(call) => {
            let calls = invocation.sub_invocations.len();
            format!(
                "{} with other arguments or calls than approved ({calls} calls in it)",
                call.function_name.0
            )
        }
        _ => "making a contract".to_owned(),
    }
}

fn not_approved(reason: &str) -> LedgerError {
    LedgerError::NotApproved { reason: crate::error::shortened(reason) }
}

#[cfg(test)]
mod tests;
