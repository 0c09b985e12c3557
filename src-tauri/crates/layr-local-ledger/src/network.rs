//! What this network is: its protocol, limits, fees and lifetimes. They are those of the public network (SLP-4 and SLP-5; a
//! snapshot of 10 July 2026 is in the official SDK), so that what works here works there, and costs the same.

pub(crate) mod costs;

use sha2::{Digest, Sha256};
use soroban_simulation::NetworkConfig;
use stellar_xdr::{
    AccountId, Asset, ConfigSettingContractBandwidthV0, ConfigSettingContractComputeV0,
    ConfigSettingContractEventsV0, ConfigSettingContractExecutionLanesV0,
    ConfigSettingContractHistoricalDataV0, ConfigSettingContractLedgerCostExtV0,
    ConfigSettingContractLedgerCostV0, ConfigSettingContractParallelComputeV0, ConfigSettingEntry,
    ConfigSettingScpTiming, ContractId, ContractIdPreimage, EvictionIterator, Hash, HashIdPreimage,
    HashIdPreimageContractId, LedgerEntry, LedgerEntryData, LedgerEntryExt, PublicKey, StateArchivalSettings,
    Uint256, WriteXdr,
};

use crate::entries::{Entries, EntriesSource, Stored};
use crate::error::LedgerError;

/// The protocol that the host of this version speaks; one host speaks exactly one.
pub(crate) const PROTOCOL: u32 = 29;
/// A lumen in stroops.
pub(crate) const STROOPS_PER_LUMEN: i64 = 10_000_000;
/// All lumens of a new network: a hundred thousand million, as on every Stellar network.
pub(crate) const TOTAL_STROOPS: i64 = 100_000_000_000 * STROOPS_PER_LUMEN;
/// Least fee of an operation, in stroops.
pub(crate) const BASE_FEE_STROOPS: u32 = 100;
/// What an account keeps for each entry that it owns, in stroops: half a lumen.
pub(crate) const BASE_RESERVE_STROOPS: u32 = 5_000_000;
/// Largest transaction with a Soroban operation, in bytes of its envelope.
pub(crate) const MAX_TRANSACTION_BYTES: u32 = 132_096;
/// Most instructions of a transaction.
pub(crate) const MAX_INSTRUCTIONS: u32 = 400_000_000;
/// Most memory of a transaction, in bytes.
pub(crate) const MAX_MEMORY_BYTES: u32 = 40 * 1024 * 1024;
/// Most entries that a transaction reads from disk: accounts, and what it restores.
pub(crate) const MAX_DISK_READ_ENTRIES: u32 = 200;
/// Most bytes that it reads from disk.
pub(crate) const MAX_DISK_READ_BYTES: u32 = 200_000;
/// Most entries that it writes.
pub(crate) const MAX_WRITE_ENTRIES: u32 = 200;
/// Most bytes that it writes.
pub(crate) const MAX_WRITE_BYTES: u32 = 132_096;
/// Most keys of its footprint.
pub(crate) const MAX_FOOTPRINT_KEYS: u32 = 400;
/// Most bytes of its events and its answer.
pub(crate) const MAX_EVENT_BYTES: u32 = 16 * 1024;
/// Largest key of contract data.
pub(crate) const MAX_DATA_KEY_BYTES: u32 = 250;
/// Largest entry of contract data.
pub(crate) const MAX_DATA_ENTRY_BYTES: u32 = 64 * 1024;
/// Largest code of a contract.
pub(crate) const MAX_CODE_BYTES: u32 = 128 * 1024;
/// Least life of a new temporary entry, in ledgers: a day of 5 s each.
pub(crate) const MIN_TEMPORARY_LIFE: u32 = 17_280;
/// Least life of a new persistent entry: 120 days.
pub(crate) const MIN_PERSISTENT_LIFE: u32 = 2_073_600;
/// Longest life that can be paid for: 180 days.
pub(crate) const MAX_LIFE: u32 = 3_110_400;
/// State size at which rent is [`RENT_AT_TARGET_STROOPS`] a KiB.
const STATE_TARGET_BYTES: i64 = 4_000_000_000;
/// State that this ledger says it has: three quarters of the target, about what the public network had. Rent is then 3 250 stroops a
/// KiB and 1 215 ledgers. Its true size would make rent nothing, and people would learn a wrong price.
const STATE_BYTES: u64 = 3_000_000_000;
const RENT_AT_TARGET_STROOPS: i64 = 10_000;
const RENT_AT_NOTHING_STROOPS: i64 = -17_000;
/// Limits of a whole ledger are this many transactions': there is one machine, and it takes what comes.
const TRANSACTIONS_PER_LEDGER: u32 = 100;

