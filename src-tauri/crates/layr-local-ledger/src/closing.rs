//! Closing a ledger: fees first, then the transactions in the order in which they came, then refunds; a header that names it all.

use sha2::{Digest, Sha256};
use soroban_env_host::ModuleCache;
use stellar_xdr::{
    DependentTxCluster, ExtensionPoint, GeneralizedTransactionSet, Hash, LedgerCloseMeta, LedgerCloseMetaExt,
    LedgerCloseMetaV2, LedgerHeader, LedgerHeaderExt, LedgerHeaderHistoryEntry, LedgerHeaderHistoryEntryExt,
    ParallelTxExecutionStage, ParallelTxsComponent, StellarValue, StellarValueExt, TimePoint,
    TransactionEnvelope, TransactionPhase, TransactionResultMetaV1, TransactionResultPair,
    TransactionResultSet, TransactionSetV1, TxSetComponent, TxSetComponentTxsMaybeDiscountedFee,
};

use crate::apply::{self, Closing};
use crate::checks::{self, Moment};
use crate::codec;
use crate::entries::{Changes, Entries, Overlay};
use crate::envelope::{Submitted, is_soroban};
use crate::error::LedgerError;
use crate::network::{BASE_FEE_STROOPS, BASE_RESERVE_STROOPS, Network, PROTOCOL, TOTAL_STROOPS};
use crate::store::{EventRow, LedgerRow, TransactionRow};

/// Transactions that this ledger's header says fit into one; more than ever wait.
const MAX_TRANSACTIONS: u32 = 10_000;

/// A ledger that is closed, and not written yet.
pub(crate) struct Closed {
    pub(crate) header: LedgerHeader,
    pub(crate) row: LedgerRow,
    pub(crate) changes: Changes,
    pub(crate) transactions: Vec<TransactionRow>,
    pub(crate) events: Vec<EventRow>,
}

/// What a new ledger stands on.
pub(crate) struct Previous<'ledger> {
    pub(crate) network: &'ledger Network,
    pub(crate) modules: &'ledger ModuleCache,
    pub(crate) entries: &'ledger Entries,
    pub(crate) header: &'ledger LedgerHeader,
    pub(crate) hash: [u8; 32],
}

/// Closes the next ledger at `time`, with those of these transactions that hold then.
pub(crate) fn close(
    previous: &Previous<'_>,
    pending: &[Submitted],
    sequence: u32,
    time: u64,
) -> Result<Closed, LedgerError> {
    let moment = Moment { sequence, time };
    let closing = Closing { network: previous.network, modules: previous.modules, moment };
    // As validators do: what does not hold any more stays out and costs nothing; who signed it can sign anew. What others of the same
    // ledger take from it is in it, and pays.
    let holds = |one: &&Submitted| checks::sent(previous.network, one, previous.entries, moment).is_ok();
    let pending: Vec<&Submitted> = pending.iter().filter(holds).collect();
    let envelopes: Vec<_> = pending.iter().map(|submitted| submitted.envelope.clone()).collect();
    let set_hash: [u8; 32] =
        Sha256::digest(codec::bytes(&transaction_set(previous.hash, &envelopes)?)?).into();

    let mut ledger = Overlay::new(previous.entries, sequence);
    let mut fees = 0i64;
    let mut taken = Vec::with_capacity(pending.len());
    for submitted in &pending {
        let one = apply::take_fee(submitted, &mut ledger, sequence)?;
        fees = fees.saturating_add(one.0);
        taken.push(one);
    }
    let mut applied = Vec::with_capacity(pending.len());
    for ((place, submitted), taken) in (0u32..).zip(&pending).zip(taken) {
        let seed = Sha256::new().chain_update(set_hash).chain_update(place.to_be_bytes()).finalize().into();
        applied.push(apply::apply(&closing, submitted, &mut ledger, taken, seed)?);
    }
    for (submitted, applied) in pending.iter().zip(&mut applied) {
        fees = fees.saturating_sub(apply::refund(&closing, submitted, applied, &mut ledger)?);
    }

    let mut transactions = Vec::new();
    let mut events = Vec::new();
    let mut results = Vec::new();
    // Places count from 1, as everywhere on Stellar.
    for ((place, submitted), applied) in (1u32..).zip(&pending).zip(&applied) {
        let id = Hash(submitted.hash);
        results.push(TransactionResultPair { transaction_hash: id, result: applied.result.clone() });
        transactions.push(TransactionRow::new(sequence, place, submitted, applied)?);
        events.extend(EventRow::all(sequence, place, applied)?);
    }
    let changes = ledger.changes();
    let header = header(previous, (sequence, time), set_hash, results, (fees, &changes))?;
    let hash = Sha256::digest(codec::bytes(&header)?).into();
    let row = LedgerRow { sequence, close_time: time, hash, header: codec::bytes(&header)? };
    Ok(Closed { header, row, changes, transactions, events })
}

