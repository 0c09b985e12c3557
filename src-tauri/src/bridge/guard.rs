//! Who may ask the bridge for what.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use layr_node::error::{ErrorCode, NodeError};

use super::Bridge;

/// Lets a request pass that comes from the bridge's own page or from a test, and is refused with the reason otherwise.
pub(super) async fn check(State(bridge): State<Arc<Bridge>>, request: Request, next: Next) -> Response {
    match refusal(&bridge, &request) {
        Some((status, reason)) => refused(status, reason),
        None => next.run(request).await,
    }
}

/// A refusal as the page gets its errors.
pub(super) fn refused(status: StatusCode, reason: impl Into<String>) -> Response {
    let error = NodeError::new(ErrorCode::InvalidRequest, reason);
    (status, serde_json::to_string(&error).unwrap_or_default()).into_response()
}

fn refusal(bridge: &Bridge, request: &Request) -> Option<(StatusCode, &'static str)> {
    let header =
        |name: HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let own = bridge.address.to_string();
    // A name that somebody made point to this machine is not ours.
    if header(HOST) != Some(own.as_str()) {
        return Some((StatusCode::FORBIDDEN, "The bridge has another address."));
    }
    // A browser names the page that asks; a test, which is none, need not.
    if header(ORIGIN).is_some_and(|origin| origin.strip_prefix("http://") != Some(own.as_str())) {
        return Some((StatusCode::FORBIDDEN, "Only the page of this bridge may ask it."));
    }
    if !asks(request.uri().path()) {
        return None;
    }
    // A browser's socket cannot send the header.
    let in_query = request.uri().query().and_then(|query| query.strip_prefix("token="));
    let in_header = header(AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let is_known = in_header.or(in_query) == Some(bridge.token.as_str());
    (!is_known).then_some((StatusCode::UNAUTHORIZED, "The token of this bridge is missing or wrong."))
}

/// Whether more than a file of the page is wanted.
fn asks(path: &str) -> bool {
    path == "/ask" || path == "/events" || path.starts_with("/hand/")
}
