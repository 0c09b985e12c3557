//! Whose fault it is when what a node sends cannot be taken.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use layr_control::{Answer, CallContext, CallError, Client, ControlServer, Notification, Service};
use layr_node::error::NodeError;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

struct OnePage;

#[async_trait]
impl Service for OnePage {
    async fn call(&self, _method: &str, _params: Value, context: &CallContext) -> Result<Answer, NodeError> {
        let _ = context.data(b"page").await;
        Answer::of(&Value::Null)
    }
}

#[tokio::test]
async fn an_output_that_takes_nothing_is_told_apart_from_a_node_that_went_away() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("control");
    let stop = CancellationToken::new();
    let server = ControlServer::bind(&socket).unwrap();
    let ended = tokio::spawn(server.serve(Arc::new(OnePage), stop.clone()));
    let mut client = Client::connect(&socket).await.unwrap();
    let full = |notification| match notification {
        Notification::Data(_) => Err(io::ErrorKind::StorageFull.into()),
        _ => Ok(()),
    };
    let outcome = client.call::<_, Value>("read", &(), full).await;
    let is_output = |error: &CallError| matches!(error, CallError::Output { source } if source.kind() == io::ErrorKind::StorageFull);
    assert!(outcome.as_ref().is_err_and(is_output), "{outcome:?}");
    stop.cancel();
    ended.await.unwrap();
}
