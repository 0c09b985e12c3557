//! The friendbot: lumens for whoever asks, with the answers of the one of the public test network.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use stellar_xdr::{AccountId, PublicKey, Uint256};

use crate::codec;
use crate::error::LedgerError;
use crate::root::{Gift, MAX_ACCOUNTS};
use crate::server::Shared;

#[derive(Deserialize)]
pub(crate) struct Asked {
    addr: Option<String>,
}

/// `GET /friendbot?addr=G…`
pub(crate) async fn answer(State(shared): State<Arc<Shared>>, Query(asked): Query<Asked>) -> Response {
    let Some(account) = asked.addr.as_deref().and_then(account) else {
        return problem(
            StatusCode::BAD_REQUEST,
            "invalid_field",
            "Bad Request",
            "addr: must be an account, G…",
        );
    };
    let Ok(_turn) = shared.calls.acquire().await else { return broken() };
    let worker = Arc::clone(&shared);
    let given = tokio::task::spawn_blocking(move || give(&worker, account)).await;
    match given {
        Ok(Ok(Ok(transaction))) => Json(transaction).into_response(),
        Ok(Ok(Err(refused))) => problem(StatusCode::BAD_REQUEST, "bad_request", "Bad Request", &refused),
        Ok(Err(error)) => {
            tracing::error!(%error, "the friendbot failed");
            broken()
        }
        Err(_) => broken(),
    }
}

fn account(text: &str) -> Option<AccountId> {
    let key = stellar_strkey::ed25519::PublicKey::from_string(text.trim()).ok()?;
    Some(AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(key.0))))
}

/// The transaction, or why there is none.
fn give(shared: &Shared, account: AccountId) -> Result<Result<Value, String>, LedgerError> {
    let mut ledger = shared.ledger.lock();
    let submitted = match ledger.give(account)? {
        Gift::Given(submitted) => submitted,
        // Both the older and the newer words of the real one: clients look for either.
        Gift::Exists => {
            return Ok(Err(
                "account already funded to starting balance (createAccountAlreadyExist, op_already_exists)"
                    .to_owned(),
            ));
        }
        Gift::Full => {
            return Ok(Err(format!("this ledger has {MAX_ACCOUNTS} accounts; its friendbot makes no more")));
        }
        Gift::Refused(result) => return Ok(Err(format!("transaction failed: {}", codec::text(&result)?))),
    };
    let Some(row) = ledger.store.transaction(&submitted.hash)? else {
        return Err(LedgerError::damaged("a transaction that was closed is not there"));
    };
    let result = codec::stored::<stellar_xdr::TransactionResult>(&row.result)?;
    Ok(Ok(json!({
        "successful": crate::results::is_success(&result),
        "hash": hex::encode(row.hash),
        "ledger": row.ledger,
        "envelope_xdr": codec::text_of(&row.envelope),
        "result_xdr": codec::text_of(&row.result),
        "result_meta_xdr": codec::text_of(&row.meta),
        "fee_meta_xdr": codec::text_of(&row.fee_changes),
    })))
}

fn broken() -> Response {
    problem(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "Internal Server Error", "the ledger failed")
}

fn problem(status: StatusCode, kind: &str, title: &str, detail: &str) -> Response {
    let body = json!({
        "type": format!("https://stellar.org/friendbot-errors/{kind}"),
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
    });
    (status, Json(body)).into_response()
}