/// A network's name, and what follows from it.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) passphrase: String,
    pub(crate) id: [u8; 32],
    /// The contract of the native asset.
    pub(crate) native: ContractId,
    /// Fees and costs as the host wants them.
    pub(crate) config: NetworkConfig,
}

impl Network {
    pub(crate) fn new(passphrase: String, entries: &Entries) -> Result<Self, LedgerError> {
        let id = network_id(&passphrase);
        let config = NetworkConfig::load_from_snapshot(&EntriesSource(entries))
            .map_err(|error| LedgerError::damaged(error.to_string()))?;
        Ok(Self { native: native_contract(id)?, passphrase, id, config })
    }
}

pub(crate) fn network_id(passphrase: &str) -> [u8; 32] {
    Sha256::digest(passphrase.as_bytes()).into()
}

/// Seed of the account that has all lumens at first. As on every Stellar network it is the network's id, so that tools know it.
pub(crate) fn root_key(network_id: [u8; 32]) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&network_id)
}

pub(crate) fn account_id(key: &ed25519_dalek::VerifyingKey) -> AccountId {
    AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(key.to_bytes())))
}

/// Id of the native asset's contract: it follows from the network alone.
pub(crate) fn native_contract(network_id: [u8; 32]) -> Result<ContractId, LedgerError> {
    let preimage = HashIdPreimage::ContractId(HashIdPreimageContractId {
        network_id: Hash(network_id),
        contract_id_preimage: ContractIdPreimage::Asset(Asset::Native),
    });
    let bytes = preimage.to_xdr(crate::codec::WRITING)?;
    Ok(ContractId(Hash(Sha256::digest(bytes).into())))
}

/// The entries of a new network that say how it works.
pub(crate) fn settings() -> Result<Vec<Stored>, LedgerError> {
    let entry = |setting| LedgerEntry {
        last_modified_ledger_seq: 1,
        data: LedgerEntryData::ConfigSetting(setting),
        ext: LedgerEntryExt::V0,
    };
    let mut all = costs_and_limits()?;
    all.extend([
        ConfigSettingEntry::LiveSorobanStateSizeWindow(vec![STATE_BYTES].try_into()?),
        ConfigSettingEntry::EvictionIterator(EvictionIterator {
            bucket_list_level: 0,
            is_curr_bucket: true,
            bucket_file_offset: 0,
        }),
        ConfigSettingEntry::ScpTiming(ConfigSettingScpTiming {
            ledger_target_close_time_milliseconds: 5000,
            nomination_timeout_initial_milliseconds: 1000,
            nomination_timeout_increment_milliseconds: 1000,
            ballot_timeout_initial_milliseconds: 1000,
            ballot_timeout_increment_milliseconds: 1000,
        }),
    ]);
    Ok(all.into_iter().map(|setting| Stored { entry: entry(setting), live_until: None }).collect())
}

