//! Events, by contract and topic.

use serde::Deserialize;
use serde_json::{Value, json};
use stellar_xdr::{
    ContractEvent, ContractEventBody, ContractEventType, ContractEventV0, ContractId, Hash, ScVal,
};

use super::history::{Pagination, limit, within};
use super::places::{end_of, event_id, event_place};
use super::{Answer, Refusal};
use crate::codec;
use crate::error::LedgerError;
use crate::server::Shared;
use crate::store::FoundEvent;

/// Most events of one answer, and how many where nothing is said, as public servers have it.
const MAX_LIMIT: u32 = 10_000;
const DEFAULT_LIMIT: u32 = 100;
/// Ledgers that one question looks through; the cursor leads on.
const MAX_LEDGERS: u32 = 10_000;
/// Most filters, most contracts of one, most patterns of topics of one, most topics of a pattern.
const MAX_FILTERS: usize = 5;
const MAX_CONTRACTS: usize = 5;
const MAX_PATTERNS: usize = 5;
const MAX_TOPICS: usize = 4;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    #[serde(default)]
    start_ledger: Option<u32>,
    /// The first ledger that does not count any more.
    #[serde(default)]
    end_ledger: Option<u32>,
    #[serde(default)]
    filters: Option<Vec<AskedFilter>>,
    #[serde(default)]
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AskedFilter {
    #[serde(default, rename = "type")]
    kinds: Option<String>,
    #[serde(default)]
    contract_ids: Option<Vec<String>>,
    #[serde(default)]
    topics: Option<Vec<Vec<String>>>,
}

struct Filter {
    kinds: Vec<ContractEventType>,
    contracts: Vec<ContractId>,
    patterns: Vec<Pattern>,
}

/// Topics that are wanted; none: any. Beyond the last of them more may follow, or not.
struct Pattern {
    topics: Vec<Option<ScVal>>,
    more: bool,
}

impl Filter {
    fn read(asked: &AskedFilter) -> Result<Self, Refusal> {
        let mut kinds = Vec::new();
        for kind in asked.kinds.as_deref().unwrap_or_default().split(',').filter(|kind| !kind.is_empty()) {
            kinds.push(match kind {
                "contract" => ContractEventType::Contract,
                "system" => ContractEventType::System,
                _ => return Err(Refusal::params("filter type invalid: if set, contract or system")),
            });
        }
        let contracts = asked.contract_ids.as_deref().unwrap_or_default();
        let patterns = asked.topics.as_deref().unwrap_or_default();
        if contracts.len() > MAX_CONTRACTS || patterns.len() > MAX_PATTERNS {
            return Err(Refusal::params("filter invalid: too many contract IDs or topics"));
        }
        let contract = |id: &String| {
            let read = stellar_strkey::Contract::from_string(id);
            read.map(|id| ContractId(Hash(id.0)))
                .map_err(|_| Refusal::params(format!("contract ID {id} invalid")))
        };
        Ok(Self {
            kinds,
            contracts: contracts.iter().map(contract).collect::<Result<_, _>>()?,
            patterns: patterns.iter().map(|pattern| Pattern::read(pattern)).collect::<Result<_, _>>()?,
        })
    }

    fn fits(&self, event: &ContractEvent, topics: &[ScVal]) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&event.type_))
            && (self.contracts.is_empty()
                || event.contract_id.as_ref().is_some_and(|id| self.contracts.contains(id)))
            && (self.patterns.is_empty() || self.patterns.iter().any(|pattern| pattern.fits(topics)))
    }
}

impl Pattern {
    fn read(asked: &[String]) -> Result<Self, Refusal> {
        let (more, asked) = match asked {
            [rest @ .., last] if last == "**" => (true, rest),
            all => (false, all),
        };
        if asked.len() > MAX_TOPICS || (asked.is_empty() && !more) {
            return Err(Refusal::params(format!("topic filter invalid: 1 to {MAX_TOPICS} segments")));
        }
        let topic = |text: &String| match text.as_str() {
            "*" => Ok(None),
            text => codec::from_text(text)
                .map(Some)
                .map_err(|error| Refusal::params(format!("topic segment {text} invalid: {error}"))),
        };
        Ok(Self { topics: asked.iter().map(topic).collect::<Result<_, _>>()?, more })
    }

