//! Entries by their keys.

use serde::Deserialize;
use serde_json::{Value, json};
use stellar_xdr::LedgerKey;

use super::{Answer, Refusal};
use crate::checks::soroban::is_persistent;
use crate::codec;
use crate::entries::Lookup;
use crate::server::Shared;

/// Most keys of one question, as public servers have it.
const MAX_KEYS: usize = 200;

#[derive(Deserialize)]
pub(super) struct Keys {
    keys: Vec<String>,
}

pub(super) fn entries(shared: &Shared, asked: Keys) -> Answer {
    if asked.keys.len() > MAX_KEYS {
        return Err(Refusal::params(format!(
            "key count ({}) exceeds maximum supported ({MAX_KEYS})",
            asked.keys.len()
        )));
    }
    let mut keys = Vec::with_capacity(asked.keys.len());
    for (place, text) in asked.keys.into_iter().enumerate() {
        let key = codec::from_text::<LedgerKey>(&text).map_err(|error| {
            Refusal::params(format!("cannot unmarshal key value {text} at index {place}: {error}"))
        })?;
        if matches!(key, LedgerKey::Ttl(_)) {
            return Err(Refusal::params("ledger ttl entries cannot be queried directly"));
        }
        keys.push((text, key));
    }
    let (entries, sequence) = {
        let ledger = shared.ledger.lock();
        (ledger.entries().clone(), ledger.sequence())
    };
    let mut found = Vec::new();
    for (text, key) in keys {
        let Some(stored) = Lookup::get(entries.as_ref(), &key) else { continue };
        // What was temporary and is over is gone; what is archived can be brought back, and is shown with the end of its life.
        if stored.live_until.is_some_and(|last| last < sequence) && !is_persistent(&key) {
            continue;
        }
        let mut entry = json!({
            "key": text,
            "xdr": codec::text(&stored.entry.data)?,
            "extXdr": codec::text(&stored.entry.ext)?,
            "lastModifiedLedgerSeq": stored.entry.last_modified_ledger_seq,
        });
        if let (Some(last), Some(entry)) = (stored.live_until, entry.as_object_mut()) {
            entry.insert("liveUntilLedgerSeq".to_owned(), Value::from(last));
        }
        found.push(entry);
    }
    Ok(json!({"entries": found, "latestLedger": sequence}))
}
