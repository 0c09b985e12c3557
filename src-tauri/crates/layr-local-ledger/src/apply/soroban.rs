//! Contracts: invoking them, lengthening the life of entries, bringing entries back from the archive.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use soroban_env_host::e2e_invoke::{
    InvokeHostFunctionResult as HostResult, TtlLedgerEntryMeta, entry_size_for_rent, extract_rent_changes,
    invoke_host_function,
};
use soroban_env_host::fees::{LedgerEntryRentChange, compute_rent_fee};
use stellar_xdr::{
    AccountId, ContractEvent, ExtendFootprintTtlOp, ExtendFootprintTtlResult, Hash, InvokeHostFunctionOp,
    InvokeHostFunctionResult, InvokeHostFunctionSuccessPreImage, LedgerEntry, LedgerEntryData, LedgerKey,
    OperationResult, OperationResultTr as Inner, RestoreFootprintResult, SorobanTransactionData,
};

use super::{Closing, Outcome, SorobanOutcome};
use crate::checks::soroban::is_persistent;
use crate::codec;
use crate::entries::{Lookup, Overlay, Stored};
use crate::envelope::Submitted;
use crate::error::LedgerError;
use crate::fees;
use crate::host;
use crate::network::{
    MAX_CODE_BYTES, MAX_DATA_ENTRY_BYTES, MAX_EVENT_BYTES, MAX_MEMORY_BYTES, MIN_PERSISTENT_LIFE,
};

/// An entry as the host wants it.
type HostEntry = (Option<Vec<u8>>, Option<TtlLedgerEntryMeta>);

/// Why a call ended without success; the rest of its fee was not needed.
enum Refused {
    Code(InvokeHostFunctionResult),
    Ledger(LedgerError),
}

impl<E: Into<LedgerError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Ledger(error.into())
    }
}

pub(super) fn invoke(
    closing: &Closing<'_>,
    submitted: &Submitted,
    source: &AccountId,
    operation: &InvokeHostFunctionOp,
    step: &mut Overlay<'_>,
    seed: [u8; 32],
) -> Result<Outcome, LedgerError> {
    let Some(data) = submitted.soroban() else { return Ok(not_supported()) };
    let call = Call { closing, submitted, data, source, operation };
    let mut soroban = SorobanOutcome::default();
    let (result, events) = match call.carry_out(step, seed, &mut soroban) {
        Ok((hash, events)) => (InvokeHostFunctionResult::Success(hash), events),
        Err(Refused::Code(code)) => (code, Vec::new()),
        Err(Refused::Ledger(error)) => return Err(error),
    };
    let result = OperationResult::OpInner(Inner::InvokeHostFunction(result));
    Ok(Outcome { result, events, soroban: Some(soroban) })
}

fn not_supported() -> Outcome {
    Outcome { result: OperationResult::OpNotSupported, events: Vec::new(), soroban: None }
}

struct Call<'all> {
    closing: &'all Closing<'all>,
    submitted: &'all Submitted,
    data: &'all SorobanTransactionData,
    source: &'all AccountId,
    operation: &'all InvokeHostFunctionOp,
}

