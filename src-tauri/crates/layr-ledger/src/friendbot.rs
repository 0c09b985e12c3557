//! A friendbot: gives away the lumens of networks where they are for trying out. One HTTP GET with the account's address.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::address::Account;
use crate::error::{LedgerError, shortened};
use crate::rpc::{Endpoint, chain, tls};

/// Longest wait: a friendbot answers when its own transaction is in a ledger, and queues those of others before.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);
/// Longest answer in bytes that is read; it is a sentence or a transaction.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// A friendbot at its address.
#[derive(Debug, Clone)]
pub(crate) struct Friendbot {
    endpoint: Endpoint,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

impl Friendbot {
    /// The friendbot at this address; nothing is asked yet.
    pub(crate) fn new(url: &str) -> Result<Self, LedgerError> {
        let endpoint = Endpoint::parse(url)?;
        let no_tls = LedgerError::BadAddress { url: url.to_owned(), reason: "this machine cannot do TLS" };
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls().ok_or(no_tls)?).https_or_http().enable_http1();
        Ok(Self { endpoint, client: Client::builder(TokioExecutor::new()).build(connector.build()) })
    }

    /// Asks it to open and fill an account.
    pub(crate) async fn fund(&self, account: Account) -> Result<(), LedgerError> {
        let unreachable = |reason: String| LedgerError::Unreachable { reason: shortened(&reason) };
        let url = self.endpoint.with_query("addr", &account.to_string());
        let uri =
            url.parse().map_err(|_| LedgerError::BadAddress { url, reason: "it takes no parameter" })?;
        let asking = async {
            let answer = self.client.get(uri).await.map_err(|error| unreachable(chain(&error)))?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), MAX_ANSWER_BYTES).collect().await;
            let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
            match status.as_u16() {
                200..=299 => Ok(()),
                429 | 500.. => Err(unreachable(format!("the friendbot is busy or fails ({status})"))),
                _ => Err(LedgerError::FriendbotRefused { reason: sentence(&body, status) }),
            }
        };
        match tokio::time::timeout(ANSWER_TIMEOUT, asking).await {
            Ok(outcome) => outcome,
            Err(_) => Err(unreachable(format!(
                "the friendbot did not answer within {} s",
                ANSWER_TIMEOUT.as_secs()
            ))),
        }
    }
}

/// The sentence of a refusal: `detail` of a problem document (RFC 7807), else what there is.
fn sentence(body: &[u8], status: http::StatusCode) -> String {
    let document: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let detail = document.as_ref().and_then(|document| document.get("detail")?.as_str());
    match detail {
        Some(detail) => shortened(detail),
        None => format!("{status}"),
    }
}
