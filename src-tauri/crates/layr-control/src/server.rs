//! The serving side.
//!
//! Owns the socket file and a task per connection. Bounds: [`MAX_CONNECTIONS`], [`MAX_CALLS_PER_CONNECTION`], the length
//! of a line. Stops when its token is cancelled; calls under way are cancelled with it. If it dies, the node goes on and
//! only the command line is deaf.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use interprocess::local_socket::ListenerOptions;
use interprocess::local_socket::tokio::prelude::*;
use interprocess::local_socket::tokio::{Listener, Stream};
use layr_node::api::Progress;
use layr_node::error::{ErrorCode, NodeError};
use serde::Serialize;
use serde_json::Value;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::rpc::{
    MAX_REQUEST_BYTES, Notice, NoticeParams, Request, Version, failure_line, line, read_line, result_line,
};
use crate::socket;

/// Clients at once: shells, scripts and the app's own windows; more is a runaway loop.
const MAX_CONNECTIONS: usize = 64;
/// Calls at once on one connection.
const MAX_CALLS_PER_CONNECTION: usize = 16;
/// Lines waiting for a client that reads slowly; a full queue holds the call back.
const OUTBOX_LINES: usize = 32;
/// How long a connection may take to say its last answers when it ends. Whoever listens has them in milliseconds; a client
/// that reads no more must not keep a node from its stop, which people wait for.
const CLOSING_DEADLINE: Duration = Duration::from_secs(1);
/// Rest after a connection could not be taken: the process is out of descriptors, and asking at once again would only burn
/// the processor until others are closed.
const ACCEPT_REST: Duration = Duration::from_millis(200);

/// Why the socket cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the control socket {path}: {source}")]
pub struct BindError {
    path: String,
    source: io::Error,
}

/// What a node offers on its socket.
#[async_trait]
pub trait Service: Send + Sync + 'static {
    /// Runs one call to its end, or until `context.cancelled()`.
    async fn call(&self, method: &str, params: Value, context: &CallContext) -> Result<Answer, NodeError>;
}

/// What a call came to, as JSON. It stays text: as a tree of values, a report of many files takes ten times the memory.
#[derive(Debug)]
pub struct Answer(Vec<u8>);

impl Answer {
    /// The JSON form of a report.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`] for what has none.
    pub fn of<T: Serialize>(report: &T) -> Result<Self, NodeError> {
        serde_json::to_vec(report)
            .map(Self)
            .map_err(|error| NodeError::new(ErrorCode::Internal, error.to_string()))
    }
}

/// What a call may do besides answering.
#[derive(Debug, Clone)]
pub struct CallContext {
    id: u64,
    outbox: mpsc::Sender<Vec<u8>>,
    cancelled: CancellationToken,
}

impl CallContext {
    /// Cancelled when the client has gone away or the node stops.
    pub fn cancelled(&self) -> &CancellationToken {
        &self.cancelled
    }

    /// Tells the client where the call stands. Dropped silently when the client does not keep up: a later one says more.
    pub fn progress(&self, progress: &Progress) {
        if let Ok(bytes) = self.notice("progress", progress) {
            let _ = self.outbox.try_send(bytes);
        }
    }

    /// Hands bytes of a file to the client, as fast as it takes them.
    ///
    /// # Errors
    /// The client has gone away, or the node stops.
    pub async fn data(&self, bytes: &[u8]) -> io::Result<()> {
        let line = self.notice("data", STANDARD.encode(bytes))?;
        // A client that reads no more would hold the call for ever.
        let sent = self.cancelled.run_until_cancelled(self.outbox.send(line)).await;
        sent.and_then(Result::ok).ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }

    fn notice<T: Serialize>(&self, method: &str, value: T) -> io::Result<Vec<u8>> {
        line(&Notice { jsonrpc: Version::V2, method, params: NoticeParams { id: self.id, value } })
    }
}

/// A bound control socket.
#[derive(Debug)]
pub struct ControlServer {
    listener: Listener,
}

impl ControlServer {
    /// Binds the socket; only the holder of the home's lock may, so a leftover of a killed node is replaced.
    ///
    /// # Errors
    /// [`BindError`].
    pub fn bind(path: &Path) -> Result<Self, BindError> {
        let wrap = |source| BindError { path: path.display().to_string(), source };
        let name = socket::name(path).map_err(wrap)?;
        let listener = ListenerOptions::new().name(name).try_overwrite(true).create_tokio().map_err(wrap)?;
        restrict(path).map_err(wrap)?;
        Ok(Self { listener })
    }