impl Call<'_> {
    fn carry_out(
        &self,
        step: &mut Overlay<'_>,
        seed: [u8; 32],
        soroban: &mut SorobanOutcome,
    ) -> Result<(Hash, Vec<ContractEvent>), Refused> {
        let (entries, restored) = self.entries(step)?;
        for place in &restored {
            soroban
                .restored
                .extend(usize::try_from(*place).ok().and_then(|place| self.written().get(place)).cloned());
        }
        let answer = self.run(entries, &restored, seed, soroban)?;
        let Ok(value) = &answer.encoded_invoke_result else { return Err(trapped()) };
        self.write(step, &answer)?;
        let event_bytes = answer.encoded_contract_events.iter().map(|event| codec::size(event));
        let event_bytes = event_bytes.fold(codec::size(value), u32::saturating_add);
        if event_bytes > MAX_EVENT_BYTES {
            return Err(too_much());
        }
        let sequence = self.closing.moment.sequence;
        let config = &self.closing.network.config.rent_fee_configuration;
        let rent = compute_rent_fee(&extract_rent_changes(&answer.ledger_changes), config, sequence);
        let (kept, for_events) = fees::resources(self.closing.network, self.submitted, event_bytes);
        if rent.saturating_add(for_events) > self.data.resource_fee.saturating_sub(kept) {
            return Err(Refused::Code(InvokeHostFunctionResult::InsufficientRefundableFee));
        }
        (soroban.rent, soroban.refundable_used) = (rent, rent.saturating_add(for_events));
        let events: Vec<ContractEvent> = answer
            .encoded_contract_events
            .iter()
            .map(|event| codec::stored(event))
            .collect::<Result<_, _>>()?;
        let return_value: stellar_xdr::ScVal = codec::stored(value)?;
        soroban.value = Some(return_value.clone());
        let all = InvokeHostFunctionSuccessPreImage { return_value, events: events.clone().try_into()? };
        Ok((Hash(Sha256::digest(codec::bytes(&all)?).into()), events))
    }

    fn written(&self) -> &[LedgerKey] {
        self.data.resources.footprint.read_write.as_slice()
    }

    /// The footprint's entries in its order, and which of those to be written come back from the archive.
    fn entries(&self, step: &Overlay<'_>) -> Result<(Vec<HostEntry>, Vec<u32>), Refused> {
        let sequence = self.closing.moment.sequence;
        let budget = host::free_budget()?;
        let (mut entries, mut restored, mut disk_bytes) = (Vec::new(), Vec::new(), 0u32);
        let read = self.data.resources.footprint.read_only.iter().map(|key| (key, None));
        let written = (0u32..).zip(self.written()).map(|(place, key)| (key, Some(place)));
        for (key, place) in read.chain(written) {
            let Some(stored) = step.get(key) else {
                entries.push((None, None));
                continue;
            };
            let bytes = codec::bytes(&stored.entry)?;
            let size = codec::size(&bytes);
            let mut live_until = stored.live_until;
            match live_until {
                None => disk_bytes = disk_bytes.saturating_add(size),
                Some(last) if last >= sequence => {}
                Some(_) if !is_persistent(key) => {
                    entries.push((None, None));
                    continue;
                }
                Some(_) => {
                    let place = place.filter(|place| fees::restored(self.data).contains(place));
                    let Some(place) = place else {
                        return Err(Refused::Code(InvokeHostFunctionResult::EntryArchived));
                    };
                    disk_bytes = disk_bytes.saturating_add(size);
                    restored.push(place);
                    live_until = Some(restored_life(sequence));
                }
            }
            let life = match live_until {
                None => None,
                Some(live_until_ledger) => {
                    let entry_size_for_rent = entry_size_for_rent(&budget, &stored.entry, size)?;
                    Some(TtlLedgerEntryMeta { live_until_ledger, entry_size_for_rent })
                }
            };
            entries.push((Some(bytes), life));
        }
        if disk_bytes > self.data.resources.disk_read_bytes {
            return Err(too_much());
        }
        Ok((entries, restored))
    }

    fn run(
        &self,
        entries: Vec<HostEntry>,
        restored: &[u32],
        seed: [u8; 32],
        soroban: &mut SorobanOutcome,
    ) -> Result<HostResult, Refused> {
        let instructions = self.data.resources.instructions;
        let budget = host::budget(instructions)?;
        let auth = self.operation.auth.iter().map(codec::bytes).collect::<Result<Vec<_>, _>>()?;
        let answer = invoke_host_function(
            &budget,
            true,
            codec::bytes(&self.operation.host_function)?,
            codec::bytes(&self.data.resources)?,
            restored,
            codec::bytes(self.source)?,
            auth.into_iter(),
            host::ledger_info(self.closing.network, self.closing.moment),
            entries.into_iter(),
            seed.to_vec(),
            &mut soroban.diagnostics,
            None,
            Some(self.closing.modules.clone()),
        );
        match answer {
            Ok(answer) if answer.encoded_invoke_result.is_ok() => Ok(answer),
            _ => {
                let spent = budget.get_cpu_insns_consumed()? > u64::from(instructions)
                    || budget.get_mem_bytes_consumed()? > u64::from(MAX_MEMORY_BYTES);
                Err(if spent { too_much() } else { trapped() })
            }
        }
    }

    /// Takes over what the host changed, within what was declared.
    fn write(&self, step: &mut Overlay<'_>, answer: &HostResult) -> Result<(), Refused> {
        let mut bytes = 0u32;
        for change in &answer.ledger_changes {
            let key: LedgerKey = codec::stored(&change.encoded_key)?;
            let life = change.ttl_change.as_ref().map(|life| life.new_live_until_ledger);
            match &change.encoded_new_value {
                Some(value) => {
                    bytes = bytes.saturating_add(codec::size(value));
                    let entry: LedgerEntry = codec::stored(value)?;
                    if !fits(&entry, codec::size(value)) {
                        return Err(too_much());
                    }
                    step.put(Stored { entry, live_until: life });
                }
                None if change.read_only => {
                    if let (Some(last), Some(stored)) = (life, step.get(&key))
                        && stored.live_until.is_some_and(|old| old < last)
                    {
                        step.extend(&key, last);
                    }
                }
                None if step.get(&key).is_some() => step.remove(key),
                None => {}
            }
        }
        if bytes > self.data.resources.write_bytes { Err(too_much()) } else { Ok(()) }
    }
}

