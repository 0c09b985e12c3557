//! The bridge from outside: who gets in, and what is handed out.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use serde_json::{Value, json};
use tauri::test::MockRuntime;
use tauri::{App, Manager, async_runtime};

use super::{Bridge, page, server};
use crate::home::ChosenHome;
use crate::node_host::HostStart;
use crate::shell::Shell;
use crate::windowless::{self, Fakes};

/// A bridge on a home that nobody has created an identity in.
pub(crate) struct Served {
    pub(crate) app: App<MockRuntime>,
    pub(crate) bridge: Arc<Bridge>,
    _dir: tempfile::TempDir,
}

impl Served {
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let start = HostStart {
            home: ChosenHome::named(dir.path().join("home")),
            environment: Box::new(|_| None),
            quit: Arc::new(|| ()),
        };
        let fakes = Fakes::default();
        let (app, window) = windowless::open(start, None, &fakes).unwrap();
        let (bridge, listener) = async_runtime::block_on(Bridge::bind(window, fakes.dialogs)).unwrap();
        async_runtime::spawn(server::serve(Arc::clone(&bridge), listener));
        Self { app, bridge, _dir: dir }
    }

    /// The answer to a call of the page itself: its status and its document.
    pub(crate) fn ask(&self, command: &str, arguments: &Value) -> (u16, Value) {
        let body = json!({ "command": command, "arguments": arguments }).to_string();
        let (status, _, answer) = self.post("/ask", &self.own_headers(), &body);
        (status, serde_json::from_str(&answer).unwrap())
    }

    fn own_headers(&self) -> String {
        let Bridge { address, token, .. } = &*self.bridge;
        format!("Host: {address}\r\nOrigin: http://{address}\r\nAuthorization: Bearer {token}\r\n")
    }

    fn post(&self, path: &str, headers: &str, body: &str) -> (u16, String, String) {
        self.send(&format!(
            "POST {path} HTTP/1.1\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    fn get(&self, path: &str, headers: &str) -> (u16, String, String) {
        self.send(&format!("GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n"))
    }

    /// Status, headers and body.
    fn send(&self, request: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(self.bridge.address).unwrap();
        // One that is too long is answered before it was read.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, head.to_lowercase(), body.to_owned())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.app.state::<Shell>().host.stop();
    }
}

#[test]
fn who_lacks_the_token_or_comes_from_elsewhere_gets_nothing() {
    let served = Served::start();
    let Bridge { address, token, .. } = &*served.bridge;
    let call = r#"{"command":"node_view"}"#;
    let token = format!("Authorization: Bearer {token}\r\n");
    let own = format!("Host: {address}\r\n");
    let refused = [
        (own.clone(), 401),
        (format!("{own}Authorization: Bearer \r\n"), 401),
        (format!("{own}Authorization: Bearer {}\r\n", "0".repeat(32)), 401),
        (format!("{own}{token}Origin: http://example.org\r\n"), 403),
        (format!("{own}{token}Origin: null\r\n"), 403),
        (format!("{own}{token}Origin: https://{address}\r\n"), 403),
        (format!("Host: example.org\r\n{token}"), 403),
    ];
    for (headers, wanted) in refused {
        for path in ["/ask", "/hand/dialog", "/hand/drag"] {
            let (status, _, answer) = served.post(path, &headers, call);
            assert_eq!(status, wanted, "{path} {headers} {answer}");
            let error: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(error["code"], "invalid_request");
        }
        assert_eq!(served.get("/events", &headers).0, wanted, "{headers}");
    }
    let (status, _, view) = served.post("/ask", &format!("{own}{token}"), call);
    assert_eq!(status, 200, "{view}");
}

#[test]
fn what_is_no_call_is_refused_with_a_reason() {
    let served = Served::start();
    let headers = served.own_headers();
    let refused = [
        ("no document".to_owned(), 400),
        ("{}".to_owned(), 400),
        (r#"{"command":"node_view","window":"other"}"#.to_owned(), 400),
        (format!(r#"{{"command":"{}"}}"#, "x".repeat(server::MAX_CALL_BYTES)), 413),
    ];
    for (body, wanted) in refused {
        let (status, _, answer) = served.post("/ask", &headers, &body);
        assert_eq!(status, wanted, "{answer}");
        let error: Value = serde_json::from_str(&answer).unwrap();
        assert!(error["message"].as_str().unwrap().len() > 20, "{error}");
    }
}

#[test]
fn the_page_is_the_windows_under_the_windows_policy() {
    let served = Served::start();
    let host = format!("Host: {}\r\n", served.bridge.address);
    let (status, head, page) = served.get("/?token=any", &host);
    assert_eq!(status, 200);
    assert!(page.contains("/bridge/bootstrap.js"), "{page}");
    let policy = head.lines().find(|line| line.starts_with("content-security-policy")).unwrap();
    assert!(policy.contains("connect-src 'self'") && !policy.contains("ipc:"), "{policy}");
    assert!(policy.contains("object-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let script = page.split("src=\"/assets/").nth(1).unwrap().split('"').next().unwrap();
    let (status, head, _) = served.get(&format!("/assets/{script}"), &host);
    assert!(status == 200 && head.contains("text/javascript"), "{head}");
    assert_eq!(served.get("/nothing/here", &host).0, 404);
}

#[test]
fn one_directive_of_the_policy_differs() {
    let policy = "default-src 'self'; connect-src ipc: http://ipc.localhost; img-src 'self'";
    assert_eq!(page::own_connections(policy), "default-src 'self'; connect-src 'self'; img-src 'self'");
}
