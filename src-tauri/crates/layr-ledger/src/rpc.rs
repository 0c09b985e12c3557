//! Questions to a Stellar RPC: bounded in time and size, repeated where the network may be at fault.
//!
//! The answers' shapes are those of the official client; where it drops a field that safety needs (whether a transaction was
//! taken, what the answer covers) they are in [`answers`]. Source of the methods: the API reference of Stellar RPC.

pub(crate) mod answers;
mod endpoint;

use std::time::Duration;

use jsonrpsee_core::client::{ClientT, Error as ClientError};
use jsonrpsee_core::http_helpers::HttpError;
pub(crate) use jsonrpsee_core::params::ObjectParams;
use jsonrpsee_http_client::transport::Error as TransportError;
use jsonrpsee_http_client::{HttpClient, HttpClientBuilder};
use serde::de::DeserializeOwned;

pub(crate) use self::endpoint::{Endpoint, tls};
use crate::error::{LedgerError, shortened};

/// Longest wait for one answer: public servers simulate the largest call in a few seconds.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// Longest answer in bytes: 200 ledger entries of 64 KiB would be more, but nothing here asks for more than a few.
const MAX_ANSWER_BYTES: u32 = 4 * 1024 * 1024;
/// Waits before a question is repeated that may have failed by chance. Their sum and the answers' time is what a person waits for
/// "cannot be reached".
const RETRY_AFTER: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];

/// JSON-RPC: the server failed inside, for a reason of the moment.
const INTERNAL_ERROR: i32 = -32_603;

/// A Stellar RPC server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Rpc {
    client: HttpClient,
}

impl std::fmt::Debug for Rpc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rpc").finish_non_exhaustive()
    }
}

impl Rpc {
    /// The server at this address; nothing is asked yet.
    pub(crate) fn new(endpoint: &Endpoint) -> Result<Self, LedgerError> {
        let bad = |reason| LedgerError::BadAddress { url: endpoint.to_string(), reason };
        let client = HttpClientBuilder::default()
            .request_timeout(ANSWER_TIMEOUT)
            .max_response_size(MAX_ANSWER_BYTES)
            .with_custom_cert_store(tls().ok_or_else(|| bad("this machine cannot do TLS"))?)
            .build(endpoint.to_string())
            .map_err(|_| bad("it is no address of a server"))?;
        Ok(Self { client })
    }

    /// Asks, and asks again where the failure may be one of the moment. Every method may be repeated: a transaction that is sent
    /// twice is the same transaction.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: &ObjectParams,
    ) -> Result<T, LedgerError> {
        let mut waits = RETRY_AFTER.into_iter();
        loop {
            let error = match self.client.request(method, params.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match waits.next().filter(|_| is_of_the_moment(&error)) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(explained(method, &error)),
            }
        }
    }
}

/// One more parameter; what this crate sends always has a JSON form.
pub(crate) fn with(
    mut params: ObjectParams,
    name: &str,
    value: impl serde::Serialize,
) -> Result<ObjectParams, LedgerError> {
    match params.insert(name, value) {
        Ok(()) => Ok(params),
        Err(error) => Err(LedgerError::NotApproved { reason: format!("{name} has no JSON form: {error}") }),
    }
}

fn is_of_the_moment(error: &ClientError) -> bool {
    match error {
        ClientError::Call(object) => object.code() == INTERNAL_ERROR,
        ClientError::Transport(cause) => match cause.downcast_ref::<TransportError>() {
            Some(TransportError::Rejected { status_code }) => *status_code == 429 || *status_code >= 500,
            Some(TransportError::Http(HttpError::TooLarge | HttpError::Malformed)) => false,
            _ => true,
        },
        // Among them an answer that did not come in time: who said nothing for so long is not waited for three times over.
        _ => false,
    }
}

fn explained(method: &'static str, error: &ClientError) -> LedgerError {
    match error {
        // A server that does not keep up with its network says so as a failure of `getHealth`.
        ClientError::Call(object) if object.code() == INTERNAL_ERROR && method == "getHealth" => {
            LedgerError::Lagging { reason: shortened(object.message()) }
        }
        ClientError::Call(object) if object.code() == INTERNAL_ERROR => {
            LedgerError::Unreachable { reason: shortened(&format!("the server fails: {}", object.message())) }
        }
        ClientError::Call(object) => LedgerError::malformed(method, object.message()),
        ClientError::ParseError(cause) => LedgerError::malformed(method, cause),
        ClientError::InvalidRequestId(cause) => LedgerError::malformed(method, cause),
        ClientError::RequestTimeout => {
            LedgerError::Unreachable { reason: format!("no answer within {} s", ANSWER_TIMEOUT.as_secs()) }
        }
        ClientError::Transport(cause) => match cause.downcast_ref::<TransportError>() {
            Some(TransportError::Http(HttpError::TooLarge)) => {
                LedgerError::malformed(method, format!("it has more than {MAX_ANSWER_BYTES} bytes"))
            }
            Some(TransportError::Http(HttpError::Malformed)) => {
                LedgerError::malformed(method, "it is no JSON")
            }
            _ => LedgerError::Unreachable { reason: shortened(&chain(&**cause)) },
        },
        other => LedgerError::Unreachable { reason: shortened(&other.to_string()) },
    }
}

/// An error with what caused it: "client error (Connect)" alone tells nobody anything.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_words = inner.to_string();
        if !words.contains(&inner_words) {
            words = format!("{words}: {inner_words}");
        }
        cause = inner.source();
    }
    words
}