fn fits(entry: &LedgerEntry, size: u32) -> bool {
    match &entry.data {
        LedgerEntryData::ContractData(_) => size <= MAX_DATA_ENTRY_BYTES,
        LedgerEntryData::ContractCode(code) => codec::size(code.code.as_slice()) <= MAX_CODE_BYTES,
        _ => true,
    }
}

fn too_much() -> Refused {
    Refused::Code(InvokeHostFunctionResult::ResourceLimitExceeded)
}

fn trapped() -> Refused {
    Refused::Code(InvokeHostFunctionResult::Trapped)
}

/// Last ledger of an entry that comes back from the archive in this one.
fn restored_life(sequence: u32) -> u32 {
    sequence.saturating_add(MIN_PERSISTENT_LIFE - 1)
}

pub(super) fn extend(
    closing: &Closing<'_>,
    submitted: &Submitted,
    operation: &ExtendFootprintTtlOp,
    step: &mut Overlay<'_>,
) -> Result<Outcome, LedgerError> {
    let outcome = |result| Outcome::of(Inner::ExtendFootprintTtl(result));
    let Some(data) = submitted.soroban() else { return Ok(not_supported()) };
    let sequence = closing.moment.sequence;
    let until = sequence.saturating_add(operation.extend_to);
    let mut changes = Vec::new();
    for key in &data.resources.footprint.read_only {
        let Some(stored) = step.get(key) else { continue };
        // What is archived is not extended but restored; what lives longer stays as it is.
        let Some(last) = stored.live_until.filter(|last| (sequence..until).contains(last)) else { continue };
        let size = size_for_rent(&stored.entry)?;
        changes.push(rent_change(key, (size, last), (size, until)));
        step.extend(key, until);
    }
    let Some(rent) = affordable_rent(closing, submitted, data, &changes) else {
        return Ok(outcome(ExtendFootprintTtlResult::InsufficientRefundableFee));
    };
    let soroban = SorobanOutcome { rent, refundable_used: rent, ..SorobanOutcome::default() };
    Ok(Outcome { soroban: Some(soroban), ..outcome(ExtendFootprintTtlResult::Success) })
}

pub(super) fn restore(
    closing: &Closing<'_>,
    submitted: &Submitted,
    step: &mut Overlay<'_>,
) -> Result<Outcome, LedgerError> {
    let outcome = |result| Outcome::of(Inner::RestoreFootprint(result));
    let Some(data) = submitted.soroban() else { return Ok(not_supported()) };
    let sequence = closing.moment.sequence;
    let (mut changes, mut bytes, mut restored) = (Vec::new(), 0u32, BTreeSet::new());
    for key in &data.resources.footprint.read_write {
        let Some(stored) = step.get(key) else { continue };
        if stored.live_until.is_none_or(|last| last >= sequence) {
            continue;
        }
        bytes = bytes.saturating_add(codec::size(&codec::bytes(&stored.entry)?));
        let until = restored_life(sequence);
        changes.push(rent_change(key, (0, 0), (size_for_rent(&stored.entry)?, until)));
        restored.insert(key.clone());
        step.extend(key, until);
    }
    if bytes > data.resources.disk_read_bytes || bytes > data.resources.write_bytes {
        return Ok(outcome(RestoreFootprintResult::ResourceLimitExceeded));
    }
    let Some(rent) = affordable_rent(closing, submitted, data, &changes) else {
        return Ok(outcome(RestoreFootprintResult::InsufficientRefundableFee));
    };
    let soroban = SorobanOutcome { rent, refundable_used: rent, restored, ..SorobanOutcome::default() };
    Ok(Outcome { soroban: Some(soroban), ..outcome(RestoreFootprintResult::Success) })
}

fn size_for_rent(entry: &LedgerEntry) -> Result<u32, LedgerError> {
    let size = codec::size(&codec::bytes(entry)?);
    Ok(entry_size_for_rent(&host::free_budget()?, entry, size)?)
}

/// From size and last ledger before to those after.
fn rent_change(key: &LedgerKey, before: (u32, u32), after: (u32, u32)) -> LedgerEntryRentChange {
    LedgerEntryRentChange {
        is_persistent: is_persistent(key),
        is_code_entry: matches!(key, LedgerKey::ContractCode(_)),
        old_size_bytes: before.0,
        new_size_bytes: after.0,
        old_live_until_ledger: before.1,
        new_live_until_ledger: after.1,
    }
}

/// The rent in stroops, if what was declared for resources covers it.
fn affordable_rent(
    closing: &Closing<'_>,
    submitted: &Submitted,
    data: &SorobanTransactionData,
    changes: &[LedgerEntryRentChange],
) -> Option<i64> {
    let config = &closing.network.config.rent_fee_configuration;
    let rent = compute_rent_fee(changes, config, closing.moment.sequence);
    let (kept, _) = fees::resources(closing.network, submitted, 0);
    (rent <= data.resource_fee.saturating_sub(kept)).then_some(rent)
}