    fn fits(&self, topics: &[ScVal]) -> bool {
        let long_enough =
            if self.more { topics.len() >= self.topics.len() } else { topics.len() == self.topics.len() };
        long_enough
            && self
                .topics
                .iter()
                .zip(topics)
                .all(|(wanted, topic)| wanted.as_ref().is_none_or(|wanted| wanted == topic))
    }
}

pub(super) fn events(shared: &Shared, asked: Asked) -> Answer {
    let asked_filters = asked.filters.unwrap_or_default();
    if asked_filters.len() > MAX_FILTERS {
        return Err(Refusal::params(format!("maximum {MAX_FILTERS} filters per request")));
    }
    let filters = asked_filters.iter().map(Filter::read).collect::<Result<Vec<_>, _>>()?;
    let pagination = asked.pagination.unwrap_or_default();
    let limit = limit(pagination.limit, MAX_LIMIT, DEFAULT_LIMIT)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);

    let ledger = shared.ledger.lock();
    let (oldest, oldest_time) = ledger.store.oldest()?;
    let first = match (asked.start_ledger, &pagination.cursor) {
        (None | Some(0), Some(cursor)) if asked.end_ledger.is_none_or(|end| end == 0) => {
            let place = event_place(cursor).ok_or_else(|| Refusal::params("cursor: no place of an event"))?;
            (place.0, place.1, place.2, place.3.saturating_add(1))
        }
        (Some(first), None) => (within(first, oldest, &ledger)?, 0, 0, 0),
        _ => return Err(Refusal::params("ledger range and cursor: one of the two")),
    };
    let last = match asked.end_ledger {
        Some(end) if end > 0 => end.saturating_sub(1),
        _ => u32::MAX,
    };
    let last = last.min(first.0.saturating_add(MAX_LEDGERS - 1)).min(ledger.sequence());
    let mut found = Vec::new();
    let mut cursor = end_of(last);
    ledger.store.events_from(first, last, |event| {
        if let Some(told) = wanted(&event, &filters)? {
            cursor = event_id(event.row.place());
            found.push(told);
        }
        Ok(found.len() < limit)
    })?;
    if found.len() < limit {
        cursor = end_of(last);
    }
    Ok(json!({
        "events": found,
        "latestLedger": ledger.sequence(),
        "latestLedgerCloseTime": ledger.close_time().to_string(),
        "oldestLedger": oldest,
        "oldestLedgerCloseTime": oldest_time.to_string(),
        "cursor": cursor,
    }))
}

/// An event as it is told, if a filter wants it.
fn wanted(found: &FoundEvent, filters: &[Filter]) -> Result<Option<Value>, LedgerError> {
    let event = found.row.decoded()?;
    let ContractEventBody::V0(ContractEventV0 { topics, data }) = &event.body;
    if !filters.is_empty() && !filters.iter().any(|filter| filter.fits(&event, topics)) {
        return Ok(None);
    }
    let closed =
        i64::try_from(found.close_time).ok().and_then(|time| jiff::Timestamp::from_second(time).ok());
    let contract = event.contract_id.as_ref().map(ToString::to_string).unwrap_or_default();
    Ok(Some(json!({
        "type": match event.type_ {
            ContractEventType::System => "system",
            ContractEventType::Contract => "contract",
            ContractEventType::Diagnostic => "diagnostic",
        },
        "ledger": found.row.ledger,
        "ledgerClosedAt": closed.map(|time| time.to_string()).unwrap_or_default(),
        "contractId": contract,
        "id": event_id(found.row.place()),
        "operationIndex": found.row.operation,
        "transactionIndex": found.row.position,
        "txHash": hex::encode(found.transaction),
        "inSuccessfulContractCall": true,
        "topic": topics.iter().map(codec::text).collect::<Result<Vec<_>, _>>()?,
        "value": codec::text(data)?,
    })))
}
