//! The calling side.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use interprocess::local_socket::tokio::Stream;
use interprocess::local_socket::tokio::prelude::*;
use layr_node::api::Progress;
use layr_node::error::{ErrorCode, NodeError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::io::{AsyncWriteExt, BufReader, ReadHalf, WriteHalf};

use crate::rpc::{
    FromServer, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES, Request, Said, Version, line, read_line,
};
use crate::socket;

/// Why there is nobody to talk to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// No node runs in this home.
    #[error("no node runs in {home}")]
    NoNode {
        /// The socket's directory.
        home: String,
    },
    /// The socket is there but cannot be used.
    #[error("cannot use the control socket {path}: {source}")]
    Io {
        /// The socket.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a call gave no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The node refused or failed.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// Whoever called could not take what the node sent.
    #[error("what the node sent cannot be taken: {source}")]
    Output {
        /// What `on_notification` said.
        source: io::Error,
    },
    /// The node went away in the middle.
    #[error("the node went away: {source}")]
    Lost {
        /// What the socket said.
        source: io::Error,
    },
}

/// What arrives while a call runs.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notification {
    /// Where it stands.
    Progress(Progress),
    /// Bytes of the file that it reads.
    Data(Vec<u8>),
}

/// A connection to a running node. One call at a time; dropping it cancels the call.
pub struct Client {
    reader: BufReader<ReadHalf<Stream>>,
    writer: WriteHalf<Stream>,
    next_id: u64,
}

impl Client {
    /// Connects to the socket at `path`.
    ///
    /// # Errors
    /// [`ConnectError::NoNode`] when nobody listens there.
    pub async fn connect(path: &Path) -> Result<Self, ConnectError> {
        let wrap = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                ConnectError::NoNode { home: path.parent().unwrap_or(path).display().to_string() }
            }
            _ => ConnectError::Io { path: path.display().to_string(), source },
        };
        let stream = Stream::connect(socket::name(path).map_err(wrap)?).await.map_err(wrap)?;
        let (receive, send) = tokio::io::split(stream);
        Ok(Self { reader: BufReader::new(receive), writer: send, next_id: 0 })
    }

    /// Calls `method` and waits for its end; `on_notification` gets what arrives meanwhile and may fail the call.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn call<P: Serialize, R: DeserializeOwned>(
        &mut self,
        method: &str,
        params: &P,
        mut on_notification: impl FnMut(Notification) -> io::Result<()>,
    ) -> Result<R, CallError> {
        let lost = |source| CallError::Lost { source };
        self.next_id += 1;
        let id = self.next_id;
        let params = serde_json::to_value(params).map_err(|error| lost(error.into()))?;
        let request = Request { jsonrpc: Version::V2, id, method: method.to_owned(), params };
        let request = line(&request).map_err(lost)?;
        if request.len() as u64 > MAX_REQUEST_BYTES {
            // The server would only hang up.
            let message = format!(
                "this names too much at once ({} bytes, and {MAX_REQUEST_BYTES} are the most); name directories instead, or less at a time",
                request.len()
            );
            return Err(NodeError::new(ErrorCode::InvalidRequest, message).into());
        }
        self.writer.write_all(&request).await.map_err(lost)?;
        self.writer.flush().await.map_err(lost)?;
        loop {
            let bytes = read_line(&mut self.reader, MAX_RESPONSE_BYTES)
                .await
                .and_then(|line| line.ok_or_else(|| io::ErrorKind::UnexpectedEof.into()))
                .map_err(lost)?;
            let said: FromServer<'_> = serde_json::from_slice(&bytes).map_err(|error| lost(error.into()))?;
            match said.said() {
                Said::Notice(about, method, value) if about == id => {
                    if let Some(notification) = decode(&method, value).map_err(lost)? {
                        on_notification(notification).map_err(|source| CallError::Output { source })?;
                    }
                }
                Said::End(answered, outcome) if answered.is_none_or(|answered| answered == id) => {
                    return serde_json::from_str(outcome?).map_err(|error| lost(error.into()));
                }
                Said::Notice(..) | Said::End(..) => {}
            }
        }
    }
}

/// A notification that this client knows; later servers may send others.
pub(crate) fn decode(method: &str, value: &RawValue) -> io::Result<Option<Notification>> {
    match method {
        "progress" => Ok(Some(Notification::Progress(serde_json::from_str(value.get())?))),
        "data" => {
            let text: Cow<'_, str> = serde_json::from_str(value.get())?;
            let bytes = STANDARD
                .decode(text.as_bytes())
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            Ok(Some(Notification::Data(bytes)))
        }
        _ => Ok(None),
    }
}
