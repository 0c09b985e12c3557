//! What the Soroban host is handed: the ledger's state in its words, budgets, and the modules it has compiled.

use soroban_env_host::budget::Budget;
use soroban_env_host::storage::Storage;
use soroban_env_host::{Host, LedgerInfo, ModuleCache};
use stellar_xdr::{LedgerEntry, LedgerEntryData};

use crate::checks::Moment;
use crate::entries::Entries;
use crate::error::LedgerError;
use crate::network::{
    BASE_RESERVE_STROOPS, MAX_LIFE, MAX_MEMORY_BYTES, MIN_PERSISTENT_LIFE, MIN_TEMPORARY_LIFE, Network,
    PROTOCOL, costs,
};

/// What is metered for the report only may exceed the budget this many times before the host gives up.
const SHADOW: u64 = 10;

pub(crate) fn ledger_info(network: &Network, moment: Moment) -> LedgerInfo {
    LedgerInfo {
        protocol_version: PROTOCOL,
        sequence_number: moment.sequence,
        timestamp: moment.time,
        network_id: network.id,
        base_reserve: BASE_RESERVE_STROOPS,
        min_temp_entry_ttl: MIN_TEMPORARY_LIFE,
        min_persistent_entry_ttl: MIN_PERSISTENT_LIFE,
        max_entry_ttl: MAX_LIFE,
    }
}

/// A budget of so many instructions, and of the memory that every transaction may have.
pub(crate) fn budget(instructions: u32) -> Result<Budget, LedgerError> {
    let (instructions, memory) = (u64::from(instructions), u64::from(MAX_MEMORY_BYTES));
    Ok(Budget::try_from_configs_with_shadow_limits(
        instructions,
        memory,
        instructions.saturating_mul(SHADOW),
        memory.saturating_mul(SHADOW),
        costs::instructions()?,
        costs::memory()?,
    )?)
}

/// For work of the ledger's own, which nobody pays for.
pub(crate) fn free_budget() -> Result<Budget, LedgerError> {
    Ok(Budget::try_from_configs(u64::MAX, u64::MAX, costs::instructions()?, costs::memory()?)?)
}

/// A host without a ledger, for its cryptography and its compiler.
pub(crate) fn bare() -> Result<Host, LedgerError> {
    let host = Host::with_storage_and_budget(Storage::default(), free_budget()?);
    // Which functions there are depends on the protocol, and that the host takes from a ledger.
    host.set_ledger_info(LedgerInfo { protocol_version: PROTOCOL, ..LedgerInfo::default() })?;
    Ok(host)
}

/// All code on the ledger, compiled. As the real network does it: compiled again with every call, it would cost what nobody declared.
pub(crate) fn modules(entries: &Entries) -> Result<ModuleCache, LedgerError> {
    let host = bare()?;
    let cache = ModuleCache::new(&host)?;
    for stored in entries.values() {
        compile(&cache, &host, &stored.entry);
    }
    Ok(cache)
}

/// Adds what an entry holds, if it is code. Code was checked when it was uploaded; what does not compile now fails when called.
pub(crate) fn compile(cache: &ModuleCache, host: &Host, entry: &LedgerEntry) {
    let LedgerEntryData::ContractCode(code) = &entry.data else { return };
    if let Err(error) = cache.parse_and_cache_module_simple(host, PROTOCOL, code.code.as_slice()) {
        tracing::warn!(%error, "code on the ledger does not compile");
    }
}
