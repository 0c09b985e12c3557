//! JSON-RPC 2.0 messages and their lines.

use std::io;

use layr_node::error::{ErrorCode, NodeError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
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

/// A call that failed, with the number of the call where it is known.
#[derive(Debug, Serialize)]
struct Failed {
    jsonrpc: Version,
    id: Option<u64>,
    error: RpcError,
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
#[derive(Debug, Serialize)]
pub(crate) struct Notice<'a, T> {
    pub(crate) jsonrpc: Version,
    pub(crate) method: &'a str,
    pub(crate) params: NoticeParams<T>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NoticeParams<T> {
    pub(crate) id: u64,
    pub(crate) value: T,
}

/// A line from the server: a notice has `method` and `params`, the end of a call has `result` or `error`. What they carry
/// is read when it is known as what.
#[derive(Debug, Deserialize)]
pub(crate) struct FromServer<'a> {
    #[serde(rename = "jsonrpc")]
    _jsonrpc: Version,
    #[serde(default)]
    id: Option<u64>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default, borrow)]
    params: Option<NoticeParams<&'a RawValue>>,
    #[serde(default, borrow)]
    result: Option<&'a RawValue>,
    #[serde(default)]
    error: Option<RpcError>,
}

/// What a line from the server says.
#[derive(Debug)]
pub(crate) enum Said<'a> {
    /// About a call that runs: its number, the notice's name and its value.
    Notice(u64, String, &'a RawValue),
    /// A call ended, with JSON or a failure.
    End(Option<u64>, Result<&'a str, NodeError>),
}

impl<'a> FromServer<'a> {
    pub(crate) fn said(self) -> Said<'a> {
        match (self.method, self.params, self.error) {
            (Some(method), Some(params), _) => Said::Notice(params.id, method, params.value),
            (_, _, Some(error)) => Said::End(
                self.id,
                Err(error.data.unwrap_or_else(|| NodeError::new(ErrorCode::Internal, error.message))),
            ),
            (_, _, None) => Said::End(self.id, Ok(self.result.map_or("null", RawValue::get))),
        }
    }
}

/// The line of a call that came to this JSON. It is written around the JSON where that stands: a report of many files is in memory once.
pub(crate) fn result_line(id: u64, mut json: Vec<u8>) -> Vec<u8> {
    let head = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"#);
    json.splice(..0, head.into_bytes());
    json.extend_from_slice(b"}\n");
    json
}

/// The line of a call that failed.
pub(crate) fn failure_line(id: Option<u64>, error: NodeError) -> io::Result<Vec<u8>> {
    let error = RpcError { code: FAILED, message: error.message.clone(), data: Some(error) };
    line(&Failed { jsonrpc: Version::V2, id, error })
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
    match serde_json::from_slice::<FromServer<'_>>(bytes).map(FromServer::said) {
        Ok(Said::Notice(_, method, value)) => crate::client::decode(&method, value).is_ok(),
        Ok(Said::End(..)) => true,
        Err(_) => request.is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use layr_node::error::{ErrorCode, NodeError};

    use super::{
        FromServer, Notice, NoticeParams, Request, Said, Version, failure_line, fuzz_line, line, read_line,
        result_line,
    };

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

    #[test]
    fn what_a_server_says_is_told_apart() {
        let lines = [
            result_line(3, b"[1,2]".to_vec()),
            failure_line(Some(4), NodeError::new(ErrorCode::NotFound, "no")).unwrap(),
            line(&Notice {
                jsonrpc: Version::V2,
                method: "data",
                params: NoticeParams { id: 5, value: "QQ==" },
            })
            .unwrap(),
            br#"{"jsonrpc":"2.0","id":6,"result":null}"#.to_vec(),
            br#"{"jsonrpc":"2.0","id":7,"error":{"code":-32601,"message":"other"}}"#.to_vec(),
        ];
        let said = lines.each_ref().map(|line| {
            match serde_json::from_slice::<FromServer<'_>>(line).unwrap().said() {
                Said::Notice(id, method, value) => format!("{id} {method} {}", value.get()),
                Said::End(id, Ok(json)) => format!("{} {json}", id.unwrap()),
                Said::End(id, Err(error)) => format!("{} {:?} {error}", id.unwrap(), error.code),
            }
        });
        assert_eq!(said, ["3 [1,2]", "4 NotFound no", "5 data \"QQ==\"", "6 null", "7 Internal other"]);
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
