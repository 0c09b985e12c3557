//! JSON-RPC 2.0 messages and their lines.

use std::io;

use layr_node::error::{ErrorCode, NodeError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// Longest request line: a `put` of a few thousand paths.
pub const MAX_REQUEST_BYTES: u64 = 4 * 1024 * 1024;
/// Longest response line that a client accepts: a listing of a million files.
pub const MAX_RESPONSE_BYTES: u64 = 512 * 1024 * 1024;

/// JSON-RPC's own code for "the method failed"; ours is in `data`.
const FAILED: i32 = -32000;

/// A call. `id` is chosen by the client and named by everything that belongs to the call.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) jsonrpc: Version,
    pub(crate) id: u64,
    pub(crate) method: String,
    #[serde(default)]
    pub(crate) params: Value,
}

/// The literal `"2.0"`.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) enum Version {
    #[default]
    #[serde(rename = "2.0")]
    V2,
}

/// The end of a call.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Response {
    pub(crate) jsonrpc: Version,
    pub(crate) id: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) result: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<RpcError>,
}

/// A failure on the wire.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RpcError {
    pub(crate) code: i32,
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) data: Option<NodeError>,
}

/// Something about a call that still runs.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Notice {
    pub(crate) jsonrpc: Version,
    pub(crate) method: String,
    pub(crate) params: NoticeParams,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NoticeParams {
    pub(crate) id: u64,
    pub(crate) value: Value,
}

/// A line from the server.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum FromServer {
    Notice(Notice),
    Response(Response),
}

impl Response {
    pub(crate) fn of(id: Option<u64>, outcome: Result<Value, NodeError>) -> Self {
        let (result, error) = match outcome {
            Ok(value) => (Some(value), None),
            Err(error) => {
                (None, Some(RpcError { code: FAILED, message: error.message.clone(), data: Some(error) }))
            }
        };
        Self { jsonrpc: Version::V2, id, result, error }
    }

    pub(crate) fn into_outcome(self) -> Result<Value, NodeError> {
        match self.error {
            None => Ok(self.result.unwrap_or(Value::Null)),
            Some(error) => {
                Err(error.data.unwrap_or_else(|| NodeError::new(ErrorCode::Internal, error.message)))
            }
        }
    }
}

/// One message as a line.
pub(crate) fn line<T: Serialize>(message: &T) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(message)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads one line of at most `limit_bytes`; `None` at the end of the stream.
pub(crate) async fn read_line(
    reader: &mut (impl AsyncBufRead + Unpin),
    limit_bytes: u64,
) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let read = reader.take(limit_bytes).read_until(b'\n', &mut bytes).await?;
    match bytes.last() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(bytes)),
        Some(_) if read as u64 == limit_bytes => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("a message is longer than {limit_bytes} bytes"),
        )),
        Some(_) => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
