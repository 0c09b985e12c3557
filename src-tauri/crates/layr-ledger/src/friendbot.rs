//! A friendbot: gives away the lumens of networks where they are for trying out. One HTTP GET with the account's address.

use std::time::Duration;

use crate::address::Account;
use crate::error::{LedgerError, shortened};
use crate::rpc::Endpoint;
use crate::web::Web;

/// Longest wait: a friendbot answers when its own transaction is in a ledger, and queues those of others before.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);
/// Longest answer in bytes that is read; it is a sentence or a transaction.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// A friendbot at its address.
#[derive(Debug, Clone)]
pub(crate) struct Friendbot {
    endpoint: Endpoint,
    web: Web,
}

impl Friendbot {
    /// The friendbot at this address; nothing is asked yet.
    pub(crate) fn new(url: &str) -> Result<Self, LedgerError> {
        let endpoint = Endpoint::parse(url)?;
        let no_tls = LedgerError::BadAddress { url: url.to_owned(), reason: "this machine cannot do TLS" };
        Ok(Self { endpoint, web: Web::new().ok_or(no_tls)? })
    }

    /// Asks it to open and fill an account.
    pub(crate) async fn fund(&self, account: Account) -> Result<(), LedgerError> {
        let unreachable = |reason: String| LedgerError::Unreachable { reason: shortened(&reason) };
        let url = self.endpoint.with_query("addr", &account.to_string());
        let uri =
            url.parse().map_err(|_| LedgerError::BadAddress { url, reason: "it takes no parameter" })?;
        let asking = async {
            let (status, body) = self.web.get(uri, MAX_ANSWER_BYTES).await.map_err(unreachable)?;
            let body = body.unwrap_or_default();
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
