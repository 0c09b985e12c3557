//! What the ledger says of itself, and what only this one can do.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Refusal};
use crate::beacon::BEACON_PERIOD_S;
use crate::network::{BASE_FEE_STROOPS, PROTOCOL};
use crate::server::Shared;
use crate::store::KEPT_LEDGERS;

pub(super) fn health(shared: &Shared) -> Answer {
    let ledger = shared.ledger.lock();
    let (oldest, oldest_time) = ledger.store.oldest()?;
    Ok(json!({
        "status": "healthy",
        "latestLedger": ledger.sequence(),
        "latestLedgerCloseTime": ledger.close_time().to_string(),
        "oldestLedger": oldest,
        "oldestLedgerCloseTime": oldest_time.to_string(),
        "ledgerRetentionWindow": KEPT_LEDGERS,
    }))
}

pub(super) fn network(shared: &Shared) -> Value {
    let passphrase = shared.ledger.lock().network.passphrase.clone();
    json!({
        "friendbotUrl": format!("{}/friendbot", shared.url()),
        "passphrase": passphrase,
        "protocolVersion": PROTOCOL,
    })
}

pub(super) fn version() -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commitHash": "",
        "buildTimestamp": "",
        "captiveCoreVersion": "none: layr-local-ledger on soroban-env-host 29",
        "protocolVersion": PROTOCOL,
    })
}

/// There is always room, so everybody pays the least.
pub(super) fn fee_stats(shared: &Shared) -> Value {
    let fee = Value::from(BASE_FEE_STROOPS.to_string());
    let names =
        ["max", "min", "mode", "p10", "p20", "p30", "p40", "p50", "p60", "p70", "p80", "p90", "p95", "p99"];
    let mut stats: serde_json::Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), fee.clone())).collect();
    stats.insert("transactionCount".to_owned(), "0".into());
    stats.insert("ledgerCount".to_owned(), 1.into());
    json!({
        "sorobanInclusionFee": stats,
        "inclusionFee": stats,
        "latestLedger": shared.ledger.lock().sequence(),
    })
}

#[derive(Deserialize)]
pub(super) struct Close {
    #[serde(default)]
    ledgers: u32,
    #[serde(default)]
    seconds: u64,
}

/// Most seconds of one leap: a hundred years. The calendar of clients ends not far behind.
const MAX_LEAP_S: u64 = 100 * 366 * 86_400;

/// Most ledgers of one leap: a year and a half of 5 s each, three times as long as anything lives.
const MAX_LEAP_LEDGERS: u32 = 10_000_000;

/// Closes ledgers and moves ledger time: for tests, and for people who want to see what time brings.
pub(super) fn close(shared: &Shared, close: &Close) -> Answer {
    if close.seconds > MAX_LEAP_S {
        return Err(Refusal::params(format!("seconds: at most {MAX_LEAP_S}")));
    }
    if close.ledgers > MAX_LEAP_LEDGERS {
        return Err(Refusal::params(format!("ledgers: at most {MAX_LEAP_LEDGERS}")));
    }
    let mut ledger = shared.ledger.lock();
    ledger.close(close.ledgers, close.seconds)?;
    Ok(json!({"latestLedger": ledger.sequence(), "latestLedgerCloseTime": ledger.close_time().to_string()}))
}

#[derive(Deserialize)]
pub(super) struct Beacon {
    /// None: only what does not change.
    round: Option<u64>,
}

pub(super) fn beacon(shared: &Shared, asked: &Beacon) -> Answer {
    let (beacon, now) = {
        let ledger = shared.ledger.lock();
        (ledger.beacon.clone(), ledger.now())
    };
    let newest = beacon.newest_round(now);
    let mut answer = json!({
        "publicKey": hex::encode(beacon.public_key()),
        "genesis": beacon.genesis(),
        "period": BEACON_PERIOD_S,
        "newestRound": newest,
    });
    let Some(round) = asked.round else { return Ok(answer) };
    if round == 0 || round > newest {
        return Err(Refusal::params(format!("round {round}: rounds 1 to {newest} have been so far")));
    }
    if shared.is_beacon_silent() {
        return Err(Refusal::params(format!("round {round} was not published")));
    }
    let signed = beacon.sign(round)?;
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("round".to_owned(), round.into());
        answer.insert("signature".to_owned(), hex::encode(signed.signature).into());
        answer.insert("signatureCompressed".to_owned(), hex::encode(signed.compressed).into());
    }
    Ok(answer)
}
