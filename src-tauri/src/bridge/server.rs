//! The addresses of the bridge.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::header::CONTENT_TYPE;
use axum::http::{StatusCode, Uri};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::StreamExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tauri::{DragDropEvent, PhysicalPosition};
use tokio::net::TcpListener;
use tokio::sync::broadcast::{self, error::RecvError};

use super::guard::{self, refused};
use super::{Bridge, page};
use crate::{drops, windowless};

/// Longest call in bytes: ten thousand names of files, which is the most that a command takes, are shorter.
pub(super) const MAX_CALL_BYTES: usize = 4 * 1024 * 1024;

/// Serves until the process ends.
pub(super) async fn serve(bridge: Arc<Bridge>, listener: TcpListener) {
    let routes = Router::new()
        .route("/ask", post(ask))
        .route("/events", get(events))
        .route("/hand/dialog", post(hand_dialog))
        .route("/hand/drag", post(hand_drag))
        .fallback(file)
        .layer(middleware::from_fn_with_state(Arc::clone(&bridge), guard::check))
        .with_state(bridge);
    if let Err(error) = axum::serve(listener, routes).await {
        tracing::error!("the bridge ended: {error}");
    }
}

/// A call of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    command: String,
    #[serde(default)]
    arguments: Option<Value>,
}

/// What a person would answer the next dialog with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    paths: Vec<PathBuf>,
}

/// What a person would do with files from outside.
#[derive(Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
enum Drag {
    Enter { paths: Vec<PathBuf> },
    Over,
    Leave,
    Drop { paths: Vec<PathBuf> },
}

async fn file(State(bridge): State<Arc<Bridge>>, uri: Uri) -> Response {
    page::file(&bridge, &uri)
}

async fn ask(State(bridge): State<Arc<Bridge>>, body: Body) -> Response {
    let Call { command, arguments } = match read(body).await {
        Ok(call) => call,
        Err(refused) => return refused,
    };
    let arguments = arguments.unwrap_or_else(|| json!({}));
    let (status, answer) = match windowless::answer(&bridge.window, &command, arguments).await {
        Ok(answer) => (StatusCode::OK, answer),
        // The shell says so in a text of its own, without a code, where no command was reached.
        Err(Value::String(reason)) => return refused(StatusCode::FORBIDDEN, reason),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, error),
    };
    (status, [(CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}

async fn hand_dialog(State(bridge): State<Arc<Bridge>>, body: Body) -> Response {
    match read::<Choice>(body).await {
        Ok(Choice { paths }) => {
            bridge.dialogs.will_choose(paths);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(refused) => refused,
    }
}

async fn hand_drag(State(bridge): State<Arc<Bridge>>, body: Body) -> Response {
    let position = PhysicalPosition::default();
    let event = match read(body).await {
        Ok(Drag::Enter { paths }) => DragDropEvent::Enter { paths, position },
        Ok(Drag::Over) => DragDropEvent::Over { position },
        Ok(Drag::Leave) => DragDropEvent::Leave,
        Ok(Drag::Drop { paths }) => DragDropEvent::Drop { paths, position },
        Err(refused) => return refused,
    };
    drops::tell(&bridge.app, &event);
    StatusCode::NO_CONTENT.into_response()
}

/// The JSON document in a request.
async fn read<T: DeserializeOwned>(body: Body) -> Result<T, Response> {
    let invalid = |reason: String| refused(StatusCode::BAD_REQUEST, reason);
    let mut pieces = body.into_data_stream();
    let (mut call, mut is_too_long) = (Vec::new(), false);
    // To its end even if it is too long: one that still writes would not hear why it is refused.
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| invalid(format!("The call did not arrive: {error}.")))?;
        is_too_long = is_too_long || call.len() + piece.len() > MAX_CALL_BYTES;
        if !is_too_long {
            call.extend_from_slice(&piece);
        }
    }
    if is_too_long {
        let reason = format!("A call has at most {MAX_CALL_BYTES} bytes.");
        return Err(refused(StatusCode::PAYLOAD_TOO_LARGE, reason));
    }
    serde_json::from_slice(&call).map_err(|error| invalid(format!("This is no call: {error}.")))
}

async fn events(State(bridge): State<Arc<Bridge>>, socket: WebSocketUpgrade) -> Response {
    let told = bridge.events();
    socket.on_upgrade(|socket| pass_on(socket, told))
}

/// Hands each event to one page, until it leaves.
async fn pass_on(mut socket: WebSocket, mut told: broadcast::Receiver<String>) {
    loop {
        tokio::select! {
            event = told.recv() => match event {
                Ok(event) => if socket.send(Message::Text(event.into())).await.is_err() { return },
                Err(RecvError::Lagged(lost)) => {
                    tracing::warn!("a browser was too slow for {lost} events; it has to load the page again");
                    return;
                }
                Err(RecvError::Closed) => return,
            },
            // Pages send nothing: this is its end.
            _ = socket.recv() => return,
        }
    }
}
