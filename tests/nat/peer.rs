//! A running peer program and the lines that it prints.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::lab::{Lab, PORT};

pub(crate) struct Peer {
    name: String,
    child: Child,
    lines: Receiver<Value>,
    seen: Vec<Value>,
}

impl Peer {
    /// Starts the program on a host and waits until it listens.
    pub(crate) fn start(lab: &Lab, host: &str, role: &str, words: &[&str]) -> Self {
        let mut command = lab.on(host, &program());
        command.arg(role).args(["--port", &PORT.to_string()]).args(words);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if sender.send(event).is_err() {
                    break;
                }
            }
        });
        let mut peer = Self { name: role.to_owned(), child, lines, seen: Vec::new() };
        peer.event("listening", Duration::from_secs(20));
        peer
    }

    pub(crate) fn id(&self) -> String {
        self.seen[0]["peer"].as_str().unwrap().to_owned()
    }

    /// The first event of that name, printed already or within `limit`.
    pub(crate) fn event(&mut self, name: &str, limit: Duration) -> Value {
        self.event_that(name, limit, |event| event["event"] == name)
    }

    /// The first event that `fits`, printed already or within `limit`.
    pub(crate) fn event_that(&mut self, what: &str, limit: Duration, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(event) = self.seen.iter().find(|event| fits(event)) {
            return event.clone();
        }
        let until = Instant::now() + limit;
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(event) => {
                    self.seen.push(event.clone());
                    if fits(&event) {
                        return event;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    panic!("no `{what}` within {limit:?}; the {} said:\n{}", self.name, self.transcript())
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("ended without `{what}`; the {} said:\n{}", self.name, self.transcript())
                }
            }
        }
    }

    /// Waits until the program has ended of itself; its exit code.
    pub(crate) fn end(&mut self, limit: Duration) -> i32 {
        let until = Instant::now() + limit;
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(event) => self.seen.push(event),
                Err(RecvTimeoutError::Disconnected) => {
                    return self.child.wait().unwrap().code().unwrap_or(-1);
                }
                Err(RecvTimeoutError::Timeout) => {
                    panic!("still running after {limit:?}; the {} said:\n{}", self.name, self.transcript())
                }
            }
        }
    }

    /// Everything printed so far, for the message of a failed test.
    pub(crate) fn transcript(&self) -> String {
        self.seen.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Beside this test: cargo puts examples into a folder of their own.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().unwrap().parent().unwrap().join("examples/natpeer");
    assert!(
        program.is_file(),
        "{} is missing: build it with `cargo build -p layr-net --example natpeer`",
        program.display()
    );
    program
}
