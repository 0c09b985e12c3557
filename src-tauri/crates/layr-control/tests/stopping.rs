//! A node's stop, whatever the clients of its socket do.
#![cfg(unix)]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::poll;
use layr_control::{Answer, CallContext, CallError, Client, ControlServer, Service};
use layr_node::error::{ErrorCode, NodeError};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// A node has five seconds for its whole stop; its socket must leave most of them.
const STOP_DEADLINE: Duration = Duration::from_secs(3);
/// More than any answer here takes.
const PATIENCE: Duration = Duration::from_mins(1);
static PAGE: [u8; 256 * 1024] = [0; 256 * 1024];

/// `flood` sends bytes until nobody takes them, `wait` waits until it is told to end; both say when they are at it.
struct Busy {
    at_it: mpsc::Sender<()>,
}

#[async_trait]
impl Service for Busy {
    async fn call(&self, method: &str, _params: Value, context: &CallContext) -> Result<Answer, NodeError> {
        if method == "flood" {
            loop {
                let mut page = std::pin::pin!(context.data(&PAGE));
                if poll!(&mut page).is_pending() {
                    // More waits now than the socket holds, and whoever is to read it does not.
                    let _ = self.at_it.try_send(());
                    if page.await.is_err() {
                        break;
                    }
                }
            }
        } else {
            self.at_it.send(()).await.unwrap();
            context.cancelled().cancelled().await;
        }
        Err(NodeError::new(ErrorCode::Interrupted, "stopped"))
    }
}

struct Serving {
    socket: PathBuf,
    stop: CancellationToken,
    ended: JoinHandle<()>,
    at_it: mpsc::Receiver<()>,
}

fn serve(dir: &Path) -> Serving {
    let socket = dir.join("control");
    let (said, at_it) = mpsc::channel(1);
    let stop = CancellationToken::new();
    let server = ControlServer::bind(&socket).unwrap();
    let ended = tokio::spawn(server.serve(Arc::new(Busy { at_it: said }), stop.clone()));
    Serving { socket, stop, ended, at_it }
}

#[tokio::test]
async fn a_client_that_reads_nothing_does_not_keep_a_node_from_its_stop() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = serve(dir.path());
    let mut client = UnixStream::connect(&node.socket).await.unwrap();
    client.write_all(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"flood\"}\n").await.unwrap();
    timeout(PATIENCE, node.at_it.recv()).await.unwrap().unwrap();
    node.stop.cancel();
    timeout(STOP_DEADLINE, node.ended).await.expect("the socket is closed in time").unwrap();
}

#[tokio::test]
async fn a_client_that_only_asks_does_not_keep_a_node_from_its_stop() {
    let dir = tempfile::tempdir().unwrap();
    let node = serve(dir.path());
    let mut client = UnixStream::connect(&node.socket).await.unwrap();
    // Each is answered that it is no call, until neither the answers nor further questions find room.
    let nonsense = b"nonsense\n".repeat(1024);
    while timeout(Duration::from_secs(1), client.write_all(&nonsense)).await.is_ok() {}
    node.stop.cancel();
    timeout(STOP_DEADLINE, node.ended).await.expect("the socket is closed in time").unwrap();
}

#[tokio::test]
async fn a_client_that_listens_is_told_that_its_call_was_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = serve(dir.path());
    let mut client = Client::connect(&node.socket).await.unwrap();
    let call = tokio::spawn(async move { client.call::<_, Value>("wait", &(), |_| Ok(())).await });
    timeout(PATIENCE, node.at_it.recv()).await.unwrap().unwrap();
    node.stop.cancel();
    let outcome = timeout(PATIENCE, call).await.unwrap().unwrap();
    assert!(
        matches!(&outcome, Err(CallError::Node(error)) if error.code == ErrorCode::Interrupted),
        "{outcome:?}"
    );
    timeout(STOP_DEADLINE, node.ended).await.expect("the socket is closed in time").unwrap();
}
