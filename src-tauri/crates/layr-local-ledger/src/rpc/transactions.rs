//! Trying transactions out, and sending them.

use serde::Deserialize;
use serde_json::{Value, json};
use soroban_simulation::simulation::LedgerEntryDiff;

use super::{Answer, Refusal};
use crate::codec;
use crate::envelope::{self, Submitted};
use crate::ledger::Sent;
use crate::server::Shared;
use crate::simulate::{AuthMode, Simulated, Success, Trial};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Simulate {
    transaction: String,
    #[serde(default)]
    resource_config: Option<ResourceConfig>,
    #[serde(default)]
    auth_mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceConfig {
    #[serde(default)]
    instruction_leeway: u32,
}

pub(super) fn simulate(shared: &Shared, asked: Simulate) -> Answer {
    let auth = match asked.auth_mode.as_deref() {
        None | Some("") => AuthMode::Unsaid,
        Some("enforce") => AuthMode::Enforce,
        Some("record") => AuthMode::Record,
        Some("record_allow_nonroot") => AuthMode::RecordAllowNonRoot,
        Some(other) => return Err(Refusal::params(format!("unsupported auth mode {other:?}"))),
    };
    let (trial, sequence) = {
        let ledger = shared.ledger.lock();
        let (entries, network) = (ledger.entries().clone(), ledger.network.clone());
        (Trial { entries, network, moment: ledger.next() }, ledger.sequence())
    };
    let submitted = read(&asked.transaction, &trial.network.id)?;
    let leeway = asked.resource_config.map_or(0, |config| config.instruction_leeway);
    let mut answer = match trial.run(&submitted, auth, leeway) {
        Simulated::Success(success) => told(*success)?,
        Simulated::Failure { error, events } => {
            json!({"error": error, "events": texts(&events)?})
        }
    };
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("latestLedger".to_owned(), sequence.into());
    }
    Ok(answer)
}

fn told(success: Success) -> Answer {
    let results = match success.answer {
        Some((auth, value)) => vec![json!({"auth": texts(&auth)?, "xdr": codec::text(&value)?})],
        None => Vec::new(),
    };
    let changes = success.changes.iter().map(change).collect::<Result<Vec<_>, _>>()?;
    let mut answer = json!({
        "transactionData": codec::text(&success.data)?,
        "minResourceFee": success.data.resource_fee.to_string(),
        "events": texts(&success.events)?,
        "cost": {"cpuInsns": success.instructions.to_string(), "memBytes": success.memory_bytes.to_string()},
    });
    if let Some(answer) = answer.as_object_mut() {
        if !results.is_empty() {
            answer.insert("results".to_owned(), results.into());
        }
        if !changes.is_empty() {
            answer.insert("stateChanges".to_owned(), changes.into());
        }
    }
    Ok(answer)
}

fn change(diff: &LedgerEntryDiff) -> Answer {
    let text = |entry: &Option<stellar_xdr::LedgerEntry>| entry.as_ref().map(codec::text).transpose();
    let kind = match (&diff.state_before, &diff.state_after) {
        (None, _) => "created",
        (Some(_), None) => "deleted",
        (Some(_), Some(_)) => "updated",
    };
    let key =
        diff.state_after.as_ref().or(diff.state_before.as_ref()).map(|entry| codec::text(&entry.to_key()));
    Ok(json!({
        "type": kind,
        "key": key.transpose()?,
        "before": text(&diff.state_before)?,
        "after": text(&diff.state_after)?,
    }))
}

fn texts(values: &[impl stellar_xdr::WriteXdr]) -> Result<Vec<Value>, Refusal> {
    Ok(values.iter().map(|value| codec::text(value).map(Value::from)).collect::<Result<_, _>>()?)
}

#[derive(Deserialize)]
pub(super) struct Send {
    transaction: String,
}

pub(super) fn send(shared: &Shared, asked: &Send) -> Answer {
    let network = shared.ledger.lock().network.clone();
    // Read and hashed before the ledger is held.
    let submitted = read(&asked.transaction, &network.id)?;
    let hash = hex::encode(submitted.hash);
    let mut ledger = shared.ledger.lock();
    let sent = ledger.send(submitted)?;
    let mut answer = json!({
        "status": match &sent {
            Sent::Pending => "PENDING",
            Sent::Duplicate => "DUPLICATE",
            Sent::TryAgainLater => "TRY_AGAIN_LATER",
            Sent::Refused(_) => "ERROR",
        },
        "hash": hash,
        "latestLedger": ledger.sequence(),
        "latestLedgerCloseTime": ledger.close_time().to_string(),
    });
    if let (Sent::Refused(result), Some(answer)) = (&sent, answer.as_object_mut()) {
        answer.insert("errorResultXdr".to_owned(), codec::text(result)?.into());
    }
    Ok(answer)
}

fn read(text: &str, network_id: &[u8; 32]) -> Result<Submitted, Refusal> {
    let envelope = envelope::read(text).map_err(|error| Refusal::params(format!("invalid_xdr: {error}")))?;
    Ok(Submitted::new(envelope, *network_id)?)
}
