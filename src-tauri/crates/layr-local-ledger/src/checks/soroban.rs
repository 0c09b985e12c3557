//! What a Soroban transaction declares, against what the network allows.

use std::collections::BTreeSet;

use stellar_xdr::{
    ContractDataDurability, InnerTransactionResultResult as Code, LedgerKey, OperationBody,
    SorobanTransactionData,
};

use crate::codec;
use crate::envelope::Submitted;
use crate::fees;
use crate::network::{
    MAX_DATA_KEY_BYTES, MAX_DISK_READ_BYTES, MAX_DISK_READ_ENTRIES, MAX_FOOTPRINT_KEYS, MAX_INSTRUCTIONS,
    MAX_TRANSACTION_BYTES, MAX_WRITE_BYTES, MAX_WRITE_ENTRIES, Network,
};

/// A Soroban operation stands alone and declares what it needs; no other transaction does.
pub(super) fn check(network: &Network, submitted: &Submitted) -> Result<(), Code> {
    let is_alone = submitted.transaction.operations.len() == 1;
    let (has_operation, data) = (submitted.has_soroban_operation(), submitted.soroban());
    let Some(data) = data else {
        return if has_operation { Err(Code::TxMalformed) } else { Ok(()) };
    };
    if !has_operation || !is_alone {
        return Err(Code::TxMalformed);
    }
    let Some(operation) = submitted.transaction.operations.first() else {
        return Err(Code::TxMissingOperation);
    };
    let allowed = submitted.size_bytes <= MAX_TRANSACTION_BYTES
        && data.resource_fee >= fees::resources(network, submitted, 0).0
        && data.resource_fee <= submitted.fee_bid()
        && within_limits(data)
        && footprint_is_plain(data)
        && suits(&operation.body, data);
    if allowed { Ok(()) } else { Err(Code::TxSorobanInvalid) }
}

fn within_limits(data: &SorobanTransactionData) -> bool {
    let resources = &data.resources;
    let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    let writes = count(resources.footprint.read_write.len());
    resources.instructions <= MAX_INSTRUCTIONS
        && resources.disk_read_bytes <= MAX_DISK_READ_BYTES
        && resources.write_bytes <= MAX_WRITE_BYTES
        && writes <= MAX_WRITE_ENTRIES
        && writes.saturating_add(count(resources.footprint.read_only.len())) <= MAX_FOOTPRINT_KEYS
        && fees::disk_reads(data) <= MAX_DISK_READ_ENTRIES
}

/// Each key once, none too large, none of a kind that contracts cannot touch.
fn footprint_is_plain(data: &SorobanTransactionData) -> bool {
    let footprint = &data.resources.footprint;
    let mut seen = BTreeSet::new();
    footprint.read_only.iter().chain(footprint.read_write.iter()).all(|key| {
        let is_known = matches!(
            key,
            LedgerKey::Account(_)
                | LedgerKey::Trustline(_)
                | LedgerKey::ContractData(_)
                | LedgerKey::ContractCode(_)
        );
        let size = codec::bytes(key).map_or(u32::MAX, |bytes| codec::size(&bytes));
        is_known && size <= MAX_DATA_KEY_BYTES && seen.insert(key)
    })
}

/// Whether the footprint is of the form that this operation wants.
fn suits(body: &OperationBody, data: &SorobanTransactionData) -> bool {
    let (read, written) = (&data.resources.footprint.read_only, &data.resources.footprint.read_write);
    let restored = fees::restored(data);
    match body {
        OperationBody::InvokeHostFunction(_) => {
            let ascending = restored.windows(2).all(|pair| matches!(pair, [one, other] if one < other));
            let persistent = restored.iter().all(|place| {
                usize::try_from(*place).ok().and_then(|place| written.get(place)).is_some_and(is_persistent)
            });
            ascending && persistent
        }
        OperationBody::ExtendFootprintTtl(_) => {
            written.is_empty() && restored.is_empty() && read.iter().all(fees::has_life)
        }
        OperationBody::RestoreFootprint(_) => {
            read.is_empty() && restored.is_empty() && written.iter().all(is_persistent)
        }
        _ => false,
    }
}

pub(crate) fn is_persistent(key: &LedgerKey) -> bool {
    match key {
        LedgerKey::ContractCode(_) => true,
        LedgerKey::ContractData(data) => data.durability == ContractDataDurability::Persistent,
        _ => false,
    }
}
