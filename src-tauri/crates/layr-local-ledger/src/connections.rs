//! Connections: so many at once, each with a time within which it has to say what it wants.

use std::pin::pin;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::origin::Reached;

/// Programs keep a few each; what they send meanwhile is in memory.
const MAX_CONNECTIONS: usize = 256;
/// Rest after a connection could not be taken, for want of descriptors: asking at once again would only burn the processor.
const ACCEPT_REST: Duration = Duration::from_millis(200);
/// The head of a request is there within this, from when the connection or the answer before it was through. It is also how long a
/// connection may rest: programs begin a new one.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
/// The body is there within this after the head: of the largest, that is 17 KiB a second.
const BODY_WITHIN: Duration = Duration::from_secs(30);
/// Largest request: a transaction of the largest size in base64, and room for the names around it; questions for many entries are smaller.
const MAX_BODY_BYTES: usize = 512 * 1024;
/// What is being answered at the end may take this long: most calls take less than a second. What a client left half said waits no longer.
pub(crate) const STOP_WITHIN: Duration = Duration::from_secs(5);

/// Serves until `ended`, and then within [`STOP_WITHIN`] ends all connections: those that are being answered last.
pub(crate) async fn serve(listener: TcpListener, routes: Router, ended: CancellationToken) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            () = ended.cancelled() => break,
            Some(_) = open.join_next() => {}
            // The next one waits until one of too many has ended.
            accepted = listener.accept(), if open.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    open.spawn(converse(stream, routes.clone(), ended.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection was not taken");
                    tokio::time::sleep(ACCEPT_REST).await;
                }
            },
        }
    }
    drop(listener);
    let answered = async { while open.join_next().await.is_some() {} };
    if timeout(STOP_WITHIN, answered).await.is_err() {
        open.shutdown().await;
    }
}

/// One connection, from its first request to its last.
async fn converse(stream: TcpStream, routes: Router, ended: CancellationToken) {
    // It is gone already, if it has none.
    let Ok(address) = stream.local_addr() else { return };
    let routes = routes.layer(Extension(Reached(address.ip())));
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    let mut connection = pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = ended.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::trace!(%error, "a connection broke off");
    }
}

/// Lets a request in when all of its body is there.
pub(crate) async fn whole_body(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match timeout(BODY_WITHIN, to_bytes(body, MAX_BODY_BYTES)).await {
        Ok(Ok(body)) => next.run(Request::from_parts(head, Body::from(body))).await,
        // One that broke off has nobody any more who reads why.
        Ok(Err(_)) => (StatusCode::PAYLOAD_TOO_LARGE, "a request is 512 KiB at most\n").into_response(),
        Err(_) => (StatusCode::REQUEST_TIMEOUT, "the request did not come to an end\n").into_response(),
    }
}