    /// Serves until `stop` is cancelled, then waits for the connections' tasks, which end with it, at the latest after
    /// [`CLOSING_DEADLINE`].
    pub async fn serve(self, service: Arc<dyn Service>, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            let stream = match accepted {
                Ok(stream) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a control connection cannot be taken");
                    tokio::time::sleep(ACCEPT_REST).await;
                    continue;
                }
            };
            let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else {
                tracing::warn!(limit = MAX_CONNECTIONS, "too many control connections, one is refused");
                continue;
            };
            let service = Arc::clone(&service);
            let stop = stop.child_token();
            tasks.spawn(async move {
                if let Err(error) = connection(stream, service, &stop).await {
                    tracing::debug!(%error, "a control connection broke");
                }
                stop.cancel();
                drop(slot);
            });
        }
        tasks.close();
        tasks.wait().await;
    }
}

async fn connection(stream: Stream, service: Arc<dyn Service>, stop: &CancellationToken) -> io::Result<()> {
    let (receive, mut send) = tokio::io::split(stream);
    let mut reader = BufReader::new(receive);
    let (outbox, mut lines) = mpsc::channel::<Vec<u8>>(OUTBOX_LINES);
    let calls = TaskTracker::new();
    let slots = Arc::new(Semaphore::new(MAX_CALLS_PER_CONNECTION));
    let writer = tokio::spawn(async move {
        while let Some(line) = lines.recv().await {
            if send.write_all(&line).await.is_err() || send.flush().await.is_err() {
                break;
            }
        }
    });
    let outcome = tokio::select! {
        () = stop.cancelled() => Ok(()),
        outcome = async {
            while let Some(line) = read_line(&mut reader, MAX_REQUEST_BYTES).await? {
                accept_call(&line, &service, stop, &outbox, &calls, &slots).await;
            }
            Ok(())
        } => outcome,
    };
    // Whether the client went away or the node stops: what it asked for ends here, and is told so while it still listens.
    stop.cancel();
    calls.close();
    let unheard = writer.abort_handle();
    let last_words = async {
        calls.wait().await;
        drop(outbox);
        let _ = writer.await;
    };
    if timeout(CLOSING_DEADLINE, last_words).await.is_err() {
        // Calls that still run were told to stop, and whoever runs the node waits for its work.
        unheard.abort();
    }
    outcome
}

async fn accept_call(
    line_bytes: &[u8],
    service: &Arc<dyn Service>,
    stop: &CancellationToken,
    outbox: &mpsc::Sender<Vec<u8>>,
    calls: &TaskTracker,
    slots: &Arc<Semaphore>,
) {
    let request: Request = match serde_json::from_slice(line_bytes) {
        Ok(request) => request,
        Err(error) => {
            let refused = NodeError::new(ErrorCode::InvalidRequest, format!("not a JSON-RPC call: {error}"));
            fail(outbox, None, refused).await;
            return;
        }
    };
    let Ok(slot) = Arc::clone(slots).try_acquire_owned() else {
        let refused = NodeError::new(ErrorCode::InvalidRequest, "too many calls at once on one connection");
        fail(outbox, Some(request.id), refused).await;
        return;
    };
    let context = CallContext { id: request.id, outbox: outbox.clone(), cancelled: stop.child_token() };
    let service = Arc::clone(service);
    calls.spawn(async move {
        match service.call(&request.method, request.params, &context).await {
            Ok(Answer(json)) => {
                let _ = context.outbox.send(result_line(context.id, json)).await;
            }
            Err(error) => fail(&context.outbox, Some(context.id), error).await,
        }
        drop(slot);
    });
}

async fn fail(outbox: &mpsc::Sender<Vec<u8>>, id: Option<u64>, error: NodeError) {
    match failure_line(id, error) {
        Ok(bytes) => {
            let _ = outbox.send(bytes).await;
        }
        Err(error) => tracing::error!(%error, "a failure could not be encoded"),
    }
}

#[cfg(unix)]
fn restrict(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_path: &Path) -> io::Result<()> {
    Ok(())
}
