//! The Stellar RPC: JSON-RPC 2.0 over HTTP.

mod entries;
mod events;
mod history;
mod network;
mod places;
mod transactions;

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::error::LedgerError;
use crate::server::Shared;

/// Why a call has no result, with the codes of JSON-RPC.
pub(crate) struct Refusal {
    code: i32,
    message: String,
}

type Answer = Result<Value, Refusal>;

const PARSE_ERROR: i32 = -32_700;
const INVALID_REQUEST: i32 = -32_600;
const METHOD_NOT_FOUND: i32 = -32_601;
const INVALID_PARAMS: i32 = -32_602;
const INTERNAL_ERROR: i32 = -32_603;

impl Refusal {
    fn request(message: impl Into<String>) -> Self {
        Self { code: INVALID_REQUEST, message: message.into() }
    }

    fn params(message: impl Into<String>) -> Self {
        Self { code: INVALID_PARAMS, message: message.into() }
    }
}

impl From<LedgerError> for Refusal {
    fn from(error: LedgerError) -> Self {
        tracing::error!(?error, "a call failed");
        Self { code: INTERNAL_ERROR, message: error.to_string() }
    }
}

/// `POST /`
pub(crate) async fn answer(State(shared): State<Arc<Shared>>, body: Bytes) -> Json<Value> {
    let request = match serde_json::from_slice::<Value>(&body) {
        Ok(Value::Object(request)) => request,
        Ok(_) => {
            return reply(
                &Value::Null,
                Err(Refusal::request("a request is one object; batches are not served")),
            );
        }
        Err(error) => {
            return reply(&Value::Null, Err(Refusal { code: PARSE_ERROR, message: error.to_string() }));
        }
    };
    let id = request.get("id").cloned().unwrap_or(Value::Null);
    let is_id = matches!(id, Value::Null | Value::String(_) | Value::Number(_));
    let method = request.get("method").and_then(Value::as_str).map(str::to_owned);
    let version = request.get("jsonrpc").and_then(Value::as_str);
    let (Some(method), Some("2.0"), true) = (method, version, is_id) else {
        return reply(&Value::Null, Err(Refusal::request("this is no request of JSON-RPC 2.0")));
    };
    let params = match request.get("params") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(params)) => params.clone(),
        Some(Value::Array(params)) if params.is_empty() => Map::new(),
        Some(_) => return reply(&id, Err(Refusal::params("parameters go by name, in an object"))),
    };
    let Ok(_turn) = shared.calls.acquire().await else {
        return reply(&id, Err(Refusal { code: INTERNAL_ERROR, message: "the ledger is ending".to_owned() }));
    };
    let worker = Arc::clone(&shared);
    let answer = tokio::task::spawn_blocking(move || call(&worker, &method, params)).await;
    let answer = answer.unwrap_or_else(|error| {
        tracing::error!(%error, "a call broke off");
        Err(Refusal { code: INTERNAL_ERROR, message: "the call broke off".to_owned() })
    });
    reply(&id, answer)
}

fn reply(id: &Value, answer: Answer) -> Json<Value> {
    Json(match answer {
        Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Err(Refusal { code, message }) => {
            json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
        }
    })
}

fn call(shared: &Shared, method: &str, params: Map<String, Value>) -> Answer {
    match params.get("xdrFormat").map(Value::as_str) {
        None | Some(Some("" | "base64")) => {}
        _ => return Err(Refusal::params("xdrFormat: only base64 is served")),
    }
    match method {
        "getHealth" => network::health(shared),
        "getNetwork" => Ok(network::network(shared)),
        "getVersionInfo" => Ok(network::version()),
        "getFeeStats" => Ok(network::fee_stats(shared)),
        "getLatestLedger" => history::latest(shared),
        "getLedgers" => history::ledgers(shared, read(params)?),
        "getLedgerEntries" => entries::entries(shared, read(params)?),
        "simulateTransaction" => transactions::simulate(shared, read(params)?),
        "sendTransaction" => transactions::send(shared, &read(params)?),
        "getTransaction" => history::transaction(shared, read(params)?),
        "getTransactions" => history::transactions(shared, read(params)?),
        "getEvents" => events::events(shared, read(params)?),
        "layr_close" => network::close(shared, &read(params)?),
        "layr_beacon" => network::beacon(shared, &read(params)?),
        _ => Err(Refusal { code: METHOD_NOT_FOUND, message: format!("method not found: {method:?}") }),
    }
}

fn read<T: DeserializeOwned>(params: Map<String, Value>) -> Result<T, Refusal> {
    serde_json::from_value(Value::Object(params)).map_err(|error| Refusal::params(error.to_string()))
}
