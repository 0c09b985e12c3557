//! A devnet's ledger, whose time a test moves.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

/// Seconds between two ledgers.
const LEDGER_S: u64 = 5;

/// Calls of a local ledger's RPC.
#[derive(Debug, Clone)]
pub struct LedgerRpc {
    address: String,
}

impl LedgerRpc {
    /// The ledger at `http://address`.
    pub fn new(url: &str) -> Self {
        Self { address: url.trim_start_matches("http://").to_owned() }
    }

    /// A call's result.
    pub fn call(&self, method: &str, params: &Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let mut stream = TcpStream::connect(&self.address).expect("the ledger");
        let request = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        let answer: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {answer}"));
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// The ledger's time, in seconds since 1970.
    pub fn now_s(&self) -> u64 {
        let closed = self.call("layr_close", &json!({ "ledgers": 1, "seconds": LEDGER_S }));
        closed["latestLedgerCloseTime"].as_str().and_then(|text| text.parse().ok()).expect("a time")
    }

    /// Moves the ledger's time to `time_s`, if that is still to come.
    pub fn pass_until(&self, time_s: u64) {
        let seconds = time_s.saturating_sub(self.now_s());
        if seconds > 0 {
            let ledgers = seconds.div_ceil(LEDGER_S);
            self.call("layr_close", &json!({ "ledgers": ledgers, "seconds": seconds }));
        }
    }
}