fn costs_and_limits() -> Result<Vec<ConfigSettingEntry>, LedgerError> {
    let whole = |each: u32| each.saturating_mul(TRANSACTIONS_PER_LEDGER);
    Ok(vec![
        ConfigSettingEntry::ContractMaxSizeBytes(MAX_CODE_BYTES),
        ConfigSettingEntry::ContractDataKeySizeBytes(MAX_DATA_KEY_BYTES),
        ConfigSettingEntry::ContractDataEntrySizeBytes(MAX_DATA_ENTRY_BYTES),
        ConfigSettingEntry::ContractCostParamsCpuInstructions(costs::instructions()?),
        ConfigSettingEntry::ContractCostParamsMemoryBytes(costs::memory()?),
        ConfigSettingEntry::ContractComputeV0(ConfigSettingContractComputeV0 {
            ledger_max_instructions: i64::from(MAX_INSTRUCTIONS) * i64::from(TRANSACTIONS_PER_LEDGER),
            tx_max_instructions: MAX_INSTRUCTIONS.into(),
            fee_rate_per_instructions_increment: 7,
            tx_memory_limit: MAX_MEMORY_BYTES,
        }),
        ConfigSettingEntry::ContractLedgerCostV0(ConfigSettingContractLedgerCostV0 {
            ledger_max_disk_read_entries: whole(MAX_DISK_READ_ENTRIES),
            ledger_max_disk_read_bytes: whole(MAX_DISK_READ_BYTES),
            ledger_max_write_ledger_entries: whole(MAX_WRITE_ENTRIES),
            ledger_max_write_bytes: whole(MAX_WRITE_BYTES),
            tx_max_disk_read_entries: MAX_DISK_READ_ENTRIES,
            tx_max_disk_read_bytes: MAX_DISK_READ_BYTES,
            tx_max_write_ledger_entries: MAX_WRITE_ENTRIES,
            tx_max_write_bytes: MAX_WRITE_BYTES,
            fee_disk_read_ledger_entry: 1563,
            fee_write_ledger_entry: 2500,
            fee_disk_read1_kb: 447,
            soroban_state_target_size_bytes: STATE_TARGET_BYTES,
            rent_fee1_kb_soroban_state_size_low: RENT_AT_NOTHING_STROOPS,
            rent_fee1_kb_soroban_state_size_high: RENT_AT_TARGET_STROOPS,
            soroban_state_rent_fee_growth_factor: 5000,
        }),
        ConfigSettingEntry::ContractLedgerCostExtV0(ConfigSettingContractLedgerCostExtV0 {
            tx_max_footprint_entries: MAX_FOOTPRINT_KEYS,
            fee_write1_kb: 875,
        }),
        ConfigSettingEntry::ContractHistoricalDataV0(ConfigSettingContractHistoricalDataV0 {
            fee_historical1_kb: 4059,
        }),
        ConfigSettingEntry::ContractEventsV0(ConfigSettingContractEventsV0 {
            tx_max_contract_events_size_bytes: MAX_EVENT_BYTES,
            fee_contract_events1_kb: 5000,
        }),
        ConfigSettingEntry::ContractBandwidthV0(ConfigSettingContractBandwidthV0 {
            ledger_max_txs_size_bytes: whole(MAX_TRANSACTION_BYTES),
            tx_max_size_bytes: MAX_TRANSACTION_BYTES,
            fee_tx_size1_kb: 406,
        }),
        ConfigSettingEntry::ContractExecutionLanes(ConfigSettingContractExecutionLanesV0 {
            ledger_max_tx_count: TRANSACTIONS_PER_LEDGER,
        }),
        ConfigSettingEntry::ContractParallelComputeV0(ConfigSettingContractParallelComputeV0 {
            ledger_max_dependent_tx_clusters: 1,
        }),
        ConfigSettingEntry::StateArchival(StateArchivalSettings {
            max_entry_ttl: MAX_LIFE,
            min_temporary_ttl: MIN_TEMPORARY_LIFE,
            min_persistent_ttl: MIN_PERSISTENT_LIFE,
            persistent_rent_rate_denominator: 1215,
            temp_rent_rate_denominator: 2430,
            max_entries_to_archive: 1000,
            live_soroban_state_size_window_sample_size: 30,
            live_soroban_state_size_window_sample_period: 64,
            eviction_scan_size: 100_000,
            starting_eviction_scan_level: 7,
        }),
    ])
}
