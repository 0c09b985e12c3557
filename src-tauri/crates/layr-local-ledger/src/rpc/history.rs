//! What has been: ledgers and transactions.

use serde::Deserialize;
use serde_json::{Value, json};
use stellar_xdr::{TransactionMeta, TransactionResult};

use super::places;
use super::{Answer, Refusal};
use crate::closing;
use crate::codec;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::results;
use crate::server::Shared;
use crate::store::{Store, TransactionRow};

/// Most transactions or ledgers of one answer, and how many where nothing is said, as public servers have it.
const MAX_LIMIT: u32 = 200;
const DEFAULT_LIMIT: u32 = 50;

#[derive(Deserialize, Default)]
pub(super) struct Pagination {
    pub(super) cursor: Option<String>,
    pub(super) limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct From {
    #[serde(default)]
    start_ledger: Option<u32>,
    #[serde(default)]
    pagination: Option<Pagination>,
}

pub(super) fn latest(shared: &Shared) -> Answer {
    let ledger = shared.ledger.lock();
    let row = ledger.store.newest()?;
    let rows = transactions_of(&ledger.store, row.sequence)?;
    Ok(json!({
        "id": hex::encode(ledger.hash()),
        "protocolVersion": ledger.header().ledger_version,
        "sequence": row.sequence,
        "closeTime": row.close_time.to_string(),
        "headerXdr": codec::text_of(&row.header),
        "metadataXdr": codec::text(&closing::close_meta(&row, &rows)?)?,
    }))
}

/// Transactions of one ledger: no more than can have waited.
fn transactions_of(store: &Store, ledger: u32) -> Result<Vec<TransactionRow>, LedgerError> {
    store.transactions_after((ledger, 0), ledger, u32::MAX)
}

pub(super) fn ledgers(shared: &Shared, asked: From) -> Answer {
    let ledger = shared.ledger.lock();
    let (oldest, oldest_time) = ledger.store.oldest()?;
    let pagination = asked.pagination.unwrap_or_default();
    let limit = limit(pagination.limit, MAX_LIMIT, DEFAULT_LIMIT)?;
    let first = match (asked.start_ledger, &pagination.cursor) {
        (None | Some(0), Some(cursor)) => {
            let last: u32 = cursor.parse().map_err(|_| Refusal::params("cursor: no number of a ledger"))?;
            last.saturating_add(1)
        }
        (Some(first), None) => within(first, oldest, &ledger)?,
        _ => return Err(Refusal::params("startLedger and cursor: one of the two")),
    };
    let mut all = Vec::new();
    let mut cursor = first.saturating_sub(1);
    for row in ledger.store.ledgers_from(first, limit)? {
        let rows = transactions_of(&ledger.store, row.sequence)?;
        cursor = row.sequence;
        all.push(json!({
            "hash": hex::encode(row.hash),
            "sequence": row.sequence,
            "ledgerCloseTime": row.close_time.to_string(),
            "headerXdr": codec::text(&closing::header_entry(&row)?)?,
            "metadataXdr": codec::text(&closing::close_meta(&row, &rows)?)?,
        }));
    }
    Ok(json!({
        "ledgers": all,
        "latestLedger": ledger.sequence(),
        "latestLedgerCloseTime": ledger.close_time(),
        "oldestLedger": oldest,
        "oldestLedgerCloseTime": oldest_time,
        "cursor": cursor.to_string(),
    }))
}

/// A first ledger that is still, or already, there.
pub(super) fn within(first: u32, oldest: u32, ledger: &Ledger) -> Result<u32, Refusal> {
    if (oldest..=ledger.sequence()).contains(&first) {
        return Ok(first);
    }
    let range = format!("{} - {}", oldest, ledger.sequence());
    Err(Refusal::request(format!("startLedger must be within the ledger range: {range}")))
}

pub(super) fn limit(asked: Option<u32>, most: u32, default: u32) -> Result<u32, Refusal> {
    match asked.unwrap_or(0) {
        0 => Ok(default),
        limit if limit <= most => Ok(limit),
        _ => Err(Refusal::params(format!("limit must not exceed {most}"))),
    }
}

#[derive(Deserialize)]
pub(super) struct ByHash {
    hash: String,
}

pub(super) fn transaction(shared: &Shared, asked: ByHash) -> Answer {
    let hash = hex::decode(&asked.hash).ok().filter(|hash| hash.len() == 32);
    let Some(hash) = hash else {
        return Err(Refusal::params(format!(
            "unexpected hash length ({}): 64 hexadecimal digits",
            asked.hash.len()
        )));
    };
    let ledger = shared.ledger.lock();
    let (oldest, oldest_time) = ledger.store.oldest()?;
    let mut answer = match ledger.store.transaction(&hash)? {
        Some(row) => {
            let created = ledger.store.close_time(row.ledger)?;
            let mut told = told(&row)?;
            insert(&mut told, [("createdAt", created.to_string().into())]);
            told
        }
        None => json!({"status": "NOT_FOUND"}),
    };
    insert(
        &mut answer,
        [
            ("txHash", asked.hash.into()),
            ("latestLedger", ledger.sequence().into()),
            ("latestLedgerCloseTime", ledger.close_time().to_string().into()),
            ("oldestLedger", oldest.into()),
            ("oldestLedgerCloseTime", oldest_time.to_string().into()),
        ],
    );
    Ok(answer)
}

fn insert<const N: usize>(answer: &mut Value, fields: [(&str, Value); N]) {
    if let Some(answer) = answer.as_object_mut() {
        answer.extend(fields.map(|(name, value)| (name.to_owned(), value)));
    }
}

/// A transaction as all answers tell it.
fn told(row: &TransactionRow) -> Answer {
    let result: TransactionResult = codec::stored(&row.result)?;
    let mut answer = json!({
        "status": if results::is_success(&result) { "SUCCESS" } else { "FAILED" },
        "ledger": row.ledger,
        "applicationOrder": row.position,
        "feeBump": row.hash != row.inner_hash,
        "envelopeXdr": codec::text_of(&row.envelope),
        "resultXdr": codec::text_of(&row.result),
        "resultMetaXdr": codec::text_of(&row.meta),
    });
    let TransactionMeta::V4(meta) = codec::stored(&row.meta)? else {
        return Err(LedgerError::damaged("metadata of another version").into());
    };
    let mut contract = Vec::new();
    for operation in &meta.operations {
        contract.push(operation.events.iter().map(codec::text).collect::<Result<Vec<_>, _>>()?);
    }
    let diagnostic = meta.diagnostic_events.iter().map(codec::text).collect::<Result<Vec<_>, _>>()?;
    let transaction = meta.events.iter().map(codec::text).collect::<Result<Vec<_>, _>>()?;
    insert(
        &mut answer,
        [
            ("diagnosticEventsXdr", json!(diagnostic)),
            ("events", json!({"contractEventsXdr": contract, "transactionEventsXdr": transaction})),
        ],
    );
    Ok(answer)
}

pub(super) fn transactions(shared: &Shared, asked: From) -> Answer {
    let ledger = shared.ledger.lock();
    let (oldest, oldest_time) = ledger.store.oldest()?;
    let pagination = asked.pagination.unwrap_or_default();
    let limit = limit(pagination.limit, MAX_LIMIT, DEFAULT_LIMIT)?;
    let mut place = match (asked.start_ledger, &pagination.cursor) {
        (None | Some(0), Some(cursor)) => {
            let number = cursor.parse().map_err(|_| Refusal::params("cursor: no number of a transaction"))?;
            let (ledger, transaction, _) = places::parts(number);
            (ledger, transaction)
        }
        (Some(first), None) => (within(first, oldest, &ledger)?, 0),
        _ => return Err(Refusal::params("startLedger and cursor: one of the two")),
    };
    let mut all = Vec::new();
    for row in ledger.store.transactions_after(place, u32::MAX, limit)? {
        place = (row.ledger, row.position);
        let mut one = told(&row)?;
        let created = ledger.store.close_time(row.ledger)?;
        insert(&mut one, [("createdAt", created.into()), ("txHash", hex::encode(row.hash).into())]);
        all.push(one);
    }
    Ok(json!({
        "transactions": all,
        "latestLedger": ledger.sequence(),
        "latestLedgerCloseTimestamp": ledger.close_time(),
        "oldestLedger": oldest,
        "oldestLedgerCloseTimestamp": oldest_time,
        "cursor": places::number(place.0, place.1, 1).to_string(),
    }))
}
