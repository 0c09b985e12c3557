//! JSON-RPC 2.0 messages and their lines.

use std::io;

use layr_node::error::{ErrorCode, NodeError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// Longest request line: a `put` of a few thousand paths.
pub(crate) const MAX_REQUEST_BYTES: u64 = 4 * 1024 * 1024;
/// Longest response line that a client accepts: a listing of a million files.
pub(crate) const MAX_RESPONSE_BYTES: u64 = 512 * 1024 * 1024;

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

/// For fuzzing: a line as a client or a server may send it. Whether it is a message.
#[doc(hidden)]
pub fn fuzz_line(bytes: &[u8]) -> bool {
    let request = serde_json::from_slice::<Request>(bytes);
    let answer = serde_json::from_slice::<FromServer>(bytes);
    if let Ok(FromServer::Notice(notice)) = answer {
        return crate::client::decode(&notice.method, notice.params.value).is_ok();
    }
    request.is_ok() || answer.is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Request, Version, fuzz_line, line, read_line};

    const LIMIT_BYTES: u64 = 64;

    async fn lines(mut bytes: &[u8]) -> (Vec<Vec<u8>>, bool) {
        let mut lines = Vec::new();
        loop {
            match read_line(&mut bytes, LIMIT_BYTES).await {
                Ok(Some(line)) => lines.push(line),
                Ok(None) => return (lines, true),
                Err(_) => return (lines, false),
            }
        }
    }

    #[tokio::test]
    async fn a_line_has_an_end_and_a_limit() {
        let (whole, endless) = (vec![b'x'; 63], vec![b'x'; 65]);
        let full = [&whole, b"\n".as_slice()].concat();
        assert_eq!(lines(&[&full, b"a\n".as_slice()].concat()).await, (vec![full, b"a\n".to_vec()], true));
        assert_eq!(lines(&endless).await, (vec![], false));
        assert_eq!(lines(b"a\ncut short").await, (vec![b"a\n".to_vec()], false));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_no_message(bytes: Vec<u8>) {
            fuzz_line(&bytes);
        }

        #[test]
        fn a_mutated_call_never_panics(id: u64, method: String, at: prop::sample::Index, byte: u8) {
            let request = Request { jsonrpc: Version::V2, id, method, params: serde_json::json!({ "name": "a" }) };
            let mut bytes = line(&request).unwrap();
            prop_assert!(fuzz_line(&bytes));
            let at = at.index(bytes.len());
            bytes[at] = byte;
            fuzz_line(&bytes);
        }
    }
}
