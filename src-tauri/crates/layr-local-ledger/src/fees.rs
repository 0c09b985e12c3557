//! What a transaction costs.

use soroban_env_host::fees::{TransactionResources, compute_transaction_resource_fee};
use stellar_xdr::{LedgerKey, SorobanTransactionData, SorobanTransactionDataExt};

use crate::envelope::Submitted;
use crate::network::{BASE_FEE_STROOPS, Network};

/// Times the bid an operation of what waits that a fee bump has to bid to take its place (stellar-core, `FEE_MULTIPLIER`). With less, whoever
/// repeats a transaction with a stroop more each time would have it judged and passed on for nothing.
const REPLACEMENT_FACTOR: i128 = 10;

/// Operations that are paid for: a fee bump counts as one more.
pub(crate) fn paid_operations(submitted: &Submitted) -> i64 {
    let operations = i64::try_from(submitted.transaction.operations.len()).unwrap_or(i64::MAX);
    operations.saturating_add(submitted.fee_bump.is_some().into())
}

/// Least that has to be bid for being included at all, in stroops.
pub(crate) fn least_inclusion(submitted: &Submitted) -> i64 {
    paid_operations(submitted).saturating_mul(BASE_FEE_STROOPS.into())
}

/// What is bid for being included: all but what is declared for resources.
pub(crate) fn inclusion_bid(submitted: &Submitted) -> i64 {
    submitted.fee_bid().saturating_sub(resource_fee(submitted))
}

/// Least that a fee bump has to bid for being included to take the place of what waits, in stroops, rounded up.
pub(crate) fn least_replacement(waiting: &Submitted, bump: &Submitted) -> i64 {
    let operations = |one| i128::from(paid_operations(one).max(1));
    let times = i128::from(inclusion_bid(waiting)) * REPLACEMENT_FACTOR * operations(bump);
    let count = operations(waiting);
    i64::try_from((times + count - 1) / count).unwrap_or(i64::MAX)
}

/// What is declared for resources.
pub(crate) fn resource_fee(submitted: &Submitted) -> i64 {
    submitted.soroban().map_or(0, |data| data.resource_fee)
}

/// What is taken when its ledger closes. There is always room, so nobody pays more than the least for inclusion.
pub(crate) fn charged(submitted: &Submitted) -> i64 {
    least_inclusion(submitted).min(inclusion_bid(submitted)).saturating_add(resource_fee(submitted))
}

/// Whether a fee bump pays no less per operation than what it wraps.
pub(crate) fn bump_is_no_worse(submitted: &Submitted) -> bool {
    let operations = i128::from(paid_operations(submitted));
    let inner_bid = i128::from(submitted.transaction.fee) - i128::from(resource_fee(submitted));
    let outer = i128::from(inclusion_bid(submitted)) * (operations - 1).max(1);
    outer >= inner_bid * operations
}

/// The part of the resource fee that is spent whatever happens, and what the given bytes of events and answer cost.
pub(crate) fn resources(network: &Network, submitted: &Submitted, event_bytes: u32) -> (i64, i64) {
    let Some(data) = submitted.soroban() else { return (0, 0) };
    let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    let resources = TransactionResources {
        instructions: data.resources.instructions,
        disk_read_entries: disk_reads(data),
        write_entries: count(data.resources.footprint.read_write.len()),
        disk_read_bytes: data.resources.disk_read_bytes,
        write_bytes: data.resources.write_bytes,
        contract_events_size_bytes: event_bytes,
        transaction_size_bytes: submitted.size_bytes,
    };
    compute_transaction_resource_fee(&resources, &network.config.fee_configuration)
}

/// Entries that count as read from disk: those without a lifetime, and those that are brought back from the archive.
pub(crate) fn disk_reads(data: &SorobanTransactionData) -> u32 {
    let footprint = &data.resources.footprint;
    let classic = footprint.read_only.iter().chain(footprint.read_write.iter()).filter(|key| !has_life(key));
    let count = classic.count().saturating_add(restored(data).len());
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Whether an entry lives for a time only.
pub(crate) fn has_life(key: &LedgerKey) -> bool {
    matches!(key, LedgerKey::ContractData(_) | LedgerKey::ContractCode(_))
}

/// Places among the keys to be written of what is brought back from the archive.
pub(crate) fn restored(data: &SorobanTransactionData) -> &[u32] {
    match &data.ext {
        SorobanTransactionDataExt::V0 => &[],
        SorobanTransactionDataExt::V1(more) => more.archived_soroban_entries.as_slice(),
    }
}
