//! One HTTP GET at a time, bounded in size by its caller. Redirects are not followed: an address means the server that it names.

use bytes::Bytes;
use http::{StatusCode, Uri};
use http_body_util::{BodyExt as _, Collected, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::rpc::{chain, tls};

/// A client for servers beside the RPC. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Web {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

impl Web {
    /// A client; none on a machine that cannot do TLS. Nothing is asked yet.
    pub(crate) fn new() -> Option<Self> {
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls()?).https_or_http().enable_http1();
        Some(Self { client: Client::builder(TokioExecutor::new()).build(connector.build()) })
    }

    /// What stands at an address: its status, and what it says, which is none where that is cut off or longer than `most_bytes`. The error is
    /// in words.
    pub(crate) async fn get(
        &self,
        uri: Uri,
        most_bytes: usize,
    ) -> Result<(StatusCode, Option<Bytes>), String> {
        let answer = self.client.get(uri).await.map_err(|error| chain(&error))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), most_bytes).collect().await;
        Ok((status, body.ok().map(Collected::to_bytes)))
    }
}