fn header(
    previous: &Previous<'_>,
    (sequence, time): (u32, u64),
    set_hash: [u8; 32],
    results: Vec<TransactionResultPair>,
    (fees, changes): (i64, &Changes),
) -> Result<LedgerHeader, LedgerError> {
    let results = TransactionResultSet { results: results.try_into()? };
    // There are no buckets here: a running hash over all changes stands for the state.
    let mut state = Sha256::new_with_prefix(previous.header.bucket_list_hash.0);
    for (key, stored) in changes {
        state.update(codec::bytes(key)?);
        if let Some(stored) = stored {
            state.update(codec::bytes(&stored.entry)?);
            state.update(stored.live_until.unwrap_or(0).to_be_bytes());
        }
    }
    Ok(LedgerHeader {
        previous_ledger_hash: Hash(previous.hash),
        scp_value: value(set_hash, time),
        tx_set_result_hash: Hash(Sha256::digest(codec::bytes(&results)?).into()),
        bucket_list_hash: Hash(state.finalize().into()),
        ledger_seq: sequence,
        fee_pool: previous.header.fee_pool.saturating_add(fees),
        ..previous.header.clone()
    })
}

fn value(set_hash: [u8; 32], time: u64) -> StellarValue {
    StellarValue {
        tx_set_hash: Hash(set_hash),
        close_time: TimePoint(time),
        upgrades: stellar_xdr::VecM::default(),
        ext: StellarValueExt::Basic,
    }
}

/// The header of the first ledger, which nothing led to.
pub(crate) fn genesis(time: u64) -> LedgerHeader {
    let none = || Hash([0; 32]);
    LedgerHeader {
        ledger_version: PROTOCOL,
        previous_ledger_hash: none(),
        scp_value: value([0; 32], time),
        tx_set_result_hash: none(),
        bucket_list_hash: none(),
        ledger_seq: 1,
        total_coins: TOTAL_STROOPS,
        fee_pool: 0,
        inflation_seq: 0,
        id_pool: 0,
        base_fee: BASE_FEE_STROOPS,
        base_reserve: BASE_RESERVE_STROOPS,
        max_tx_set_size: MAX_TRANSACTIONS,
        skip_list: [none(), none(), none(), none()],
        ext: LedgerHeaderExt::V0,
    }
}

fn has_soroban(envelope: &TransactionEnvelope) -> bool {
    let first = match envelope {
        TransactionEnvelope::TxV0(old) => old.tx.operations.first(),
        TransactionEnvelope::Tx(one) => one.tx.operations.first(),
        TransactionEnvelope::TxFeeBump(bump) => {
            let stellar_xdr::FeeBumpTransactionInnerTx::Tx(one) = &bump.tx.inner_tx;
            one.tx.operations.first()
        }
    };
    first.is_some_and(is_soroban)
}

/// The transactions of a ledger, in the two phases that the protocol has.
fn transaction_set(
    previous_hash: [u8; 32],
    envelopes: &[TransactionEnvelope],
) -> Result<GeneralizedTransactionSet, LedgerError> {
    let (soroban, classic): (Vec<_>, Vec<_>) = envelopes.iter().cloned().partition(has_soroban);
    let base_fee = Some(i64::from(BASE_FEE_STROOPS));
    let mut components = Vec::new();
    if !classic.is_empty() {
        components.push(TxSetComponent::TxsetCompTxsMaybeDiscountedFee(
            TxSetComponentTxsMaybeDiscountedFee { base_fee, txs: classic.try_into()? },
        ));
    }
    let mut stages = Vec::new();
    if !soroban.is_empty() {
        let cluster = DependentTxCluster(soroban.try_into()?);
        stages.push(ParallelTxExecutionStage(vec![cluster].try_into()?));
    }
    Ok(GeneralizedTransactionSet::V1(TransactionSetV1 {
        previous_ledger_hash: Hash(previous_hash),
        phases: vec![
            TransactionPhase::V0(components.try_into()?),
            TransactionPhase::V1(ParallelTxsComponent { base_fee, execution_stages: stages.try_into()? }),
        ]
        .try_into()?,
    }))
}

/// A ledger's header with its hash.
pub(crate) fn header_entry(row: &LedgerRow) -> Result<LedgerHeaderHistoryEntry, LedgerError> {
    Ok(LedgerHeaderHistoryEntry {
        hash: Hash(row.hash),
        header: codec::stored(&row.header)?,
        ext: LedgerHeaderHistoryEntryExt::V0,
    })
}

/// All that a ledger was, put together again from what is kept of it.
pub(crate) fn close_meta(row: &LedgerRow, rows: &[TransactionRow]) -> Result<LedgerCloseMeta, LedgerError> {
    let ledger_header = header_entry(row)?;
    let envelopes = rows.iter().map(|row| codec::stored(&row.envelope)).collect::<Result<Vec<_>, _>>()?;
    let tx_set = transaction_set(ledger_header.header.previous_ledger_hash.0, &envelopes)?;
    let processing = rows.iter().map(|row| {
        Ok(TransactionResultMetaV1 {
            ext: ExtensionPoint::V0,
            result: TransactionResultPair {
                transaction_hash: Hash(row.hash),
                result: codec::stored(&row.result)?,
            },
            fee_processing: codec::stored(&row.fee_changes)?,
            tx_apply_processing: codec::stored(&row.meta)?,
            post_tx_apply_fee_processing: codec::stored(&row.refund_changes)?,
        })
    });
    Ok(LedgerCloseMeta::V2(LedgerCloseMetaV2 {
        ext: LedgerCloseMetaExt::V0,
        ledger_header,
        tx_set,
        tx_processing: processing.collect::<Result<Vec<_>, LedgerError>>()?.try_into()?,
        upgrades_processing: stellar_xdr::VecM::default(),
        scp_info: stellar_xdr::VecM::default(),
        total_byte_size_of_live_soroban_state: 0,
        evicted_keys: stellar_xdr::VecM::default(),
    }))
}
